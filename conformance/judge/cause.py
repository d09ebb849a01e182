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
    explained = problem.kind == "no-verdict"
    if known is None and provider not in shared.given_up:
        spent = shared.spent.get(provider, 0)
        found = proof.prove(bench, traffic, refused, proof.ALLOWANCE - spent)
        shared.spent[provider] = spent + found.requests
        if found.ended:
            shared.given_up.append(provider)
        if found.cause is not None:
            known = shared.causes[provider] = vars(found.cause)
            explained = True
        problem.tried = found.tried
    if known is not None and (explained or proof.explains(proof.Cause(**known), bench, traffic, refused)):
        problem.cause, problem.finding, problem.proven = f"{provider}:{known['id']}", known["text"], True
