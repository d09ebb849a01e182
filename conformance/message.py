"""What is said of a case: the request, the answer, the rule and its source, the cause, the cure, a command that repeats it."""

from __future__ import annotations

from collections.abc import Sequence

from hookassay.conformance.assess import Problem
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Check
from hookassay.conformance.hints import hint
from hookassay.conformance.judge import Trial
from hookassay.conformance.traffic import Sent
from hookassay.conformance.verdict import Exchange
from hookassay.mockserver.emission import curl
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.schemas.contract import Requirement

_BODY_SHOWN = 700
_ANSWER_SHOWN = 400
_HEADERS_SHOWN = 12


def exchange(bench: Bench, name: str, sent: Sent, expected: str, reveal: bool) -> Exchange:
    """An exchange as it may be shown: secrets masked, bodies shortened."""
    delivery, answer = sent.delivery, sent.answer
    query = delivery.shown_query(reveal)
    url = f"{bench.target.url}{delivery.path}{f'?{query}' if query else ''}"
    return Exchange(
        name=name,
        method=delivery.method,
        url=url,
        headers=[[key, _short(value, 200)] for key, value in delivery.shown_headers(reveal)],
        body=shown(delivery.shown_body(reveal), _BODY_SHOWN),
        answer=answer.in_words(),
        answer_headers=[[key, _short(value, 200)] for key, value in answer.headers[:_HEADERS_SHOWN]],
        answer_body=_hidden(bench, shown(answer.content, _ANSWER_SHOWN), reveal),
        reaction=str(sent.reaction),
        expected=expected,
        curl=curl.command(delivery, bench.target.url, reveal),
    )


def shown(data: bytes, longest: int) -> str:
    """Bytes for people: UTF-8 where they are, the rest escaped, the middle left out where they are many."""
    text = data.decode("utf-8", "backslashreplace")
    text = "".join(
        c if c in "\n\t" or c.isprintable() else c.encode("unicode_escape").decode("ascii") if ord(c) < 0x10000 else c
        for c in text
    )
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … ({len(data)} bytes) … {text[-half // 2 :]}"


def _short(text: str, longest: int) -> str:
    clean = text.encode("latin-1", "replace").decode("utf-8", "backslashreplace")
    return clean if len(clean) <= longest else f"{clean[: longest // 2]}… ({len(text)} characters)"


def _hidden(bench: Bench, text: str, reveal: bool) -> str:
    """An answer's text with every secret in it masked: a receiver may give it back."""
    if not reveal:
        for secret in bench.vendor.secrets.all():
            if len(secret) >= 4:
                text = text.replace(secret, "****")
    return text


def requirements(bench: Bench, check: Check) -> tuple[Requirement, ...]:
    """The provider's numbered requirements that a check stands for."""
    return bench.provider.requirements_of(check.id)


def source(bench: Bench, check: Check) -> str:
    """The rule's source: that of the numbered requirements which the check stands for, else the check's own."""
    found = requirements(bench, check)
    if found:
        cited = dict.fromkeys(bench.provider.cite(requirement.source) for requirement in found)
        return "; ".join(cited)
    key = check.source.partition(":")[0]
    return bench.provider.cite(check.source) if key in bench.provider.documents else check.source


def failure(
    bench: Bench, check: Check, case: Case, problem: Problem, trial: Trial, exchanges: Sequence[Exchange], remedy: str
) -> str:
    """The whole message of a case that does not hold; its first line says what is wrong."""
    told = [f"{problem.text}"]
    others = [f"also: {other.text}" for other in trial.problems[1:4]]
    if len(trial.problems) > 4:
        others.append(f"and {len(trial.problems) - 4} more of this case")
    told += others
    worst = _told(problem, trial, exchanges)
    if case.why:
        told.append(f"tried:    {case.why}")
    if worst is not None:
        told += _request(worst)
    if problem.around:
        told.append(f"around:   {'; '.join(problem.around)}")
    found = requirements(bench, check)
    rule = ", ".join(f"{r.id} ({r.level.upper()})" for r in found[:3])
    told.append(f"rule:     {check.title}{f' [{rule}]' if rule else ''}")
    told.append(f"source:   {source(bench, check)}")
    told.append(f"cause:    {cause(bench, problem, trial)}")
    told.append(f"fix:      {remedy}")
    if worst is not None:
        told.append(f"repeat:   {worst.curl}")
    return "\n".join(line for line in told if line)


def cause(bench: Bench, problem: Problem, trial: Trial) -> str:
    """The cause: proven by experiment, or likely by what was answered, never certain without proof."""
    if problem.proven and problem.finding:
        return f"proven: {problem.finding}"
    last = next((sent for _, sent, _ in reversed(trial.exchanges) if sent.reaction != "taken"), None)
    likely = hint(bench, last.delivery, last.answer) if last is not None else ""
    tried = (
        f" ({problem.tried} tried, none was taken)"
        if problem.tried and "tried" not in problem.tried and problem.tried[:1].isdigit()
        else f" ({problem.tried})"
        if problem.tried
        else ""
    )
    return f"likely: {likely}{tried}" if likely else f"not proven{tried}"


def _told(problem: Problem, trial: Trial, exchanges: Sequence[Exchange]) -> Exchange | None:
    """The exchange that the message is about: the first that shows the problem."""
    wanted = {
        "taken": "taken",
        "refused": "refused",
        "redirected": "redirected",
        "broke": "broke",
        "silent": "silent",
    }.get(problem.kind)
    for shown_one in exchanges:
        if wanted and shown_one.reaction == wanted and shown_one.name != "right delivery":
            return shown_one
    for shown_one in exchanges:
        if problem.kind == "no-verdict" and shown_one.name == "right delivery":
            return shown_one
    return exchanges[0] if exchanges else None


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


def command_of(delivery: Delivery, bench: Bench, reveal: bool) -> str:
    return curl.command(delivery, bench.target.url, reveal)
