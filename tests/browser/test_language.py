"""Two languages: nothing untranslated, nothing half translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment
from playwright.sync_api import expect

import api.web
from api.web import i18n
from tests.browser.screen import (
    AUDITOR,
    COMMANDER,
    COMMUNITY,
    DISTRICT,
    HAN,
    STATION,
    STREET,
    Served,
    Visitors,
    live,
    names,
    shows,
    visit,
    wording,
)

WEB = Path(api.web.__file__).parent
PLACES = re.compile(r"\{(\w+)\}")
CALL = re.compile(r'(?<![\w.])t\(\s*("|[A-Z]+\[|[^)]*)')
LITERAL = re.compile(r'(?<![\w.])t\(\s*"((?:[^"\\]|\\.)*)"')
TABLE = re.compile(r"const [A-Z_]+ = (\{(?!\s*code:).*?\});", re.DOTALL)
BOTH = ("演练 DRILL",)
"""Said in both languages to every reader."""


def used() -> Iterator[tuple[str, str]]:
    """Yield every text the screens translate, with the file that does."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in sorted(WEB.glob("templates/*.html")):
        for _line, _function, text in environment.extract_translations(
            path.read_text("utf-8")
        ):
            assert isinstance(text, str)
            yield path.name, text
    for path in sorted(WEB.glob("static/*.js")):
        source = path.read_text("utf-8")
        for text in LITERAL.findall(source):
            yield path.name, text
        for table in TABLE.findall(source):
            for text in re.findall(r'"([^"]+)"', table):
                if HAN.search(text):
                    yield path.name, text


def test_every_text_has_an_english_one():
    """With the same places to fill in, and none left over."""
    texts = {text: name for name, text in used()}
    assert len(texts) > 150
    english = i18n.js_catalog("en")
    assert {t: f for t, f in texts.items() if t not in english} == {}
    assert [t for t in english if t not in texts] == []
    for text, said in english.items():
        assert sorted(PLACES.findall(text)) == sorted(PLACES.findall(said)), text
        if text not in BOTH:
            assert not HAN.search(said), text


def test_no_text_is_translated_that_cannot_be_found():
    """``t`` is given a text as it stands, or one of a table."""
    for path in WEB.glob("static/*.js"):
        if path.name in ("fmt.js", "i18n.js", "words.js"):
            continue
        found = set(CALL.findall(path.read_text("utf-8")))
        strange = {call for call in found if not re.fullmatch(r'"|[A-Z]+\[', call)}
        assert strange == set(), (path.name, found)


def test_no_chinese_stands_outside_translations():
    """Text of a page goes through a translation."""
    for path in WEB.glob("static/*.js"):
        source = LITERAL.sub("", TABLE.sub("", path.read_text("utf-8")))
        source = re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)
        source = re.sub(r"const [A-Z_]+ = \{\s*code:[^}]*\};", "", source)
        source = re.sub(r"/\([^\n]*\)\$?/", "", source)  # name endings that are cut
        assert [*HAN.findall(source)] == [], path.name


# --- in the browser ----------------------------------------------------------------


def test_an_english_page_speaks_english(converting: Served, visitors: Visitors):
    """But for the names of places and what people wrote."""
    data: set[str] = {"松江区"}
    for area in (DISTRICT, STREET, COMMUNITY):
        data.update(names(converting.get(f"areas/{area}/board")))
        data.update(names(converting.get("facts", area=area)))
        data.update(names(converting.get(f"areas/{area}/children")))  # to choose from
    data = {text for text in data if HAN.search(text)}
    page = visitors(converting, COMMANDER, locale="en-US")
    data.add(str(page.locator(".who strong").text_content()))
    for area in (DISTRICT, STREET, COMMUNITY):
        visit(page, converting, area)
        assert wording(page, data) == set(), area
    page.locator("#facts button.seq").first.click()
    expect(page.locator("#drawer .fact-detail")).to_be_visible()
    told = page.locator("#drawer pre")
    told.evaluate("node => node.remove()")  # the payload as it is stored
    assert wording(page, data) == set()
    page.locator("#drawer [data-close]").click()
    page.locator("#open-order").click()
    expect(page.locator("#order-playbook option")).to_have_count(1)
    page.locator("#order-form [type=submit]").click()
    assert wording(page, data) == set()
    page.locator("#order [data-close]").first.click()
    page.locator("#open-end").click()
    assert wording(page, data) == set()


def test_the_language_is_chosen_and_stays(peace: Served, visitors: Visitors):
    """Chinese unless the browser or its reader wants otherwise."""
    page = visitors.stranger().new_page()
    page.goto(f"{peace.url}/login", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.locator("button[data-lang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.context.add_cookies(
        [{"name": "pingzhan", "value": peace.session(AUDITOR), "url": peace.url}]
    )
    visit(page, peace, STREET)
    expect(page.locator("#banner strong")).to_have_text("Peacetime")
    page.reload(wait_until="domcontentloaded")
    shows(page, STREET)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("button[data-lang=zh_CN]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    shows(page, STREET)
    live(page)
    expect(page.locator("#banner strong")).to_have_text("平时")
    expect(page.locator(f'[data-site="{STATION}"]')).to_have_count(0)


def test_an_unknown_language_falls_back_to_chinese(peace: Served, visitors: Visitors):
    """What we do not speak is answered in the source language."""
    page = visitors.stranger(locale="fr-FR").new_page()
    page.goto(f"{peace.url}/login", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
