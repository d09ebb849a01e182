"""One delivery in the many ways that HTTP allows: in pieces, chunked, cut short, large, on a used connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, TAKEN, Case, Expectation, NotApplicable, Step, one
from hookassay.conformance.checks.delivery.traffic import refusable
from hookassay.mockserver.emission.delivery import PLAIN, Delivery, Framing
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.vendor import Headers

_ADVISED = Expectation("taken", "should")


def one_connection(bench: Bench) -> Iterator[Case]:
    """Bad and good on one connection: what is left of a refused body must not become the next request."""
    yield Case("bad-and-good", _bad_and_good, manner="in-turn")
    yield Case("other-methods-and-good", _others_and_good, manner="in-turn")


def _bad_and_good(bench: Bench) -> list[Step]:
    right = partial(Bench.right, bench)
    steps = []
    for _ in range(3):
        steps.append(Step(refusable(bench), CALM, "a bad one"))
        steps.append(Step(right(), TAKEN, "a right one"))
        steps.append(Step(_large_bad_one(bench), CALM, "a large bad one"))
        steps.append(Step(right(), TAKEN, "a right one"))
    return steps


def _large_bad_one(bench: Bench) -> Delivery:
    large = write({**bench.document(), "hookassay_extra": "a" * 20_000})
    forge = None if bench.kind != "hmac-header" else lambda signer, body: ()
    return bench.vendor.deliver(bench.carrier, {}, body=large.cut(len(large.data) - 1), forge=forge)


def _others_and_good(bench: Bench) -> list[Step]:
    return [
        Step(bench.right(method="PUT"), CALM, "by PUT"),
        Step(bench.right(), TAKEN, "a right one"),
        Step(replace(bench.right(), path="/hookassay-no-such-path"), CALM, "another path"),
        Step(bench.right(), TAKEN, "a right one"),
    ]


# framing


def _framed(bench: Bench, framing: Callable[[int], Framing]) -> Delivery:
    """A right delivery, framed as its length asks."""
    delivery = bench.right()
    return replace(delivery, framing=framing(len(delivery.body)))


def slow(bench: Bench) -> Iterator[Case]:
    """A body that comes in pieces, with pauses."""
    framings: dict[str, Callable[[int], Framing]] = {
        "in-five-pieces": lambda length: Framing(
            pieces=tuple(length * n // 5 for n in range(1, 5)), pause=0.05, fresh=True
        ),
        "first-byte-then-a-pause": lambda length: Framing(pieces=(1,), pause=0.25, fresh=True),
        # A segment that is lost comes again after a second or more (RFC 6298, section 2), and may be lost again.
        "two-seconds-in-the-middle": lambda length: Framing(pieces=(length // 2,), pause=2.0, fresh=True),
    }
    for name, framing in framings.items():
        yield Case(name, one(partial(_framed, framing=framing), TAKEN), unhurried=True)


_SIZE_LINE = len(b"40\r\n")
_SIZE_LINE_ALONE = Framing(chunked=True, chunk=0x40, pieces=(_SIZE_LINE,), pause=0.1)


def chunked(bench: Bench) -> Iterator[Case]:
    yield Case("chunked", partial(_of_http11, framing=Framing(chunked=True)), level="should")
    yield Case("size-line-alone", partial(_of_http11, framing=_SIZE_LINE_ALONE), level="should", unhurried=True)


def expecting(bench: Bench) -> Iterator[Case]:
    """A body behind `100 Continue`, and one that does not wait for it, as RFC 9110 section 10.1.1 lets a client do."""
    yield Case("expect-100-continue", partial(_of_http11, framing=Framing(expect=True)), level="should", unhurried=True)
    yield Case("without-waiting", partial(_of_http11, headers=(("Expect", "100-continue"),)), level="should")


def _of_http11(bench: Bench, framing: Framing = PLAIN, headers: Headers = ()) -> list[Step]:
    if bench.facts.http_version == "1.0":
        raise NotApplicable("the receiver answers HTTP/1.0, which has no such framing")
    return [Step(replace(bench.right(headers=headers), framing=framing), _ADVISED)]


def http_10(bench: Bench) -> Iterator[Case]:
    framing = Framing(version="1.0", fresh=True)
    yield Case("http-1.0", one(partial(_framed, framing=lambda length: framing), _ADVISED), level="should")


_SHARES = {"half": 0.5, "nothing": 0.0, "last-byte-missing": 1.0}


def cut_short(bench: Bench) -> Iterator[Case]:
    """A sender that goes away before its body is complete."""
    for name, share in _SHARES.items():

        def framing(length: int, share: float = share) -> Framing:
            return Framing(cut=min(length - 1, int(length * share)), fresh=True)

        yield Case(name, one(partial(_framed, framing=framing), CALM))


# sizes


def long_headers(bench: Bench) -> Iterator[Case]:
    for kilobytes in (20, 70):
        yield Case(f"{kilobytes}-kB", one(partial(_with_long_header, size=kilobytes * 1000), CALM))


def _with_long_header(bench: Bench, size: int) -> Delivery:
    return bench.right().with_headers(("X-Hookassay", "a" * size))


def too_large(bench: Bench) -> Iterator[Case]:
    for megabytes in (2, 10):
        yield Case(f"{megabytes}-MB", one(partial(_large, size=megabytes * 1_000_000), CALM))


def _large(bench: Bench, size: int) -> Delivery:
    return bench.vendor.deliver(bench.carrier, {**bench.document(), "hookassay_extra": "a" * size})


_AGENTS = {
    "none": (),
    "curl": (("User-Agent", "curl/8.5.0"),),
    "go": (("User-Agent", "Go-http-client/1.1"),),
    "odd": (("User-Agent", "안녕".encode().decode("latin-1")),),
}


def user_agents(bench: Bench) -> Iterator[Case]:
    """Another User-Agent, or none: the vendor has promised none."""
    for name, headers in _AGENTS.items():
        make = partial(Bench.right, headers=headers, without=("user-agent",))
        yield Case(name, one(make, _ADVISED), level="should")
