"""People over HTTP: the roster, checking in, who sees a name, who is forgotten."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.exchange.tables import Column, to_xlsx
from api.http.plain import moment
from api.world.settings import Settings
from api.world.verify import verify
from api.world.wiring import open_world
from coordination.checkin.state import attendance_stream
from coordination.people.events import PersonRegistered
from coordination.people.identity import ForgetPerson
from coordination.provenance import Actor, Provenance
from tests.api.peopled import (
    FAR,
    HEADER,
    HOMES,
    NUMBERS,
    PHONES,
    PLAIN,
    POST,
    A,
    Peopled,
    copied,
    filled,
    is_,
    line,
    look,
    send_roster,
)
from tests.api.served import (
    ACCOUNTS,
    API,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMMUNITY_22,
    DISTRICT,
    PASSWORD,
    ROSTER_HEADER,
    STREET_1,
    STREET_2,
    Client,
    Service,
    is_error,
    key,
    roster,
    roster_row,
    rows_since,
    served,
)
from tests.given import MINUTE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


def ago(s: Service, minutes: int) -> str:
    """Return a moment some minutes before now, as a body has it."""
    found = moment(s.world.clock() - minutes * MINUTE)
    assert found is not None
    return found


# --- the roster --------------------------------------------------------------------


def two_hundred() -> tuple[bytes, bytes, set[tuple[str, str]]]:
    """Return a roster with 25 faults, the same without, and what is wrong where."""
    good = [roster_row(n, f"名{n}", COMMUNITY_22) for n in range(1, 201)]
    bad, wrong = list(good), set[tuple[str, str]]()
    for n in range(12):  # the number of an earlier row
        bad[50 + n] = bad[50 + n].replace(f"T-{51 + n:04}", f"T-{n + 1:04}")
        wrong.add((f"row {52 + n}: number", "编号"))
    for n in range(8):
        bad[100 + n] = roster_row(101 + n, f"名{101 + n}", COMMUNITY_22).replace(
            f"199{101 + n:08}", ""
        )
        wrong.add((f"row {102 + n}: phone", "手机"))
    for n in range(5):  # of another street than this import is for
        bad[150 + n] = roster_row(151 + n, f"名{151 + n}", COMMUNITY_11)
        wrong.add((f"row {152 + n}: community", "区域"))
    return roster(*bad), roster(*good), wrong


@served
async def test_a_faulty_roster_is_told_by_row_and_column(s: Service):
    """12 duplicates, 8 without phone, 5 elsewhere: 25 faults in one answer, no more."""
    bad, _, wrong = two_hundred()
    before, kept = s.head, s.world.vault.all()
    for dry in ("true", "false"):
        answer = await send_roster(s, bad, STREET_2, dry_run=dry)
        assert answer.status_code == 422, answer.text
        is_error(answer, "people.import-refused")
        said = answer.json()
        assert said["facts"] == {"count": 25}
        assert len(said["fields"]) == 25
        assert {f["field"] for f in said["fields"]} == {field for field, _ in wrong}
        for field, word in wrong:
            [told] = [f for f in said["fields"] if f["field"] == field]
            assert word in told["zh"], told
            assert told["en"]
        rows = [int(f["field"].split()[1].rstrip(":")) for f in said["fields"]]
        assert rows == sorted(rows)
    assert s.head == before
    assert s.world.vault.all() == kept


@served
async def test_a_clean_roster_is_new_once(s: Service):
    """A dry run stores nothing, the import all, the same again no fact."""
    _, good, _ = two_hundred()
    before, kept = s.head, s.world.vault.all()
    tried = (await send_roster(s, good, STREET_2, dry_run="true")).json()
    counts = {"rows": 200, "new": 200, "changed": 0, "unchanged": 0, "units_new": 1}
    assert tried["dry_run"]
    assert {k: tried[k] for k in counts} == counts
    [unit] = tried["completeness"]
    assert (unit["name"], unit["listed"], unit["with_phone"]) == ("测试单位", 200, 200)
    assert (unit["headcount"], unit["share"]) == (40, 5_000)
    assert s.head == before
    assert s.world.vault.all() == kept
    done = (await send_roster(s, good, STREET_2)).json()
    assert {k: done[k] for k in counts} == counts
    assert done["seq"] == s.head == before + 201
    assert len(s.world.vault.all()) == len(kept) + 200
    stored = s.head
    again = await send_roster(s, good, STREET_2)
    assert again.status_code == 200, again.text
    none = {"new": 0, "changed": 0, "unchanged": 200, "units_new": 0}
    assert {k: again.json()[k] for k in none} == none
    assert "seq" not in again.json()
    assert s.head == stored
    # one of them has another phone by now: the vault follows, and one fact says so
    moved = good.replace(b"19900000007", b"13800000007")
    changed = (await send_roster(s, moved, STREET_2)).json()
    assert (changed["new"], changed["changed"], changed["unchanged"]) == (0, 1, 199)
    assert s.head == stored + 1
    person = s.world.vault.person_of("T-0007")
    assert s.world.vault.get(person).phone == "13800000007"
    rows = await look(s, await s.as_("commander"), "/people", area=COMMUNITY_22)
    assert rows["total"] == 200


@served
async def test_a_roster_as_a_workbook(s: Service):
    """What a spreadsheet holds is read as the same file of CSV would be."""
    keys = HEADER.split(",")
    columns = tuple(Column(k, k, k) for k in keys)
    cells = line(A).split(",")
    people = [
        dict(zip(keys, cells, strict=True)),
        {**dict(zip(keys, cells, strict=True)), "number": "R-900", "name": "新来者",
         "phone": "13911112222"},
    ]  # fmt: skip
    book = to_xlsx(columns, people, "en", "Roster", "Asia/Shanghai")
    answer = await send_roster(s, book, STREET_1, kind={"Content-Type": XLSX})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["new"], said["unchanged"]) == (1, 1)
    template = await (await s.as_("commander")).http.get(f"{API}/people/template")
    assert template.headers["content-type"] == XLSX


@served
async def test_a_member_imports_nothing(s: Service, peopled: Peopled):
    """Nor does the vault keep a name of what was denied, a walk-up's neither."""
    kept, before = s.world.vault.all(), s.head
    member = is_(s, peopled, PLAIN)
    answer = await member.http.post(
        f"{API}/people/import?area={COMMUNITY_11}",
        content=filled(line(A).replace(NUMBERS[A], "R-901")),
        headers={"Idempotency-Key": key(), "Content-Type": "text/csv"},
    )
    assert answer.status_code == 403, answer.text
    is_error(answer, "permit.denied")
    guest = {"community": COMMUNITY_11, "name": "不该留名"}
    answer = await member.send("/people/walkups", guest)
    assert answer.status_code == 403, answer.text
    assert s.world.vault.all() == kept
    assert s.head == before


