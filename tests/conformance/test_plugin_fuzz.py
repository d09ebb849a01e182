"""`--target-fuzz`: fuzzed cases are items of the battery, judged by its rules."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.conformance.conftest import Run
from tests.conformance.receivers import Request, right

ONLY_FUZZ = "--target-check=*/fuzz/*"


def _breaks_on_types(request: Request) -> int:
    """Breaks on a session that is no object, as code does that trusts its types."""
    try:
        document = json.loads(request.body)
    except ValueError:
        return right(request)
    if isinstance(document, dict) and isinstance(document.get("session"), (list, str, int, bool)):
        return 500
    return right(request)


def test_a_right_receiver_conforms(judge: Callable[..., Run]) -> None:
    """Each event and kind is one item, and none of them fails."""
    run = judge(right, "--target-fuzz=160:3", ONLY_FUZZ)
    assert run.exit == 0, run.out
    assert {verdict["check"] for verdict in run.report["verdicts"]} == {
        f"gitple/fuzz/{kind}" for kind in ("valid", "invalid", "bytes", "auth")
    }


def test_what_breaks_is_found_and_the_case_is_named(judge: Callable[..., Run]) -> None:
    """The finding's exchange has the name of the case, which gives it back."""
    run = judge(_breaks_on_types, "--target-fuzz=1200:3", "--target-check=*/fuzz/invalid")
    assert run.exit == 1, run.out
    assert "gitple@" in run.out and ":invalid:3:" in run.out


def test_a_wrong_number_is_one_line(judge: Callable[..., Run]) -> None:
    """What is not N or N:SEED is a usage error."""
    run = judge(right, "--target-fuzz=many")
    assert run.exit == 4
    assert "--target-fuzz: 'many' is not N or N:SEED" in run.out
