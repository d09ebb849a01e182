"""Ids in the shape of documented ones, made from a case's seed and index instead of by chance.

The same documented id gives the same new one everywhere in a case, whatever the event: what is one
conversation in the contract's examples is one conversation here. Hexadecimal ones begin with
`a55a`, as all ids of ours do (`ids`).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from hashlib import blake2b

from hookassay.mockserver.emission.ids import MARK

Shape = Callable[[bytes], str]
"""Makes an id from 32 bytes."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"[0-9a-f]{4,}")
_ENOUGH = 10


def shape(documented: str) -> Shape:
    """What ids like the documented one look like: a UUID, digits, hex, or letters and digits by place."""
    if _UUID.fullmatch(documented):
        upper = documented.lower() != documented
        return lambda data: _uuid(data).upper() if upper else _uuid(data)
    if documented.isascii() and documented.isdigit():
        length = max(len(documented), 12)
        return lambda data: f"{data[0] % 9 + 1}{int.from_bytes(data[1:], 'little') % 10 ** (length - 1):0{length - 1}d}"
    head, mark, tail = documented.rpartition("_")
    if _HEX.fullmatch(tail):
        length = max(len(tail), 12)
        return lambda data: f"{head}{mark}{(MARK + data.hex())[:length]}"
    template = tail + (tail[-1] if tail[-1:].isalnum() else "x") * (
        _ENOUGH - sum(character.isalnum() for character in tail)
    )
    return lambda data: f"{head}{mark}{_by_place(template, data)}"


def digest(key: bytes, index: int, name: str) -> bytes:
    """32 bytes for one id of a case."""
    return blake2b(index.to_bytes(8, "little") + name.encode(), key=key, digest_size=32).digest()


def whole(data: bytes) -> int:
    """An id that is a number, of 31 bits."""
    return int.from_bytes(data[:4], "little") % 2**30 + 2**30


def _uuid(data: bytes) -> str:
    text = MARK + data.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[data[15] & 3]}{text[17:20]}-{text[20:32]}"


def _by_place(template: str, data: bytes) -> str:
    return "".join(_like(character, data[place % 32]) for place, character in enumerate(template))


def _like(character: str, byte: int) -> str:
    """A character of the same kind: digit, capital or small letter; marks stay."""
    if not character.isalnum():
        return character
    if character.isascii() and character.isdigit():
        return string.digits[byte % 10]
    alphabet = string.ascii_uppercase if character.isascii() and character.isupper() else string.ascii_lowercase
    return alphabet[byte % 26]
