"""What time it is at the vendor: an anchor, a rate, and a hold while attempts are in flight."""

from __future__ import annotations

import threading
from time import time_ns

from sqlalchemy import Connection, bindparam, insert, select, update

from hookassay.mockserver.engine.store import tables

SECOND = 1_000_000_000
_SAVE = update(tables.clock).values(real=bindparam("r"), virtual=bindparam("v"))


class Timekeeper:
    """The virtual moment. At a rate above 1 it never passes `ceiling`, the next thing due, and stands while held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._real = self._virtual = time_ns()
        self._rate = 1.0
        self._held = False
        self._ceiling: int | None = None

    def now(self) -> int:
        with self._lock:
            return self._now()

    def _now(self) -> int:
        if self._held:
            return self._virtual
        passed = time_ns() - self._real
        moment = self._virtual + (passed if self._rate == 1.0 else int(passed * self._rate))
        if self._rate > 1 and self._ceiling is not None:
            moment = max(self._virtual, min(moment, self._ceiling))
        return moment

    @property
    def rate(self) -> float:
        return self._rate

    @property
    def is_paced(self) -> bool:
        """Whether it waits for attempts in flight."""
        return self._rate > 1

    @property
    def is_off(self) -> bool:
        """Whether it is not real time: pushed, paced or slowed."""
        return self._rate != 1.0 or self._virtual != self._real

    @property
    def ahead(self) -> int:
        """How far it is from real time."""
        return self.now() - time_ns()

    def set_rate(self, rate: float) -> None:
        with self._lock:
            if rate == self._rate:
                return
            self._virtual, self._real, self._rate = self._now(), time_ns(), rate

    def hold_at(self, moment: int) -> None:
        """Stand still at a moment, or at the present one if that is later."""
        with self._lock:
            self._virtual, self._held = max(self._now(), moment), True

    def go_on(self) -> None:
        """Run on from where it stands."""
        with self._lock:
            if self._held:
                self._real, self._held = time_ns(), False

    def set_ceiling(self, moment: int | None) -> None:
        with self._lock:
            self._ceiling = moment

    def lower_ceiling(self, moment: int) -> None:
        """Something new is due then: do not pass it."""
        with self._lock:
            if self._ceiling is not None:
                self._ceiling = min(self._ceiling, moment)

    def reset(self) -> int:
        """Real time at rate 1; returns by how much the clock went back."""
        with self._lock:
            back = self._now() - time_ns()
            self._real = self._virtual = time_ns()
            self._rate, self._held, self._ceiling = 1.0, False, None
            return back

    def set_to(self, moment: int, rate: float) -> None:
        with self._lock:
            self._virtual, self._real, self._rate = moment, time_ns(), rate

    def seconds_until(self, moment: int) -> float:
        """Real seconds until a virtual moment, at the present rate."""
        return max(0.0, (moment - self.now()) / SECOND / self._rate)

    def load(self, connection: Connection, rate: float) -> None:
        """Go on from what was saved: while nothing ran, time passed at the vendor as anywhere."""
        row = connection.execute(select(tables.clock)).first()
        now = time_ns()
        with self._lock:
            self._real, self._rate = now, rate
            if row is None:
                self._virtual = now
                connection.execute(insert(tables.clock).values(id=1, real=now, virtual=now, rate=rate))
            elif row.virtual == row.real and row.rate == 1.0:
                self._virtual = now
            else:
                self._virtual = row.virtual + max(0, now - row.real)

    def save(self, connection: Connection) -> None:
        with self._lock:
            real, virtual = (self._real, self._virtual) if not self._held else (time_ns(), self._virtual)
            if self._rate != 1.0 and not self._held:
                real, virtual = time_ns(), self._now()
            connection.execute(_SAVE, {"r": real, "v": virtual, "rate": self._rate})