# --- checking in -------------------------------------------------------------------


@served
async def test_the_funnel(s: Service):
    """100 registered, 60 present, 10 partial, 5 unknown: four rates; by unit too."""
    rows = [roster_row(n, f"众{n}", COMMUNITY_22) for n in range(1, 101)]
    assert (await send_roster(s, roster(*rows), STREET_2)).status_code == 200
    await (await s.as_("commander")).declare()
    staff = await s.as_("foreign-staff")
    stages = ["present"] * 60 + ["partial"] * 10 + ["absent"] * 25
    for number, stage in enumerate(stages, 1):
        person = s.world.vault.person_of(f"T-{number:04}")
        body = {"person": person, "stage": stage, "source": "staff"}
        await staff.do("/checkins", body)
    found = await look(s, staff, "/checkins/funnel", area=COMMUNITY_22)
    total = found["total"]
    wanted = {
        "registered": 100,
        "reported": 70,
        "present": 60,
        "partial": 10,
        "absent": 25,
        "unknown": 5,
        "active": 0,
        "left": 0,
    }
    assert {k: total[k] for k in wanted} == wanted
    rates = {"present": 600, "partial": 100, "absent": 250, "unknown": 50}
    assert {k: total["rates"][k] for k in rates} == rates
    assert found["open"]
    [community] = found["communities"]
    assert {k: community[k] for k in wanted} == wanted
    [unit] = found["units"]
    assert {k: unit[k] for k in wanted} == wanted
    whole = await look(s, staff, "/checkins/funnel", area=DISTRICT)
    assert whole["total"]["registered"] == 100 + len(HOMES)
    assert whole["total"]["unknown"] == 5 + len(HOMES)
    assert [c["code"] for c in whole["communities"]] == sorted(
        {*HOMES.values(), COMMUNITY_22}
    )


