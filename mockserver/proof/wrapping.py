"""Proofs that leave the body alone: the same bytes, travelling in another way or under other headers.

They come first: a body that is taken when it travels plainly has nothing wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from hookassay.mockserver.emission.delivery import PLAIN, Delivery
from hookassay.mockserver.proof.prover import Cause, Prover

Experiment = tuple[str, str, Delivery]
"""A cause's id, what the receiver does, and the delivery that it takes."""


def plain_cause(prover: Prover) -> Cause | None:
    """What of the delivery's way of travelling the receiver dislikes: the plain way is taken."""
    return _first(prover, plainer)


def odd_cause(prover: Prover) -> Cause | None:
    """What the receiver asks for that the vendor does not send."""
    return _first(prover, odder)


def explains(prover: Prover, proven: Cause) -> bool:
    """Whether the same change makes the receiver take this refused delivery too."""
    tried = (*plainer(prover), *odder(prover))
    return any(prover.taken(delivery) for ident, text, delivery in tried if _caused(ident, text) == proven)


def _first(prover: Prover, experiments: Callable[[Prover], Iterator[Experiment]]) -> Cause | None:
    for ident, text, delivery in experiments(prover):
        if prover.surely_taken(delivery):
            return _caused(ident, text)
    return None


def _caused(ident: str, text: str) -> Cause:
    return Cause(ident, f"your receiver {text}")


def plainer(prover: Prover) -> Iterator[Experiment]:
    """Framing, method, address and headers as the vendor's own: CA-D4, CA-D6, CA-D8, CA-D15 to CA-D18, CA-H8."""
    refused, provider = prover.refused, prover.provider
    framing = replace(refused.framing, fresh=False)
    if framing.version != PLAIN.version:
        text = f"refuses HTTP/{framing.version}: the same delivery by HTTP/{PLAIN.version} is taken"
        yield "CA-D15", text, refused.with_framing(version=PLAIN.version)
    if replace(framing, version=PLAIN.version) != PLAIN:
        text = "stumbles over the framing: the same delivery, whole and with a Content-Length, is taken"
        yield "CA-D6", text, replace(refused, framing=PLAIN)
    if (refused.method, refused.path, refused.query) != (provider.method, "", ""):
        text = f"refuses the method or the address: by {provider.method}, at the target's own, the delivery is taken"
        yield "CA-D18", text, replace(refused, method=provider.method, path="", query="")
    yield from _usual_headers(prover)


def _usual_headers(prover: Prover) -> Iterator[Experiment]:
    """Each header that is not as the vendor sends it, as the vendor sends it."""
    refused, vendor = prover.refused, prover.vendor
    usual = {name.lower(): value for name, value in vendor.headers}
    signed = {name.lower(): name for name in vendor.provider.authentication.headers}
    renamed = tuple((signed.get(name.lower(), name), value) for name, value in refused.headers)
    if renamed != refused.headers:
        text = f"minds how the header's name is written: the same delivery with {', '.join(signed.values())} is taken"
        yield "CA-H8", text, replace(refused, headers=renamed)
    for name in dict.fromkeys([name for name, _ in refused.headers] + [name for name, _ in vendor.headers]):
        values = [value for key, value in refused.headers if key.lower() == name.lower()]
        known = usual.get(name.lower())
        if name.lower() in signed or values == ([] if known is None else [known]):
            continue
        put_back = ((name, known),) if known is not None else ()
        changed = refused.with_headers(*put_back, without=(name,))
        ident = {"content-type": "CA-D4", "user-agent": "CA-D8"}.get(name.lower(), "CA-D17")
        instead = f"with {known!r}" if known is not None else "without it"
        yield ident, f"refuses the header {name} as it was sent: the same delivery {instead} is taken", changed


def odder(prover: Prover) -> Iterator[Experiment]:
    """The same body in a wrapping that the vendor does not use (CA-D4, CA-D7, CA-D8, CA-D13)."""
    delivery = prover.refused
    if prover.provider.authentication.kind == "hmac-header" and not prover.is_signed:
        signed = delivery.with_headers(*prover.signer.sign(delivery.body))
        yield "CA-D13", f"demands a signature on {delivery.event}, which the vendor does not sign", signed
    for content_type in ("application/json; charset=utf-8", "application/json"):
        now = delivery.header("content-type")
        if content_type != now:
            changed = delivery.with_headers(("Content-Type", content_type), without=("content-type",))
            yield "CA-D4", f"refuses the Content-Type {now or '(none)'}: it takes {content_type}", changed
    yield "CA-D7", "answers at the same address with a slash at its end", replace(delivery, path="/")
    browser = (("User-Agent", "Mozilla/5.0"), ("Accept", "*/*"))
    text = "refuses the vendor's User-Agent (a bot guard?)"
    yield "CA-D8", text, delivery.with_headers(*browser, without=("user-agent", "accept"))
