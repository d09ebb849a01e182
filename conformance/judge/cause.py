"""Rule 4: why a right delivery was refused, within the run's allowance of requests for proofs."""

from __future__ import annotations

from hookassay.conformance import proof
from hookassay.conformance.assess import Problem
from hookassay.conformance.judge.hearing import Hearing
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission.answer import Reaction


def prove(hearing: Hearing, problem: Problem, refused: Sent | None) -> None:
    """Give the problem its proven cause. A cause that is known already is tried on this refusal first."""
    bench, traffic, shared = hearing.bench, hearing.traffic, hearing.shared
    provider = bench.provider.name
    if refused is None or refused.reaction is not Reaction.REFUSED:
        return
    known = shared.causes.get(provider)
    if known is None and provider not in shared.given_up:
        spent = shared.spent.get(provider, 0)
        found = proof.prove(bench, traffic, refused, proof.ALLOWANCE - spent)
        shared.spent[provider] = spent + found.requests
        if found.ended:
            shared.given_up.append(provider)
        if found.cause is not None:
            known = shared.causes[provider] = {"id": found.cause.id, "text": found.cause.text}
        problem.tried = found.tried
    if known is not None and (problem.kind == "no-verdict" or proof.explains(known["id"], bench, traffic, refused)):
        problem.cause, problem.finding, problem.proven = f"{provider}:{known['id']}", known["text"], True
