"""What is changed in deliveries: every mutation can be made and sent, and hides what is secret."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from hookassay.conformance.fuzz.case import FILE_TIME
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.mutations import NOT_FOR_HTTP_10, Mutation
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.mutation import grammar
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.mockserver.emission.wire import encode
from hookassay.schemas import catalogue
from tests.fuzz.conftest import plan_of

PROVIDERS = sorted(catalogue.find())
TARGET = Target.parse("http://127.0.0.1:1/webhook")
BODY = b'{"a":[1,2,3]}'


def mutations(cases: Cases, event: str) -> tuple[Mutation, ...]:
    made = cases.of(event)
    return (*made.of_payload, *made.of_request, *made.of_authentication)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_can_be_made_and_written(provider: str) -> None:
    """Every mutation of an event changes some draft, under a name of its own, into bytes of a request."""
    plan = plan_of(provider, seed=3)
    cases = plan.cases()
    for event in list(plan.provider.events)[:3]:
        table = mutations(cases, event)
        assert len({mutation.full_name for mutation in table}) == len(table)
        drafts = [cases.of(event).draft(3, index, FILE_TIME) for index in range(64)]
        plain = [replace(draft.deliver(), secrets={}) for draft in drafts]
        impossible = set()
        for mutation in table:
            made = ((mutation.change(draft), before) for draft, before in zip(drafts, plain, strict=True))
            sent = ((changed.deliver(), before) for changed, before in made if changed is not None)
            tried = False
            for delivery, before in sent:
                tried = True
                assert encode(delivery, TARGET).pieces
                if replace(delivery, secrets={}) != before:  # else the text happened to stand there already
                    break
            else:
                assert not tried, mutation.full_name
                impossible.add(mutation.full_name)
        typed = cases.of(event).generator.typed
        assert not [name for name in impossible if typed and not name.startswith("payload.unknown-enum")], impossible


@pytest.mark.parametrize("provider", PROVIDERS)
def test_none_shows_the_secret(provider: str) -> None:
    """However the token is moved, doubled or renamed, what is shown of the delivery does not hold it."""
    loaded = catalogue.load(provider)
    if loaded.authentication.kind == "none":
        return
    secret = "0wn-5ecret-of-mine-77"
    cases = Cases(Vendor(loaded, Secrets(secret)), 3)
    for event in list(loaded.events)[-2:]:
        of = cases.of(event)
        drafts = {
            mutation.full_name: mutation.change(of.draft(3, 5, FILE_TIME)) for mutation in mutations(cases, event)
        }
        for place, site in enumerate(of.generator.sites):
            wrong = of.generator.invalid_at(place, 3, 5, FILE_TIME)
            drafts[f"{site.name}@{site.pointer}"] = of.of_bytes(wrong.body, 5)
        for name, draft in drafts.items():
            if draft is None:
                continue
            delivery = draft.deliver()
            shown = f"{delivery.shown_headers()} {delivery.shown_query()} ".encode() + delivery.shown_body()
            assert secret.encode() not in shown, name
            assert secret not in json.dumps(delivery.as_json("/", "{{mark}}")), name


# the grammar of JSON


@pytest.mark.parametrize("family", sorted(grammar.families()))
def test_forms_are_on_their_side(family: str) -> None:
    """Another parser takes every right form and refuses every wrong one."""
    from_json = pytest.importorskip("pydantic_core").from_json

    def takes(form: bytes) -> bool:
        try:
            from_json(b"{" + form + b'"z":0}', allow_inf_nan=False)
        except ValueError:
            return False
        return True

    forms = grammar.families()[family]
    assert [form for form in forms.right if not takes(form)] == []
    assert [form for form in forms.wrong if takes(form)] == []
    sides = [set(forms.right), set(forms.wrong), set(forms.open)]
    assert sides[0] and sides[1] and len(set.union(*sides)) == sum(map(len, sides))


def test_the_grammar_is_gone_through() -> None:
    """More than a thousand forms, and a long run comes to every family's right and wrong ones."""
    families = grammar.families()
    assert sum(len(forms.right) + len(forms.wrong) + len(forms.open) for forms in families.values()) > 1_500
    names = {mutation.full_name for mutation in plan_of().cases().of("session_state_close").of_request}
    assert {f"bytes.{side}-{family}" for family in families for side in ("right", "wrong")} <= names


