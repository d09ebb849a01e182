"""A mock that wants a token: its page takes it from the address, or asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hookassay.mockserver.engine import Options
from hookassay.mockserver.web.security import Access
from hookassay.mockserver.web.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    with Serving(Options(hello=False), Access(token="correct-horse")) as serving:
        yield serving.url


def test_the_address_of_the_terminal_opens_the_console(browser: Browser, guarded: str) -> None:
    """The token leaves the address at once, and no request has it in its URL."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{guarded}/#token=correct-horse")
    page.locator("#strip").wait_for()
    assert "correct-horse" not in page.url
    assert not [url for url in asked if "correct-horse" in url.partition("#")[0]]
    page.goto(f"{guarded}/endpoints")
    assert page.locator("h1").inner_text() == "Endpoints"
    context.close()


def test_a_wrong_token_is_said(browser: Browser, guarded: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(guarded)
    page.locator("#token").fill("wrong")
    page.get_by_role("button").click()
    page.get_by_text("This is not the token").wait_for()
    page.locator("#token").fill("correct-horse")
    page.get_by_role("button").click()
    page.locator("#strip").wait_for()
    context.close()
