"""The console in Korean: what the engine tells is Korean too, on every page that shows it and in every answer that
the console's script gets. Programs get English."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from flask import Flask

from hookassay.mockserver.client import Client
from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.engine import recognition
from hookassay.mockserver.engine.sentences import SENTENCES
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.running import running
from hookassay.mockserver.web import language, telling
from hookassay.schemas import catalogue, members, validation
from hookassay.schemas.contract import Event, Json
from tests.engine.receiver import Behaviour, Receiver, always
from tests.engine.test_whys import BUGS
from tests.web.test_translations import causes_and_forgeries

*_USUALLY, _LARGEST = catalogue.find()  # LiveChat's takes as long as all others together

ENGLISH = re.compile(r"[A-Za-z][a-z’']*(?:,? [a-z’']+){2,}")
"""Three words of English in a row; names of events, members and commands are no such thing."""
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def english(text: str) -> bool:
    """Whether a text holds English that is no data: that stands in quotes."""
    return ENGLISH.search(QUOTED.sub("", text)) is not None


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
        for kind in ("lose-answer", "duplicate", "delay", "reorder", "burst", "truncated-body", "old-secret"):
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
        receiver.behaviour = always(200)
        for provider in made.call("GET", "/providers"):
            wish = {"provider": provider["name"], "event": provider["events"][0]}
            made.call("POST", "/trigger", {**wish, "payload": {"no": "such", "thing": [None]}, "force": True})
        label = "wrong on purpose: signed with the key and a line feed"
        line = {"provider": "gitple", "event": "session_state_close", "method": "POST", "headers": [], "body": "{}"}
        attempt = {"at": "2026-11-22T00:00:00Z", "elapsed": 0.1, "status": 401, "faults": [label]}
        text = json.dumps({**line, "url": receiver.url, "attempts": [attempt]})
        made.call("POST", "/import", {"as": "ndjson", "origin": "send", "text": text})
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
            if english(text):
                left.setdefault(text, address)
    assert seen > 1000
    assert "\n".join(sorted(left)) == ""


def test_the_script_gets_the_language_of_its_page(mock: Client) -> None:
    """Verify against wrong receivers, an invalid document, a refusal with its cause, an act that is refused."""
    receiver = Receiver()
    answers: list[Any] = []

    def ask(method: str, path: str, body: Json = None, status: int = 200) -> Any:
        found = requests.request(
            method, f"{mock.url}/api{path}", json=body, headers={"Hookassay-Language": "ko"}, timeout=60
        )
        assert found.status_code == status, found.text
        answers.append(found.json())
        return found.json()

    google = mock.provider("gbm").endpoint(receiver.url)
    wrong: list[Behaviour] = [always(200, b""), always(200, b"{}"), always(200, b"x"), always(404)]
    for receiver.behaviour in wrong:
        assert not ask("POST", f"/endpoints/{google.id}/verify", {})["verified"]
    mock.call("PATCH", f"/endpoints/{google.id}", {"url": "http://127.0.0.1:9/closed"})
    ask("POST", f"/endpoints/{google.id}/verify", {})
    event = {"provider": "gitple", "event": "session_state_close", "force": True}
    built = ask("POST", "/build", {**event, "set": {"session.id": [], "sesion": 1}, "remove": ["triggerId"]})
    assert len(built["errors"]) >= 2
    gitple = mock.provider("gitple").endpoint(receiver.url, secret="gitple-secret")
    refusing = always(403)
    for receiver.behaviour in (BUGS["python-json"][0], refusing):
        mock.call("POST", "/trigger", {**event, "endpoints": [gitple.id], "set": {"session.note": "환불 1.0 / é"}})
        mock.settle()
        job = ask("POST", f"/deliveries/{mock.search('reaction:refused')[0].id}/why", {}, 202)
        while job["running"]:
            job = ask("GET", f"/why/{job['job']}")
        assert job["proven"] == (receiver.behaviour is not refusing), job
    receiver.close()
    ask("POST", f"/deliveries/{mock.search('outcome:delivered')[0].id}/why", {}, 409)
    ask("PATCH", f"/endpoints/{gitple.id}", {"url": "http://192.0.2.1/hook"}, 422)
    told = [text for answer in answers for text in _texts(answer)]
    assert sum(bool(re.search("[가-힣]", text)) for text in told) > 20
    assert [text for text in told if english(text)] == []


def _texts(answer: dict[str, Any]) -> Iterator[str]:
    """What an answer tells people: not data, and not what stands for programs."""
    for key in ("sent", "answered", "compared", "text", "detail"):
        if answer.get(key):
            yield answer[key]
    for error in answer.get("errors", ()):
        yield error["detail"] if isinstance(error, dict) else error


@pytest.fixture
def korean() -> Iterator[None]:
    """A request of the script of a Korean page."""
    app = Flask(telling.__name__)
    language.install(app)
    with app.test_request_context(headers={"Hookassay-Language": "ko"}):
        yield


@pytest.mark.usefixtures("korean")
def test_every_cause_and_every_forgery_is_said_in_korean() -> None:
    """Whole sentences: no value in them is English either."""
    told = {text: telling.told(text) for text in causes_and_forgeries()}
    assert len(told) > 400
    assert [korean for korean in told.values() if english(korean)] == []
    assert all(re.search("[가-힣]", korean) for korean in told.values())


@pytest.mark.usefixtures("korean")
@pytest.mark.parametrize("name", [*_USUALLY, pytest.param(_LARGEST, marks=pytest.mark.thorough)])
def test_what_validation_says_is_said_in_korean(name: str) -> None:
    """Of documents that are wrong in each place in each way; the English stays what validation said."""
    left: set[str] = set()
    seen = 0
    for event in catalogue.load(name).events.values():
        for document in _wrong(event):
            found = validation.problems(event, document)
            told = recognition.problems(found)
            assert [str(one) for one in found] == list(told)
            seen += len(told)
            left.update(one for one in map(telling.told, told) if english(one))
    assert seen > 100
    assert left == set()


def _wrong(event: Event) -> Iterator[Json]:
    document = event.full.document
    yield from (None, [], "text", {**document, "unheard_of": 1})
    for member in members.walk(event.expanded, document):
        if member.pointer:
            yield overrides.apply(document, Overrides(remove=(member.pointer,)))
            for value in (None, 5, -1, "", "x", "a\nb", True, [], {}, [1], {"a": 1}):
                yield overrides.apply(document, Overrides({member.pointer: value}))


def test_the_api_stays_english(mock: Client) -> None:
    """Whatever the reader's language: programs compare texts."""
    for headers in ({}, {"Accept-Language": "ko"}, {"Cookie": "hookassay-lang=ko"}, {"Hookassay-Language": "xx"}):
        address = f"{mock.url}/api/deliveries?q=outcome:off&limit=10"
        rows = requests.get(address, headers=headers, timeout=30).json()["items"]
        assert rows and all(row["told"].startswith("switched off after ") for row in rows), headers


def test_every_sentence_is_kept_and_read_again() -> None:
    """What a database holds is the sentence, not its English."""
    from hookassay.mockserver.engine.texts import packed, unpacked

    for code, template in SENTENCES.items():
        values = {name: 7 for name in re.findall(r"%\((\w+)\)s", template)}
        told = Told(code, **values)
        again = unpacked(packed([[3, told], "other"]))
        assert again == copy.deepcopy(again) == [[3, told], "other"]
        assert isinstance(again[0][1], Told) and (again[0][1].code, again[0][1].values) == (code, values)
