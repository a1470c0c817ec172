"""The command line, alone and as a running server's client; and tampering shown."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import playbooks
from api.cli import main
from api.world.wiring import VIEWS
from tests.api.forking import Fork
from tests.api.served import (
    AREAS,
    CENTRE_1,
    COMMUNITY_11,
    COMMUNITY_21,
    DISTRICT,
    OTHER_STEP,
    STEP,
    STREET_1,
    STREET_2,
    environment,
    server,
)
from tests.given import LONG

REFUSED = 2


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end, in this process: starting one costs seconds."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["pingzhan", *words])
        patch.setenv("PINGZHAN_DATA", str(data))
        patch.setenv("PINGZHAN_STATE", str(state_of(data)))
        patch.delenv("PINGZHAN_LOG_URL", raising=False)
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(bool(end.code))
            except Exception:  # noqa: BLE001 - what Python would print
                traceback.print_exc()
                code = 1
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def run_apart(data: Path, *words: str) -> Fork:
    """Start the command line in a process of its own."""
    where = {"PINGZHAN_DATA": str(data), "PINGZHAN_STATE": str(state_of(data))}
    return Fork(list(words), {**environment(), **where})


def state_of(data: Path) -> Path:
    """Return where the command line remembers what it showed of a test's world."""
    return data.with_name(f"{data.name}-state")


def run_json(data: Path, *words: str) -> dict[str, Any]:
    """Run a command that must succeed; return the one JSON object it prints."""
    ran = run(data, *words, "--json")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def refused(data: Path, code: str, *words: str) -> None:
    """Run a command that must be refused: exit 2, its code first on stderr."""
    ran = run(data, *words)
    assert ran.returncode == REFUSED, (ran.stdout, ran.stderr)
    assert ran.stderr.startswith(f"{code}: "), ran.stderr
    assert "Traceback" not in ran.stderr
    assert not ran.stdout


def look(data: Path, area: str = DISTRICT) -> int:
    """Look at an area, as whoever decides on it has to; return what was seen."""
    return run_json(data, "status", "--area", area)["seq"]


def declare(**changes: Any) -> list[str]:
    """Return the words that declare an emergency."""
    options = {
        "hazard": "epidemic",
        "level": "III",
        "scope": DISTRICT,
        "basis": "沪松应急〔2026〕3 号",
        "matter": "新冠疫情",
        "measures": "启用采样点",
        "duration": "72h",
        "playbook": "epidemic-control",
        **changes,
    }
    return ["emergency", "declare"] + [
        word for name, value in options.items() for word in (f"--{name}", value)
    ]


def status(data: Path, area: str = DISTRICT, *words: str) -> dict[str, Any]:
    """Return the status of an area."""
    return run_json(data, "status", "--area", area, *words)


BOTH = [False, True]
ALONE = pytest.mark.parametrize("beside", BOTH if LONG else [False])
BESIDE = pytest.mark.parametrize("beside", BOTH if LONG else [True])
"""One of the two ways: each command goes both ways in some test."""


@contextmanager
def served_or_not(data: Path, beside: bool) -> Iterator[None]:
    """Hold the log by a running server, or leave it to the command line."""
    if beside:
        with server(data, "--no-timers"):
            yield
    else:
        yield


def take_back(data: Path, seq: int) -> None:
    """Correct that the step was done: once, and marked where it is listed."""
    wrong, why = str(seq), ("--reason", "填错阵地")
    back = run_json(data, "fact", "correct", wrong, *why)
    assert (back["fact"], back["by"]) == (seq, [back["seq"]])
    refused(data, "corrections.already-corrected", "fact", "correct", wrong, *why)
    listed = run(data, "fact", "list", "--site", CENTRE_1).stdout.splitlines()
    assert listed[0].startswith(f"#{back['seq']}")
    assert listed[1].endswith(f"（已由第 {back['seq']} 条更正）")


