"""Basic: the credentials in a target's URL, for the providers that send them (LiveChat, section 3.1)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Cases, Expectation, NotApplicable, Step
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import Span


def without_credentials(bench: Bench, authorization: str | None = None) -> Delivery:
    """A right delivery that does not carry the URL's credentials, but another `Authorization`, if any."""
    delivery = replace(bench.right(), credentials=False)
    if authorization is None:
        return delivery
    masked = {**delivery.secrets, "Authorization": (Span(authorization.index(" ") + 1, len(authorization)),)}
    return replace(delivery.with_headers(("Authorization", authorization), without=("authorization",)), secrets=masked)


def _applies(bench: Bench) -> bool:
    return bench.target.credentials is not None and "basic-from-url" in bench.provider.traits


def _wrong(bench: Bench) -> Iterator[Case]:
    if not _applies(bench):
        return
    right = bench.target.credentials or b""
    user, _, password = right.partition(b":")
    ways = {
        "absent": ("no credentials", None),
        "wrong-password": ("another password", _encoded(user + b":" + password + b"x")),
        "wrong-user": ("another user", _encoded(user + b"x:" + password)),
        "empty-password": ("an empty password", _encoded(user + b":")),
        "empty": ("empty credentials", _encoded(b":")),
        "other-scheme": ("another scheme", _encoded(user + b":" + password + b"x", "Bearer")),
        "not-base64": ("what is not base64", "Basic !!!"),
        "not-ascii": ("bytes beyond ASCII", "Basic \xe9\xe9"),
    }
    for name, (why, authorization) in ways.items():
        if authorization != _encoded(right):
            yield Case(name, partial(_refused, authorization=authorization, why=why), why=why)


def _encoded(credentials: bytes, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(credentials).decode('ascii')}"


def _refused(bench: Bench, authorization: str | None, why: str) -> list[Step]:
    """One of the two, the credentials or the token, has to protect; where the token does, the other is advice."""
    expect = Expectation("refused", "should" if bench.facts.token_enforced else "must")
    return [Step(without_credentials(bench, authorization), expect, why)]


def _challenge(bench: Bench) -> Iterator[Case]:
    if _applies(bench):
        yield Case("header", _told_how, level="should")


def _told_how(bench: Bench) -> list[Step]:
    if not bench.facts.basic_protects:
        raise NotApplicable("requests without credentials are not refused")
    return [Step(without_credentials(bench), Expectation("refused", "should", header=("www-authenticate", "")))]


CASES: dict[str, Cases] = {"basic": _wrong, "basic-challenge": _challenge}
"""Check → its cases; the records stand in `token.toml`."""
