"""Who may decide what (权限): one table, deny by default.

Roles are held for an area; a decision on a place outside it is not theirs.
"""

from __future__ import annotations

from coordination.kernel import Actor, Command, Refusal

ROLES: dict[str, tuple[str, str]] = {
    "commander": ("总指挥", "Commander"),
    "duty-officer": ("值班长", "Duty officer"),
    "street-staff": ("街镇工作人员", "Street staff"),
    "community-secretary": ("居村书记", "Community secretary"),
    "auditor": ("督查审计", "Auditor"),
    "administrator": ("系统管理员", "Administrator"),
    "service": ("系统", "Service"),
}
_FIELD = frozenset({"commander", "duty-officer", "street-staff", "community-secretary"})
PERMITTED: dict[str, frozenset[str]] = {
    "emergency.declare": frozenset({"commander"}),
    "emergency.end": frozenset({"commander"}),
    "step.acknowledge": _FIELD,
    "step.complete": _FIELD,
    "deadline.record": frozenset({"service"}),
    "areas.import": frozenset({"administrator"}),
    "areas.register": frozenset({"administrator"}),
    "playbook.publish": frozenset({"administrator"}),
}


class Denied(Refusal):
    """The role or its area does not allow this (无权限)."""

    code = "permit.denied"
    zh = "{role}（{area}）无权执行此操作：{action}"
    en = "{role} ({area}) may not do this: {action}"


def permit(actor: Actor, command: Command) -> None:
    """Return if the actor may give this command.

    :raises Denied: otherwise
    """
    inside = all(place.startswith(actor.area) for place in command.places)
    # A command on no named place acts on the whole world: only a role for all of it.
    everywhere = bool(command.places) or not actor.area
    if actor.role in PERMITTED[command.ACTION] and inside and everywhere:
        return
    zh = ROLES[actor.role][0] if actor.role in ROLES else actor.role
    raise Denied(role=zh, area=actor.area or "*", action=command.ACTION)
