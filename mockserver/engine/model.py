"""What the mock shows of itself: frozen records, secrets masked unless asked for otherwise.

A *moment* is an integer of nanoseconds since 1970, as everywhere in emission (`emission.times`): of the
vendor's clock where it says *virtual*, of this machine's where it says *real*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from hookassay.mockserver.emission.answer import Answer, Reaction
from hookassay.schemas.contract import Json

State = Literal["waiting", "held", "ready", "in-hand", "delivered", "given-up", "cancelled"]
"""Where a delivery stands. *waiting*: behind another of its conversation; *held*: by a fault or a paused
run; *ready*: sent when due; *in-hand*: on its way; the others are its ends."""

OPEN_STATES: tuple[State, ...] = ("waiting", "held", "ready", "in-hand")

Outcome = Literal["waiting", "again", "delivered", "given-up", "off", "cancelled", "not-sent"]
"""What the vendor makes of it so far (`outcome:` of the search): *waiting* for its first answer, *again*
later, *off* when its failure has switched the webhook off; *not-sent* is an occurrence's, never a delivery's."""

View = Literal["delivered", "again", "given-up", "off", "unknown"]
"""What the vendor made of one attempt; *unknown*: the mock ended before the outcome was recorded."""

Reason = Literal["not-subscribed", "not-verified", "switched-off", "disabled", "routed-elsewhere"]
"""Why an endpoint did not get an occurrence."""

Origin = Literal["trigger", "scenario", "replay", "import", "hello", "verify", "why", "duplicate"]
"""What made an occurrence happen."""

Form = Literal["first", "same-bytes", "signed-again", "as-new", "edited"]
"""How a delivery came to be: the first of its occurrence, or a replay of another."""

REPLAY_FORMS: tuple[Form, ...] = ("same-bytes", "signed-again", "as-new", "edited")

FaultKind = Literal[
    "lose-answer",
    "answer-as",
    "duplicate",
    "delay",
    "reorder",
    "burst",
    "wrong-signature",
    "old-secret",
    "truncated-body",
]

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Items, newest first; `after` asks for those that follow (None: there are no more)."""

    items: tuple[Item, ...]
    after: int | None = None


@dataclass(frozen=True)
class Endpoint:
    """A webhook as its vendor's settings page has it.

    `url` has no credentials (`has_credentials` says that there are some) and is the inbox's own where
    `uses_inbox`; `settings` has the values of the provider's other settings by their names; `secret` is
    masked unless revealed, empty where there is none. `verified`: None where the vendor verifies nothing.
    `off_reason` says why the vendor has switched it off. `warnings`: what the vendor's page would refuse.
    `timeout` in seconds. `revision` changes with every change.
    """

    id: int
    provider: str
    name: str
    url: str
    uses_inbox: bool
    has_credentials: bool
    settings: Mapping[str, Json]
    secret: str
    enabled: bool
    off_reason: str
    verified: bool | None
    verified_at: int | None
    retry: str
    success: str
    timeout: float
    revision: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Health:
    """How an endpoint fared: its last reaction, and attempts taken of those made within the last hour (real)."""

    last: Reaction | None
    last_at: int | None
    taken: int
    made: int
    waiting: int


@dataclass(frozen=True)
class Verification:
    """The three steps of a handshake: the request, the answer, expected and received text; empty where it never came
    so far. The texts are masked unless revealed; `delivery` is its row in the log."""

    delivery: int
    sent: str
    answered: str
    expected: str
    received: str
    compared: str
    verified: bool


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
class Difference:
    """One place where a payload is not the example: dotted path, value before and after; `absent` for none."""

    path: str
    before: Json
    after: Json
    kind: Literal["changed", "added", "removed"]


@dataclass(frozen=True)
class Built:
    """A delivery that nothing was done with: the request, how its payload differs from the example, what the contract
    says against it, the curl command; masked unless revealed."""

    provider: str
    event: str
    payload: Json
    request: Request
    difference: tuple[Difference, ...]
    problems: tuple[str, ...]
    curl: str
    json: Mapping[str, Json]
    """The delivery in the form that others read (docs/formats.md)."""


