"""Digests that are right in part: a beginning, an end, all but a byte, the right bytes in another order."""

from __future__ import annotations

from collections.abc import Callable

from hookassay.mockserver.emission.mutation.signature.forgery import (
    Forgery,
    Make,
    base64_only,
    changed,
    hex_only,
    of_check,
    value,
)


def _first_characters(count: int) -> Make:
    return value(lambda signer, body: signer.right_text(body)[:count])


def _flipped(index: Callable[[int], int]) -> Make:
    """One bit of one byte changed; the index is made of the digest's length."""

    def flip(right: bytes) -> bytes:
        made = bytearray(right)
        made[index(len(right))] ^= 0x01
        return bytes(made)

    return changed(flip)


def _kept(count: int) -> dict[str, tuple[str, Make]]:
    """The first or the last bytes right, zeros for the rest."""
    return {
        f"head-{count}": (
            f"the first {count} bytes right, the rest zeros",
            changed(lambda right: right[:count].ljust(len(right), b"\0")),
        ),
        f"tail-{count}": (
            f"the last {count} bytes right, the rest zeros",
            changed(lambda right: right[-count:].rjust(len(right), b"\0")),
        ),
    }


FORGERIES: tuple[Forgery, ...] = of_check(
    "partial",
    "must",
    {
        "first-half": ("only the first half of the right digest", changed(lambda right: right[: len(right) // 2])),
        "second-half": ("only the second half of the right digest", changed(lambda right: right[len(right) // 2 :])),
        "one-character": ("only the first character of the right digest", _first_characters(1)),
        "eight-characters": ("only the first eight characters of the right digest", _first_characters(8)),
        "one-short": ("the right digest without its last byte", changed(lambda right: right[:-1])),
        "one-character-short": ("the right digits but the last", hex_only(lambda text: text[:-1])),
        "doubled": ("the right digest twice", changed(lambda right: right * 2)),
        "first-byte": ("the first byte changed", _flipped(lambda length: 0)),
        "middle-byte": ("a byte in the middle changed", _flipped(lambda length: length // 2)),
        "last-byte": ("the last byte changed", _flipped(lambda length: -1)),
        **{name: made for count in (1, 4, 8, 16) for name, made in _kept(count).items()},
        "reversed": ("the right bytes in reverse order", changed(lambda right: right[::-1])),
        "sorted-characters": (
            "the right characters in another order",
            value(lambda signer, body: "".join(sorted(signer.right_text(body)))),
        ),
        "swapped-case": ("base64 with the case of its letters swapped: another digest", base64_only(str.swapcase)),
        "lower-case": ("base64 in lower case: another digest", base64_only(str.lower)),
    },
)
