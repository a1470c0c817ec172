"""Demonstration accounts (演示账号): made-up people, passwords for all to see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.demo.stations import is_warehouse
from api.http.accounts_file import Account
from api.http.auth import Accounts
from api.http.deps import Demonstration
from api.world.setup import install
from api.world.world import World
from coordination.filled import filled
from coordination.grants.decide import GrantExists, GrantRoles, GrantRow
from coordination.grants.state import held_by, person_of
from coordination.people.identity import AccountTaken, BindAccount
from coordination.permit import ROLES
from coordination.tree import Place
from projections.board import AREA, Area
from projections.names import Names
from projections.posts import POST
from projections.roster import HUMAN
from projections.supplies import STATION

PASSWORD = "pingzhan-demo"  # noqa: S105 - printed on the sign-in page of the demo
BASIS = "演示账号（虚构）"
KEEPER = "baoguan"
"""Who keeps the first station that is no warehouse; ``cangguan`` keeps that."""
MEMBERS = {
    "diershuji": "第二书记",
    "dangyuan": "第二书记 B 角",
    "pinghui": "社区党员",
}
"""Demonstration accounts of people on the roster: who they are there."""
STAFF = {"street": "street-staff", "community": "community-secretary"}
"""The role of a made-up member of staff, by the level of their area."""
SIGNING = frozenset(
    {"commander", "deputy", "head-of-government", "secretary-general", "duty-officer"}
)
"""Roles that propose or approve what two people decide together."""
HOME, STREET, COMMUNITY, EVERYWHERE = "home", "street", "community", ""
OFFICES = (
    ("zongzhihui", "沈总指挥", "commander", HOME),
    ("fuzhihui", "韩副总指挥", "deputy", HOME),
    ("quzhang", "郑区长", "head-of-government", HOME),
    ("mishuzhang", "许秘书长", "secretary-general", HOME),
    ("zhibanzhang", "陆值班长", "duty-officer", HOME),
    ("jiezhen", "周（{street}）", "street-staff", STREET),
    ("shuji", "顾（{community}）", "community-secretary", COMMUNITY),
    ("cangguan", "冯（{community}）", "station-keeper", COMMUNITY),
    ("wangge", "蒋（{community}）", "grid-member", COMMUNITY),
    ("daoyan", "曹导调", "drill-director", HOME),
    ("ducha", "钱督查", "auditor", HOME),
    ("guanli", "系统管理员", "administrator", EVERYWHERE),
)
"""Made-up people: account, name, role, where; one a role, two where two must decide."""
DEMO_ACCOUNTS = frozenset({KEEPER, *MEMBERS, *(account for account, *_ in OFFICES)})
"""All of them, known before there is a World."""


class Person(NamedTuple):
    """A made-up person: who they are, which role they hold, and where."""

    account: str
    name: str
    role: str
    area: Place | None


def people_of(areas: Sequence[Area], home: Area) -> list[Person]:
    """Return who holds which office, and where."""
    street = next((a for a in areas if a.level == "street"), home)
    inside = (a for a in areas if a.level == "community" and a.parent == street.code)
    community = next(inside, street)
    areas_named = {HOME: home, STREET: street, COMMUNITY: community}
    places = {where: _place(area) for where, area in areas_named.items()}
    names = {where: area.name for where, area in areas_named.items()}
    return [
        Person(account, name.format(**names), role, places.get(where))
        for account, name, role, where in OFFICES
    ]


def _place(area: Area) -> Place:
    return Place(area.code, area.level)


async def seed_accounts(world: World, accounts: Accounts) -> list[dict[str, str]]:
    """Create one account a role and grant it; return them as the sign-in page does.

    Doing it again changes nothing.
    """
    with world.reading() as c:
        areas, home = sorted(AREA.select(c, at=None)), world.home(c)
    assert home is not None, "a World is made from areas"
    people = people_of(areas, home)
    for person in people:
        _open(accounts, person)
    staff = staff_of(areas)
    accounts.introduce(Account(one.account, one.name, demo=True) for one in staff)
    await grant_all(world, people, "demo-accounts")
    keeper = await seed_keeper(world, accounts)
    members = await seed_members(world, accounts)
    await bind_signers(world)
    return [*map(_listed, people), *map(_listed, keeper), *members]


async def stand_in(world: World, accounts: Accounts, named: str) -> None:
    """Make the demonstration's accounts if one of them is named, and only then."""
    if named in DEMO_ACCOUNTS:
        await seed_accounts(world, accounts)


