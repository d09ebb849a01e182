"""The keyboard, also while a Korean input method is on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hookassay.mockserver.client import Client

if TYPE_CHECKING:
    from playwright.sync_api import Page


def pressed(page: Page, code: str, key: str) -> None:
    """A key as a browser reports it: its place, and what an input method made of it."""
    page.evaluate(
        "([code, key]) => (document.activeElement ?? document.body)"
        ".dispatchEvent(new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true }))",
        [code, key],
    )


def test_through_the_list_and_back(page: Page) -> None:
    """j, k, Enter; the detail's heading has the focus; Esc goes back to the row."""
    page.goto("/?show=all")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.id")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") != second
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"d={second[1:]}"))
    page.wait_for_function("() => document.activeElement.id === 'sentence'")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == second


def test_with_a_korean_input_method(page: Page) -> None:
    """The key's place counts: `key` is ㅓ, or `Process`."""
    page.goto("/?show=all")
    page.locator("[data-row]").first.click()
    page.locator("#replay").wait_for()
    pressed(page, "KeyR", "ㄱ")
    assert page.locator("#replay[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("#replay[open]").count() == 0
    pressed(page, "Slash", "Process")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    pressed(page, "KeyC", "ㅊ")
    page.wait_for_function("() => navigator.clipboard.readText().then((text) => text.startsWith('curl'))")
    pressed(page, "KeyE", "ㄷ")
    page.locator("#document").wait_for()


def test_single_keys_can_be_switched_off(page: Page, mock: Client) -> None:
    """WCAG 2.1.4; and the choice is kept."""
    page.goto("/?show=all")
    page.keyboard.press("Shift+Slash")
    page.get_by_label("Single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"
    page.reload()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"


def test_keys_do_not_disturb_typing(page: Page) -> None:
    page.goto("/?show=all")
    page.locator("#q").focus()
    page.keyboard.type("jkrc/?")
    assert page.locator("#q").input_value() == "jkrc/?"
