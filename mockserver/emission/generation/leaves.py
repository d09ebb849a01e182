"""Wide values: as various as the schema allows, whatever they mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.generation import pools
from hookassay.mockserver.emission.generation.entropy import draws, key
from hookassay.mockserver.emission.generation.nodes import Anything, Constants, Node, Number, Text
from hookassay.mockserver.emission.generation.program import Writer
from hookassay.schemas.contract import Json

CONSTANT_ROLES = ("owner", "webhook")
"""What stays the same from delivery to delivery."""


@dataclass(frozen=True)
class TimeForm:
    """How a place writes times: an example, and the limits of a number."""

    example: Json
    least: float = float("-inf")
    most: float = float("inf")

    def now(self, at: int) -> bytes:
        """A time (nanoseconds) as it stands in the payload."""
        return encoded(self._written(at))

    @cached_property
    def _written(self) -> Callable[[int], Json]:
        return times.form(self.example)

    def any_days(self) -> tuple[bytes, ...]:
        """Times of any day."""
        written = map(self._written, _days())
        return tuple(encoded(v) for v in written if isinstance(v, str) or self.least <= v <= self.most)


class Wide:
    """Writes wide values. `fixed` are values by pointer that never vary (owner's ids, the token).

    `forms` collects how each send-time member writes its time: the function's argument `t` has as many.
    """

    def __init__(self, fixed: Mapping[str, Json]) -> None:
        self.fixed = fixed
        self.forms: list[TimeForm] = []

    def write(self, node: Node, writer: Writer) -> None:
        if node.pointer in self.fixed:
            writer.literal(encoded(self.fixed[node.pointer]))
        elif node.role in CONSTANT_ROLES and node.examples:
            writer.literal(encoded(node.examples[0]))
        elif node.role == "time" and (example := time_form(node)) is not None:
            writer.expression(f"t[{self._form(TimeForm(example, *_limits(node)))}]")
        else:
            self.open_value(node, writer)

    def open_value(self, node: Node, writer: Writer) -> None:
        """A value that varies."""
        if isinstance(node, Constants):
            if len(node.values) == 1:
                writer.literal(encoded(node.values[0]))
            else:
                values = tuple(encoded(value) for value in node.values)
                writer.expression(f"{writer.constant(values)}[n() % {len(values)}]")
        elif isinstance(node, Text):
            self._text(node, writer)
        elif isinstance(node, Number):
            moments = _moments(node)
            values = moments or pools.numbers(node)
            writer.expression(f"{writer.constant(values)}[n() % {len(values)}]")
        elif isinstance(node, Anything):
            writer.expression(f"{writer.constant(pools.anything())}[n() % {len(pools.anything())}]")

    def _text(self, node: Text, writer: Writer) -> None:
        pool = pools.texts(pools.TextRule.of(node))
        wide = f"{writer.constant(pool.wide)}[x & {pools.SIZE - 1}]"
        if pool.openings:
            halves = f"{writer.constant(pool.openings)}[x & 1023] + {writer.constant(pool.closings)}[n() & 1023]"
            wide = f"{wide} if x & 1024 else {halves}"
        edges = f"{writer.constant(pool.edges)}[x % {len(pool.edges)}]"
        if node.documented:
            documented = tuple(encoded(value) for value in node.documented)
            open_value = f"{edges} if x < 4096 else {wide}"
            chosen = f"{writer.constant(documented)}[n() % {len(documented)}] if (x := n()) & 6144 else {open_value}"
        else:
            chosen = f"{edges} if (x := n()) < 4096 else {wide}"
        writer.expression(chosen)

    def _form(self, form: TimeForm) -> int:
        if form not in self.forms:
            self.forms.append(form)
        return self.forms.index(form)


_as_text = json.JSONEncoder(ensure_ascii=False).encode


def encoded(value: Json) -> bytes:
    """A value as JSON."""
    return _as_text(value).encode("utf-8", "surrogatepass")


def time_form(node: Node) -> Json:
    """An example of how a place writes times: documented, or such as its schema allows; None if it writes none."""
    for value in node.examples:
        if times.parse(value) is not None:
            return value
    if isinstance(node, Text):
        pool = pools.texts(pools.TextRule.of(node))
        return next((value for value in map(json.loads, pool.wide[:64]) if times.parse(value) is not None), None)
    if isinstance(node, Number):
        return 1_700_000_000 if node.most is not None and node.most < 10**11 else 1_700_000_000_000
    return None


@lru_cache(maxsize=1)
def _days() -> tuple[int, ...]:
    return tuple(pools.moments(draws(key(0, "days"), 0)))


def _moments(node: Number) -> tuple[bytes, ...]:
    """Times as numbers within the node's limits; none where the place holds no time."""
    form = time_form(node) if node.role in ("time", "moment") else None
    if form is None:
        return ()
    edges = [] if node.least is None or node.most is None else [int(node.least), int(node.most)]
    return (*map(encoded, edges), *TimeForm(form, *_limits(node)).any_days())


def _limits(node: Node) -> tuple[float, float]:
    """Those of a number, none for other nodes."""
    least, most = (node.least, node.most) if isinstance(node, Number) else (None, None)
    return float("-inf") if least is None else least, float("inf") if most is None else most
