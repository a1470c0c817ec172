"""Who may do what (权限): grants, delegation, who signs, who is absent."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Said, Writing
from coordination.authority.decide import EndAbsence, RecordAbsence, SetAuthority
from coordination.grants.decide import DelegateRole, GrantRoles, GrantRow, RevokeRole


async def in_a_row(_write: Writing, row: GrantRow) -> GrantRoles:
    """Return the command that gives this one role."""
    plain = msgspec.structs.replace(row, basis="", reason="")
    return GrantRoles(rows=(plain,), basis=row.basis, reason=row.reason)


DECISIONS = (
    Decision(
        path="/grants",
        command=GrantRow,
        words="grant add",
        made={"grant": "g"},
        look=in_a_row,
        arguments=("account",),
        defaults={"basis": "命令行 command line"},
        answers=Said("grant=rows[0].grant"),
    ),
    Decision(
        path="/grants/delegate",
        command=DelegateRole,
        words="grant delegate",
        made={"grant": "g"},
        arguments=("account",),
        answers=Said("grant"),
    ),
    Decision(
        path="/grants/{grant}/revoke",
        command=RevokeRole,
        words="grant revoke",
        as_shown=("grants?q={grant}", "account"),
        answers=Said("grant"),
    ),
    Decision(path="/authority", command=SetAuthority),
    Decision(
        path="/absences",
        command=RecordAbsence,
        words="grant absent",
        made={"absence": "x"},
        arguments=("role",),
        answers=Said("absence"),
    ),
    Decision(
        path="/absences/{absence}/end", command=EndAbsence, answers=Said("absence")
    ),
)
