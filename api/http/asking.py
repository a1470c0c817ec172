"""What a query string asks (查询参数): a read's own, and what every list takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import Request
from fastapi.dependencies.models import Dependant
from msgspec import Meta

from api.http.body import clean
from api.http.errors import InvalidRequest
from api.http.faults import Fault, fault_of, faults_in
from api.http.lists import FILTER, PAGE_MAX, SIZE, SIZE_MAX, TEXT_MAX, Asked, Format
from api.http.outside import plain_of
from api.web import i18n
from coordination.fields import pattern

if TYPE_CHECKING:
    from api.http.reading import Read

NUMBERS = ("page", "size")
DIGITS = re.compile("[0-9]{1,9}")
_NAME = r"[a-z][a-z0-9_]{0,39}"
_WHOLE = re.compile(r"-?[0-9]{1,16}")


def query_of(request: Request) -> dict[str, str]:
    """Return the query string's parameters.

    :raises InvalidRequest: for one that stands twice
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in found:
            raise InvalidRequest([Fault(name, "只能给一次", "once is enough")])
        found[name] = value
    return found


def refuse_others(request: Request) -> None:
    """Return if a hand-written route is asked for nothing that it does not know.

    A dependency of it: its own parameters, and those of what else it depends on, are
    what it knows. A trial that is misspelt would be carried out.

    :raises InvalidRequest: naming each other parameter
    """
    if asked := query_of(request):
        known = set(_known(request.scope["route"].dependant))
        check_known(name for name in asked if name not in known)


def _known(of: Dependant) -> Iterator[str]:
    """Yield the parameters of a route and of what it depends on."""
    yield from (field.alias for field in of.query_params)
    for one in of.dependencies:
        yield from _known(one)


def check_known(others: Iterable[str]) -> None:
    """Return if nothing was asked beside what is known.

    :raises InvalidRequest: naming each other parameter
    """
    faults = [Fault(name, "未知参数", "is not a known parameter") for name in others]
    if faults:
        raise InvalidRequest(faults)


def parameters_of(
    read: Read, request: Request, query: dict[str, str]
) -> dict[str, Any]:
    """Return a read's own parameters, decoded; they are taken out of ``query``.

    :raises InvalidRequest: naming one that is missing or not of the right form
    """
    given: dict[str, Any] = {}
    for name, hint in read.hints.items():
        text = request.path_params.get(name, query.pop(name, None))
        if text or (text is not None and name not in read.defaults):
            given[name] = decoded(name, text, hint)
        elif name in read.defaults:
            given[name] = read.defaults[name]
        else:
            raise InvalidRequest([Fault(name, "必填", "is required")])
    return given


def decoded(name: str, text: str, hint: Any) -> Any:
    """Return a parameter's value; digits are a number only where one is wanted."""
    value: Any = text
    kind, _ = plain_of(hint)
    if kind is int and _WHOLE.fullmatch(text):
        value = int(text)
    elif kind is bool and text in {"true", "false"}:
        value = text == "true"
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        raise InvalidRequest([fault_of(error, name)]) from None


# --- of lists ------------------------------------------------------------------------


class _Query(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The query string as it must be."""

    q: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    sort: Annotated[str, pattern(f"(-?{_NAME})?")] = ""
    page: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 1
    size: Annotated[int, Meta(ge=1, le=SIZE_MAX)] = SIZE
    format: Format = "json"
    lang: Literal["zh", "zh-CN", "zh_CN", "en", ""] = ""
    columns: Literal["true", "false"] = "false"


def asked_of(request: Request, query: Mapping[str, str]) -> Asked:
    """Return what these parameters ask of a list; filters are ``f.<column>=value``.

    :raises InvalidRequest: for an unknown parameter, or one out of its range
    """
    own: dict[str, Any] = {}
    filters: dict[str, str] = {}
    for name, text in query.items():
        value = _cleaned(name, text)
        if name.startswith(FILTER):
            filters[_filter(name, value)] = value
        elif name in NUMBERS and DIGITS.fullmatch(value):
            own[name] = int(value)
        else:
            own[name] = value
    try:
        found = msgspec.convert(own, _Query)
    except msgspec.ValidationError:
        raise InvalidRequest(list(faults_in(own, _Query))) from None
    said = msgspec.structs.asdict(found)
    said |= {"lang": lang_of(request, found.lang), "columns": found.columns == "true"}
    said["filters"] = filters
    return Asked(**said)


def lang_of(request: Request, said: str) -> str:
    """Return the language a reader asks for, or reads otherwise: ``zh`` or ``en``."""
    header = request.headers.get("accept-language", "")
    return (said or i18n.pick(request.cookies.get("lang"), header))[:2]


def _cleaned(name: str, text: str) -> str:
    try:
        return clean(text)
    except ValueError:
        zh, en = "含有不允许的控制字符", "has characters that are not allowed"
        raise InvalidRequest([Fault(name, zh, en)]) from None


def _filter(name: str, value: str) -> str:
    """Return the column that a parameter filters by."""
    column = name.removeprefix(FILTER)
    if not re.fullmatch(_NAME, column):
        raise InvalidRequest([Fault(name, "格式不符", "is not of the right form")])
    if len(value) > TEXT_MAX:
        raise InvalidRequest(
            [Fault(name, "过长", f"is longer than {TEXT_MAX} characters")]
        )
    return column
