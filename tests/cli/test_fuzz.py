"""`hookassay fuzz`, called wrongly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Outcome


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nobody",), "unknown provider"),
        (("gitple", "session_state_clos"), "did you mean 'session_state_close'"),
        (("gitple", "--shard", "5/4"), "--shard: '5/4' is no shard"),
        (("closer", "--mode", "auth"), "CLOSER has no authentication"),
        (("gitple", "--only", "7"), "--only INDEX needs one EVENT"),
        (("gitple", "--only", "x:y"), "is no case's name"),
        (("gitple", "--replay", "nothing.json"), "nothing.json"),
        (("gitple", "--time", "soon", "--send", "http://127.0.0.1:1/"), "not a length of time"),
        (("gitple", "--format", "files"), "needs -o DIR"),
        (("gitple", "--format", "har", "--workers", "2"), "--workers goes with --format ndjson"),
        (("gitple", "--format", "curl", "--resume"), "--resume goes with --format ndjson and files"),
    ],
)
def test_usage(run: Callable[..., Outcome], arguments: tuple[str, ...], told: str) -> None:
    """What is wrong with a command is said in one line, with status 2."""
    done = run("fuzz", *arguments)
    assert done.status == 2
    assert told in done.err and not done.out
    assert len(done.err.strip().splitlines()) == 1
