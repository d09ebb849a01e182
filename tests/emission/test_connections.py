"""Connections: when they are kept, how quick they are, when a delivery is sent once more, when time is up."""

from __future__ import annotations

import http.server
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hookassay.mockserver.emission.answer import Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.exchange import CAN_KEEP
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.emission.target import Target

from .conftest import Serve, target
from .servers import OK, Peer, Request, answering, recording

keeps = pytest.mark.skipif(not CAN_KEEP, reason="without TCP_QUICKACK connections are not kept")


@keeps
def test_connection_is_kept_between_taken_deliveries(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Ten deliveries that are taken need one connection."""
    serving = serve(answering(OK))
    assert [sender.send(delivery, target(serving)).status for _ in range(10)] == [200] * 10
    assert serving.accepted == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", id="refusal"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", id="connection-close"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", id="http-1.0"),
    ],
)
def test_connection_is_not_kept_after(sender: Sender, serve: Serve, delivery: Delivery, answer: bytes) -> None:
    """A refusal, a farewell or HTTP/1.0 ends the connection on our side too."""
    serving = serve(answering(answer))
    for _ in range(3):
        sender.send(delivery, target(serving))
    assert serving.accepted == 3


@pytest.mark.parametrize(
    "framing",
    [Framing(fresh=True), Framing(chunked=True), Framing(expect=True), Framing(declared=2), Framing(version="1.0")],
    ids=["fresh", "chunked", "expect", "declared", "http-1.0"],
)
def test_odd_framing_has_a_connection_of_its_own(
    sender: Sender, serve: Serve, delivery: Delivery, framing: Framing
) -> None:
    """What is framed in another than the plain way neither uses a kept connection nor leaves one."""

    def script(peer: Peer) -> None:
        while True:
            peer.read_head()
            peer.send(OK)

    serving = serve(script)
    odd = replace(delivery, framing=framing)
    for one in (delivery, odd, delivery):
        sender.send(one, target(serving))
    assert serving.accepted == (2 if CAN_KEEP else 3)


@keeps
def test_pieces_may_share_a_connection(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A body in pieces is a plain request: its connection is kept."""
    serving = serve(answering(OK))
    for _ in range(3):
        assert sender.send(delivery.with_framing(pieces=(2, 4), pause=0.01), target(serving)).status == 200
    assert serving.accepted == 1


@keeps
def test_forget_closes_kept_connections(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """After `forget` the next delivery comes on a new connection."""
    serving = serve(answering(OK))
    for _ in range(2):
        sender.send(delivery, target(serving))
        sender.forget()
    assert serving.accepted == 2


def test_targets_do_not_share_connections(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Two targets at one address (two paths) have a connection each."""
    serving = serve(answering(OK))
    for path in ("/a", "/b"):
        sender.send(delivery, Target.parse(f"http://127.0.0.1:{serving.port}{path}"))
    assert serving.accepted == 2


@keeps
def test_in_turn_keeps_the_connection_whatever_is_answered(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Deliveries in turn stay on one connection through refusals too."""
    refusal = b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"
    serving = serve(answering(refusal, OK, refusal, OK))
    answers = sender.send_in_turn([delivery] * 4, target(serving))
    assert [answer.status for answer in answers] == [400, 200, 400, 200]
    assert serving.accepted == 1


@keeps
def test_in_turn_notices_what_comes_late(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """What a receiver says a moment after its answer is reported with that answer."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK)
        peer.send(b"left over")
        peer.wait_for_end()

    answers = sender.send_in_turn([delivery], target(serve(script)))
    assert [(a.status, a.overlong) for a in answers] == [(200, True)]


@keeps
def test_connection_closed_while_idle_is_tried_once_more(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A kept connection that ends without a byte proves nothing: the delivery comes again, on a new one."""
    seen: list[Request] = []

    def closes_on_the_second(peer: Peer) -> None:
        seen.append(peer.read_request())
        peer.send(OK)
        seen.append(peer.read_request())
        peer.socket.close()

    serving = serve(closes_on_the_second, recording(seen))
    assert [sender.send(delivery, target(serving)).status for _ in range(2)] == [200, 200]
    assert (serving.accepted, len(seen)) == (2, 3)
    assert len({request.body for request in seen}) == 1


@keeps
def test_second_failure_is_the_answer(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Once more means once: a new connection that ends without a byte is the receiver's failure."""
    serving = serve(answering(OK), lambda peer: peer.read_request() and None)
    assert sender.send(delivery, target(serving)).status == 200
    sender.forget()
    answer = sender.send(delivery, target(serving))
    assert (answer.failure, serving.accepted) == ("closed", 2)
    assert reaction(delivery, answer) is Reaction.BROKE


@keeps
def test_answer_that_stops_is_not_tried_again(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Where a byte of the answer came, the receiver had the request: nothing is sent twice."""
    serving = serve(answering(OK, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))

    def halves(peer: Peer) -> None:
        answering(OK)(peer)

    def once_and_a_half(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK)
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        peer.socket.close()

    serving = serve(once_and_a_half, halves)
    first, second = (sender.send(delivery, target(serving)) for _ in range(2))
    assert (first.status, second.failure, second.status) == (200, "incomplete", 200)
    assert serving.accepted == 1


class _TwoWrites(http.server.BaseHTTPRequestHandler):
    """The standard library's server with kept connections: head and body in two writes, Nagle on."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"ok")
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def two_writes() -> Iterator[Target]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _TwoWrites)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Target.parse(f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()
    thread.join()


def test_answer_in_several_writes_costs_no_delayed_acknowledgement(
    sender: Sender, delivery: Delivery, two_writes: Target
) -> None:
    """On a kept connection to a receiver that answers in three writes an exchange stays far from 44 ms."""
    elapsed = [sender.send(delivery, two_writes).elapsed for _ in range(40)]
    assert statistics.median(elapsed) < 0.010


@pytest.mark.skipif(sys.platform != "linux", reason="counting segments needs Linux's tcp_info")
def test_head_and_body_leave_in_one_write(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A small request is one TCP segment, on a new connection and on a kept one."""
    counted: list[int] = []

    def script(peer: Peer) -> None:
        while True:
            peer.read_request()
            counted.append(peer.data_segments)
            peer.send(OK)

    serving = serve(script)
    for _ in range(5):
        sender.send(delivery, target(serving))
    assert counted == [1, 2, 3, 4, 5]


def test_together_means_at_the_same_time(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Deliveries together come on a connection each, and none waits for another's answer."""
    everybody = threading.Barrier(12, timeout=5)

    def script(peer: Peer) -> None:
        request = peer.read_request()
        everybody.wait()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(request.body) + request.body)

    serving = serve(script)
    bodies = [b"%d" % number for number in range(12)]
    answers = sender.send_together([replace(delivery, body=body) for body in bodies], target(serving), 8)
    assert [answer.body for answer in answers] == bodies
    assert serving.accepted == 12


def test_time_is_that_of_the_whole_exchange(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """Pieces with pauses and a slow answer share one deadline."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.stopping.wait(5)

    slow = delivery.with_framing(pieces=(1, 2, 3), pause=0.15)
    started = time.monotonic()
    answer = sender.send(slow, target(serve(script)), 0.7)
    assert (answer.failure, answer.detail) == ("timeout", "within 0.7 s")
    assert 0.7 <= time.monotonic() - started < 1.2


def test_connecting_has_the_same_deadline(sender: Sender, delivery: Delivery) -> None:
    """A receiver that does not even accept is silence at the deadline."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    try:
        for one in waiting:  # its queue is full: the next handshake is not answered
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        started = time.monotonic()
        answer = sender.send(delivery, Target.parse(f"http://127.0.0.1:{full.getsockname()[1]}/"), 0.5)
        assert (answer.failure, answer.detail) == ("timeout", "no connection")
        assert time.monotonic() - started < 1.0
        assert reaction(delivery, answer) is Reaction.SILENT
    finally:
        for one in (*waiting, full):
            one.close()


def test_closed_sender_starts_again(serve: Serve, delivery: Delivery) -> None:
    """A sender that was closed opens its loop anew with the next delivery, and closing twice does nothing."""
    serving = serve(answering(OK))
    one = Sender()
    assert one.send(delivery, target(serving)).status == 200
    one.close()
    one.close()
    assert one.send(delivery, target(serving)).status == 200
    one.close()


def test_senders_thread_ends_with_it(serve: Serve, delivery: Delivery) -> None:
    """`close` leaves no thread behind."""
    before = threading.active_count()
    serving = serve(answering(OK))
    with Sender() as one:
        one.send(delivery, target(serving))
        assert any(thread.name == "hookassay-sender" for thread in threading.enumerate())
    assert not any(thread.name == "hookassay-sender" for thread in threading.enumerate())
    assert threading.active_count() <= before + 2  # the receiver's own


def test_many_threads_may_send_at_once(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """One sender serves several threads; each gets the answer to its own delivery."""

    def echo(peer: Peer) -> None:
        while True:
            body = peer.read_request().body
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    serving = serve(echo)
    wrong: list[bytes] = []

    def work(number: int) -> None:
        for _ in range(20):
            body = b"thread %d" % number
            if sender.send(replace(delivery, body=body), target(serving)).body != body:
                wrong.append(body)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
