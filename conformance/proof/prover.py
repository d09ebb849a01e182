"""The experiments of one proof: sent, counted, and asked again before anything follows from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from hookassay.conformance.bench import Bench
from hookassay.conformance.traffic import Sent, Traffic
from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.schemas.contract import Event, Json

RANDOM = "5b0c1f7e-not-the-configured-secret"
"""A key or token that nobody has configured."""

_TIMES = 4
"""So often an answer is asked for again: a receiver that refuses at random must not look as if it had reasons."""


@dataclass(frozen=True)
class Cause:
    """A bug that was shown by experiment. `id` is one of docs/field-evidence.md, `text` says what the receiver does."""

    id: str
    text: str


@dataclass
class Proof:
    """What came of trying: the cause, how many requests, what was tried; `ended` by a rate limit or the allowance."""

    cause: Cause | None = None
    requests: int = 0
    tried: str = ""
    ended: bool = False


class Ended(Exception):
    """A rate limit, or the allowance is used up."""


@dataclass
class Prover:
    """Experiments with a delivery that was refused; `left` requests may still be spent."""

    bench: Bench
    traffic: Traffic
    refused: Sent
    left: int
    proof: Proof = field(default_factory=Proof)

    def send(self, delivery: Delivery) -> Sent:
        """Raises Ended."""
        if self.left <= 0:
            raise Ended
        self.left -= 1
        self.proof.requests += 1
        sent = self.traffic.send_once(self.bench, delivery)
        if sent.answer.rate_limited:
            raise Ended
        return sent

    def taken(self, delivery: Delivery) -> bool:
        return self.send(delivery).reaction is Reaction.TAKEN

    def is_steady(self) -> bool:
        """Whether the refused delivery is refused each time it is sent."""
        return not any(self.taken(self.refused.delivery) for _ in range(_TIMES))

    def surely_taken(self, delivery: Delivery) -> bool:
        """Taken each time, while the one it is compared with is still refused."""
        return self.each_taken(lambda: delivery)

    def each_taken(self, make: Callable[[], Delivery]) -> bool:
        """`surely_taken`, of deliveries that are made anew each time."""
        return self.taken(make()) and all(self.taken(make()) for _ in range(_TIMES)) and self.is_steady()

    @property
    def event(self) -> Event:
        return self.bench.provider.events[self.refused.delivery.event]

    @property
    def signer(self) -> Signer:
        return self.bench.vendor.signer(self.event, self.document)

    @property
    def document(self) -> Json:
        """What the refused body holds; None if it is no JSON."""
        try:
            return json.loads(self.refused.delivery.body)
        except ValueError:
            return None
