"""The least a FastAPI server can do with the same body: the limit for ours."""

from __future__ import annotations

import json
import os
import sys

import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel

from api.http.serving import address, listen

app = FastAPI()


class Body(BaseModel):
    """As many fields as a step's."""

    basis: str = ""
    reason: str = ""
    seen_seq: int = 0


@app.post("/empty")
async def empty(body: Body) -> dict[str, int]:
    """Answer at once."""
    return {"seq": body.seen_seq}


if __name__ == "__main__":
    found = listen("127.0.0.1", 0)
    word = {"url": address("127.0.0.1", found), "pid": os.getpid()}
    sys.stderr.write(json.dumps(word) + "\n")
    sys.stderr.flush()
    config = uvicorn.Config(app, log_config=None, access_log=False)
    uvloop.run(uvicorn.Server(config).serve(sockets=[found]))
