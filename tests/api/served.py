"""A small service to talk to: a seeded world of two streets, everybody signed in."""

from __future__ import annotations

import asyncio
import functools
import inspect
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from api.demo.accounts import DEMONSTRATION, Person, grant_all
from api.http.accounts_file import Account
from api.http.app import _routes, create_app
from api.http.auth import Accounts
from api.http.deciding import DECLARED
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.vault import Vault
from api.world.wiring import VIEWS
from api.world.world import World
from coordination.handle import Handler
from coordination.log import Log, open_recorder
from coordination.tree import Place
from projections.runner import Runner
from projections.store import open_views
from tests.api.forking import ROOT, Fork
from tests.api.patient import be_patient
from tests.given import DIGEST_KEY, NOW, PATIENCE_SECONDS, Clock, Entropy

API = "/api/v1"
AREAS = """\
code,name,level,parent_code
310117000000,松江区,district,
310117001000,岳阳街道,street,310117000000
310117001001,一居委会,community,310117001000
310117001002,二居委会,community,310117001000
310117002000,永丰街道,street,310117000000
310117002001,三居委会,community,310117002000
310117002002,四居委会,community,310117002000
"""
DISTRICT = "310117000000"
STREET_1, STREET_2 = "310117001000", "310117002000"
COMMUNITY_11, COMMUNITY_12 = "310117001001", "310117001002"
COMMUNITY_21, COMMUNITY_22 = "310117002001", "310117002002"
EVERY_AREA = (
    DISTRICT,
    STREET_1,
    STREET_2,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMMUNITY_22,
)
CENTRE_1, CENTRE_2 = "310117001-s1", "310117002-s1"
"""The streets' 党群服务中心: command posts in an epidemic, from level IV on."""
STEP = "cp-notify-staff"
OTHER_STEP = "cp-clear-meeting-room"
PASSWORD = "a password of tests"
LOCAL_TOKEN = "a token of tests"
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Who signs in costs a test nothing: these passwords are no secret."""
ORIGIN = "http://pingzhan.test"

WHOLE = Place(DISTRICT, "district")
OWN, OTHER = Place(STREET_1, "street"), Place(STREET_2, "street")
SMALL = Place(COMMUNITY_11, "community")
ACCOUNTS = {
    "commander": Person("zong", "总指挥甲", "commander", WHOLE),
    "deputy": Person("fu", "副总指挥辛", "deputy", WHOLE),
    "duty-officer": Person("zhiban", "值班长乙", "duty-officer", WHOLE),
    "street-staff": Person("yueyang", "岳阳丙", "street-staff", OWN),
    "foreign-staff": Person("yongfeng", "永丰丁", "street-staff", OTHER),
    "secretary": Person("shuji", "书记戊", "community-secretary", SMALL),
    "auditor": Person("ducha", "督查己", "auditor", WHOLE),
    "administrator": Person("guanli", "管理庚", "administrator", None),
}

be_patient()
_numbers = itertools.count(1)


def key() -> str:
    """Return a command id that nobody has used."""
    return f"key-{os.getpid()}-{next(_numbers):06d}"


def declaration(**changes: Any) -> dict[str, Any]:
    """Return the body of a declaration for the whole district."""
    return {
        "hazard": "epidemic",
        "level": "III",
        "scope": [DISTRICT],
        "excluded": [],
        "basis": "沪松应急〔2026〕3 号",
        "matter": "新冠疫情",
        "measures": "启用采样点",
        "expected_hours": 72,
        "playbook": "epidemic-control",
        "reason": "",
        **changes,
    }


def step_path(site: str, step: str, verb: str = "complete") -> str:
    """Return where a step is acknowledged or completed."""
    return f"/sites/{site}/steps/{step}/{verb}"


# --- worlds ------------------------------------------------------------------------


def make(folder: Path) -> Path:
    """Make the world and the accounts in an empty folder."""
    world = open_at(folder, Clock())
    accounts = accounts_at(folder, world.clock)
    try:
        asyncio.run(init_world(world, AREAS.encode(), 1, demonstration=True))
        world.runner.catch_up()
        for person in ACCOUNTS.values():
            accounts.add(Account(person.account, person.name), PASSWORD)
        asyncio.run(grant_all(world, ACCOUNTS.values(), "test-accounts"))
        world.runner.catch_up()
    finally:
        accounts.close()
        world.close()
    return folder


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory made once; look at it, never serve it."""
    return make(tmp_path_factory.mktemp("seeded"))


