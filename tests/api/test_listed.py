"""The lists of the service itself: searched, filtered, sorted, paged, exported."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest

from tests.api.served import (
    API,
    DISTRICT,
    STREET_1,
    STREET_2,
    Client,
    Service,
    is_error,
    order_body,
    served,
)
from tests.given import MINUTE

EVIL = "=HYPERLINK(1)"
"""What a spreadsheet would take for a formula."""


async def story(s: Service) -> Client:
    """Fill every list: something first, something second, something evil."""
    commander, officer = await s.as_("commander"), await s.as_("duty-officer")
    administrator = await s.as_("administrator")
    await commander.declare(scope=[STREET_1], level="IV", matter=EVIL)
    s.world.clock.now += MINUTE
    await commander.declare(scope=[STREET_2], basis="@依据")
    for scope, title in ((STREET_1, EVIL), (STREET_2, "+乙")):
        s.world.clock.now += MINUTE
        await commander.do("/orders", order_body(scope=[scope], title=title))
    for scope, basis in ((STREET_1, EVIL), (STREET_2, "-乙")):
        s.world.clock.now += MINUTE
        await officer.declare(
            scope=[scope], level="II", basis=basis, expires_minutes=60
        )
    for role in ("deputy", "commander"):
        s.world.clock.now += MINUTE
        given = {"role": role, "area": DISTRICT, "hours": 2, "reason": "出差"}
        await officer.do("/absences", given)
    for account, basis in (("zx", EVIL), ("zy", "任命")):
        s.world.clock.now += MINUTE
        given = {
            "account": account,
            "role": "grid-member",
            "area": STREET_1,
            "basis": basis,
        }
        await administrator.do("/grants", given)
    await s.world.reached(s.head)
    return administrator


# path: who reads, filter, number found, sort, q, number found, column of the evil
LISTS: dict[str, tuple[str, dict[str, str], int, str, str, int, str]] = {
    "/orders": ("auditor", {"f.state": "STANDING"}, 2, "issued_at", "乙", 1, "标题"),
    "/approvals": ("auditor", {"f.state": "OPEN"}, 2, "expires_at", "-乙", 1, "依据"),
    "/alarms": ("auditor", {"f.kind": "absence"}, 2, "raised_at", "总指挥", 2, ""),
    "/emergencies": ("auditor", {"f.level": "IV"}, 1, "declared_at", "@依", 1, "事项"),
    "/grants": ("administrator", {"f.role": "grid-member"}, 2, "account", "zy", 1,
                "依据"),
}  # fmt: skip


@served
async def test_an_unknown_value_of_a_closed_list_is_refused(s: Service):
    """With the values there are: an empty list would say that there is nothing."""
    client = await s.as_("auditor")
    answer = await client.http.get(f"{API}/emergencies?f.state=active")
    is_error(answer, "list.unknown-value")
    assert "ACTIVE 生效中" in answer.json()["zh"]
    assert "ACTIVE In force" in answer.json()["en"]
    assert (await client.get("/emergencies", **{"f.state": "ACTIVE"}))["rows"] == []


@pytest.mark.parametrize("path", LISTS)
@served
async def test_a_list(s: Service, path: str):
    """Each list filters, searches, sorts both ways, pages, and exports all of it."""
    who, narrow, found, column, q, hits, evil = LISTS[path]
    await story(s)
    client = await s.as_(who)

    async def ask(**query: Any) -> dict[str, Any]:
        return await client.get(path, **query)

    every = await ask(size=200)
    assert every["total"] == len(every["rows"]) >= 2
    assert (every["page"], every["pages"], every["seq"]) == (1, 1, every["seq"])
    some = await ask(**narrow)
    assert some["total"] == found
    [(name, value)] = narrow.items()
    assert {str(r[name[2:]]) for r in some["rows"]} == {value}
    assert (await ask(q=q))["total"] == hits
    assert (await ask(q="没有的词"))["total"] == 0

    up, down = await ask(sort=column, **narrow), await ask(sort=f"-{column}", **narrow)
    values = [row[column] for row in up["rows"]]
    assert values == sorted(values)
    assert [row[column] for row in down["rows"]] == values[::-1]

    pages = [await ask(size=1, page=n, sort=column) for n in (1, 2)]
    assert [p["page"] for p in pages] == [1, 2]
    assert pages[0]["rows"] != pages[1]["rows"]
    last = await ask(size=1, page=999)
    assert last["page"] == last["pages"] == every["total"]

    for query in ({"sort": "text_of"}, {"f.nothing": "x"}):
        answer = await client.http.get(API + path, params=query)
        assert answer.status_code == 422
        is_error(answer, "list.unknown-column")
    for query in ({"size": "0"}, {"size": "201"}, {"page": "0"}, {"format": "pdf"}):
        answer = await client.http.get(API + path, params=query)
        assert answer.status_code == 422
        is_error(answer, "request.invalid")
    await exported(client, path, evil, every["total"])


async def exported(client: Client, path: str, evil: str, total: int) -> None:
    """Check both files: one row each, and no formula where somebody wrote one."""
    query = {"format": "xlsx", "size": 1, "lang": "zh"}
    answer = await client.http.get(API + path, params=query)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    head, *rows = list(sheet.iter_rows())
    assert len(rows) == total
    cells = [cell for row in rows for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    titles = [str(cell.value) for cell in head]
    answer = await client.http.get(API + path, params={"format": "csv", "lang": "zh"})
    told = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [title.partition(" (")[0] for title in titles] == told[0]
    assert len(told) == len(rows) + 1
    assert not any(cell[:1] in set("=+@") for row in told[1:] for cell in row)
    if evil:
        at = titles.index(evil)
        written = {row[at] for row in told[1:]}
        assert any(text != EVIL and text.endswith(EVIL) for text in written), written
        assert EVIL in " ".join(str(row[at].value) for row in rows)
