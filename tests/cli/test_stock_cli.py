"""Goods, stock, counts and requests by the command line, as a server's client."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.http.accounts_file import Account
from tests.api.served import (
    ACCOUNTS,
    CENTRE_1,
    CENTRE_2,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    DISTRICT,
    PASSWORD,
    accounts_at,
    server,
)
from tests.cli.test_cli import declare, refused, run, run_json
from tests.given import Clock

AS_STAFF = ("--as", "yueyang")
STORE_ROOM = "310117001-s2"
WRONG_USE = 2


def told(data: Path, *words: str) -> str:
    """Return what a command that must succeed prints for people."""
    ran = run(data, *words)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def misused(data: Path, *words: str) -> None:
    """Run a command whose words are wrong: told on stderr, nothing is sent."""
    ran = run(data, *words)
    assert ran.returncode == WRONG_USE, ran.stdout
    assert "Usage" in ran.stderr, ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.fixture(scope="module")
def data(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A served world with the catalogue and two stations; each test has its items.

    Everybody is a demo account, so that ``--as`` may name them.
    """
    folder = shutil.copytree(seeded, tmp_path_factory.mktemp("stock") / "data")
    accounts = accounts_at(folder, Clock())
    for person in ACCOUNTS.values():
        accounts.add(Account(person.account, person.name, demo=True), PASSWORD)
    accounts.close()
    file = folder / "goods.csv"
    with server(folder, "--no-timers"):
        told(folder, "catalogue", "ready", str(file))
        tried = run_json(folder, "catalogue", "import", str(file), "--dry-run")
        assert (tried["dry_run"], tried["new"]) == (True, tried["rows"])
        assert "已导入" in told(folder, "catalogue", "import", str(file))
        for station in (CENTRE_1, CENTRE_2):
            run_json(folder, "stock", "open", station)
        yield folder


def test_the_catalogue_and_residents(data: Path, tmp_path: Path):
    """Exported as it came; found by pinyin; residents by community."""
    for name in ("out.csv", "out.xlsx"):
        out = tmp_path / name
        made = run_json(data, "catalogue", "export", str(out))
        again = run_json(data, "catalogue", "import", str(out))
        assert (again["unchanged"], "seq" in again) == (made["items"], False)
    misused(data, "catalogue", "export", str(tmp_path / "out.txt"))
    assert "mask-n95" in told(data, "catalogue", "find", "n95")

    people = tmp_path / "people.csv"
    people.write_text(f"area,residents\n{COMMUNITY_11},3100\n{COMMUNITY_12},x\n")
    refused(data, "areas.population-refused", "world", "population", str(people))
    ran = run(data, "world", "population", str(people))
    assert "row 3, Residents" in ran.stderr
    people.write_text(f"area,residents\n{COMMUNITY_11},3100\n{COMMUNITY_12},2900\n")
    assert run_json(data, "world", "population", str(people))["rows"] == 2
    refused(data, "areas.population-unchanged", "world", "population", str(people))
    people.write_bytes(people.read_bytes().replace(b",", b"\t"))
    refused(data, "areas.population-unchanged", "world", "population", str(people))
    # The row is the file's, also in what only the service can tell.
    people.write_text(f"area,residents\n\n{COMMUNITY_11},1\n310117009009,1\n")
    ran = run(data, "world", "population", str(people), "--area", DISTRICT)
    assert "row 4, Community code" in ran.stderr


def test_an_export_of_the_catalogue_survives_a_spreadsheet(data: Path, tmp_path: Path):
    """A barcode of 13 digits is text there; what is emptied is told."""
    out = tmp_path / "out.csv"
    told(data, "catalogue", "export", str(out))
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    codes = [row["条码"] for row in rows if row["条码"].strip('="').isdecimal()]
    assert codes
    assert all(code.startswith('="') for code in codes)
    row = next(row for row in rows if row["编码"] == "tent-12")
    head = "编码,名称,类别,单位,条码\n"
    out.write_text(f"{head}tent-12,{row['名称']},{row['类别']},{row['单位']},\n")
    tried = told(data, "catalogue", "import", str(out), "--dry-run")
    assert "清空“条码” 1 处：第 2 行" in tried