@pytest.fixture
def data(seeded: Path, tmp_path: Path) -> Path:
    """A copy of the seeded world, this test's own."""
    return shutil.copytree(seeded, tmp_path / "data")


def open_at(folder: Path, clock: Callable[[], int]) -> World:
    """Open a world that runs by ``clock``."""
    settings = Settings(data=folder, hosts=("pingzhan.test", "testserver"))
    recorder = open_recorder(settings.log_path)
    log = Log(recorder, clock)
    handler = Handler(log, digest_key=DIGEST_KEY, entropy=Entropy())
    runner = Runner(recorder, open_views(settings.views_path), VIEWS)
    runner.catch_up()
    log.on_commit.append(runner.wake)
    vault = Vault(settings.vault_path, settings.keys_where, Entropy("vault"))
    return World(
        settings=settings,
        handler=handler,
        runner=runner,
        clock=clock,
        vault=vault,
        secret=DIGEST_KEY,
    )


def accounts_at(folder: Path, clock: Callable[[], int]) -> Accounts:
    """Open the accounts of a world."""
    return Accounts(folder / "accounts.sqlite", clock, hasher=HASHER)


# --- in process --------------------------------------------------------------------


@functools.cache
def decisions() -> re.Pattern[str]:
    """Return the addresses of declared decisions: each takes what was on the screen."""
    _routes()  # they are declared as they are made
    paths = [re.sub(r"{[a-z_]+}", "[^/]+", row.path) for row in DECLARED.values()]
    return re.compile("|".join(paths))


@dataclass
class Client:
    """Somebody at a screen: calls the API and keeps the session."""

    http: httpx.AsyncClient
    head: Callable[[], int] = lambda: 0
    """The position on their screen: it follows the log, as pages do."""

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Return what a read answers; it must not be refused."""
        answer = await self.http.get(f"{API}{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(
        self, path: str, body: Any, command: str = "", **headers: str
    ) -> httpx.Response:
        """Send a write, under a fresh command id if none is given.

        A decision says what was on the screen, unless the body says otherwise.
        """
        if isinstance(body, dict) and decisions().fullmatch(path):
            body = {"seen_seq": self.head(), **body}
        return await self.http.post(
            f"{API}{path}",
            json=body,
            headers={"Idempotency-Key": command or key(), **headers},
        )

    async def do(self, path: str, body: Any, command: str = "") -> dict[str, Any]:
        """Return the receipt of a write; it must not be refused."""
        answer = await self.send(path, body, command)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def declare(self, **changes: Any) -> dict[str, Any]:
        """Declare an emergency."""
        return await self.do("/emergencies", declaration(**changes))

    async def step(
        self, site: str, step: str, verb: str = "complete", **body: Any
    ) -> dict[str, Any]:
        """Acknowledge or complete a step."""
        return await self.do(step_path(site, step, verb), body)

    async def board(
        self, area: str = DISTRICT, min_seq: int = 0, **params: Any
    ) -> dict[str, Any]:
        """Return the board of an area."""
        return await self.get(f"/areas/{area}/board", min_seq=min_seq, **params)


@dataclass
class Service:
    """The application in this process."""

    world: World
    accounts: Accounts
    app: FastAPI
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def head(self) -> int:
        """The end of the log."""
        return self.world.log.recorder.head().seq

    def http(self, **options: Any) -> httpx.AsyncClient:
        """Return a client that has not signed in; a fault becomes a 500."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, **options)

    async def as_(self, who: str) -> Client:
        """Return a signed-in client: a key of ``ACCOUNTS``, or ``local``."""
        if who not in self.clients:
            http = self.http()
            if who == "local":
                http.headers["Authorization"] = f"Bearer {LOCAL_TOKEN}"
            else:
                account = ACCOUNTS[who].account
                given = {"account": account, "password": PASSWORD}
                answer = await http.post(f"{API}/session", json=given)
                assert answer.status_code == 200, answer.text
            self.clients[who] = Client(http, lambda: self.head)
        return self.clients[who]


