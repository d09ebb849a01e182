"""When a failed delivery is sent again, and what counts as taken: a provider's rules, applied."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.engine.timekeeper import SECOND
from hookassay.schemas.contract import Provider, Retry

_ENDLESS = 1_000_000
"""Attempts after which a schedule without an end is not counted any further."""

NO_RETRY = Retry("none", ())


def retry_of(provider: Provider | None, profile: str) -> Retry:
    """A provider's retry profile by name, else its first."""
    if provider is None:
        return NO_RETRY
    return next((retry for retry in provider.retries if retry.name == profile), provider.retries[0])


def next_due(retry: Retry, tries: int, scheduled: int, first: int) -> int | None:
    """The virtual moment of the attempt after `tries` failed ones, the last of them scheduled at `scheduled`.

    None where there is none: the delays are used up, or it would start `until` or more after the first.
    """
    delay = retry.delays[tries - 1] if tries <= len(retry.delays) else retry.then
    if delay is None:
        return None
    due = scheduled + round(delay * SECOND)
    return None if retry.until is not None and due - first >= retry.until * SECOND else due


def planned(retry: Retry, tries: int, due: int, first: int) -> Iterator[int]:
    """The moments of the attempts to come, if each fails: the next one at `due`, after `tries` failed ones."""
    moment: int | None = due
    while moment is not None:
        yield moment
        tries += 1
        moment = next_due(retry, tries, moment, first)


@cache
def attempts_in_all(retry: Retry) -> int | None:
    """How many attempts a schedule has; None for one without end."""
    count = 0
    for count, _ in enumerate(planned(retry, 0, 0, 0), 1):
        if count >= _ENDLESS:
            return None
    return count


def is_success(provider: Provider | None, rule: str, answer: Answer) -> bool:
    """Whether the vendor counts this answer as delivered: any 2xx, or the status its document asks for."""
    if answer.failure is not None or answer.status is None:
        return False
    asked = provider.success.get("asks") if provider is not None and rule == "documented" else None
    return answer.status == asked if asked is not None else 200 <= answer.status < 300


def success_in_words(provider: Provider | None, rule: str) -> Told:
    """The success rule and whose it is: `any 2xx (ours; the document says 200)`."""
    asked = provider.success.get("asks") if provider is not None else None
    if rule == "documented" and asked is not None:
        return Told("status-asked", status=asked)
    if asked is not None:
        return Told("any-2xx-asked", status=asked)
    documented = provider is not None and provider.success.get("status") == "documented"
    return Told("any-2xx-documented" if documented else "any-2xx-undocumented")
