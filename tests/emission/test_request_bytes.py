"""The bytes that leave: exactly those of the delivery, in its order, framed as it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.wire import encode

from .conftest import Serve, target
from .servers import OK, Peer, Request, recording
from .strategies import quick

HEADERS = (
    ("X-Upper", "1"),
    ("x-lower", "2"),
    ("X-mIxEd", "3"),
    ("X-Twice", "first"),
    ("X-Twice", "second"),
    ("X-Empty", ""),
    ("X-Latin", "caf\xe9 \xff"),
    ("X-Blanks", "  two before, two behind  "),
    ("X-Utf-8", "안녕".encode().decode("latin-1")),
    ("Content-Type", "application/json"),
)


def _sent(sender: Sender, serve: Serve, delivery: Delivery) -> Request:
    seen: list[Request] = []
    serving = serve(recording(seen))
    assert sender.send(delivery, target(serving), 5).status == 200
    return seen[0]


def test_headers_arrive_as_they_were_given(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Order, case, duplicates, empty values, blanks and bytes beyond ASCII arrive unchanged, and nothing is added."""
    request = _sent(sender, serve, replace(delivery, headers=HEADERS))
    assert request.line == "POST /webhook HTTP/1.1"
    assert [name for name, _ in request.headers[:1]] == ["Host"]
    assert request.headers[1:] == [*HEADERS, ("Content-Length", "7")]


def test_body_arrives_byte_for_byte(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Every byte value arrives, in a body of any size."""
    for body in (b"", bytes(range(256)), '{"a":"\\/안녕 \\u00e9"}\r\n'.encode(), b"\0" * 300_000):
        assert _sent(sender, serve, replace(delivery, body=body)).body == body


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_method_arrives(sender: Sender, serve: Serve, delivery: Delivery, method: str) -> None:
    """Any method is sent, with the body and its length."""
    request = _sent(sender, serve, replace(delivery, method=method))
    assert request.line == f"{method} /webhook HTTP/1.1"
    assert request.body == delivery.body


def test_path_and_query_are_put_together(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """The target's path and query come first, the delivery's behind them; escapes stay as they are."""
    seen: list[Request] = []
    serving = serve(recording(seen))
    url = f"http://127.0.0.1:{serving.port}/a%20b/안녕?x=1&y=%zz"
    sender.send(replace(delivery, path="/more", query="z=2"), Target.parse(url))
    sender.send(replace(delivery, query="z=2"), Target.parse(f"http://127.0.0.1:{serving.port}"))
    assert [request.line for request in seen] == [
        "POST /a%20b/%EC%95%88%EB%85%95/more?x=1&y=%zz&z=2 HTTP/1.1",
        "POST /?z=2 HTTP/1.1",
    ]


def test_host_is_that_of_the_target(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """`Host` has the port where it is not the scheme's own, and comes first."""
    request = _sent(sender, serve, delivery)
    host = request.header("host") or ""
    assert request.headers[0] == ("Host", host)
    assert host.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://receiver.example/", "receiver.example"),
        ("http://receiver.example:80/", "receiver.example"),
        ("https://receiver.example:443/", "receiver.example"),
        ("https://receiver.example:8443/", "receiver.example:8443"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("http://한국.example/", "xn--3e0b707e.example"),
    ],
)
def test_host_in_every_form(delivery: Delivery, url: str, host: str) -> None:
    """`Host` leaves out the usual port, keeps the brackets of IPv6 and writes other scripts as IDNA."""
    assert f"\r\nHost: {host}\r\n".encode() in encode(delivery, Target.parse(url)).head