@asynccontextmanager
async def service(
    folder: Path, clock: Callable[[], int] | None = None, *, timers: bool = False
) -> AsyncIterator[Service]:
    """Open a world and its application in the running loop."""
    world = open_at(folder, clock or Clock(NOW + 1_000_000))
    accounts = accounts_at(folder, world.clock)
    how = {"timers": timers, "local_token": LOCAL_TOKEN}
    app = create_app(world, accounts, **how, demonstration=DEMONSTRATION)
    found = Service(world, accounts, app)
    try:
        async with app.router.lifespan_context(app):
            yield found
            for client in found.clients.values():
                await client.http.aclose()
    finally:
        accounts.close()
        world.close()


def rows_since(world: World, seq: int) -> list[Any]:
    """Return what the log got after ``seq``."""
    return world.log.recorder.rows(seq, 1_000)


# --- a process of its own ----------------------------------------------------------


def environment(**settings: str) -> Mapping[str, str]:
    """Return the environment of a program under test: these settings, none of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PINGZHAN_")}
    return {**kept, "PYTHONUTF8": "1", **settings}


CLI = (sys.executable, "-m", "api.cli")


def start(folder: Path, *options: str, apart: bool = False, **settings: str) -> Process:
    """Start ``pingzhan serve`` and wait for the line that says where it listens.

    ``apart``: a program from its first line on; it takes seconds more. ``settings``:
    of its environment.
    """
    words = ["serve", "--port", "0", "--data", str(folder), *options]
    around = environment(**settings)
    process = _program(words, around) if apart else Fork(words, around)
    assert process.stderr is not None
    first = process.stderr.readline()
    said: list[str] = []

    def drain() -> None:
        said.extend(process.stderr or ())

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    try:
        url = json.loads(first)["url"]
    except ValueError:
        process.wait()
        reader.join()
        raise AssertionError(first + "".join(said)) from None
    token = json.loads((folder / "server.json").read_text())["token"]
    return Process(process, reader, said, url, token)


def _program(words: list[str], around: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CLI, *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=around,
        cwd=ROOT,
        text=True,
    )


@dataclass
class Process:
    """A running server."""

    popen: subprocess.Popen[str] | Fork
    reader: threading.Thread
    said: list[str]
    url: str
    token: str

    def http(self, **options: Any) -> httpx.AsyncClient:
        """Return a client let in by the token of this machine's command line."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(
            base_url=self.url,
            headers=headers,
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            **options,
        )

    def end(self) -> int:
        """Wait for its end; return the exit code."""
        code = self.popen.wait(PATIENCE_SECONDS)
        self.reader.join()
        assert self.popen.stderr is not None
        self.popen.stderr.close()
        return code

    def kill(self) -> None:
        """End it as a power cut would."""
        self.popen.kill()
        self.end()


@contextmanager
def server(
    folder: Path, *options: str, apart: bool = False, **settings: str
) -> Iterator[Process]:
    """Run a server for a while; killed at the end if it still runs."""
    process = start(folder, *options, apart=apart, **settings)
    try:
        yield process
    finally:
        if process.popen.poll() is None:
            process.kill()


# --- tests as coroutines -----------------------------------------------------------


def served(
    test: Callable[..., Any] | None = None, *, timers: bool = False
) -> Callable[..., Any]:
    """Run a test coroutine beside a ``Service``, its first parameter."""
    if test is None:
        return functools.partial(served, timers=timers)

    @functools.wraps(test)
    def run(*, data: Path, **given: Any) -> None:
        async def inside() -> None:
            async with service(data, timers=timers) as found:
                await test(found, **given)

        asyncio.run(inside())

    own = list(inspect.signature(test).parameters.values())[1:]
    asked = inspect.Parameter("data", inspect.Parameter.KEYWORD_ONLY)
    run.__signature__ = inspect.Signature([*own, asked])  # type: ignore[attr-defined]
    return run


# --- the API's own description -----------------------------------------------------

METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES = {
    "seen": "1",
    "code": DISTRICT,
    "area": DISTRICT,
    "site": CENTRE_1,
    "step": STEP,
    "emergency": "e-0123456789",
    "seq": "1",
    "fact": "1",
    "proposal": "p-0123456789",
    "digest": "0" * 64,
    "glass": "b-0123456789",
    "order": "o-0123456789",
    "recipient": COMMUNITY_11,
    "absence": "x-0123456789",
    "alarm": "absence:x-0123456789",
    "account": "someone",
    "grant": "g-0123456789",
    "mine": "g-0123456789",
    "session": "s-0123456789ab",
    "token": "t-0123456789ab",
    "person": "h-0123456789ab",
    "opening": "c-0123456789",
    "stretch": "h-0123456789ab.1",
    "post": f"{COMMUNITY_11}-p-liaison",
    "target": f"{COMMUNITY_11}c01b001",
    "item": "mask-n95",
    "lot": "L1",
    "rule": "goods",
    "station": CENTRE_1,
    "other": "310117001-s2",
    "slip": "r-0123456789",
    "requisition": "r-0123456789",
    "issue": "i-0123456789",
    "shipment": "s-0123456789",
    "ordered": "t-0123456789",
    "count": "c-0123456789",
    "reservation": "v-0123456789",
    "request": f"{COMMUNITY_11}-q-0123456789",
}
"""A fit id of each kind, for paths and bodies; ``furnish`` makes what they name."""
SLIPS = {"transfers": "shipment", "counts": "count", "requisitions": "requisition"}
"""Which id a path means by ``slip``, by how the path begins."""
QUERIES = {
    "/people/import": "?area={area}&seen_seq={seen}",
    "/areas/import": "?seen_seq={seen}",
    "/items/import": "?seen_seq={seen}",
}
"""What else belongs to the address of a write."""
CSV_TYPE = {"Content-Type": "text/csv"}
JSON_TYPE = {"Content-Type": "application/json"}
IMPORT_PATH = "/areas/import"
LATER = "2023-11-20T00:00:00Z"
"""A time after ``NOW`` and within the days a role may be lent for."""


def operations(app: FastAPI) -> list[tuple[str, str]]:
    """Return (method, path template below ``API``) of every operation described."""
    return [(method, path) for method, path, _ in described(app)]


def described(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    """Return every operation of the OpenAPI document with what it says of itself."""
    return [
        (method.upper(), path.removeprefix(API), item[method])
        for path, item in app.openapi()["paths"].items()
        for method in METHODS
        if method in item
    ]


def address(template: str, ids: Mapping[str, str] = EXAMPLES) -> str:
    """Return the path of an operation with these ids in it."""
    kind = SLIPS.get(template.split("/")[1], "slip")
    if template.endswith("/cancel"):
        kind = "ordered"
    form = {"group": "order", "name": "issue"}
    return template.format(**form, **{**ids, "slip": ids[kind]})


def keyed(operation: dict[str, Any]) -> bool:
    """Tell whether an operation asks for an Idempotency-Key."""
    return any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ()))


SEEN = {"seen_seq": 0}
"""Stands for the position that was seen: ``bodies`` puts it in."""
WHY = {"reason": "已核实", **SEEN}
CHANGE = {"basis": "研判意见", **WHY}


