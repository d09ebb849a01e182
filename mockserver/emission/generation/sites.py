"""Where a document can be wrong, and how: the mutations of a payload that the schema forbids.

Each site is one member and one way (`missing@/session/id`). A value counts only if the member's own
schema refuses it; where a union might still take the document, a whole one is made and judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hookassay.mockserver.emission.generation.nodes import Array, Constants, Member, Node, Number, Object, Text, Union
from hookassay.mockserver.emission.mutation.member import wrong_values
from hookassay.schemas import members
from hookassay.schemas.contract import Json

_BAD_TIMES = (
    "2024-02-30T00:00:00.000Z", "2023-02-29T12:00:00.000Z", "2024-13-01T00:00:00.000Z", "2024-01-01T25:00:00.000Z",
    "2024-01-01 00:00:00", "2024-01-01", "yesterday", "1704067200", "2024-01-01T00:00:00.000",
    "٢٠٢٤-٠١-٠١T00:00:00.000Z",
)  # fmt: skip
_BAD_FORMS = ("", "x", " ", "\n", "-1", "0x1F", "../../etc", "null", "가나다", "١٢٣", "a" * 300, "%00", "<b>1</b>")
_BAD_VALUES = ("", "hookassay", "unknown", "0", " ")
_OTHER_KINDS = ("[]", '["event"]', '"event"', "1", "true", "null", "[null]")


@dataclass(frozen=True)
class Site:
    """A place that can be wrong in one way: the mutation's name, the member's pointer."""

    name: str
    pointer: str


@dataclass(frozen=True)
class Wrong:
    """How one member is wrong at each site of its own: what stands instead, key included.

    `values`: site → encoded values instead of the right one, none of them for no member at all.
    `keys`: site → another name for the member.
    """

    values: dict[int, tuple[bytes, ...]]
    keys: dict[int, bytes]


class Sites:
    """Numbers the sites as the function is written; `all` are they in order."""

    def __init__(self) -> None:
        self.all: list[Site] = []

    @property
    def count(self) -> int:
        """How many have been numbered so far."""
        return len(self.all)

    def __call__(self, node: Node, member: Member | None) -> Wrong:
        """The sites of a member (None: an item of an array, or the document itself)."""
        wrong = Wrong({}, {})
        pointer = _pointer_of(member, node)
        if member is not None and member.required:
            wrong.values[self._number("missing", pointer)] = ()
            for name, key in _other_names(member.key):
                wrong.keys[self._number(name, pointer)] = json.dumps(key, ensure_ascii=False).encode()
        for name, values in _wrong(node, is_root=not pointer).items():
            wrong.values[self._number(name, pointer)] = tuple(values)
        return wrong

    def _number(self, name: str, pointer: str) -> int:
        self.all.append(Site(name, pointer))
        return len(self.all) - 1


def _other_names(key: str) -> Iterator[tuple[str, str]]:
    yield "renamed", f"{key}_"
    other = key.upper() if key.upper() != key else key.lower()
    if other != key:
        yield "case", other


def _wrong(node: Node, is_root: bool) -> dict[str, list[bytes]]:
    """Mutation → what it puts in a member's place, encoded; only what the member's schema refuses."""
    found: dict[str, list[bytes]] = {}
    fits = _judge(node)

    def offer(name: str, value: Json, text: str = "") -> None:
        if not fits(value):
            found.setdefault(name, []).append((text or json.dumps(value, ensure_ascii=False)).encode())

    if is_root:
        for text in _OTHER_KINDS:
            offer("other-kind", json.loads(text), text)
        offer("empty-object", {})
        return found
    kind = "wrong-union" if isinstance(node, Union) else "wrong-type"
    example = node.examples[0] if node.examples else None
    for name, value in wrong_values(members.Member(node.pointer, node.schema, example, True)).items():
        offer("null" if name == "null" else kind, value)
    if isinstance(node, Constants):
        for value in (*_BAD_VALUES, *(str(value).swapcase() for value in node.values), len(node.values)):
            offer("not-in-enum", value)
    elif isinstance(node, Text):
        _wrong_texts(node, offer)
    elif isinstance(node, Number):
        for limit, step in ((node.least, -1), (node.most, 1)):
            if limit is not None:
                for distance in (step, step * 10**9, step * 10**30):
                    offer("out-of-range", int(limit) + distance)
    elif isinstance(node, Object):
        offer("empty-object", {})
    elif isinstance(node, Array):
        offer("too-short", [])
    return found


def _wrong_texts(node: Text, offer: Any) -> None:
    if node.shortest:
        for text in ("", "x" * (node.shortest - 1)):
            offer("too-short", text)
    if node.longest is not None:
        for more in (1, 1000):
            offer("too-long", "x" * (node.longest + more))
    if node.format == "date-time":
        for text in _BAD_TIMES:
            offer("bad-time", text)
    if node.patterns or node.format:
        for text in _BAD_FORMS:
            offer("pattern", text)
        for value in node.examples[:1]:
            offer("pattern", f"{value}\n")


def _judge(node: Node) -> Any:
    """Whether a value fits a member's schema, formats included."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(node.schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return validator.is_valid


def _pointer_of(member: Member | None, node: Node) -> str:
    """Where a site is: the member's pointer."""
    return node.pointer if member is None else node.pointer.rpartition("/")[0] + "/" + members.escape(member.key)
