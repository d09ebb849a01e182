"""A tree of nodes written as the source of one function, and compiled: the fast way from index to bytes.

The function has no recursion and calls next to nothing: fixed bytes are constants, values come
encoded from pools, everything is joined at the end. What a place holds is decided by `Leaves`
(wide or realistic values) and, for one place a case, by `sites` (a value that is wrong).

The function's arguments: `i` index (for masks), `n` the next 16 bits, `t` the encoded times of now,
`e` the number of the object that gets members of its own (-1: none), `c` the cast, `m` how many
items an array has at most, `s` the site that is wrong (-1: none).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from hookassay.mockserver.emission.generation import pools
from hookassay.mockserver.emission.generation.entropy import Draw, draws, key, permuted
from hookassay.mockserver.emission.generation.nodes import Anything, Array, Member, Node, Object, Union, every
from hookassay.mockserver.emission.generation.sites import Sites, Wrong
from hookassay.mockserver.emission.generation.source import Source

Function = Callable[[int, Draw, tuple[bytes, ...], int, Any, int, int], bytes]

BY_CHANCE = 4
"""Up to so many optional members of an object are chosen by chance: that reaches all masks soon enough."""

WIDEST = 16
"""Optional members whose masks are permuted together; more are in groups of so many."""

_COUNTS = (0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 8)
_MANY = 40
"""Items of an array of plain values once in about sixty times."""


_READY, _LONGEST = 256, 20_000
"""How many ready-made arrays a place has, and their bytes at most."""

_BESIDE, _FEW, _ORDINARY = 64, 2, 1_000
"""How many ready-made values stand beside something wrong; items of their arrays, and bytes, at most."""


class Leaves(Protocol):
    """Writes the value of a node that has no nodes below it."""

    def write(self, node: Node, writer: Writer) -> None: ...


class Writer(Source):
    """Writes a document's function. `ready`: some values are ready-made, those of `leaves` that depend on nothing
    but chance. `wrong` is given where the function makes invalid documents.

    The members of the object `marked` each have a NUL before them, which JSON has nowhere. `objects` is how
    many objects there are; `doubtful` are sites below a union: another branch might take
    what the member's own schema refuses.
    """

    def __init__(
        self, leaves: Leaves, ready: bool = False, wrong: Sites | None = None, marked: Node | None = None
    ) -> None:
        super().__init__()
        self.leaves, self.ready, self.wrong, self.marked = leaves, ready, wrong, marked
        self.objects = 0
        self.doubtful: set[int] = set()
        self._unions = 0
        self._loops: list[str] = []
        self._forced: list[tuple[dict[int, int], int]] = []

    def compile(self, root: Node) -> Function:
        """The function of a document."""
        self.line("o = []")
        self.line("a = o.append")
        if self.wrong is not None:
            self.line("z = s")
        self._value(root, None)
        self.flush()
        self.line("return b''.join(o)")
        made: Function = self.function("def document(i, n, t, e, c, m, s):")
        return made

    @property
    def position(self) -> str:
        """Which item of the innermost array this is: an expression."""
        return self._loops[-1] if self._loops else "0"

    # the kinds of nodes

    def _value(self, node: Node, member: Member | None) -> None:
        """A value, or what is wrong in its place."""
        wrong = self.wrong(node, member) if self.wrong is not None and member is None else None
        if wrong is not None and wrong.values:
            self._force(wrong)
            self.flush()
            self.line(f"v = {self.constant(wrong.values)}.get(z)")
            self.line("if v: a(v[n() % len(v)])")
            with self.block("else:"):
                self._right(node)
        else:
            self._right(node)

    def _right(self, node: Node) -> None:
        if isinstance(node, Object):
            self._object(node)
        elif isinstance(node, Array):
            self._array(node)
        elif isinstance(node, Union):
            self._union(node)
        else:
            self.leaves.write(node, self)

    def _object(self, node: Object) -> None:
        if self.wrong is not None and node.members and self._is_timeless(node) and not _is_map(node):
            self._wrong_object(node, self.wrong)
            return
        number, self.objects = self.objects, self.objects + 1
        first_stands = bool(node.members) and node.members[0].required and self.wrong is None
        first_stands = first_stands and node is not self.marked
        self.literal(b"{")
        if not first_stands:
            self.flush()
            self.line(f"p{number} = len(o)")
        optional = [member for member in node.members if not member.required]
        bits = {member.key: place for place, member in enumerate(optional)}
        forced = self._masks(number, len(optional))
        for place, member in enumerate(node.members):
            comma = b"" if first_stands and place == 0 else b","
            if node is self.marked:
                self.literal(b"\0")
            if member.required:
                self._member(member, comma)
                continue
            self.flush()
            group, bit = divmod(bits[member.key], WIDEST)
            self._forced.append((forced[group], 1 << bit))
            with self.block(f"if q{number}_{group} & {1 << bit}:"):
                self._member(member, comma)
            self._forced.pop()
        self._others(node, number)
        if not first_stands:
            self.flush()
            self.line(f"if len(o) > p{number}: o[p{number}] = o[p{number}][1:]")
        self.literal(b"}")

    def _wrong_object(self, node: Object, wrong: Sites) -> None:
        """An object in which one member may be wrong: what stands before and behind that one is ready-made."""
        number, self.objects = self.objects, self.objects + 1
        ready = [value[1:-1].split(b"\0") for value in self._ready(node, _BESIDE, _FEW, _ORDINARY, marked=True)]
        self.literal(b"{")
        self.flush()
        self.line(f"p{number} = len(o)")
        for place, member in enumerate(node.members):
            sites = wrong.count
            with self.aside() as kept:
                if place:
                    self._pick(b"".join(parts[:place]) for parts in ready)
                self._one_member(member, b",")
                self._pick(b"".join(parts[place + 1 :]) for parts in ready)
            self.insert(f"{'elif' if place else 'if'} {sites} <= z < {wrong.count}:", kept)
        with self.block("else:"):
            self._pick(map(b"".join, ready))
        self.line(f"o[p{number}:] = [b''.join(o[p{number}:])[1:]]")
        self.literal(b"}")

    def _pick(self, values: Iterable[bytes]) -> None:
        """One of several values, as many as a power of two."""
        kept = tuple(values)
        self.expression(f"{self.constant(kept)}[n() & {len(kept) - 1}]")

    def _masks(self, number: int, count: int) -> list[dict[int, int]]:
        """Choose the optional members; what a site needs is forced in."""
        forced: list[dict[int, int]] = []
        for group in range(-(-count // WIDEST)):
            size = min(WIDEST, count - group * WIDEST)
            chance = f"n() & {(1 << size) - 1}"
            even = f"{self.constant(permuted)}(i + {self.position}, {size}, {number * 8 + group})"
            self.flush()
            self.line(f"q{number}_{group} = {chance if size <= BY_CHANCE else even}")
            forced.append({})
            if self.wrong is not None:
                self.line(f"q{number}_{group} |= {self.constant(forced[-1])}.get(z, 0)")
        return forced

    def _member(self, member: Member, comma: bytes) -> None:
        """A member; where documents are made wrong, in two ways: one knows the sites in it, the other is ready-made."""
        if self.wrong is None:
            self._one_member(member, comma)
            return
        wrong, sites, objects = self.wrong, self.wrong.count, self.objects
        with self.aside() as careful:
            self._one_member(member, comma)
        self.insert(f"if {sites} <= z < {wrong.count}:", careful)
        self.wrong, self.objects = None, objects
        with self.block("else:"):
            if self._is_timeless(member.node):
                self.literal(comma + json.dumps(member.key, ensure_ascii=False).encode() + b":")
                self._pick(self._ready(member.node, _BESIDE, _FEW, _ORDINARY))
            else:
                self._one_member(member, comma)
        self.wrong = wrong

    def _one_member(self, member: Member, comma: bytes) -> None:
        name = comma + json.dumps(member.key, ensure_ascii=False).encode() + b":"
        wrong = self.wrong(member.node, member) if self.wrong is not None else None
        if wrong is None or not (wrong.values or wrong.keys):
            self.literal(name)
            self._value(member.node, member)
            return
        self._force(wrong)
        self.flush()
        values = {site: tuple(name + value for value in encoded) for site, encoded in wrong.values.items()}
        self.line(f"v = {self.constant(values)}.get(z)")
        with self.block("if v is None:"):
            keys = {site: b"," + key + b":" for site, key in wrong.keys.items()}
            self.line(
                f"a({self.constant(keys)}.get(z, {self.constant(name)}))" if keys else f"a({self.constant(name)})"
            )
            self._value(member.node, member)
        self.line("elif v: a(v[n() % len(v)])")

    def _others(self, node: Object, number: int) -> None:
        """Members without a description: those that the schema gives a form, and unknown ones in one object a case."""
        if node.others is None:
            return
        if _is_map(node):
            names = [name for name in (*_MAP_NAMES, *pools.NAMES) if name not in node.taken]
            quarter = len(names) // 4
            keys = tuple(tuple(_key(name) for name in names[place::4][:quarter]) for place in range(4))
            self._repeated("min(n() & 3, m)", lambda j: self._entry(node, keys, j))
            return
        if self.wrong is not None:
            return
        names_ = tuple(_key(name) for name in pools.NAMES if name not in node.taken)
        self.flush()
        with self.block(f"if e == {number}:"):
            self.line(f"a({self.constant(names_)}[n() % {len(names_)}])")
            self.line(f"a({self.constant(pools.anything())}[n() & {len(pools.anything()) - 1}])")

    def _array(self, node: Array) -> None:
        most = node.most if node.most is not None else _MANY
        plain = not isinstance(node.items, (Object, Array, Union))
        counts = _COUNTS[:11] if self._loops else (*_COUNTS * 4, _MANY) if plain else _COUNTS
        kept = tuple(min(max(count, node.fewest), most) for count in counts)
        if self.ready and self.wrong is None and not self._loops and self._is_timeless(node):
            self.flush()
            self.line("x = n()")
            with self.block(f"if x & 1 and m > {_MANY}:"):
                self.expression(f"{self.constant(self._ready(node, _READY, _MANY, _LONGEST))}[x >> 1 & {_READY - 1}]")
            with self.block("else:"):
                self._items(node, kept)
        else:
            self._items(node, kept)

    def _items(self, node: Array, kept: tuple[int, ...]) -> None:
        self.literal(b"[")
        self._repeated(
            f"min({self.constant(kept)}[n() % {len(kept)}], max(m, {node.fewest}))", lambda j: self._item(node, j)
        )
        self.literal(b"]")

    def _is_timeless(self, node: Node) -> bool:
        """Whether nothing in it is of now."""
        return all(inner.role != "time" for inner in every(node))

    def _ready(self, node: Node, count: int, items: int, longest: int, marked: bool = False) -> tuple[bytes, ...]:
        """So many values of a node, ready-made: so many items in their arrays, of so many bytes if there are any."""
        function = Writer(self.leaves, marked=node if marked else None).compile(node)
        made = [
            function(number, draws(key(0, "ready", node.pointer), number), (), -1, None, items, -1)
            for number in range(count)
        ]
        kept = [value for value in made if len(value) <= longest] or made
        return tuple(kept[place % len(kept)] for place in range(count))

    def _item(self, node: Array, j: str) -> None:
        self.expression(f"{self.constant(b',')} if {j} else b''")
        self._value(node.items, None)

    def _entry(self, node: Object, keys: tuple[tuple[bytes, ...], ...], j: str) -> None:
        assert node.others is not None
        self.expression(f"{self.constant(keys)}[{j} & 3][n() % {len(keys[0])}]")
        self._value(node.others, None)

    def _repeated(self, count: str, write: Callable[[str], None]) -> None:
        """Something as often as an expression says, at least once where a site needs it."""
        forced: dict[int, int] = {}
        if self.wrong is not None:
            count = f"max({count}, {self.constant(forced)}.get(z, 0))"
        self._forced.append((forced, 1))
        with self._loop(f"range({count})") as j:
            write(j)
        self._forced.pop()

    def _union(self, node: Union) -> None:
        number, self.objects = self.objects, self.objects + 1
        forced: dict[int, int] = {}
        self.flush()
        self.line(f"u{number} = n() % {len(node.branches)}")
        if self.wrong is not None:
            self.line(f"u{number} = {self.constant(forced)}.get(z, u{number})")
        self._unions += 1
        for place, branch in enumerate(node.branches):
            self._forced.append((forced, place))
            with self.block(f"{'elif' if place else 'if'} u{number} == {place}:"):
                self.line("pass")
                self._right(branch)
            self._forced.pop()
        self._unions -= 1

    # blocks

    @contextmanager
    def _loop(self, over: str) -> Iterator[str]:
        """Over the items of an array: a site is in the first of them."""
        name, sites = f"j{len(self._loops)}", f"z{len(self._loops)}"
        self.flush()
        if self.wrong is not None:
            self.line(f"{sites} = z")
        with self.block(f"for {name} in {over}:"):
            self._loops.append(name)
            if self.wrong is not None:
                self.line(f"z = {sites} if {name} == 0 else -1")
            yield name
            self._loops.pop()
        if self.wrong is not None:
            self.line(f"z = {sites}")

    def _force(self, wrong: Wrong) -> None:
        """Have everything above these sites stand in the document: members, branches, first items."""
        for site in (*wrong.values, *wrong.keys):
            if self._unions:
                self.doubtful.add(site)
            for table, value in self._forced:
                table[site] = table.get(site, 0) | value


def _is_map(node: Object) -> bool:
    """Whether its members have names that somebody chooses, and a schema all the same."""
    return node.others is not None and (not isinstance(node.others, Anything) or bool(node.others.schema))


_MAP_NAMES = ("Company", "등급", "고객정보", "주문 번호", "plan", "会員番号", "orderId", "source", "a", "utm_campaign")
"""Names that customers give to members of their own."""


def _key(name: str) -> bytes:
    return b"," + json.dumps(name, ensure_ascii=False).encode() + b":"
