"""Every no as one JSON shape: code, zh, en, fields, facts; and its HTTP status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.http.faults import Fault
from api.http.plain import body_of
from coordination.kernel import Refusal, RowFault

STATUS = {
    "auth.wrong-credentials": 401,
    "auth.not-signed-in": 401,
    "auth.wrong-password": 403,
    "auth.not-demo": 403,
    "auth.too-many-tries": 429,
    "auth.no-such-account": 404,
    "auth.unknown-session": 404,
    "auth.reserved-account": 422,
    "auth.token-days": 422,
    "authority.none": 403,
    "authority.unknown-absence": 404,
    "authority.bad": 422,
    "authority.bad-absence": 422,
    "approvals.unknown": 404,
    "approvals.unknown-glass": 404,
    "approvals.self": 403,
    "approvals.same-session": 403,
    "approvals.not-proposer": 403,
    "approvals.not-reauthenticated": 403,
    "approvals.reason-missing": 422,
    "approvals.glass-not-needed": 422,
    "changes.bad-grading": 422,
    "grants.unknown": 404,
    "grants.unknown-role": 422,
    "grants.bad-term": 422,
    "grants.own-account": 422,
    "grants.self": 403,
    "grants.not-yours": 403,
    "grants.not-yours-to-revoke": 403,
    "orders.unknown": 404,
    "orders.incomplete": 422,
    "orders.nobody-addressed": 422,
    "orders.reason-needed": 422,
    "orders.not-addressed": 422,
    "orders.not-a-recipient": 403,
    "alarms.unknown": 404,
    "preview.unknown": 404,
    "list.unknown-column": 422,
    "list.too-many-rows": 422,
    "mode.unknown-grading": 422,
    "people.unknown": 404,
    "people.import-refused": 422,
    "people.unknown-cause": 422,
    "people.wrong-community": 422,
    "people.reason-missing": 422,
    "people.bad-code": 422,
    "people.not-provisional": 422,
    "people.not-proved": 403,
    "posts.unknown": 404,
    "posts.refused": 422,
    "posts.bad-chain": 422,
    "posts.bad-item": 422,
    "posts.not-yours": 403,
    "posts.own-ratification": 403,
    "posts.not-the-holder": 403,
    "packages.unknown": 404,
    "packages.unknown-kind": 404,
    "packages.refused": 422,
    "packages.bad-kinds": 422,
    "items.unknown": 404,
    "items.not-listed": 404,
    "items.import-refused": 422,
    "areas.population-refused": 422,
    "stations.unknown": 404,
    "stations.unknown-site": 404,
    "stations.not-a-keeper": 422,
    "stations.not-counted": 422,
    "stock.refused": 422,
    "stock.bad-date": 422,
    "stock.reason-needed": 422,
    "stock.unknown-cause": 422,
    "stock.unknown-source": 422,
    "stock.unknown-recipient": 422,
    "stock.unknown-reservation": 404,
    "stock.nothing-to-correct": 422,
    "stock.no-change": 422,
    "lots.unknown": 404,
    "lots.unknown-status": 422,
    "transfers.unknown": 404,
    "transfers.same-station": 422,
    "transfers.bad-expectation": 422,
    "transfers.more-than-sent": 422,
    "transfers.owner-needed": 422,
    "transfers.own-shortfall": 403,
    "counts.unknown": 404,
    "counts.own-count": 403,
    "stations.own-station": 403,
    "requests.unknown": 404,
    "requests.bad": 422,
    "requests.proof-needed": 422,
    "requests.own-delivery": 403,
    "requests.not-yours": 403,
    "requisitions.bad-sum": 422,
    "slips.no-paper": 422,
    "trace.unknown": 404,
    "donations.unknown": 404,
    "permit.denied": 403,
    "request.foreign-origin": 403,
    "areas.unknown": 404,
    "mode.unknown-emergency": 404,
    "mode.unknown-playbook": 404,
    "steps.unknown-site": 404,
    "steps.unknown-step": 404,
    "facts.unknown": 404,
    "forms.unknown": 404,
    "world.missing": 404,
    "request.too-large": 413,
    "mode.element-missing": 422,
    "mode.basis-missing": 422,
    "areas.import-refused": 422,
    "playbook.faulty": 422,
    "request.bad-json": 400,
    "request.no-command-id": 400,
    "request.invalid": 422,
    "request.unseen": 422,
    "request.not-yet": 422,
    "command.too-busy": 503,
    "views.behind": 503,
}
"""Refusal code -> HTTP status; any other refusal is a 409."""


class FieldError(BaseModel):
    """What is wrong with one field or row."""

    field: str
    zh: str
    en: str


class ErrorBody(BaseModel):
    """A refusal (拒绝): ``code`` for machines, ``zh`` and ``en`` for people."""

    code: str = Field(examples=["mode.level-needs-approval"])
    zh: str = Field(examples=["II 级响应须由提议人和另一名批准人共同作出"])
    en: str = Field(examples=["level II needs a proposer and a different approver"])
    fields: list[FieldError] = []
    facts: dict[str, Any] = {}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS.get(refusal.code, 409)


async def on_refusal(_request: Request, refusal: Exception) -> JSONResponse:
    """Answer a refusal."""
    assert isinstance(refusal, Refusal)
    wait = refusal.facts.get("retry_after")
    headers = {"Retry-After": str(wait)} if wait else None
    return JSONResponse(body_of(refusal), status_of(refusal), headers=headers)


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


FIELDS_SHOWN = 50
FIELDS_TOLD = 5


class Invalid(Refusal):
    """A body or parameter is not of the right form (提交内容有误)."""

    code = "request.invalid"
    zh = "提交内容有误：{faults_zh}"
    en = "the request is not valid: {faults_en}"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep each field that is wrong; never the input: it may hold anything."""
        rows = [RowFault(0, f.at[:FIELD_CHARS], f.zh, f.en) for f in faults]
        said = rows[:FIELDS_TOLD]
        super().__init__(
            rows=rows[:FIELDS_SHOWN],
            faults_zh="；".join(f"{r.field} {r.zh}".strip() for r in said),
            faults_en="; ".join(f"{r.field} {r.en}".strip() for r in said),
        )


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a parameter that does not fit."""
    assert isinstance(error, RequestValidationError)
    faults = []
    for found in error.errors():
        where = ".".join(str(p) for p in found["loc"] if p not in ("body", "query"))
        zh = ZH.get(found["type"], "格式不正确")
        # Never repeat the input: it may hold what no answer should carry.
        faults.append(Fault(where, zh, found["msg"]))
    return await on_refusal(request, Invalid(faults))


async def on_http(_request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refuses (404, 405 …) in the same shape."""
    assert isinstance(error, HTTPException)
    zh = {404: "没有这个地址", 405: "不支持此方法"}.get(error.status_code, "请求被拒绝")
    body = _said(error.status_code, zh, str(error.detail))
    return JSONResponse(body, error.status_code, headers=error.headers)


async def on_fault(_request: Request, _error: Exception) -> JSONResponse:
    """Answer a fault of ours in the same shape, saying nothing of the inside."""
    body = _said(500, "服务内部错误，已记录", "an internal fault; it has been logged")
    return JSONResponse(body, 500)


def _said(status: int, zh: str, en: str) -> dict[str, Any]:
    return {"code": f"http.{status}", "zh": zh, "en": en, "fields": [], "facts": {}}
