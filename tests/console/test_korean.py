"""The console's Korean where answers come by script: Verify, an invalid document, why a delivery was refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hookassay.mockserver.client import Client
from tests.console.conftest import begin_anew
from tests.engine.receiver import Receiver, always
from tests.web.test_korean import english

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page


@pytest.fixture
def page(browser: Browser, mock: Client) -> Iterator[Page]:
    begin_anew(mock)
    context = browser.new_context(base_url=mock.url, locale="ko-KR")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def said(place: Locator) -> str:
    """What stands there, once it is Korean; no line of it is English."""
    place.get_by_text(re.compile("[가-힣]")).first.wait_for()
    text = place.inner_text()
    assert [line for line in text.splitlines() if english(line)] == []
    return text


def test_verifying_a_wrong_receiver(page: Page, mock: Client, receiver: Receiver) -> None:
    """The three steps, with the text that was asked for."""
    receiver.behaviour = always(200, b'{"secret": "no"}')
    endpoint = mock.provider("gbm").endpoint(receiver.url, name="mine")
    page.goto("/endpoints")
    card = page.locator(f"#e{endpoint.id}")
    card.get_by_role("button", name="확인", exact=True).click()
    card.locator(".steps mark").first.wait_for()
    steps = said(card.locator(".steps"))
    assert json.loads(receiver.got[-1].body)["secret"] in steps
    assert "응답이 JSON 문서입니다" in steps


def test_an_invalid_document_and_a_refused_act(page: Page, mock: Client) -> None:
    """What the contract has against it, before it is sent; an address that nothing is sent to."""
    page.goto("/send?provider=gitple&event=session_state_close")
    area = page.locator("#document")
    area.fill(area.input_value().replace('"session": {', '"session": {"tags": 5, '))
    document = json.loads(area.input_value())
    document["session"]["id"] = 5
    area.fill(json.dumps(document))
    page.locator("#problems li").get_by_text("$.session.id: 5").wait_for()
    assert "$.session.id: 5: 'string' 타입이어야 합니다" in said(page.locator("#problems"))
    page.goto("/endpoints/new/gitple")
    page.get_by_label("URL").fill("http://192.0.2.1/hook")
    page.get_by_role("button", name="추가").click()
    assert "--allow-target 192.0.2.1" in said(page.locator("[role=alert]:visible"))


def test_why_a_delivery_was_refused(page: Page, mock: Client, receiver: Receiver) -> None:
    """The cause in Korean; what was tried for it is folded in the list, and is no reason to look."""
    receiver.behaviour = lambda got: (200, b"") if got.path.endswith("/") else (401, b"")
    mock.provider("gitple").endpoint(f"{receiver.url}/hook")
    mock.provider("gitple").trigger("session_state_close")
    mock.settle()
    page.goto(f"/?d={mock.search('reaction:refused')[0].id}")
    page.get_by_role("button", name="왜 거부되었나요?").click()
    page.locator("[data-why-box] .note").wait_for(timeout=90_000)
    assert "수신 서버가 끝에 슬래시가 붙은 같은 주소에서 받습니다" in said(page.locator("[data-why-box]"))
    page.goto("/?show=look")
    assert page.locator(".group").count() == 1
    page.goto("/?show=all")
    page.get_by_text(re.compile("그 밖의 요청 [0-9]+건")).click()
    page.wait_for_url(re.compile("origin"))
    tried = len(receiver.got) - 1
    page.wait_for_function("count => document.querySelectorAll('[data-row]').length === count", arg=tried)
