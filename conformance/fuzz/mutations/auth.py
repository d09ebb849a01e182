"""Deliveries that are not the vendor's: forged signatures, wrong tokens, handshakes without the key."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from hookassay.conformance.check import Expectation
from hookassay.conformance.fuzz.draft import Draft
from hookassay.conformance.fuzz.mutations import elsewhere
from hookassay.conformance.fuzz.mutations.mutation import CALM, REFUSED, Change, Mutation, table
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.mutation.signature import FORGERIES, Forgery
from hookassay.mockserver.emission.mutation.tampering import TAMPERED
from hookassay.mockserver.emission.mutation.tampering import Change as Tampering
from hookassay.mockserver.emission.mutation.token import TOKENS, WrongToken
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.vendor import Headers, Vendor
from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json

PLAIN = ("absent-no-header", "wrong-key-other-key", "absent-left-out", "wrong-word")
"""The forgeries that are tried with other headers too: whatever those let pass, they let these."""

_WRONG_CREDENTIALS = f"Basic {base64.b64encode(b'hookassay:wrong').decode('ascii')}"


def of_event(vendor: Vendor, event: Event) -> Iterator[Mutation]:
    """The forgeries of an event; none where the provider has no authentication."""
    if vendor.token_pointer(event):
        for token in TOKENS:
            yield Mutation(
                "auth", f"{token.check}-{token.name}", _token_expectation(vendor, event, token), _with(token)
            )
    elif vendor.provider.authentication.kind == "hmac-header":
        for forgery in FORGERIES:
            yield Mutation("auth", f"{forgery.check}-{forgery.name}", _expectation(forgery), _forged(forgery))
        for name, (_, change) in TAMPERED.items():
            yield Mutation("auth", f"tampered-{name}", REFUSED, _tampered(change))
    if vendor.provider.authentication.kind == "body-token":
        yield from elsewhere.of_token()
    if event is not vendor.provider.handshake and vendor.provider.handshake is not None:
        yield from table("auth", REFUSED, _like_handshakes(vendor))
    if "basic-from-url" in vendor.provider.traits:
        yield from table("auth", CALM, {"basic-absent": _without_credentials, "basic-wrong": _other_credentials})


def _expectation(forgery: Forgery) -> Expectation:
    """At the forgery's level; what may be taken is only to be met calmly."""
    return CALM if forgery.level == "may" or forgery.check == "twice" else Expectation("refused", forgery.level)


def _token_expectation(vendor: Vendor, event: Event, token: WrongToken) -> Expectation:
    """A wrong token is refused at its level; a handshake with one may be taken (an empty 200 tells nothing), but never
    gets its secret back."""
    if event is vendor.provider.handshake and token.level == "must":
        return CALM
    return Expectation("refused", token.level)


def _forged(forgery: Forgery) -> Callable[[Draft], Draft | None]:
    def change(draft: Draft) -> Draft | None:
        if forgery.make(draft.vendor.signer(draft.event, draft.document), draft.body.data) is None:
            return None

        def forge(signer: Signer, body: bytes) -> Headers:
            return forgery.make(signer, body) or ()

        return replace(draft, forge=forge)

    return change


def _tampered(change: Tampering) -> Callable[[Draft], Draft | None]:
    def tamper(draft: Draft) -> Draft | None:
        if not isinstance(draft.document, dict) or len(draft.document) < 2:
            return None
        signed, sent = change(draft.document)
        return None if signed.data == sent.data else replace(draft, body=signed, sent=sent)

    return tamper


def _with(token: WrongToken) -> Callable[[Draft], Draft | None]:
    def change(draft: Draft) -> Draft | None:
        made = token.make(draft.vendor.secret_of(draft.event, draft.document))
        if made is None or not isinstance(draft.document, dict):
            return None
        document = draft.vendor.with_token(draft.event, draft.document, made)
        return draft.with_body(write(document))

    return change


_NOBODYS_TOKEN = "hookassay-no-such-token"


def _like_handshakes(vendor: Vendor) -> dict[str, Change]:
    """Unsigned events with the members of a handshake: they may not slip past the signature."""
    names = vendor.provider.traits["handshake"]
    answer, token = (members.tokens(str(names[name]))[-1] for name in ("answer", "token"))
    added: dict[str, dict[str, Json]] = {
        "alone": {},
        "wrong-token": {token: _NOBODYS_TOKEN},
        "empty-token": {token: ""},
        "null-token": {token: None},
    }
    return {f"event-with-secret-{name}": _like_handshake(answer, more) for name, more in added.items()}


def _like_handshake(answer: str, more: Mapping[str, Json]) -> Change:
    def change(draft: Draft) -> Draft | None:
        if not isinstance(draft.document, dict):
            return None
        document = {**draft.document, answer: f"{draft.word:020d}", **more}
        return replace(draft, body=write(document), forge=lambda signer, body: ())

    return change


def _without_credentials(draft: Draft) -> Draft:
    return replace(draft, credentials=False)


def _other_credentials(draft: Draft) -> Draft:
    return _without_credentials(draft).with_headers(("Authorization", _WRONG_CREDENTIALS))
