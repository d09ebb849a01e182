"""Secrets stay out of whatever a run writes: searched byte for byte, in every form in which they travel."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.conftest import run_pytest
from tests.conformance.receivers import Receiver, Reply, Request

Serve = Callable[[Receiver], str]

SECRET = "Zq7!secret/of+ours=9"
AGENT = "Yk4!agent/token+ours=3"
QUERY = "Wd8query~value0fours"
GATEWAY = "Xh5!gateway/value+ours=1"
USER, PASSWORD = "Vp2user0fours", "Uc6!pass/word+ours=7"


def forms(secret: str) -> Iterator[str]:
    """A secret as it is, and as other writings would give it away."""
    data = secret.encode()
    yield secret
    yield data.hex()
    yield data.hex().upper()
    yield base64.b64encode(data).decode().rstrip("=")
    yield base64.urlsafe_b64encode(data).decode().rstrip("=")
    yield urllib.parse.quote(secret, safe="")
    yield urllib.parse.quote(secret)
    yield json.dumps(secret)[1:-1].replace("/", "\\/")
    yield secret[:-1]  # the near miss of a forgery gives it away as well
    yield secret[::-1]
    yield secret.swapcase()


def search(text: str, *secrets: str) -> list[str]:
    """The forms of secrets that stand in a text."""
    return [form for secret in secrets for form in forms(secret) if form in text]


def written(folder: Path, out: str) -> str:
    """All that a run wrote: its output, and every file that it left, pytest's cache too."""
    files = [path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    return "\n".join([out, *files, *(str(path) for path in folder.rglob("*"))])


def document_of(request: Request) -> dict[str, object]:
    try:
        found = json.loads(request.body.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def signed(request: Request) -> Reply:
    """Takes what is right, most forgeries too, and refuses some right ones: much is to be told of it."""
    digest = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    if request.values("X-Hub-Signature") == [f"sha256={digest}"]:
        return 422 if b"session_state_open" in request.body else 200
    return 200 if len(request.body) % 2 else (401, request.body)


def verified(request: Request) -> Reply:
    """Answers every handshake with the secret and takes every event, signed or not."""
    secret = document_of(request).get("secret")
    return (200, secret.encode("utf-8", "surrogatepass")) if isinstance(secret, str) else 200


def token_of(request: Request) -> Reply:
    """Takes any token that begins rightly, and gives back what it refuses."""
    token = document_of(request).get("token")
    return 200 if isinstance(token, str) and token.startswith(SECRET[:4]) else (403, request.body)


RECEIVERS: dict[str, tuple[Receiver, tuple[str, ...]]] = {
    "gitple": (
        signed,
        ("*/signature/absent", "*/signature/wrong-key", "*/signature/other-algorithm", "*/payload/full"),
    ),
    "gbm": (verified, ("*/handshake/careless-token", "*/signature/absent", "*/signature/*-token")),
    "livechat": (token_of, ("*/token/near-miss", "*/token/basic", "*/payload/full")),
}


@pytest.mark.parametrize("provider", RECEIVERS)
def test_nothing_that_a_run_writes_holds_a_secret(provider: str, serve: Serve, tmp_path: Path) -> None:
    """Terminal (`-v`, long tracebacks), JUnit, JSON report, ids, curl commands, cache: none of five secrets in any."""
    receiver, checks = RECEIVERS[provider]
    seen: list[Request] = []

    def watching(request: Request) -> Reply:
        seen.append(request)
        return receiver(request)

    credentials = f"{USER}:{urllib.parse.quote(PASSWORD, safe='')}@"
    url = serve(watching).replace("//", f"//{credentials}") + f"?key={QUERY}&z=1"
    more = [f"--target-agent-secret={AGENT}"] if provider == "gbm" else []
    arguments = [
        f"--target-url={url}", f"--target-provider={provider}", f"--target-secret={provider}={SECRET}", *more,
        f"--target-header=X-Gateway-Key: {GATEWAY}", *(f"--target-check={check}" for check in checks),
        "-v", "-rA", "--tb=long", "--showlocals", "--junitxml=junit.xml", "--target-report=report.json",
    ]  # fmt: skip
    done = run_pytest(*arguments, folder=tmp_path)
    assert done.returncode == 1, done.stdout[-2000:]

    assert any(f"key={QUERY}" in request.path for request in seen)
    assert any(request.values("X-Gateway-Key") == [GATEWAY] for request in seen)
    assert "curl " in done.stdout, "there has to be something to search"
    everything = written(tmp_path, done.stdout + done.stderr)
    assert (tmp_path / "report.json").exists() and (tmp_path / "junit.xml").exists()
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert search(everything, SECRET, AGENT, QUERY, GATEWAY, PASSWORD) == []
    assert basic not in everything

    listed = run_pytest(*arguments[:-1], "--collect-only", folder=tmp_path)
    assert listed.returncode == 0
    assert search(listed.stdout + listed.stderr, SECRET, AGENT, QUERY, GATEWAY, PASSWORD) == []


def test_secrets_are_shown_where_that_was_asked_for(serve: Serve, tmp_path: Path) -> None:
    """`--target-show-secrets`: the token stands in the request and in the command that repeats it."""
    done = run_pytest(
        f"--target-url={serve(token_of)}", "--target-provider=livechat", f"--target-secret=livechat={SECRET}",
        "--target-check=*/token/near-miss", "--target-show-secrets", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert SECRET[:-1] in done.stdout


def test_bad_usage_does_not_print_what_it_refuses(tmp_path: Path) -> None:
    """An address that cannot be reached, a header without a name: the line says so without password, query, value."""
    url = f"http://{USER}:{urllib.parse.quote(PASSWORD, safe='')}@127.0.0.1:1/hook?key={QUERY}"
    for arguments in (
        [f"--target-url={url}", f"--target-header=X-Gateway-Key: {GATEWAY}", f"--target-secret={SECRET}"],
        [f"--target-url={url}", f"--target-header=X-Gateway-Key {GATEWAY}"],
        [f"--target-url={url.replace('http', 'htp')}"],
        [f"--target-url={url.replace(':1/', ':99999/')}"],
    ):
        done = run_pytest(*arguments, "--target-provider=gitple", folder=tmp_path)
        assert done.returncode == 4
        assert search(done.stdout + done.stderr, SECRET, GATEWAY, PASSWORD, QUERY) == [], done.stderr
