"""A check and its cases: what is tried, what has to come back, and beside which right delivery.

A check is a record; its cases are generated from a provider's contract when tests are collected, and
each case builds its deliveries anew whenever it is asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from hookassay.mockserver.emission.answer import Reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.schemas.contract import LEVELS, Level

if TYPE_CHECKING:
    from hookassay.conformance.bench import Bench

Family = Literal["payload", "signature", "token", "handshake", "errors", "delivery", "fuzz"]
FAMILIES: tuple[Family, ...] = ("payload", "signature", "token", "handshake", "errors", "delivery")
"""The families of the battery; `fuzz` is there where it was asked for (`--target-fuzz`)."""
"""In the order in which they run: what is right first, what is hostile last."""

Manner = Literal["each", "sequence", "together", "in-turn"]
"""How the steps of a case are sent: each for itself; one after another because one follows from the
other; all at once; one after another on one connection."""


def weaker(one: Level, other: Level) -> Level:
    """The weaker of two levels: `may` is weaker than `should`, `should` than `must`."""
    return max(one, other, key=LEVELS.index)


@dataclass(frozen=True)
class Expectation:
    """What has to come back. `level` is that of being taken or refused as asked; to break is a MUST failure always.

    `exactly`: status 200 and this very text as the body. `never`: a text that may stand nowhere in the
    answer. `header`: one that has to be there, and how its value begins. `no_internals`: nothing of the
    receiver's inside may be shown. `no_markup`: a text that may not come back raw in an HTML page.
    """

    reaction: Literal["taken", "refused", "calm", "exactly"]
    level: Level = "must"
    text: str = ""
    never: str = ""
    header: tuple[str, str] | None = None
    no_internals: bool = False
    no_markup: str = ""

    @cached_property
    def met_by(self) -> frozenset[Reaction]:
        """The reactions that are right, whatever else the answer says; none where more than a reaction is asked for."""
        if self.text or self.never or self.header or self.no_internals or self.no_markup or self.reaction == "exactly":
            return frozenset()
        taken, refused = {Reaction.TAKEN}, {Reaction.REFUSED, Reaction.REDIRECTED}
        return frozenset({"taken": taken, "refused": refused, "calm": taken | refused}[self.reaction])

    def in_words(self) -> str:
        words = {
            "taken": "taken (2xx)",
            "refused": "refused (4xx)",
            "calm": "taken or refused (2xx or 4xx)",
            "exactly": f"200 and exactly {self.text!r}",
        }[self.reaction]
        if self.header is not None:
            words += f", with the header {self.header[0]}{f': {self.header[1]}…' if self.header[1] else ''}"
        return f"{words}, without the secret in it" if self.never else words


TAKEN = Expectation("taken")
REFUSED = Expectation("refused")
CALM = Expectation("calm")


class Step(NamedTuple):
    """One delivery of a case and its expectation; `name` tells it from the others where there are several."""

    delivery: Delivery
    expect: Expectation
    name: str = ""


class NotApplicable(Exception):
    """This case cannot be tried on this receiver; the text says why."""


Make = Callable[["Bench"], Delivery]
"""Builds one delivery anew."""

Plan = Callable[["Bench"], Sequence[Step]]
"""Builds the steps of a case anew."""


def one(make: Make, expect: Expectation, name: str = "") -> Plan:
    """A plan of one delivery."""
    return lambda bench: [Step(make(bench), expect, name)]


@dataclass(frozen=True)
class Case:
    """One thing tried. `plan` builds its steps, fresh each time; `twin` the right delivery beside them.

    The twin differs in nothing but what is tested (None: an ordinary right delivery). It is sent after
    whatever has to be refused or could do harm: as proof that right ones are still taken, and as a
    sign of life. `one_refused`: at least one of the steps has to be refused. `rests_on` names the event
    and example that it changes: where that one is refused as it stands, this case has no finding of its
    own. `if_taken`: the twin need not be taken (nobody asked for the event); then there is nothing to
    try. `neighbours` are sent when a forgery was taken, to tell how far the hole goes. `unhurried`: it sends
    with pauses, so that it takes its time however fast the receiver is.
    """

    name: str
    plan: Plan
    twin: Make | None = None
    level: Level = "must"
    manner: Manner = "each"
    one_refused: bool = False
    why: str = ""
    neighbours: Callable[[Bench], Iterable[tuple[str, Delivery]]] | None = None
    rests_on: tuple[str, str] | None = None
    if_taken: bool = False
    unhurried: bool = False


Cases = Callable[["Bench"], Iterator[Case]]
"""Makes the cases of a check from a bench; none where the provider has nothing for it to test."""


@dataclass(frozen=True)
class Check:
    """One rule that a receiver is held to: a record (`checks/FAMILY.toml`) and its cases.

    `id` is `family/name`, chosen by hand and never changed once released; `source` is a key and
    section of the provider's documents (or `ours: …`); `fault` says in a few words what a receiver
    that fails it does; `observed` what is sent and what has to come back; `causes` how frameworks
    lead to it; `evidence` are entries of docs/field-evidence.md in which somebody's receiver got it
    wrong.
    """

    id: str
    level: Level
    title: str
    source: str
    remedy: str
    cases: Cases
    fault: str = ""
    observed: str = ""
    causes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        return self.id.partition("/")[0]
