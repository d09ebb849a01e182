"""The experiments of one proof: sent, counted, and asked again before anything follows from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.vendor import Vendor
from hookassay.schemas.contract import Event, Json, Provider

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
    """What came of trying: the cause, how many requests, what was tried; `ended` by a rate limit, an answer that did
    not come, or the allowance.

    `refused`: how many deliveries that were signed or written otherwise were not taken either.
    """

    cause: Cause | None = None
    requests: int = 0
    refused: int = 0
    tried: str = ""
    ended: bool = False


class Ended(Exception):
    """A rate limit, an answer that did not come (each of hundreds may take as long), or no requests are left."""


@dataclass
class Prover:
    """Experiments with a delivery that was refused, and the answer that it got; `left` requests may still be spent.

    `document_of` makes a fresh document of an event, in a form that nothing is wrong with; `carrier` is the event
    of the second delivery that has to confirm a cause; `transport` sends.
    """

    vendor: Vendor
    carrier: Event
    document_of: Callable[[Event], Json]
    refused: Delivery
    answer: Answer
    transport: Callable[[Delivery], Answer]
    left: int
    proof: Proof = field(default_factory=Proof)

    def send(self, delivery: Delivery) -> Answer:
        """Raises Ended."""
        if self.left <= 0:
            raise Ended
        self.left -= 1
        self.proof.requests += 1
        answer = self.transport(delivery)
        if answer.rate_limited or answer.failure == "timeout":
            raise Ended
        return answer

    def taken(self, delivery: Delivery) -> bool:
        taken = self.is_taking(delivery, self.send(delivery))
        self.proof.refused += not taken and delivery is not self.refused
        return taken

    def is_taking(self, delivery: Delivery, answer: Answer) -> bool:
        """Whether an answer takes a delivery."""
        return reaction(delivery, answer, self.provider.method) is Reaction.TAKEN

    def is_steady(self) -> bool:
        """Whether the refused delivery is refused each time it is sent."""
        return not any(self.taken(self.refused) for _ in range(_TIMES))

    def surely_taken(self, delivery: Delivery) -> bool:
        """Taken each time, while the one it is compared with is still refused."""
        return self.each_taken(lambda: delivery)

    def each_taken(self, make: Callable[[], Delivery]) -> bool:
        """`surely_taken`, of deliveries that are made anew each time."""
        return self.taken(make()) and all(self.taken(make()) for _ in range(_TIMES)) and self.is_steady()

    def right(self, event: Event) -> Delivery:
        """A right delivery of an event."""
        return self.vendor.deliver(event, self.document_of(event))

    def with_token(self, token: Json, event: Event) -> Delivery:
        """A delivery of an event with another value in the token's place."""
        return self.vendor.deliver(event, self.document_of(event), token=token)

    @property
    def provider(self) -> Provider:
        return self.vendor.provider

    @property
    def event(self) -> Event:
        return self.provider.events[self.refused.event]

    @property
    def signer(self) -> Signer:
        return self.vendor.signer(self.event, self.document)

    @property
    def is_signed(self) -> bool:
        """Whether the refused delivery has a signature at all: a handshake may have none."""
        signed = {name.lower() for name in self.provider.authentication.headers}
        return any(name.lower() in signed for name, _ in self.refused.headers)

    @property
    def document(self) -> Json:
        """What the refused body holds; None if it is no JSON."""
        try:
            return json.loads(self.refused.body)
        except ValueError:
            return None
