"""What the pages say of a delivery: what happened in a sentence, its origin, its form, in the reader's language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from hookassay.mockserver.emission.answer import FAILURES, Answer, duration
from hookassay.mockserver.engine.model import Attempt, Detail, Fault, Occurrence, Run, StepState, Summary
from hookassay.mockserver.web.language import gettext
from hookassay.mockserver.web.telling import local, outcome, span, told
from hookassay.schemas.contract import Json, Provider


def view(summary: Summary, now: int) -> str:
    """The vendor's view of a delivery, short: `again in 8 min, 3 of 11`."""
    if summary.outcome == "again" and summary.due is not None:
        within = span(max(0.0, (summary.due - now) / 1e9))
        number = summary.attempts + 1
        if summary.all_attempts is None:
            return gettext("again in %(time)s, attempt %(number)s", time=within, number=number)
        return gettext("again in %(time)s, %(number)s of %(all)s", time=within, number=number, all=summary.all_attempts)
    if summary.outcome == "waiting":
        return _waiting(summary, now)
    return outcome(summary.outcome).word


def _waiting(summary: Summary, now: int) -> str:
    if summary.state == "in-hand":
        return gettext("on its way")
    if summary.state == "held":
        return gettext("held")
    if summary.state == "waiting":
        return gettext("behind an earlier one")
    if summary.due is not None and summary.due - now > 10**9:
        return gettext("in %(time)s", time=span((summary.due - now) / 1e9))
    return gettext("waiting")


def sentence(detail: Detail, provider: Provider | None, now: int, by_inbox: bool = False) -> str:
    """What happened and what the vendor will do, in one sentence; `by_inbox`: the mock's own inbox answered."""
    summary = detail.summary
    vendor = local(provider.title, summary.provider) if provider else summary.provider
    begun = [attempt for attempt in detail.attempts if attempt.answer or attempt.seen or attempt.view]
    if not begun:
        return gettext(
            "%(vendor)s has %(event)s to send: %(view)s.", vendor=vendor, event=summary.event, view=view(summary, now)
        )
    said = gettext("%(vendor)s sent %(event)s", vendor=vendor, event=summary.event)
    parts = [said, _answered(begun[-1], by_inbox), _what_next(summary, provider, vendor, now)]
    return gettext("; ").join(part for part in parts if part) + "."


def _answered(attempt: Attempt, by_inbox: bool) -> str:
    """What came back to an attempt; where a fault hid it, what the vendor saw too."""
    text = gettext("nothing was sent (a fault)") if attempt.answer is None else _of_answer(attempt.answer, by_inbox)
    if attempt.seen is not None and attempt.seen != attempt.answer:
        return gettext("%(answered)s, but it saw %(seen)s", answered=text, seen=seen_in_words(attempt.seen))
    return text


def _of_answer(answer: Answer, by_inbox: bool) -> str:
    time = duration(answer.elapsed)
    if answer.failure is not None:
        came = failure(answer)
        if by_inbox:
            return gettext("from the inbox came %(failure)s after %(time)s", failure=came, time=time)
        return gettext("from your receiver came %(failure)s after %(time)s", failure=came, time=time)
    if by_inbox:
        return gettext("the inbox answered %(status)s in %(time)s", status=answer.status, time=time)
    return gettext("your receiver answered %(status)s in %(time)s", status=answer.status, time=time)


def failure(answer: Answer) -> str:
    """How an exchange failed, in words."""
    words = {
        "unreachable": gettext("no connection"),
        "reset": gettext("a connection reset"),
        "closed": gettext("a closed connection without an answer"),
        "timeout": gettext("no whole answer"),
        "not-http": gettext("an answer that is not HTTP"),
        "incomplete": gettext("an answer that stops in its middle"),
        "tls": gettext("no TLS connection"),
    }
    kind = answer.failure or "closed"
    text = words.get(kind, FAILURES[kind])
    return f"{text} ({told(answer.detail)})" if answer.detail else text