def authority(*signing_first: str) -> dict[str, Any]:
    """Return a body that sets who signs; the roles named sign level I."""
    heads = [*(signing_first or ("commander", "head-of-government"))]
    return {
        "levels": [
            {"level": level, "roles": heads, "chain": ["deputy"]}
            for level in ("I", "II", "III", "IV")
        ],
        "basis": "预案",
    }


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a fit body of every write that takes an Idempotency-Key, by template."""
    return {path: _looked(body, ids) for path, body in _bodies(ids).items()}


def _looked(body: Any, ids: Mapping[str, str]) -> Any:
    """Return a body with the position that was seen, if it says one."""
    if isinstance(body, bytes) or "seen_seq" not in body:
        return body
    return {**body, "seen_seq": int(ids["seen"])}


def _bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    area = ids["area"]
    answer = {"area": ids["recipient"], "role": "community-secretary", "note": ""}
    return {
        "/emergencies": {**declaration(scope=[area]), **SEEN},
        "/emergencies/{emergency}/raise": {"level": "II", **CHANGE},
        "/emergencies/{emergency}/lower": {"level": "IV", **CHANGE},
        "/emergencies/{emergency}/widen": {"areas": [area], "excluded": [], **CHANGE},
        "/emergencies/{emergency}/narrow": {"areas": [area], **CHANGE},
        "/emergencies/{emergency}/extend": {"expected_hours": 720, **CHANGE},
        "/emergencies/{emergency}/grade": {
            "severity": "large",
            "warning": "red",
            **CHANGE,
        },
        "/emergencies/{emergency}/take-up": {"sites": [ids["site"]], **CHANGE},
        "/emergencies/{emergency}/end": {"basis": "解除令", "reason": "", **SEEN},
        "/emergencies/{emergency}/void": {"basis": "", **WHY},
        "/approvals/{proposal}/approve": {
            "digest": ids["digest"],
            "password": "",
            **WHY,
        },
        "/approvals/{proposal}/reject": WHY,
        "/approvals/{proposal}/withdraw": WHY,
        "/glasses/{glass}/review": {"confirmed": True, **WHY},
        "/orders": {**order_body(scope=[area]), **SEEN},
        "/orders/{order}/withdraw": WHY,
        "/orders/{order}/remind": {"reason": "", **SEEN},
        "/orders/{order}/acknowledge": {**answer, **SEEN},
        "/orders/{order}/done": {**answer, **SEEN},
        "/facts/{fact}/correction": WHY,
        "/alarms/acknowledge": {"alarm": ids["alarm"], **WHY},
        "/grants": {
            "account": ids["account"],
            "role": "grid-member",
            "area": area,
            "basis": "任命文件",
            **WHY,
        },
        "/grants/delegate": {
            "account": ids["account"],
            "grant": ids["mine"],
            "area": area,
            "until": LATER,
            "basis": "",
            **WHY,
        },
        "/grants/{grant}/revoke": {
            "account": ids["account"],
            "basis": "免职文件",
            **WHY,
        },
        "/authority": {**authority(), **SEEN},
        "/clock/accept": {"basis": "授时服务器核对", "reason": "", **SEEN},
        "/absences": {"role": "deputy", "area": area, "hours": 2, "basis": "", **WHY},
        "/absences/{absence}/end": {"reason": "", **SEEN},
        "/sites/{site}/steps/{step}/acknowledge": {"basis": "", "reason": "", **SEEN},
        "/sites/{site}/steps/{step}/complete": {"basis": "", "reason": "", **SEEN},
        IMPORT_PATH: AREAS.replace("居委会", "村").encode(),
        **people_bodies(ids),
        **goods_bodies(ids),
        **slip_bodies(ids),
    }


ROSTER_HEADER = "number,name,phone,unit,unit_size,community"


def roster_row(number: int, name: str, community: str) -> str:
    """Return a line of a roster, of the unit of these tests."""
    return f"T-{number:04},{name},199{number:08},测试单位,40,{community}"


def roster(*rows: str, header: str = ROSTER_HEADER) -> bytes:
    """Return a roster as a file of CSV."""
    return "\n".join([header, *rows, ""]).encode()


def people_bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a fit body of every write about people, posts and packages."""
    person, here = ids["person"], ids["recipient"]
    package = {"kind": "building", "target": ids["target"]}
    party = {"kind": "person", "id": person}
    kind = {
        "id": "building",
        "zh": "包楼栋",
        "en": "Building",
        "target": "building",
        "parties": ["person"],
        "load": 4,
        "peace_zh": "走访",
        "peace_en": "Visit",
        "war_zh": "配送",
        "war_en": "Deliver",
    }
    own = ("seize", "accept", "decline", "return", "safety")
    return {
        "/people/import": roster(roster_row(2, "名册乙", here)),
        "/people/unavailable": {"people": [person], "cause": "ill", **CHANGE},
        "/people/available": {"people": [person], **WHY},
        "/people/walkups": {"community": here, "name": "访客丙", **WHY},
        "/people/{person}/merge": {"into": "h-000000000000", **WHY},
        "/people/{person}/forget": {"password": "", **WHY},
        "/people/{person}/account": {
            "account": "renyuan",
            "password": PASSWORD,
            **SEEN,
        },
        "/checkins": {
            "person": person,
            "stage": "reported",
            "source": "staff",
            **WHY,
        },
        "/checkins/openings": {"area": here, **CHANGE},
        "/checkins/openings/{opening}/close": WHY,
        "/checkins/service": {
            "person": person,
            "community": here,
            "since": "2026-01-05T08:00:00+08:00",
            "until": "2026-01-05T12:00:00+08:00",
            "what": "搬运",
            **CHANGE,
        },
        "/checkins/claims/certify": {
            "claims": [{"stretch": ids["stretch"], "expected": ""}],
            **WHY,
        },
        "/checkins/hours/{stretch}/certify": WHY,
        "/checkins/hours/{stretch}/refuse": WHY,
        "/checkins/hours/{stretch}/recognise": WHY,
        "/posts": {
            "posts": [{"area": here, "kind": "liaison", "number": 2, "chain": []}],
            **CHANGE,
        },
        "/posts/{post}/chain": {"chain": [person], **WHY},
        "/posts/{post}/substitute": CHANGE,
        "/posts/{post}/ratify": WHY,
        "/posts/{post}/appoint": {"person": person, **CHANGE},
        "/posts/{post}/handover": {"item": "situation", "note": "", **SEEN},
        **{f"/posts/{{post}}/{verb}": WHY for verb in own},
        "/notices/rules/{rule}": {"kinds": ["shortage"], **WHY},
        "/notices/rules/{rule}/remove": WHY,
        "/notices/rules": {"kinds": ["shortage"], **WHY},
        "/notices/try": {"kinds": ["shortage"], **SEEN},
        "/packages/kinds": {"kinds": [kind], **WHY},
        "/packages/assign": {"rows": [{**package, "party": party}], **CHANGE},
        "/packages/handover": {**package, "party": party, "backups": [], **WHY},
        "/packages/release": {**package, **WHY},
        "/packages/propose": {"area": here, "kind": "building", **SEEN},
    }


