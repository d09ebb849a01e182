"""Bad input: a problem document that names the place, and no secret in it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Ask

TRIGGER = {"provider": "gitple", "event": "session_state_close"}
JSON = {"Content-Type": "application/json"}
MISTYPED = {"session.nte": "x"}
FAR_AWAY = {"provider": "gitple", "url": "http://192.0.2.1/"}


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "code", "says"),
    [
        ("GET", "/api/nothing", {}, 404, "not-found", "nothing at this address"),
        ("GET", "/api/deliveries/99999999999999999999999", {}, 404, "not-found", "no delivery"),
        ("PUT", "/api/endpoints", {"json": {}}, 405, "method-not-allowed", "Allow"),
        ("GET", "/api/deliveries?limt=5", {}, 400, "unknown-parameter", "did you mean 'limit'"),
        ("GET", "/api/deliveries?limit=5&limit=6", {}, 400, "repeated-parameter", "2 times"),
        ("GET", "/api/deliveries?limit=0", {}, 422, "invalid", "limit"),
        ("GET", "/api/deliveries?after=zzz", {}, 422, "invalid", "after"),
        ("GET", "/api/deliveries?q=outcom:delivered", {}, 422, "unknown-key", "did you mean 'outcome'"),
        ("GET", "/api/providers/gitpel", {}, 404, "not-found", "did you mean 'gitple'"),
        ("POST", "/api/trigger", {"data": "{", "headers": JSON}, 400, "broken-json", "no JSON"),
        ("POST", "/api/trigger", {"json": {**TRIGGER, "sett": {}}}, 422, "invalid", "/sett"),
        ("POST", "/api/endpoints", {"json": {**TRIGGER, "name": "x"}}, 422, "invalid", "known: provider, name, url"),
        ("POST", "/api/trigger", {"json": {**TRIGGER, "force": "yes"}}, 422, "invalid", "/force"),
        ("POST", "/api/trigger", {"json": {**TRIGGER, "event": "a\0b"}}, 422, "invalid", "NUL"),
        ("POST", "/api/trigger", {"json": {**TRIGGER, "set": MISTYPED}}, 422, "unknown-path", "session.note"),
        ("POST", "/api/trigger", {"json": {**TRIGGER, "endpoints": [424242]}}, 404, "not-found", "424242"),
        ("POST", "/api/endpoints", {"json": FAR_AWAY}, 422, "target-not-allowed", "--allow-target"),
        ("POST", "/api/clock/push", {"json": {"by": "1h", "to": "next"}}, 422, "invalid", "either by or to"),
        ("POST", "/api/undo/nothing", {}, 410, "gone", "ten seconds"),
    ],
)  # fmt: skip
def test_a_problem_says_what_is_wrong_and_where(
    ask: Ask, method: str, path: str, given: dict[str, Any], status: int, code: str, says: str
) -> None:
    """4xx, RFC 9457, one line for people and a stable type for programs."""
    answer = ask(method, path, **given)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:hookassay:problem:{code}"
    assert problem["status"] == status
    assert says in problem["detail"] and "\n" not in problem["detail"]


def test_every_wrong_member_is_named(ask: Ask) -> None:
    """Not the first alone; and the values stay out of the answer: one may be a secret."""
    body = {"provider": 5, "secret": ["hunter2hunter2"], "timeout": -1, "extra": True}
    problem = ask("POST", "/api/endpoints", json=body).json()
    assert {fault["pointer"] for fault in problem["errors"]} == {"/provider", "/secret", "/timeout", "/extra"}
    assert "hunter2" not in str(problem)


def test_an_unknown_page_is_a_page(ask: Ask) -> None:
    """People who follow an old link get words, not JSON."""
    answer = ask("GET", "/contracts/gitpel/x", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html") and "gitple" in answer.text
