"""Somebody at the command screen: pages signed in, and what they show."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from api.demo.accounts import PASSWORD
from tests.api.served import decisions
from tests.conftest import LOCAL_HOSTS, NETWORK_SCHEMES
from tests.given import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

    from tests.api.served import Process

AREAS = """\
code,name,level,parent_code
310117000000,松江区,district,
310117001000,岳阳街道,street,310117000000
310117001001,龙潭居委会,community,310117001000
310117001002,菜花泾居委会,community,310117001000
310117002000,永丰街道,street,310117000000
310117002001,仓城居委会,community,310117002000
310117002002,田雍居委会,community,310117002000
310117102000,泗泾镇,street,310117000000
310117102001,润江社区居委会,community,310117102000
310117102201,张泾村委会,community,310117102000
"""
DISTRICT = "310117000000"
STREET, OTHER_STREET = "310117001000", "310117002000"
COMMUNITY, OTHER_COMMUNITY = "310117001001", "310117002001"
CENTRE = "310117001-s1"
STATION = f"{COMMUNITY}-s1"
STREET_AREAS = 3
"""A street with its two communities."""

COMMANDER, DEPUTY, DUTY = "zongzhihui", "fuzhihui", "zhibanzhang"
AUDITOR, ADMINISTRATOR = "ducha", "guanli"
STAFF, SECRETARY = "jiezhen", "shuji"
OTHER_STAFF = "yongfeng"

expect.set_options(timeout=PATIENCE_SECONDS * 1_000)
_numbers = itertools.count(1)
PROBES = Path(__file__).with_name("probes.js").read_text("utf-8").strip()
HAN = re.compile("[\u3400-\u9fff]+")
WIDE, LAPTOP, PHONE = (1920, 1080), (1366, 768), (390, 844)


# --- servers -----------------------------------------------------------------------


@dataclass
class Served:
    """A running server, which may be killed and started again at its address."""

    process: Process
    again: Callable[[int], Process]
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.process.url

    def restart(self) -> None:
        """Start it again on the port it had."""
        self.process = self.again(urlsplit(self.process.url).port or 0)

    def get(self, path: str, **params: Any) -> Any:
        """Return what the API answers the operator of this machine."""
        headers = {"Authorization": f"Bearer {self.process.token}"}
        answer = httpx.get(
            f"{self.url}/api/v1/{path}",
            params=params,
            headers=headers,
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def head(self) -> int:
        """The end of the log as the screens may know it."""
        return int(self.get(f"areas/{DISTRICT}/board")["head"])

    def facts(self, after: int, name: str = "") -> list[dict[str, Any]]:
        """Return the facts after a seq whose name begins so."""
        # As they stand with the newest decision, whatever the views have reached.
        found = self.get("facts", area=DISTRICT, after=after, min_seq=self.head)[
            "facts"
        ]
        return [fact for fact in found if fact["name"].startswith(name)]

    def post(self, who: str, path: str, **body: Any) -> Any:
        """Return the receipt of a decision somebody takes elsewhere."""
        if decisions().fullmatch(f"/{path}"):
            body = {"seen_seq": self.head, **body}
        answer = httpx.post(
            f"{self.url}/api/v1/{path}",
            json=body,
            cookies={"pingzhan": self.session(who)},
            headers={"Idempotency-Key": f"elsewhere-{next(_numbers):06}"},
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        )
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def session(self, who: str) -> str:
        """Return the cookie of somebody's session, opened once."""
        if who not in self.cookies:
            answer = httpx.post(
                f"{self.url}/api/v1/session",
                json={"account": who, "password": PASSWORD},
                trust_env=False,
                timeout=PATIENCE_SECONDS,
            )
            assert answer.status_code == 200, answer.text
            self.cookies[who] = answer.cookies["pingzhan"]
        return self.cookies[who]


# --- visitors ----------------------------------------------------------------------