CATALOGUE = """\
code,name,category,unit,packagings
mask-n95,N95口罩,防护,只,箱=1000;盒=25
quilt,棉被,被服安置,床,
spare,备用物资,其他,件,
"""


def goods_bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a fit body of every write about the catalogue, stations and requests."""
    here, station = ids["recipient"], ids["station"]
    wish = {"item": ids["item"], "quantity": 2}
    level = {"item": ids["item"], "peace": [1, 2, 3], "war": [2, 3, 4]}
    leg = {"source": station, "to": ids["other"], **wish}
    return {
        "/items/import": f"{CATALOGUE}gown,防护服,防护,件,\n".encode(),
        "/items/{item}/withdraw": WHY,
        "/areas/population": {
            "area": ids["area"],
            "rows": [{"area": here, "residents": 3_100}],
            **CHANGE,
        },
        "/stations": {"site": f"{here}-s1", **CHANGE},
        "/stations/{station}/levels": {"rows": [level], **CHANGE},
        "/stations/{station}/place": {"item": ids["item"], "place": "A-01", **WHY},
        "/stations/{station}/custody": {"count": ids["count"], **WHY},
        "/requests": {"area": here, "squad": "", "lines": [wish], **CHANGE},
        "/requests/{request}/triage": {
            "station": station,
            "priority": 2,
            "lines": [wish],
            **WHY,
        },
        "/requests/{request}/refuse": WHY,
        "/requests/{request}/withdraw": WHY,
        "/requests/{request}/allocate": WHY,
        "/requests/{request}/dispatch": WHY,
        "/requests/{request}/deliver": {"slip": ids["issue"], "proof": "8231", **WHY},
        "/requests/{request}/confirm": {"slip": ids["issue"], **WHY},
        "/stock/propose": {"area": ids["area"], "items": [], **SEEN},
        "/stock/reallocate": {
            "area": ids["area"],
            "digest": ids["digest"],
            "legs": [leg],
            **CHANGE,
        },
    }


def slip_bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a fit body of every write that is a slip, or goes on one."""
    station, item, lot = ids["station"], ids["item"], ids["lot"]
    line = {"item": item, "lot": lot, "quantity": 1}
    wish = {"item": item, "quantity": 1, "unit": "", "lot": ""}
    squad = {"kind": "squad", "id": "一队"}
    fit = {
        "/stock/receive": {
            "source": {"kind": "purchase", "id": "供应商"},
            "document": "",
            "lines": [{**wish, "unit": "盒", "expires": "2035-12-31"}],
        },
        "/stock/reserve": {"purpose": squad, "lines": [wish], "whole": False},
        "/stock/release": {"reservation": ids["reservation"], "items": [item]},
        "/stock/issue": {"to": squad, "lines": [wish], "reservation": ""},
        "/stock/scrap": {"cause": "damaged", "lines": [line]},
        "/stock/adjust": {
            "item": item,
            "lot": lot,
            "change": -1,
            "corrects": ids["slip"],
        },
        "/stock/status": {"item": item, "lot": lot, "status": "on-hold"},
        "/transfers/ship": {"to": ids["other"], "lines": [wish], "carrier": "沪A"},
        "/counts": {"items": [item]},
    }
    return {
        **{path: {"station": station, **body, **CHANGE} for path, body in fit.items()},
        "/stock/recall": {"item": item, "batch": "PB77", **CHANGE},
        "/stock/return": {"issue": ids["issue"], "lines": [line], "good": True, **WHY},
        "/transfers/{slip}/arrive": {"lines": [line], "complete": False, **WHY},
        "/transfers/{slip}/close": {
            "cause": "lost",
            "owner": "承运方",
            "lines": [line],
            **CHANGE,
        },
        "/transfers/{slip}/cancel": WHY,
        "/counts/{slip}/lines": {
            "lines": [{"item": item, "lot": lot, "counted": 5, "moves": 0}],
            **WHY,
        },
        "/counts/{slip}/settle": {"item": item, "lot": lot, "cause": "lost", **CHANGE},
        "/counts/{slip}/close": WHY,
        "/requisitions/{slip}/give-back": {"lines": [line], **CHANGE},
        "/requisitions/{slip}/compensate": {
            "lines": [line],
            "fen": 12_50,
            "document": "收据",
            **CHANGE,
        },
    }