@BESIDE
def test_from_switch_to_stand_down(data: Path, beside: bool):
    """The stable command line, word for word, whoever holds the log."""
    with served_or_not(data, beside):
        calm = status(data)
        assert set(calm) >= {"mode", "level", "seq", "counts"}
        assert (calm["mode"], calm["level"]) == ("PEACETIME", None)
        assert calm["counts"]["areas"] == 7
        assert set(calm["counts"]["sites"]) == {
            "PEACETIME",
            "CONVERTING",
            "EMERGENCY",
            "RECOVERING",
        }

        first = run_json(data, *declare(), "--command-id", "switch-0001")
        assert set(first) >= {"emergency", "state", "seq", "root"}
        assert (first["state"], first["seq"]) == ("ACTIVE", calm["seq"] + 1)
        assert run_json(data, *declare(), "--command-id", "switch-0001") == first
        refused(
            data,
            "command.id-reused",
            *declare(basis="另一"),
            "--command-id",
            "switch-0001",
        )
        refused(data, "mode.wrong-hazard", *declare(hazard="flood"))
        refused(data, "areas.unknown", *declare(scope="310118000000"))

        now = status(data)
        assert (now["mode"], now["level"], now["seq"]) == (
            "EMERGENCY",
            "III",
            first["seq"],
        )
        assert now["converted"] == "CONVERTING"
        assert now["ordered"]["emergency"] == first["emergency"]
        assert now["counts"]["steps"]["open"] == now["counts"]["steps"]["total"] > 0
        then = status(data, DISTRICT, "--as-of", str(calm["seq"]))
        assert then == calm

        ack = run_json(data, "step", "ack", CENTRE_1, OTHER_STEP)
        assert ack["state"] == "ACKNOWLEDGED"
        done = run_json(data, "step", "done", CENTRE_1, STEP)
        assert (done["site"], done["step"], done["state"]) == (CENTRE_1, STEP, "DONE")
        assert (done["seq"], done["first_seq"]) == (first["seq"] + 2,) * 2
        refused(data, "steps.already-done", "step", "done", CENTRE_1, STEP)
        take_back(data, done["seq"])
        run_json(data, "step", "done", CENTRE_1, STEP)
        refused(data, "steps.unknown-step", "step", "done", CENTRE_1, "no-such-step")
        refused(data, "steps.unknown-site", "step", "done", "310117001-s9", STEP)
        counts = status(data, STREET_1)["counts"]["steps"]
        assert (counts["done"], counts["acknowledged"]) == (1, 1)
        assert counts["open"] == counts["total"] - 1
        assert counts["late"] == 0

        end_it(data, calm["seq"], first["emergency"])


def end_it(data: Path, calm_seq: int, emergency: str) -> None:
    """Check what is stored, stand down, check the log."""
    sites = run_json(data, "site", "list", "--area", STREET_1)["sites"]
    centre = next(s for s in sites if s["id"] == CENTRE_1)
    assert [s["id"] for s in centre["steps"] if s["state"] == "DONE"] == [STEP]

    end = run_json(data, "emergency", "end", emergency, "--basis", "解除令")
    assert (end["emergency"], end["state"]) == (emergency, "ENDED")
    over = status(data)
    assert (over["mode"], over["ordered"]) == ("PEACETIME", None)
    assert over["converted"] == "RECOVERING"
    refused(
        data,
        "mode.already-ended",
        *("emergency", "end", emergency, "--basis", "x"),
    )
    refused(
        data,
        "mode.unknown-emergency",
        *("emergency", "end", "e-0123456789", "--basis", "x"),
    )

    lines = run(data, "log", "--json", "--after", str(calm_seq))
    told = [json.loads(line) for line in lines.stdout.splitlines()]
    assert [line["seq"] for line in told] == list(range(calm_seq + 1, end["seq"] + 1))
    assert [line["name"] for line in told] == [
        "mode.emergency-declared.3",
        "mode.step-acknowledged.2",
        "mode.step-completed.3",
        "mode.step-taken-back.1",
        "mode.step-completed.3",
        "mode.emergency-ended.1",
    ]
    assert told[0]["command"] == "switch-0001"
    assert told[0]["event"]["emergency"] == emergency
    tail = run(data, "log", "--json", "--tail", "1").stdout.splitlines()
    assert json.loads(tail[0]) == told[-1]

    verified = run_json(data, "log", "verify")
    assert verified["ok"]
    assert (verified["seq"], verified["root"]) == (end["seq"], end["root"])
    checked = run_json(data, "rebuild", "--check")
    assert (checked["equal"], checked["seq"]) == (True, end["seq"])


