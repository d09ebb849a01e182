"""Why a right delivery is refused, proven from outside.

The same event is sent again as each likely bug would have authenticated or shaped it, and before that as
plainly as the vendor itself would. The one that is taken names the bug, once a second event confirms it and a
random key does not. The battery, `send --why` and the mock's console ask here; each brings its own way of sending.
"""

from __future__ import annotations

from hookassay.mockserver.proof import shape, signature, token, wrapping
from hookassay.mockserver.proof.prover import Cause, Ended, Proof, Prover

__all__ = ["ALLOWANCE", "Cause", "Ended", "Proof", "Prover", "explains", "prove"]

ALLOWANCE = 400
"""Requests that one question may cost; in a battery all proofs of a provider."""


def prove(prover: Prover) -> Proof:
    """Why this right delivery was refused; Ended is not raised."""
    proof = prover.proof
    try:
        if not prover.is_steady():
            proof.tried = "the same delivery is refused now and taken then, so nothing can be proven"
            return proof
        proof.cause = wrapping.plain_cause(prover)
        if proof.cause is not None:
            return proof
        kind = prover.provider.authentication.kind
        if kind == "hmac-header" and prover.is_signed:
            proof.cause = signature.cause(prover)
        elif kind == "body-token":
            proof.cause = token.cause(prover)
        if proof.cause is None:
            proof.cause = shape.cause(prover, ALLOWANCE // 2) or wrapping.odd_cause(prover)
    except Ended:
        proof.ended = True
    return proof


def explains(proven: Cause, prover: Prover) -> bool:
    """Whether a proven cause explains this refusal too: the same bug, tried on this delivery."""
    try:
        if prover.provider.authentication.kind == "hmac-header" and signature.explains(prover, proven.id):
            return True
        return shape.explains(prover, proven) or wrapping.explains(prover, proven)
    except Ended:
        return False
