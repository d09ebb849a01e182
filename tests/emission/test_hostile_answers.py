"""Whatever a receiver answers, the sender returns an `Answer`, in time, and its class is right."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace

import pytest

from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.reading import BODY_KEPT, HEADER_LIMIT
from hookassay.mockserver.emission.sending import Sender

from .conftest import Serve, target
from .servers import OK, Peer, Receiver, Script, answering, once

TIMEOUT = 0.6
ROUGHLY = 0.5
"""Seconds by which a loaded machine may be late."""


def _send(sender: Sender, serving: Receiver, delivery: Delivery, timeout: float = 5.0) -> Answer:
    started = time.monotonic()
    answer = sender.send(delivery, target(serving), timeout)
    assert time.monotonic() - started < timeout + ROUGHLY
    return answer


def _after_head(*, every: float, head: bytes, again: bytes) -> Script:
    """Answer with a head, then with the same bytes without end."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(head)
        peer.send_for_ever(again, every)

    return script


@pytest.mark.parametrize(
    ("head", "again"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x", id="in-the-body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="in-chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: ", b"x", id="in-a-header"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="in-interim-answers"),
        pytest.param(b"H", b"", id="not-at-all"),
    ],
)
def test_dripping_answer_ends_at_the_deadline(
    sender: Sender, serve: Serve, delivery: Delivery, head: bytes, again: bytes
) -> None:
    """An answer that drips in is silence at the end of the whole time, however often a byte comes."""
    answer = _send(sender, serve(_after_head(every=0.02, head=head, again=again)), delivery, TIMEOUT)
    assert answer.failure == "timeout"
    assert answer.detail == "within 0.6 s"
    assert TIMEOUT <= answer.elapsed < TIMEOUT + ROUGHLY
    assert reaction(delivery, answer) is Reaction.SILENT


@pytest.mark.parametrize(
    ("head", "again"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536, id="without-a-length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 65_536, id="with-a-length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b"x" * 65_536 + b"\r\n",
            id="in-chunks",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * 65_536, id="in-a-chunk-extension"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
            b"X-Trailer: x\r\n" * 4_096,
            id="in-trailers",
        ),
    ],
)
def test_endless_body_is_bounded_and_counts_as_taken(
    sender: Sender, serve: Serve, delivery: Delivery, head: bytes, again: bytes
) -> None:
    """Of a body without end a megabyte is kept, and the answer counts by its status."""
    answer = _send(sender, serve(_after_head(every=0, head=head, again=again)), delivery, 20)
    assert (answer.status, answer.failure, answer.cut) == (200, None, True)
    assert len(answer.body) <= BODY_KEPT
    assert len(answer.headers) <= 1
    assert reaction(delivery, answer) is Reaction.TAKEN


@pytest.mark.parametrize(
    ("head", "again"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1_000, id="many-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 65_536, id="one-header-line"),
        pytest.param(b"HTTP/1.1 200 ", b"x" * 65_536, id="a-reason-phrase"),
        pytest.param(b"", b"HTTP/1.1 103 Early\r\nX-A: b\r\n\r\n" * 10, id="early-hints"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="100-continue"),
        pytest.param(b"", b"\r\n" * 1_000, id="empty-lines"),
    ],
)
def test_endless_head_is_not_http(sender: Sender, serve: Serve, delivery: Delivery, head: bytes, again: bytes) -> None:
    """A head without end is ended by a limit, long before the deadline."""
    answer = _send(sender, serve(_after_head(every=0, head=head, again=again)), delivery, 20)
    assert (answer.status, answer.failure) == (None, "not-http")
    assert answer.elapsed < 10
    assert reaction(delivery, answer) is Reaction.BROKE