@BESIDE
def test_a_declaration_in_error_is_voided_and_a_site_taken_up(data: Path, beside: bool):
    """In words of the command line: both need nothing but it."""
    site = "310117001002-s1"
    flood = {"hazard": "flood", "playbook": "flood-typhoon", "matter": "台风"}
    with served_or_not(data, beside):
        look(data)
        wrong = run_json(data, *declare())["emergency"]
        look(data)
        storm = run_json(data, *declare(**flood))["emergency"]
        take = ("emergency", "take-up", storm, "--site", site, "--basis", "令")
        look(data)
        refused(data, "taking.still-held", *take)
        bare = run(data, "emergency", "void", wrong)
        assert bare.returncode == 2
        void = run_json(data, "emergency", "void", wrong, "--reason", "误点")
        assert (void["emergency"], void["state"]) == (wrong, "VOIDED")
        refused(
            data, "mode.already-voided", "emergency", "void", wrong, "--reason", "x"
        )
        rows = run_json(data, "emergency", "list")["rows"]
        told = {row["id"]: (row["state"], row["end_reason"]) for row in rows}
        assert told == {wrong: ("VOIDED", "误点"), storm: ("ACTIVE", "")}
        look(data)
        assert run_json(data, *take)["state"] == "ACTIVE"
        look(data)
        refused(data, "taking.not-passed-over", *take)


@ALONE
def test_a_grave_level_is_proposed_once(data: Path, beside: bool):
    """Level II is a proposal; its retry is the same one; nothing is switched."""
    with served_or_not(data, beside):
        look(data)
        words = (*declare(level="II"), "--command-id", "grave-0001")
        first = run_json(data, *words)
        assert (first["state"], first["glass"]) == ("PROPOSED", None)
        assert first["proposal"].startswith("p-")
        assert run_json(data, *words) == first
        lines = run(data, "log", "--json", "--name", "approvals.").stdout.splitlines()
        assert len(lines) == 1
        assert json.loads(lines[0])["event"]["proposal"] == first["proposal"]
        # the machine's owner is one person too
        words = ("emergency", "approve", first["proposal"])
        refused(data, "approvals.self", *words)
        lines = run(data, "log", "--json", "--name", "kernel.").stdout.splitlines()
        assert [json.loads(x)["event"]["code"] for x in lines] == ["approvals.self"]
        assert status(data)["mode"] == "PEACETIME"


CHIEF, DEPUTY, OFFICER, STREET = "zongzhihui", "fuzhihui", "zhibanzhang", "jiezhen"
"""Demonstration accounts: made, and granted their roles, when first acted as."""


def log_names(data: Path, after: int) -> list[str]:
    """Return the names of what the log got after a position."""
    lines = run(data, "log", "--json", "--after", str(after)).stdout.splitlines()
    return [json.loads(line)["name"] for line in lines]


@BESIDE
def test_two_people_from_level_iii_to_ii_and_back(  # noqa: PLR0915 - one story
    data: Path, beside: bool
):
    """Preview, declare, raise, approve, lower, widen, narrow, extend, grade, end."""
    with served_or_not(data, beside):
        head = run_json(data, "log", "verify")["seq"]
        looked = ["emergency", "preview", *declare(scope=STREET_1)[2:]]
        shown = run_json(data, *looked, "--as", CHIEF)
        assert (shown["action"], shown["needs_approval"]) == ("declare", False)
        assert shown["totals"]["convert"] == 3
        assert set(log_names(data, head)) == {"grants.role-granted.1"}  # the demo's
        cited = ("--preview", shown["digest"], "--as", CHIEF)
        emergency = run_json(data, *declare(scope=STREET_1), *cited)["emergency"]
        refused(data, "preview.other-order", *declare(scope=STREET_2), *cited)

        change = ("--basis", "研判意见", "--as", OFFICER)
        words = ("emergency", "raise", emergency, "--level", "II", *change)
        refused(data, "command.not-seen", *words)
        refused(data, "command.replaced", *words, "--unseen")
        look(data)
        raised = run_json(data, *words)
        assert (raised["state"], raised["emergency"]) == ("PROPOSED", emergency)
        listed = run_json(data, "emergency", "proposals", "--as", DEPUTY)["rows"]
        assert [(r["id"], r["state"]) for r in listed] == [(raised["proposal"], "OPEN")]
        approve = ("emergency", "approve", raised["proposal"])
        refused(data, "approvals.self", *approve, "--as", OFFICER)
        refused(data, "permit.denied", *approve, "--as", STREET)
        wrong = ("--digest", "0" * 64, "--as", DEPUTY)
        refused(data, "approvals.digest-differs", *approve, *wrong)
        done = run_json(data, *approve, "--as", DEPUTY)
        assert (done["state"], done["emergency"]) == ("APPROVED", emergency)
        assert status(data, STREET_1)["level"] == "II"
        refused(data, "approvals.not-open", *approve, "--as", CHIEF)

        lower = ("emergency", "lower", emergency, "--level", "III", *change)
        lowered = run_json(data, *lower)["proposal"]
        run_json(data, "emergency", "approve", lowered, "--as", CHIEF)
        look(data)
        change = ("--basis", "研判意见", "--as", CHIEF)
        for action, words, name in (
            (
                "widen",
                ("--area", STREET_2, "--exclude", COMMUNITY_21),
                "scope-widened.2",
            ),
            ("narrow", ("--area", STREET_2), "scope-narrowed.1"),
            ("extend", ("--duration", "10d"), "expectation-extended.1"),
            ("grade", ("--severity", "major", "--warning", "red"), "regraded.1"),
        ):
            found = run_json(data, "emergency", action, emergency, *words, *change)
            assert (found["emergency"], found["state"]) == (emergency, "ACTIVE")
            assert log_names(data, found["first_seq"] - 1) == [f"mode.{name}"]
        [row] = run_json(data, "emergency", "list", "--as", STREET)["rows"]
        assert (row["level"], row["severity"], row["warning"]) == (
            "III",
            "major",
            "red",
        )
        run_json(data, "step", "done", CENTRE_1, STEP, "--as", CHIEF)
        over = ("emergency", "end", emergency, *change)
        assert run_json(data, *over)["state"] == "ENDED"
        record = run_json(data, "emergency", "record", emergency, "--as", CHIEF)
        assert record["open"]["steps"] > 0
        refused(data, "permit.denied", "emergency", "record", emergency, "--as", STREET)


