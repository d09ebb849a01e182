"""Fresh ids in the shape of the old ones.

A receiver may remember ids and may check their form, so each delivery has new ones of the same
form. What is equal within one set of `Ids` stays equal. Hexadecimal ones begin with `a55a`, so that
test deliveries can be told from others.
"""

from __future__ import annotations

import os
import random
import re
import string
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import overload

MARK = "a55a"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"[0-9a-f]{4,}")
_ENOUGH = 10

_chance = random.Random()
"""Ids have to be fresh, not secret: no system call for each of them."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_chance.seed)


def _uuid(chance: random.Random = _chance) -> str:
    return MARK + str(uuid.UUID(int=chance.getrandbits(128), version=4))[len(MARK) :]


def _digits(length: int = 12, chance: random.Random = _chance) -> str:
    return str(chance.randrange(10 ** (length - 1), 10**length))


def _hex(length: int, chance: random.Random = _chance) -> str:
    return f"{MARK}{chance.getrandbits(4 * length):0{length}x}"[:length]


GENERATORS: dict[str, Callable[[], str]] = {
    "id": lambda: _hex(24),
    "digits": _digits,
    "hex24": lambda: _hex(24),
    "hex32": lambda: _hex(32),
    "uuid": _uuid,
    "UUID": lambda: _uuid().upper(),
}
"""Named kinds of ids, for cases and scenarios (`{{uuid}}`)."""


class Ids:
    """Fresh ids; an old one always gets the same new one. With a `chance` of one's own they come again."""

    def __init__(self, chance: random.Random = _chance) -> None:
        self._chance = chance
        self._known: dict[str | int, str | int] = {}

    @overload
    def renew(self, old: str) -> str: ...
    @overload
    def renew(self, old: int) -> int: ...
    def renew(self, old: str | int) -> str | int:
        """The new id for an old one, in its shape: UUID, digits, hex, or letters and digits by place.

        Short ones become longer, so that two runs do not meet; an empty text stays empty.
        """
        if old == "":
            return old
        if old not in self._known:
            is_number = isinstance(old, int)
            self._known[old] = self._chance.getrandbits(30) + 2**30 if is_number else _maker(str(old))(self._chance)
        return self._known[old]


@lru_cache(maxsize=4096)
def _maker(old: str) -> Callable[[random.Random], str]:
    """What makes ids of one shape."""
    if _UUID.fullmatch(old):
        return _uuid if old.lower() == old else lambda chance: _uuid(chance).upper()
    if old.isascii() and old.isdigit():
        length = max(len(old), 12)
        return lambda chance: _digits(length, chance)
    head, mark, tail = old.rpartition("_")
    if _HEX.fullmatch(tail):
        size = max(len(tail), 12)
        return lambda chance: f"{head}{mark}{_hex(size, chance)}"
    missing = _ENOUGH - sum(character.isalnum() for character in tail)
    last = next((character for character in reversed(tail) if character.isalnum()), "x")
    alphabets = [_alphabet(character) for character in tail + last * missing]
    return lambda chance: f"{head}{mark}{''.join(map(chance.choice, alphabets))}"


def _alphabet(character: str) -> str:
    """The characters of the same kind: digits, capitals or small letters; a mark is alone of its kind."""
    if not character.isalnum():
        return character
    if character.isascii() and character.isdigit():
        return string.digits
    return string.ascii_uppercase if character.isascii() and character.isupper() else string.ascii_lowercase
