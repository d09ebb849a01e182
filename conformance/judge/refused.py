"""Events that are refused whatever a case is about: its failure is theirs, and is told with them, once."""

from __future__ import annotations

from hookassay.conformance.assess import Problem
from hookassay.conformance.judge.hearing import Hearing
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission.answer import Reaction

_DOES = {"refused": "refuses", "redirected": "redirects", "broke": "breaks on", "silent": "does not answer"}
_ASKED = 3
"""So often an event is sent alone before it counts as one that is not taken."""

_CALM = ("refused", "taken or refused", "an answer")
"""How the expectations begin of what need not be taken."""


def attribute(hearing: Hearing, problem: Problem) -> None:
    """Blame a right delivery's not being taken on its event, where that is not taken alone either.

    What has a cause of its own is left alone: a proven one, a death, an answer that differs each time.
    """
    if problem.cause or problem.kind not in _DOES:
        return
    found = _not_taken(hearing)
    if found and all(is_known(hearing, sent.delivery.event) for sent in found):
        name(hearing, problem, found[0])


def is_known(hearing: Hearing, event: str) -> bool:
    """Whether an event is not taken in the form in which the cases send it, though nothing else is tested."""
    if event not in hearing.bench.provider.deliverable:
        return False
    return hearing.bench.example_for(hearing.bench.provider.events[event]) in _forms(hearing, event)


def name(hearing: Hearing, problem: Problem, sent: Sent) -> None:
    """Make a problem that of the event of a delivery that was not taken."""
    bench, event, status = hearing.bench, sent.delivery.event, sent.answer.status
    forms = _forms(hearing, event)
    problem.cause = f"{bench.provider.name}:refuses:{event}"
    form = f"form{'s' * (len(forms) > 1)}"
    problem.finding = f"{_DOES[str(sent.reaction)]} right deliveries of {event} (documented {form}: {', '.join(forms)})"
    taken = f"Answer 2xx to {event} too, even if nothing is done with it."
    if status in (401, 403) and bench.provider.authentication.has_secret:
        own = f"--target-secret {bench.provider.name}/{event}=…"
        problem.remedy = f"Give the secret of this event if it has one of its own ({own}). {taken}"
        return
    if sent.reaction is Reaction.REFUSED:
        problem.reason = f"likely: its handler does not know {event} or dislikes what is in it: other events are taken"
    asked = "If its vendor was not asked for it, name the events that it was asked for: --target-event, repeatable."
    problem.remedy = f"{taken} {asked}" if event in bench.asked else taken


def _forms(hearing: Hearing, event: str) -> tuple[str, ...]:
    """The examples in which an event is known not to be taken alone.

    The first requests of a run have told it of events that were asked for; of another, its full form is sent.
    """
    bench, known = hearing.bench, hearing.shared.alone
    examples = tuple(bench.provider.events[event].examples)
    if event in bench.facts.forms:
        taken = bench.facts.forms[event]
        return examples[: examples.index(taken)] if taken else examples
    key = f"{bench.provider.name}/{event}"
    if key not in known:
        known[key] = _is_taken(hearing, event)
    return () if known[key] else ("full",)


def _is_taken(hearing: Hearing, event: str) -> bool:
    bench = hearing.bench
    for _ in range(_ASKED):
        sent = hearing.traffic.send(bench, bench.right(bench.provider.events[event], "full"))
        if sent.reaction in (Reaction.TAKEN, Reaction.SILENT):
            break
    return sent.reaction is Reaction.TAKEN


def _not_taken(hearing: Hearing) -> list[Sent]:
    """The right deliveries that were not taken; none if anything else went wrong as well."""
    found = []
    for _, sent, expected in hearing.trial.exchanges:
        is_calm = expected.startswith(_CALM)
        fine = (Reaction.TAKEN, Reaction.REFUSED, Reaction.REDIRECTED) if is_calm else (Reaction.TAKEN,)
        if sent.reaction in fine or sent.answer.rate_limited:
            continue
        if is_calm:
            return []
        found.append(sent)
    return found
