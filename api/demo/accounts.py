"""Demonstration accounts (演示账号): made-up people, passwords for all to see."""

from __future__ import annotations

from collections.abc import Sequence

from api.auth import Account, Accounts
from coordination.permit import ROLES
from projections.board import Area

PASSWORD = "pingzhan-demo"  # noqa: S105 - printed on the sign-in page of the demo


def seed_accounts(
    accounts: Accounts, areas: Sequence[Area], home: Area
) -> list[dict[str, str]]:
    """Create one account a role; return them as the sign-in page lists them."""
    street = next((a for a in areas if a.level == "street"), home)
    community = next(
        (a for a in areas if a.level == "community" and a.parent == street.code), street
    )
    people = [
        Account("zongzhihui", "沈总指挥", "commander", home.path),
        Account("zhibanzhang", "陆值班长", "duty-officer", home.path),
        Account("jiezhen", f"周（{street.name}）", "street-staff", street.path),
        Account(
            "shuji", f"顾（{community.name}）", "community-secretary", community.path
        ),
        Account("ducha", "钱督查", "auditor", home.path),
        Account("guanli", "系统管理员", "administrator", ""),
    ]
    for account in people:
        accounts.add(account, PASSWORD)
    return [
        {
            "account": a.account,
            "password": PASSWORD,
            "name": a.name,
            "role_zh": ROLES[a.role][0],
            "role_en": ROLES[a.role][1],
        }
        for a in people
    ]
