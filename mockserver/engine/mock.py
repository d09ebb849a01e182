"""The mock as a whole: opened on a state, started at an address, closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, func, select, true, update

from hookassay import __version__
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.engine import bounds, greeting, notes
from hookassay.mockserver.engine.changes import Changes
from hookassay.mockserver.engine.clock import Clock
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.dispatch import Dispatcher
from hookassay.mockserver.engine.endpoints import Endpoints
from hookassay.mockserver.engine.errors import CannotRun, Refused
from hookassay.mockserver.engine.events import Events
from hookassay.mockserver.engine.exchange import LogExchange
from hookassay.mockserver.engine.faults import Faults, is_live
from hookassay.mockserver.engine.handshake import Handshakes
from hookassay.mockserver.engine.inbox import Inbox
from hookassay.mockserver.engine.intake import Intake
from hookassay.mockserver.engine.log import Log
from hookassay.mockserver.engine.model import Removed, Settled, Status
from hookassay.mockserver.engine.providers import Providers
from hookassay.mockserver.engine.queue import Queue
from hookassay.mockserver.engine.replays import Replays
from hookassay.mockserver.engine.runs import Runs
from hookassay.mockserver.engine.scenarios import Scenarios
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.database import Database
from hookassay.mockserver.engine.targets import Targets
from hookassay.mockserver.engine.timekeeper import Timekeeper
from hookassay.mockserver.engine.undo import Restore, Undo
from hookassay.mockserver.engine.whys import Whys
from hookassay.schemas.contract import Provider

_GREETED = "greeted"
_CHANGES = 500
"""Changes after which the log is measured again."""


@dataclass(frozen=True)
class Options:
    """How a mock is opened. `state` is its SQLite file, None for one that ends with it ("memory").

    `scenarios` is the folder of the user's own; `allow_targets` names hosts and networks (CIDR) beside
    loopback; `secrets` maps a provider to the secret that its endpoints get by default (key `""`: all of
    them), in place of the test secrets; `hello`: make the first endpoints and greet them.
    """

    state: Path | None = None
    provider_paths: tuple[Path, ...] = ()
    scenarios: Path | None = None
    allow_targets: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    hello: bool = True
    clock_rate: float = 1.0


class Mock:
    """The mock vendor. Use as a context manager, or call `close()`.

    Opening it locks the state and takes back what a killed process had in hand; `start(url)` begins to send.
    """

    def __init__(self, options: Options = Options()) -> None:
        """Open the state. Raises CannotRun (locked, from a newer version, unreadable, disk full), BadProvider."""
        self._options = options
        try:
            targets = Targets(options.allow_targets)
        except Refused as error:
            raise CannotRun(error.detail) from error
        providers = Providers(options.provider_paths)
        database = Database(options.state)
        self._context = context = Context(
            database=database,
            time=Timekeeper(),
            providers=providers,
            changes=Changes(database),
            targets=targets,
            secrets=options.secrets,
            own_scenarios=options.scenarios,
            usual_rate=options.clock_rate,
        )
        self._sender = Sender()
        self._look_at = 0
        self.faults = Faults(context)
        self._queue = queue = Queue(context, self.faults)
        self.faults.release = queue.release_held
        self._intake = Intake(context, queue)
        self._undo = Undo(context, self.faults.forget)
        self._dispatcher = Dispatcher(context, queue, self._keep_house)
        context.wake = self._dispatcher.wake
        self.changes = context.changes
        self.clock = Clock(context, queue, self._dispatcher)
        self.log = Log(context, queue, self._undo)
        self.endpoints = Endpoints(context, Handshakes(context, self._intake, self._sender), self._undo)
        self.events = Events(context, self._intake, self.log)
        self.replays = Replays(context, self._intake, self.log)
        self.runs = Runs(context, queue, self._dispatcher)
        self.scenarios = Scenarios(context, self._intake, self.faults, self.runs)
        self.whys = Whys(context, self._intake, self._sender)
        self.exchange = LogExchange(context, self._intake, self.log)
        self.inbox = Inbox(context)
        queue.finished.append(self.runs.judge)
        try:
            with database.writing() as connection:
                context.time.load(connection, options.clock_rate)
                queue.take_back(connection)
                self.runs.take_up(connection)
                self._undo.purge(connection, at_once=True)
        except Refused as error:
            database.close()
            raise CannotRun(error.detail) from error

    def start(self, url: str) -> None:
        """Begin to send, once the mock's own server listens; `url` is where (`http://127.0.0.1:8052`), for inboxes.

        The first start of a state makes the hello endpoints and greets them.
        """
        self._context.address = url.rstrip("/")
        self._dispatcher.start()
        with self._context.database.reading() as connection:
            greeted = bool(notes.read(connection, _GREETED, False))
        if greeted or not self._options.hello:
            return
        with self._context.database.writing() as connection:
            greeting.make_endpoints(self._context, connection)
            greeting.greet(self._context, connection, self._intake)
            notes.write(connection, _GREETED, True)
        self._context.changes.tell()
        self._context.wake()

    def close(self, patience: float = 5.0) -> None:
        """End: exchanges in hand end or are recorded as unknown within so many seconds; the lock is given back."""
        self.whys.stop()
        self._dispatcher.stop(patience)
        self._sender.close()
        with self._context.database.writing() as connection:
            self._context.time.save(connection)
        self._context.database.close()

    def __enter__(self) -> Mock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def providers(self) -> Mapping[str, Provider]:
        """The providers by name, as they are now (`reload_providers`)."""
        return self._context.providers.all

    def reload_providers(self) -> str:
        """Read providers of one's own again if a file has changed; the problem in a line where the last good data
        is kept, else empty."""
        changed, problem = self._context.providers.reload()
        if changed:
            with self._context.database.writing() as connection:
                self._context.changes.note(connection, "provider", [0])
            self._context.changes.tell()
        return problem

    def status(self) -> Status:
        """Numbers for `/healthz`, the banner and the status strip. `failure` says why it can no longer go on."""
        delivery, fault = tables.delivery, tables.fault
        with self._context.database.reading() as connection:
            pending = select(func.count()).where(tables.OPEN, delivery.c.gone_at.is_(None))
            faults = select(func.count()).select_from(fault).where(is_live())
            return Status(
                pending=int(connection.execute(pending).scalar() or 0),
                faults_on=self.faults.is_on(connection),
                faults=int(connection.execute(faults).scalar() or 0),
                version=__version__,
                state="memory" if self._options.state is None else str(self._options.state),
                failure=self._dispatcher.failure,
            )

    def settle(self, timeout: float = 10.0, mark: int | None = None) -> Settled:
        """Wait until nothing is due or in hand, `timeout` real seconds at most; retries in the future do not count.

        `mark` is that of an earlier call (`Settled.mark`): the occurrences since then are told.
        """
        idle = self.changes.wait_until(self._is_idle, timeout)
        with self._context.database.reading() as connection:
            last = int(connection.execute(select(func.max(tables.occurrence.c.id))).scalar() or 0)
        return Settled(idle, self.log.since(mark) if mark is not None else (), last)

    def _is_idle(self) -> bool:
        """Nothing due, nothing in hand."""
        if self._dispatcher.is_busy:
            return False
        with self._context.database.reading() as connection:
            following = self._queue.next_due(connection)
        return (following is None or following > self._context.time.now()) and not self._dispatcher.is_busy

    def reset(self, everything: bool = False) -> Removed:
        """Back to the first start: the log empty, runs and faults gone, the clock real. Endpoints stay unless
        `everything`: then they are the hello endpoints again. `undo` brings it back within ten seconds."""
        self.clock.stop_push()
        cleared = [tables.delivery, tables.occurrence, tables.fault, tables.run, tables.inbox]
        rows = {table: true() for table in [*cleared, *([tables.endpoint] if everything else [])]}

        def also(connection: Connection) -> Restore:
            before = (self._context.time.now(), self._context.time.rate, self.faults.is_on(connection))
            notes.write(connection, "faults", True)
            self.clock.turn_back(connection)
            made = greeting.make_endpoints(self._context, connection) if everything and self._options.hello else []

            def restore(connection: Connection) -> None:
                moment, rate, on = before
                notes.write(connection, "faults", on)
                self._context.time.set_to(moment, rate)
                self._context.time.save(connection)
                gone = update(tables.endpoint).where(tables.endpoint.c.id.in_(made))
                connection.execute(gone.values(gone_at=1))

            return restore

        removed = self._undo.take_away(rows, count=tables.delivery, kind="reset", also=also)
        self._context.wake()
        return removed

    def undo(self, token: str) -> int:
        """Bring back what a removal or reset took; how many rows. Raises Refused (gone) after ten seconds."""
        return self._undo.bring_back(token)

    def _keep_house(self) -> None:
        """About once a second: purge what is gone, end runs, keep the log and the change feed within their bounds."""
        with self._context.database.writing() as connection:
            if self._undo.is_purging:
                self._undo.purge(connection)
            self.runs.close_finished(connection)
            last = int(connection.execute(select(func.max(tables.change.c.id))).scalar() or 0)
            if last >= self._look_at:  # counting reads every delivery: not each second, and not while nothing happens
                went = bounds.keep(connection)
                self.changes.trim(connection)
                self._look_at = last + (0 if went else _CHANGES)
