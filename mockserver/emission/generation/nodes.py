"""A schema as the generator sees it: a tree of a few kinds of nodes, unions and references resolved.

What the vendor's schema says twice (`oneOf` beside `properties`, `allOf`) is said once here. The same
tree is compiled to a function (`program`) and read by the Hypothesis strategies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hookassay.schemas import members
from hookassay.schemas.contract import Event, Json

Examples = Mapping[str, tuple[Json, ...]]
"""Pointer (items of arrays as `0`) → the values that the contract's examples have there."""

_Here = tuple[str, Mapping[str, Json], tuple[Json, ...]]
_SEGMENT = re.compile(r"/[0-9]+(?=/|$)")


@dataclass(frozen=True)
class Node:
    """One place of a document: its expanded schema, and the values that documented examples have here."""

    pointer: str
    schema: Mapping[str, Json] = field(repr=False)
    examples: tuple[Json, ...] = field(repr=False)

    @property
    def role(self) -> str:
        return str(self.schema.get("x-role", ""))


@dataclass(frozen=True)
class Constants(Node):
    """One of a few values: `const`, `enum`, a boolean, null."""

    values: tuple[Json, ...]


@dataclass(frozen=True)
class Text(Node):
    """A text. `longest` is None where nothing limits it; `patterns` have to match, `forbidden` must not.

    `documented` are values that the contract names without closing the list.
    """

    shortest: int
    longest: int | None
    patterns: tuple[str, ...]
    forbidden: tuple[str, ...]
    format: str
    documented: tuple[str, ...]


@dataclass(frozen=True)
class Number(Node):
    """A number within inclusive limits, None where there is none."""

    whole: bool
    least: float | None
    most: float | None


@dataclass(frozen=True)
class Array(Node):
    items: Node
    fewest: int
    most: int | None


@dataclass(frozen=True)
class Member:
    key: str
    node: Node
    required: bool


@dataclass(frozen=True)
class Object(Node):
    """An object. `others` is what members without a description are: None where there may be none.

    `taken` are names that such members may not have.
    """

    members: tuple[Member, ...]
    others: Node | None
    taken: frozenset[str]


@dataclass(frozen=True)
class Union(Node):
    branches: tuple[Node, ...]


@dataclass(frozen=True)
class Anything(Node):
    """Any JSON."""


def tree(event: Event) -> Node:
    """The nodes of an event."""
    return build(event.expanded, examples_of(event))