def test_from_the_shelf_to_the_other_station(data: Path):
    """In, kept, out, back, sent, less arrives, written off, corrected, followed."""
    stock = "stock"
    quilts = ("receive", CENTRE_1, "quilt=60@Q1", "water-500ml=2箱:2035-12-31")
    got = run_json(data, stock, *quilts, "--command-id", "quilts-0001")
    assert got["lots"][0] == "Q1"
    again = run_json(data, stock, *quilts, "--command-id", "quilts-0001")
    assert again == got
    misused(data, stock, "receive", CENTRE_1, "quilt:60")
    refused(data, "stock.refused", stock, "receive", CENTRE_1, "quilt=1大箱子")
    gift = told(data, stock, "receive", CENTRE_1, "raincoat=9", "--from", "donation",
                "--donor", "某公司", "--organisation")  # fmt: skip
    assert f"捐赠收据 {CENTRE_1}-00001，查询码 " in gift

    kept = run_json(data, stock, "reserve", CENTRE_1, "quilt=80", "--for",
                    "squad:一队")  # fmt: skip
    assert (kept["lines"][0]["reserved"], kept["lines"][0]["short"]) == (60, 20)
    to = ("--to", "squad:二队")
    refused(data, "stock.short", stock, "issue", CENTRE_1, "quilt=1", *to)
    run_json(data, stock, "release", CENTRE_1, kept["id"])
    out = run_json(data, stock, "issue", CENTRE_1, "quilt=5", *to)["id"]
    run_json(data, stock, "return", out, "quilt=1@Q1", "--bad")
    assert "已退回" in told(data, stock, "return", out, "--all")

    sent = run_json(data, stock, "ship", CENTRE_1, "quilt=50", "--to", CENTRE_2,
                    "--carrier", "沪A-00001")["id"]  # fmt: skip
    misused(data, stock, "arrive", sent)
    arrive = (stock, "arrive", sent, "quilt=47@Q1", "--as", "yongfeng")
    assert "还差 3（差异，须查明销账）" in told(data, *arrive)
    run_json(data, stock, "close", sent, "--all", "--cause", "lost", "--owner",
             "承运方", "--reason", "途中丢失", "--as", "zhiban")  # fmt: skip
    run_json(data, stock, "adjust", CENTRE_1, "quilt", "Q1", "--change", "-2",
             "--corrects", got["id"], "--reason", "点错")  # fmt: skip
    run_json(data, stock, "scrap", CENTRE_1, "quilt=1@Q1", "--cause", "damaged",
             "--reason", "受潮")  # fmt: skip
    recall = (stock, "status", "quilt", "Q1", "recalled", "--reason", "召回通知")
    misused(data, *recall)
    run_json(data, *recall, "--everywhere")
    way = told(data, stock, "trace", "quilt", "Q1")
    assert "丢失 3" in way
    assert sent in way
    assert "quilt" in told(data, stock, "trace", sent, "--json")
    shelf = run_json(data, stock, "stations", CENTRE_2)["stock"]
    assert [(r["item"], r["on_hold"]) for r in shelf] == [("quilt", 47)]
    assert CENTRE_1 in told(data, stock, "stations", "--area", DISTRICT)
    closed = (stock, "slips", "--kind", "shipment", "--area", DISTRICT)
    assert f"{sent} 调拨单 已关闭" in told(data, *closed, "--state", "CLOSED")
    assert sent not in told(data, *closed, "--state", "TRANSIT")