def test_orders_and_alarms(data: Path):
    """Issued, acknowledged by whom it is for, listed; an absence alarms, is seen."""
    with server(data, "--no-timers"):
        look(data)
        issue = ["order", "issue", "--title", "核对名册", "--text", "一小时内报",
                 "--scope", DISTRICT, "--role", "street-staff", "--ack", "20",
                 "--basis", "通知"]  # fmt: skip
        order = run_json(data, *issue, "--as", OFFICER)["order"]
        refused(data, "permit.denied", *issue, "--as", STREET)
        done = run_json(data, "order", "ack", order, "--as", STREET)
        assert (done["area"], done["state"]) == (STREET_1, "ACKNOWLEDGED")
        refused(data, "orders.already-answered", "order", "ack", order, "--as", STREET)
        refused(data, "orders.not-a-recipient", "order", "ack", order, "--as", OFFICER)
        [row] = run_json(data, "order", "list", "--area", STREET_2)["rows"]
        assert (row["id"], row["recipients"], row["missing"]) == (order, 2, 1)
        one = run_json(data, "order", "list", "--order", order)
        assert [(x["code"], x["missing"]) for x in one["by_street"]] == [
            (STREET_2, 1),
            (STREET_1, 0),
        ]
        run_json(data, "order", "done", order, "--note", "齐", "--as", STREET)
        run_json(data, "order", "remind", order, "--as", OFFICER)
        run_json(data, "order", "withdraw", order, "--reason", "x", "--as", OFFICER)
        refused(data, "orders.not-standing", "order", "ack", order, "--as", STREET)

        absent = ("grant", "absent", "commander", "--area", DISTRICT, "--hours", "2")
        run_json(data, *absent, "--reason", "出差", "--as", OFFICER)
        [alarm] = run_json(data, "alarm", "list", "--area", STREET_1)["rows"]
        assert (alarm["kind"], alarm["acknowledged_by"]) == ("absence", "")
        seen = ("alarm", "ack", alarm["id"])
        refused(data, "permit.denied", *seen, "--as", STREET)
        assert run_json(data, *seen, "--as", CHIEF)["alarm"] == alarm["id"]
        refused(data, "alarms.acknowledged", *seen, "--as", OFFICER)
        [alarm] = run_json(data, "alarm", "list")["rows"]
        assert alarm["acknowledged_by"] == CHIEF


