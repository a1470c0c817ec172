"""API tokens on the screen: made under one's own account, revoked by whoever may."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import expect

from tests.browser.screen import (
    ADMINISTRATOR,
    COMMANDER,
    PHONE,
    Served,
    Visitors,
    console,
)
from tests.given import PATIENCE_SECONDS


def status(served: Served, secret: str) -> int:
    """Return what a read by a token is answered."""
    return httpx.get(
        f"{served.url}/api/v1/session",
        headers={"Authorization": f"Bearer {secret}"},
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    ).status_code


def test_an_administrator_revokes_somebody_s_token(
    own_peace: Served, visitors: Visitors
):
    """Made for reading unless one chooses otherwise; gone at once when revoked."""
    page = visitors.page(own_peace, COMMANDER)
    console(page, own_peace, "/me")
    secrets = []
    for name, scope in (("大屏", "只读"), ("报送", "读写")):
        page.locator("#open-token").click()
        page.locator("#token-name").fill(name)
        if scope != "只读":
            page.locator("#token-scope").select_option(label=scope)
        page.locator("#token-form [type=submit]").click()
        secret = page.locator("#secret-value")
        expect(secret).to_have_value(re.compile("^pz_"))
        secrets.append(secret.input_value())
        page.locator("#secret-kept").click()
        entry = page.locator("#tokens .entry", has_text=name)
        expect(entry.locator(".state-mark")).to_have_text(scope)
    assert [status(own_peace, one) for one in secrets] == [200, 200]

    admin = visitors.page(own_peace, ADMINISTRATOR, size=PHONE)
    console(admin, own_peace, "/access#tokens")
    row = admin.locator("#tokens tr[data-row]", has_text="大屏")
    expect(row).to_contain_text("只读")
    expect(row).to_contain_text(COMMANDER)
    row.locator("[data-act=revoke]").click()
    expect(admin.locator("#drop")).to_contain_text("大屏")
    admin.locator("#drop-form [type=submit]").click()
    expect(row).to_have_count(0)
    expect(admin.locator("#tokens tr[data-row]")).to_have_count(1)
    assert [status(own_peace, one) for one in secrets] == [401, 200]
