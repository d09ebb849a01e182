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
from itertools import groupby

from hookassay.mockserver.emission.ids import MARK

Shape = Callable[[bytes], str]
"""Makes an id from 32 bytes."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"[0-9a-f]{4,}")
_ENOUGH = 10
_DIGITS, _CAPITALS, _LETTERS = (
    bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))
    for alphabet in (string.digits, string.ascii_uppercase, string.ascii_lowercase)
)


def shape(documented: str) -> Shape:
    """What ids like the documented one look like: a UUID, digits, hex, or letters and digits by place."""
    if _UUID.fullmatch(documented):
        upper = documented.lower() != documented
        return lambda data: _uuid(data).upper() if upper else _uuid(data)
    if documented.isascii() and documented.isdigit():
        length = max(len(documented), 12)
        return lambda data: f"{data[0] % 9 + 1}{data[1:length].translate(_DIGITS).decode():0<{length - 1}}"
    head, mark, tail = documented.rpartition("_")
    if _HEX.fullmatch(tail):
        length = max(len(tail), 12)
        return lambda data: f"{head}{mark}{(MARK + data.hex())[:length]}"
    template = tail + (tail[-1] if tail[-1:].isalnum() else "x") * (
        _ENOUGH - sum(character.isalnum() for character in tail)
    )
    tail_like = _by_place(template)
    return lambda data: f"{head}{mark}{tail_like(data)}"


def digest(key: bytes, index: int, name: str) -> bytes:
    """32 bytes for one id of a case."""
    return blake2b(index.to_bytes(8, "little") + name.encode(), key=key, digest_size=32).digest()


def whole(data: bytes) -> int:
    """An id that is a number, of 31 bits."""
    return int.from_bytes(data[:4], "little") % 2**30 + 2**30


def _uuid(data: bytes) -> str:
    text = MARK + data.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[data[15] & 3]}{text[17:20]}-{text[20:32]}"


def _by_place(template: str) -> Shape:
    """A character of the same kind for each: digit, capital or small letter; marks stay.

    Bytes become characters a run of one kind at a time.
    """
    writers: list[Shape] = []
    for kind, run in groupby(range(len(template)), lambda place: _kind(template[place])):
        places = list(run)
        text, start, count = template[places[0] : places[-1] + 1], places[0] % 32, len(places)
        writers.append(_fixed(text) if kind is None else _run(kind, start, count))
    return lambda data: "".join([write(data) for write in writers])


def _fixed(text: str) -> Shape:
    return lambda data: text


def _run(kind: bytes, start: int, count: int) -> Shape:
    if start + count <= 32:
        return lambda data: data[start : start + count].translate(kind).decode()
    return lambda data: (data * (count // 32 + 2))[start : start + count].translate(kind).decode()


def _kind(character: str) -> bytes | None:
    """What makes a character of the same kind of any byte."""
    if not character.isalnum():
        return None
    if character.isascii() and character.isdigit():
        return _DIGITS
    return _CAPITALS if character.isascii() and character.isupper() else _LETTERS
