"""Realistic values: names, texts, ids and times that belong together.

The same index gives the same cast in every event of a provider, so that the events of one index are
one conversation. Ids follow the documented ones (`shapes`): what is equal in the contract's examples
is equal here. Times keep the distances that the examples have, the latest of them is now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring
from time import gmtime, strftime

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.generation import people, shapes
from hookassay.mockserver.emission.generation.entropy import Draw
from hookassay.mockserver.emission.generation.leaves import CONSTANT_ROLES, Wide, encoded, time_form
from hookassay.mockserver.emission.generation.nodes import Constants, Examples, Node, Number, Object, Text, every
from hookassay.mockserver.emission.generation.people import Person
from hookassay.mockserver.emission.generation.pools import TextRule
from hookassay.mockserver.emission.generation.program import Writer
from hookassay.schemas import members
from hookassay.schemas.contract import Json

_ID_NAME = re.compile(r"(^|_)(id|ID)$|[a-z0-9]I[dD]$|^identifier$")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_LABEL = 12
_UTC = re.compile(r"[0-9T:-]{19}(?:\.([0-9]{1,9}))?Z")
_ALL_BITS = 2**256 - 1
_FRESH_ROLES = ("delivery", "conversation")

Part = Callable[["Cast", int], str]
"""Writes a part of a composite id."""


@lru_cache(maxsize=4096)
def _factor(name: str) -> int:
    """256 bits that stand for a name, odd ones."""
    return int.from_bytes(blake2b(name.encode(), digest_size=32).digest(), "little") | 1


class Cast:
    """Who and what a case is about; made from the provider's key, the seed in it, and the index."""

    def __init__(self, key: bytes, index: int, at: int, event: str) -> None:
        self._at, self._event = at, event
        self._chance = int.from_bytes(shapes.digest(key, index, ""), "little")
        self._pace = 1 + self._chance % 40
        self._people: dict[str, Person] = {}

    def id(self, name: str, shape: shapes.Shape, position: int, fresh: bool) -> str:
        """An id; `fresh`: it names this delivery, and no other event of the index has it."""
        place = f"{self._event}/{name}/{position}" if fresh else f"{name}/{position}" if position else name
        return shape(self._bytes(place))

    def number(self, name: str, position: int) -> int:
        """An id that is a whole number."""
        return shapes.whole(self._bytes(f"{name}/{position}"))

    def person(self, name: str) -> Person:
        """Who is called so in the contract's examples."""
        known = self._people.get(name)
        if known is None:
            crowd = people.crowd()
            place = int.from_bytes(self._bytes(f"person/{name}")[:4], "little")
            known = self._people[name] = crowd[place % len(crowd)]
        return known

    def sentence(self, name: str, draw: Draw) -> bytes:
        """What somebody writes."""
        said = people.encoded_sentences(self.person(name).language)
        return said[draw() % len(said)]

    def _bytes(self, name: str) -> bytes:
        """32 bytes for something of this case: the middle of a product, a tenth of the price of another hash."""
        return (self._chance * _factor(name) >> 128 & _ALL_BITS).to_bytes(32, "little")

    def moment(self, before: int, position: int) -> int:
        """A time so long before now (nanoseconds in the examples' time, at this case's pace)."""
        earlier = before * self._pace // 20
        return self._at - earlier + min(earlier, position * times.SECOND)


