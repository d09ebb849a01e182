"""What happened, what was sent to whom, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookassay.mockserver.emission.answer import Answer, Reaction
from hookassay.mockserver.engine.model.words import OPEN_STATES, Form, Origin, Outcome, Reason, State, View


@dataclass(frozen=True)
class Request:
    """A request as it left: all headers in their order, exact body bytes, masked unless revealed (`masked`).

    `signs` is the template of what is signed (`{body}`), empty where nothing is; `cut` the number of body
    bytes after which the connection was ended on purpose.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    signs: str = ""
    masked: bool = False
    cut: int | None = None


@dataclass(frozen=True)
class Attempt:
    """One sending. `scheduled` is virtual, `started` and `ended` real; `ended` None: still in hand, or never known.

    `answer` is what came back (None: nothing was sent, or not yet), `seen` what the vendor saw where a
    fault made it something else. `told` is the vendor's view in words, `hint` the provider's advice.
    `request` differs from the delivery's where `differs`.
    """

    number: int
    scheduled: int
    started: int
    ended: int | None
    request: Request
    differs: bool
    answer: Answer | None
    seen: Answer | None
    reaction: Reaction | None
    view: View | None
    told: str
    faults: tuple[str, ...] = ()
    hints: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Planned:
    """An attempt to come: its number, and the virtual moment at which it is made if all before it fail."""

    number: int
    at: int


@dataclass(frozen=True)
class Summary:
    """A delivery as a row of the list. `at` is the real moment it was made, `due` virtual, of the next attempt.

    `status`, `failure`, `reaction`, `elapsed` are those of its last attempt (`failure` in words);
    `next_attempt` of `all_attempts` (None: without end) is what comes next. `endpoint` is None for one
    that no endpoint of today belongs to.
    """

    id: int
    occurrence: int
    provider: str
    event: str
    endpoint: int | None
    endpoint_name: str
    conversation: str | None
    at: int
    state: State
    outcome: Outcome
    due: int | None
    attempts: int
    all_attempts: int | None
    status: int | None
    failure: str
    reaction: Reaction | None
    elapsed: float | None
    told: str
    form: Form
    replay_of: int | None
    run: int | None
    url: str
    size: int
    faults: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something may still be sent."""
        return self.state in OPEN_STATES


@dataclass(frozen=True)
class Detail:
    """A delivery in full: its request as it was built, attempts made and to come (twenty at most), what is wrong
    with its document by the contract (`problems`), the deliveries that repeat it, and the curl command."""

    summary: Summary
    request: Request
    attempts: tuple[Attempt, ...]
    schedule: tuple[Planned, ...]
    problems: tuple[str, ...]
    replays: tuple[int, ...]
    why: str
    """Why the question *why was it refused?* cannot be asked of it; empty where it can."""
    curl: str


@dataclass(frozen=True)
class Unsent:
    """An occurrence that an endpoint did not get, and why."""

    endpoint: int
    endpoint_name: str
    reason: Reason
    text: str


@dataclass(frozen=True)
class Occurrence:
    """Something that happened at the vendor: who got it (`deliveries`) and who did not (`unsent`)."""

    id: int
    provider: str
    event: str
    conversation: str | None
    origin: Origin
    origin_id: int | None
    at: int
    virtual: int
    payload: bytes
    deliveries: tuple[Summary, ...] = ()
    unsent: tuple[Unsent, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """One conversation's occurrences, oldest first, and the endpoints (id → name) that its matrix has columns for."""

    provider: str
    key: str
    occurrences: tuple[Occurrence, ...]
    endpoints: Mapping[int, str]


@dataclass(frozen=True)
class WhyState:
    """A search for the cause of a refusal: `proven` by experiment or not, the cause in words, requests spent.

    `text` says what was tried where nothing is proven; `cause` is the id of docs/field-evidence.md.
    """

    job: int
    delivery: int
    running: bool
    proven: bool = False
    cause: str = ""
    text: str = ""
    requests: int = 0
