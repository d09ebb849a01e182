"""Rule 1: a refusal counts only if a right delivery, sent after it, is taken."""

from __future__ import annotations

from collections.abc import Sequence

from hookassay.conformance import hints
from hookassay.conformance.assess import Problem
from hookassay.conformance.check import NotApplicable, Step
from hookassay.conformance.judge import again, cause, death, refused
from hookassay.conformance.judge.hearing import Doubt, Hearing
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.delivery import Delivery

_ORDINARY = "ordinary right delivery"
_UNTIL = "Until a right delivery is taken, nothing else can be judged."


def still_refuses_everything(hearing: Hearing) -> bool:
    """Where nothing right was taken in the case before, one more right delivery shows whether that is still so.

    If it is, that is the case's problem, and nothing else of it is sent: it would prove nothing.
    """
    provider = hearing.bench.provider.name
    if provider not in hearing.shared.refusing:
        return False
    hearing.shared.refusing.remove(provider)
    sent = hearing.right(_ORDINARY)
    if sent.reaction is Reaction.TAKEN or not sent.answered:
        return False
    _refuses_right(hearing, sent)
    return True


def close(hearing: Hearing, steps: Sequence[Step]) -> None:
    """Send the twin where it is due, and ask what is behind what went wrong."""
    problems = hearing.trial.problems
    if (not problems and not is_due(steps)) or any(problem.kind == "died" for problem in problems):
        return
    twin = _send_twin(hearing)
    if twin.reaction is not Reaction.TAKEN:
        _twin_failed(hearing, twin, steps)
    problem = problems[0] if problems else None
    if problem is not None and problem.kind == "refused":
        cause.prove(hearing, problem, hearing.trial.refused_one())
    elif problem is not None and problem.kind == "taken":
        _look_around(hearing, problem)


def is_due(steps: Sequence[Step]) -> bool:
    """Whether the twin is sent even if nothing goes wrong: something was not simply to be taken."""
    return any(step.expect.reaction != "taken" for step in steps)


def build(hearing: Hearing) -> None:
    """Build the twin while there is time."""
    try:
        hearing.twin = _build(hearing)
    except Exception:  # whatever it is, it comes again when the twin is due, and is told there
        hearing.twin = None


def _build(hearing: Hearing) -> Delivery:
    case, bench = hearing.case, hearing.bench
    return case.twin(bench) if case.twin is not None else bench.right()


def _send_twin(hearing: Hearing) -> Sent:
    delivery, hearing.twin = hearing.twin or _build(hearing), None
    return hearing.record("right delivery", delivery, "taken (2xx)")


def _twin_failed(hearing: Hearing, first: Sent, steps: Sequence[Step]) -> None:
    """Asked again, it is taken, or refused too, or nobody is there any more."""
    if hearing.once:
        raise Doubt
    problems, twin = hearing.trial.problems, first
    for _ in range(again.asks(hearing)):
        if not twin.answered and not hearing.is_alive():
            problems.insert(0, death.bury(hearing, steps))
            return
        twin = _send_twin(hearing)
        if twin.reaction is Reaction.TAKEN:
            hearing.shared.unsteady += 1
            if not problems:
                told = f"a right delivery was answered {first.answer.in_words()}"
                problems.append(Problem("refused", hearing.case.level, told).unsteady(None))
            return
    _refuses_right(hearing, twin)


def _refuses_right(hearing: Hearing, twin: Sent) -> None:
    """The right one is not taken: whatever the probe's answer was, it proves nothing."""
    problems, provider = hearing.trial.problems, hearing.bench.provider.name
    is_ordinary = hearing.case.twin is None or hearing.trial.exchanges[-1][0] == _ORDINARY
    ordinary = twin if is_ordinary else hearing.right(_ORDINARY)
    everything = ordinary.reaction is not Reaction.TAKEN
    if not everything and hearing.case.if_taken:
        if not problems:
            raise NotApplicable(f"the receiver does not take the right {twin.delivery.event} beside it either")
        return
    how = {"refused": "refused", "broke": "answered with an error", "redirected": "redirected"}
    told = how.get(str(twin.reaction), "not answered")
    problem = Problem(
        "no-verdict",
        "must" if everything else hearing.case.level,
        f"no verdict: the right one is {told} too ({twin.answer.in_words()})",
        cause=f"{provider}:refuses-everything" if everything else f"{provider}:refuses-beside:{twin.delivery.event}",
        finding=f"refuses right deliveries of {twin.delivery.event} in the form of {hearing.name}",
        remedy="Make it take the right delivery of this case; what it refuses beside it proves nothing until then.",
    )
    if everything:
        problem.finding = _everything(hearing, ordinary)
        hearing.shared.refusing.append(provider)
    same = ("refused", "redirected", str(twin.reaction))
    problems[:] = [*(known for known in problems if known.kind not in same), problem]
    cause.prove(hearing, problem, ordinary if everything else twin)
    if everything:
        first = "" if problem.proven else hints.fix(hearing.bench, ordinary.answer)
        problem.remedy = f"{first or 'Make it take a right delivery.'} {_UNTIL}"
    elif not problem.proven and refused.is_known(hearing, twin.delivery.event):
        refused.name(hearing, problem, twin)


def _everything(hearing: Hearing, ordinary: Sent) -> str:
    """In words, what it does with everything, and since when."""
    verb = {"refused": "refuses", "broke": "breaks on", "redirected": "redirects"}
    does = verb.get(str(ordinary.reaction), "does not answer")
    status = ordinary.answer.in_words().partition(" in ")[0]
    what = f"{does} everything, right deliveries too ({status})"
    if not hearing.bench.facts.carrier_taken:
        return what
    shared = hearing.shared
    if not shared.refusing_since:
        shared.refusing_since = f"after {shared.requests} requests, since {hearing.name}"
    return f"{what}, {shared.refusing_since}"


def _look_around(hearing: Hearing, problem: Problem) -> None:
    """A forgery was taken: how far does the hole go?"""
    if hearing.case.neighbours is None:
        return
    for what, delivery in hearing.case.neighbours(hearing.bench):
        sent = hearing.record(what, delivery, "refused (4xx)")
        problem.around.append(f"{what}: {sent.reaction}")
