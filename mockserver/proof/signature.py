"""Proofs for signatures in headers: the body signed as each likely bug would compute the signature."""

from __future__ import annotations

from collections.abc import Iterator

from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.causes import SEPARATING, Hypothesis, hypotheses
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.spelling import Fragment
from hookassay.mockserver.emission.vendor import Headers
from hookassay.mockserver.proof.prover import Cause, Prover


def cause(prover: Prover) -> Cause | None:
    """The wrong way of signing that is taken, once a second event confirms it and a random key does not."""
    delivery, signer = prover.refused, prover.signer
    right = signer.sign(delivery.body)
    forged = _with(prover, delivery, signer.stranger().sign(delivery.body))
    answer = prover.send(forged)
    if prover.is_taking(forged, answer):
        prover.proof.tried = "a wrong signature is taken too, so nothing can be proven by signatures"
        return None
    if answer.status != prover.answer.status:
        return None  # it tells a wrong signature from this: the signature is not what it dislikes
    ways: dict[Headers, list[Hypothesis]] = {}
    for hypothesis in hypotheses():
        headers = hypothesis.headers(signer, delivery.body)
        if headers is not None and headers != right:
            ways.setdefault(headers, []).append(hypothesis)
    prover.proof.tried = f"{len(ways)} likely ways of signing tried, none is taken"
    for headers, named in ways.items():
        if prover.surely_taken(_with(prover, delivery, headers)):
            found = _confirmed(prover, named)
            if found is not None:
                return found
    return None


def explains(prover: Prover, ident: str) -> bool:
    """Whether the bug of this name explains the refusal: the delivery is taken when signed so."""
    delivery, signer = prover.refused, prover.signer
    right = signer.sign(delivery.body)
    ways = {hypothesis.headers(signer, delivery.body) for hypothesis in hypotheses() if hypothesis.id == ident}
    return any(prover.taken(_with(prover, delivery, headers)) for headers in ways if headers not in (None, right))


def _confirmed(prover: Prover, named: list[Hypothesis]) -> Cause | None:
    """Another event must be taken in the same way, and the same way with a random key refused."""
    chosen = named[0] if len(named) == 1 else _separated(prover, named)
    delivery = prover.refused
    for signer, second in _others(prover):
        headers = chosen.headers(signer, second.body)
        if headers is not None:
            break  # some bugs do not show in every body: it may be too short
    if headers is None or not prover.taken(_with(prover, second, headers)):
        return None
    keyless = chosen.headers(prover.signer.stranger(), delivery.body)
    if not chosen.forgeable and keyless is not None and prover.taken(_with(prover, delivery, keyless)):
        return None
    return Cause(chosen.id, f"your receiver {chosen.text}")


def _others(prover: Prover) -> Iterator[tuple[Signer, Delivery]]:
    """Other right deliveries with their signers: an ordinary one, then the refused one with a member more.

    The member is long, since some bugs show in long bodies only.
    """
    vendor, document, longer = prover.vendor, prover.document, "x" * len(prover.refused.body)
    yield vendor.signer(prover.carrier), prover.right(prover.carrier)
    if isinstance(document, dict):
        yield prover.signer, vendor.deliver(prover.event, {**document, "hookassay_second": longer})


def _separated(prover: Prover, named: list[Hypothesis]) -> Hypothesis:
    """Of several bugs that look the same on this body, the one that a body made to tell them apart shows."""
    vendor, carrier = prover.vendor, prover.carrier
    document = prover.document_of(carrier)
    delivery = vendor.deliver(carrier, {**document, "hookassay_separating": Fragment(SEPARATING)})
    for hypothesis in named:
        headers = hypothesis.headers(vendor.signer(carrier), delivery.body)
        if headers is not None and prover.taken(_with(prover, delivery, headers)):
            return hypothesis
    return named[0]


def _with(prover: Prover, delivery: Delivery, headers: Headers | None) -> Delivery:
    """The delivery with other authentication headers."""
    return delivery.with_headers(*(headers or ()), without=tuple(prover.provider.authentication.headers))