def every(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    if isinstance(node, Object):
        for member in node.members:
            yield from every(member.node)
    elif isinstance(node, Array):
        yield from every(node.items)
    elif isinstance(node, Union):
        for branch in node.branches:
            yield from every(branch)


def examples_of(event: Event) -> Examples:
    """What the examples of an event have at each place."""
    found: dict[str, list[Json]] = {}
    for walked in event.walked.values():
        for member in walked:
            found.setdefault(general(member.pointer), []).append(member.value)
    return {pointer: tuple(values) for pointer, values in found.items()}


def general(pointer: str) -> str:
    """A pointer whose indices are all 0."""
    return _SEGMENT.sub("/0", pointer)


def build(schema: Mapping[str, Json], examples: Examples, pointer: str = "") -> Node:
    """The node of an expanded schema."""
    for inner in schema.get("allOf", ()):
        schema = _over({key: value for key, value in schema.items() if key != "allOf"}, inner)
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            return _union(schema, keyword, examples, pointer)
    here: _Here = (pointer, schema, examples.get(pointer, ()))
    if "const" in schema:
        return Constants(*here, (schema["const"],))
    if "enum" in schema:
        return Constants(*here, tuple(schema["enum"]))
    kinds = members.schema_types(schema) or (("object",) if "properties" in schema else ())
    if len(kinds) > 1:
        branches = (build({**schema, "type": kind}, examples, pointer) for kind in kinds)
        return Union(*here, tuple(replace(branch, schema=schema) for branch in branches))
    return _plain(kinds[0] if kinds else "", schema, examples, here)


def _plain(kind: str, schema: Mapping[str, Json], examples: Examples, here: _Here) -> Node:
    pointer = here[0]
    if kind == "object":
        return _object(schema, examples, here)
    if kind == "array":
        items = schema.get("items", {})
        inner = build(items if isinstance(items, Mapping) else {}, examples, f"{pointer}/0")
        return Array(*here, inner, schema.get("minItems", 0), schema.get("maxItems"))
    if kind == "string":
        patterns, forbidden = _patterns(schema)
        documented = tuple(value for value in schema.get("examples", ()) if isinstance(value, str))
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
        return Text(*here, shortest, longest, patterns, forbidden, schema.get("format", ""), documented)
    if kind in ("integer", "number"):
        least, most = _limits(schema, kind == "integer")
        return Number(*here, kind == "integer", least, most)
    if kind == "boolean":
        return Constants(*here, (False, True))
    if kind == "null":
        return Constants(*here, (None,))
    return Anything(*here)


def _union(schema: Mapping[str, Json], keyword: str, examples: Examples, pointer: str) -> Node:
    """Each branch with what stands beside the union; names that only a sibling has are taken in all."""
    rest = {key: value for key, value in schema.items() if key != keyword}
    merged = [_over(rest, branch) for branch in schema[keyword]]
    names = {name for branch in merged for name in branch.get("properties", ())}
    branches = []
    for branch in merged:
        node = build(branch, examples, pointer)
        if isinstance(node, Object):
            node = replace(node, taken=node.taken | names)
        branches.append(node)
    return Union(pointer, schema, examples.get(pointer, ()), tuple(branches))


def _object(schema: Mapping[str, Json], examples: Examples, here: _Here) -> Object:
    pointer, required, properties = here[0], set(schema.get("required", ())), schema.get("properties", {})
    forbidden = _forbidden(schema)
    described = tuple(
        Member(key, build(inner, examples, f"{pointer}/{members.escape(key)}"), key in required)
        for key, inner in properties.items()
        if key not in forbidden and inner is not False
    )
    rest = schema.get("additionalProperties", schema.get("unevaluatedProperties", {}))
    others = None if rest is False else build(rest if isinstance(rest, Mapping) else {}, examples, f"{pointer}/*")
    return Object(*here, described, others, frozenset({*properties, *forbidden}))


def _over(base: Mapping[str, Json], overlay: Mapping[str, Json]) -> dict[str, Json]:
    """Both schemas at once; what each forbids stays forbidden."""
    merged = members.merge(base, overlay)
    if "not" in base and "not" in overlay:
        merged["not"] = {"anyOf": [base["not"], overlay["not"]]}
    return merged


def _alternatives(schema: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    """What a schema's `not` names, each for itself."""
    forbidden = schema.get("not")
    if not isinstance(forbidden, Mapping):
        return ()
    found: list[Mapping[str, Json]] = []
    for one in forbidden.get("anyOf", [forbidden]):
        found += _alternatives({"not": one}) if "anyOf" in one else [one]
    return found


def _forbidden(schema: Mapping[str, Json]) -> set[str]:
    """Members that may not be there: `not: {required: [name]}`."""
    return {one["required"][0] for one in _alternatives(schema) if len(one.get("required", ())) == 1}


def _patterns(schema: Mapping[str, Json]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    needed = (schema["pattern"],) if "pattern" in schema else ()
    return needed, tuple(one["pattern"] for one in _alternatives(schema) if "pattern" in one)


def _limits(schema: Mapping[str, Json], whole: bool) -> tuple[float | None, float | None]:
    """Inclusive limits; an exclusive one is moved by one, or by a thousandth of a fraction."""
    step = 1 if whole else 0.001
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        least = max(least if least is not None else schema["exclusiveMinimum"], schema["exclusiveMinimum"] + step)
    if "exclusiveMaximum" in schema:
        most = min(most if most is not None else schema["exclusiveMaximum"], schema["exclusiveMaximum"] - step)
    return least, most