def order_body(**changes: Any) -> dict[str, Any]:
    """Return the body of an order to the community secretaries of the district."""
    return {
        "title": "核对独居老人名册",
        "text": "一小时内核对名册，缺漏即报。",
        "scope": [DISTRICT],
        "excluded": [],
        "roles": ["community-secretary"],
        "ack_minutes": 30,
        "done_minutes": 120,
        "emergency": "",
        "corrects": "",
        "basis": "区指挥部通知",
        "reason": "",
        **changes,
    }


def writes(
    ids: Mapping[str, str] = EXAMPLES,
) -> dict[str, tuple[str, dict[str, Any] | bytes]]:
    """Return path and a fit body of every write that takes an Idempotency-Key."""
    return {
        template: (address(template + QUERIES.get(template, ""), ids), body)
        for template, body in bodies(ids).items()
    }


async def furnish(
    s: Service, area: str = DISTRICT, site: str = CENTRE_1, **ids: str
) -> dict[str, str]:
    """Make one of everything that can be written to, inside an area; return the ids."""
    commander, duty = await s.as_("commander"), await s.as_("duty-officer")
    administrator = await s.as_("administrator")
    alone = {"break_glass": True, "password": PASSWORD, "reason": "联系不上批准人"}
    glass = await commander.declare(scope=[area], level="II", matter="单人", **alone)
    made = await commander.declare(scope=[area])
    proposed = await duty.declare(scope=[area], level="II", matter="待批")
    absent = {"role": "secretary-general", "area": area, "hours": 1, "reason": "出差"}
    absence = (await commander.do("/absences", absent))["absence"]
    given = {
        "account": EXAMPLES["account"],
        "role": "station-keeper",
        "area": area,
        "basis": "任命文件",
    }
    grant = await administrator.do("/grants", given)
    order = await commander.do("/orders", order_body(scope=[area]))
    found = await people_there(s, site[:9] + "001")
    found |= await goods_there(s, area, site, made["emergency"])
    await s.world.reached(s.head)
    proposal = proposed["proposal"]
    return {
        **EXAMPLES,
        **found,
        "code": area,
        "area": area,
        "site": site,
        "recipient": site[:9] + "001",
        "emergency": made["emergency"],
        "proposal": proposal,
        "digest": s.world.proposal(proposal).made.digest,
        "glass": glass["glass"],
        "order": order["order"],
        "absence": absence,
        "alarm": f"absence:{absence}",
        "grant": grant["grant"],
        "mine": "g-demo-zong",
        "seen": str(s.head),
        **ids,
    }


