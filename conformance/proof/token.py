"""Proofs for tokens in the body: the token as a bug would have read it, and where a bug would look for it."""

from __future__ import annotations

from dataclasses import replace

from hookassay.conformance.proof.prover import RANDOM, Cause, Prover
from hookassay.mockserver.emission.causes import KEY_READINGS
from hookassay.mockserver.emission.secret import SecretText


def cause(prover: Prover) -> Cause | None:
    """The other token, or the other place, that is taken."""
    bench, event = prover.bench, prover.event
    token = bench.vendor.secret_of(event)
    if prover.taken(bench.right(event)):
        prover.proof.tried = "the same token is taken with another event, so it is not the token"
        return None
    if prover.taken(bench.with_token(RANDOM, event)):
        prover.proof.tried = "a wrong token is taken too, so nothing can be proven by tokens"
        return None
    for ident, text, change in KEY_READINGS:
        read = change(token)
        if read and read != token and prover.surely_taken(bench.with_token(SecretText(read), event)):
            return Cause(ident, f"your receiver {text}")
    right = bench.right(event)
    for text, delivery in (
        (f"in the query (?{bench.token_member}=)", replace(right, query=f"{bench.token_member}={token}")),
        ("in the header X-Token", right.with_headers(("X-Token", token))),
        ("in Authorization: Bearer", right.with_headers(("Authorization", f"Bearer {token}"))),
    ):
        if prover.surely_taken(delivery):
            return Cause("CA-D11", f"your receiver looks for the token {text}")
    prover.proof.tried = "the token read or placed in other ways tried, none is taken"
    return None