def test_rules_of_notices(data: Path):
    """Listed, added, tried, set and removed; each word of a list by its own option."""
    with server(data, "--no-timers"):
        assert "岗位空缺" in run(data, "notice", "rules").stdout
        told = ("--kinds", "shortage", "--kinds", "vacancy")
        refused(data, "notices.unknown-channel", "notice", "add", *told,
                "--channels", "wecom")  # fmt: skip
        refused(data, "notices.unknown-kind", "notice", "add", "--kinds", "lack")
        some = ("--areas", STREET_1, "--opens", "22:00", "--closes", "06:00")
        rule = run_json(data, "notice", "add", *told, *some)["rule"]
        rows = run_json(data, "notice", "rules")["rows"]
        [mine] = [row for row in rows if row["rule"] == rule]
        assert (mine["kinds"], mine["areas"]) == (["shortage", "vacancy"], [STREET_1])
        tried = run(data, "notice", "try", *told)
        assert "24 小时内 0 条" in tried.stdout
        run_json(data, "notice", "set", rule, "--kinds", "back", "--expected",
                 mine["expected"])  # fmt: skip
        refused(data, "command.replaced", "notice", "set", rule, "--kinds", "order",
                "--expected", mine["expected"])  # fmt: skip
        run_json(data, "notice", "remove", rule)
        refused(data, "notices.unknown-rule", "notice", "remove", rule, "--expected",
                "-")  # fmt: skip
        run(data, "notice", "list")
        assert run_json(data, "notice", "channels")["channels"] == []


@BESIDE
def test_grants_and_whom_one_may_act_as(data: Path, beside: bool):
    """Given, listed, revoked; a real account is never acted as, an unknown not made."""
    with served_or_not(data, beside):
        look(data)
        add = ["grant", "add", "xin", "--role", "grid-member", "--area", STREET_1,
               "--basis", "任命"]  # fmt: skip
        given = run_json(data, *add)
        refused(data, "grants.exists", *add)
        refused(data, "permit.denied", *add, "--as", CHIEF)
        refused(data, "grants.unknown-role", *add[:4], "emperor", *add[5:])
        rows = run_json(data, "grant", "list", "--account", "xin")["rows"]
        assert [(r["id"], r["state"]) for r in rows] == [(given["grant"], "ACTIVE")]
        revoke = ("grant", "revoke", given["grant"])
        run_json(data, *revoke, "--basis", "免职")
        refused(data, "grants.unknown", *revoke, "--account", "xin")
        rows = run_json(data, "grant", "list", "--account", "xin")["rows"]
        assert [r["state"] for r in rows] == ["REVOKED"]
        before = run_json(data, "log", "verify")["seq"]
        for account in ("zong", "nobody", "local-operator", "installer", "guanli"):
            refused(data, "auth.not-demo", *declare(), "--as", account)
            refused(data, "auth.not-demo", "order", "list", "--as", account)
        assert run_json(data, "log", "verify")["seq"] == before


BAD_WORDS = [
    declare(level="V"),
    declare(level="2"),
    declare(duration="0h"),
    declare(duration="72"),
    declare(duration="366d"),
    ["status"],
    ["status", "--area", DISTRICT, "--as-of", "-1"],
    ["no-such-command"],
    ["log", "--after", "-1"],
    ["emergency", "end", "e-0123456789"],
    [*declare(), "--command-id", "x"],
    [*declare(), "--command-id", "汉字汉字汉字汉字"],
    declare(basis="a\u202eb"),
    declare(matter="x" * 501),
    declare(scope="not-a-code"),
    declare(playbook="../x"),
    [*declare(), "--as", "x\ny"],
    [*declare(), "--as", "张三"],
    ["order", "ack", "空 格"],
    ["emergency", "end", "../orders", "--basis", "x"],
    ["emergency", "raise", "e-0123456789", "--level", "V", "--basis", "x"],
    ["emergency", "extend", "e-0123456789", "--duration", "1y", "--basis", "x"],
    ["emergency", "approve", "p-x"],
    ["order", "list", "--area", "x"],
    ["alarm", "ack", "x"],
    ["grant", "add", "xin", "--role", "auditor", "--basis", ""],
    [
        "grant",
        "absent",
        "commander",
        "--area",
        DISTRICT,
        "--hours",
        "0",
        "--reason",
        "x",
    ],
]


@ALONE
def test_words_that_do_not_fit(data: Path, beside: bool, subtests: pytest.Subtests):
    """Wrong usage is exit 2 with one clear message, never a trace, never stored."""
    with served_or_not(data, beside):
        for words in BAD_WORDS:
            with subtests.test(" ".join(words)[-60:]):
                ran = run(data, *words)
                assert "Traceback" not in ran.stderr, ran.stderr[-300:]
                assert ran.returncode == REFUSED, (ran.stdout, ran.stderr[-300:])
        assert not run(data, "log", "--json", "--name", "mode.emergency").stdout


