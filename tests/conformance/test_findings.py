"""What the summary says of a failure: its cause first, told once, with a fix that fits it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.conftest import Run
from tests.conformance.receivers import Reply, Request, right

Judge = Callable[..., Run]

FULL = "--target-check=*/payload/full"
IN_PASSING = [
    f"--target-check=*/{check}"
    for check in (
        "payload/minimal",
        "signature/absent",
        "delivery/repeat",
        "delivery/burst",
        "delivery/conversation",
        "delivery/out-of-order",
    )
]
KNOWN = "refuses right deliveries of session_state_inprogress (documented forms: full, minimal)"


def event_of(request: Request) -> Any:
    """The event that a body is of; None where it is no event."""
    try:
        event = json.loads(request.body)
    except ValueError:
        return None
    return event.get("type") if isinstance(event, dict) else None


def without(event: str, answer: Reply = 400) -> Callable[[Request], Reply]:
    """A receiver that is right, but for one event that it does not take."""

    def receiver(request: Request) -> Reply:
        status = right(request)
        return answer if status == 200 and event_of(request) == event else status

    return receiver


def summary(done: Run) -> str:
    return done.out.partition("\nFindings (")[2]


@pytest.mark.parametrize(
    ("receiver", "secret", "likely", "fix"),
    [
        (lambda request: 404, "gitple-secret", "is the path right", "the address at which the receiver takes"),
        (right, "nope", "is the secret given here", "(--target-secret gitple=…)"),
        (lambda request: (403, b"CSRF check failed"), "nope", "CSRF protection refuses every POST", "Exempt the"),
    ],
    ids=["path", "secret", "csrf"],
)
def test_the_summary_says_why_everything_is_refused(
    receiver: Callable[[Request], Reply], secret: str, likely: str, fix: str, judge: Judge
) -> None:
    """A wrong path or secret: the finding names it before anything else, in terminal and report, with its own fix."""
    done = judge(receiver, FULL, *IN_PASSING, f"--target-secret={secret}")
    assert done.exit == 1
    (finding,) = done.findings
    assert "refuses everything" in finding["title"]
    assert likely in finding["reason"] and fix in finding["fix"]
    lines = [line.strip() for line in summary(done).splitlines()]
    assert lines[1].endswith(finding["title"]) and lines[2] == finding["reason"]
    assert f"fix: {finding['fix']}" in lines


def test_an_event_that_is_refused_is_one_finding_wherever_it_was_seen(judge: Judge) -> None:
    """In a burst, in a conversation, beside forgeries: the event is to blame, and no case is judged less for it."""
    done = judge(without("session_state_inprogress"), FULL, *IN_PASSING, "--target-level=should")
    (finding,) = done.findings
    assert finding["title"] == f"gitple: {KNOWN}"
    assert "Answer 2xx to session_state_inprogress" in finding["fix"] and "--target-event" in finding["fix"]
    assert finding["verdicts"] == done.verdicts("failed")
    for case in (
        "payload/full[session_state_inprogress]",
        "signature/absent[session_state_inprogress,no-header]",
        "delivery/burst[events-mixed]",
        "delivery/conversation[chat-refund]",
    ):
        assert f"gitple/{case}" in finding["verdicts"]
    seen = next(line for line in summary(done).splitlines() if "also seen in: " in line)
    for check in ("delivery/burst", "delivery/conversation", "delivery/repeat"):
        assert check in seen


def test_a_waiver_of_one_check_is_as_before(judge: Judge, tmp_path: Any) -> None:
    """Cases that share a finding are waived by their own check ids."""
    waivers = tmp_path / "waivers.toml"
    waivers.write_text('[[waiver]]\ncheck = "gitple/delivery/burst"\nreason = "known"\n', "utf-8")
    done = judge(without("session_state_inprogress"), FULL, *IN_PASSING, f"--target-waivers={waivers}")
    assert done.verdicts("waived") == ["gitple/delivery/burst[events-mixed]"]
    assert "gitple/payload/full[session_state_inprogress]" in done.verdicts("failed")
    assert done.exit == 1


def test_an_event_that_breaks_the_receiver_is_one_finding(judge: Judge) -> None:
    """The same with errors: what the answer shows of them stands beside it."""
    trace = b"Traceback (most recent call last):\n  File \"/srv/hook.py\", line 41, in on_event\nKeyError: 'tags'\n"
    done = judge(without("session_state_inprogress", (500, trace)), FULL, *IN_PASSING)
    finding = next(one for one in done.findings if "payload/full" in one["verdicts"][0])
    assert finding["title"] == f"gitple: {KNOWN.replace('refuses', 'breaks on')}"
    assert finding["reason"] == "its answer says: KeyError: 'tags' (hook.py:41, in on_event)"
    assert "gitple/delivery/burst[events-mixed]" in finding["verdicts"]


def test_an_event_that_nobody_asked_for_is_one_advice(judge: Judge) -> None:
    """It is tried alone before it is blamed; the run does not fail for it."""
    done = judge(without("session_state_inprogress"), "--target-event=session_state_close", FULL, *IN_PASSING)
    assert done.exit == 0, done.out
    about = [one for one in done.report["findings"] if any("inprogress" in name for name in one["verdicts"])]
    assert [one["title"] for one in about] == [
        "gitple: refuses right deliveries of session_state_inprogress (documented form: full)"
    ]
    assert "gitple/delivery/conversation[chat-refund]" in about[0]["verdicts"]


def test_a_fault_of_conversations_or_bursts_is_none_of_an_event(judge: Judge) -> None:
    """What is taken alone and refused in company keeps its own finding, even beside an event that is refused."""
    seen: set[Any] = set()
    busy = threading.Semaphore(3)

    def receiver(request: Request) -> Reply:
        status = without("session_state_inprogress")(request)
        if not busy.acquire(blocking=False):
            return 500
        try:
            time.sleep(0.01)
        finally:
            busy.release()
        if status != 200:
            return status
        session = json.loads(request.body).get("session", {}).get("id")
        first = session not in seen
        seen.add(session)
        return 200 if first or event_of(request) != "session_state_close" else 409

    done = judge(receiver, FULL, "--target-check=*/delivery/burst", "--target-check=*/delivery/conversation")
    titles = {name: finding["title"] for finding in done.findings for name in finding["verdicts"]}
    assert titles["gitple/payload/full[session_state_inprogress]"] == f"gitple: {KNOWN}"
    assert KNOWN not in titles["gitple/delivery/burst[events-mixed]"]
    assert "refuses ids that it has seen" in "".join(titles.values())


def test_a_form_that_is_refused_beside_forgeries_is_named(judge: Judge) -> None:
    """An event that was taken at first and is refused later: the case that shows it is named, not "this form"."""

    def receiver(request: Request) -> Reply:
        late = request.number > 6 and event_of(request) == "session_state_open"
        return 400 if late and right(request) == 200 else right(request)

    done = judge(receiver, "--target-check=*/signature/absent")
    (finding,) = done.findings
    form = "gitple/signature/absent[session_state_open,no-header]"
    assert finding["title"] == f"gitple: refuses right deliveries of session_state_open in the form of {form}"
    assert "right delivery of this case" in finding["fix"]