@served
async def test_checking_in_oneself(s: Service, peopled: Peopled):
    """Reported, present, active, left: each once, in order, for oneself only."""
    member = is_(s, peopled, PLAIN)
    body: dict[str, Any] = {"stage": "reported", "source": "phone"}
    answer = await member.send("/checkins", body)
    assert answer.status_code == 409, answer.text
    is_error(answer, "people.check-in-closed")
    mine = await look(s, member, "/people/mine")
    assert mine["person"]["name"] == PLAIN
    assert mine["person"]["phone"] == PHONES[PLAIN]
    assert not mine["checkin"]["open"]
    await (await s.as_("commander")).declare()
    told = await member.do("/checkins", body)
    assert told["person"] == peopled.ids[PLAIN]
    is_error(await member.send("/checkins", body), "people.bad-stage")
    await member.do("/checkins", {"stage": "present"})
    await member.do("/checkins", {"stage": "active", "what": "发放物资"})
    mine = (await look(s, member, "/people/mine"))["checkin"]
    assert (mine["open"], mine["stage"]) == (True, "ACTIVE")
    assert mine["reported_at"]
    s.world.clock.now += 90 * MINUTE
    gone = await member.do("/checkins", {"stage": "left"})
    assert (gone["minutes"], gone["claimed"]) == (90, True)
    mine = (await look(s, member, "/people/mine"))["checkin"]
    assert (mine["stage"], mine["minutes"], mine["claimed_minutes"]) == ("LEFT", 0, 90)
    other = {**body, "person": peopled.ids[A]}
    answer = await member.send("/checkins", other)
    assert answer.status_code == 403, answer.text
    away = {**body, "community": COMMUNITY_12}
    is_error(await is_(s, peopled, A).send("/checkins", away), "people.wrong-community")


@served
async def test_checking_in_by_code(s: Service, peopled: Peopled):
    """A community's code lets its members in; a wrong one, or another's, does not."""
    await (await s.as_("commander")).declare()
    staff, member = await s.as_("street-staff"), is_(s, peopled, PLAIN)
    shown = await look(s, staff, "/checkins/qr", area=COMMUNITY_11)
    assert shown["open"]
    assert shown["code"] in shown["url"]
    assert "<svg" in shown["svg"]
    other = await look(s, staff, "/checkins/qr", area=COMMUNITY_12)
    scan = {"stage": "present", "source": "qr", "community": COMMUNITY_11}
    for code in ("", "0" * 16, other["code"]):
        answer = await member.send("/checkins", {**scan, "code": code})
        assert answer.status_code == 422, answer.text
        is_error(answer, "people.bad-code")
    await member.do("/checkins", {**scan, "code": shown["code"]})
    answer = await member.http.get(f"{API}/checkins/qr", params={"area": COMMUNITY_11})
    assert answer.status_code == 403


@served
async def test_entered_late_from_paper(s: Service, peopled: Peopled):
    """When it happened and when it was recorded both stand, hours apart."""
    await (await s.as_("commander")).declare()
    s.world.clock.now += 300 * MINUTE
    staff, person = await s.as_("street-staff"), peopled.ids[PLAIN]
    happened = ago(s, 200)
    paper = {"person": person, "stage": "present", "source": "paper"}
    late = await staff.do("/checkins", {**paper, "occurred_at": happened})
    assert happened < ago(s, 199) < late["recorded_at"]
    found = await look(s, staff, f"/people/{person}")
    assert found["present_at"] == happened
    fact = next(f for f in found["history"] if f["seq"] == late["seq"])
    told = fact["occurred_at"], fact["recorded_at"]
    assert told == (happened, late["recorded_at"])
    await staff.do("/checkins", {**paper, "stage": "left"})
    assert s.world.state(attendance_stream(person)).hours.certified == 200
    soon = {**paper, "stage": "present", "occurred_at": ago(s, -1)}
    answer = await staff.send("/checkins", soon)
    is_error(answer, "request.not-yet")
    assert "时钟不准" in answer.json()["zh"]
    # A clock that is seconds ahead says now.
    s.world.clock.now += 55 * 1_000_000
    done = await staff.do("/checkins", soon)
    found = await look(s, staff, f"/people/{person}")
    fact = next(f for f in found["history"] if f["seq"] == done["seq"])
    assert fact["occurred_at"] == ago(s, 0)


