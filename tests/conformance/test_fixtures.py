"""`webhook_delivery` in users' own tests: the examples run, the bytes are what was signed, mistakes are one line."""

from __future__ import annotations

import hashlib
import hmac
import shutil
from pathlib import Path

import pytest

from hookassay.conformance.fixtures import BadRequest, webhook_delivery
from tests.conformance.conftest import run_pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "fixtures").glob("test_*.py"))
NEEDS = {
    "test_flask.py": "flask",
    "test_django.py": "django",
    "test_fastapi.py": "fastapi",
    "test_requests.py": "requests",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_passes_as_it_would_at_a_users(example: Path, tmp_path: Path) -> None:
    """Copied into an empty folder, with nothing but the plugin and the framework."""
    pytest.importorskip(NEEDS[example.name])
    shutil.copy(example, tmp_path)
    done = run_pytest("-q", "-p", "no:cacheprovider", "--strict-markers", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout and "skipped" not in done.stdout


def test_every_framework_has_an_example() -> None:
    """None is missing here, and none is without a word on what it needs."""
    assert {path.name for path in EXAMPLES} == set(NEEDS)


@pytest.mark.parametrize(
    ("example", "right", "wrong"),
    [
        ("test_flask.py", "if not hmac.compare_digest(", "if False and not hmac.compare_digest("),
        ("test_django.py", "if known else HttpResponse(status=403)", "if True else HttpResponse(status=403)"),
        ("test_fastapi.py", "200 if known else 403", "200 if token else 403"),
        ("test_requests.py", 'event["type"]', '""'),
    ],
)
def test_an_example_fails_on_a_receiver_that_is_wrong(example: str, right: str, wrong: str, tmp_path: Path) -> None:
    """Each example's tests tell a wrong receiver from the right one."""
    pytest.importorskip(NEEDS[example])
    (source,) = [path.read_text("utf-8") for path in EXAMPLES if path.name == example]
    assert source.count(right) == 1
    (tmp_path / example).write_text(source.replace(right, wrong), "utf-8")
    done = run_pytest("-q", "-p", "no:cacheprovider", folder=tmp_path)
    assert done.returncode == 1, done.stdout


def test_all_forms_hold_the_same_signed_bytes() -> None:
    """What each client is handed is one request: same method, same headers, the exact bytes that were signed."""
    delivery = webhook_delivery(
        "gitple", "session_state_close", secret="s3cret-s3cret", changes={"session.note": "환불"}
    )
    signature = "sha256=" + hmac.new(b"s3cret-s3cret", delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["X-Hub-Signature"] == signature
    assert delivery.flask["data"] == delivery.django["data"] == delivery.starlette["content"] == delivery.body
    assert delivery.requests["data"] == delivery.body
    assert dict(delivery.flask["headers"]) == dict(delivery.starlette["headers"]) == delivery.requests["headers"]
    assert {**delivery.django["headers"], "Content-Type": delivery.django["content_type"]} == delivery.headers
    assert {form["method"] for form in (delivery.flask, delivery.django, delivery.starlette)} == {"POST"}
    assert delivery.json["session"]["note"] == "환불"


@pytest.mark.parametrize("forged", ["wrong-first", "right-first"])
def test_a_header_that_is_there_twice_is_never_lost(forged: str) -> None:
    """Else a forged delivery would arrive as the right one: both values come, joined where a client takes a dict."""
    delivery = webhook_delivery("gitple", "session_state_close", forged=forged)
    values = [value for name, value in delivery.flask["headers"] if name == "X-Hub-Signature"]
    assert len(set(values)) == 2
    assert [value for name, value in delivery.starlette["headers"] if name == "X-Hub-Signature"] == values
    assert delivery.requests["headers"]["X-Hub-Signature"] == ", ".join(values)
    assert delivery.django["headers"]["X-Hub-Signature"] == ", ".join(values)


def test_every_delivery_is_a_fresh_one() -> None:
    """Ids differ from one to the next, so that a receiver which remembers them is not wronged."""
    one, other = (webhook_delivery("gitple", "session_state_close") for _ in range(2))
    assert one.json["triggerId"] != other.json["triggerId"]
    assert one.headers["X-Hub-Signature"] != other.headers["X-Hub-Signature"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"provider": "gitpel"}, "unknown provider 'gitpel' (did you mean 'gitple'?)"),
        (
            {"event": "session_state_clos"},
            "gitple has no event 'session_state_clos' (did you mean 'session_state_close'?)",
        ),
        ({"example": "ful"}, "session_state_close has no example 'ful'; it has "),
        ({"changes": {"sesion.note": "x"}}, "session_state_close has no member 'sesion.note'"),
        ({"changes": {"session.note": 5}}, "say valid=False if that is meant"),
        ({"remove": ["type"]}, "say valid=False if that is meant"),
        ({"forged": "no-heder"}, "no forgery is called 'no-heder' (did you mean 'no-header'?)"),
        ({"forged": "decoded-key", "secret": "not base64!"}, "with this secret there is no forgery 'decoded-key'"),
        ({"provider": "closer", "event": "message_received", "forged": True}, "closer has no authentication"),
        ({"secret": ""}, "the secret is empty"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_delivery_that_cannot_be_made_is_one_line(arguments: dict[str, object], said: str) -> None:
    """Unknown names come with the nearest known one."""
    asked: dict[str, object] = {"provider": "gitple", "event": "session_state_close", **arguments}
    with pytest.raises(BadRequest) as refusal:
        webhook_delivery(**asked)  # type: ignore[arg-type]
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_secret_is_not_in_the_representation() -> None:
    """A failing assertion of the user's prints the delivery; the token in it stays out of the output."""
    delivery = webhook_delivery("livechat", "chat_started", secret="token-that-nobody-prints")
    assert "token-that-nobody-prints" not in repr(delivery)
    assert b"token-that-nobody-prints" in delivery.body
