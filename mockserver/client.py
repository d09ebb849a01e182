"""A client of the mock's control API, for tests and scripts.

A `Client` speaks to one mock; `provider(NAME)` of it is where events happen. What they make is told as
`Sent`, `Delivery` and `Attempt`, which read themselves anew whenever they are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import requests

from hookassay.mockserver.handles import Delivery, Endpoint, Row, Run, Sent, Until, has_come, moments

_PATIENCE = 70.0
"""Seconds for one call; those that wait on purpose do so for a minute at most."""


class Refused(Exception):
    """The mock has refused a call: the problem's own line, and the whole of it as `problem`."""

    def __init__(self, status: int, problem: Row) -> None:
        super().__init__(str(problem.get("detail") or f"status {status}"))
        self.status, self.problem = status, problem


class Client:
    """One mock, by its URL. Use as a context manager, or call `close`."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the environment's does not know our loopback
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One call of the API (docs/mock-server.md): the answer's JSON, None where there is none. Raises Refused."""
        answer = self._answer(method, path, body, query)
        return answer.json() if answer.content else None

    def provider(self, name: str) -> Hooks:
        """The vendor of that name. Raises Refused for an unknown one."""
        self._answer("GET", f"/providers/{name}")
        return Hooks(self, name)

    def endpoints(self, provider: str | None = None) -> list[Endpoint]:
        """The endpoints, in the order in which they were made."""
        rows = self.call("GET", "/endpoints", **({"provider": provider} if provider else {}))
        return [Endpoint(self, row) for row in rows]

    def fault(self, kind: str, **plan: Any) -> list[Row]:
        """A bad day for every endpoint: `next=1`, `every=5` or `chance=0.1, seed=7`; the rest are parameters."""
        return [endpoint.fault(kind, **plan) for endpoint in self.endpoints()]

    def push(self, by: str | None = None, to: Literal["next", "idle"] | None = None) -> int:
        """Let the vendor's time pass, every attempt made; how many."""
        return int(self.call("POST", "/clock/push", {"by": by} if by is not None else {"to": to})["attempts"])

    def settle(self, timeout: float = 10.0, mark: int | None = None) -> Row:
        """Wait until nothing is due or in hand."""
        found: Row = self.call("POST", "/settle", {"timeout": timeout, "mark": mark})
        return found

    def search(self, q: str) -> list[Delivery]:
        """The newest hundred deliveries that a search finds, newest first."""
        return [Delivery(self, row["id"]) for row in self.call("GET", "/deliveries", q=q, limit=100)["items"]]

    def export(self, file: str | Path, q: str = "", *, reveal: bool = False) -> None:
        """Write the log as HAR, NDJSON, curl or pytest, by the file's ending (.har, .ndjson, .sh, .py)."""
        form = {".har": "har", ".ndjson": "ndjson", ".sh": "curl", ".py": "pytest"}.get(Path(file).suffix)
        if form is None:
            raise ValueError(f"{file}: the ending says the form: .har, .ndjson, .sh or .py")
        query = {"q": q, "as": form, "reveal": str(reveal).lower()}
        Path(file).write_bytes(self._answer("GET", "/export", None, query).content)

    def reset(self, *, everything: bool = False) -> None:
        """Back to the first start; endpoints stay unless `everything`."""
        self.call("POST", "/reset", {"all": everything})

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> requests.Response:
        answer = self._session.request(
            method, f"{self.url}/api{path}", json=body, params=dict(query or {}), timeout=_PATIENCE
        )
        if answer.status_code >= 400:
            try:
                problem = answer.json()
            except ValueError:
                problem = {}
            raise Refused(answer.status_code, problem if isinstance(problem, dict) else {})
        return answer