# framing


def wire(**framing: Any) -> bytes:
    """The bytes of a small delivery, framed so."""
    delivery = Delivery("p", "e", "POST", (("X-A", "1"),), BODY, framing=Framing(**framing))
    made = encode(delivery, TARGET)
    return made.head + b"".join(made.pieces)


HEAD = b"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1:1\r\nX-A: 1\r\n"
PLAIN = HEAD + b"Content-Length: 13\r\n\r\n" + BODY


def test_chunks_of_any_size() -> None:
    """A chunk may be one byte, and have something behind its size; a Content-Length may stand beside chunks."""
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n"
    end = b"0\r\n\r\n"
    assert wire(chunked=True) == chunked + b"\r\nd\r\n" + BODY + b"\r\n" + end
    tiny = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY)
    assert wire(chunked=True, chunk=1) == chunked + b"\r\n" + tiny + end
    assert wire(chunked=True, extension=";a=b") == chunked + b"\r\nd;a=b\r\n" + BODY + b"\r\n" + end
    both = wire(chunked=True, declared=13)
    assert both == chunked + b"Content-Length: 13\r\n\r\nd\r\n" + BODY + b"\r\n" + end


def test_lengths_lines_and_copies() -> None:
    """Two lengths, header lines that end with LF alone, one request behind the other, a head in pieces."""
    assert wire(contradicted=6) == HEAD + b"Content-Length: 13\r\nContent-Length: 6\r\n\r\n" + BODY
    assert wire(bare_lf=True) == PLAIN.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n") + b"\r\n\r\n" + BODY
    assert wire(copies=2) == PLAIN * 2
    assert wire(head_pieces=4) == PLAIN
    delivery = Delivery("p", "e", "POST", (("X-A", "1"),), BODY, framing=Framing(head_pieces=4, pieces=(3,)))
    assert len(encode(delivery, TARGET).pieces) == 5


def test_what_is_no_whole_request() -> None:
    """Where a request is not one whole one, or not framed as every server knows, a closed connection is a refusal."""
    odd: list[dict[str, Any]] = [{"cut": 3}, {"declared": 99}, {"contradicted": 2}, {"bare_lf": True}, {"copies": 2}]
    assert not [framing for framing in (*odd, {"half_close": True}) if Framing(**framing).whole]
    assert Framing(chunked=True, chunk=1, extension=";a", head_pieces=3, version="1.0", expect=True).whole
    assert not any(Framing(**framing).plain for framing in odd)


@pytest.mark.parametrize(
    ("framing", "reads"),
    [
        (Framing(head_pieces=4, pause=0.05, fresh=True), 4),
        (Framing(half_close=True, fresh=True), 1),
        (Framing(copies=2, fresh=True), 1),
        (Framing(bare_lf=True, fresh=True), 1),
    ],
)
def test_framings_on_a_socket(framing: Framing, reads: int) -> None:
    """The bytes arrive as they were framed, in as many pieces; a half-closed connection still gets its answer."""
    delivery = Delivery("p", "e", "POST", (), BODY, framing=framing)
    seen: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        target = Target.parse(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        made = encode(delivery, target)
        whole = made.head + b"".join(made.pieces)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(10)
                while sum(map(len, seen)) < len(whole) or (framing.half_close and seen[-1]):
                    seen.append(connection.recv(65_536))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                connection.recv(1)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        with Sender() as sender:
            answer = sender.send(delivery, target, 10)
        server.join(10)
    assert (answer.status, b"".join(seen)) == (200, whole)
    assert len([piece for piece in seen if piece]) >= reads
    assert (seen[-1] == b"") == framing.half_close


def test_what_http_10_does_not_know() -> None:
    """What is left out for receivers of HTTP/1.0 are mutations that there are."""
    names = {mutation.full_name for mutation in plan_of().cases().of("session_state_close").of_request}
    assert set(NOT_FOR_HTTP_10) <= names
