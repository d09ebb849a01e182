"""Two bugs at once: the pairs that are likely, because both mistakes are frequent and independent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hookassay.mockserver.emission.causes import encoding, header, key, rewriting
from hookassay.mockserver.emission.causes.hypothesis import Hypothesis
from hookassay.mockserver.emission.causes.primitive import hmac_with

_REWRITINGS = ("CA-M3", "CA-M4", "CA-M5", "CA-M7", "CA-M9", "CA-M10")
_AXES = ("key", "message", "primitive", "write", "header")
_RIGHT = Hypothesis("", "")

_BARE = replace(header.BARE, text="compares the bare digest")
_GITHUB = replace(header.GITHUB, text="reads the header X-Hub-Signature-256")


def hypotheses() -> Iterator[Hypothesis]:
    """The likely pairs, those with rewritten JSON first."""
    rewritings = [one for one in rewriting.hypotheses() if one.id in _REWRITINGS]
    yield from (_both(one, _GITHUB) for one in rewritings)
    yield from (_both(one, _BARE) for one in rewritings)
    yield from (_both(one, key.NEWLINE) for one in rewritings[:2])
    for first, second in (
        (key.NEWLINE, _GITHUB),
        (key.NEWLINE, _BARE),
        (encoding.BASE64, _BARE),
        (encoding.BASE64, _GITHUB),
        (encoding.HEX, _BARE),
        (encoding.CAPITALS, _BARE),
        (encoding.CAPITALS, _GITHUB),
    ):
        yield _both(first, second)
    for name in ("sha1", "sha256", "sha512"):
        other = Hypothesis("CA-A1", f"signs with HMAC-{name.upper()}", primitive=hmac_with(name))
        for form in (encoding.HEX, encoding.BASE64, encoding.CAPITALS):
            yield _both(other, form)


def _both(first: Hypothesis, second: Hypothesis) -> Hypothesis:
    """The first bug with whatever the second does otherwise than a right receiver."""
    changes = {axis: getattr(second, axis) for axis in _AXES if getattr(second, axis) is not getattr(_RIGHT, axis)}
    return replace(first, id=f"{first.id}+{second.id}", text=f"{first.text}; and {second.text}", **changes)
