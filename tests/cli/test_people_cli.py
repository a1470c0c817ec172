"""People, posts and packages by the command line, as a running server's client."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.peopled import (
    BUILDING,
    LIAISON,
    PLAIN,
    POST,
    A,
    B,
    Peopled,
    copied,
    filled,
    line,
)
from tests.api.served import COMMUNITY_11, COMMUNITY_21, STREET_1, server
from tests.cli.test_cli import declare, look, refused, run, run_json


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


def test_people_posts_and_packages(data: Path, peopled: Peopled, tmp_path: Path):
    """A roster tried, somebody ill, a backup who takes over, a package handed over."""
    ids, file = peopled.ids, tmp_path / "roster.csv"
    file.write_bytes(filled(line(A), line(PLAIN).replace("139", "9")))
    with server(data, "--no-timers"):
        tried = run(data, "people", "import", str(file), "--dry-run",
                    "--area", STREET_1)  # fmt: skip
        assert tried.returncode == 2, tried.stdout  # no telephone number
        assert tried.stderr.startswith("people.import-refused: "), tried.stderr
        file.write_bytes(filled(line(A), line(PLAIN)))
        done = run_json(data, "people", "import", str(file), "--area", STREET_1)
        assert (done["new"], done["changed"], done["unchanged"]) == (0, 0, 2)
        late = ("--occurred-at", "2099-01-01T00:00:00+08:00")
        imported = ("people", "import", str(file), "--area", STREET_1)
        refused(data, "request.not-yet", *imported, *late)
        refused(data, "request.invalid", *imported, "--occurred-at", "yesterday")

        look(data)
        run_json(data, *declare(scope=STREET_1))
        ill = ("people", "unavailable", ids[A], "--reason", "发热", "--cause", "ill")
        shown = run_json(data, *ill, "--what-if")
        assert shown["counts"]["substituted"] == 1
        done = run_json(data, *ill)
        assert [x["after"]["id"] for x in done["substituted"]] == [ids[B]]
        assert run_json(data, "post", "accept", POST)["acting"] == ids[B]
        item = ("post", "handover", POST, "--item", "custody", "--count", "3")
        refused(data, "people.unknown", *item)  # the machine's owner is nobody there
        points = run(data, "post", "single-points", "--area", STREET_1).stdout
        assert LIAISON in points

        package = ("building", BUILDING, "--to", f"person:{ids[B]}")
        run_json(data, "package", "assign", *package)
        over = ("building", BUILDING, "--to", f"person:{ids[PLAIN]}")
        run_json(data, "package", "handover", *over)
        proposed = run_json(data, "package", "propose", "--area", COMMUNITY_11)
        assert BUILDING not in {r["target"] for r in proposed["rows"]}


def test_checking_in_and_coverage(data: Path, peopled: Peopled):
    """Open on a basis, somebody entered, the funnel; the coverage as a table."""
    with server(data, "--no-timers"):
        person = peopled.ids[PLAIN]
        entered = ("people", "checkin", person, "--stage", "present")
        refused(data, "people.check-in-closed", *entered)
        where = ("--area", COMMUNITY_11)
        run_json(data, "people", "open-checkin", *where, "--basis", "演练通知")
        run_json(data, *entered, "--source", "paper")
        total = run_json(data, "people", "funnel", *where)["total"]
        assert (total["registered"], total["present"], total["unknown"]) == (3, 1, 2)
        table = run(data, "package", "coverage", *where).stdout.splitlines()
        assert table[-1].split() == ["5", "0", "0", "5", "="]
        listed = run(data, "post", "list", "--area", STREET_1, "--json").stdout
        states = {r["post"]: r["state"] for r in json.loads(listed)["rows"]}
        assert states == {POST: "HELD", LIAISON: "HELD"}


def test_hours_are_certified_and_recognised(data: Path, peopled: Peopled):
    """A claim, its list, in part, refused for a reason; of elsewhere; all at once."""
    with server(data, "--no-timers"):
        person = peopled.ids[PLAIN]
        for area in (COMMUNITY_11, COMMUNITY_21):
            opened = ("--area", area, "--basis", "演练通知")
            run_json(data, "people", "open-checkin", *opened)
        entered = ("people", "checkin", person, "--stage")
        run_json(data, *entered, "present", "--source", "paper")
        gone = run(data, *entered, "left", "--source", "paper")
        assert "认定服务 0 分钟" in gone.stdout
        assert run(data, "checkin", "claims").stdout.strip() == "（无）"
        assert "没有待认定" in run(data, "checkin", "certify-all").stdout
        stretch = f"{person}.1"
        refused(data, "command.reason-missing", "checkin", "refuse", stretch,
                "--reason", " ")  # fmt: skip
        run_json(data, "checkin", "refuse", stretch, "--reason", "录入有误")
        refused(data, "people.unknown-stretch", "checkin", "certify", f"{person}.9")
        refused(data, "people.not-elsewhere", "checkin", "recognise", stretch)
        told = run(data, "checkin", "hours", person).stdout
        assert stretch in told
        assert "不予认定" in told
        early = ("--since", "2020-01-01T08:00:00+08:00",
                 "--until", "2020-01-01T12:00:00+08:00")  # fmt: skip
        where = ("--community", COMMUNITY_21, "--what", "搬运", "--basis", "签到表")
        refused(data, "people.service-too-early", "checkin", "service", person,
                *where, *early)  # fmt: skip
