"""Proofs for tokens in the body: the token as a bug would have read it, and where a bug would look for it."""

from __future__ import annotations

from dataclasses import replace

from hookassay.mockserver.emission.causes import KEY_READINGS
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.proof.prover import RANDOM, Cause, Prover


def cause(prover: Prover) -> Cause | None:
    """The other token, or the other place, that is taken."""
    event, token = prover.event, prover.vendor.secret_of(prover.event)
    member = prover.provider.authentication.pointer.removeprefix("/")
    if prover.taken(prover.right(event)):
        prover.proof.tried = "the same token is taken with another event, so it is not the token"
        return None
    if prover.taken(prover.with_token(RANDOM, event)):
        prover.proof.tried = "a wrong token is taken too, so nothing can be proven by tokens"
        return None
    for ident, text, change in KEY_READINGS:
        read = change(token)
        if read and read != token and prover.surely_taken(prover.with_token(SecretText(read), event)):
            return Cause(ident, f"your receiver {text}")
    right = prover.right(event)
    for text, delivery in (
        (f"in the query (?{member}=)", replace(right, query=f"{member}={token}")),
        ("in the header X-Token", right.with_headers(("X-Token", token))),
        ("in Authorization: Bearer", right.with_headers(("Authorization", f"Bearer {token}"))),
    ):
        if prover.surely_taken(delivery):
            return Cause("CA-D11", f"your receiver looks for the token {text}")
    prover.proof.tried = "the token read or placed in other ways tried, none is taken"
    return None
