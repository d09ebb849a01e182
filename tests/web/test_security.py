"""Who may talk to the mock, and what its pages may load."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from hookassay.mockserver.engine import Options
from hookassay.mockserver.web.security import Access, host_of
from hookassay.mockserver.web.serving import Serving
from tests.web.conftest import Ask


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "a b", ""]
)
def test_a_foreign_host_is_refused(ask: Ask, host: str) -> None:
    """A name that somebody else's DNS points at loopback gets nothing, the inbox included."""
    for path in ("/", "/api/endpoints", "/healthz", "/inbox/1"):
        assert ask("GET", path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:1", "127.9.9.9", "[::1]:8052"])
def test_every_name_of_loopback_is_ours(ask: Ask, host: str) -> None:
    assert ask("GET", "/healthz", headers={"Host": host}).status_code == 200


def test_names_are_allowed_one_by_one() -> None:
    """`--allow-host` lets a name in; a wildcard address lets any address in, but no name."""
    named = Access(names=["mock.internal"])
    assert named.knows_host("Mock.Internal:8052") and not named.knows_host("other.internal")
    everywhere = Access(host="0.0.0.0")
    assert everywhere.knows_host("192.168.1.7:8052") and not everywhere.knows_host("rebound.example")
    assert host_of("[::1]:80") == "::1" and host_of("x:y") is None


def test_another_origin_may_not_write(ask: Ask) -> None:
    """A page of another site, and of another port of this host, is refused before its body is read."""
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        answer = ask("POST", "/api/reset", json={}, headers={"Origin": origin})
        assert answer.status_code == 403
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert ask("POST", "/api/reset", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_our_own_page_may_write(ask: Ask) -> None:
    own = ask("GET", "/healthz").url.removesuffix("/healthz")
    answer = ask("PUT", "/api/faults/switch", json={"on": True}, headers={"Origin": own})
    assert (answer.status_code, answer.json()) == (200, {"on": True})


def test_a_form_is_no_json(ask: Ask) -> None:
    """What a page of another site can post without asking first is not understood."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert ask("POST", "/api/reset", data="{}", headers={"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize("path", ["/", "/send", "/endpoints", "/scenarios", "/contracts", "/inbox"])
def test_every_page_is_locked_down(ask: Ask, path: str) -> None:
    """A strict policy whose nonce is never used twice, on whole pages and on their inner parts."""
    nonces = set()
    for headers in ({}, {}, {"HX-Request": "true"}):
        answer = ask("GET", path, headers=headers)
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "*" not in policy
        nonces.add(policy.partition("'nonce-")[2].partition("'")[0])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert " style=" not in answer.text and " onclick=" not in answer.text
    assert len(nonces) == 3


def test_a_body_beyond_the_limit_is_refused(ask: Ask) -> None:
    answer = ask("POST", "/api/build", data=b'{"a":"' + b"x" * (8 * 2**20) + b'"}', headers=_JSON)
    assert answer.status_code == 413
    assert "8 MB" in answer.json()["detail"]


_JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """The address of a mock that asks for a token."""
    with Serving(Options(hello=False), Access(token="correct-horse")) as serving:
        yield serving.url


def test_without_the_token_nothing_is_shown(guarded: str) -> None:
    """The API says what it wants, a page asks for it; the sign of life and the inbox need none."""
    answer = requests.get(f"{guarded}/api/endpoints", timeout=10)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert requests.get(f"{guarded}/api/endpoints", headers=_bearer("correct-hors"), timeout=10).status_code == 401
    page = requests.get(f"{guarded}/endpoints", timeout=10)
    assert page.status_code == 401 and "sign-in" in page.text
    assert requests.get(f"{guarded}/healthz", timeout=10).status_code == 200
    assert requests.post(f"{guarded}/inbox/99", data=b"{}", timeout=10).status_code == 404


def test_the_token_opens_by_bearer_and_by_session(guarded: str) -> None:
    assert requests.get(f"{guarded}/api/endpoints", headers=_bearer("correct-horse"), timeout=10).status_code == 200
    with requests.Session() as browser:
        assert browser.post(f"{guarded}/session", json={"token": "wrong"}, timeout=10).status_code == 401
        begun = browser.post(f"{guarded}/session", json={"token": "correct-horse"}, timeout=10)
        cookie = begun.headers["Set-Cookie"]
        assert begun.status_code == 204 and "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert "correct-horse" not in cookie and f"-{urlsplit(guarded).port}=" in cookie
        assert browser.get(f"{guarded}/", timeout=10).status_code == 200
        browser.delete(f"{guarded}/session", timeout=10)
        assert browser.get(f"{guarded}/", timeout=10).status_code == 401


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_slow_client_holds_nobody_up(ask: Ask) -> None:
    """A hundred connections that stop within their headers, and the next request is answered as before."""
    address = urlsplit(ask("GET", "/healthz").url)
    idle = [socket.create_connection((address.hostname, address.port)) for _ in range(100)]
    try:
        for one in idle:
            one.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        assert ask("GET", "/healthz").status_code == 200
    finally:
        for one in idle:
            one.close()