@served
async def test_opened_in_peacetime_on_a_basis(s: Service, peopled: Peopled):
    """Off in peacetime; on with a basis, there and nowhere else; off again."""
    staff, member = await s.as_("street-staff"), is_(s, peopled, PLAIN)
    where = {"area": COMMUNITY_11, "basis": ""}
    is_error(await staff.send("/checkins/openings", where), "command.basis-missing")
    where["basis"] = "月度演练通知"
    made = await staff.do("/checkins/openings", where)
    is_error(await staff.send("/checkins/openings", where), "people.check-in-unchanged")
    await member.do("/checkins", {"stage": "reported"})
    for name, area in ((FAR, COMMUNITY_21), (A, COMMUNITY_11)):
        found = await look(s, is_(s, peopled, name), "/people/mine")
        assert found["checkin"]["open"] == (area == COMMUNITY_11)
    [row] = (await look(s, staff, "/checkins/openings"))["rows"]
    assert (row["id"], row["basis"], row["closed_at"]) == (
        made["id"],
        "月度演练通知",
        None,
    )
    assert row["by_name"] == ACCOUNTS["street-staff"].name
    await staff.do(f"/checkins/openings/{made['id']}/close", {})
    answer = await member.send("/checkins", {"stage": "present"})
    is_error(answer, "people.check-in-closed")
    [row] = (await look(s, staff, "/checkins/openings"))["rows"]
    assert row["closed_at"]


@served
async def test_a_walk_up_is_merged_with_their_hours(s: Service, peopled: Peopled):
    """Provisional, reported and present at once; merged later, minutes and all."""
    await (await s.as_("commander")).declare()
    staff = await s.as_("street-staff")
    guest = {"community": COMMUNITY_11, "name": "路过者", "phone": "13600001111"}
    made = (await staff.do("/people/walkups", guest))["person"]
    row = await look(s, staff, f"/people/{made}")
    assert (row["name"], row["provisional"], row["stage"]) == (
        "路过者",
        True,
        "PRESENT",
    )
    s.world.clock.now += 45 * MINUTE
    body = {"person": made, "stage": "left", "source": "staff"}
    await staff.do("/checkins", body)
    into = peopled.ids[PLAIN]
    answer = await staff.send(f"/people/{into}/merge", {"into": made})
    assert answer.status_code == 422, answer.text
    is_error(answer, "people.not-provisional")
    await staff.do(f"/people/{made}/merge", {"into": into, "reason": "系同一人"})
    rows = (await look(s, staff, "/people", area=COMMUNITY_11, size=200))["rows"]
    assert made not in {r["id"] for r in rows}
    [merged] = [r for r in rows if r["id"] == into]
    assert merged["minutes"] == 45
    is_error(await staff.send("/checkins", body), "people.unknown")


@served
async def test_a_walk_up_sent_again_keeps_the_first_name(s: Service):
    """Another body under the same command id is refused, and renames nobody."""
    await (await s.as_("commander")).declare()
    staff, command = await s.as_("street-staff"), key()
    guest = {"community": COMMUNITY_11, "name": "先到者", "phone": "13600001111"}
    made = await staff.do("/people/walkups", guest, command)
    again = await staff.do("/people/walkups", guest, command)
    assert again == made
    answer = await staff.send("/people/walkups", {**guest, "name": "冒名者"}, command)
    is_error(answer, "command.id-reused")
    assert s.world.vault.get(made["person"]).name == "先到者"
    await forget(s, made["person"])
    await staff.send("/people/walkups", guest, command)
    assert s.world.vault.get(made["person"]) is None


# --- who sees a name ---------------------------------------------------------------

