"""What is said of a case: request, answer, the rule and its source, the cause, the cure, a command that repeats it."""

from __future__ import annotations

from collections.abc import Sequence

from hookassay.conformance import crash
from hookassay.conformance.assess import Problem
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Check
from hookassay.conformance.hints import hint
from hookassay.conformance.judge.trial import Trial
from hookassay.conformance.traffic import Sent
from hookassay.conformance.verdict import Exchange
from hookassay.mockserver.emission.addressed import addressed, private
from hookassay.schemas.contract import Requirement

_SAYS_NOTHING_ALONE = ("no-verdict", "unsteady")
"""Problems that are no reaction to a delivery: what was not taken tells of their cause."""

_BODY_SHOWN = 700
_ANSWER_SHOWN = 400
_HEADERS_SHOWN = 12


def exchange(bench: Bench, name: str, sent: Sent, expected: str, reveal: bool) -> Exchange:
    """An exchange as it may be shown: secrets masked, bodies shortened."""
    delivery, answer = addressed(sent.delivery, bench.target), sent.answer
    query = delivery.shown_query(reveal)
    url = f"{bench.target.base}{delivery.path}{f'?{query}' if query else ''}"
    return Exchange(
        name=name,
        method=delivery.method,
        url=url,
        headers=[[key, _short(value, 200)] for key, value in delivery.shown_headers(reveal)],
        body=shown(delivery.shown_body(reveal), _BODY_SHOWN),
        answer=answer.in_words(),
        answer_headers=[[key, _short(value, 200)] for key, value in answer.headers[:_HEADERS_SHOWN]],
        answer_body=hidden(bench, shown(answer.content, _ANSWER_SHOWN), reveal),
        reaction=str(sent.reaction),
        expected=expected,
    )


def shown(data: bytes, longest: int) -> str:
    """Bytes for people: UTF-8 where they are, the rest escaped, the middle left out where they are many."""
    left_out = ""
    if len(data) > 4 * longest:  # long bodies are cut before anything is done with their characters
        left_out = f" … ({len(data)} bytes) … "
        data = data[: 2 * longest] + b"\n" + data[-longest // 2 :]
    text = data.decode("utf-8", "backslashreplace")
    text = "".join(
        c if c in "\n\t" or c.isprintable() else c.encode("unicode_escape").decode("ascii") if ord(c) < 0x10000 else c
        for c in text
    )
    if len(text) <= longest and not left_out:
        return text
    half = longest // 2
    return f"{text[:half]}{left_out or f' … ({len(data)} bytes) … '}{text[-half // 2 :]}"


def _short(text: str, longest: int) -> str:
    clean = text.encode("latin-1", "replace").decode("utf-8", "backslashreplace")
    return clean if len(clean) <= longest else f"{clean[: longest // 2]}… ({len(text)} characters)"


def hidden(bench: Bench, text: str, reveal: bool) -> str:
    """An answer's text with every secret in it masked: a receiver may give it back."""
    if not reveal:
        for secret in (*bench.vendor.secrets.all(), *private(bench.target)):
            if len(secret) >= 4:
                text = text.replace(secret, "****")
    return text


def requirements(bench: Bench, check: Check) -> tuple[Requirement, ...]:
    """The provider's numbered requirements that a check stands for."""
    return bench.provider.requirements_of(check.id)


def failure(bench: Bench, check: Check, case: Case, problem: Problem, trial: Trial, told_one: Exchange | None) -> str:
    """The whole message of a case that does not hold; its first line says what is wrong."""
    told = [problem.text, *(f"also: {other.text}" for other in trial.problems[1:4])]
    if len(trial.problems) > 4:
        told.append(f"and {len(trial.problems) - 4} more of this case")
    if case.why:
        told.append(f"tried:    {case.why}")
    if told_one is not None:
        told += _request(told_one)
    if problem.around:
        told.append(f"around:   {'; '.join(problem.around)}")
    found = requirements(bench, check)
    rule = ", ".join(f"{r.id} ({r.level.upper()})" for r in found[:3])
    told.append(f"rule:     {check.title}{f' [{rule}]' if rule else ''}")
    told.append(f"source:   {bench.provider.source_of(check.id, check.source)}")
    told.append(f"cause:    {cause(bench, problem, trial)}")
    told.append(f"fix:      {problem.remedy or check.remedy}")
    if told_one is not None:
        told.append(f"repeat:   {told_one.curl}")
    return "\n".join(told)


def cause(bench: Bench, problem: Problem, trial: Trial) -> str:
    """The cause: proven by experiment, or likely by what was answered, never certain without proof."""
    why = reason(bench, problem, trial)
    if problem.proven and problem.finding:
        return f"proven: {problem.finding}{f'; {why}' if why else ''}"
    tried = f" ({problem.tried})" if problem.tried else ""
    return f"{why or 'not proven'}{tried}"


def reason(bench: Bench, problem: Problem, trial: Trial) -> str:
    """What is known of why, or likely by what was answered; empty where a proof or the problem itself says it all."""
    if problem.reason or problem.proven:
        return problem.reason
    whole = problem.kind in _SAYS_NOTHING_ALONE
    wrong = (sent for _, sent, _ in reversed(trial.exchanges) if whole or sent.reaction == problem.kind)
    last = next((sent for sent in wrong if sent.reaction != "taken"), None)
    if last is None:
        return ""
    if last.reaction == "broke" and (shown_there := crash.in_answer(last.answer)):
        return f"its answer says: {hidden(bench, shown_there, reveal=False)}"
    likely = hint(bench, last.answer)
    return f"likely: {likely}" if likely else ""


def shown_one(problem: Problem, exchanges: Sequence[Exchange]) -> int | None:
    """The place of the exchange that a message is about: the first that shows the problem, of those that were not
    met as they should be if there are any (a right one may come before the forgery that is taken too)."""
    places = [
        place
        for place, one in enumerate(exchanges)
        if (one.name == "right delivery" if problem.kind == "no-verdict" else one.reaction == problem.kind)
    ]
    wrong = (place for place in places if not exchanges[place].expected.startswith(exchanges[place].reaction))
    return next(wrong, places[0] if places else 0 if exchanges else None)


def _request(one: Exchange) -> list[str]:
    lines = [f"sent:     {one.method} {one.url}"]
    lines += [f"          {name}: {value}" for name, value in one.headers]
    body = one.body.replace("\n", "\n          ")
    lines.append(f"          {body}" if body else "          (no body)")
    lines.append(f"answered: {one.answer}, {one.reaction}; expected: {one.expected}")
    if one.answer_body.strip():
        text = one.answer_body.strip().replace("\n", "\n          ")
        lines.append(f"          {text}")
    return lines
