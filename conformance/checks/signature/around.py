"""What stands around the signature and must not matter: content types, marks of harmlessness, the parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import REFUSED, TAKEN, Case, Step
from hookassay.conformance.checks import harmless
from hookassay.conformance.checks.signature.forging import NO_HEADER, OTHER_KEY, named, neighbours, refused
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation import notjson
from hookassay.mockserver.emission.mutation.tampering import TAMPERED
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.vendor import Forge
from hookassay.schemas.contract import Event, Json


def content_types(bench: Bench) -> Iterator[Case]:
    """Forged events that call themselves something else than JSON."""
    for name, value in harmless.CONTENT_TYPES.items():
        for check, forgery in (NO_HEADER, OTHER_KEY):
            headers = (("Content-Type", value),) if value else ()
            make = partial(Bench.forged, forge=named(check, forgery), headers=headers, without=("content-type",))
            yield refused(f"{name},{forgery}", make, why=f"a forged event that calls itself {value or 'nothing'}")


def bypasses(bench: Bench) -> Iterator[Case]:
    """Forged events that call themselves harmless."""
    for name, headers in harmless.headers(bench).items():
        yield refused(name, partial(Bench.forged, forge=named(*OTHER_KEY), headers=headers))
    for name, members in harmless.MEMBERS.items():
        yield refused(f"member-{name}", partial(_with_members, members=members))
    yield refused("query", _with_query, why=f"a forged event with ?{harmless.QUERY}")
    for name, level, wrap in harmless.wrappings(bench):
        for forgery in (NO_HEADER, OTHER_KEY):
            make = partial(_wrapped, wrap=wrap, forge=named(*forgery))
            yield refused(f"{name},{forgery[1]}", make, level=level)
    for forgery in (NO_HEADER, OTHER_KEY):
        yield refused(f"nearly-empty,{forgery[1]}", partial(_nearly_empty, forge=named(*forgery)))
    for event in bench.asked_events:
        for forgery in (NO_HEADER, OTHER_KEY):
            plan = partial(_known, event=event, forge=named(*forgery))
            why = "a forged event with the ids of one that was right"
            twin = partial(Bench.right, event=event)
            yield Case(
                f"{event.name},known,{forgery[1]}", plan, twin, why=why, manner="sequence", neighbours=neighbours
            )


def _known(bench: Bench, event: Event, forge: Forge) -> list[Step]:
    """A right event, then a forged one with its ids and a member more: that it is known proves nothing."""
    before, after = TAMPERED["member-added"][1](bench.document(event))
    return [
        Step(bench.vendor.deliver(event, {}, body=before), TAKEN, "a right event"),
        Step(bench.vendor.deliver(event, {}, body=after, forge=forge), REFUSED, "a forged one with its ids"),
    ]


def _wrapped(bench: Bench, wrap: Callable[[Delivery], Delivery], forge: Forge) -> Delivery:
    return wrap(bench.forged(forge))


def _nearly_empty(bench: Bench, forge: Forge) -> Delivery:
    return bench.vendor.deliver(bench.carrier, harmless.nearly_empty(bench), forge=forge)


def _with_query(bench: Bench) -> Delivery:
    return replace(bench.forged(named(*OTHER_KEY)), query=harmless.QUERY)


def _with_members(bench: Bench, members: dict[str, Json]) -> Delivery:
    return bench.vendor.deliver(bench.carrier, {**bench.document(), **members}, forge=named(*OTHER_KEY))


def before_parsing(bench: Bench) -> Iterator[Case]:
    """Unsigned texts that are no JSON: who refuses them for their signature has not parsed them."""
    for name in ("truncated", "word", "empty", "invalid-utf-8", "nan"):
        why = "text that is not JSON, without a signature"
        yield refused(name, partial(_not_json, name=name), level="should", why=why)


def _not_json(bench: Bench, name: str) -> Delivery:
    body = notjson.NOT_JSON[name](write(bench.document()))
    return bench.vendor.deliver(bench.carrier, {}, body=body, forge=named(*NO_HEADER))


_REFUSALS = {
    "absent": NO_HEADER,
    "wrong": OTHER_KEY,
    "malformed": ("malformed", "not-hex"),
    "short": ("malformed", "one-character"),
    "other-algorithm": ("other-algorithm", "sha1-named"),
}


def no_oracle(bench: Bench) -> Iterator[Case]:
    """Refusals of every kind, looked through for signature and secret; the judge does that for every answer."""
    for name, (check, forgery) in _REFUSALS.items():
        if name != "other-algorithm" or bench.provider.authentication.algorithm != "sha1":
            yield refused(name, partial(Bench.forged, forge=named(check, forgery)))
