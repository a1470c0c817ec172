"""Who may do what (权限): role x action x mode x area, one table, deny by default.

A role is held by a grant, for an area; nothing outside it is its holder's to decide.
Who signs which level is a question of its own (``authority``): this table says who may
come to the door at all.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from coordination.provenance import Actor
from coordination.refusals import Forbidden

ROLES: dict[str, tuple[str, str]] = {
    "commander": ("总指挥", "Commander"),
    "head-of-government": ("政府主要负责人", "Head of government"),
    "deputy": ("副总指挥", "Deputy commander"),
    "secretary-general": ("秘书长", "Secretary-general"),
    "duty-officer": ("值班长", "Duty officer"),
    "street-staff": ("街镇工作人员", "Street staff"),
    "community-secretary": ("居村书记", "Community secretary"),
    "station-keeper": ("物资专管员", "Station keeper"),
    "grid-member": ("网格员", "Grid member"),
    "member": ("报到党员/志愿者", "Member or volunteer"),
    "drill-director": ("演练导调", "Drill director"),
    "auditor": ("督查审计", "Auditor"),
    "administrator": ("系统管理员", "Administrator"),
    "service": ("系统", "Service"),
}
GRANTED = tuple(role for role in ROLES if role != "service")
"""Roles a person can hold."""
OWN: dict[str, tuple[str, ...]] = {
    "service": (),
    "installer": (),
    "local-operator": ("commander", "administrator", "auditor"),
}
"""Accounts of the service itself: their role is stated by this program, not granted.

The local operator is whoever owns the data on this machine, by the command line; the
first of these roles that allows a command is the one in the log.
"""

PEACE, WAR = MODES = ("PEACETIME", "EMERGENCY")
"""Whether an active emergency covers the place (平时, 战时)."""

_HEADS = frozenset({"commander", "head-of-government", "deputy", "secretary-general"})
_COMMAND = _HEADS | {"duty-officer"}
_BASE = frozenset({"street-staff", "community-secretary"})
_FIELD = _BASE | {"station-keeper", "grid-member"}
_ALL = frozenset(GRANTED)


class Rule(msgspec.Struct, frozen=True):
    """Which roles may do something, in which modes; ``anywhere``: outside their area.

    ``world``: where no place is named, a role for a part of the world will do.
    """

    roles: frozenset[str]
    modes: tuple[str, ...] = MODES
    anywhere: bool = False
    world: bool = False

    @property
    def inside(self) -> bool:
        """Tell whether it matters where."""
        return not self.anywhere


def _rule(*roles: str, modes: tuple[str, ...] = MODES) -> Rule:
    return Rule(frozenset(roles), modes)


PERMITTED: dict[str, tuple[Rule, ...]] = {
    "emergency.declare": (Rule(_COMMAND),),
    "emergency.change": (Rule(_COMMAND),),
    "emergency.end": (Rule(_COMMAND),),
    "emergency.break-glass": (Rule(_COMMAND),),
    "proposal.make": (Rule(_COMMAND),),
    "proposal.approve": (Rule(_COMMAND),),
    "proposal.withdraw": (Rule(_COMMAND),),
    "glass.review": (Rule(_HEADS),),
    "order.issue": (Rule(_COMMAND), _rule("street-staff", modes=(WAR,))),
    "order.withdraw": (Rule(_COMMAND), _rule("street-staff", modes=(WAR,))),
    "order.remind": (Rule(_COMMAND), _rule("street-staff", modes=(WAR,))),
    "order.answer": (Rule(_COMMAND | _FIELD),),
    "step.acknowledge": (Rule(_COMMAND | _BASE),),
    "step.complete": (Rule(_COMMAND | _BASE),),
    "alarm.acknowledge": (Rule(_COMMAND | _BASE),),
    "notice.rules": (_rule("administrator"),),
    "authority.set": (_rule("administrator"),),
    "absence.record": (Rule(_COMMAND),),
    "grant.add": (_rule("administrator"),),
    "grant.delegate": (Rule(_COMMAND | _BASE),),
    "grant.revoke": (Rule(_COMMAND | _BASE | {"administrator"}),),
    "areas.import": (_rule("administrator"),),
    "areas.register": (_rule("administrator"),),
    "playbook.publish": (_rule("administrator"),),
    "people.import": (_rule("administrator", *_COMMAND, "street-staff"),),
    "people.availability": (Rule(_COMMAND | _BASE),),
    "people.merge": (Rule(_COMMAND | _BASE),),
    "people.forget": (_rule("administrator"),),
    "people.bind": (Rule(_BASE | {"administrator"}),),
    "checkin.record": (Rule(_COMMAND | _BASE | {"grid-member"}),),
    # Whoever may say that somebody served certifies it; nobody their own.
    "hours.certify": (Rule(_COMMAND | _BASE | {"grid-member"}),),
    # One's own: the decision asks whether the account is this person's.
    "checkin.own": (Rule(_FIELD | {"member"}, anywhere=True),),
    "checkin.open": (Rule(_COMMAND | _BASE),),
    "post.define": (Rule(_COMMAND | _BASE | {"administrator"}),),
    "post.substitute": (Rule(_COMMAND | _BASE),),
    "post.own": (Rule(_COMMAND | _FIELD | {"member"}, anywhere=True),),
    "package.kinds": (_rule("administrator"),),
    "package.assign": (Rule(_COMMAND | _BASE | {"administrator"}),),
    "areas.population": (_rule("administrator", "street-staff", *_COMMAND),),
    "items.import": (_rule("administrator"),),
    "station.open": (_rule("administrator", "street-staff", *_COMMAND),),
    "stock.keep": (Rule(_COMMAND | _BASE | {"station-keeper"}),),
    # Not the keeper's own: who writes off is another than who keeps.
    "stock.settle": (Rule(_COMMAND | _BASE),),
    # A lot is wherever it is: better recalled by one district than by nobody.
    "stock.recall": (Rule(_COMMAND, world=True),),
    "stock.levels": (_rule("administrator", "street-staff", *_COMMAND),),
    "stock.reallocate": (_rule("street-staff", *_COMMAND),),
    "request.make": (Rule(_COMMAND | _FIELD | {"member"}),),
    "request.triage": (Rule(_COMMAND | _BASE),),
    "request.deliver": (Rule(_COMMAND | _FIELD | {"member"}, anywhere=True),),
    "requisition.settle": (Rule(_COMMAND | _BASE),),
    # Of each fact it is asked what it took to state it: see ``correcting``.
    "fact.correct": (Rule(_COMMAND | _FIELD | {"member"}, anywhere=True),),
    "deadline.record": (_rule("service"),),
    "read.record": (Rule(_ALL | {"service"}, world=True),),
    # Reads. The situation is everybody's who has a role. Of the rest, a list shows
    # what lies inside the reader's area, and one thing is shown to whom it concerns.
    "view.situation": (Rule(_ALL, anywhere=True),),
    "view.orders": (Rule(_ALL, anywhere=True),),
    "view.approvals": (Rule(_COMMAND | {"auditor"}, world=True),),
    "view.record": (Rule(_COMMAND | {"auditor"}, world=True),),
    "view.people": (Rule(_COMMAND | _BASE | {"auditor", "administrator"}, world=True),),
    "view.grants": (Rule(frozenset({"administrator", "auditor"}), world=True),),
    "view.notices": (Rule(_COMMAND | {"administrator", "auditor"}, world=True),),
    "account.manage": (_rule("administrator"),),
    "store.accept": (_rule("administrator"),),
    # Also of whoever has been granted nothing yet.
    "account.own": (Rule(_ALL | {""}, world=True),),
}


SITUATION, PEOPLE, GRANTS = "view.situation", "view.people", "view.grants"
READ_AS: dict[str, str] = {
    **dict.fromkeys(
        ("alarms", "area", "barcode", "batch", "document", "emergencies", "item",
         "items", "lot", "order", "orders", "package", "package-kinds", "playbook",
         "post", "reallocation", "request", "service", "site", "slip", "station",
         "stock", "stores"),
        SITUATION,
    ),
    **dict.fromkeys(("check-ins", "person", "unit"), PEOPLE),
    **dict.fromkeys(("accounts", "grants", "reads"), GRANTS),
    **dict.fromkeys(("approvals", "authority"), "view.approvals"),
    "refusals": "view.record",
    "notice-rules": "view.notices",
}  # fmt: skip
"""Kind of stream -> what whoever reads one of its facts in full must be allowed.

