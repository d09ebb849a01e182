"""A right delivery with its body or its wrapping changed, rightly signed or not signed at all."""

from __future__ import annotations

from collections.abc import Callable

from hookassay.conformance.bench import Bench
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.spelling import Body, write
from hookassay.mockserver.emission.vendor import Headers
from hookassay.schemas import members
from hookassay.schemas.contract import Event

Change = Callable[[Body], Body]

SIGNED = ("", True)
UNSIGNED = ("unsigned", False)


def ways(bench: Bench) -> tuple[tuple[str, bool], ...]:
    """Rightly signed, so that the error is what is tested, and unsigned too, where the provider signs."""
    return (SIGNED, UNSIGNED) if bench.kind == "hmac-header" else (SIGNED,)


def changed(
    bench: Bench,
    change: Change,
    signed: bool = True,
    headers: Headers = (),
    without: tuple[str, ...] = (),
    method: str = "",
) -> Delivery:
    """A delivery whose body is made from that of a right one (the token still in it, where there is one)."""
    event = bench.carrier
    document = bench.document()
    if bench.kind == "body-token":
        document = bench.vendor.with_token(event, document)
    forge = None if signed else lambda signer, body: ()
    body = change(write(document))
    return bench.vendor.deliver(event, {}, body=body, forge=forge, headers=headers, without=without, method=method)


def as_it_is(body: Body) -> Body:
    return body


def all_but_type(bench: Bench, event: Event) -> Overrides:
    """Every member of the full example left out but the event's name and the token."""
    kept = {event.name_member, bench.provider.authentication.pointer.removeprefix("/")}
    return Overrides(remove=tuple(f"/{members.escape(name)}" for name in event.full.document if name not in kept))
