"""Fresh ids in the shape of the old ones.

A receiver may remember ids and may check their form, so each delivery has new ones of the same
form. What is equal within one set of `Ids` stays equal. Hexadecimal ones begin with `a55a`, so that
test deliveries can be told from others.
"""

from __future__ import annotations

import re
import secrets
import string
import uuid
from collections.abc import Callable
from typing import overload

MARK = "a55a"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"[0-9a-f]{4,}")
_ENOUGH = 10


def _uuid() -> str:
    return MARK + str(uuid.uuid4())[len(MARK) :]


def _digits(length: int = 12) -> str:
    return str(secrets.randbelow(9) + 1) + "".join(secrets.choice(string.digits) for _ in range(length - 1))


def _hex(length: int) -> str:
    return MARK + secrets.token_hex((length + 1) // 2)[: length - len(MARK)]


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
    """Fresh ids; an old one always gets the same new one."""

    def __init__(self) -> None:
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
            self._known[old] = secrets.randbelow(2**30) + 2**30 if isinstance(old, int) else _in_shape_of(old)
        return self._known[old]


def _in_shape_of(old: str) -> str:
    if _UUID.fullmatch(old):
        return _uuid() if old.lower() == old else _uuid().upper()
    if old.isascii() and old.isdigit():
        return _digits(max(len(old), 12))
    head, mark, tail = old.rpartition("_")
    if _HEX.fullmatch(tail):
        return f"{head}{mark}{_hex(max(len(tail), 12))}"
    renewed = "".join(_like(character) for character in tail)
    missing = _ENOUGH - sum(character.isalnum() for character in tail)
    last = next((character for character in reversed(tail) if character.isalnum()), "x")
    return f"{head}{mark}{renewed}{''.join(_like(last) for _ in range(missing))}"


def _like(character: str) -> str:
    """Another character of the same kind: digit, capital or small letter; marks stay."""
    if not character.isalnum():
        return character
    if character.isascii() and character.isdigit():
        return secrets.choice(string.digits)
    return secrets.choice(
        string.ascii_uppercase if character.isascii() and character.isupper() else string.ascii_lowercase
    )