def test_levels_shortages_and_what_is_proposed(data: Path, tmp_path: Path):
    """Levels from words and a file, the board, a proposal approved in one decision."""
    run_json(data, "stock", "receive", CENTRE_1, "sandbag=1000:2035-12-31")
    said = "sandbag=100/200/400,200/300/600"
    run_json(data, "stock", "levels", CENTRE_1, said)
    misused(data, "stock", "levels", CENTRE_1, "sandbag=few")
    file = tmp_path / "levels.csv"
    file.write_text("item,peace,war\nsandbag,100/200/400,200/300/600\n")
    run_json(data, "stock", "levels", CENTRE_2, "--file", str(file))
    place = ("stock", "place", CENTRE_2, "sandbag", "A-03")
    assert "库位 A-03" in told(data, *place)
    refused(data, "stations.same-place", *place)
    assert "短缺 1" in told(data, "stock", "board", DISTRICT)
    assert "4捆" in told(data, "stock", "propose", DISTRICT)
    commit = ("stock", "propose", DISTRICT, "--commit", "--reason", "补足")
    off = run_json(data, *commit)["transfers"][0]["slip"]
    cancel = ("stock", "cancel", off, "--reason", "道路中断")
    misused(data, *cancel[:3])
    assert f"已取消调拨 {off}" in told(data, *cancel)
    refused(data, "transfers.not-ordered", *cancel)
    done = run_json(data, *commit)
    order = done["transfers"][0]["slip"]
    sent = run_json(data, "stock", "ship", CENTRE_1, "--order", order)
    assert sent["id"] == order
    assert "全部到货" in told(data, "stock", "arrive", order, "--all")
    needs = ("stock", "needs", DISTRICT)
    assert "没有生效的预案" in told(data, *needs)
    as_if = run_json(data, *needs, "--playbook", "flood-typhoon", "--level", "II")
    assert (as_if["assessed"], as_if["level"]) == (True, "II")
    ahead = run_json(data, "stock", "ahead", DISTRICT, "sandbag", "--hours", "6")
    assert ahead["points"][-1]["quantity"] == 1_000


def test_a_count_by_its_sheet(data: Path, tmp_path: Path):
    """The sheet knows no books; filled in, it notices what moved meanwhile."""
    sheet = tmp_path / "sheet.csv"
    run_json(data, "stock", "open", STORE_ROOM)
    run_json(data, "stock", "receive", STORE_ROOM, "torch=20@T1", "axe=5@Q1")
    count = run_json(
        data, "stock", "count", "open", STORE_ROOM, "torch", "axe", *AS_STAFF
    )["id"]
    seen = ("stock", "count", "sheet", count, *AS_STAFF)
    rows = run_json(data, *seen, "--file", str(sheet))["lines"]
    assert {row["book"] for row in rows} == {None}
    with sheet.open(encoding="utf-8-sig", newline="") as opened:
        table = list(csv.DictReader(opened))
    for row in table:
        row["counted"] = {"torch": "18", "axe": ""}[row["item"]]
    with sheet.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    run_json(data, "stock", "issue", STORE_ROOM, "torch=1", "--to", "squad:一队")
    lines = ("stock", "count", "lines", count)
    assert "须重盘" in told(data, *lines, "--file", str(sheet), *AS_STAFF)
    both = ("torch/\uff54 1=18", "axe/q1=5")
    assert "须由另一人复盘" in told(data, *lines, *both, *AS_STAFF)
    misused(data, *lines, "torch/T9=18")
    assert "待处理" in told(data, *lines, "torch/T1=18", "--as", "zhiban")
    settle = ("stock", "count", "settle", count, "torch/T1", "--cause", "lost",
              "--reason", "借出未还")  # fmt: skip
    refused(data, "counts.own-count", *settle, *AS_STAFF)
    run_json(data, *settle)
    custody = ("stock", "custody", STORE_ROOM, count)
    refused(data, "stations.not-counted", *custody, *AS_STAFF)
    assert "已结束盘点" in told(data, "stock", "count", "close", count)
    refused(data, "stations.not-counted", *custody)
    assert f"已接管 {STORE_ROOM}" in told(data, *custody, *AS_STAFF)