SEES = [
    # who, sees the name of A, of FAR
    ("commander", True, True),
    ("deputy", True, True),
    ("duty-officer", True, True),
    ("street-staff", True, False),
    ("foreign-staff", False, True),
    ("secretary", True, False),
    ("auditor", True, True),
    ("administrator", True, True),
    (PLAIN, False, False),
    (A, True, False),
    (FAR, False, True),
]
"""Whose role reads people where they live, and they themselves: nobody else."""


@served
async def test_who_sees_a_name(s: Service, peopled: Peopled):
    """By role and area, in lists of people and of posts; all others see a mark."""
    liaison = {"area": COMMUNITY_21, "kind": "liaison", "chain": [peopled.ids[FAR]]}
    commander = await s.as_("commander")
    made = await commander.do("/posts", {"posts": [liaison]})
    for who, near, far in SEES:
        client = await s.as_(who) if who in ACCOUNTS else is_(s, peopled, who)
        for post, name, sees in ((POST, A, near), (made["posts"][0], FAR, far)):
            found = await look(s, client, f"/posts/{post}")
            person = found["acting"]
            mark = f"人员 {peopled.ids[name][2:8]}"
            assert person["name"] == (name if sees else ""), (who, name)
            assert person["label"] == (name if sees else mark), (who, name)
            answer = await client.http.get(f"{API}/posts/{post}")
            assert (name in answer.text) == sees, (who, name)
        answer = await client.http.get(f"{API}/people", params={"size": 200})
        if answer.status_code == 403:
            continue
        named = {r["name"] for r in answer.json()["rows"]}
        assert (A in named, FAR in named) == (near, far), who
        wanted = 200 if far else 404
        answer = await client.http.get(f"{API}/people/{peopled.ids[FAR]}")
        assert answer.status_code == wanted, who


@served
async def test_no_name_stands_outside_the_vault(s: Service, peopled: Peopled):
    """No name, phone or number in the bytes of any file, nor in what is logged."""
    await (await s.as_("commander")).declare()
    staff = await s.as_("street-staff")
    guest = {"community": COMMUNITY_11, "name": "濮阳过客", "phone": "13612345678"}
    await staff.do("/people/walkups", guest)
    await look(s, staff, f"/people/{peopled.ids[A]}")
    personal = [*HOMES, *PHONES.values(), *NUMBERS.values(), *guest.values()]
    personal.remove(COMMUNITY_11)
    found = stand_in(s.world.settings.data, personal)
    assert found == set()
    kept = {secret.name for secret in s.world.vault.all().values()}
    assert kept == {*HOMES, "濮阳过客"}


def stand_in(folder: Path, words: list[str]) -> set[tuple[str, str]]:
    """Return which of these words stand in the bytes of which file."""
    files = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert any(path.name == "vault.sqlite" for path in files)
    return {
        (path.name, word)
        for path, raw in files.items()
        for word in words
        if word.encode() in raw or word.encode("utf-16-le") in raw
    }


# --- forgetting --------------------------------------------------------------------


async def forget(s: Service, person: str) -> None:
    """Forget somebody, as the administrator who has just proved who they are."""
    administrator = await s.as_("administrator")
    body = {"reason": "本人书面申请", "password": PASSWORD}
    await administrator.do(f"/people/{person}/forget", body)


def key_of(folder: Path, person: str) -> bytes:
    """Return the key of a person, from the file it stands in."""
    settings = Settings(data=folder)
    with closing(sqlite3.connect(settings.keys_where)) as c:
        asked = "SELECT key FROM person_key WHERE person = ?"
        [found] = c.execute(asked, (person,)).fetchone() or [b""]
    return bytes(found)


async def everything(client: Client, person: str) -> str:
    """Return what a reader is told of people, in every form there is."""
    told = []
    for path in ("/people", "/facts", "/posts", "/packages", "/units"):
        for form in ("json", "csv", "xlsx"):
            params = {"area": COMMUNITY_11, "size": 200, "format": form}
            if path == "/facts":
                params = {"area": COMMUNITY_11}
            answer = await client.http.get(f"{API}{path}", params=params)
            assert answer.status_code == 200, (path, form, answer.text)
            if form == "xlsx" and path != "/facts":
                with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                    told += [book.read(n).decode() for n in book.namelist()]
            else:
                told.append(answer.text)
    told.append((await client.http.get(f"{API}/people/{person}")).text)
    return "\n".join(told)


