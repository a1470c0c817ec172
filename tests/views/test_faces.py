"""Who may see a name; what a board and a preview count of posts, packages, people."""

from __future__ import annotations

import asyncio

import pytest

from api.http.plain import Who
from api.pages.faces import Faces, masked
from api.pages.posts import Staffing
from api.pages.readiness import readiness
from api.pages.strength import FIELDS, Strengths, vacancies
from api.world.settings import Settings
from api.world.vault import Secret, Vault
from api.world.world import World
from coordination.grants.decide import GrantRoles, GrantRow
from coordination.mode.state import EMERGENCIES
from coordination.packages.events import PERSON, PackageAssigned, Party
from coordination.posts.events import PostVacated
from coordination.vocabulary import POST_KINDS
from projections.board import ORDER
from projections.board_view import BOARD
from projections.coverage import COVERAGE, PACKAGE, state_of
from projections.names import Names
from projections.posts import POST, POSTS
from projections.roster import HUMAN, MUSTER, OPENING
from projections.runner import Runner
from projections.store import open_views
from tests.given import (
    ADMINISTRATOR,
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    DESK,
    DIGEST_KEY,
    FOLK,
    GRID,
    GUARD_TEXT,
    HEAD,
    OFFICIAL,
    PARENTS,
    SEAT,
    SONGJIANG,
    STREET_1,
    STREET_2,
    A,
    B,
    C,
    Clock,
    D,
    E,
    Entropy,
    F,
    compiled,
    declared,
    door,
    fold,
    login,
    lost,
    manned,
    published,
)
from tests.views.city import ALL_VIEWS, STRANGER, WALK_UP, City, inside
from tests.views.ledger import site_at, watching

PHONE = "13800000001"
SECRETS = {
    who: Secret(f"姓名{who[-1]}", PHONE, f"SJ-{who[-1]}")
    for who in (A, B, C, D, E, F, STRANGER, WALK_UP)
}
READERS = tuple(
    GrantRow(grant=f"n-{account}", account=account, role=role, area=area)
    for account, role, area in (
        ("here", "community-secretary", COMMUNITY_11),
        ("there", "community-secretary", COMMUNITY_12),
        ("street", "street-staff", STREET_1),
        ("audit", "auditor", None),
        ("grid", "grid-member", COMMUNITY_11),
    )
)


@pytest.fixture
def world(morning, tmp_path):
    """The morning's World, with a vault of made-up names."""
    settings, entropy = Settings(data=tmp_path), Entropy("vault")
    vault = Vault(settings.vault_path, settings.keys_where, entropy)
    vault.put(SECRETS)
    vault.forget(STRANGER)
    with door(morning()) as handler:
        give = GrantRoles(rows=READERS, basis="令")
        asyncio.run(City(handler).give(give, ADMINISTRATOR, "n"))
        runner = Runner(handler.log.recorder, open_views(":memory:"), ALL_VIEWS)
        runner.catch_up()
        yield World(
            settings=settings, handler=handler, runner=runner, clock=Clock(),
            vault=vault, secret=DIGEST_KEY,
        )  # fmt: skip
        runner.stop()
    vault.close()


def faces_of(world, account, c):
    """Return what somebody sees of people."""
    return Faces(world, Who(account, account, "s1"), c)


EVERYBODY = {A, B, C, D, E, F, WALK_UP}
SEEN = [
    # account, whom they see by name
    ("here", EVERYBODY),
    ("there", set()),
    ("street", EVERYBODY),
    ("audit", EVERYBODY),
    ("grid", set()),
    ("nobody", set()),
    (login(F), {F}),
    (login(C), {C}),
]


@pytest.mark.parametrize(("account", "seen"), SEEN, ids=[cells[0] for cells in SEEN])
def test_a_name_is_for_whom_it_is(world, account, seen):
    """By the role that reads people where somebody lives, or one's own."""
    with world.reading() as c:
        for asked in ("one by one", "at once"):
            faces = faces_of(world, account, c)
            if asked == "at once":
                faces.know(SECRETS)
            for who, secret in SECRETS.items():
                shown = secret if who in seen else Secret("")
                assert faces.secret(who) == shown, (who, asked)
                assert faces.name(who) == shown.name
            one = faces.brief(A)
            known = A in seen
            mark = (SECRETS[A].name,) * 2 if known else ("人员 aaaaaa", "Person aaaaaa")
            assert (one["label_zh"], one["label_en"]) == mark
            assert one["name"] == (SECRETS[A].name if known else "")


