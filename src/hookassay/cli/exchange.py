"""One exchange for a person and for programs: the request, the answer, what it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hookassay.cli import output
from hookassay.cli.faults import in_our_words
from hookassay.cli.letter import Letter
from hookassay.conformance.assess import Problem
from hookassay.conformance.bench import Bench
from hookassay.conformance.hints import hint
from hookassay.conformance.message import hidden, shown
from hookassay.conformance.proof import Proof
from hookassay.conformance.settings import Settings
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission.addressed import addressed, shown_url
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.secret import mask

_BODY_SHOWN = 20_000
_ANSWER_SHOWN = 2_000
_HEADER_SHOWN = 500
_SAYS_SHOWN = 300


def show(bench: Bench, sent: Sent, reveal: bool) -> None:
    """The request as it was sent, then the answer as it came; secrets masked."""
    delivery, answer = addressed(sent.delivery, bench.target), sent.answer
    output.line(f"{delivery.method} {shown_url(bench.target.url)}", wrap=False, bold=True)
    _headers(_decoded(delivery.shown_headers(reveal)))
    _body(shown(delivery.shown_body(reveal), _BODY_SHOWN))
    output.line()
    output.line(answer.in_words(), bold=True)
    _headers(_decoded(answer.headers))
    _body(hidden(bench, shown(answer.content, _ANSWER_SHOWN), reveal))
    output.line()


def explain(
    settings: Settings, bench: Bench, made: Letter, sent: Sent, problem: Problem | None, asked_why: bool, kept: str
) -> None:
    """The reaction in words, the likeliest reason where something is wrong, how to go on, and where it is `kept`."""
    text = _in_words(made, sent, problem)
    failed = problem is not None and settings.fails(problem.level)
    output.line(text, bold=True, fg="red" if failed else "yellow" if problem else "green")
    likely = hint(bench, sent.answer) if problem is not None and not made.check else ""
    if likely:
        output.line(f"likely: {in_our_words(likely)}")
    if problem is not None and sent.reaction is Reaction.REFUSED and not made.check and not asked_why:
        output.line("--why finds out, by sending it as each likely mistake would have signed or shaped it")
    if made.check and problem is not None:
        output.line(f"the rule: hookassay explain {bench.provider.name}/{made.check}")
    notes = [kept]
    if bench.provider.name in settings.assumed_secrets:
        notes.insert(0, f"made with the documented test secret ({mask(bench.secret)}; --secret gives another)")
    output.line("; ".join(notes), dim=True)


def cause(bench: Bench, sent: Sent, proven: Proof, reveal: bool) -> None:
    """What the search for the cause has found; where it is nothing, what the receiver itself says."""
    count = f"{proven.requests} request{'s' * (proven.requests != 1)}"
    if proven.cause is not None:
        output.line(f"proven: {proven.cause.text} ({proven.cause.id}, {count})", bold=True)
        return
    ways = "signing or writing" if bench.kind == "hmac-header" else "writing"
    if proven.ended:
        why = "a rate limit, an answer that did not come or the limit of 400 requests ended it"
    elif proven.refused:
        unauthorized = sent.answer.status in (401, 403) and bench.provider.authentication.has_secret
        why = (
            f"none of {proven.refused} other ways of {ways} it was taken, so it is "
            f"{'the secret given here, ' * unauthorized}the event itself, or something that this cannot see"
        )
    else:
        why = "there was no other way to try"
    output.line(f"not proven: {why} ({'; '.join(part for part in (proven.tried, count) if part)})", bold=True)
    if says := " ".join(hidden(bench, shown(sent.answer.content, _SAYS_SHOWN), reveal).split()):
        output.line(f"its answer says: {says}")


def as_json(
    bench: Bench, made: Letter, sent: Sent, problem: Problem | None, failed: bool, proven: Proof | None, reveal: bool
) -> dict[str, Any]:
    """The exchange for programs; the delivery in the form of docs/formats.md."""
    answer = sent.answer
    placeholder = "" if reveal else f"{{{{{bench.provider.name}.secret}}}}"
    return {
        "url": shown_url(bench.target.url),
        "delivery": sent.delivery.as_json(bench.target.path, placeholder),
        "answer": {
            "status": answer.status,
            "headers": [list(pair) for pair in answer.headers],
            "body": hidden(bench, answer.content.decode("utf-8", "backslashreplace"), reveal),
            "seconds": round(answer.elapsed, 4),
            "failure": answer.failure,
        },
        "reaction": str(sent.reaction),
        "expected": made.step.expect.in_words(),
        "failed": failed,
        "problem": problem.text if problem is not None else None,
        "likely": in_our_words(hint(bench, answer)) or None if problem is not None else None,
        "why": None
        if proven is None
        else {
            "proven": proven.cause is not None,
            "id": proven.cause.id if proven.cause else None,
            "cause": proven.cause.text if proven.cause else None,
            "tried": proven.tried,
            "requests": proven.requests,
        },
    }


def _in_words(made: Letter, sent: Sent, problem: Problem | None) -> str:
    reaction = sent.reaction
    if made.check:
        if problem is None:
            return f"{reaction}, as a forged one has to be ({made.why})"
        if reaction is Reaction.TAKEN:
            return f"taken, though it is forged ({made.why}): {made.step.expect.level.upper()} be refused"
    if made.step.expect.reaction == "exactly":
        return "taken: the secret came back as it has to" if problem is None else f"the handshake fails: {problem.text}"
    return {
        Reaction.TAKEN: "taken: the receiver says that it has the event",
        Reaction.REFUSED: "refused: the vendor sees that its event was not taken",
        Reaction.REDIRECTED: "redirected: a vendor does not follow that, so the event is lost",
        Reaction.BROKE: "broke: an error of the receiver, whatever was sent",
        Reaction.SILENT: "silent: no whole answer came in time",
    }[reaction]


def _decoded(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header values as people read them: the bytes that Latin-1 text stands for, as UTF-8."""
    return [(name, value.encode("latin-1", "replace").decode("utf-8", "backslashreplace")) for name, value in pairs]


def _headers(pairs: Iterable[tuple[str, str]]) -> None:
    for name, value in pairs:
        text = value if len(value) <= _HEADER_SHOWN else f"{value[:_HEADER_SHOWN]}… ({len(value)} characters)"
        output.line(f"  {name}: {text}".rstrip(), wrap=False)


def _body(text: str) -> None:
    if text.strip():
        output.line()
        for line in text.strip().split("\n"):
            output.line(f"  {line}", wrap=False)
