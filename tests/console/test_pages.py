"""Each page is there, says what it is for, and works at both widths, in both schemes and both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest

from hookassay.mockserver.client import Client
from tests.console.conftest import begin_anew

Scheme = Literal["light", "dark"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = {
    "/": "Deliveries",
    "/send": "Send",
    "/endpoints": "Endpoints",
    "/endpoints/new/gbm": "New endpoint",
    "/scenarios": "Scenarios",
    "/contracts": "Contracts",
    "/contracts/gitple/session_state_close": "gitple session_state_close",
    "/inbox": "Inbox",
    "/import": "Import a log",
}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens(page: Page, path: str) -> None:
    """With its title, a heading, and the frame around it; nothing on it is blocked or broken."""
    answer = page.goto(path)
    assert answer is not None and answer.status == 200
    assert page.title() == f"{PAGES[path]} · hookassay"
    assert page.locator("main h1, main h2").first.inner_text()
    assert page.locator("#strip").is_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_serious_stands_in_anybodys_way(browser: Browser, mock: Client, width: int, scheme: Scheme) -> None:
    """axe finds nothing serious or critical on any page, and no page is wider than the screen."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    begin_anew(mock)
    context = browser.new_context(
        base_url=mock.url, viewport={"width": width, "height": 844}, color_scheme=scheme, locale="en-US"
    )
    found = {}
    page = context.new_page()
    for path in (*PAGES, f"/?show=all&d={mock.search('')[0].id}"):
        page.goto(path)
        page.wait_for_function("() => !document.querySelector('time[data-clock]:not(:has(span))')")
        results = axe.run(page).response["violations"]
        serious = [one for one in results if one["impact"] in ("serious", "critical")]
        if serious:
            found[path] = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in serious]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert found == {}


def test_korean_by_the_browsers_choice(browser: Browser, mock: Client) -> None:
    """The whole frame and the sentence are Korean; `?lang=` keeps English; the API stays English."""
    context = browser.new_context(base_url=mock.url, locale="ko-KR")
    page = context.new_page()
    page.goto(f"/?show=all&d={mock.search('')[0].id}")
    assert page.locator("html").get_attribute("lang") == "ko"
    assert re.search("[가-힣]", page.locator("#sentence").inner_text())
    for path in ("/", "/send", "/endpoints", "/scenarios", "/inbox"):
        page.goto(path)
        assert re.search("[가-힣]", page.locator("nav[aria-label]").first.inner_text())
    page.get_by_role("link", name="English").click()
    page.wait_for_url(re.compile("lang=en"))
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "en"
    context.close()


def test_reading_needs_no_script(browser: Browser, mock: Client) -> None:
    """Without JavaScript the log, a delivery and the contracts are still there."""
    context = browser.new_context(base_url=mock.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/?show=all")
    page.locator("[data-row]").first.click()
    assert page.locator("#sentence").inner_text()
    assert "; the inbox answered 200 in " in page.locator("#sentence").inner_text()
    page.goto("/contracts/gitple/session_state_close")
    assert page.locator("table.members tr").count() > 5
    context.close()