def test_a_world_is_made_once(tmp_path: Path):
    """``world init`` again with the same file and seed changes nothing."""
    areas, data = tmp_path / "areas.csv", tmp_path / "new" / "data"
    areas.write_text(AREAS)
    words = ("world", "init", "--areas", str(areas), "--seed", "1")
    first = run_json(data, *words)
    assert (first["area"], first["name"]) == (DISTRICT, "松江区")
    assert first["seq"] > 7
    assert run_json(data, *words) == first
    verified = run_json(data, "log", "verify")
    assert (verified["seq"], verified["root"]) == (first["seq"], first["root"])
    areas.write_text(AREAS + "310117003000,x,village,310117000000\n")
    refused(data, "areas.import-refused", *words)
    assert run_json(data, "log", "verify")["seq"] == first["seq"]
    told = run(data, *words)
    assert "row 9, Level" in told.stderr


@BESIDE
def test_an_area_file_is_added(data: Path, tmp_path: Path, beside: bool):
    """Tried, imported with its reason; the same again is nothing; a fault refuses."""
    file = tmp_path / "areas.csv"
    file.write_text(f"{AREAS}310117001009,新居,community,310117001000\n")
    words = ("world", "import", "--areas", str(file))
    with served_or_not(data, beside):
        tried = run_json(data, *words, "--dry-run")
        assert (tried["dry_run"], tried["registered"]) == (True, 1)
        when = ("--occurred-at", "2026-01-20T08:00:00+08:00")
        done = run_json(data, *words, "--reason", "新建小区", *when)
        assert (done["registered"], done["renamed"]) == (1, 0)
        line = run(data, "log", "--json", "--tail", "1").stdout
        fact = json.loads(line)
        assert (fact["seq"], fact["reason"]) == (done["seq"], "新建小区")
        assert (fact["basis"], fact["occurred_source"]) == ("area file", "stated")
        again = run_json(data, *words)
        assert (again["registered"], "seq" in again) == (0, False)
        file.write_text(f"{AREAS}310117001008,x,village,310117001000\n")
        refused(data, "areas.import-refused", *words)


FILES = [
    ("world", "init", "--areas", "{}"),
    ("world", "import", "--areas", "{}"),
    ("world", "population", "{}"),
    ("people", "import", "{}"),
    ("catalogue", "import", "{}"),
    ("stock", "levels", "310117001001-s1", "--file", "{}"),
    ("playbook", "lint", "{}"),
    ("demo", "--areas", "{}"),
]
WRITTEN = [("catalogue", "ready", "{}"), ("catalogue", "export", "{}.csv")]


