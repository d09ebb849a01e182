"""Why a right delivery is refused: `mockserver.proof`, with what a run knows of its receiver and how it sends."""

from __future__ import annotations

from hookassay.conformance.bench import Bench
from hookassay.conformance.traffic import Sent, Traffic
from hookassay.mockserver import proof
from hookassay.mockserver.proof import ALLOWANCE, Cause, Proof, Prover

__all__ = ["ALLOWANCE", "Cause", "Proof", "explains", "prove"]

_TO_EXPLAIN = 8


def prove(bench: Bench, traffic: Traffic, refused: Sent, allowance: int) -> Proof:
    """Why this right delivery was refused, within so many requests; nothing is raised."""
    return proof.prove(_prover(bench, traffic, refused, allowance))


def explains(proven: Cause, bench: Bench, traffic: Traffic, refused: Sent) -> bool:
    """Whether a proven cause explains this refusal too: the same bug, tried on this delivery."""
    return proof.explains(proven, _prover(bench, traffic, refused, _TO_EXPLAIN))


def _prover(bench: Bench, traffic: Traffic, refused: Sent, allowance: int) -> Prover:
    return Prover(
        vendor=bench.vendor,
        carrier=bench.carrier,
        document_of=bench.document,
        refused=refused.delivery,
        answer=refused.answer,
        transport=lambda delivery: traffic.send_once(bench, delivery).answer,
        left=allowance,
    )
