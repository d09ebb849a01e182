"""The control API: one module for each part, and the table of them. `operations` says how they are declared."""

from __future__ import annotations

from hookassay.mockserver.web.api import (
    changes,
    clock,
    contracts,
    deliveries,
    endpoints,
    events,
    faults,
    logs,
    scenarios,
    state,
)

PARTS = [
    part.operations
    for part in (events, endpoints, deliveries, logs, faults, clock, scenarios, contracts, changes, state)
]
"""Every operation, in the order in which a reader of the document wants them."""

PREFIX = "/api"
