"""The options that say whose receiver it is and how it is reached."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import Run, battery
from tests.conformance.receivers import Receiver, Reply, Request, right

Serve = Callable[[Receiver], str]
Judge = Callable[..., Run]

PARTNER, AGENT = "partner-token-41", "agent-token-4711"
FULL = "--target-check=*/payload/full"
EXAMPLES = Path(__file__).parents[2] / "examples" / "receivers"


def document_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request; an empty one where there is none."""
    try:
        found = json.loads(request.body.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def business_messages(token_of: Callable[[object], str]) -> Receiver:
    """A right GBM receiver; `token_of` gives the token for an agent."""

    def receiver(request: Request) -> Reply:
        document = document_of(request)
        if isinstance(document.get("secret"), str) and document.get("clientToken") in (PARTNER, AGENT):
            return 200, document["secret"].encode()
        digest = hmac.new(token_of(document.get("agent")).encode(), request.body, hashlib.sha512).digest()
        given = request.values("X-Goog-Signature")
        return 200 if given == [base64.b64encode(digest).decode()] and document else 403

    return receiver


def test_the_placeholder_runs_every_provider_at_its_own_address(run: Callable[..., Run], free_port: int) -> None:
    """`{provider}` in the URL: one run, every provider's battery, each at its own path, on one receiver of ours."""
    done = run(
        f"--target-url=http://127.0.0.1:{free_port}/{{provider}}",
        f"--target-command={sys.executable} {EXAMPLES / 'stdlib_receiver.py'} --port {free_port}",
        FULL,
        "--target-check=*/absent",
        "--target-check=*/handshake/answer",
        "--target-check=*/payload/value",
    )
    assert done.exit == 0, done.out
    assert sorted(done.report["providers"]) == ["closer", "gbm", "gitple", "livechat"]
    tried = {verdict["id"].partition("/")[0] for verdict in done.report["verdicts"]}
    assert tried == {"closer", "gbm", "gitple", "livechat"}


def test_whose_receiver_it_is_is_found_out(serve: Serve, run: Callable[..., Run]) -> None:
    """Without `--target-provider` the provider counts whose right event is taken and whose forged one refused."""
    done = run(f"--target-url={serve(right)}", FULL)
    assert done.exit == 0, done.out
    assert done.report["providers"] == ["gitple"]


def test_only_the_events_that_were_asked_for_have_to_be_taken(judge: Judge) -> None:
    """`--target-event`: a receiver that knows one event passes with it, and fails where all are asked for."""

    def receiver(request: Request) -> Reply:
        known = document_of(request).get("type") == "session_state_close"
        return right(request) if known or right(request) != 200 else 422

    asked = judge(receiver, FULL, "--target-event=session_state_close")
    assert asked.exit == 0, asked.out
    default = judge(receiver, FULL)
    assert default.exit == 1
    assert "gitple/payload/full[session_state_open]" in default.verdicts("failed")


@pytest.mark.parametrize("separate", [True, False], ids=["agent's token", "partner's token for all"])
def test_an_agent_with_a_token_of_its_own_is_signed_with_it(
    separate: bool, serve: Serve, run: Callable[..., Run]
) -> None:
    """`--target-agent-secret`: a receiver that tells the two apart passes; one that knows the partner's alone fails."""
    agents: set[object] = set()

    def token_of(agent: object) -> str:
        agents.add(agent)
        return AGENT if separate and agent == "brands/b/agents/ours" else PARTNER

    done = run(
        f"--target-url={serve(business_messages(token_of))}",
        "--target-provider=gbm",
        f"--target-secret=gbm={PARTNER}",
        f"--target-agent-secret=brands/b/agents/ours={AGENT}",
        FULL,
        "--target-check=*/signature/agent-token",
        "--target-check=*/signature/partner-token",
    )
    assert "brands/b/agents/ours" in agents
    assert done.exit == (0 if separate else 1), done.out
    if not separate:
        assert "gbm/signature/agent-token[agent-with-its-token]" in done.verdicts("failed")


def test_user_and_password_of_the_url_become_basic_credentials(serve: Serve, run: Callable[..., Run]) -> None:
    """They are decoded, sent with every delivery, tried in other forms, and never printed."""
    expected = "Basic " + base64.b64encode("누구:p@ss-word/5".encode()).decode()

    def receiver(request: Request) -> Reply:
        if request.values("Authorization") != [expected]:
            return 401, b"", {"WWW-Authenticate": "Basic"}
        document = document_of(request)
        return 200 if document.get("token") == "token-of-chats" else 403

    url = serve(receiver).replace("//", "//%EB%88%84%EA%B5%AC:p%40ss-word%2F5@")
    done = run(
        f"--target-url={url}", "--target-provider=livechat", "--target-secret=token-of-chats", FULL,
        "--target-check=*/token/absent", "--target-check=*/token/*basic*",
    )  # fmt: skip
    assert done.exit == 0, done.out
    assert any("basic" in verdict["check"] and verdict["verdict"] == "passed" for verdict in done.report["verdicts"])
    assert "p@ss-word" not in done.out and "p%40ss" not in done.out
    wrong = run(f"--target-url={url.replace('ss-word', 'ss-wort')}", "--target-provider=livechat", FULL)
    assert wrong.exit == 1


def test_members_that_a_receiver_compares_with_its_own_are_set(judge: Judge) -> None:
    """`--target-set`: every right delivery has the value; without the option this receiver refuses them all."""

    def receiver(request: Request) -> Reply:
        status = right(request)
        ours = document_of(request).get("appCode") in ("our-app", None)
        return status if status != 200 or ours else 404

    assert judge(receiver, FULL, "--target-set=gitple/appCode=our-app").exit == 0
    without = judge(receiver, FULL)
    assert without.exit == 1
    (finding,) = without.findings
    assert "refuses everything" in finding["title"]


def test_a_header_of_ones_own_goes_with_every_delivery(judge: Judge) -> None:
    """`--target-header`: a gateway's key is there in all requests, right and forged ones, each time once."""
    keys: list[list[str]] = []

    def receiver(request: Request) -> Reply:
        keys.append(request.values("X-Gateway-Key"))
        return right(request)

    done = judge(receiver, FULL, "--target-check=*/signature/absent", "--target-header=X-Gateway-Key: k-123456789")
    assert done.exit == 0, done.out
    assert len(keys) == done.report["requests"] + 1, "the first one only finds out whether anybody listens"
    assert all(found == ["k-123456789"] for found in keys)


def test_a_should_fails_the_run_only_if_asked(judge: Judge) -> None:
    """`--target-level`: what fails a SHOULD is advice, and a failure with `--target-level=should`."""

    check = "--target-check=*/payload/number-ids"

    def texts_only(request: Request) -> Reply:
        status = right(request)
        session = document_of(request).get("session", {})
        numbers = isinstance(session, dict) and any(isinstance(value, int) for value in session.values())
        return 422 if status == 200 and numbers else status

    must = judge(texts_only, check)
    assert must.exit == 0, must.out
    assert must.verdicts("advice")
    should = judge(texts_only, check, "--target-level=should")
    assert should.exit == 1
    assert should.verdicts("failed") == must.verdicts("advice")


def test_the_same_receiver_gets_the_same_verdicts_ten_times(serve: Serve) -> None:
    """A receiver with two mistakes: ten runs differ in nothing but times and ids."""

    def receiver(request: Request) -> Reply:
        if not request.values("X-Hub-Signature"):
            return 200  # unsigned events are let through
        status = right(request)
        if status == 200 and "😀".encode() in request.body:
            return 500
        return status

    url = serve(receiver)

    def told() -> tuple[Any, ...]:
        verdicts, found = battery(url, checks=("*/signature/absent", "*/payload/te*", "*/payload/full"))
        kinds = [(one.id, one.verdict, one.kind, one.cause) for one in verdicts]
        return kinds, [(one.title, one.verdicts) for one in found]

    runs = [told() for _ in range(10)]
    assert {"taken", "broke"} <= {kind for _, _, kind, _ in runs[0][0]}
    assert all(other == runs[0] for other in runs[1:])
