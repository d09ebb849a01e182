"""Delivery: repeats, bursts, conversations, and working on after whatever was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, Case, Cases, Expectation, Step
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.mutation import notjson
from hookassay.mockserver.emission.mutation.signature import by_check
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.scenario import play
from hookassay.mockserver.emission.spelling import write
from hookassay.schemas.contract import Event, Level

_BURST = 20
_MANY, _FEW, _MANY_SECONDS = 200, 20, 10
"""Deliveries in a row: as many as take ten seconds, within these bounds."""


def _repeat_level(bench: Bench) -> Level:
    """MUST where the vendor documents that it sends again."""
    return "must" if bench.provider.retries_documented else "should"


def _repeat(bench: Bench) -> Iterator[Case]:
    level = _repeat_level(bench)
    for event in bench.events:
        for name, times_sent in (("twice", 2), ("ten-times", 10)):
            if times_sent > 2 and event is not bench.events[0]:
                continue

            def plan(bench: Bench, event: Event = event, times_sent: int = times_sent) -> list[Step]:
                delivery = bench.right(event)
                expect = Expectation("taken", bench.level_of(event, level))
                return [Step(delivery, expect, f"time {n}") for n in range(1, times_sent + 1)]

            yield Case(f"{event.name},{name}", plan, level=bench.level_of(event, level), manner="sequence")


def _repeat_in_parallel(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        delivery = bench.right()
        return [Step(delivery, Expectation("taken", "should"), f"copy {n}") for n in range(1, 11)]

    yield Case("ten-at-once", plan, level="should", manner="together")


def _burst(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        return [Step(bench.right(), Expectation("taken"), f"delivery {n}") for n in range(1, _BURST + 1)]

    yield Case(f"{_BURST}-at-once", plan, lambda bench: bench.right(), manner="together")

    def mixed(bench: Bench) -> list[Step]:
        events = [event for event in bench.asked_events] * (_BURST // len(bench.asked_events) + 1)
        return [Step(bench.right(event), Expectation("taken"), event.name) for event in events[:_BURST]]

    if len(bench.asked) > 1:
        yield Case("events-mixed", mixed, lambda bench: bench.right(), manner="together")

    def fifty(bench: Bench) -> list[Step]:
        return [Step(bench.right(), Expectation("taken"), f"delivery {n}") for n in range(1, 51)]

    yield Case("50-at-once", fifty, lambda bench: bench.right(), manner="together")


def _many(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        count = min(_MANY, max(_FEW, int(_MANY_SECONDS / max(bench.facts.usual, 0.001))))
        return [Step(bench.right(), Expectation("taken"), f"delivery {n}") for n in range(1, count + 1)]

    yield Case("on-one-connection", plan, lambda bench: bench.right(), manner="in-turn")


def _conversation(bench: Bench) -> Iterator[Case]:
    """Every scripted conversation of the provider, told within seconds: ids that belong together, times that rise."""
    for name in bench.provider.scenarios:

        def plan(bench: Bench, name: str = name) -> list[Step]:
            return [
                Step(delivery, _expect(bench, delivery), label)
                for label, delivery in play(bench.vendor, bench.provider.scenarios[name])
            ]

        yield Case(name, plan, manner="sequence")


def _expect(bench: Bench, delivery: Delivery) -> Expectation:
    return Expectation("taken", "must" if delivery.event in bench.asked else "should")


def _out_of_order(bench: Bench) -> Iterator[Case]:
    for name in bench.provider.scenarios:

        def plan(bench: Bench, name: str = name) -> list[Step]:
            told = [(label, delivery) for label, delivery in play(bench.vendor, bench.provider.scenarios[name])]
            return [Step(delivery, Expectation("taken", "should"), label) for label, delivery in reversed(told)]

        yield Case(f"{name},reversed", plan, level="should", manner="sequence")


def _recovery(bench: Bench) -> Iterator[Case]:
    """A good one after a run of bad ones of every kind."""

    def bad(bench: Bench) -> list[Step]:
        steps = []
        for name in ("truncated", "empty", "invalid-utf-8", "nuls", "word"):
            body = notjson.NOT_JSON[name](write(bench.document()))
            steps.append(Step(bench.vendor.deliver(bench.carrier, {}, body=body), CALM, name))
        if bench.kind == "hmac-header":
            for forgery in (by_check("absent")[0], by_check("wrong-key")[0], by_check("malformed")[0]):
                steps.append(
                    Step(
                        bench.forged(lambda signer, body, forgery=forgery: forgery.make(signer, body) or ()),
                        CALM,
                        forgery.why,
                    )
                )  # type: ignore[misc]
        elif bench.kind == "body-token":
            steps += [Step(bench.with_token("wrong"), CALM, "a wrong token")] * 3
        steps.append(Step(bench.right(), Expectation("taken"), "a right one"))
        return steps

    yield Case("after-bad-ones", bad, lambda bench: bench.right(), manner="sequence")

    def twenty(bench: Bench) -> list[Step]:
        wrong = [_refusable(bench) for _ in range(20)]
        return [
            *(Step(delivery, CALM, "a bad one") for delivery in wrong),
            Step(bench.right(), Expectation("taken"), "a right one"),
        ]

    yield Case("after-twenty-bad-ones", twenty, lambda bench: bench.right(), manner="sequence")

    def parallel(bench: Bench) -> list[Step]:
        return [
            Step(_refusable(bench), CALM, "a bad one")
            if n % 2
            else Step(bench.right(), Expectation("taken"), "a right one")
            for n in range(20)
        ]

    yield Case("among-bad-ones", parallel, lambda bench: bench.right(), manner="together")


def _refusable(bench: Bench) -> Delivery:
    """A delivery that a right receiver refuses, or at least need not take."""
    if bench.kind == "hmac-header":
        return bench.forged(lambda signer, body: ())
    if bench.kind == "body-token":
        return bench.with_token("wrong")
    return bench.vendor.deliver(bench.carrier, {}, body=notjson.NOT_JSON["truncated"](write(bench.document())))


def _one_connection(bench: Bench) -> Iterator[Case]:
    """Bad and good on one connection: what is left of a refused body must not become the next request."""

    def plan(bench: Bench) -> list[Step]:
        steps = []
        for _ in range(3):
            large = write({**bench.document(), "hookassay_extra": "a" * 20_000})
            steps.append(Step(_refusable(bench), CALM, "a bad one"))
            steps.append(Step(bench.right(), Expectation("taken"), "a right one"))
            forge = None if bench.kind != "hmac-header" else lambda signer, body: ()
            steps.append(
                Step(
                    bench.vendor.deliver(bench.carrier, {}, body=large.cut(len(large.data) - 1), forge=forge),
                    CALM,
                    "a large bad one",
                )
            )
            steps.append(Step(bench.right(), Expectation("taken"), "a right one"))
        return steps

    yield Case("bad-and-good", plan, lambda bench: bench.right(), manner="in-turn")

    def methods(bench: Bench) -> list[Step]:
        return [
            Step(bench.right(method="PUT"), CALM, "by PUT"),
            Step(bench.right(), Expectation("taken"), "a right one"),
            Step(replace(bench.right(), path="/hookassay-no-such-path"), CALM, "another path"),
            Step(bench.right(), Expectation("taken"), "a right one"),
        ]

    yield Case("other-methods-and-good", methods, lambda bench: bench.right(), manner="in-turn")


# framing


def _framed(
    name: str,
    framing: Callable[[Bench, Delivery], Framing],
    expect: Callable[[Bench], Expectation],
    level: Level = "must",
) -> Case:
    def plan(bench: Bench) -> list[Step]:
        delivery = bench.right()
        return [Step(replace(delivery, framing=framing(bench, delivery)), expect(bench))]

    return Case(name, plan, lambda bench: bench.right(), level=level)


def _slow(bench: Bench) -> Iterator[Case]:
    yield _framed(
        "in-five-pieces",
        lambda bench, d: Framing(pieces=tuple(len(d.body) * n // 5 for n in range(1, 5)), pause=0.2, fresh=True),
        lambda bench: Expectation("taken"),
    )
    yield _framed(
        "first-byte-then-a-pause",
        lambda bench, d: Framing(pieces=(1,), pause=1.0, fresh=True),
        lambda bench: Expectation("taken"),
    )


def _http11(bench: Bench) -> bool:
    return bench.facts.http_version != "1.0"


def _chunked(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        _only_http11(bench)
        return [Step(replace(bench.right(), framing=Framing(chunked=True)), Expectation("taken", "should"))]

    yield Case("chunked", plan, lambda bench: bench.right(), level="should")


def _expect_continue(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        _only_http11(bench)
        return [Step(replace(bench.right(), framing=Framing(expect=True)), Expectation("taken", "should"))]

    yield Case("expect-100-continue", plan, lambda bench: bench.right(), level="should")


def _only_http11(bench: Bench) -> None:
    from hookassay.conformance.check import NotApplicable

    if not _http11(bench):
        raise NotApplicable("the receiver answers HTTP/1.0, which has no such framing")


def _cut_short(bench: Bench) -> Iterator[Case]:
    for name, share in (("half", 0.5), ("nothing", 0.0), ("last-byte-missing", 1.0)):
        yield _framed(
            name,
            lambda bench, d, share=share: Framing(cut=min(len(d.body) - 1, int(len(d.body) * share)), fresh=True),
            lambda bench: CALM,
        )  # type: ignore[misc]


def _http_10(bench: Bench) -> Iterator[Case]:
    yield _framed(
        "http-1.0",
        lambda bench, d: Framing(version="1.0", fresh=True),
        lambda bench: Expectation("taken", "should"),
        "should",
    )


def _long_header(bench: Bench) -> Iterator[Case]:
    for size in (20_000, 70_000):

        def plan(bench: Bench, size: int = size) -> list[Step]:
            return [Step(bench.right().with_headers(("X-Hookassay", "a" * size)), CALM)]

        yield Case(f"{size // 1000}-kB", plan, lambda bench: bench.right())


def _too_large(bench: Bench) -> Iterator[Case]:
    for megabytes in (2, 10):

        def plan(bench: Bench, megabytes: int = megabytes) -> list[Step]:
            body = write({**bench.document(), "hookassay_extra": "a" * (megabytes * 1_000_000)})
            if bench.kind == "body-token":
                body = write(
                    bench.vendor.with_token(
                        bench.carrier, {**bench.document(), "hookassay_extra": "a" * (megabytes * 1_000_000)}
                    )
                )
            return [Step(bench.vendor.deliver(bench.carrier, {}, body=body), CALM)]

        yield Case(f"{megabytes}-MB", plan, lambda bench: bench.right())


def _user_agent(bench: Bench) -> Iterator[Case]:
    for name, value in {
        "none": "",
        "curl": "curl/8.5.0",
        "go": "Go-http-client/1.1",
        "odd": "안녕".encode().decode("latin-1"),
    }.items():

        def plan(bench: Bench, value: str = value) -> list[Step]:
            headers = (("User-Agent", value),) if value else ()
            return [Step(bench.right(headers=headers, without=("user-agent",)), Expectation("taken", "should"))]

        yield Case(name, plan, level="should")


def _later(bench: Bench) -> Iterator[Case]:
    """The same event, sent again with a later time of sending."""
    times_members = [
        name
        for name, schema in bench.events[0].expanded.get("properties", {}).items()
        if schema.get("x-role") == "time"
    ]
    if not times_members:
        return

    def plan(bench: Bench) -> list[Step]:
        ids, at = Ids(), bench.vendor.clock()
        first = bench.vendor.document(bench.carrier, bench.carrier_example, ids=ids, at=at)
        name = times_members[0]
        again = bench.vendor.document(
            bench.carrier,
            bench.carrier_example,
            Overrides({f"/{name}": times.like(first[name], at + 2 * times.SECOND)}),
            ids=ids,
            at=at,
        )
        return [
            Step(bench.vendor.deliver(bench.carrier, document), Expectation("taken", "should"), label)
            for label, document in (("the event", first), ("the same event, sent later", again))
        ]

    yield Case("sent-again-later", plan, level="should", manner="sequence")


CASES: dict[str, Cases] = {
    "repeat": _repeat,
    "burst": _burst,
    "many": _many,
    "conversation": _conversation,
    "recovery": _recovery,
    "one-connection": _one_connection,
    "slow": _slow,
    "cut-short": _cut_short,
    "long-header": _long_header,
    "too-large": _too_large,
    "repeat-in-parallel": _repeat_in_parallel,
    "out-of-order": _out_of_order,
    "later-repeat": _later,
    "chunked": _chunked,
    "expect": _expect_continue,
    "http-10": _http_10,
    "user-agent": _user_agent,
}
"""Check → its cases; the records stand in `delivery.toml`."""
