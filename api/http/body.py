"""What may come in: a guard in front of every body, and what stands in a path.

The framework's defaults accept NaN, duplicate keys, unknown fields, NUL, lone
surrogates, year 1, 2^63 and 30 MB; none of that gets past here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Annotated, Any

from pydantic import Field

from coordination.refusals import Refusal

BODY_BYTES_MAX = 1_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = (b"text/csv", XLSX.encode())
"""What may be larger, and is not JSON."""
FILE_BYTES_MAX = 5_000_000
DEPTH_MAX = 32
SEQ_MAX = 2**53 - 1
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Return text in NFC.

    :raises ValueError: for control, bidirectional or surrogate characters
    """
    if FORBIDDEN.search(text):
        msg = "control, bidirectional or surrogate characters are not allowed"
        raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


Code = Annotated[
    str, Field(pattern=r"^[1-9][0-9]{11}(g[0-9]{2})?(c[0-9]{2})?(b[0-9]{3})?$")
]
Account = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]


BadJson = Refusal.of(
    "request.bad-json",
    "请求体不是有效的 JSON：{zh_why}",
    "the body is not acceptable JSON: {en_why}",
    "请改正后重新提交",
    "correct it and send it again",
    field="body",
)


def check_json(raw: bytes) -> None:
    """Return if the bytes are JSON that means one thing only.

    :raises BadJson: for NaN, duplicate keys, deep nesting, bad text, bad UTF-8
    """
    depth = deepest = 0
    # The closing quote is optional, or a text without one is searched again and again.
    for byte in re.sub(rb'(?s)"(?:[^"\\]|\\.)*"?', b"", raw):
        depth += byte in b"[{"
        depth -= byte in b"]}"
        deepest = max(deepest, depth)
    if deepest > DEPTH_MAX:
        raise BadJson(
            zh_why=f"嵌套超过 {DEPTH_MAX} 层", en_why=f"nested deeper than {DEPTH_MAX}"
        )
    try:
        json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJson(
            zh_why="格式或编码有误", en_why="its form or encoding is wrong"
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson(zh_why="键重复", en_why="a key stands twice")
    for key in found:
        if FORBIDDEN.search(key):
            raise BadJson(
                zh_why="键中有不允许的字符", en_why="a key has a forbidden character"
            )
    return found


def _no_constant(name: str) -> None:
    raise BadJson(zh_why=f"{name} 不是数", en_why=f"{name} is not a number")
