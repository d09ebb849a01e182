"""What is forged and has to be refused: the catalogue of forgeries, on the carrier and on every event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import REFUSED, TAKEN, Case, Cases, NotApplicable, Step
from hookassay.conformance.checks.signature.forging import (
    NO_HEADER,
    OTHER_KEY,
    forge,
    named,
    neighbours,
    refused,
)
from hookassay.conformance.checks.strangers import STRANGERS, strangers
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation.signature import by_check
from hookassay.mockserver.emission.mutation.tampering import TAMPERED, Change
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import COMPACT, Body, write
from hookassay.mockserver.emission.vendor import Forge
from hookassay.schemas.contract import Event, Json

_SPACED = SPELLINGS["spaced"]
_NO_KEY = ("empty-key", "undefined", "null", "None", "nil")
_Named = tuple[str, str]


def forgeries(check: str, without: str = "") -> Cases:
    """The cases of a check: each forgery of its kind that this secret and these headers allow, on the carrier."""

    def cases(bench: Bench) -> Iterator[Case]:
        signer, example = bench.vendor.signer(bench.carrier), bench.carrier.full.document
        for forgery in by_check(check):
            spelling = _SPACED if forgery.name.startswith("rewritten") else COMPACT
            if forgery.name != without and forgery.make(signer, write(example, spelling).data) is not None:
                make = partial(Bench.forged, forge=forge(forgery), spelling=spelling)
                twin = partial(Bench.right, spelling=spelling)
                yield refused(forgery.name, make, twin, forgery.level, forgery.why)

    return cases


def absent(bench: Bench) -> Iterator[Case]:
    yield from _on_each_event(bench, NO_HEADER, ("absent", "empty-value"))
    yield from _unknown_event(bench, NO_HEADER)


def wrong_key(bench: Bench) -> Iterator[Case]:
    yield from _on_each_event(bench, OTHER_KEY)
    yield from forgeries("wrong-key", without="other-key")(bench)
    yield from _unknown_event(bench, OTHER_KEY)
    for event in bench.asked_events:
        make = partial(Bench.forged, forge=named(*OTHER_KEY), event=event, example="minimal")
        twin = partial(Bench.right, event=event, example="minimal")
        yield refused(f"{event.name},minimal", make, twin, bench.level_of(event))


def guessable_keys(bench: Bench) -> Iterator[Case]:
    """Keys that stand there where nobody has set one; also where the key of a stranger is looked up."""
    yield from forgeries("guessable-key")(bench)
    for name, members in strangers(bench).items():
        for forgery in by_check("guessable-key"):
            if forgery.name in _NO_KEY:
                make = partial(_of_stranger, name=name, members=members, forge=forge(forgery))
                yield refused(f"{name},{forgery.name}", make, why=f"{forgery.why}, of {STRANGERS[name]}")


def _of_stranger(bench: Bench, name: str, members: dict[str, Json], forge: Forge) -> Delivery:
    if name not in bench.facts.strangers:
        raise NotApplicable(f"what any other key has signed is not refused either of {STRANGERS[name]}")
    return bench.vendor.deliver(bench.carrier, {**bench.document(), **members}, forge=forge)


def _on_each_event(bench: Bench, *names: _Named) -> Iterator[Case]:
    """Some forgeries on every event; on one that nobody asked for they count where the right one is taken."""
    for event in bench.events:
        for check, name in names:
            make = partial(Bench.forged, forge=named(check, name), event=event)
            case = refused(f"{event.name},{name}", make, partial(Bench.right, event=event))
            yield case if event.name in bench.asked else replace(case, if_taken=True)


def _unknown_event(bench: Bench, forgery: _Named) -> Iterator[Case]:
    """An event type that nobody knows, forged: a branch that returns before the check."""
    member = bench.events[0].name_member
    if member is None:
        return

    def document(bench: Bench) -> Json:
        return {**bench.document(), member: "hookassay_new_event"}

    def make(bench: Bench) -> Delivery:
        return bench.vendor.deliver(bench.carrier, document(bench), forge=named(*forgery))

    def twin(bench: Bench) -> Delivery:
        return bench.vendor.deliver(bench.carrier, document(bench))

    case = refused(f"unknown-event,{forgery[1]}", make, twin, why="an event type that nobody knows")
    yield replace(case, if_taken=True)


def wrong_message(bench: Bench) -> Iterator[Case]:
    """Signatures of something else: other texts, a body seen before, another event."""
    yield from forgeries("wrong-message")(bench)
    yield Case("seen-before", _seen_before, Bench.right, manner="sequence", neighbours=neighbours)
    events = bench.asked_events
    for event, other in zip(events, (*events[1:], events[0]), strict=True):
        if event is not other:
            make = partial(_signed_as, event=event, other=other)
            why = "the right signature of another event"
            yield refused(f"{event.name},signature-of-{other.name}", make, partial(Bench.right, event=event), why=why)


def _seen_before(bench: Bench) -> list[Step]:
    """A right delivery, then its signature again over another body: what was right once is not right for ever."""
    first = bench.right()
    forged = replace(first, body=write(bench.document()).data)
    return [
        Step(first, TAKEN, "a right delivery"),
        Step(forged, REFUSED, "another body under the same signature"),
    ]


def _signed_as(bench: Bench, event: Event, other: Event) -> Delivery:
    elsewhere = write(bench.document(other)).data
    return bench.forged(lambda signer, body: signer.sign(elsewhere), event)


def tampered(bench: Bench) -> Iterator[Case]:
    """Bodies that were changed after signing."""
    for name, (why, change) in TAMPERED.items():
        yield _tampering(None, name, why, change)
    for event in bench.asked_events:
        yield replace(_tampering(event, "letter", *TAMPERED["letter"]), name=f"{event.name},letter")
    why = "the body changed after signing: a long one, at its end"
    yield refused("last-character-of-45-kB", _long_changed, _long, why=why)


def _tampering(event: Event | None, name: str, why: str, change: Change) -> Case:
    def make(bench: Bench) -> Delivery:
        kind = event or bench.carrier
        before, after = change(bench.document(kind))
        if before.data == after.data:
            raise NotApplicable("the body has nothing that could be changed so")
        return bench.vendor.deliver(kind, {}, body=after, forge=lambda signer, _: signer.sign(before.data))

    return refused(name, make, partial(Bench.right, event=event), why=f"the body changed after signing: {why}")


def _long_body(bench: Bench) -> Body:
    """Longer than one read."""
    return write({**bench.document(), "hookassay_extra": "가" * 15_000 + "."})


def _long(bench: Bench) -> Delivery:
    return bench.vendor.deliver(bench.carrier, {}, body=_long_body(bench))


def _long_changed(bench: Bench) -> Delivery:
    right = _long_body(bench)
    end = len(right.data)
    changed = right.splice(end - 3, end - 2, b"!")
    return bench.vendor.deliver(bench.carrier, {}, body=changed, forge=lambda signer, _: signer.sign(right.data))