@served
async def test_somebody_forgotten_is_nowhere(s: Service, peopled: Peopled):
    """No list, export, page or file tells the name any more, and the log verifies."""
    person, folder = peopled.ids[PLAIN], s.world.settings.data
    commander, member = await s.as_("commander"), is_(s, peopled, PLAIN)
    await s.world.reached(s.head)
    before = await everything(commander, person)
    assert PLAIN in before
    assert PHONES[PLAIN] in before
    secret = key_of(folder, person)
    assert secret in (folder / "keys.sqlite").read_bytes()
    administrator = await s.as_("administrator")
    path = f"/people/{person}/forget"
    answer = await administrator.send(path, {"reason": "本人申请", "password": ""})
    assert answer.status_code == 403
    is_error(answer, "people.not-proved")
    answer = await commander.send(path, {"reason": "x", "password": PASSWORD})
    is_error(answer, "permit.denied")
    await forget(s, person)
    await s.world.reached(s.head)
    after = await everything(commander, person)
    for word in (PLAIN, PHONES[PLAIN], NUMBERS[PLAIN], f"****{PHONES[PLAIN][-4:]}"):
        assert word not in after, word
    assert f"已注销 {person[2:8]}" in after
    assert stand_in(folder, [PLAIN, PHONES[PLAIN], NUMBERS[PLAIN]]) == set()
    assert key_of(folder, person) == b""
    for file in folder.rglob("*"):
        assert not file.is_file() or secret not in file.read_bytes(), file
    assert s.world.vault.get(person) is None
    assert (await member.http.get(f"{API}/people/mine")).status_code == 401
    assert verify(s.world.log.recorder)["ok"]
    # whoever may not is told so first, of who is gone too
    again = {"reason": "x", "password": PASSWORD}
    is_error(await commander.send(path, again), "permit.denied")
    is_error(await administrator.send(path, again), "people.unknown")
    # nor does the roster bring them back, under the number they had
    answer = await send_roster(s, filled(line(PLAIN)), COMMUNITY_11)
    assert answer.status_code == 422, answer.text
    assert [f["field"] for f in answer.json()["fields"]] == ["row 2: number"]
    assert s.world.vault.get(person) is None


@served
async def test_who_has_a_duty_is_not_forgotten(s: Service, peopled: Peopled):
    """First the post is handed over; the vault is as it was until then."""
    administrator = await s.as_("administrator")
    path = f"/people/{peopled.ids[A]}/forget"
    answer = await administrator.send(path, {"reason": "x", "password": PASSWORD})
    assert answer.status_code == 409, answer.text
    is_error(answer, "people.still-in-duty")
    assert s.world.vault.get(peopled.ids[A]).name == A


def test_a_crash_between_fact_and_deed_is_mended(data: Path, peopled: Peopled):
    """Whoever the log has forgotten is forgotten by the vault at the next start."""
    person = peopled.ids[PLAIN]
    settings = Settings(data=data)
    world = open_world(settings)
    command = ForgetPerson(person=person, reason="本人申请")
    by = Provenance(command_id=key(), actor=Actor("installer", "administrator"))
    asyncio.run(world.do(command, by))
    assert world.vault.get(person) is not None  # the power went here
    world.close()
    world = open_world(settings)
    try:
        assert world.vault.get(person) is None
        assert key_of(data, person) == b""
        assert world.vault.get(peopled.ids[A]).name == A
    finally:
        world.close()


@served
async def test_a_reading_of_somebody_is_recorded(s: Service, peopled: Peopled):
    """Who opened whose page stands in the log before it is shown."""
    staff, before = await s.as_("street-staff"), s.head
    await look(s, staff, f"/people/{peopled.ids[A]}")
    [read] = rows_since(s.world, before)
    assert read.name == "grants.sensitive-view-read.1"
    assert peopled.ids[A].encode() in read.stored
    await look(s, staff, f"/people/{peopled.ids[A]}")  # the same, within minutes
    assert s.head == before + 1


def test_the_header_is_the_roster(peopled: Peopled):
    """What these tests send has the columns of a roster."""
    assert HEADER.startswith(ROSTER_HEADER)
    assert len(line(A).split(",")) == len(HEADER.split(","))
    assert PersonRegistered.NAME == "people.person-registered.1"
    assert set(peopled.ids) == set(HOMES)


