"""Before the battery: is the receiver there, whose is it, which event carries the probes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from hookassay.conformance.bench import Bench, Facts
from hookassay.conformance.checks.basic import without_credentials
from hookassay.conformance.checks.harmless import behind_slash
from hookassay.conformance.checks.strangers import strangers
from hookassay.conformance.options import BadOption
from hookassay.conformance.settings import Settings
from hookassay.conformance.traffic import BudgetEnded, Sent, Traffic
from hookassay.mockserver.emission.addressed import shown_url
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.mutation.signature import by_check as forgeries
from hookassay.mockserver.emission.mutation.token import last_changed
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import Body
from hookassay.mockserver.emission.vendor import Headers
from hookassay.schemas.contract import Event, Json

_POLL = 0.1
_SILENT_ENOUGH = 3
_STARTING = 30.0
"""Seconds for which a receiver that we have started is waited for at least; one that has ended is not."""


class _Silence(Exception):
    """Nothing comes back."""


@dataclass(frozen=True)
class Found:
    """What the first requests told: the benches to run, and lines for the user."""

    benches: tuple[Bench, ...]
    lines: tuple[str, ...]


def look(
    settings: Settings,
    traffic: Traffic,
    started: Callable[[], str | None] = lambda: None,
    revive: Callable[[], None] = lambda: None,
) -> Found:
    """Wait for the receiver, find out whose it is and what carries the probes.

    `started` tells why a receiver of ours has ended, if it has; `revive` starts it again. Raises BadOption
    if nothing listens, or if it cannot be told whose receiver it is.
    """
    first = settings.benches[0]
    _reach(settings, traffic, first, started)
    benches = (_detected(settings, traffic),) if settings.detect and len(settings.benches) > 1 else settings.benches
    lines = []
    for bench in benches:

        def back(bench: Bench = bench) -> None:
            if started() is not None:
                revive()
                _reach(settings, traffic, bench, started)

        _learn(bench, traffic, back)
        name, example = bench.facts.carrier
        if bench.facts.carrier_taken:
            lines.append(f"{bench.provider.name}: probes ride on {name} ({example})")
        else:
            lines.append(
                f"{bench.provider.name}: no right event is taken; probes ride on {name} ({example}) nevertheless"
            )
    return Found(benches, tuple(lines))


def _reach(settings: Settings, traffic: Traffic, bench: Bench, started: Callable[[], str | None]) -> None:
    patience = max(settings.wait, _STARTING if settings.command else 0.0)
    ends = time.monotonic() + patience
    while True:
        ended = started()
        if ended:
            raise BadOption(f"--target-command: {ended}")
        answer = traffic.sender.send(bench.right(), bench.target, max(5.0, min(30.0, settings.wait)))
        if answer.failure not in ("unreachable", "proxy", "tls"):
            return
        if time.monotonic() >= ends:
            wait = not patience and answer.failure == "unreachable"
            tip = " (is it started? --target-wait S waits for it)" if wait else ""
            raise BadOption(f"cannot reach {shown_url(bench.target.url)}: {answer.detail or answer.in_words()}{tip}")
        time.sleep(_POLL)


def _detected(settings: Settings, traffic: Traffic) -> Bench:
    """The provider whose right event is taken and whose forged one is refused; one without signature only at last."""
    authenticated, open_ones = [], []
    try:
        for bench in settings.benches:
            if not _is_taken(traffic, bench):
                continue
            if bench.kind == "none":
                open_ones.append(bench)
            elif _forged(traffic, bench).reaction is not Reaction.TAKEN:
                authenticated.append(bench)
    except (BudgetEnded, _Silence) as error:
        url = shown_url(settings.benches[0].target.url)
        tip = "say --target-provider NAME, and it is tried nevertheless"
        raise BadOption(f"it cannot be told whose receiver this is: {url} does not answer in time; {tip}") from error
    found = authenticated or open_ones
    if len(found) == 1:
        return found[0]
    names = ", ".join(bench.provider.name for bench in (found or settings.benches))
    why = f"{names} fit" if found else "no provider's right event is taken and its forged one refused"
    tip = "say --target-provider NAME" + ("" if found else f" ({names})")
    raise BadOption(f"it cannot be told whose receiver this is: {why}; {tip}")


def _learn(bench: Bench, traffic: Traffic, back: Callable[[], None]) -> None:
    """What the first deliveries tell of a receiver; where the run's time is up, no more than that."""
    facts = bench.facts = Facts(carrier=(bench.asked[0], "full"), carrier_taken=False)
    with suppress(BudgetEnded):
        _learn_forms(bench, traffic, back)
        for wanted in ("full", "minimal", *(form for form in facts.forms.values() if form)):
            for name, form in facts.forms.items():
                if form == wanted:
                    facts.carrier, facts.carrier_taken = (name, form), True
                    _learn_protection(bench, traffic)
                    _learn_strangers(bench, traffic)
                    return