@dataclass(frozen=True)
class Fault:
    """A bad day of an endpoint: `kind` with its `parameters`, the events it is about (a glob), and its plan.

    One of: the next `remaining` matching attempts; each `every`th; with a `chance` drawn from `seed`.
    `run`: it belongs to a scenario's run, `delivery` to one delivery of it. `used`: how often it struck.
    """

    id: int
    endpoint: int
    kind: FaultKind
    events: str
    parameters: Mapping[str, Json]
    remaining: int | None
    every: int | None
    chance: float | None
    seed: int | None
    enabled: bool
    used: int
    run: int | None = None
    delivery: int | None = None

    @property
    def rule(self) -> str:
        """The plan in words: `next 2`, `every 5th`, `chance 0.1, seed 7`."""
        if self.remaining is not None:
            return f"next {self.remaining}" if self.remaining else "used up"
        if self.every is not None:
            return f"every {self.every}th"
        return f"chance {self.chance:g}, seed {self.seed}"


@dataclass(frozen=True)
class ClockState:
    """The vendor's clock: `now` virtual, `ahead` of real time (nanoseconds), its `rate`, and the queue that it drives.

    `due` deliveries wait to be sent now, `in_hand` are on their way, `next_due` is the virtual moment of the
    next one. `pushing` says what a push is doing; None when there is none.
    """

    now: int
    ahead: int
    rate: float
    due: int
    in_hand: int
    next_due: int | None
    pushing: Push | None = None


@dataclass(frozen=True)
class Push:
    """A push under way: attempts made so far, the virtual moment it goes to (None: until nothing is left)."""

    attempts: int
    until: int | None


@dataclass(frozen=True)
class Pushed:
    """What a push did: attempts made, the virtual moment now; `stopped` before its end by somebody."""

    attempts: int
    now: int
    stopped: bool = False


@dataclass(frozen=True)
class StepState:
    """One step of a run: its number from 1, virtual moment, occurrence, what came of it, whether its `expect` holds
    (None: nothing expected, or not known yet)."""

    number: int
    at: int
    event: str
    occurrence: int
    deliveries: tuple[Summary, ...]
    unsent: tuple[Unsent, ...]
    expect: str
    met: bool | None


RunState = Literal["running", "paused", "stopped", "finished"]


@dataclass(frozen=True)
class Run:
    """A scenario being played: `mode` is `play` or `step`, `unmet` the first expectation that did not hold.

    `cast` are the values made from `seed`; `missing` says which needed events no endpoint gets, and why.
    """

    id: int
    provider: str
    scenario: str
    title: str
    seed: int
    mode: Literal["play", "step"]
    rate: float | None
    state: RunState
    unmet: str
    started: int
    cast: Mapping[str, Json]
    steps: tuple[StepState, ...]
    missing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it came to its end with every expectation met."""
        return self.state == "finished" and not self.unmet


@dataclass(frozen=True)
class ScenarioInfo:
    """A scenario that can be played; `problem` says what is wrong with its file, `length` in nanoseconds.

    `missing`: events that it needs and that no endpoint of today gets.
    """

    provider: str
    name: str
    title: str
    needs: tuple[str, ...]
    steps: int
    length: int
    ours: bool
    missing: tuple[str, ...] = ()
    problem: str = ""


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


@dataclass(frozen=True)
class Change:
    """Something changed: `kind` (`delivery`, `occurrence`, `endpoint`, `fault`, `run`, `clock`, `inbox`, `reset`,
    `provider`), `ref` its id (0: all of them)."""

    id: int
    kind: str
    ref: int


@dataclass(frozen=True)
class Received:
    """What the mock's own inbox got: `verified` says in words whether signature or token are right."""

    id: int
    endpoint: int | None
    endpoint_name: str
    provider: str
    at: int
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    right: bool
    verified: str


@dataclass(frozen=True)
class InboxAnswer:
    """What the inbox answers."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Removed:
    """How many rows went, and the token that brings them back within ten seconds."""

    count: int
    undo: str


@dataclass(frozen=True)
class Imported:
    """How many deliveries came in, and what was refused: line (or entry) number → why."""

    count: int
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settled:
    """Whether nothing is due or in hand; occurrences since the mark; the mark to ask with next time."""

    idle: bool
    occurrences: tuple[Occurrence, ...]
    mark: int


@dataclass(frozen=True)
class Status:
    """The mock at a glance: open deliveries, faults (switch, number enabled), version, where the state lives."""

    pending: int
    faults_on: bool
    faults: int
    version: str
    state: str
    failure: str = ""
