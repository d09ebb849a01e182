"""A line for each answer that the mock's deliveries get, and for each event that nobody got; with the advice of the
vendor's data, and the next command to type where one was refused."""

from __future__ import annotations

import sys
from datetime import datetime

from hookassay.cli import output
from hookassay.mockserver.emission.answer import duration
from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.model import Attempt, Detail, Occurrence, Unsent

_COLOURS = {"taken": "green", "refused": "yellow", "redirected": "yellow", "broke": "red", "silent": "red"}


class Watcher:
    """Prints what happens from its making on."""

    def __init__(self, mock: Mock, as_json: bool) -> None:
        self._mock, self._as_json = mock, as_json
        self._last = 0
        self._told: dict[int, int] = {}

    def look(self, wait: float) -> None:
        """Tell the answers that have come since the last look; waits so many seconds for the first one."""
        try:
            changes = self._mock.changes.since(self._last, wait=wait)
        except Refused:  # too old: some lines are lost, the log has them
            self._last = self._mock.changes.last()
            return
        if not changes:
            return
        self._last = changes[-1].id
        for kind, ident in dict.fromkeys((change.kind, change.ref) for change in changes if change.ref):
            try:
                if kind == "delivery":
                    self._tell(self._mock.log.delivery(ident))
                elif kind == "occurrence":
                    self._tell_unsent(self._mock.log.occurrence(ident))
            except Refused:  # removed in the meantime
                continue
        sys.stdout.flush()

    def _tell_unsent(self, occurrence: Occurrence) -> None:
        """An event that no webhook of one's own got, and why; where one got it, the others are no news."""
        inboxes = {endpoint.id for endpoint in self._mock.endpoints.all(occurrence.provider) if endpoint.uses_inbox}
        if any(delivery.endpoint not in inboxes for delivery in occurrence.deliveries):
            return
        for one in occurrence.unsent:
            if occurrence.deliveries and one.endpoint in inboxes:
                continue
            if self._as_json:
                output.data(_unsent_as_json(occurrence, one), indent=None)
                continue
            parts = [_moment(occurrence.at), f"{occurrence.provider} → {one.endpoint_name}", occurrence.event]
            output.line("  ".join([*parts, occurrence.conversation or "-", one.text]), wrap=False, fg="yellow")

    def _tell(self, detail: Detail) -> None:
        ident = detail.summary.id
        for attempt in detail.attempts:
            if attempt.view is None or attempt.number <= self._told.get(ident, 0):
                continue
            self._told[ident] = attempt.number
            if self._as_json:
                output.data(_as_json(detail, attempt), indent=None)
            else:
                _line(detail, attempt)


def _line(detail: Detail, attempt: Attempt) -> None:
    summary = detail.summary
    at = _moment(attempt.started)
    reaction = str(attempt.reaction) if attempt.reaction else "not sent"
    webhook = f"{summary.provider} → {summary.endpoint_name or summary.url}"
    parts = [at, webhook, summary.event, summary.conversation or "-", f"{_status(attempt)} {reaction}"]
    text = "  ".join([*parts, *([attempt.told] if attempt.told != reaction else [])])
    faults = f"  [{'; '.join(attempt.faults)}]" if attempt.faults else ""
    output.line(text + faults, wrap=False, fg=_COLOURS.get(reaction))
    for hint in attempt.hints if attempt.number == 1 else ():
        output.line(f"    {hint['en']}", wrap=False)
    if reaction == "refused" and not detail.why:
        output.line(f"    {_status(attempt)}  why? hookassay why {summary.id}", wrap=False)


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9).astimezone().isoformat(timespec="seconds")


def _status(attempt: Attempt) -> str:
    answer = attempt.answer
    if answer is None:
        return "-"
    return str(answer.status) if answer.failure is None else f"{answer.failure} after {duration(answer.elapsed)}"


def _as_json(detail: Detail, attempt: Attempt) -> dict[str, object]:
    summary, answer = detail.summary, attempt.answer
    return {
        "kind": "attempt",
        "delivery": summary.id,
        "number": attempt.number,
        "provider": summary.provider,
        "event": summary.event,
        "conversation": summary.conversation,
        "endpoint": summary.endpoint_name,
        "status": answer.status if answer else None,
        "failure": answer.failure if answer else None,
        "elapsed": answer.elapsed if answer else None,
        "reaction": str(attempt.reaction) if attempt.reaction else None,
        "view": attempt.view,
        "told": attempt.told,
        "faults": list(attempt.faults),
    }


def _unsent_as_json(occurrence: Occurrence, one: Unsent) -> dict[str, object]:
    return {
        "kind": "unsent",
        "occurrence": occurrence.id,
        "provider": occurrence.provider,
        "event": occurrence.event,
        "conversation": occurrence.conversation,
        "endpoint": one.endpoint_name,
        "reason": one.reason,
        "told": one.text,
    }