@pytest.mark.parametrize("words", [*FILES, *WRITTEN], ids=" ".join)
@pytest.mark.parametrize("what", ["missing", "folder", "below a file"])
def test_a_file_that_cannot_be_used_is_said_in_one_sentence(
    data: Path, tmp_path: Path, words: tuple[str, ...], what: str
):
    """Exit 2, no traceback, no word of Python, whichever command it was given to."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.csv").mkdir()
    writes = words in WRITTEN
    path = {
        "missing": tmp_path / ("no" if writes else "") / "none",
        "folder": tmp_path / "folder.csv",
        "below a file": tmp_path / "file" / "none",
    }[what]
    given = str(path).removesuffix(".csv") if words[-1] == "{}.csv" else str(path)
    to = ("--data", str(tmp_path / "demo")) if words[0] == "demo" else ()
    ran = run(data, *(word.format(given) for word in words), *to)
    assert (ran.returncode, ran.stdout) == (REFUSED, ""), ran.stderr
    [sentence] = ran.stderr.splitlines()
    assert sentence.startswith("file.")
    for word in ("Traceback", "Errno", "codec", "Error"):
        assert word not in ran.stderr


def test_a_playbook_that_is_no_text_is_refused(data: Path, tmp_path: Path):
    """Without the words of a codec."""
    file = tmp_path / "plan.yaml"
    file.write_bytes("名称: 预案".encode("gb18030"))
    refused(data, "playbook.unreadable", "playbook", "lint", str(file))
    assert "codec" not in run(data, "playbook", "lint", str(file)).stderr


def test_a_file_is_no_data_directory(tmp_path: Path):
    """Told as such; and without its file of areas no world is begun."""
    nothing = ("world", "init", "--areas", str(tmp_path / "none.csv"))
    refused(tmp_path / "new", "file.missing", *nothing)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("x")
    (tmp_path / "areas.csv").write_text(AREAS)
    words = ("world", "init", "--areas", str(tmp_path / "areas.csv"))
    ran = run(tmp_path / "file", *words)
    assert ran.returncode == REFUSED, ran.stderr
    assert "Traceback" not in ran.stderr
    refused(tmp_path / "file", "world.missing", "status", "--area", DISTRICT)


def test_nothing_where_there_is_no_world(tmp_path: Path):
    """Reading commands in an empty folder say so: exit 2, nothing is made."""
    for words in (
        ("status", "--area", DISTRICT),
        ("log",),
        ("log", "verify"),
        ("rebuild", "--check"),
        ("site", "list", "--area", DISTRICT),
    ):
        refused(tmp_path / "none", "world.missing", *words)
    assert not (tmp_path / "none").exists()


def test_unknown_areas_are_refused(data: Path):
    """Status and sites of an area that does not exist: exit 2 with the code."""
    refused(data, "areas.unknown", "status", "--area", "310118000000")
    refused(data, "areas.unknown", "site", "list", "--area", "310118000000")
    refused(data, "areas.unknown", "status", "--area", COMMUNITY_11, "--as-of", "0")


def test_two_command_lines_at_once(data: Path):
    """Commands started together wait for one another; each is carried out."""
    look(data)
    run_json(data, *declare())
    steps = ["cp-notify-staff", "cp-clear-meeting-room", "cp-man-seats"]
    running = [
        run_apart(data, "step", "done", CENTRE_1, step, "--json") for step in steps
    ]
    assert [process.end() for process in running] == [(0, "")] * len(steps)
    assert status(data, STREET_1)["counts"]["steps"]["done"] == len(steps)


def test_a_word_left_by_a_dead_server(data: Path):
    """After kill -9 the command line works by itself, whatever the server left."""
    with server(data, "--no-timers") as process:
        process.kill()
    assert (data / "server.json").exists()
    look(data)
    assert run_json(data, *declare())["state"] == "ACTIVE"


def test_what_needs_the_log_alone_beside_a_server(data: Path, tmp_path: Path):
    """World init and rebuild say in a line that a server holds the log."""
    areas = tmp_path / "areas.csv"
    areas.write_text(AREAS)
    with server(data, "--no-timers"):
        for words in (
            ("rebuild",),
            ("world", "init", "--areas", str(areas)),
        ):
            ran = run(data, *words)
            assert ran.returncode in (1, REFUSED), (words, ran.stderr)
            assert "Traceback" not in ran.stderr, (words, ran.stderr[-300:])
            assert ran.stderr.strip()


# --- views -------------------------------------------------------------------------


def test_views_are_rebuilt(data: Path):
    """Damaged views are found by ``--check``, named, and made good by ``rebuild``."""
    look(data)
    run_json(data, *declare(scope=STREET_1))
    table = VIEWS[0].tables[0].table.name
    with closing(sqlite3.connect(data / "views.sqlite")) as c:
        wrong = f"UPDATE {table} SET name = 'x' WHERE name = '永丰街道'"  # noqa: S608
        c.execute(wrong)
        c.commit()
    ran = run(data, "rebuild", "--check", "--json")
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["equal"]) == (1, False)
    assert found["differences"]
    rebuilt = run_json(data, "rebuild")
    assert rebuilt["equal"]
    assert run_json(data, "rebuild", "--check")["equal"]
    assert status(data, STREET_2)["name"] == "永丰街道"
    assert status(data, STREET_1)["converted"] == "CONVERTING"
    for path in data.glob("views.sqlite*"):
        path.unlink()
    assert status(data, STREET_1)["converted"] == "CONVERTING"


# --- tampering ---------------------------------------------------------------------


def flipped(raw: bytes) -> bytes:
    """Return stored bytes with one character of a text changed, still JSON."""
    at = raw.index(b'"basis":"') + len(b'"basis":"')
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


TAMPERING = [
    ("UPDATE stored_events SET state = ? WHERE rowid = 5", "byte"),
    ("UPDATE stored_events SET recorded_us = recorded_us + 1 WHERE rowid = 5", ""),
    ("UPDATE stored_events SET topic = 'areas.area-renamed.1' WHERE rowid = 5", ""),
    ("UPDATE stored_events SET originator_id = 'area/x' WHERE rowid = 5", ""),
    ("UPDATE stored_events SET leaf = zeroblob(32) WHERE rowid = 5", ""),
    ("UPDATE stored_events SET state = zeroblob(9) WHERE rowid = 5", ""),
    ("DELETE FROM stored_events WHERE rowid = 5", "gap"),
    ("UPDATE receipts SET root = 'ff' WHERE seq >= 5", "receipt"),
    ("UPDATE receipts SET recorded_us = 1 WHERE seq >= 5", "receipt"),
    ("DELETE FROM receipts", "receipt"),
    ("INSERT INTO receipts VALUES ('made-up-1', '', 1, 9999, '', 1)", "receipt"),
    (
        """INSERT INTO stored_events SELECT max(rowid) + 1, 'area/x', 99, topic, state,
        recorded_us + 1, leaf FROM stored_events""",
        "beyond",
    ),
]


def test_tampering_is_shown(data: Path, subtests: pytest.Subtests):
    """Whatever is changed in a stored event, ``log verify`` exits 1 and names it."""
    for number, (statement, what) in enumerate(TAMPERING):
        with subtests.test(statement):
            copy = shutil.copytree(data, data.with_name(f"copy{number}"))
            with closing(sqlite3.connect(copy / "log.sqlite")) as c:
                [raw] = c.execute(
                    "SELECT state FROM stored_events WHERE rowid=5"
                ).fetchone()
                c.execute(statement, (flipped(raw),) if what == "byte" else ())
                c.commit()
            ran = run(copy, "log", "verify", "--json")
            assert ran.returncode == 1, ran.stderr
            found = json.loads(ran.stdout)
            assert found["ok"] is False
            if what in {"receipt", "beyond"}:
                assert what in found["faults"][0]["fault"], found
            else:
                assert found["faults"][0]["seq"] == (6 if what == "gap" else 5)


def test_a_cut_tail_is_shown(data: Path):
    """Events taken from the end leave a head that is not theirs."""
    look(data)
    run_json(data, *declare())
    with closing(sqlite3.connect(data / "log.sqlite")) as c:
        c.execute("DELETE FROM stored_events WHERE rowid > 18")
        c.commit()
    ran = run(data, "log", "verify", "--json")
    assert ran.returncode == 1, ran.stderr
    assert not json.loads(ran.stdout)["ok"]


# --- playbooks ---------------------------------------------------------------------


def test_playbooks_are_linted(tmp_path: Path):
    """A good playbook exits 0; each fault is listed with its place and exits 2."""
    text = playbooks.texts()["epidemic-control"]
    good, bad, none = (tmp_path / n for n in ("good.yaml", "bad.yaml", "none.yaml"))
    good.write_text(text)
    found = run_json(tmp_path, "playbook", "lint", str(good))
    assert found == {"ok": True, "playbook": "epidemic-control", "findings": []}
    bad.write_text(text.replace("id: cp-clear-meeting-room", "id: cp-notify-staff"))
    ran = run(tmp_path, "playbook", "lint", str(bad), "--json")
    assert ran.returncode == REFUSED
    found = json.loads(ran.stdout)
    assert not found["ok"]
    assert found["findings"][0]["code"] == "playbook.step-twice"
    assert found["findings"][0]["where"]
    assert ran.stderr.startswith("playbook.step-twice: ")
    bad.write_bytes(b"id: \xff")
    refused(tmp_path, "playbook.unreadable", "playbook", "lint", str(bad))
    refused(tmp_path, "file.missing", "playbook", "lint", str(none))
    refused(tmp_path, "file.folder", "playbook", "lint", str(tmp_path))


def test_a_compound_is_ordered_and_left_out_by_name(data: Path):
    """A scope may name what lies below a community, and the status may be asked."""
    look(data)
    compound = f"{COMMUNITY_11}c01"
    words = [*declare(scope=COMMUNITY_11, level="IV"), "--exclude", compound]
    first = run_json(data, *words)
    whole, out = status(data, COMMUNITY_11), status(data, compound)
    assert (whole["mode"], whole["level"]) == ("EMERGENCY", "IV")
    assert whole["ordered"]["emergency"] == first["emergency"]
    assert (out["mode"], out["reach"], out["ordered"]) == (
        "PEACETIME",
        "EXCLUDED",
        None,
    )
    said = run(data, "status", "--area", compound).stdout
    assert "已从响应范围中排除" in said
    assert "战时　Ⅳ级" in run(data, "status", "--area", COMMUNITY_11).stdout
    run_json(data, "site", "list", "--area", compound)
    refused(data, "areas.unknown", "status", "--area", f"{COMMUNITY_11}c77")
