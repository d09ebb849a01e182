"""What a fault does to the one attempt that it strikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.engine import vendors
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.model import FaultKind
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.contract import Json, Provider


@dataclass(frozen=True)
class Strike:
    """A fault that strikes one attempt; `label` is what the log says of it."""

    fault: int
    kind: FaultKind
    parameters: Mapping[str, Json]
    label: Told

    @property
    def postpones(self) -> bool:
        """Whether the delivery is not sent now."""
        return self.kind in ("delay", "reorder", "burst")

    @property
    def is_unsent(self) -> bool:
        """Whether nothing leaves at all: the vendor is told of an answer that nobody gave."""
        return self.kind == "answer-as" and self.parameters.get("send") is False

    def number(self, name: str, default: float) -> float:
        return float(self.parameters.get(name, default))

    def seen(self, answer: Answer | None) -> Answer | None:
        """What the vendor sees instead of an answer."""
        if self.kind == "lose-answer":
            elapsed = answer.elapsed if answer is not None else 0.0
            return Answer(None, failure="timeout", detail=Told("lost-by-fault"), elapsed=elapsed)
        if self.kind == "answer-as":
            elapsed = answer.elapsed if answer is not None else 0.0
            return Answer(int(self.parameters.get("status", 503)), elapsed=elapsed)
        return answer

    def changed(self, context: Context, provider: Provider, owner: Row[Any], delivery: Delivery) -> Delivery:
        """The delivery as this fault sends it."""
        if self.kind == "wrong-signature":
            name = str(self.parameters.get("mutation", "random-key"))
            return vendors.spoiled(context, provider, owner.secret, delivery, name)
        if self.kind == "old-secret":
            if owner.previous_secret:
                return vendors.signed_with(context, provider, owner.previous_secret, delivery)
            return vendors.spoiled(context, provider, owner.secret, delivery, "random-key")
        if self.kind == "truncated-body":
            return delivery.with_framing(cut=int(len(delivery.body) * self.number("share", 0.5)))
        return delivery
