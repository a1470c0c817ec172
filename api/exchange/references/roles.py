"""The table of roles (权限表): who may do what where, and which operations ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.exchange.references.operations import operations, tongue_of
from api.exchange.references.words import Tongue
from api.http.deciding import DECLARED
from api.http.document import JSON
from coordination.deciders import DECIDERS
from coordination.kernel import Command
from coordination.permit import (
    MODES,
    OWN,
    PERMITTED,
    READ_AS,
    ROLES,
    TOLD_OF_PEOPLE,
    WAR,
)
from coordination.vocabulary import ACTIONS, POST_KINDS, WITHHELD
from coordination.vocabulary import MODES as CALLED

INSIDE, ANYWHERE, PART = "●", "○", "◐"
WORLD, INSTEAD, FILE = "†", "◇", "⤓"
GROUPS = (
    ("Emergencies and approvals", "应急响应与审批", "emergency proposal glass"),
    (
        "Orders, steps, alarms, notices",
        "指令、步骤、告警、通知",
        "order step alarm notice",
    ),
    ("Rights and accounts", "权限与账号", "authority absence grant account"),
    ("Areas and plans", "区域与预案", "areas playbook"),
    (
        "People, posts, packages",
        "人员、岗位、四包",
        "people checkin hours post package",
    ),
    ("Goods", "物资", "items station stock request requisition"),
    ("Corrections and records", "更正与登记", "fact deadline read store"),
    ("Reading", "查看", "view"),
)
"""What actions are told together: its name, and what their names begin with."""
NOBODY = ("无角色", "No role")


def roles_part(lang: str) -> Iterator[str]:
    """Yield the table of roles, and how else than by a grant one comes to each."""
    tongue = tongue_of(lang)
    rows = []
    for role, words in ROLES.items():
        posts = [_say(tongue, k) for k in POST_KINDS.values() if k.role == role]
        own = [f"`{a}`" for a, held in OWN.items() if role in held or a == role]
        also = tongue.say(", ", "、").join([*posts, *own])
        rows.append((_say(tongue, words), f"`{role}`", also))
    yield from tongue.table(
        "Role,Id,Also by post or program", "角色,编号,另凭岗位或程序", rows
    )
    withheld = tongue.codes(WITHHELD)
    yield ""
    yield tongue.say(
        f"Whoever acts on a post has its role there, but for {withheld}.",
        f"在岗位上履职的人在那里有该岗位的角色，但 {withheld} 除外。",
    )


def matrix_part(lang: str) -> Iterator[str]:
    """Yield a table for each group: an action in each row, a role in each column."""
    tongue = tongue_of(lang)
    roles = {**ROLES, "": NOBODY}
    heads = [_say(tongue, words) for words in roles.values()]
    for name, actions in grouped(tongue):
        rows = [
            (called(action, tongue), *(mark(action, role, tongue) for role in roles))
            for action in actions
        ]
        yield from (f"### {name}", "")
        head = [tongue.say("Action", "权限"), *heads]
        yield from (*tongue.table(",".join(head), ",".join(head), rows), "")


def asking_part(lang: str) -> Iterator[str]:
    """Yield the operations that ask for each action, and how."""
    tongue = tongue_of(lang)
    asked = asking()
    for _, actions in grouped(tongue):
        for action in actions:
            found = tongue.say(", ", "、").join(asked.get(action, ()))
            none = tongue.say("no operation of its own", "没有单独的接口")
            colon = tongue.say(": ", "：")
            yield f"- {called(action, tongue)}{colon}{found or none}"


def facts_part(lang: str) -> Iterator[str]:
    """Yield what a fact takes to be read in full, by the kind of its stream."""
    tongue = tongue_of(lang)
    by_action: dict[str, list[str]] = {}
    for kind, action in READ_AS.items():
        sign = INSTEAD if kind in TOLD_OF_PEOPLE else ""
        by_action.setdefault(action, []).append(f"`{kind}`{sign}")
    between = tongue.say(", ", "、")
    rows = [(called(a, tongue), between.join(kinds)) for a, kinds in by_action.items()]
    yield from tongue.table("Action,Streams", "权限,事件流", rows)


# --- parts of them -------------------------------------------------------------------


def grouped(tongue: Tongue) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each group with its actions."""
    left = dict(PERMITTED)
    for en, zh, begins in GROUPS:
        found = [a for a in left if a.partition(".")[0] in begins.split()]
        yield tongue.say(en, zh), found
        for action in found:
            del left[action]
    assert not left, "an action stands in no group"


def called(action: str, tongue: Tongue) -> str:
    """Return an action's word and its id."""
    return f"{_say(tongue, ACTIONS[action])} `{action}`"


def mark(action: str, role: str, tongue: Tongue) -> str:
    """Return where a role may do something, empty for nowhere; and when, if not always.

    A role stands in one rule of an action at the most.
    """
    found = [rule for rule in PERMITTED[action] if role in rule.roles]
    if not found:
        return ""
    [rule] = found
    sign = ANYWHERE if rule.anywhere else PART if rule.world else INSIDE
    assert rule.modes in (MODES, (WAR,)), "no sign for peacetime alone"
    return sign if rule.modes == MODES else f"{sign} {_say(tongue, CALLED['war'])}"


def asking() -> dict[str, list[str]]:
    """Return the operations that ask for each action, with their signs."""
    found: dict[str, list[str]] = {}
    for method, path, operation in operations():
        action = operation["x-action"]
        if action not in PERMITTED:
            continue
        told = f"`{method} {path}`{'' if _has_a_place(operation) else WORLD}"
        told += FILE if _is_file(operation) else ""
        found.setdefault(action, []).append(told)
        row = DECLARED.get(operation.get("x-decision", ""))
        for other in row.command.INSTEAD if row else ():
            if other != action:
                found.setdefault(other, []).append(told + INSTEAD)
    return found


def _has_a_place(operation: dict[str, Any]) -> bool:
    """Tell whether an operation is about a place, or a role for any place will do."""
    action = operation["x-action"]
    if "x-read" in operation or action.startswith("view."):
        names = {p["name"] for p in operation.get("parameters", ())}
        here = bool(names & {"area", "code"})
        return here or any(rule.anywhere or rule.world for rule in PERMITTED[action])
    row = DECLARED.get(operation.get("x-decision", ""))
    if row is not None and row.command in DECIDERS:
        return _names_a_place(row.command)
    # what is offered under another shape: as all that ask for the same action
    others = (c for c in DECIDERS if getattr(c, "ACTION", "") == action)
    return any(map(_names_a_place, others))


def _names_a_place(command: type[Command]) -> bool:
    """Tell whether a command is about a place; else it is of the whole world."""
    return bool(command.AT) or command.places is not Command.places


def _is_file(operation: dict[str, Any]) -> bool:
    """Tell whether what is answered is a file, or comes as one too."""
    media = operation["responses"].get("200", {}).get("content", {})
    return any(kind != JSON for kind in media)


def _say(tongue: Tongue, words: tuple[Any, ...]) -> str:
    """Return a word of a vocabulary, which has it in Chinese first."""
    zh, en, *_ = words
    return tongue.say(en, zh)
