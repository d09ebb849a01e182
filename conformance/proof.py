"""Rule 4: why a right delivery is refused, proven from outside.

The same event is sent again as each likely bug would have authenticated or shaped it. The one that
is taken names the bug, once a second event confirms it and a random key does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hookassay.conformance.bench import Bench
from hookassay.conformance.traffic import Sent, Traffic
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.causes import KEY_READINGS, SEPARATING, Hypothesis, hypotheses
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import Fragment, write
from hookassay.schemas import members

ALLOWANCE = 400
"""Requests that proofs may cost, a provider and run."""

_RANDOM_KEY = "5b0c1f7e-not-the-configured-secret"
_SHAPES = 40
_TIMES = 2


@dataclass(frozen=True)
class Cause:
    """A bug that was shown by experiment."""

    id: str
    text: str


@dataclass
class Proof:
    """What came of trying: the cause, how many requests it took, what was tried; `ended` by a rate limit or the allowance."""

    cause: Cause | None = None
    requests: int = 0
    tried: str = ""
    ended: bool = False


class _Ended(Exception):
    """A 429, or the allowance is used up."""


@dataclass
class _Prover:
    bench: Bench
    traffic: Traffic
    refused: Sent
    left: int
    proof: Proof

    def taken(self, delivery: Delivery) -> bool:
        return self.send(delivery).reaction is Reaction.TAKEN

    def send(self, delivery: Delivery) -> Sent:
        if self.left <= 0:
            raise _Ended
        self.left -= 1
        self.proof.requests += 1
        sent = self.traffic.send_once(self.bench, delivery)
        if sent.answer.rate_limited:
            raise _Ended
        return sent

    @property
    def event(self) -> str:
        return self.refused.delivery.event

    def steady(self) -> bool:
        """Whether the delivery is refused each time it is sent."""
        return not any(self.taken(self.refused.delivery) for _ in range(_TIMES))

    def surely_taken(self, delivery: Delivery) -> bool:
        """Taken each time, while the one it is compared with is still refused."""
        return self.taken(delivery) and all(self.taken(delivery) for _ in range(_TIMES)) and self.steady()

    def signer(self) -> Signer:
        event = self.bench.provider.events[self.event]
        return self.bench.vendor.signer(event, _parsed(self.refused.delivery.body))

    # by header signature

    def by_signature(self) -> Cause | None:
        delivery, signer = self.refused.delivery, self.signer()
        right = signer.sign(delivery.body)
        wrong = self.send(self.with_headers(delivery, signer.with_secret(_RANDOM_KEY).sign(delivery.body)))
        if wrong.reaction is Reaction.TAKEN:
            self.proof.tried = "a wrong signature is taken too, so nothing can be proven by signatures"
            return None
        if wrong.answer.status != self.refused.answer.status:
            return None  # it tells a wrong signature from this: the signature is not what it dislikes
        groups: dict[tuple[tuple[str, str], ...], list[Hypothesis]] = {}
        for hypothesis in hypotheses():
            headers = hypothesis.headers(signer, delivery.body)
            if headers is not None and headers != right:
                groups.setdefault(headers, []).append(hypothesis)
        self.proof.tried = f"{len(groups)} likely ways of signing tried, none is taken"
        for headers, named in groups.items():
            if self.surely_taken(self.with_headers(delivery, headers)):
                found = self.confirmed(named)
                if found is not None:
                    return found
        return None

    def confirmed(self, named: list[Hypothesis]) -> Cause | None:
        """Another event must be taken in the same way, and the same way with a random key refused."""
        chosen = named[0] if len(named) == 1 else self.separated(named)
        second = self.bench.right()
        headers = chosen.headers(self.bench.vendor.signer(self.bench.carrier), second.body)
        if headers is None or not self.taken(self.with_headers(second, headers)):
            return None
        keyless = chosen.headers(self.signer().with_secret(_RANDOM_KEY), self.refused.delivery.body)
        if (
            not chosen.forgeable
            and keyless is not None
            and self.taken(self.with_headers(self.refused.delivery, keyless))
        ):
            return None
        return Cause(chosen.id, f"your receiver {chosen.text}")

    def separated(self, named: list[Hypothesis]) -> Hypothesis:
        """Of several bugs that look the same on this body, the one that a body made to tell them apart shows."""
        bench = self.bench
        document = bench.document()
        document["hookassay_separating"] = Fragment(SEPARATING)
        body = write(document)
        for hypothesis in named:
            headers = hypothesis.headers(bench.vendor.signer(bench.carrier), body.data)
            if headers is not None and self.taken(
                bench.vendor.deliver(bench.carrier, document, body=body, forge=lambda s, b, h=headers: h)
            ):  # type: ignore[misc]
                return hypothesis
        return named[0]

    def with_headers(self, delivery: Delivery, headers: tuple[tuple[str, str], ...]) -> Delivery:
        names = tuple(self.bench.provider.authentication.headers)
        return delivery.with_headers(*headers, without=names)

    # by token in the body

    def by_token(self) -> Cause | None:
        bench = self.bench
        event = bench.provider.events[self.event]
        token = bench.vendor.secret_of(event)
        if self.taken(bench.with_token("5b0c1f7e", event)):
            self.proof.tried = "a wrong token is taken too, so nothing can be proven by tokens"
            return None
        for ident, text, change in KEY_READINGS:
            read = change(token)
            if read and read != token and self.surely_taken(bench.with_token(SecretText(read), event)):
                return Cause(ident, f"your receiver {text}")
        right = bench.right(event)
        secret = SecretText(token)
        for ident, text, delivery in (
            ("CA-D11", "looks for the token in the query (?token=)", replace(right, query=f"token={token}")),
            ("CA-D11", "looks for the token in the header X-Token", right.with_headers(("X-Token", str(secret)))),
            (
                "CA-D11",
                "looks for the token in Authorization: Bearer",
                right.with_headers(("Authorization", f"Bearer {token}")),
            ),
        ):
            if self.surely_taken(delivery):
                return Cause(ident, f"your receiver {text}")
        self.proof.tried = "the token read or placed in other ways tried, none is taken"
        return None

    # by shape, whatever authenticates

    def by_shape(self) -> Cause | None:
        event = self.bench.provider.events[self.event]
        document = _parsed(self.refused.delivery.body)
        if not isinstance(document, dict):
            return None
        for ident, text, changed in _shapes(self.bench, event.expanded, document):
            if self.left <= 0 or self.proof.requests > ALLOWANCE // 2:
                break
            if self.surely_taken(self.bench.vendor.deliver(event, changed)):
                return Cause(ident, f"your receiver {text}")
        for ident, text, delivery in _wrappings(self.bench, self.refused.delivery):
            if self.surely_taken(delivery):
                return Cause(ident, f"your receiver {text}")
        return None


def prove(bench: Bench, traffic: Traffic, refused: Sent, allowance: int) -> Proof:
    """Why this right delivery was refused, within so many requests; nothing is raised."""
    proof = Proof()
    prover = _Prover(bench, traffic, refused, allowance, proof)
    try:
        if not prover.steady():
            proof.tried = "the same delivery is refused now and taken then, so nothing can be proven"
            return proof
        if bench.kind == "hmac-header":
            proof.cause = prover.by_signature()
        elif bench.kind == "body-token":
            proof.cause = prover.by_token()
        if proof.cause is None:
            proof.cause = prover.by_shape()
    except _Ended:
        proof.ended = True
    return proof


def explains(ident: str, bench: Bench, traffic: Traffic, refused: Sent) -> bool:
    """Whether a proven cause explains this refusal too: the same bug, tried on this delivery."""
    if bench.kind != "hmac-header":
        return False
    prover = _Prover(bench, traffic, refused, 8, Proof())
    signer, body = prover.signer(), refused.delivery.body
    right = signer.sign(body)
    ways = {
        headers for h in hypotheses() if h.id == ident and (headers := h.headers(signer, body)) not in (None, right)
    }
    try:
        return any(prover.taken(prover.with_headers(refused.delivery, headers)) for headers in ways if headers)
    except _Ended:
        return False


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _shapes(bench: Bench, schema: object, document: dict[str, object]) -> Iterator[tuple[str, str, object]]:
    """The document changed in one thing after another (field evidence CA-D1 to CA-D3)."""
    from hookassay.mockserver.emission import overrides
    from hookassay.mockserver.emission.overrides import Overrides

    assert isinstance(schema, dict)
    ascii_only = _map_texts(document, lambda text: text.encode("ascii", "replace").decode())
    if ascii_only != document:
        yield "CA-D1", "refuses text beyond ASCII: the same event in ASCII is taken", ascii_only
    no_astral = _map_texts(document, lambda text: "".join(c for c in text if ord(c) < 0x10000))
    if no_astral != document:
        yield "CA-D1", "refuses characters beyond U+FFFF (emoji): the same event without them is taken", no_astral
    plain = _map_texts(document, lambda text: "".join(c for c in text if c not in "'\"\\<>&\n\r\t\0\u2028\u2029"))
    if plain != document:
        yield (
            "CA-D1",
            "refuses quotes, markup or control characters in texts: the same event without them is taken",
            plain,
        )
    found = [m for m in members.walk(schema, document) if m.pointer]
    nulls = [m.pointer for m in found if m.value is None]
    if nulls:
        yield (
            "CA-D3",
            "refuses null: the same event without its null members is taken",
            overrides.apply(document, Overrides(remove=nulls)),
        )
    known = {m.pointer for m in found if m.schema.get("description") or m.schema.get("type")}
    unknown = [m.pointer for m in found if m.pointer not in known and m.pointer.rpartition("/")[0] in known | {""}]
    if unknown:
        yield (
            "CA-D2",
            f"refuses members that it does not know ({unknown[0].rpartition('/')[2]})",
            overrides.apply(document, Overrides(remove=unknown)),
        )
    optional = [m for m in found if not m.required][:_SHAPES]
    for member in optional:
        yield (
            "CA-D2",
            f"refuses the member {member.pointer}: the same event without it is taken",
            overrides.apply(document, Overrides(remove=(member.pointer,))),
        )
    for name in bench.provider.events[_event_of(bench, document)].full.document:
        full = bench.document(bench.provider.events[_event_of(bench, document)], "full")
        if name not in document and name in full:
            yield (
                "CA-D2",
                f"demands the member /{name}: the same event with it is taken",
                {**document, name: full[name]},
            )


def _event_of(bench: Bench, document: dict[str, object]) -> str:
    for event in bench.provider.deliverable.values():
        if event.validator.is_valid(document):
            return event.name
    return bench.carrier.name


def _map_texts(value: object, change: object) -> object:
    assert callable(change)
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _map_texts(item, change) for key, item in value.items()}
    return value


def _wrappings(bench: Bench, delivery: Delivery) -> Iterator[tuple[str, str, Delivery]]:
    """The same body in another wrapping (field evidence CA-D4, D7, D8)."""
    content = delivery.header("content-type") or ""
    yield (
        "CA-D4",
        "refuses a Content-Type without a charset",
        delivery.with_headers(("Content-Type", "application/json; charset=utf-8"), without=("content-type",)),
    )
    if content != "application/json":
        yield (
            "CA-D4",
            f"refuses the Content-Type {content!r}",
            delivery.with_headers(("Content-Type", "application/json"), without=("content-type",)),
        )
    yield "CA-D7", "answers at the same address with a slash at its end", replace(delivery, path="/")
    yield (
        "CA-D8",
        "refuses the vendor's User-Agent (a bot guard?)",
        delivery.with_headers(("User-Agent", "Mozilla/5.0"), ("Accept", "*/*"), without=("user-agent", "accept")),
    )