def seen_in_words(answer: Answer) -> str:
    """What the vendor saw of an answer, short."""
    return str(answer.status) if answer.failure is None else failure(answer)


def _what_next(summary: Summary, provider: Provider | None, vendor: str, now: int) -> str:
    if summary.outcome == "delivered":
        return gettext("for %(vendor)s it is delivered", vendor=vendor)
    if summary.outcome == "again":
        return gettext("%(vendor)s sends it %(view)s", vendor=vendor, view=view(summary, now))
    if summary.outcome == "off":
        return gettext("%(vendor)s has switched the webhook off", vendor=vendor)
    if summary.outcome == "cancelled":
        return gettext("it is cancelled")
    if summary.outcome == "given-up" and summary.all_attempts == 1:
        return gettext("%(vendor)s does not retry, so it is lost", vendor=vendor)
    if summary.outcome == "given-up":
        return gettext("%(vendor)s has given up after %(count)s attempts", vendor=vendor, count=summary.attempts)
    return view(summary, now)


def run_state(run: Run) -> str:
    """What a run does now; one that is stepped does nothing until it is told to."""
    if run.state == "running" and run.mode == "step" and any(is_held(step) for step in run.steps):
        return gettext("waits for you")
    return {
        "running": gettext("running"),
        "paused": gettext("paused"),
        "stopped": gettext("stopped"),
        "finished": gettext("finished"),
    }[run.state]


def is_held(step: StepState) -> bool:
    """Whether a step of a run waits for its owner, so that its time does not come by itself."""
    return any(row.state == "held" for row in step.deliveries)


def origin(occurrence: Occurrence) -> str:
    """What made an occurrence happen; nothing for the usual one."""
    words = {
        "scenario": gettext("scenario"),
        "replay": gettext("replay"),
        "import": gettext("import"),
        "send": gettext("sent by hand"),
        "hello": gettext("first greeting"),
        "verify": gettext("verification"),
        "why": gettext("looking for the cause"),
        "duplicate": gettext("duplicate"),
    }
    return words.get(occurrence.origin, "")


def reason(name: str) -> str:
    """Why an endpoint did not get an occurrence, in a word or two."""
    return {
        "not-subscribed": gettext("not bound"),
        "not-verified": gettext("not verified"),
        "switched-off": gettext("switched off by the vendor"),
        "disabled": gettext("disabled"),
        "routed-elsewhere": gettext("another webhook gets it"),
    }.get(name, name)


def form(name: str) -> str:
    """A form of replay in words."""
    return {
        "same-bytes": gettext("same bytes"),
        "signed-again": gettext("signed again"),
        "as-new": gettext("as new"),
        "edited": gettext("edited"),
    }.get(name, "")


def rule(fault: Fault) -> str:
    """The plan of a fault in words."""
    if fault.remaining is not None:
        return gettext("next %(count)s", count=fault.remaining) if fault.remaining else gettext("used up")
    if fault.every is not None:
        return gettext("every %(number)s attempts", number=fault.every)
    return gettext("chance %(chance)s, seed %(seed)s", chance=f"{fault.chance:g}", seed=fault.seed)


def retries(name: str) -> str:
    """A retry profile of a provider: the vendor's own, or one that somebody else has named."""
    return gettext("as the vendor does") if name == "vendor" else name


def success(rule: str) -> str:
    """When an attempt is a delivered one."""
    return {"any-2xx": gettext("any 2xx"), "documented": gettext("the documented status")}.get(rule, rule)


def hints(texts: Sequence[Mapping[str, str]]) -> list[str]:
    """The provider's advice in the reader's language."""
    return [local(text) for text in texts]


def breakable(name: str) -> Markup:
    """A name that may go on in the next line after `_` or `.`, or before a capital."""
    return Markup(re.sub(r"(?<=[_.])|(?<=[a-z])(?=[A-Z])", "<wbr>", str(escape(name))))


def value(data: Json) -> str:
    """A JSON value on one line."""
    return json.dumps(data, ensure_ascii=False)
