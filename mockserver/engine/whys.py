"""Why was it refused? Asked by a person, answered by experiment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, select

from hookassay.mockserver import proof
from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.engine import experiment, recognition, vendors
from hookassay.mockserver.engine.answers import as_answer
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.details import row_of, why_not
from hookassay.mockserver.engine.endpoints import row_of as endpoint_of
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.model import WhyState
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.summaries import SUMMARY, summary
from hookassay.mockserver.engine.texts import Told

_KEPT = 100


@dataclass
class Whys:
    """Searches for the cause of a refusal, one job each."""

    context: Context
    intake: Intake
    sender: Sender
    _jobs: dict[int, WhyState] = field(default_factory=dict, repr=False)
    _over: threading.Condition = field(default_factory=threading.Condition, repr=False)
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    _workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=2, thread_name_prefix="hookassay-why"), repr=False
    )

    def ask(self, delivery: int) -> WhyState:
        """Start one: at most 400 requests, ended by a 429, outside of conversations and retries.

        Raises Refused(conflict) for a delivery that was not refused, or that a fault made wrong.
        """
        with self.context.database.reading() as connection:
            row = row_of(connection, delivery)
            told = summary(self.context, connection.execute(SUMMARY.where(tables.delivery.c.id == delivery)).one())
            made = connection.execute(
                select(tables.attempt).where(tables.attempt.c.delivery == delivery).order_by(tables.attempt.c.number)
            ).all()
            problem = why_not(self.context.providers.all.get(told.provider), told, made)
            if problem:
                raise Refused("conflict", Told("why-not", delivery=delivery, why=problem))
            owner = endpoint_of(connection, row.endpoint)
        with self._over:
            if any(job.running and job.delivery == delivery for job in self._jobs.values()):
                raise Refused("conflict", Told("why-already", delivery=delivery))
            number = max(self._jobs, default=0) + 1
            job = self._jobs[number] = WhyState(number, delivery, running=True)
            for old in [n for n, one in self._jobs.items() if not one.running][:-_KEPT]:
                del self._jobs[old]
        self._workers.submit(self._work, job, row, owner, as_answer(made[-1].answer, made[-1].answer_body))
        return job

    def job(self, ident: int) -> WhyState:
        """How far it is. Raises Refused(not-found)."""
        with self._over:
            if ident not in self._jobs:
                raise Refused("not-found", f"no job {ident}")
            return self._jobs[ident]

    def wait(self, ident: int, timeout: float) -> WhyState:
        """The job when it has ended, or as it is after so many real seconds."""
        self.job(ident)
        with self._over:
            self._over.wait_for(lambda: not self._jobs[ident].running, timeout=timeout)
            return self._jobs[ident]

    def stop(self) -> None:
        """End all of them after the request that each has under way."""
        self._stopping.set()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _work(self, job: WhyState, row: Row[Any], owner: Row[Any], answered: Answer | None) -> None:
        provider = self.context.providers.all[row.provider]
        event = provider.events[row.event]
        refused = vendors.restored(row, row.provider, row.event, "basic-from-url" in provider.traits)
        what = Happening(provider, event, parsed(row.payload), "why", origin_id=row.id, single=True)
        log: list[int] = []
        state = job

        def send(delivery: Delivery) -> Answer:
            nonlocal state
            if self._stopping.is_set():
                raise proof.Ended
            answer = experiment.send(self.context, self.sender, delivery, owner)
            taken = reaction(delivery, answer, provider.method) is Reaction.TAKEN
            with self.context.database.writing() as connection:
                occurrence = log[0] if log else self.intake.write(connection, what)
                log[:] = [occurrence]
                experiment.record(
                    connection, self.context, self.intake, what, owner, delivery, answer, taken, occurrence
                )
            self.context.changes.tell()
            state = self._put(replace(state, requests=state.requests + 1))
            return answer

        vendor = vendors.vendor_of(self.context, provider, owner.secret, owner.url)
        prover = proof.Prover(
            vendor=vendor,
            carrier=event,
            document_of=lambda event: vendors.for_endpoint(provider, owner, vendor.document(event, "full")),
            refused=refused,
            answer=answered or Answer(None),
            transport=send,
            left=proof.ALLOWANCE,
        )
        try:
            found = proof.prove(prover)
            if found.cause is None:
                done = replace(state, text=_unproven(found))
            else:
                done = replace(state, proven=True, cause=found.cause.id, text=recognition.cause(found.cause.text))
        except Refused as error:
            done = replace(state, text=error.detail)
        except Exception as error:  # ours, not the receiver's: told, and the mock goes on
            done = replace(state, text=Told("not-found-out", error=f"{type(error).__name__}: {error}"))
        self._put(replace(done, running=False))

    def _put(self, state: WhyState) -> WhyState:
        with self._over:
            self._jobs[state.job] = state
            self._over.notify_all()
        return state


def _unproven(found: proof.Proof) -> str:
    """What is said where no cause is proven."""
    if found.ended:
        return Told("ended-early", count=proof.ALLOWANCE)
    if not found.tried:
        return Told("none-taken")
    tried = recognition.cause(found.tried)
    return Told("other-secret", does=tried) if found.tried.endswith("none is taken") else tried