def test_targets_own_headers_come_with_every_delivery(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A gateway's header is added; a `Host` or `Authorization` of the target's stands in place of ours."""
    seen: list[Request] = []
    serving = serve(recording(seen))
    given = (("X-Gateway-Key", "k"), ("Host", "my.dev"), ("Authorization", "Bearer x"))
    sender.send(delivery, Target.parse(f"http://user:pass@127.0.0.1:{serving.port}/", given))
    assert seen[0].headers == [("Content-Type", "application/json"), *given, ("Content-Length", "7")]


def test_credentials_of_the_url_become_basic(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """User and password are percent-decoded; a delivery without credentials or with its own has none of them."""
    seen: list[Request] = []
    serving = serve(recording(seen))
    there = Target.parse(f"http://us%3Aer:p%40ss%C3%A9@127.0.0.1:{serving.port}/")
    sender.send(delivery, there)
    sender.send(replace(delivery, credentials=False), there)
    sender.send(delivery.with_headers(("authorization", "Basic own")), there)
    # printf 'us:er:p@ss\xc3\xa9' | base64
    assert [request.header("authorization") for request in seen] == ["Basic dXM6ZXI6cEBzc8Op", None, "Basic own"]


def test_content_length_of_ones_own_is_respected(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Who gives a Content-Length as a header gets no second one."""
    request = _sent(sender, serve, delivery.with_headers(("Content-Length", "7")))
    assert [value for name, value in request.headers if name == "Content-Length"] == ["7"]


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        pytest.param((("X-A", "b\r\nX-C: d"),), "X-A", id="line-end-in-a-value"),
        pytest.param((("X-A\n", "b"),), "X-A", id="line-end-in-a-name"),
        pytest.param((("X-A", "b\0"),), "X-A", id="nul"),
        pytest.param((("X-A", "안녕"),), "X-A", id="not-latin-1"),
    ],
)
def test_header_that_cannot_be_written_is_the_callers_mistake(
    sender: Sender, serve: Serve, delivery: Delivery, headers: tuple[tuple[str, str], ...], named: str
) -> None:
    """What would break out of its line, or has no bytes, is refused before anything is sent."""
    serving = serve(recording([]))
    with pytest.raises(ValueError, match=named):
        sender.send(replace(delivery, headers=headers), target(serving))
    assert serving.accepted == 0


@pytest.mark.parametrize("changes", [{"query": "a b"}, {"path": "/x\r\nEvil: 1"}, {"method": "GET /x HTTP/1.1\r\nA:"}])
def test_request_line_cannot_be_broken_out_of(delivery: Delivery, changes: dict[str, Any]) -> None:
    """A blank or line end in method, path or query is refused."""
    with pytest.raises(ValueError, match="request line"):
        encode(replace(delivery, **changes), Target.parse("http://127.0.0.1/"))


# framing


def _raw(sender: Sender, serve: Serve, delivery: Delivery, timeout: float = 5) -> tuple[bytes, list[bytes]]:
    """The head as it came, and then what came in each read until the receiver had enough."""
    head, reads = b"", []

    def script(peer: Peer) -> None:
        nonlocal head
        head = peer.read_head()
        if peer._rest:
            reads.append(peer._rest)
        while b"".join(reads) != want and (data := peer.read_some()):
            reads.append(data)
        peer.send(OK)

    want = delivery.body
    sender.send(delivery, target(serve(script)), timeout)
    return head, reads


