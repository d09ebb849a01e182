"""Rule 4: why a right delivery was refused, within the run's allowance of requests for proofs."""

from __future__ import annotations

from hookassay.conformance import proof
from hookassay.conformance.assess import Problem
from hookassay.conformance.judge.hearing import Hearing
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission.answer import Reaction


def prove(hearing: Hearing, problem: Problem, refused: Sent | None) -> None:
    """Give the problem its proven cause. The causes that are known already are tried on this refusal first."""
    bench, traffic, shared = hearing.bench, hearing.traffic, hearing.shared
    provider = bench.provider.name
    if refused is None or refused.reaction is not Reaction.REFUSED:
        return
    everything = problem.kind == "no-verdict"
    causes = shared.causes.setdefault(provider, [])
    for known in causes:
        cause = proof.Cause(known["id"], known["text"])
        if (everything and known["of_everything"]) or proof.explains(cause, bench, traffic, refused):
            return _name(problem, provider, cause)
    if provider in shared.given_up:
        return
    spent = shared.spent.get(provider, 0)
    found = proof.prove(bench, traffic, refused, proof.ALLOWANCE - spent)
    shared.spent[provider] = spent + found.requests
    problem.tried = found.tried
    if found.ended:
        shared.given_up.append(provider)
    if found.cause is not None:
        causes.append({**vars(found.cause), "of_everything": everything})
        _name(problem, provider, found.cause)


def _name(problem: Problem, provider: str, cause: proof.Cause) -> None:
    problem.cause, problem.finding, problem.proven = f"{provider}:{cause.id}", cause.text, True