def _learn_forms(bench: Bench, traffic: Traffic, back: Callable[[], None]) -> None:
    """In which form each event is taken. Who has been silent a few times is not asked for each of them; who has died
    comes `back`, if he is ours."""
    facts, silent = bench.facts, 0
    facts.forms = {event.name: "" for event in bench.asked_events}
    for event in bench.asked_events:
        for kind in event.examples:
            sent = _asked(traffic, bench, event, kind)
            if sent.answered:
                facts.http_version, facts.usual = sent.answer.version, sent.answer.elapsed
            if sent.reaction is Reaction.TAKEN:
                facts.forms[event.name] = kind
                break
            if not sent.answered:
                back()
            silent += sent.answer.failure == "timeout"
            if silent >= _SILENT_ENOUGH:
                return


def _learn_protection(bench: Bench, traffic: Traffic) -> None:
    """Whether the URL's credentials protect, and whether the token is looked at (LiveChat, section 3)."""
    if bench.kind != "body-token" or bench.target.credentials is None:
        return
    open_ = traffic.send(bench, without_credentials(bench))
    bench.facts.basic_protects = open_.answer.status in (401, 403)
    bench.facts.token_enforced = _forged(traffic, bench).reaction is Reaction.REFUSED


def _learn_strangers(bench: Bench, traffic: Traffic) -> None:
    """Of which strangers a plain forgery is refused, and whether at a slash somebody reads what comes: whatever is
    taken of them, or there, is a hole then, no mere ignoring."""
    if bench.kind != "none":
        for name, named in strangers(bench).items():
            if _forged(traffic, bench, named).reaction is Reaction.REFUSED:
                bench.facts.strangers.append(name)
        if not bench.target.path.endswith("/"):
            word = bench.vendor.deliver(bench.carrier, {}, body=Body(b"hookassay"), forge=_other_key)
            bench.facts.slash_reads = traffic.send(bench, behind_slash(word)).reaction is Reaction.REFUSED


def _asked(traffic: Traffic, bench: Bench, event: Event, example: str) -> Sent:
    """A right delivery; one that is not taken is sent again, twice at most: chance decides nothing."""
    for _ in range(3):
        sent = traffic.send(bench, bench.right(event, example))
        if sent.reaction in (Reaction.TAKEN, Reaction.SILENT):
            break
    return sent


def _is_taken(traffic: Traffic, bench: Bench) -> bool:
    """Whether one of the first events is taken. Raises _Silence where several are waited for in vain."""
    for event in bench.asked_events[:2]:
        for kind in ("full", "minimal"):
            sent = traffic.send(bench, bench.right(event, kind))
            if sent.reaction is Reaction.TAKEN:
                return True
            traffic.shared.silences += sent.answer.failure == "timeout"
            if traffic.shared.silences >= _SILENT_ENOUGH:
                raise _Silence
    return False


def _forged(traffic: Traffic, bench: Bench, members: Mapping[str, Json] = MappingProxyType({})) -> Sent:
    document = {**bench.document(), **members}
    if bench.kind == "body-token":
        wrong = SecretText(last_changed(bench.secret))
        return traffic.send(bench, bench.vendor.deliver(bench.carrier, document, token=wrong))
    return traffic.send(bench, bench.vendor.deliver(bench.carrier, document, forge=_other_key))


def _other_key(signer: Signer, body: bytes) -> Headers:
    forgery = next(forgery for forgery in forgeries("wrong-key") if forgery.name == "other-key")
    return forgery.make(signer, body) or ()
