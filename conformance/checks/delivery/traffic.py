"""Several deliveries: repeats, bursts, conversations, and working on after whatever was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, TAKEN, Case, Expectation, Step
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.mutation import notjson
from hookassay.mockserver.emission.mutation.signature import Forgery, by_check
from hookassay.mockserver.emission.overrides import Overrides, apply
from hookassay.mockserver.emission.scenario import play
from hookassay.mockserver.emission.spelling import write
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json, Level

_BURST = 20
_MANY, _FEW, _MANY_SECONDS = 200, 20, 10
"""Deliveries in a row: as many as take ten seconds, within these bounds."""

_SPOILED = ("", "text", "moment")
"""Roles of members without which an event says nothing: not of ids, whose conversation it is, nor of the token."""

_ADVISED = Expectation("taken", "should")


# repeats


def repeats(bench: Bench) -> Iterator[Case]:
    """The same delivery again: MUST where the vendor documents that it sends again."""
    level: Level = "must" if bench.provider.retries_documented else "should"
    for event in bench.events:
        for name, count in (("twice", 2), ("ten-times", 10)):
            if count == 2 or event is bench.events[0]:
                expect = Expectation("taken", bench.level_of(event, level))
                plan = partial(_repeated, event=event, count=count, expect=expect)
                yield Case(f"{event.name},{name}", plan, level=expect.level, manner="sequence")


def _repeated(bench: Bench, event: Event, count: int, expect: Expectation) -> list[Step]:
    delivery = bench.right(event)
    return [Step(delivery, expect, f"time {number}") for number in range(1, count + 1)]


def repeats_in_parallel(bench: Bench) -> Iterator[Case]:
    def plan(bench: Bench) -> list[Step]:
        delivery = bench.right()
        return [Step(delivery, _ADVISED, f"copy {number}") for number in range(1, 11)]

    yield Case("ten-at-once", plan, level="should", manner="together")


def later_repeats(bench: Bench) -> Iterator[Case]:
    """The same event, sent again with a later time of sending."""
    properties = bench.events[0].expanded.get("properties", {})
    name = next((name for name, schema in properties.items() if schema.get("x-role") == "time"), None)
    if name is not None:
        yield Case("sent-again-later", partial(_sent_later, member=name), level="should", manner="sequence")


def _sent_later(bench: Bench, member: str) -> list[Step]:
    ids, at = Ids(), bench.vendor.clock()
    form = partial(bench.vendor.document, bench.carrier, bench.carrier_example, ids=ids, at=at)
    first = form()
    again = form(Overrides({f"/{member}": times.like(first[member], at + 2 * times.SECOND)}))
    return [
        Step(bench.vendor.deliver(bench.carrier, first), _ADVISED, "the event"),
        Step(bench.vendor.deliver(bench.carrier, again), _ADVISED, "the same event, sent later"),
    ]


# bursts


def bursts(bench: Bench) -> Iterator[Case]:
    """Many events at once."""
    yield Case(f"{_BURST}-at-once", partial(_right_ones, count=_BURST), manner="together")
    if len(bench.asked) > 1:
        yield Case("events-mixed", _mixed, manner="together")
    yield Case("50-at-once", partial(_right_ones, count=50), manner="together")


def _right_ones(bench: Bench, count: int) -> list[Step]:
    return [Step(bench.right(), TAKEN, f"delivery {number}") for number in range(1, count + 1)]


def _mixed(bench: Bench) -> list[Step]:
    events = bench.asked_events * (_BURST // len(bench.asked_events) + 1)
    return [Step(bench.right(event), TAKEN, event.name) for event in events[:_BURST]]


def many(bench: Bench) -> Iterator[Case]:
    """Many events on one connection: what is never closed or freed runs out."""

    def plan(bench: Bench) -> list[Step]:
        in_time = int(_MANY_SECONDS / max(bench.facts.usual, 0.001))
        return _right_ones(bench, min(_MANY, max(_FEW, in_time)))

    yield Case("on-one-connection", plan, manner="in-turn")


# conversations


def conversations(bench: Bench) -> Iterator[Case]:
    """Every scripted conversation of the provider, told within seconds: ids that belong together, times that rise."""
    for name in bench.provider.scenarios:
        yield Case(name, partial(_told, name=name), manner="sequence")


def _told(bench: Bench, name: str) -> list[Step]:
    told = play(bench.vendor, bench.provider.scenarios[name])
    return [Step(delivery, _by_event(bench, delivery), label) for label, delivery in told]


def _by_event(bench: Bench, delivery: Delivery) -> Expectation:
    return Expectation("taken", bench.level_of(bench.provider.events[delivery.event]))


def out_of_order(bench: Bench) -> Iterator[Case]:
    """The same conversations from their end to their beginning."""
    for name in bench.provider.scenarios:
        yield Case(f"{name},reversed", partial(_told_backwards, name=name), level="should", manner="sequence")


def _told_backwards(bench: Bench, name: str) -> list[Step]:
    return [step._replace(expect=_ADVISED) for step in reversed(_told(bench, name))]


# working on


def recovery(bench: Bench) -> Iterator[Case]:
    """A good one after a run of bad ones, and among them."""
    yield Case("after-bad-ones", _after_each_kind, manner="sequence")
    yield Case("after-twenty-bad-ones", _after_twenty, manner="sequence")
    yield Case("among-bad-ones", _alternating, manner="together")
    for event in bench.asked_events:
        yield Case(f"{event.name},after-spoiled-ones", partial(_after_spoiled, event=event), manner="sequence")
        if bench.kind in ("hmac-header", "body-token"):
            yield Case(f"{event.name},after-its-forgery", partial(_after_its_forgery, event=event), manner="sequence")


def _after_each_kind(bench: Bench) -> list[Step]:
    steps = []
    for name in ("truncated", "empty", "invalid-utf-8", "nuls", "word"):
        body = notjson.NOT_JSON[name](write(bench.document()))
        steps.append(Step(bench.vendor.deliver(bench.carrier, {}, body=body), CALM, name))
    if bench.kind == "hmac-header":
        for check in ("absent", "wrong-key", "malformed"):
            steps.append(_with(bench, by_check(check)[0]))
    elif bench.kind == "body-token":
        steps += [Step(bench.with_token("wrong"), CALM, "a wrong token")] * 3
    return [*steps, Step(bench.right(), TAKEN, "a right one")]


def _after_spoiled(bench: Bench, event: Event) -> list[Step]:
    """An event behind bad ones of the same conversation, whatever it makes of them.

    It may refuse the last one, too, or take it for a repeat; what it held for the conversation may not hold it up.
    """
    ids = Ids()
    bad = (_spoiled(event, bench.document(event, ids=ids), *how) for how in _WAYS)
    steps = [Step(bench.vendor.deliver(event, document), CALM, "a bad one of the same ids") for document in bad]
    return [*steps, Step(bench.vendor.deliver(event, bench.document(event, ids=ids)), CALM, "a right one")]


def _after_its_forgery(bench: Bench, event: Event) -> list[Step]:
    """An event that a stranger has sent before the vendor, without the proof: of what is forged nothing is noted."""
    document = bench.document(event)
    forged = (
        bench.vendor.deliver(event, document, forge=lambda signer, body: ())
        if bench.kind == "hmac-header"
        else bench.vendor.deliver(event, document, token="wrong")
    )
    right = bench.vendor.deliver(event, document)
    return [Step(forged, CALM, "the event, forged"), Step(right, TAKEN, "the event")]


def _spoiled(event: Event, document: Json, kind: Kind, how: Callable[[Json], Json]) -> Json:
    """A document that nobody can use: what is of a kind below its top level is another value, but for what names
    somebody or something. It is another delivery than the one that it was made of."""
    walked = list(members.walk(event.expanded, document))
    naming = [member.pointer for member in walked if member.role not in _SPOILED]
    changes: dict[str, Json] = {}
    for member in walked:
        inside = f"{member.pointer}/"
        if member.role == "delivery" and isinstance(member.value, (str, int)):
            changes[member.pointer] = Ids().renew(member.value)
        elif (
            member.pointer.count("/") > 1
            and isinstance(member.value, kind)
            and not any(pointer == member.pointer or pointer.startswith(inside) for pointer in naming)
            and not any(member.pointer.startswith(f"{changed}/") for changed in changes)
        ):
            changes[member.pointer] = how(member.value)
    return apply(document, Overrides(changes))


def _of_another_type(value: Json) -> Json:
    return 7 if isinstance(value, str) else "seven"


Kind = tuple[type, ...]
_PLAIN: Kind = (str, int, float, type(None))
_WAYS: tuple[tuple[Kind, Callable[[Json], Json]], ...] = (
    (_PLAIN, _of_another_type),
    (_PLAIN, lambda value: None),
    ((dict, list), _of_another_type),
)


def _with(bench: Bench, forgery: Forgery) -> Step:
    return Step(bench.forged(lambda signer, body: forgery.make(signer, body) or ()), CALM, forgery.why)


def _after_twenty(bench: Bench) -> list[Step]:
    bad = [Step(refusable(bench), CALM, "a bad one") for _ in range(20)]
    return [*bad, Step(bench.right(), TAKEN, "a right one")]


def _alternating(bench: Bench) -> list[Step]:
    steps = []
    for _ in range(10):
        steps.append(Step(bench.right(), TAKEN, "a right one"))
        steps.append(Step(refusable(bench), CALM, "a bad one"))
    return steps


def refusable(bench: Bench) -> Delivery:
    """A delivery that a right receiver refuses, or at least need not take."""
    if bench.kind == "hmac-header":
        return bench.forged(lambda signer, body: ())
    if bench.kind == "body-token":
        return bench.with_token("wrong")
    return bench.vendor.deliver(bench.carrier, {}, body=notjson.NOT_JSON["truncated"](write(bench.document())))