def test_chunked_body(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A chunked body has no Content-Length, and its chunks put together are the body."""
    body = bytes(range(256)) * 5
    request = _sent(sender, serve, replace(delivery, body=body, framing=Framing(chunked=True)))
    assert request.header("transfer-encoding") == "chunked"
    assert request.header("content-length") is None
    assert request.body == body


def test_empty_chunked_body(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A chunked body without bytes is its last chunk alone."""
    assert _sent(sender, serve, replace(delivery, body=b"", framing=Framing(chunked=True))).body == b""


def test_expect_waits_for_100(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """With `Expect: 100-continue` the body comes after the 100, and not before; 103 is none."""
    early: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        try:
            early.append(peer.read_some(patience=0.2))
        except TimeoutError:
            early.append(b"")
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        early.append(peer.read_body(7))
        peer.send(OK)

    answer = sender.send(replace(delivery, framing=Framing(expect=True)), target(serve(script)))
    assert (answer.status, early) == (200, [b"", delivery.body])
    assert answer.elapsed < 0.9


def test_expect_goes_on_without_100(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A receiver that never says 100 gets the body after a second."""
    request = _sent(sender, serve, replace(delivery, framing=Framing(expect=True)))
    assert request.header("expect") == "100-continue"
    assert request.body == delivery.body


def test_expect_ends_with_a_final_answer(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A receiver that answers instead of saying 100 does not get the body."""
    rest: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")
        rest.append(peer.read_some())

    serving = serve(script)
    answer = sender.send(replace(delivery, framing=Framing(expect=True)), target(serving))
    serving.wait()
    assert (answer.status, rest) == (417, [b""])


def test_pieces_come_one_by_one(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A body in pieces comes in as many writes, a pause between them."""
    framed = replace(delivery, body=b"abcdefgh", framing=Framing(pieces=(2, 5), pause=0.05))
    _, reads = _raw(sender, serve, framed)
    assert reads == [b"ab", b"cde", b"fgh"]


def test_odd_pieces_do_no_harm(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Offsets outside of the body, twice or in no order cut where they can."""
    framed = replace(delivery, body=b"abcd", framing=Framing(pieces=(9, 3, 1, 3, 0, -2), pause=0.03))
    _, reads = _raw(sender, serve, framed)
    assert reads == [b"a", b"bc", b"d"]


@pytest.mark.parametrize("cut", [0, 3, 6])
def test_cut_body_declares_its_whole_length_and_half_closes(
    sender: Sender, serve: Serve, delivery: Delivery, cut: int
) -> None:
    """A body cut short ends with our half of the connection, and the answer is still read."""
    got: list[tuple[str | None, bytes]] = []

    def script(peer: Peer) -> None:
        head = Request(peer.read_head(), b"")
        got.append((head.header("content-length"), peer.read_body(7)))
        peer.send(b"HTTP/1.1 400 Short\r\nContent-Length: 0\r\n\r\n")

    answer = sender.send(replace(delivery, framing=Framing(cut=cut)), target(serve(script)))
    assert (answer.status, got) == (400, [("7", delivery.body[:cut])])


def test_wrong_length_is_declared(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A Content-Length other than the body's is sent as it is asked for."""
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.read_head())
        peer.send(OK)

    sender.send(replace(delivery, framing=Framing(declared=99)), target(serve(script)))
    assert b"\r\nContent-Length: 99" in seen[0]


def test_http_10(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """HTTP/1.0 says so, and that the connection ends."""
    request = _sent(sender, serve, replace(delivery, framing=Framing(version="1.0")))
    assert request.line == "POST /webhook HTTP/1.0"
    assert request.header("connection") == "close"


_token = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=12)
_value = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30)


@quick
@given(
    headers=st.lists(st.tuples(_token.map(lambda name: f"X-{name}"), _value), max_size=8),
    body=st.binary(max_size=3_000),
    chunked=st.booleans(),
    pieces=st.lists(st.integers(-5, 3_005), max_size=4),
)
def test_wire_is_the_delivery(headers: list[tuple[str, str]], body: bytes, chunked: bool, pieces: list[int]) -> None:
    """Whatever its headers and body, a request's bytes hold them all, once, in their order."""
    framing = Framing(chunked=chunked, pieces=tuple(pieces))
    wire = encode(Delivery("p", "e", "POST", tuple(headers), body, framing=framing), Target.parse("http://127.0.0.1/"))
    request = Request(wire.head.removesuffix(b"\r\n\r\n"), b"".join(wire.pieces))
    assert request.headers[1:-1] == headers
    if chunked:
        assert request.headers[-1] == ("Transfer-Encoding", "chunked")
        assert _without_chunks(request.body) == body
    else:
        assert request.headers[-1] == ("Content-Length", str(len(body)))
        assert request.body == body


def _without_chunks(data: bytes) -> bytes:
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            assert data == b"\r\n"
            return body
        body, data = body + data[:length], data[length + 2 :]
