"""Every no as one JSON shape: code, zh, en, fields, facts; and its HTTP status."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.http.called import body_at, name_of
from api.http.faults import Fault
from api.http.naming import TOLD, named
from api.http.plain import Named, body_of
from coordination.refusals import (
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    RowFault,
    Unavailable,
)
from projections.names import Names
from projections.store import away

STATUS_OF_KIND: dict[type[Refusal], int] = {
    NotFound: 404,
    Invalid: 422,
    Forbidden: 403,
    Unavailable: 503,
}
"""Any other refusal is a 409: what stands is against it."""
STATUS = {
    "auth.wrong-credentials": 401,
    "auth.not-signed-in": 401,
    "auth.too-many-tries": 429,
    "request.busy": 429,
    "request.too-slow": 408,
    "request.too-large": 413,
    "request.bad-json": 400,
    "request.no-command-id": 400,
}
"""Refusal code -> HTTP status, where its kind does not say it."""


class FieldError(BaseModel):
    """What is wrong with one field or row; ``name``: what people call the field."""

    field: str
    row: int = 0
    name_zh: str = ""
    name_en: str = ""
    zh: str
    en: str


class ErrorBody(BaseModel):
    """A refusal (拒绝): ``code`` for machines, ``zh`` and ``en`` for people."""

    code: str = Field(examples=["mode.level-needs-approval"])
    zh: str = Field(examples=["II 级响应须由提议人和另一名批准人共同作出"])
    en: str = Field(examples=["level II needs a proposer and a different approver"])
    fields: list[FieldError] = []
    facts: dict[str, Any] = {}


def status_of(refusal: type[Refusal]) -> int:
    """Return the HTTP status of a refusal."""
    kinds = (kind for kind in STATUS_OF_KIND if issubclass(refusal, kind))
    return STATUS.get(refusal.code) or STATUS_OF_KIND.get(next(kinds, Refusal), 409)


async def on_refusal(request: Request, refusal: Exception) -> JSONResponse:
    """Answer a refusal, in people's words."""
    assert isinstance(refusal, Refusal)
    called: Named = ({}, {})
    if not TOLD.isdisjoint(refusal.facts):
        called = await asyncio.to_thread(_called, request, refusal)
    body = body_of(refusal, called, body_at(request))
    return JSONResponse(body, status_of(type(refusal)), headers=waiting(refusal))


def waiting(refusal: Refusal) -> dict[str, str]:
    """Return the header that says when to try again, if a refusal knows."""
    wait = refusal.facts.get("retry_after")
    return {"Retry-After": str(wait)} if wait else {}


def _called(request: Request, refusal: Refusal) -> Named:
    """Return what the ids of a refusal are called, if the views can say so."""
    state = request.app.state
    try:
        with state.world.reading() as c:
            return named(refusal, Names(c, None, state.accounts.name_of))
    except Exception as error:
        if isinstance(error, Refusal) or away(error):
            return {}, {}  # a no is a no, also without its names
        raise


FIELD_CHARS = 80
"""A field's name may be the caller's own words: never repeat a long one."""
ZH = {
    "missing": "必填",
    "extra_forbidden": "未知字段",
    "string_too_short": "过短",
    "string_too_long": "过长",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "literal_error": "不在可选范围",
    "string_pattern_mismatch": "格式不符",
}


EN = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_too_short": "is too short",
    "string_too_long": "is too long",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "literal_error": "is not one of the values it may have",
    "string_pattern_mismatch": "is not of the right form",
}


FIELDS_SHOWN = 50
FIELDS_TOLD = 5


class InvalidRequest(Invalid):
    """A body or parameter is not of the right form (提交内容有误)."""

    code = "request.invalid"
    zh = "提交内容有误：{faults_zh}"
    en = "the request is not valid: {faults_en}"
    then_zh = "请改正后重新提交"
    then_en = "correct it and send it again"

    def __init__(
        self, faults: Sequence[Fault], of: type[msgspec.Struct] | None = None
    ) -> None:
        """Keep each field that is wrong; never the input: it may hold anything.

        ``of``: the body whose fields they are.
        """
        shown = [(f, f.at[:FIELD_CHARS]) for f in faults[:FIELDS_SHOWN]]
        rows = [RowFault(0, at, f.zh, f.en, name_of(at, of)) for f, at in shown]
        super().__init__(rows=rows)

    def say(self, lang: str, named: Mapping[str, str] | None = None) -> str:
        """Return the sentence, with the first fields by what people call them."""
        rows = self.facts["rows"][:FIELDS_TOLD]
        faults_zh = "；".join("：".join(filter(None, (r.name[0], r.zh))) for r in rows)
        faults_en = "; ".join(": ".join(filter(None, (r.name[1], r.en))) for r in rows)
        told = {"faults_zh": faults_zh, "faults_en": faults_en}
        return super().say(lang, told | dict(named or {}))


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a parameter that does not fit."""
    assert isinstance(error, RequestValidationError)
    faults = []
    for found in error.errors():
        where = ".".join(str(p) for p in found["loc"] if p not in ("body", "query"))
        zh = ZH.get(found["type"], "格式不正确")
        # Never repeat the input: it may hold what no answer should carry.
        faults.append(Fault(where, zh, EN.get(found["type"], "is not valid")))
    return await on_refusal(request, InvalidRequest(faults))


async def on_http(_request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refuses (404, 405 …) in the same shape."""
    assert isinstance(error, HTTPException)
    told = {404: "没有这个地址", 405: "不支持此方法"}
    zh = f"{told.get(error.status_code, '请求被拒绝')}；请核对地址和方法"
    body = _said(error.status_code, zh, str(error.detail))
    return JSONResponse(body, error.status_code, headers=error.headers)


async def on_fault(_request: Request, _error: Exception) -> JSONResponse:
    """Answer a fault of ours in the same shape, saying nothing of the inside."""
    zh = "服务内部错误，已记录；请稍后重试，仍不行请告知管理员"
    en = "an internal fault; it has been logged: try again, else tell an administrator"
    body = _said(500, zh, en)
    return JSONResponse(body, 500)


def _said(status: int, zh: str, en: str) -> dict[str, Any]:
    return {"code": f"http.{status}", "zh": zh, "en": en, "fields": [], "facts": {}}