async def people_there(s: Service, community: str) -> dict[str, str]:
    """Make somebody with a post and a package, and check-in open; return the ids."""
    commander, number = await s.as_("commander"), int(community[6:9])
    answer = await commander.http.post(
        f"{API}/people/import?area={community}&seen_seq={s.head}",
        content=roster(roster_row(number, "名册甲", community)),
        headers={"Idempotency-Key": key(), **CSV_TYPE},
    )
    assert answer.status_code == 200, answer.text
    person = s.world.vault.person_of(f"T-{number:04}")
    post = {"area": community, "kind": "liaison", "chain": [person]}
    made = await commander.do("/posts", {"posts": [post]})
    target = f"{community}c01b001"
    party = {"kind": "person", "id": person}
    row = {"kind": "building", "target": target, "party": party}
    await commander.do("/packages/assign", {"rows": [row]})
    where = {"area": community, "basis": "平时演练通知"}
    opening = await commander.do("/checkins/openings", where)
    for stage in ("present", "left"):
        said = {"person": person, "stage": stage, "source": "staff"}
        await commander.do("/checkins", said)
    return {
        "person": person,
        "post": made["posts"][0],
        "target": target,
        "opening": opening["id"],
        "stretch": f"{person}.1",
    }


async def goods_there(
    s: Service, area: str, site: str, emergency: str
) -> dict[str, str]:
    """Make two stations of a street and one slip of each kind; return the ids."""
    boss, office = await s.as_("commander"), await s.as_("administrator")
    other, lot = f"{site[:9]}-s2", f"L-{site[:9]}"
    answer = await office.http.post(
        f"{API}/items/import?seen_seq={s.head}",
        content=CATALOGUE.encode(),
        headers={"Idempotency-Key": key(), **CSV_TYPE},
    )
    assert answer.status_code == 200, answer.text
    for station in (site, other):
        await boss.do("/stations", {"site": station})
    at, line = {"station": site}, {"item": "mask-n95", "quantity": 1_000}
    squad, one = {"kind": "squad", "id": "一队"}, [{"item": "mask-n95", "quantity": 9}]

    async def slip(path: str, **body: Any) -> str:
        return (await boss.do(path, body))["id"]

    taken = {"kind": "requisition", "id": "某酒店"}
    quilts = [{"item": "quilt", "quantity": 50, "lot": f"Q-{site[:9]}"}]
    given = {"source": {"kind": "donation"}, "donor": {"name": "某公司"}}
    given["donor"]["organisation"] = True
    gift = await slip("/stock/receive", **at, **given, lines=[{**line, "lot": lot}])
    asked = {"area": site[:9] + "001", "lines": one}
    request = await slip("/requests", **asked)
    await boss.do(f"/requests/{request}/triage", {**at, "priority": 3, "lines": one})
    leg = {"source": site, "to": other, "item": "mask-n95", "quantity": 7}
    legs = {"area": area, "digest": "0" * 64, "legs": [leg], "reason": "补足"}
    ordered = await boss.do("/stock/reallocate", legs)
    await s.world.reached(s.head)
    return {
        "station": site,
        "other": other,
        "lot": lot,
        "slip": gift,
        "requisition": await slip(
            "/stock/receive", **at, source=taken, emergency=emergency, lines=quilts
        ),
        "reservation": await slip("/stock/reserve", **at, purpose=squad, lines=one),
        "issue": await slip("/stock/issue", **at, to=squad, lines=one),
        "shipment": await slip("/transfers/ship", **at, to=other, lines=one),
        "ordered": ordered["transfers"][0]["slip"],
        "count": await slip("/counts", **at),
        "request": request,
    }


FAULT = {"field", "row", "name_zh", "name_en", "zh", "en"}


def is_error(answer: httpx.Response, *codes: str) -> None:
    """Check that an answer has the one shape of every no, and one of ``codes``."""
    body = answer.json()
    assert set(body) == {"code", "zh", "en", "fields", "facts"}, body
    assert body["zh"], body
    assert body["en"], body
    assert all(set(f) == FAULT for f in body["fields"]), body
    assert isinstance(body["facts"], dict)
    if codes:
        assert body["code"] in codes, body
