"""The class of an answer: by its status, of a redirect also by where it leads, never by its body."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from hookassay.mockserver.emission.answer import FAILURES, Answer, Failure, Reaction, duration, reaction
from hookassay.mockserver.emission.delivery import LARGE_BODY, LARGE_HEADER, Delivery, Framing

SCRIPT = ((b"Location", b"https://script.googleusercontent.com/macros/echo?x=y"),)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (range(200, 300), Reaction.TAKEN),
        (range(300, 400), Reaction.REDIRECTED),
        (range(400, 500), Reaction.REFUSED),
        ([100, 199, *range(500, 600), 600, 999], Reaction.BROKE),
    ],
)
def test_reaction_is_the_class_of_the_status(delivery: Delivery, statuses: list[int], expected: Reaction) -> None:
    """2xx is taken, 3xx redirected, 4xx refused, everything else broke, whatever the body says."""
    for status in statuses:
        for body in (b"", b"Fatal error: Uncaught", b"invalid signature"):
            assert reaction(delivery, Answer(status, body=body)) is expected


@pytest.mark.parametrize("failure", FAILURES)
def test_failure_is_silence_or_broke(delivery: Delivery, failure: Failure) -> None:
    """A receiver that gives no whole answer in time is silent; any other failure broke."""
    expected = Reaction.SILENT if failure == "timeout" else Reaction.BROKE
    assert reaction(delivery, Answer(None, failure=failure)) is expected


def test_half_an_answer_broke(delivery: Delivery) -> None:
    """A status whose body never ends counts as its failure."""
    assert reaction(delivery, Answer(200, failure="incomplete")) is Reaction.BROKE


@pytest.mark.parametrize("status", [301, 302, 303, 307])
def test_apps_script_has_run(delivery: Delivery, status: int) -> None:
    """A redirect to Google's script host is a web app that has run."""
    assert reaction(delivery, Answer(status, SCRIPT)) is Reaction.TAKEN


@pytest.mark.parametrize(
    "location",
    [
        b"https://script.google.com/x",
        b"https://evil.example/script.googleusercontent.com",
        b"http://[::1",
        b"",
        b"\xff",
    ],
)
def test_other_redirects_are_redirects(delivery: Delivery, location: bytes) -> None:
    """Only that host counts; a Location that is no URL is a redirect to nowhere."""
    assert reaction(delivery, Answer(302, ((b"location", location),))) is Reaction.REDIRECTED


def test_right_refusals_by_5xx(delivery: Delivery) -> None:
    """501 to a method and 505 to a version other than the vendor's are refusals, to the vendor's own they are not."""
    assert reaction(replace(delivery, method="BREW"), Answer(501)) is Reaction.REFUSED
    assert reaction(delivery, Answer(501)) is Reaction.BROKE
    assert reaction(replace(delivery, method="PUT"), Answer(501), usual_method="PUT") is Reaction.BROKE
    assert reaction(delivery.with_framing(version="1.0"), Answer(505)) is Reaction.REFUSED
    assert reaction(delivery, Answer(505)) is Reaction.BROKE


@pytest.mark.parametrize("failure", ["reset", "closed", "incomplete"])
def test_closing_on_what_no_server_reads_is_a_refusal(delivery: Delivery, failure: Failure) -> None:
    """A header over 8 kB, a body over 64 kB or a second Host may be answered by closing the connection."""
    ended = Answer(None, failure=failure)
    assert reaction(delivery.with_headers(("X", "a" * LARGE_HEADER)), ended) is Reaction.REFUSED
    assert reaction(replace(delivery, body=b"a" * (LARGE_BODY + 1)), ended) is Reaction.REFUSED
    assert reaction(replace(delivery, body=b"a" * LARGE_BODY), ended) is Reaction.BROKE
    assert reaction(delivery.with_headers(("Host", "a"), ("host", "b")), ended) is Reaction.REFUSED
    assert reaction(delivery.with_headers(("Host", "a")), ended) is Reaction.BROKE


@pytest.mark.parametrize("failure", ["reset", "closed", "incomplete", "timeout"])
@pytest.mark.parametrize("framing", [Framing(cut=1), Framing(declared=99)])
def test_no_answer_to_half_a_request_is_calm(delivery: Delivery, failure: Failure, framing: Framing) -> None:
    """A request that never ends need not be answered."""
    assert reaction(replace(delivery, framing=framing), Answer(None, failure=failure)) is Reaction.REFUSED


@pytest.mark.parametrize("failure", ["unreachable", "tls", "proxy", "not-http"])
def test_half_a_request_excuses_no_other_failure(delivery: Delivery, failure: Failure) -> None:
    """What has nothing to do with the request's end still broke."""
    assert reaction(delivery.with_framing(cut=1), Answer(None, failure=failure)) is Reaction.BROKE


def test_rate_limits() -> None:
    """429, and 503 that says when to come again, in seconds."""
    later = ((b"Retry-After", b"7"),)
    assert Answer(429).rate_limited and Answer(503, later).rate_limited and not Answer(503).rate_limited
    assert Answer(503, later).retry_after == 7.0
    assert [
        Answer(429, ((b"retry-after", value),)).retry_after for value in (b"Wed, 21 Oct 2026 07:28:00 GMT", b"-1")
    ] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        (b"gzip", zlib.compressobj(wbits=31)),
        (b"x-gzip", zlib.compressobj(wbits=31)),
        (b"deflate", zlib.compressobj(wbits=15)),
    ],
)
def test_content_is_the_body_unpacked(coding: bytes, packed: object) -> None:
    """gzip and deflate are undone; what is not as announced stays as it came."""
    data = packed.compress(b"hello") + packed.flush()  # type: ignore[attr-defined]  # zlib names no type for it
    header = ((b"content-encoding", coding),)
    assert Answer(200, header, data).content == b"hello"
    assert Answer(200, header, b"not so").content == b"not so"
    assert Answer(200, ((b"content-encoding", b"br"),), b"x").content == b"x"


@pytest.mark.parametrize("failure", FAILURES)
def test_failures_have_words(failure: Failure) -> None:
    """Every failure is told in words, with its detail and its time."""
    told = Answer(None, failure=failure, detail="why", elapsed=0.0123).in_words()
    assert told == f"{FAILURES[failure]} (why) after 12 ms"


@pytest.mark.parametrize(("seconds", "words"), [(0.0004, "0 ms"), (0.9994, "999 ms"), (1.25, "1.2 s"), (30, "30.0 s")])
def test_durations_for_people(seconds: float, words: str) -> None:
    """Below a second milliseconds, from there on seconds."""
    assert duration(seconds) == words