@dataclass
class Visitors:
    """Opens pages; an error in one, or a way out of this machine, is a fault.

    A person's pages share a browser context, and its cache, as long as this lives.
    """

    browser: Browser
    faults: list[str] = field(default_factory=list)
    known: dict[tuple[Any, ...], BrowserContext] = field(default_factory=dict)
    strangers: list[BrowserContext] = field(default_factory=list)

    def context(
        self, size: tuple[int, int] = WIDE, locale: str = "zh-CN"
    ) -> BrowserContext:
        """Return an empty browser context."""
        context = self.browser.new_context(
            locale=locale,
            timezone_id="Asia/Shanghai",
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1_000)
        context.on("request", lambda request: self._watch(request.url))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("console", self._listen)
        return context

    def _watch(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in NETWORK_SCHEMES and parts.hostname not in LOCAL_HOSTS:
            self.faults.append(f"asked for {url}")

    def _listen(self, message: Any) -> None:
        # A refused or broken request is told there too, and is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def stranger(
        self, size: tuple[int, int] = WIDE, locale: str = "zh-CN"
    ) -> BrowserContext:
        """Return a context of this test's own, that has not signed in."""
        context = self.context(size, locale)
        self.strangers.append(context)
        return context

    def page(
        self,
        served: Served,
        who: str,
        *,
        size: tuple[int, int] = WIDE,
        locale: str = "zh-CN",
    ) -> Page:
        """Return an empty page of somebody signed in."""
        key = (served.url, who, size, locale)
        if key not in self.known:
            self.known[key] = self.context(size, locale)
        context = self.known[key]
        context.add_cookies(
            [{"name": "pingzhan", "value": served.session(who), "url": served.url}]
        )
        return context.new_page()

    def __call__(
        self,
        served: Served,
        who: str,
        area: str = DISTRICT,
        *,
        size: tuple[int, int] = WIDE,
        locale: str = "zh-CN",
    ) -> Page:
        """Return the board of an area, as ``who`` sees it."""
        page = self.page(served, who, size=size, locale=locale)
        visit(page, served, area)
        return page

    def leave(self) -> None:
        """Close every page; no page may have had a fault."""
        for context in self.known.values():
            for page in context.pages:
                page.close()
            context.set_offline(False)
        for context in self.strangers:
            context.close()
        self.strangers.clear()
        faults, self.faults = self.faults, []
        assert not faults, faults


def sign_in(page: Page, password: str = PASSWORD, who: str = AUDITOR) -> None:
    """Fill the form in and send it."""
    page.locator("#login-account").fill(who)
    page.locator("#login-password").fill(password)
    page.locator("#login [type=submit]").click()


def visit(page: Page, served: Served, area: str) -> None:
    """Load the board of an area anew; wait until it is painted and follows the log."""
    page.goto(f"{served.url}/?area={area}", wait_until="domcontentloaded")
    shows(page, area)
    live(page)


def console(page: Page, served: Served, path: str) -> None:
    """Load a page beside the board; wait until it is painted and follows the log."""
    page.goto(f"{served.url}{path}", wait_until="domcontentloaded")
    ready(page)


def ready(page: Page) -> None:
    """Wait until a page beside the board is painted and follows the log."""
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    live(page)


def shows(page: Page, area: str) -> None:
    """Wait until the board of an area is painted."""
    html = page.locator("html")
    expect(html).to_have_attribute("data-ready", "1")
    expect(html).to_have_attribute("data-area", area)


def live(page: Page) -> None:
    """Wait until the page follows the log."""
    expect(page.locator("#state")).to_have_attribute("data-status", "live")


def seq_of(page: Page) -> int:
    """Return the log position on show."""
    return int(page.locator("html").get_attribute("data-seq") or 0)


def reach(page: Page, seq: int) -> None:
    """Wait until the page shows this log position or a later one."""
    page.wait_for_function(
        "seq => Number(document.documentElement.dataset.seq) >= seq", arg=seq
    )


def mark(page: Page) -> None:
    """Leave a mark that a reload would lose."""
    page.evaluate("window.neverReloaded = true")