DEMONSTRATION = Demonstration(stand_in)


def _open(accounts: Accounts, person: Person) -> None:
    """Open somebody's account, unless there is one."""
    if accounts.get(person.account) is None:
        accounts.add(Account(person.account, person.name, demo=True), PASSWORD)


def _listed(person: Person) -> dict[str, str]:
    """Return an account as the sign-in page lists it."""
    return {
        "account": person.account,
        "password": PASSWORD,
        "name": person.name,
        "role_zh": ROLES[person.role][0],
        "role_en": ROLES[person.role][1],
    }


async def seed_keeper(world: World, accounts: Accounts) -> list[Person]:
    """Open an account for the keeper of a street's station, if there is one."""
    with world.reading() as c:
        rows = sorted(STATION.select(c, at=None))
        paths = [row.path for row in rows if not is_warehouse(row.station)]
        # Of a community: the code of its area is its path.
        home = next(filter(None, (AREA.get(c, path, at=None) for path in paths)), None)
    if home is None:
        return []
    keeper = Person(KEEPER, f"卫（{home.name}）", "station-keeper", _place(home))
    _open(accounts, keeper)
    await grant_all(world, [keeper], "demo-keeper")
    return [keeper]


async def seed_members(world: World, accounts: Accounts) -> list[dict[str, str]]:
    """Open accounts for three made-up people on the roster, if there is one.

    A second secretary, their first backup, and somebody who holds no post.
    """
    with world.reading() as c:
        kind = POST.table.c.kind == "second-secretary"
        posts = sorted(POST.where(c, kind, POST.table.c.chain.contains(","), at=None))
        if not posts:
            return []
        post = posts[0]
        chain, reach = post.chain.split(","), HUMAN.inside(post.path)
        free = HUMAN.table.c.posts == "", HUMAN.table.c.account == ""
        others = HUMAN.where(c, reach, *free, at=None)
        place = Names(c).area(post.place)
    known = (h.person for h in sorted(others) if h.person not in chain)
    people = dict(zip(MEMBERS, (chain[0], chain[1], next(known, "")), strict=True))
    listed = []
    for account, person in people.items():
        if not person:
            continue
        member = Person(account, f"{MEMBERS[account]}（{place}）", "member", None)
        _open(accounts, member)
        bound = BindAccount(person=person, account=account)
        await install(world, f"demo-member:{account}", bound, AccountTaken)
        listed.append(_listed(member))
    return listed


async def bind_signers(world: World) -> None:
    """Bind the accounts that sign to somebody each, if there is a roster.

    Where people are known, two who decide together must be two people.
    """
    offices = [account for account, _, role, _ in OFFICES if role in SIGNING]
    with world.reading() as c:
        t = HUMAN.table.c
        rows = sorted(HUMAN.where(c, t.posts == "", t.account == "", at=None))
    free = (row.person for row in rows if not row.state and not row.packages)
    for account, person in zip(offices, free, strict=False):
        if person_of(world.read(), account):
            continue
        bound = BindAccount(person=person, account=account)
        await install(world, f"demo-signer:{account}", bound, AccountTaken)


async def grant_all(world: World, people: Iterable[Person], name: str) -> None:
    """Grant people their roles, in one decision; those who have them keep them."""
    read, now = world.read(), world.clock()
    rows = tuple(
        filled(GrantRow, p, grant=f"g-demo-{p.account}")
        for p in people
        if not any(g.given.role == p.role for g in held_by(read, p.account, now))
    )
    if rows:  # unless somebody else was quicker
        given = GrantRoles(rows=rows, basis=BASIS)
        await install(world, f"{name}:{len(rows)}", given, GrantExists)


def staff_of(areas: Sequence[Area]) -> list[Person]:
    """Return a made-up member of staff for every street and community."""
    return [
        Person(f"zhan-{a.path}", f"{a.name}工作人员", STAFF[a.level], _place(a))
        for a in areas
        if a.level in STAFF
    ]
