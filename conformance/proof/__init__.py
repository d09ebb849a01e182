"""Why a right delivery is refused, proven from outside.

The same event is sent again as each likely bug would have authenticated or shaped it, and before that as
plainly as the vendor itself would. The one that is taken names the bug, once a second event confirms it and a random key does not.
"""

from __future__ import annotations

from hookassay.conformance.bench import Bench
from hookassay.conformance.proof import shape, signature, token, wrapping
from hookassay.conformance.proof.prover import Cause, Ended, Proof, Prover
from hookassay.conformance.traffic import Sent, Traffic

__all__ = ["ALLOWANCE", "Cause", "Proof", "explains", "prove"]

ALLOWANCE = 400
"""Requests that proofs may cost, a provider and run."""

_TO_EXPLAIN = 8


def prove(bench: Bench, traffic: Traffic, refused: Sent, allowance: int) -> Proof:
    """Why this right delivery was refused, within so many requests; nothing is raised."""
    prover = Prover(bench, traffic, refused, allowance)
    proof = prover.proof
    try:
        if not prover.is_steady():
            proof.tried = "the same delivery is refused now and taken then, so nothing can be proven"
            return proof
        proof.cause = wrapping.plain_cause(prover)
        if proof.cause is not None:
            return proof
        if bench.kind == "hmac-header":
            proof.cause = signature.cause(prover)
        elif bench.kind == "body-token":
            proof.cause = token.cause(prover)
        if proof.cause is None:
            proof.cause = shape.cause(prover, ALLOWANCE // 2) or wrapping.odd_cause(prover)
    except Ended:
        proof.ended = True
    return proof


def explains(proven: Cause, bench: Bench, traffic: Traffic, refused: Sent) -> bool:
    """Whether a proven cause explains this refusal too: the same bug, tried on this delivery."""
    prover = Prover(bench, traffic, refused, _TO_EXPLAIN)
    try:
        if bench.kind == "hmac-header" and signature.explains(prover, proven.id):
            return True
        return shape.explains(prover, proven) or wrapping.explains(prover, proven)
    except Ended:
        return False
