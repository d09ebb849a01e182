"""What the mock shows of itself: frozen records, secrets masked unless asked for otherwise.

A *moment* is an integer of nanoseconds since 1970, as everywhere in emission (`emission.times`): of the
vendor's clock where it says *virtual*, of this machine's where it says *real*.
"""

from __future__ import annotations

from hookassay.mockserver.engine.model.built import Built, Difference
from hookassay.mockserver.engine.model.changes import Change, Imported, Removed
from hookassay.mockserver.engine.model.clock import ClockState, Push, Pushed, Settled, Status
from hookassay.mockserver.engine.model.deliveries import (
    Attempt,
    Conversation,
    Detail,
    Occurrence,
    Planned,
    Request,
    Summary,
    Unsent,
    WhyState,
)
from hookassay.mockserver.engine.model.endpoints import Endpoint, Health, Verification
from hookassay.mockserver.engine.model.faults import Fault
from hookassay.mockserver.engine.model.inbox import InboxAnswer, Received
from hookassay.mockserver.engine.model.runs import Run, ScenarioInfo, StepState
from hookassay.mockserver.engine.model.words import (
    OPEN_STATES,
    REPLAY_FORMS,
    FaultKind,
    Form,
    Origin,
    Outcome,
    Page,
    Reason,
    RunState,
    State,
    View,
)

__all__ = [
    "Attempt",
    "Built",
    "Change",
    "ClockState",
    "Conversation",
    "Detail",
    "Difference",
    "Endpoint",
    "Fault",
    "FaultKind",
    "Form",
    "Health",
    "Imported",
    "InboxAnswer",
    "OPEN_STATES",
    "Occurrence",
    "Origin",
    "Outcome",
    "Page",
    "Planned",
    "Push",
    "Pushed",
    "REPLAY_FORMS",
    "Reason",
    "Received",
    "Removed",
    "Request",
    "Run",
    "RunState",
    "ScenarioInfo",
    "Settled",
    "State",
    "Status",
    "StepState",
    "Summary",
    "Unsent",
    "Verification",
    "View",
    "WhyState",
]