Where the fact is; who recorded it reads it anyway.
"""
TOLD_OF_PEOPLE = frozenset({"package", "post", "request", "slip"})
"""Kinds of stream whose reasons are about people: shown to whoever may see people."""


class Denied(Forbidden):
    """The role or its area does not allow this (无权限)."""

    code = "permit.denied"
    zh = "{role}（{area}）无权办理此事"
    en = "{role_en} ({area}) may not do this"
    then_zh = "请由该处的以下人员办理：{may_zh}；或请管理员授权"
    then_en = "let one of these do it, of that place: {may_en}; or ask for the role"


def permitted(
    actor: Actor, action: str, places: tuple[str, ...], mode: Callable[[], str]
) -> bool:
    """Tell whether a role, held for ``actor.area``, may do something at these places.

    ``places``: paths; none: the whole world. ``mode``: asked only where it matters.
    """
    inside = bool(places) and all(place.startswith(actor.area) for place in places)
    for rule in PERMITTED[action]:
        if actor.role not in rule.roles:
            continue
        open_door = rule.anywhere or (rule.world and not places)
        where = open_door or inside or not actor.area
        if where and (rule.modes == MODES or mode() in rule.modes):
            return True
    return False


def permit(
    actor: Actor, action: str, places: tuple[str, ...], mode: Callable[[], str]
) -> None:
    """Return if the actor may do something at these places.

    :raises Denied: otherwise
    """
    if permitted(actor, action, places, mode):
        return
    zh, en = ROLES.get(actor.role, (actor.role, actor.role))
    raise Denied(
        role=zh or "无角色",
        role_en=en or "without a role",
        area=actor.area or "*",
        action=action,
        **_who_may(action),
    )


def _who_may(action: str) -> dict[str, str]:
    """Return the roles that may do something, in words of both languages."""
    roles = {role for rule in PERMITTED[action] for role in rule.roles}
    may = [words for role, words in ROLES.items() if role in roles]
    return {
        "may_zh": "、".join(zh for zh, _ in may),
        "may_en": ", ".join(en for _, en in may),
    }
