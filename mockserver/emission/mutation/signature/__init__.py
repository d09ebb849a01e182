"""Signatures that are wrong on purpose, for any authentication by an HMAC in a header.

Each is a record: what the header says instead, and at which level a receiver has to refuse it.
Sources: the contracts' tables of values to refuse (Gitple section 3, GBM 3.3), and mistakes found in
public receivers (docs/field-evidence.md).

`forgery` has the record and what makes one; the other modules have one kind of mistake each.
"""

from hookassay.mockserver.emission.mutation.signature import (
    algorithms,
    garbage,
    headers,
    keys,
    messages,
    parts,
    writings,
)
from hookassay.mockserver.emission.mutation.signature.forgery import Forgery
from hookassay.mockserver.emission.mutation.signature.keys import GUESSES
from hookassay.mockserver.emission.mutation.signature.messages import rewritten

__all__ = ["FORGERIES", "GUESSES", "Forgery", "by_check", "rewritten"]

FORGERIES: tuple[Forgery, ...] = (
    *headers.MISSING,
    *keys.FORGERIES,
    *messages.FORGERIES,
    *algorithms.FORGERIES,
    *parts.FORGERIES,
    *garbage.FORGERIES,
    *writings.FORGERIES,
    *headers.TWICE,
)
"""The catalogue. Names are unique within their check and never change once released."""


def by_check(check: str) -> tuple[Forgery, ...]:
    """The forgeries of one kind, in the catalogue's order; none for a check that has none."""
    return tuple(forgery for forgery in FORGERIES if forgery.check == check)