def test_whoever_acts_on_a_post_with_powers_sees_people_there(world):
    """As long as they act, and not as a member alone."""
    with world.reading() as c:
        holder = POST.get(c, SEAT.post, at=None).acting
        assert holder
        faces = faces_of(world, login(holder), c)
        assert {who for who in SECRETS if faces.name(who)} == EVERYBODY


def test_the_forgotten_are_a_mark_to_everybody(world):
    """Nobody sees a name again, and nothing says they can be called."""
    with world.reading() as c:
        for account in ("here", "audit", "nobody"):
            faces = faces_of(world, account, c)
            assert faces.secret(STRANGER) == Secret("")
            assert faces.label(STRANGER) == ("已注销 888888", "Forgotten 888888")
            assert not faces.brief(STRANGER)["available"]


def test_the_forgotten_are_a_mark_before_their_key_is_gone(world):
    """The fact is enough: the deed may come after the next start."""
    world.vault.put({STRANGER: SECRETS[STRANGER]})
    with world.reading() as c:
        faces = faces_of(world, "audit", c)
        assert faces.secret(STRANGER) == Secret("")


def test_who_is_not_available_says_why_without_a_name(world):
    """E is ill; nobody at all is nobody, and an unknown id a mark."""
    with world.reading() as c:
        faces = faces_of(world, "there", c)
        ill = faces.brief(E)
        assert (ill["available"], ill["cause"], ill["cause_en"]) == (
            False,
            "ill",
            "Ill",
        )
        assert faces.brief("") is None
        assert faces.label("h-000000000000") == ("人员 000000", "Person 000000")
        assert not faces.brief("h-000000000000")["available"]


@pytest.mark.parametrize(("phone", "shown"), [
    (PHONE, "138****0001"), ("02167812345", "021****2345"), ("1234567", "*******"),
    ("12345678", "123*5678"), ("", ""),
])  # fmt: skip
def test_the_middle_of_a_phone_is_hidden(phone, shown):
    """Of a short number, all of it."""
    assert masked(phone) == shown


# --- strength ------------------------------------------------------------------------


def naive_strength(c, place, at):
    """Return what counting every row of a place gives."""
    found = dict.fromkeys(FIELDS, 0)
    within = {"at": at, "path": place.path}
    for post in POST.select(c, **within):
        found["posts"] += 1
        found["vacant"] += not post.acting
        found["acting"] += post.state in ("ACTING", "PENDING")
    for package in PACKAGE.select(c, **within):
        found["targets"] += 1
        found["gaps"] += state_of(package) != "COVERED"
    on = {o.opening for o in OPENING.select(c, at=at) if not o.closed_us}
    on |= {o.emergency for o in ORDER.select(c, at=at) if o.ended_us is None}
    newest = {m.path: m.campaign for m in MUSTER.select(c, at=at)}
    for human in HUMAN.select(c, **within):
        if human.state:
            continue
        found["registered"] += 1
        found["unavailable"] += bool(human.cause)
        if human.campaign in on and human.campaign == newest[human.path[:12]]:
            found["reported"] += human.reported_us > 0
            found["active"] += human.active_us > 0
            if human.presence in ("present", "partial", "absent", "left"):
                found["gone" if human.presence == "left" else human.presence] += 1
    return found


def test_strength_is_what_counting_every_row_gives(world):
    """Of every area, drawn alone or from above, now and as of any position."""
    seen, head = dict.fromkeys(FIELDS, 0), world.runner.seq
    with world.reading() as c:
        for at in (*range(head - 110, head, 13), None):
            names = Names(c, at)
            active = {o.emergency for o in ORDER.select(c, at=at) if o.ended_us is None}
            whole = Strengths(SONGJIANG.path, names, active)
            for place in OFFICIAL[2:]:
                naive = naive_strength(c, place, at)
                alone = Strengths(place.path, names, active)
                assert whole.at(place.path) == naive, (place.code, at)
                assert alone.at(place.path) == naive, (place.code, at)
                seen = {k: seen[k] + v for k, v in naive.items()}
    # At none of these moments has anybody left: the funnel's own test has that.
    assert all(seen[field] for field in FIELDS if field != "gone"), seen


def test_a_vacancy_on_a_board_has_no_name():
    """The gravest first; who it was is a mark, for a board goes to everybody."""
    facts = [*AREAS, *FOLK]
    for plan in (DESK, HEAD, SEAT):
        holder = plan.chain[0]
        gone = PostVacated(post=plan.post, before=holder, cause="ill", tried=())
        facts += [*manned(plan), gone]
    with watching(*facts, views=(BOARD, POSTS)) as watched:
        with watched.engine.connect() as c:
            rows = vacancies(COMMUNITY_11.path, Names(c))
            inside_grid = vacancies(GRID.path, Names(c))
        assert [r["post"] for r in rows] == [SEAT.post, HEAD.post, DESK.post]
        assert rows[0]["before_zh"] == "人员 aaaaaa"
        assert rows[0]["cause_en"] == "Ill"
        assert [r["post"] for r in inside_grid] == [HEAD.post]


