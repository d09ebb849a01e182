"""A forged delivery beside its right twin: the form of every case that has to be refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Case, Expectation, Make, NotApplicable, one
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.mutation.signature import Forgery, by_check
from hookassay.mockserver.emission.vendor import Forge, Headers
from hookassay.schemas.contract import Level

NO_HEADER = ("absent", "no-header")
OTHER_KEY = ("wrong-key", "other-key")
"""The two forgeries that are tried on every event, content type and the like, as (check, name)."""


def is_signed(bench: Bench) -> bool:
    return bench.kind == "hmac-header"


def named(check: str, name: str) -> Forge:
    """A forgery of the catalogue by its check and name."""
    return forge(next(forgery for forgery in by_check(check) if forgery.name == name))


def forge(forgery: Forgery) -> Forge:
    """Makes the headers of a forgery; NotApplicable where this secret and body have no such thing."""

    def made(signer: Signer, body: bytes) -> Headers:
        headers = forgery.make(signer, body)
        if headers is None:
            raise NotApplicable(f"with this secret and body there is no such forgery ({forgery.why})")
        return headers

    return made


def refused(name: str, make: Make, twin: Make | None = None, level: Level = "must", why: str = "") -> Case:
    """A case of one forged delivery."""
    plan = one(make, Expectation("refused", level))
    return Case(name, plan, twin, level=level, why=why, neighbours=neighbours)


def neighbours(bench: Bench) -> Iterator[tuple[str, Delivery]]:
    """How far does the hole go? No signature, any value of the right length, another event."""
    forged = partial(bench.forged, named(*OTHER_KEY))
    yield "without the header", bench.forged(named(*NO_HEADER))
    yield "zeros of the right length", bench.forged(named("malformed", "zeros"))
    yield "signed with another key", forged()
    other = next((event for event in bench.asked_events if event is not bench.carrier), None)
    if other is not None:
        yield f"{other.name}, signed with another key", forged(other)