def test_hundred_interim_answers_are_waited_through(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A hundred times 100 and then 200 is 200."""
    answer = _send(sender, serve(once(b"HTTP/1.1 100 Continue\r\n\r\n" * 100 + OK)), delivery)
    assert (answer.status, answer.body) == (200, b"ok")


def test_early_hints_are_not_the_answer(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """103 Early Hints and then 200 is 200, without the hints' headers."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    answer = _send(sender, serve(answering(hints + OK)), delivery)
    assert (answer.status, answer.headers) == (200, (("Content-Length", "2"),))


def test_large_answer_behind_a_head_in_two_packets_is_read_whole(
    sender: Sender, serve: Serve, delivery: Delivery
) -> None:
    """What comes in one read with the end of a head is body, and not counted against the limit of headers."""
    body = b"x" * (HEADER_LIMIT * 3)

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n")
        peer.send(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    answer = _send(sender, serve(script), delivery)
    assert (answer.status, answer.failure, answer.body) == (200, None, body)


def _resets(peer: Peer) -> None:
    peer.read_request()
    peer.reset()


def _closes(peer: Peer) -> None:
    peer.read_request()


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        pytest.param(_resets, "reset", id="reset"),
        pytest.param(_closes, "closed", id="closed"),
        pytest.param(once(b"HTTP/1.1 200 OK\r\nContent-Le"), "incomplete", id="closed-in-the-head"),
        pytest.param(once(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"), "incomplete", id="body-too-short"),
        pytest.param(
            once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok"), "incomplete", id="chunk-too-short"
        ),
        pytest.param(
            once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), "incomplete", id="no-last-chunk"
        ),
        pytest.param(once(b"HTTP/1.1 100 Continue\r\n\r\n"), "incomplete", id="interim-answer-only"),
        pytest.param(once(b"SSH-2.0-OpenSSH_9.2\r\n"), "not-http", id="another-protocol"),
        pytest.param(once(b"<html>hello</html>"), "not-http", id="http-0.9"),
        pytest.param(once(b"\x15\x03\x01\x00\x02\x02\x46"), "not-http", id="tls-alert"),
        pytest.param(once(b"HTTP/1.1 42 Odd\r\n\r\n"), "not-http", id="status-42"),
        pytest.param(once(b"HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n"), "not-http", id="status-000"),
        pytest.param(once(b"HTTP/1.1 OK\r\n\r\n"), "not-http", id="no-status"),
        pytest.param(once(b"HTTP/3.7 200 OK\r\n\r\n"), "not-http", id="odd-version"),
        pytest.param(
            once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"), "not-http", id="two-lengths"
        ),
        pytest.param(once(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok"), "not-http", id="bad-length"),
        pytest.param(once(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok"), "not-http", id="negative-length"),
        pytest.param(
            once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "not-http", id="bad-chunk-size"
        ),
        pytest.param(
            once(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
            "not-http",
            id="change-of-protocol",
        ),
    ],
)
def test_broken_answer_is_told_by_how_it_broke(
    sender: Sender, serve: Serve, delivery: Delivery, script: Script, failure: str
) -> None:
    """An answer that breaks is a failure of its kind, at once, and the receiver broke."""
    answer = _send(sender, serve(script), delivery)
    assert answer.failure == failure
    assert answer.in_words()
    assert reaction(delivery, answer) is Reaction.BROKE


@pytest.mark.parametrize(
    ("answer_bytes", "status", "body"),
    [
        pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, b"ok", id="bare-line-feeds"),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", id="no-reason-phrase"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nok", 200, b"ok", id="http-1.0-without-a-length"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nok", 200, b"ok", id="http-1.1-without-a-length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n",
            200,
            b"ok",
            id="blank-behind-a-chunk-size",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            200,
            b"ok",
            id="length-and-chunks",
        ),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", id="204"),
        pytest.param(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, b"", id="204-with-a-length"),
        pytest.param(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b"", id="304"),
        pytest.param(
            "HTTP/1.1 200 안녕\r\nX-A: é\r\nContent-Length: 2\r\n\r\nok".encode(), 200, b"ok", id="beyond-ascii"
        ),
        pytest.param(b"HTTP/1.1 299 x\r\nContent-Length: 0\r\n\r\n", 299, b"", id="status-299"),
        pytest.param(b"HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", 999, b"", id="status-999"),
    ],
)
def test_unusual_answer_is_read(
    sender: Sender, serve: Serve, delivery: Delivery, answer_bytes: bytes, status: int, body: bytes
) -> None:
    """What a vendor's client would take is an answer, however rarely it is seen."""
    answer = _send(sender, serve(once(answer_bytes)), delivery)
    assert (answer.failure, answer.status, answer.body) == (None, status, body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(sender: Sender, serve: Serve, delivery: Delivery, status: int) -> None:
    """A redirect is an answer like any other: one request, one connection, where it led to is told."""
    serving = serve(once(b"HTTP/1.1 %d Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status))
    answer = _send(sender, serving, delivery)
    assert (answer.status, answer.header("location"), serving.accepted) == (status, "/elsewhere", 1)
    assert reaction(delivery, answer) is Reaction.REDIRECTED


def test_gzip_bomb_stays_small(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A compressed body arrives as it was sent; undone it is a megabyte at most."""
    bomb = gzip.compress(b"0" * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    answer = _send(sender, serve(once(head + bomb)), delivery)
    assert answer.body == bomb
    assert answer.content == b"0" * 1_000_000


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"more", id="garbage"),
        pytest.param(OK, id="another-answer"),
        pytest.param(b"\0", id="a-nul"),
    ],
)
def test_bytes_behind_an_answer_are_noticed(sender: Sender, serve: Serve, delivery: Delivery, behind: bytes) -> None:
    """An answer is taken as it is, what follows it is reported, and the connection is not used again."""
    serving = serve(answering(OK + behind))
    first, second = _send(sender, serving, delivery), _send(sender, serving, delivery)
    assert (first.status, first.body, first.overlong) == (200, b"ok", True)
    assert (second.status, serving.accepted) == (200, 2)


def test_line_end_behind_an_answer_is_customary(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A line end more than the answer has costs nothing: not the connection either."""
    serving = serve(answering(OK + b"\r\n"))
    answers = [_send(sender, serving, delivery) for _ in range(3)]
    assert [(a.status, a.overlong) for a in answers] == [(200, False)] * 3
    assert serving.accepted == 1


def test_body_behind_204_is_noticed(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """204 has no body: one that comes all the same is bytes too many."""
    answer = _send(sender, serve(once(b"HTTP/1.1 204 No Content\r\n\r\nhello")), delivery)
    assert (answer.status, answer.body, answer.overlong) == (204, b"", True)


def test_answer_to_head_has_no_body(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """An answer to HEAD is whole behind its head, whatever length it declares, and keeps its connection."""
    head = replace(delivery, method="HEAD")
    serving = serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"))
    answers = [_send(sender, serving, head) for _ in range(2)]
    assert [(a.status, a.body, a.failure) for a in answers] == [(200, b"", None)] * 2
    assert serving.accepted == 1


def test_body_in_an_answer_to_head_is_noticed(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A body that answers HEAD is bytes too many, and no part of the next answer."""
    serving = serve(answering(OK))
    answers = [_send(sender, serving, replace(delivery, method="HEAD")) for _ in range(2)]
    assert [(a.status, a.body, a.overlong) for a in answers] == [(200, b"", True)] * 2
    assert serving.accepted == 2


LARGE = 8_000_000


def _large(delivery: Delivery) -> Delivery:
    return replace(delivery, body=b"x" * LARGE)


def test_answer_before_the_body_is_read(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A receiver may answer without reading the body: the answer counts at once."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        peer.stopping.wait(5)

    answer = _send(sender, serve(script), _large(delivery))
    assert (answer.status, answer.failure) == (413, None)
    assert answer.elapsed < 2


def test_connection_closed_while_a_large_body_is_sent_is_a_refusal(
    sender: Sender, serve: Serve, delivery: Delivery
) -> None:
    """Closing on a body over 64 kB is a right refusal; on a small one the receiver broke."""
    serving = serve(lambda peer: peer.read_head() and None)
    answer = _send(sender, serving, _large(delivery))
    assert answer.failure in ("reset", "closed")
    assert reaction(_large(delivery), answer) is Reaction.REFUSED
    assert reaction(delivery, answer) is Reaction.BROKE


def test_half_closed_answer_while_the_body_is_sent(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """An answer that ends with its half of the connection is whole, although we are still writing."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.0 413 Too Large\r\n\r\ntoo large")
        peer.socket.shutdown(1)
        peer.stopping.wait(5)

    answer = _send(sender, serve(script), _large(delivery))
    assert (answer.status, answer.body, answer.failure) == (413, b"too large", None)
    assert answer.elapsed < 2


def test_receiver_that_speaks_first_is_read(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A receiver that speaks before it is asked gives an answer or a failure, never an exception."""

    def script(peer: Peer) -> None:
        peer.send(b"220 mail.example ESMTP\r\n")
        peer.wait_for_end()

    answer = _send(sender, serve(script), delivery)
    assert answer.failure in ("not-http", "closed", "reset")
    assert reaction(delivery, answer) is Reaction.BROKE


@pytest.mark.parametrize("status", [200, 404])
def test_cut_request_is_met_calmly_whatever_comes(
    sender: Sender, serve: Serve, delivery: Delivery, status: int
) -> None:
    """A request cut short on purpose may be answered, refused, or left alone: only its twin tells."""
    cut = replace(delivery, framing=Framing(cut=3))

    def silent(peer: Peer) -> None:
        peer.wait_for_end()
        peer.stopping.wait(5)

    answered = _send(sender, serve(once(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status)), cut)
    closed = _send(sender, serve(_closes), cut)
    left_alone = _send(sender, serve(silent), cut, TIMEOUT)
    assert (answered.status, closed.failure, left_alone.failure) == (status, "closed", "timeout")
    assert reaction(cut, closed) is reaction(cut, left_alone) is Reaction.REFUSED
