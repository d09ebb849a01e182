"""The mock vendor's mind: what `hookassay serve` does, without any web page.

`Mock` is the door; each room behind it is an attribute: `endpoints`, `events`, `log`, `replays`,
`faults`, `clock`, `scenarios`, `whys`, `exchange` of logs, `changes`, `inbox`. Every method may be called
from any thread; what cannot be done raises `Refused`. Records are those of `model`.
"""

from __future__ import annotations

from hookassay.mockserver.engine.errors import CannotRun, Problem, Refused
from hookassay.mockserver.engine.mock import Mock, Options

__all__ = ["CannotRun", "Mock", "Options", "Problem", "Refused"]
