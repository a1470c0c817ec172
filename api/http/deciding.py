"""Routes of declared decisions (决定的入口): who, then what, then ``World.do``."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response

from api.http.alike import Alike
from api.http.asking import check_known, query_of
from api.http.body import FORBIDDEN
from api.http.declared import Decision, Done, Said
from api.http.deps import ERRORS, answer
from api.http.errors import InvalidRequest
from api.http.faults import Fault, Unfit, fault_of, faults_in
from api.http.outside import Envelope
from api.http.plain import SHOWN, receipt_fields
from api.http.writing import Writing, asking, writing
from coordination.kernel import Command, id_of
from coordination.log import Receipt

JSON = "application/json"
T = TypeVar("T", bound=msgspec.Struct)
_SURROGATE = re.compile("[\ud800-\udfff]")
DECLARED: dict[str, Decision] = {}
"""Every decision that has a route, by name."""


def router_of(tag: str, rows: Sequence[Decision]) -> APIRouter:
    """Return the routes of the decisions of one capability."""
    router = APIRouter(tags=[tag], responses=ERRORS)
    for row in rows:
        assert DECLARED.setdefault(row.name, row) is row, f"{row.name} stands twice"
        router.add_api_route(
            row.path,
            _endpoint(row),
            methods=["POST"],
            status_code=row.status_code,
            name=row.name,
            summary=row.said,
            operation_id=row.name.replace(".", "_"),
            openapi_extra={"x-action": row.command.ACTION, "x-decision": row.name},
        )
    return router


def _endpoint(row: Decision) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await decide(row, request)

    return endpoint


async def decide(row: Decision, request: Request) -> Response:
    """Carry out a decision: who asks, what they ask, and what became of it."""
    if request.scope["query_string"]:
        check_known(query_of(request))  # it all stands in the body
    keyed = row.shows is None or row.keyed
    write = await (writing if keyed else asking)(request)
    said = await read_body(request, row.body.type)
    command = command_of(row, write, said)
    if row.shows is not None:
        write.said(said)  # a position or a moment that cannot be is told here too
        seq = write.world.runner.seq  # what is shown is no older
        shown = answer(await row.shows(write, command), row.status_code)
        shown.headers[SHOWN] = str(seq)
        return shown
    if row.look is not None:
        command = await row.look(write, command)
    alike: Alike = request.app.state.alike
    with alike.once(row, said, write, command):
        if row.carry is not None:
            receipt = await row.carry(write, command, said)
            if not isinstance(receipt, Receipt):
                return answer(receipt)
        else:
            receipt = await write.world.do(command, write.said(said))
    return await answered(row, write, command, receipt)


def command_of(row: Decision, write: Writing, said: Envelope) -> Command:
    """Return the command: what stands in the path and the body, and what is made.

    :raises InvalidRequest: for a part of the path that is not of the right form
    """
    given: dict[str, Any] = dict(row.fixed)
    for name in row.parameters:
        given[name] = _parameter(row, name, write.request.path_params[name])
    for name, mark in row.made.items():
        given[name] = id_of(mark, write.command_id)
    try:
        return row.body.make(said, given, write.world)
    except Unfit as unfit:
        raise InvalidRequest(unfit.faults, row.body.type) from None


def _parameter(row: Decision, name: str, value: str) -> Any:
    try:
        # A path is text: the number in it is read as one.
        return msgspec.convert(value, row.body.hints[name], strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest([fault_of(error, name)]) from None


async def answered(
    row: Decision, write: Writing, command: Command, receipt: Receipt
) -> Response:
    """Return the receipt and what the row answers beside it."""
    done = Done(write.world, command, receipt, write.caller)
    answers: Any = row.answered
    quick = isinstance(answers, Said) and answers.of is None
    if quick or not write.world.log.reads_block:
        found = answers(done)
    else:
        found = await asyncio.to_thread(answers, done)
    if isinstance(found, msgspec.Struct):
        found = msgspec.to_builtins(found)
    return answer({**receipt_fields(receipt), **found}, row.status_code)


async def read_body(request: Request, wanted: type[T]) -> T:
    """Return the body of a request, decoded from its bytes.

    The guard has seen to size, depth, duplicate keys and NaN before.

    :raises InvalidRequest: naming each field that is wrong
    """
    kind, raw = request.headers.get("content-type", ""), await request.body()
    if not raw or kind.partition(";")[0].strip().lower() != JSON:
        raise InvalidRequest([Fault("", "必填", "a JSON body is required")])
    text = raw.decode()
    # What is escaped may be anything: only then is each text looked at by itself.
    plain = "\\u" not in text and not FORBIDDEN.search(text)
    if plain and unicodedata.is_normalized("NFC", text):
        with contextlib.suppress(msgspec.MsgspecError):
            return msgspec.json.decode(raw, type=wanted)
    # As the guard has read it: it takes lone surrogates and numbers without end.
    obj = _clean(json.loads(text), "")
    try:
        return msgspec.convert(obj, wanted)
    except msgspec.ValidationError as error:
        faults = list(faults_in(obj, wanted)) or [fault_of(error)]
        raise InvalidRequest(faults, wanted) from None


def _clean(value: Any, at: str) -> Any:
    """Return a decoded body with its texts in NFC; a password is as it was typed.

    :raises InvalidRequest: for control, bidirectional or surrogate characters
    """
    if isinstance(value, str):
        typed = at.rpartition(".")[2] == "password"
        if (_SURROGATE if typed else FORBIDDEN).search(value):
            zh, en = "含有不允许的控制字符", "has characters that are not allowed"
            raise InvalidRequest([Fault(at, zh, en)])
        return value if typed else unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_clean(one, f"{at}.{n}".lstrip(".")) for n, one in enumerate(value)]
    if isinstance(value, dict):
        return {k: _clean(v, f"{at}.{k}".lstrip(".")) for k, v in value.items()}
    return value
