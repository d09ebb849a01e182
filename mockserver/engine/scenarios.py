"""Scenarios: scripted conversations, and how one becomes a run: all its steps are written down at its start."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.ids import Ids
from hookassay.mockserver.emission.overrides import BadOverride, Overrides
from hookassay.mockserver.emission.script import BadScript, Script
from hookassay.mockserver.emission.vendor import InvalidDelivery, Secrets, Vendor
from hookassay.mockserver.engine import scripts
from hookassay.mockserver.engine.clock import FASTEST, SLOWEST
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.faults import Faults
from hookassay.mockserver.engine.intake import Happening, Intake, told
from hookassay.mockserver.engine.model import Run, ScenarioInfo
from hookassay.mockserver.engine.runs import Runs
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_one
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.contract import Json, Provider, Scenario

_d = tables.delivery.c
_LARGEST_SEED = 2**31 - 1


@dataclass
class Scenarios:
    """The scenarios of all providers and the user's own."""

    context: Context
    intake: Intake
    faults: Faults
    runs: Runs

    def all(self, provider: str | None = None) -> tuple[ScenarioInfo, ...]:
        """What can be played; a file of the user's that cannot be read is there with its `problem`."""
        with self.context.database.reading() as connection:
            return tuple(
                self._info(connection, found)
                for found in scripts.find(self.context)
                if provider is None or found.provider == provider
            )

    def _info(self, connection: Connection, found: scripts.Found) -> ScenarioInfo:
        scenario = found.scenario
        if scenario is None:
            return ScenarioInfo(found.provider, found.name, found.name, (), 0, 0, found.ours, problem=found.problem)
        return ScenarioInfo(
            provider=found.provider,
            name=found.name,
            title=scenario.title,
            needs=scenario.needs,
            steps=len(scenario.steps),
            length=times.span(str(scenario.steps[-1]["at"])),
            ours=found.ours,
            missing=tuple(self._missing(connection, self.context.providers.get(found.provider), scenario, None)),
        )

    def _missing(
        self, connection: Connection, provider: Provider, scenario: Scenario, endpoints: Sequence[int] | None
    ) -> Iterator[str]:
        """What it needs and no endpoint gets, with the reasons."""
        for name in scenario.needs:
            event = provider.events[name]
            chosen = self.intake.decide(connection, provider, event, event.minimal.document, endpoints)
            if not any(reason in (None, "routed-elsewhere") for _, reason in chosen):
                reasons = [told(row, reason, event) for row, reason in chosen if reason is not None]
                yield from (Told("missing", event=name, why=why) for why in reasons or [Told("no-endpoint")])

    def play(
        self,
        provider: str,
        name: str,
        *,
        seed: int | None = None,
        mode: Literal["play", "step"] = "play",
        rate: float | None = None,
        endpoints: Sequence[int] | None = None,
    ) -> Run:
        """Start a run: all its occurrences and deliveries are there from now on, due at their steps' times.

        `rate` makes the vendor's clock run so much faster until the run has ended; `step` waits for
        `Runs.step` before each. Raises Refused(not-found), Refused(invalid) with file and key.
        """
        scenario = scripts.get(self.context, provider, name)
        if rate is not None and not SLOWEST <= rate <= FASTEST:
            raise Refused("invalid", f"the rate is a number from {SLOWEST:g} to {FASTEST:g}", "/rate")
        if mode not in ("play", "step"):
            raise Refused("invalid", "mode is play or step", "/mode")
        if seed is not None and not 0 <= seed <= _LARGEST_SEED:
            raise Refused("invalid", f"a seed is a number from 0 to {_LARGEST_SEED}", "/seed")
        seed = secrets.randbelow(1_000_000) if seed is None else seed
        vendor = self.context.providers.get(provider)
        start = self.context.time.now()
        cast = _cast(vendor, scenario, seed, start)
        with self.context.database.writing() as connection:
            ident = insert_one(
                connection,
                tables.run,
                {
                    "provider": provider,
                    "scenario": name,
                    "title": scenario.title,
                    "seed": seed,
                    "cast": cast,
                    "mode": mode,
                    "rate": rate,
                    "state": "running",
                    "unmet": "",
                    "missing": list(self._missing(connection, vendor, scenario, endpoints)),
                    "started": time.time_ns(),
                },
            )
            self._tell_story(connection, vendor, scenario, ident, start, cast, mode == "step", endpoints)
            if rate is not None:
                self.context.time.set_rate(rate)
                self.context.time.save(connection)
            self.runs.close_finished(connection)
            self.context.changes.note(connection, "run", [ident])
        self.context.changes.tell()
        self.context.wake()
        return self.runs.get(ident)

    def _tell_story(
        self,
        connection: Connection,
        provider: Provider,
        scenario: Scenario,
        run: int,
        start: int,
        cast: dict[str, Json],
        held: bool,
        endpoints: Sequence[int] | None,
    ) -> None:
        """Write down every step: its occurrence, its deliveries due at its time, its faults."""
        vendor = Vendor(provider, Secrets(), clock=self.context.time.now)
        script, ids = Script(now=start, start=start, cast=cast), Ids()
        for number, step in enumerate(scenario.steps, 1):
            script.now = start + times.span(str(step["at"]))
            event = provider.events[step["event"]]
            try:
                changes = Overrides(step.get("set", {}), tuple(step.get("remove", ())))
                base = script.fill(json.loads(step["json"])) if "json" in step else None
                document = vendor.document(
                    event, step.get("example", "full"), changes, base=base, at=script.now, ids=ids, script=script
                )
            except (BadScript, BadOverride, InvalidDelivery, ValueError) as error:
                raise Refused("invalid", f"{scenario.name}: step[{number - 1}]: {error}") from error
            what = Happening(
                provider, event, document, "scenario", origin_id=run, virtual=script.now, run=run, step=number,
                expect=step.get("expect"),
            )  # fmt: skip
            occurrence = self.intake.happen(connection, what, named=endpoints, held=held, tolerant=True)
            rows = connection.execute(select(_d.id, _d.endpoint).where(_d.occurrence == occurrence)).all()
            if not rows and step.get("expect"):
                self.runs.unmet(connection, run, Told("step-without-endpoint", number=number, event=event.name))
            for row in rows:
                for kind, plan, parameters in scripts.faults_of(step):
                    self.faults.insert(connection, row.endpoint, kind, "*", parameters, plan, run=run, delivery=row.id)


def _cast(provider: Provider, scenario: Scenario, seed: int, at: int) -> dict[str, Json]:
    from hookassay.mockserver.emission import generation

    try:
        return generation.cast(provider, scenario.cast, seed, 0, at)
    except generation.BadCast as error:
        raise Refused("invalid", f"{scenario.name}: {error}") from error
