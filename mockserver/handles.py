"""What the client hands out: endpoints, deliveries, runs. Each reads itself anew whenever it is looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from hookassay.mockserver.client import Client

Until = Literal["answer", "delivered", "given-up"]
"""How far a delivery has to come: its first answer, or its end."""

Row = Mapping[str, Any]
"""An object of the API's."""


@dataclass(frozen=True)
class Endpoint:
    """A webhook. `row` is what the API says of it."""

    client: Client
    row: Row

    @property
    def id(self) -> int:
        return int(self.row["id"])

    def fail_next(self, count: int = 1, status: int = 503, *, send: bool = True) -> Row:
        """The vendor sees this status for the next attempts, whatever the receiver answers."""
        return self.fault("answer-as", next=count, status=status, send=send)

    def fault(
        self,
        kind: str,
        *,
        events: str = "*",
        next: int | None = None,
        every: int | None = None,
        chance: float | None = None,
        seed: int | None = None,
        **parameters: Any,
    ) -> Row:
        """A bad day: one plan, and the kind's own parameters."""
        plan = {"next": next, "every": every, "chance": chance, "seed": seed}
        given = {key: value for key, value in plan.items() if value is not None}
        body = {"endpoint": self.id, "kind": kind, "events": events, "parameters": parameters, **given}
        found: Row = self.client.call("POST", "/faults", body)
        return found

    def verify(self) -> Row:
        """Run the vendor's handshake: sent, answered, compared."""
        found: Row = self.client.call("POST", f"/endpoints/{self.id}/verify")
        return found

    def enable(self) -> None:
        """Turn it on again."""
        self.client.call("POST", f"/endpoints/{self.id}/enable")

    def change(self, **changes: Any) -> Endpoint:
        """Change some of it: `url`, `secret`, `settings`, `retry`, `enabled` …"""
        return Endpoint(self.client, self.client.call("PATCH", f"/endpoints/{self.id}", changes))

    def remove(self) -> None:
        """Take it away."""
        self.client.call("DELETE", f"/endpoints/{self.id}")


@dataclass(frozen=True)
class Attempt:
    """One sending: what left, what came back, what the vendor made of it."""

    row: Row
    request: Row

    @property
    def view(self) -> str | None:
        """`delivered`, `again`, `given-up`, `off`; None while it is under way."""
        return None if self.row["view"] is None else str(self.row["view"])

    @property
    def reaction(self) -> str | None:
        """To what the vendor saw: where a fault made it something else, not to the receiver's status."""
        return None if self.row["reaction"] is None else str(self.row["reaction"])

    @property
    def status(self) -> int | None:
        """The receiver's status; None where it gave none."""
        return None if self.row["answer"] is None else self.row["answer"]["status"]

    @property
    def elapsed(self) -> float | None:
        """Seconds until the answer."""
        return None if self.row["answer"] is None else self.row["answer"]["elapsed"]


@dataclass(frozen=True)
class Delivery:
    """A delivery in the mock's log."""

    client: Client
    id: int

    @property
    def row(self) -> Row:
        """All that the API says of it now."""
        found: Row = self.client.call("GET", f"/deliveries/{self.id}")
        return found

    @property
    def attempts(self) -> list[Attempt]:
        """Its attempts so far, oldest first."""
        row = self.row
        return [Attempt(one, one["request"] or row["request"]) for one in row["attempts"]]

    @property
    def body(self) -> bytes:
        """The exact bytes of its body."""
        return self.client._answer("GET", f"/deliveries/{self.id}/body", None, {"reveal": "true"}).content

    def wait(self, until: Until = "answer", timeout: float = 5.0) -> Attempt:
        """Its last attempt, once it has come so far. Raises AssertionError where it has not in time."""
        said = ""
        for _ in moments(self.client, timeout):
            summary = self.row["summary"]
            if has_come(summary, until):
                return self.attempts[-1]
            said = summary["told"] or "no answer yet"
        raise AssertionError(f"delivery {self.id} did not come so far ({until}) within {timeout:g} s: {said}")

    def replay(self, form: str = "same-bytes", **more: Any) -> Sent:
        """Send it again: `same-bytes`, `signed-again`, `as-new`, `edited` (with `payload`)."""
        return Sent(self.client, self.client.call("POST", f"/deliveries/{self.id}/replay", {"form": form, **more}))

    def curl(self) -> str:
        """The command that repeats it; the secret comes from the environment."""
        return str(self.row["curl"])


@dataclass(frozen=True)
class Sent:
    """What a trigger made: an occurrence, its deliveries, and who did not get it."""

    client: Client
    row: Row

    @property
    def deliveries(self) -> list[Delivery]:
        return [Delivery(self.client, one["id"]) for one in self.row["deliveries"]]

    @property
    def unsent(self) -> Sequence[Row]:
        """Endpoints that did not get it, each with `reason` and `text`."""
        found: Sequence[Row] = self.row["unsent"]
        return found

    @property
    def delivery(self) -> Delivery:
        """The one delivery. Raises AssertionError where there is none, or more than one."""
        found = self.deliveries
        if len(found) != 1:
            reasons = "; ".join(str(one["text"]) for one in self.unsent)
            raise AssertionError(f"there are {len(found)} deliveries, not one{f' ({reasons})' if reasons else ''}")
        return found[0]

    @property
    def attempts(self) -> list[Attempt]:
        """The attempts of the one delivery."""
        return self.delivery.attempts

    def wait(self, until: Until = "answer", timeout: float = 5.0) -> Attempt:
        """As the one delivery's."""
        return self.delivery.wait(until, timeout)

    def curl(self) -> str:
        """As the one delivery's."""
        return self.delivery.curl()


@dataclass(frozen=True)
class Run:
    """A scenario being played."""

    client: Client
    id: int

    @property
    def row(self) -> Row:
        """All that the API says of it now."""
        found: Row = self.client.call("GET", f"/runs/{self.id}")
        return found

    def step(self) -> Row:
        """Send the next step."""
        found: Row = self.client.call("POST", f"/runs/{self.id}/step")
        return found

    def wait(self, timeout: float = 30.0) -> Row:
        """The run once it has ended with every expectation met. Raises AssertionError else."""
        row: Row = {}
        for _ in moments(self.client, timeout):
            row = self.row
            if row["state"] in ("finished", "stopped"):
                if not row["passed"]:
                    raise AssertionError(f"{row['scenario']}: {row['unmet'] or row['state']}")
                return row
        raise AssertionError(f"{row['scenario']} had not ended after {timeout:g} s: it is {row['state']}")


def has_come(row: Row, until: Until) -> bool:
    """Whether a delivery has come so far."""
    if until == "answer":
        return row["outcome"] in ("again", "delivered", "given-up", "off")
    return bool(row["outcome"] == "delivered" if until == "delivered" else row["outcome"] in ("given-up", "off"))


def moments(client: Client, timeout: float) -> Iterator[None]:
    """Now, and after each change in the mock, until so many seconds have passed."""
    ends = time.monotonic() + timeout
    last = client.call("GET", "/changes")["last"]
    while True:
        yield
        left = ends - time.monotonic()
        if left <= 0:
            return
        last = client.call("GET", "/changes", after=last, wait=min(5.0, left))["last"]
