"""The console in Korean: what the engine tells is Korean too, on every page that shows it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import requests

from hookassay.mockserver.client import Client
from hookassay.mockserver.engine.texts import SENTENCES, Told
from hookassay.mockserver.running import running
from tests.engine.receiver import Receiver, always

ENGLISH = re.compile(r"[A-Za-z][a-z’']*(?:,? [a-z’']+){2,}")
"""Three words of English in a row; names of events, members and commands are no such thing."""


class Main(HTMLParser):
    """The texts of a page's main part, and what its elements say on hover; without code, data and what was typed."""

    _SILENT = {"code", "pre", "textarea", "option", "script"}
    _VOID = {"input", "br", "meta", "link", "img", "path"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in self._VOID:
            self._open.append(tag)
        if tag == "table" and ("class", "headers") in attributes:  # data of a request or an answer
            self._open.append("code")
        if "main" in self._open:
            self.texts += [value for name, value in attributes if name in ("title", "aria-label") and value]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "main" in self._open and not self._SILENT.intersection(self._open) and data.strip():
            self.texts.append(" ".join(data.split()))


@pytest.fixture(scope="module")
def mock() -> Iterator[Client]:
    """A mock to which everything has happened that its engine has a word for."""
    receiver = Receiver()
    with running(hello=True) as made:
        for provider in made.call("GET", "/providers"):
            made.provider(provider["name"]).endpoint(f"{receiver.url}/{provider['name']}")
        off = made.provider("gitple").endpoint(f"{receiver.url}/off")
        made.call("PATCH", f"/endpoints/{off.id}", {"enabled": False})
        made.provider("gitple").endpoint("http://user:password@127.0.0.1:9/none")
        for kind in ("lose-answer", "duplicate", "truncated-body"):
            off.fault(kind, next=2)
        for endpoint in made.endpoints():
            endpoint.fault("lose-answer", every=3)
        receiver.behaviour = always(500)
        for provider in made.call("GET", "/providers"):
            for event in provider["events"]:
                made.call("POST", "/trigger", {"provider": provider["name"], "event": event})
        for scenario in made.call("GET", "/scenarios"):
            made.call("POST", f"/scenarios/{scenario['provider']}/{scenario['name']}/runs", {})
        made.push(to="idle")
        yield made
    receiver.close()


def _addresses(mock: Client) -> Iterator[str]:
    yield from ("/", "/?show=all", "/endpoints", "/scenarios", "/inbox", "/import", "/send")
    rows = mock.call("GET", "/deliveries", limit=100)["items"]
    different = {(row["provider"], row["told"], *row["faults"]): row["id"] for row in rows}
    yield from (f"/?show=all&d={ident}" for ident in different.values())
    yield from (f"/scenarios?run={run['id']}" for run in mock.call("GET", "/runs"))


def test_no_english_is_left_in_the_main_parts(mock: Client) -> None:
    """Who reads Korean reads Korean: what happened, why nothing was sent, what the vendor does, what a fault did."""
    left: dict[str, str] = {}
    seen = 0
    titles = [scenario["title"] for scenario in mock.call("GET", "/scenarios")]  # data: in two languages at once
    for address in _addresses(mock):
        page = requests.get(mock.url + address, headers={"Accept-Language": "ko"}, timeout=30)
        texts = Main(page.text).texts
        assert page.status_code == 200 and any(re.search("[가-힣]", text) for text in texts)
        seen += len(texts)
        for text in texts:
            for title in titles:
                text = text.replace(title, "")
            if ENGLISH.search(text):
                left.setdefault(text, address)
    assert seen > 1000
    assert "\n".join(sorted(left)) == ""


def test_the_api_stays_english(mock: Client) -> None:
    """Whatever the reader's language: programs compare texts."""
    for row in mock.call("GET", "/deliveries", q="outcome:off", limit=10)["items"]:
        assert row["told"].startswith("switched off after ")


def test_every_sentence_is_kept_and_read_again() -> None:
    """What a database holds is the sentence, not its English."""
    from hookassay.mockserver.engine.texts import packed, unpacked

    for code, template in SENTENCES.items():
        values = {name: 7 for name in re.findall(r"%\((\w+)\)s", template)}
        told = Told(code, **values)
        again = unpacked(packed([[3, told], "other"]))
        assert again == copy.deepcopy(again) == [[3, told], "other"]
        assert isinstance(again[0][1], Told) and (again[0][1].code, again[0][1].values) == (code, values)
