"""The console in a real browser: headless Chromium, driven by Playwright. A console error fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hookassay.mockserver.client import Client
from hookassay.mockserver.running import running
from tests.engine.receiver import Receiver

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed: pip install playwright"
    )
    if CHROMIUM is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with playwright.sync_playwright() as running_playwright:
        started = running_playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def mock() -> Iterator[Client]:
    """A mock that the tests of a module share; each begins with its own state."""
    with running(hello=True) as made:
        yield made


def begin_anew(mock: Client) -> None:
    """The endpoints of a first start, and one event of each provider in the log."""
    mock.reset(everything=True)
    for provider in mock.call("GET", "/providers"):
        mock.call("POST", "/trigger", {"provider": provider["name"], "event": provider["events"][0]})
    assert mock.settle(20)["idle"]


@pytest.fixture
def context(browser: Browser, mock: Client) -> Iterator[BrowserContext]:
    """A window whose pages report every error: a script's, a blocked file's, a broken policy's.

    The mock is as after its first start: an endpoint of each provider, a delivery of each in the log.
    """
    begin_anew(mock)
    made = browser.new_context(base_url=mock.url, viewport={"width": 1280, "height": 800}, locale="en-US")
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    made.set_default_timeout(15_000)
    errors: list[str] = []
    made.on("console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None)
    made.on("weberror", lambda thrown: errors.append(str(thrown.error)))
    yield made
    made.close()
    expected = ("status of 4", "net::ERR_FAILED")  # refusals and an outage that tests provoke; the browser logs them
    assert [text for text in errors if not any(part in text for part in expected)] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()