@dataclass
class Hooks:
    """A vendor of the mock. It knows what it has already told of, so that `expect_nothing` means the rest."""

    client: Client
    name: str
    mark: int | None = None
    told: set[int] = field(default_factory=set)
    """Occurrences that the test knows of."""
    waited: set[int] = field(default_factory=set)
    """Deliveries that `wait_delivery` has returned."""

    def __post_init__(self) -> None:
        self.mark = int(self.client.settle(timeout=0)["mark"])

    def endpoint(
        self,
        url: str | None = None,
        *,
        name: str | None = None,
        secret: str | None = None,
        retry: str | None = None,
        success: str | None = None,
        timeout: float | None = None,
        **settings: Any,
    ) -> Endpoint:
        """A new webhook of this vendor, `settings` as its page names them; without a URL it uses the mock's inbox."""
        given = {"url": url, "name": name, "secret": secret, "retry": retry, "success": success, "timeout": timeout}
        wanted = {key: value for key, value in given.items() if value is not None}
        body = {"provider": self.name, **wanted, "settings": settings}
        return Endpoint(self.client, self.client.call("POST", "/endpoints", body))

    def trigger(
        self,
        event: str,
        changes: Mapping[str, Any] | None = None,
        *,
        remove: Sequence[str] = (),
        endpoints: Sequence[Endpoint] | None = None,
        force: bool = False,
        **more: Any,
    ) -> Sent:
        """Let an event happen. `changes`: path → value; `more`: `example`, `seed`, `payload`, `body`, `merge`,
        `mutation`. Raises Refused."""
        body = {"provider": self.name, "event": event, "set": dict(changes or {}), "remove": list(remove), **more}
        if endpoints is not None:
            body["endpoints"] = [endpoint.id for endpoint in endpoints]
        return self._sent(self.client.call("POST", "/trigger", {**body, "force": force}))

    def play(self, scenario: str, *, seed: int | None = None, rate: float | None = None, mode: str = "play") -> Run:
        """Play a scenario of this vendor's."""
        path = f"/scenarios/{self.name}/{scenario}/runs"
        row = self.client.call("POST", path, {"seed": seed, "rate": rate, "mode": mode})
        self.told.update(step["occurrence"] for step in row["steps"])
        return Run(self.client, row["id"])

    def push(self, by: str | None = None, to: Literal["next", "idle"] | None = None) -> int:
        """As the client's."""
        return self.client.push(by, to)

    def reset(self) -> None:
        """As the client's; what happened before is forgotten here too."""
        self.client.reset()
        self.told.clear()
        self.waited.clear()
        self.mark = int(self.client.settle(timeout=0)["mark"])

    def wait_delivery(self, event: str, timeout: float = 5.0, until: Until = "answer") -> Delivery:
        """The next delivery of an event that was not told yet, once it has got an answer (or has come so far).

        Raises AssertionError with the nearest delivery where there is none in time.
        """
        rows: list[Row] = []
        for _ in moments(self.client, timeout):
            rows = [row for row in self._rows(f"event:{event}") if row["id"] not in self.waited]
            for row in reversed(rows):
                if has_come(row, until):
                    self.waited.add(row["id"])
                    self.told.add(row["occurrence"])
                    return Delivery(self.client, row["id"])
        raise AssertionError(self._missing(event, timeout, until, rows))

    def expect_nothing(self, event: str | None = None, timeout: float = 10.0) -> None:
        """Nothing else has happened: once nothing is due or in hand, every occurrence since the start was told of.

        Raises AssertionError with what has happened.
        """
        found = self.client.settle(timeout, self.mark)
        rest = [
            one
            for one in found["occurrences"]
            if one["provider"] == self.name and one["id"] not in self.told and event in (None, one["event"])
        ]
        if not found["idle"]:
            raise AssertionError(f"the mock did not come to rest within {timeout:g} s")
        if rest:
            listed = ", ".join(f"{one['event']} (occurrence {one['id']})" for one in rest)
            raise AssertionError(f"{self.name}: nothing was expected, and there is {listed}")

    def _sent(self, row: Row) -> Sent:
        self.told.add(row["occurrence"])
        return Sent(self.client, row)

    def _rows(self, q: str) -> list[Row]:
        found: list[Row] = self.client.call("GET", "/deliveries", q=f"provider:{self.name} {q}", limit=100)["items"]
        return found

    def _missing(self, event: str, timeout: float, until: Until, late: Sequence[Row]) -> str:
        text = f"{self.name}: no delivery of {event} came so far ({until}) within {timeout:g} s"
        near = late or self._rows("")
        if not near:
            return f"{text}; nothing was delivered at all"
        row = near[0]
        differs = f"it is {row['outcome']}: {row['told'] or 'no answer yet'}" if late else f"an event {row['event']}"
        return f"{text}; the nearest is delivery {row['id']}: {differs}"