def never_reloaded(page: Page) -> bool:
    """Tell whether the mark is still there."""
    return bool(page.evaluate("window.neverReloaded === true"))


def kpi(page: Page, name: str) -> Locator:
    """Return a number of the overview."""
    return page.locator(f'[data-kpi="{name}"] b')


def step(page: Page, site: str, name: str) -> Locator:
    """Return a step on a site's card."""
    return page.locator(f'[data-site="{site}"] .step[data-step="{name}"]')


def done(page: Page, site: str, name: str) -> int:
    """Complete a step on the page; return the log position that shows it."""
    before = seq_of(page)
    step(page, site, name).locator("button[value=complete]").click()
    expect(step(page, site, name)).to_have_attribute("data-state", "DONE")
    reach(page, before + 1)
    return seq_of(page)


def probe(page: Page, name: str, given: Any = None) -> Any:
    """Return what a probe of ``probes.js`` finds on the page."""
    return page.evaluate(f"(given) => ({PROBES}).{name}(given)", given)


def picture(page: Page) -> Any:
    """Return what a board says, without the times that pass meanwhile."""
    return probe(page, "picture")


_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}


def grave(page: Page) -> list[str]:
    """Return what axe calls serious or critical."""
    found = Axe().run(page, options=_OPTIONS).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def names(value: Any, key: str = "") -> Iterator[str]:
    """Yield the texts of an answer that are no wording: all but the Chinese ones."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from names(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, key)
    elif isinstance(value, str) and key != "zh" and not key.endswith("_zh"):
        yield value


def wording(page: Page, data: set[str]) -> set[str]:
    """Return the Chinese on the page that no data accounts for."""
    left = set()
    for text in probe(page, "wording"):
        rest = text
        for known in sorted(data, key=len, reverse=True):
            rest = rest.replace(known, " ")
        left |= {
            run for run in HAN.findall(rest) if not any(run in known for known in data)
        }
    return left


# --- orders ------------------------------------------------------------------------


def write_order(page: Page, **changes: str) -> None:
    """Open the order dialog and fill it in; a change to empty leaves a field out."""
    page.locator("#open-order").click()
    form = page.locator("#order-form")
    expect(form.locator("[name=playbook] option")).to_have_count(1)
    level = changes.pop("level", "III")
    given = {
        "matter": "散发病例处置",
        "basis": "沪松应急〔2026〕3 号",
        "measures": "启用采样点，重点人群采样",
        "expected_hours": "72",
        **changes,
    }
    form.locator(f"[name=level][value={level}]").check(force=True)
    for name, value in given.items():
        form.locator(f"[name={name}]").fill(value)


def to_confirm(page: Page, dialog: str = "order") -> None:
    """Go on to the preview of what the decision would change."""
    page.locator(f"#{dialog}-form [type=submit]").click()
    expect(send(page, dialog)).to_be_visible()


def send(page: Page, dialog: str = "order") -> Locator:
    """Return the button that gives the order."""
    return page.locator(f"#{dialog} [data-go=send]")


def receipt(page: Page, dialog: str = "order") -> int:
    """Wait for the receipt; return the log position it names."""
    button = page.locator(f"#{dialog}-receipt [data-receipt]")
    expect(button).to_be_visible()
    return int(button.get_attribute("data-receipt") or 0)


def order(page: Page, **changes: str) -> int:
    """Order a switch through the dialog; return its log position."""
    write_order(page, **changes)
    to_confirm(page)
    send(page).click()
    seq = receipt(page)
    page.locator("#order [data-step=receipt] [data-close]").click()
    return seq


def flood(area: str, **changes: Any) -> dict[str, Any]:
    """Return the body of a declaration of a flood."""
    return {
        "hazard": "flood",
        "level": "III",
        "scope": [area],
        "excluded": [],
        "basis": "沪松防汛〔2026〕7 号",
        "matter": "暴雨黄色预警，低洼地区转移",
        "measures": "启用安置点，抢险队伍集结",
        "expected_hours": 24,
        "playbook": "flood-typhoon",
        **changes,
    }