# --- readiness -----------------------------------------------------------------------

FENCED = site_at(COMMUNITY_11, 7, epidemic="isolation-facility")
WATCH_TEXT = GUARD_TEXT.replace(
    "  - {kind: facility, from_level: III}",
    "  - {kind: facility, from_level: III}\n  - {kind: building}\n"
    "  - {kind: neighbours}",
)
WATCH, WATCH_PLAN = compiled(WATCH_TEXT), published(WATCH_TEXT)
PLANS = (SEAT, HEAD, DESK)
TARGETS = {
    ("building", BUILDING.code): BUILDING,
    ("neighbours", GRID.code): GRID,
    ("facility", FENCED.site): COMMUNITY_11,
}


def given_assigned(kind, target):
    """Return that somebody answers for a target."""
    return PackageAssigned(kind=kind, target=target, party=Party(PERSON, F), backups=())


def fillable(plan, gone):
    """Tell whether anybody in line is there and acts on nothing as grave."""
    busy = {p.chain[0]: POST_KINDS[p.kind].rank for p in PLANS if p is not plan}
    rank = POST_KINDS[plan.kind].rank
    return any(who not in gone and busy.get(who, 9) > rank for who in plan.chain)


def naive_readiness(order, gone, has):
    """Return demanded, unfillable, missing, targets, uncovered."""
    kinds = {"second-secretary"} | ({"grid-head"} if order.level <= 3 else set())
    wanted = [
        (kind, place)
        for kind in kinds
        for place in PARENTS
        if place.level == POST_KINDS[kind].level and inside(order, place)
    ]
    there = {(plan.kind, plan.place): plan for plan in PLANS}
    packages = [
        key
        for key, place in TARGETS.items()
        if inside(order, place) and (key[0] != "facility" or order.level <= 3)
    ]
    return (
        len(wanted),
        sum(key in there and not fillable(there[key], gone) for key in wanted),
        sum(key not in there for key in wanted),
        len(packages),
        sum(key not in has for key in packages),
    )


@pytest.mark.parametrize(
    "gone",
    [(), (A,), (A, B, C), (B, D, E), (A, B, C, D, E)],
    ids=lambda gone: "".join(who[-1] for who in gone) or "-",
)
@pytest.mark.parametrize(("level", "scope", "without"), [
    (3, (STREET_1,), ()),
    (4, (STREET_1,), ()),
    (3, (SONGJIANG,), (COMMUNITY_12,)),
    (3, (STREET_1, COMMUNITY_12), (COMMUNITY_11,)),
    (3, (STREET_2, COMMUNITY_11), ()),
    (3, (GRID,), ()),
    (3, (STREET_1,), (GRID,)),
])  # fmt: skip
def test_readiness_is_what_counting_gives(level, scope, without, gone):
    """Posts nobody in line can fill, posts not there, targets nobody has."""
    has = {("building", BUILDING.code)} if A in gone else set(TARGETS)
    facts = [*AREAS, FENCED, WATCH_PLAN, *FOLK]
    facts += [fact for plan in PLANS for fact in manned(plan)]
    facts += [*map(lost, gone), *(given_assigned(*key) for key in sorted(has))]
    facts.append(declared("e1", *scope, without=without, level=level, plan=WATCH_PLAN))
    read = fold(*facts)
    order = read(EMERGENCIES).all["e1"].newest
    with watching(*facts, views=(BOARD, POSTS, COVERAGE)) as watched:
        with watched.engine.connect() as c:
            names = Names(c)
            staffing = Staffing(names, read, 0)
            found = readiness(names, WATCH, order, staffing)
        posts, packages = found["posts"], found["packages"]
        assert (
            posts["demanded"], posts["unfillable"], posts["missing"],
            packages["targets"], packages["uncovered"],
        ) == naive_readiness(order, gone, has)  # fmt: skip
        assert len(posts["listed"]) == posts["unfillable"] + posts["missing"]
        assert len(packages["listed"]) == packages["uncovered"]


def test_an_end_asks_for_nothing():
    """Nobody is needed for what is over."""
    with watching(*AREAS, views=(BOARD, POSTS, COVERAGE)) as watched:
        with watched.engine.connect() as c:
            names = Names(c)
            found = readiness(names, WATCH, None, Staffing(names, fold(), 0))
        assert found["posts"]["demanded"] == found["packages"]["targets"] == 0
        assert found["posts"]["assessed"]