@served
async def test_when_an_absence_ends_somebody_is_asked(s: Service, peopled: Peopled):
    """A past end is refused; at a coming one an alarm asks, until they are back."""
    staff, person = await s.as_("street-staff"), peopled.ids[PLAIN]
    gone = {"people": [person], "cause": "leave"}
    answer = await staff.send("/people/unavailable", {**gone, "until": ago(s, 10)})
    assert answer.status_code == 422
    is_error(answer, "people.until-passed")
    await staff.do("/people/unavailable", {**gone, "until": ago(s, -10)})
    assert await s.world.tick() == 0
    s.world.clock.now += 10 * MINUTE
    await s.world.reached(s.head)
    assert [await s.world.tick() for _ in range(2)] == [1, 0]
    await s.world.reached(s.head)
    [alarm] = (await staff.get("/alarms", **{"f.kind": "back"}))["rows"]
    assert (alarm["state"], alarm["zh"]) == (
        "RAISED", f"{PLAIN}预计恢复的时间已过，请确认是否已恢复",
    )  # fmt: skip
    done = await staff.do("/alarms/acknowledge", {"alarm": alarm["id"]})
    await s.world.reached(done["seq"])
    await staff.do("/people/available", {"people": [person]})
    await s.world.reached(s.head)
    [alarm] = (await staff.get("/alarms", **{"f.kind": "back"}))["rows"]
    assert alarm["state"] == "OVER"
    assert await s.world.tick() == 0


# --- people of elsewhere (H1) --------------------------------------------------------


def foreign(name: str, community: str, number: str = "") -> str:
    """Return a row with the number of somebody of the other street, renamed."""
    number = number or NUMBERS[FAR]
    return f"{number},{name},13911112222,区机关,60,{community},应急指挥"


@served
async def test_a_roster_changes_nobody_of_elsewhere(s: Service, peopled: Peopled):
    """Refused and recorded, without who they are; nor does the vault rename them."""
    before, secret = s.head, s.world.vault.get(peopled.ids[FAR])
    no = await send_roster(
        s, filled(foreign("改名者", COMMUNITY_11)), STREET_1, who="street-staff"
    )
    is_error(no, "people.elsewhere")
    assert no.json()["facts"] == {"count": 1}
    assert [row.name for row in rows_since(s.world, before)] == [
        "kernel.command-refused.2"
    ]
    assert s.world.vault.get(peopled.ids[FAR]) == secret
    whole = await send_roster(s, filled(foreign("改名者", COMMUNITY_11)), DISTRICT)
    assert whole.status_code == 200, whole.text
    assert s.world.vault.get(peopled.ids[FAR]).name == "改名者"


@served
async def test_a_trial_tells_nothing_of_people_elsewhere(s: Service):
    """A number of the other street is answered as one that nobody has."""
    told = []
    for number in (NUMBERS[FAR], "R-998"):
        row = filled(foreign("某人", COMMUNITY_11, number))
        answer = await send_roster(s, row, STREET_1, dry_run=True)
        told.append(answer.json() | {"shown_seq": 0})
    assert told[0] == told[1]
    assert told[0]["new"] == 1


@served
async def test_what_is_refused_renames_nobody(s: Service, peopled: Peopled):
    """Somebody decided meanwhile: the vault has the name that the log stands for."""
    secret = s.world.vault.get(peopled.ids[A])
    renamed = line(A).replace(A, "改名者")
    no = await send_roster(s, filled(renamed), STREET_1, seen_seq=1)
    is_error(no, "command.replaced")
    assert s.world.vault.get(peopled.ids[A]) == secret


@served
async def test_a_walk_up_is_merged_where_both_live(s: Service, peopled: Peopled):
    """Not by a street into somebody of another: their hours would go along."""
    await (await s.as_("commander")).declare()
    staff = await s.as_("street-staff")
    guest = await staff.do("/people/walkups", {"community": COMMUNITY_11, "name": "客"})
    path, body = f"/people/{guest['person']}/merge", {"into": peopled.ids[FAR]}
    is_error(await staff.send(path, body), "permit.denied")
    assert (await (await s.as_("commander")).send(path, body)).status_code == 200