class Realistic(Wide):
    """Writes realistic values, and wide ones where nothing is known of a place."""

    def __init__(self, fixed: Mapping[str, Json], root: Node, examples: Examples) -> None:
        super().__init__(fixed)
        self._examples = examples
        self._latest = max((moment for node in every(root) for moment in _moment_of(node)), default=0)
        self._deliveries = {node.pointer for node in every(root) if node.role == "delivery"}
        self._persons = _persons(root)
        self._somebody = next(iter(self._persons.values()), "")

    def write(self, node: Node, writer: Writer) -> None:
        expression = None if node.pointer in self.fixed else self._known(node, writer)
        if expression is None:
            super().write(node, writer)
        else:
            writer.expression(expression)

    def _known(self, node: Node, writer: Writer) -> str | None:
        """An expression for what is known of a place."""
        if node.role == "moment" and _moment_of(node):
            before, form = self._latest - _moment_of(node)[0], _written_like(time_form(node))
            return f"{writer.constant(form)}(c.moment({before}, {writer.position}))"
        if node.role in (*CONSTANT_ROLES, "time", "secret"):
            return None
        parent, _, name = node.pointer.rpartition("/")
        kind = people.KINDS.get(members.tokens(f"/{name}")[0]) if parent in self._persons else None
        if kind is not None:
            return self._of_person(node, kind, self._persons[parent], writer)
        if "x-compose" in node.schema:
            parts = self._composed(str(node.schema["x-compose"]), node)
            joined = f"{writer.constant(_joined)}({writer.constant(parts)}, c, {writer.position})"
            return f"{writer.constant(_quoted)}({joined})"
        if node.role in _FRESH_ROLES or (isinstance(node, Text) and _ID_NAME.search(name)):
            return self._id(node, writer)
        if node.role == "text" and not isinstance(node, Constants) and not _is_label(node):
            return f"c.sentence({self._somebody!r}, n)"
        return self._documented(node, writer)

    def _id(self, node: Node, writer: Writer) -> str | None:
        name, fresh = str(node.examples[0]) if node.examples else "", node.role == "delivery"
        if isinstance(node, Number) and name:
            return f"b'%d' % c.number({name!r}, {writer.position})"
        if not isinstance(node, Text) or not name:
            return None
        if "@" in name and not node.patterns:
            return f"{writer.constant(_quoted)}(c.person({self._somebody!r}).email)"
        if not TextRule.of(node).keeps(shapes.shape(name)(bytes(range(32)))):
            return None
        shape = writer.constant(shapes.shape(name))
        return f"{writer.constant(_quoted)}(c.id({name!r}, {shape}, {writer.position}, {fresh}))"

    def _of_person(self, node: Node, kind: str, name: str, writer: Writer) -> str | None:
        if isinstance(node, Constants):
            if kind != "language":
                return None
            known = {str(value): encoded(value) for value in node.values}
            other = writer.constant(encoded(node.values[0]))
            return f"{writer.constant(known)}.get(c.person({name!r}).language, {other})"
        if not isinstance(node, Text) or node.patterns:
            return None
        return f"{writer.constant(_quoted)}(c.person({name!r}).{kind})"

    def _documented(self, node: Node, writer: Writer) -> str | None:
        """One of the values that the examples have here."""
        if isinstance(node, Constants) or not node.examples:
            return None
        values = tuple(dict.fromkeys(encoded(value) for value in node.examples))
        return f"{writer.constant(values)}[n() % {len(values)}]"

    def _composed(self, template: str, node: Node) -> tuple[Part, ...]:
        """A composite id as its parts: fixed text, the id that stands somewhere else, a fresh one."""
        parts: list[Part] = []
        for place, text in enumerate(_PLACEHOLDER.split(template)):
            if place % 2 == 0:
                parts.append(_fixed(text))
                continue
            examples = self._examples.get(text, ()) if text != "uuid" else node.examples
            name = str(examples[0]) if examples else text
            name = name.rpartition("/")[2] if text == "uuid" else name
            parts.append(_of_shape(name, its_own=text == "uuid", fresh=text in self._deliveries))
        return tuple(parts)


def _written_like(form: Json) -> Callable[[int], bytes]:
    """Writes a moment in the form of an example; the usual forms without the detour over `times`."""
    match = _UTC.fullmatch(form) if isinstance(form, str) else None
    if match is None:
        return lambda moment: encoded(times.like(form, moment))
    decimals = len(match[1] or "")
    unit = 10 ** (9 - decimals)
    form = f'"%s.%0{decimals}dZ"' if decimals else '"%s%.0sZ"'

    def written(moment: int) -> bytes:
        seconds, rest = divmod(moment, times.SECOND)
        text: str = form % (_second(seconds), rest // unit)
        return text.encode()

    return written


@lru_cache(maxsize=4096)  # the cases of one moment have the same few earlier ones
def _second(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds))


def _fixed(text: str) -> Part:
    return lambda cast, position: text


def _of_shape(name: str, its_own: bool, fresh: bool) -> Part:
    """The id that stands somewhere else, or one of the place's own."""
    shape = shapes.shape(name)
    return lambda cast, position: cast.id(name, shape, position if its_own else 0, fresh)


def _joined(parts: Sequence[Part], cast: Cast, position: int) -> str:
    return "".join(part(cast, position) for part in parts)


def _quoted(text: str) -> bytes:
    return encode_basestring(text).encode()


def _is_label(node: Node) -> bool:
    """Whether a text is a few words that somebody has chosen, such as a field's name, not what people write."""
    return bool(node.examples) and all(isinstance(text, str) and len(text) <= _LABEL for text in node.examples)


def _moment_of(node: Node) -> list[int]:
    """The first documented time of a place, if it has one."""
    if node.role not in ("time", "moment"):
        return []
    return [moment for moment in map(times.parse, node.examples) if moment is not None][:1]


def _persons(root: Node) -> dict[str, str]:
    """Pointer → what somebody is called in the examples, of every object that is a person."""
    found: dict[str, str] = {}
    for node in every(root):
        if isinstance(node, Object) and people.is_person([member.key for member in node.members]):
            named = next((m.node for m in node.members if people.KINDS.get(m.key) == "name" and m.node.examples), None)
            found.setdefault(node.pointer, str(named.examples[0]) if named is not None else node.pointer)
    return found