def test_a_sheet_that_a_spreadsheet_changed_is_refused(data: Path, tmp_path: Path):
    """In any encoding; its keys bring a right one back."""
    cases = Path(__file__).parents[1] / "api" / "cases"
    run_json(data, "stock", "receive", CENTRE_2, "shovel=10@007", "shovel=41@1E5",
             "shovel=3@2-3", "shovel=5@7")  # fmt: skip
    count = run_json(data, "stock", "count", "open", CENTRE_2, "shovel")["id"]
    lines = ("stock", "count", "lines", count, "--file")
    for name in ("count-sheet-gb18030.csv", "count-sheet-after-spreadsheet.csv"):
        refused(data, "stock.refused", *lines, str(cases / name))
    ran = run(data, *lines, str(cases / name))
    assert "row 2, Lot" in ran.stderr
    refused(data, "file.missing", *lines, str(tmp_path / "none.csv"))
    refused(data, "file.folder", *lines, str(tmp_path))
    refused(data, "file.folder", "stock", "count", "sheet", count, "--file",
            str(tmp_path))  # fmt: skip
    for suffix in (".csv", ".xlsx"):
        sheet = tmp_path / f"sheet{suffix}"
        told(data, "stock", "count", "sheet", count, "--file", str(sheet))
        refused_or_blank = run(data, *lines, str(sheet))
        assert refused_or_blank.returncode == WRONG_USE  # nothing is filled in
    text = (tmp_path / "sheet.csv").read_text("utf-8-sig")
    table = list(csv.DictReader(text.splitlines()))
    for row in table:
        row["lot"] = row["lot"].strip('="').lstrip("0")
        row["counted"] = {"shovel/007": "10", "shovel/7": "5"}.get(row["key"], "")
    with sheet.open("w", encoding="gb18030", newline="") as opened:
        writer = csv.DictWriter(opened, list(table[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(table)
    done = run_json(data, *lines, str(sheet))["lines"]
    assert [(x["lot"], x["result"]) for x in done] == [("007", "same"), ("7", "same")]


def test_a_request_to_the_doorstep(data: Path):
    """Asked, triaged as asked, kept in part, sent, brought, confirmed."""
    run_json(data, "stock", "receive", CENTRE_1, "rice-10kg=30:2035-12-31")
    ask = ("--as", "shuji")
    made = run_json(data, "request", "make", COMMUNITY_11, "rice-10kg=40",
                    "--priority", "1", *ask)["id"]  # fmt: skip
    run_json(data, "request", "triage", made, "--station", CENTRE_1, *AS_STAFF)
    assert "欠货 rice-10kg 10" in told(data, "request", "allocate", made, *AS_STAFF)
    slip = run_json(data, "request", "dispatch", made, *AS_STAFF)["id"]
    brought = ("request", "deliver", made, "--slip", slip, "--proof", "8231")
    run_json(data, *brought, *AS_STAFF)
    confirm = ("request", "confirm", made, "--slip", slip)
    refused(data, "requests.own-delivery", *confirm, *AS_STAFF)
    run_json(data, *confirm, *ask)
    assert slip in told(data, "request", "list", "--area", DISTRICT)


def test_requests_that_go_nowhere(data: Path):
    """Refused with a reason, or called off by the side that asked."""
    ask = ("request", "make", COMMUNITY_11, "bed-folding=4", "--as", "shuji")
    first, second = (run_json(data, *ask)["id"] for _ in range(2))
    refuse = ("request", "refuse", first, *AS_STAFF)
    misused(data, *refuse)
    assert "已退回" in told(data, *refuse, "--reason", "已由街道统一发放")
    withdraw = ("request", "withdraw", second, "--as", "shuji")
    assert "已撤回" in told(data, *withdraw)
    refused(data, "requests.wrong-state", *withdraw)
    listed = ("request", "list", "--state")
    assert first in told(data, *listed, "REFUSED")
    assert second in told(data, *listed, "WITHDRAWN")


def test_what_was_requisitioned_is_given_back_or_paid_for(data: Path):
    """Owed beyond the end of its emergency; sums are exact, never rounded."""
    of = run_json(data, *declare(scope=COMMUNITY_21))["emergency"]
    taken = run_json(data, "stock", "receive", CENTRE_1, "blanket=40@B1", "--from",
                     "requisition", "--supplier", "某酒店", "--emergency",
                     of)["id"]  # fmt: skip
    run_json(data, "emergency", "end", of, "--basis", "解除令")
    listed = ("stock", "requisitions", "--emergency", of, "--area", DISTRICT)
    seen = told(data, *listed)
    assert f"{taken} 入库单 未归还 未清 40" in seen
    assert "blanket=40@B1" in seen
    back = ("stock", "give-back", taken)
    misused(data, *back)
    refused(data, "stock.not-there", *back, "blanket=30@B1", "--from", CENTRE_2)
    assert "已归还" in told(data, *back, "blanket=30@B1")
    pay = ("stock", "compensate", taken, "--all", "--document", "协议 7 号", "--yuan")
    for sum_ in ("1.234", "-1", "1,200", "1e3", ""):
        misused(data, *pay, sum_)
    assert "123.45 元" in told(data, *pay, "123.45")
    assert "已清" in told(data, *listed)
    paid = json.loads(told(data, "log", "--json", "--tail", "1"))["event"]
    assert (paid["fen"], paid["lines"][0]["quantity"]) == (12_345, 10)
