"""Notifications: at least once, each key once, and never a word of an address.

A real HTTP server on the loopback takes them; the clock is a number.
"""

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from api.world import notify
from api.world.channels import BadChannels, channels_from
from api.world.deliveries import (
    TRIES_MAX,
    Deliveries,
    Due,
    back_off_us,
)
from api.world.notify import News, Notifier, Text
from api.world.pacing import Summed
from coordination.kernel import MINUTE_US
from coordination.notices.events import NoticeRuleSet

# apprise asks for a module that Python will drop; it does without it then
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
NOW = 1_790_000_000_000_000
SECRET = "s3cr3t-token"


class Service:
    """Takes notifications: answers ``status``, or nothing until ``go`` is set."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.status, self.go, self.came = 200, threading.Event(), threading.Event()
        self.go.set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                service.came.set()
                service.go.wait(60)
                if service.status < 300:
                    service.taken.append((body["title"], body["message"]))
                self.send_response(service.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"json://user:{SECRET}@127.0.0.1:{self.port}/{SECRET}?rto=50"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self) -> None:
        self.go.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    if found.thread.is_alive():
        found.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    if request.param == "sqlite":
        return tmp_path / "delivery.sqlite"
    return request.getfixturevalue("pg_dsn")


def rule(name="all", **told) -> NoticeRuleSet:
    """Return a rule that tells of everything, everywhere, at any hour."""
    usual = {
        "title": "",
        "kinds": ("shortage", "vacancy"),
        "areas": (),
        "opens": "00:00",
        "closes": "00:00",
        "channels": (),
        "most": 200,
        "minutes": 10,
    }
    return NoticeRuleSet(rule=name, **{**usual, **told})


class World:
    """A clock, an outbox, and as many processes as one likes on one ledger."""

    def __init__(self, where, channels, *rules, **options) -> None:
        self.now, self.outbox, self.asked = NOW, [], []
        self.rules = {one.rule: one for one in rules or (rule(),)}
        self.where, self.channels, self.options = where, channels, options
        self.open = []
        self.notifier = self.process()

    def process(self) -> Notifier:
        deliveries = Deliveries(self.where)
        self.open.append(deliveries)
        return Notifier(
            deliveries,
            self.channels,
            lambda: self.now,
            self,
            lambda: self.rules,
            **self.options,
        )

    def after(self, seq: int, limit: int) -> list[News]:
        self.asked.append((seq, limit))
        return sorted(m for m in self.outbox if m.seq > seq)[:limit]

    def text(self, seq: int) -> Text | None:
        there = any(m.seq == seq for m in self.outbox)
        return Text(f"标题{seq}", f"<b>{seq}") if there else None

    def summary(self, found: Summed) -> Text:
        return Text("汇总", json.dumps(found))

    def tell(self, *seqs: int, kind="shortage", grave=False, paths=()) -> None:
        self.outbox += [News(seq, kind, grave, paths) for seq in seqs]

    def tick(self, minutes: int = 0) -> int:
        self.now += minutes * MINUTE_US
        return asyncio.run(self.notifier.tick())

    def take(self) -> None:
        """Look at what is new and let it through, and send nothing."""
        self.notifier._take(self.rules)
        for channel in self.channels:
            self.open[0].admit(channel, self.now, self.rules)


@pytest.fixture
def world(where, service):
    found = World(where, {"ops": service.url})
    found.notifier.begin(0)
    yield found
    for deliveries in found.open:
        deliveries.close()


def test_what_is_new_is_sent_once(world, service):
    world.tell(1, 2)
    assert world.tick() == 2
    assert service.taken == [("标题1", "<b>1"), ("标题2", "<b>2")]
    world.tell(3)
    assert [world.tick(), world.tick(), world.tick(600)] == [1, 0, 0]
    status = world.notifier.status()
    assert (status["on"], status["sent"], status["waiting"]) == (True, 3, 0)
    assert status["channels"] == [
        {"name": "ops", "configured": True, "waiting": 0, "failed": 0, "sent": 3}
    ]


def test_a_rebuilt_outbox_sends_nothing_again(world, service):
    world.tell(1, 2)
    world.tick()
    world.outbox.clear()  # the views are being rebuilt
    assert world.tick() == 0
    world.tell(1, 2, 3)
    assert world.tick() == 1
    assert [title for title, _ in service.taken] == ["标题1", "标题2", "标题3"]


def test_a_restart_goes_on_where_it_was(world, service):
    world.tell(1)
    world.tick()
    world.notifier = world.process()
    world.notifier.begin(99)  # settled before: nothing between is lost
    world.tell(2)
    assert world.tick() == 1
    assert len(service.taken) == 2


def test_of_a_log_that_was_put_back_what_comes_is_told(world, service):
    """An older backup ends before what was told: its next facts are new ones."""
    world.tell(1, 2, 3)
    world.tick()
    world.notifier = world.process()
    world.outbox.clear()
    world.notifier.begin(1)
    world.tell(2)
    assert world.tick() == 1
    assert service.taken[-1][0] == "标题2"


def test_the_past_of_a_log_is_not_told(where, service):
    world = World(where, {"ops": service.url})
    world.tell(1, 2, 3)
    world.notifier.begin(2)
    assert world.tick() == 1
    assert service.taken == [("标题3", "<b>3")]
    world.open[0].close()


def test_a_tick_before_the_beginning_is_a_mistake(where, service):
    world = World(where, {"ops": service.url})
    with pytest.raises(AssertionError, match="begin"):
        world.tick()
    world.open[0].close()


def test_without_channels_nothing_is_touched(tmp_path):
    world = World(tmp_path / "delivery.sqlite", {})
    world.tell(1)
    world.notifier.begin(0)
    assert world.tick() == 0
    status = world.notifier.status()
    world.notifier.close()
    assert status == {
        "on": False,
        "waiting": 0,
        "failed": 0,
        "sent": 0,
        "last_error": "",
        "channels": [],
        "given_up": [],
    }
    assert not list(tmp_path.iterdir())
    assert not world.asked


@pytest.mark.parametrize("count", [20, 21, 60])
def test_no_message_is_cut_off(world, service, monkeypatch, count):
    monkeypatch.setattr(notify, "BATCH", 20)
    world.tell(*range(1, count + 1))
    total = sum(world.tick() for _ in range(4))
    assert total == count == len({*service.taken})


# --- channels -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "meant", "sent", "failed"),
    [
        (["a", "b"], (), ["fact:1:a", "fact:1:b"], []),
        (["a", "b"], ("b",), ["fact:1:b"], []),
        (["a", "default"], ("c",), ["fact:1:default"], []),
        (["a", "b"], ("c",), [], ["fact:1:c"]),
    ],
)
def test_a_message_goes_where_it_is_meant_for(
    tmp_path, service, names, meant, sent, failed
):
    """A channel that was taken away has its messages in sight, or at the default."""
    channels = dict.fromkeys(names, service.url)
    world = World(tmp_path / "d.sqlite", channels, rule(channels=meant))
    world.notifier.begin(0)
    world.tell(1)
    assert world.tick() == len(sent)
    assert sorted(k for k, s in states(world).items() if s == "SENT") == sent
    given_up = world.notifier.status()["given_up"]
    assert [(g["key"], g["last_error"]) for g in given_up] == [
        (key, "no such channel") for key in failed
    ]
    world.open[0].close()


def states(world) -> dict[str, str]:
    with world.open[0]._begin() as c:
        return dict(
            tuple(r) for r in c.execute(sa.text("SELECT key, state FROM delivery"))
        )


def test_a_dead_channel_keeps_no_other_waiting(tmp_path, service):
    dead = f"json://127.0.0.1:1/{SECRET}"
    world = World(tmp_path / "d.sqlite", {"dead": dead, "ops": service.url})
    world.notifier.begin(0)
    world.tell(1, 2, 3)
    assert world.tick() == 3
    status = world.notifier.status()
    assert (status["waiting"], status["sent"]) == (3, 3)
    # One of the three has met it; the others were spared its timeout.
    tries = [d.tries for d in world.open[0].due("dead", NOW + 10 * MINUTE_US)]
    assert sorted(tries) == [0, 0, 1]
    world.open[0].close()


def test_a_channel_that_was_taken_away_is_seen(world, service):
    service.status = 500
    world.tell(1)
    world.tick()
    world.channels = {"other": service.url}
    world.notifier = world.process()
    assert world.tick(60) == 0
    [ops, other] = world.notifier.status()["channels"]
    assert (ops["name"], ops["configured"], ops["waiting"]) == ("ops", False, 1)
    assert (other["name"], other["configured"]) == ("other", True)


# --- faults ---------------------------------------------------------------------------


def test_it_waits_longer_each_time():
    minutes = [back_off_us(tries) // MINUTE_US for tries in range(1, TRIES_MAX)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


def test_a_fault_is_tried_again_and_then_sent(world, service):
    service.status = 500
    world.tell(1)
    assert world.tick() == 0
    status = world.notifier.status()
    assert (status["waiting"], status["last_error"]) == (1, "HTTP 500")
    service.status = 200
    world.now += MINUTE_US - 1
    assert world.tick() == 0
    world.now += 1
    assert world.tick() == 1
    assert world.notifier.status()["last_error"] == ""


def test_it_gives_up_where_everybody_can_see(world, service):
    service.stop()
    world.tell(1)
    for tries in range(1, TRIES_MAX + 1):
        world.tick()
        status = world.notifier.status()
        assert status["failed"] == (tries == TRIES_MAX)
        world.now += back_off_us(tries)
    assert world.tick(600) == 0
    [given_up] = world.notifier.status()["given_up"]
    assert given_up == {
        "key": "fact:1:ops",
        "channel": "ops",
        "seq": 1,
        "tries": TRIES_MAX,
        "last_error": "no connection",
        "made_at": "2026-09-21T14:13:20.000000Z",
    }


def test_a_slow_service_is_not_waited_for(where, service):
    world = World(where, {"ops": service.url}, timeout_seconds=0.2)
    world.notifier.begin(0)
    world.tell(1)
    service.go.clear()
    assert world.tick() == 0
    assert service.came.is_set()
    assert world.notifier.status()["last_error"] == "timeout"
    service.go.set()
    assert world.tick(1) == 1  # it may have taken both: at least once
    world.open[0].close()


def test_a_message_that_a_rebuild_hides_is_sent_when_it_is_back(world, service):
    service.status = 503
    world.tell(1)
    world.tick()
    service.status = 200
    kept, world.outbox = world.outbox, []
    assert world.tick(1) == 0
    assert world.notifier.status()["last_error"] == "not in the outbox"
    world.outbox = kept
    assert world.tick(2) == 1


def test_what_a_crash_left_behind_is_sent_after_the_lease(world):
    world.tell(1)
    world.take()
    lease = world.now + 80 * 1_000_000
    assert world.open[0].claim(Due("fact:1:ops", "ops", 1, 0), world.now, lease)
    world.notifier = world.process()  # the first one died while sending
    world.now = lease - 1
    assert world.tick() == 0
    world.now = lease
    assert world.tick() == 1


def test_a_crash_at_the_last_try_ends_in_sight(world, service):
    world.tell(1)
    world.take()
    for tries in range(TRIES_MAX):
        assert world.open[0].claim(
            Due("fact:1:ops", "ops", 1, tries), world.now, world.now
        )
    assert world.tick() == 0
    [given_up] = world.notifier.status()["given_up"]
    assert (given_up["tries"], given_up["last_error"]) == (12, "stopped while sending")
    assert not service.taken


def test_who_comes_late_does_not_spoil_the_result(world):
    world.tell(1)
    world.take()
    ledger, due = world.open[0], Due("fact:1:ops", "ops", 1, 0)
    assert ledger.claim(due, NOW, NOW)  # the first, slow
    second = due._replace(tries=1)
    assert ledger.claim(second, NOW, NOW + MINUTE_US)
    ledger.record(due, NOW, "timeout")  # no longer the first one's to say
    assert ledger.due("ops", NOW) == []
    ledger.record(second, NOW, "")
    ledger.record(due, NOW, "timeout")
    assert world.notifier.status()["sent"] == 1


# --- two processes --------------------------------------------------------------------


def test_only_one_of_many_gets_a_delivery(world):
    world.tell(1)
    world.take()
    ledgers = [Deliveries(world.where) for _ in range(6)]
    world.open += ledgers
    start = threading.Barrier(len(ledgers))

    def claim(ledger: Deliveries) -> bool:
        start.wait()
        return ledger.claim(Due("fact:1:ops", "ops", 1, 0), NOW, NOW + MINUTE_US)

    with ThreadPoolExecutor(len(ledgers)) as pool:
        assert sum(pool.map(claim, ledgers)) == 1


def test_two_processes_at_once_send_each_message_once(world, service):
    other = world.process()
    other.begin(0)
    world.tell(*range(1, 31))

    async def both() -> list[int]:
        return await asyncio.gather(world.notifier.tick(), other.tick())

    assert sum(asyncio.run(both())) == 30
    assert len(service.taken) == len({*service.taken}) == 30


# --- secrets --------------------------------------------------------------------------


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the program's own log gets (caplog reads loggers that tell it nothing)."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def test_an_address_is_nowhere_to_be_read(world, service, logged, capfd):
    told = []
    for status in (500, 403):
        service.status = status
        world.tell(status)
        world.tick(60)
        told.append(world.notifier.status())
    service.stop()
    world.tick(60)
    told.append(world.notifier.status())
    written = "".join(capfd.readouterr()) + logged.getvalue()
    if not isinstance(world.where, str):
        written += world.where.read_bytes().decode("latin1")
    for secret in (SECRET, str(service.port)):
        assert secret not in str(told)
        assert secret not in written
    assert "标题" not in written  # nor what was said
    assert "HTTP 403" in written


def test_a_file_names_the_channels(tmp_path):
    path = tmp_path / "channels.yaml"
    path.write_text(
        f"channels:\n  ops: json://127.0.0.1/{SECRET}\n  b-2: xml://[::1]\n"
    )
    assert channels_from({"PINGZHAN_NOTIFY": str(path)}) == {
        "ops": f"json://127.0.0.1/{SECRET}",
        "b-2": "xml://[::1]",
    }
    assert channels_from({}) == channels_from({"PINGZHAN_NOTIFY": ""}) == {}
    path.write_text("channels: {}")
    assert channels_from({"PINGZHAN_NOTIFY": str(path)}) == {}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "-"),
        ("- a", "1"),
        (f"ops: json://{SECRET}", "1"),
        (f"channels: [json://{SECRET}]", "1"),
        (f"channels:\n  ops: nosuch://{SECRET}", "2"),
        (f"channels:\n  ops: slack://{SECRET}", "2"),
        ("channels:\n  ops:", "2"),
        (f"channels:\n  ops: [json://{SECRET}]", "2"),
        (f"channels:\n  a: json://{SECRET}\n  a: json://x", "3"),
        (f"channels:\n  Ops!: json://{SECRET}", "2"),
        (f"channels:\n  ? [a]\n  : json://{SECRET}", "2"),
        (f"channels:\n  ops: 'json://{SECRET}\n", "3"),
        (f"channels: {{}}\nmore: json://{SECRET}", "1"),
        (f"channels: &a\n  ops: *{SECRET}", "2"),
    ],
)
def test_a_wrong_file_is_refused_by_its_line(tmp_path, logged, capfd, text, where):
    path = tmp_path / "channels.yaml"
    path.write_text(text)
    with pytest.raises(BadChannels) as refused:
        channels_from({"PINGZHAN_NOTIFY": str(path)})
    assert refused.value.facts["where"] == where
    said = str(refused.value) + refused.value.say("zh") + logged.getvalue()
    assert SECRET not in said + "".join(capfd.readouterr())
    assert refused.value.__cause__ is None


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadChannels):
        channels_from({"PINGZHAN_NOTIFY": str(tmp_path / "none")})
    (tmp_path / "odd").write_bytes(b"\xff")
    with pytest.raises(BadChannels):
        channels_from({"PINGZHAN_NOTIFY": str(tmp_path / "odd")})
