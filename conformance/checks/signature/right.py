"""What is right and has to be taken: the exact bytes, whoever wrote the JSON and however it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import TAKEN, Case, Expectation, one
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import Body, Fragment, write

_SPELLINGS = ("compact", "pretty", "escaped", "sorted", "spaced", "final-newline")
_Bytes = Callable[[Bench], Body]


def raw_bytes(bench: Bench) -> Iterator[Case]:
    """Every event in the usual spellings; the carrier in all that no serialiser would write again."""
    for event in bench.events:
        for name in _SPELLINGS:
            level = bench.level_of(event)
            right = partial(Bench.right, event=event, spelling=SPELLINGS[name])
            yield Case(f"{event.name},{name}", one(right, Expectation("taken", level)), level=level)
    for name, (why, body) in _RAW.items():
        yield Case(name, one(partial(_with_body, body=body), TAKEN), why=why)


def _with_body(bench: Bench, body: _Bytes) -> Delivery:
    return bench.vendor.deliver(bench.carrier, {}, body=body(bench))


def _extra(text: str) -> _Bytes:
    """The carrier with an unknown member, whose JSON text no serialiser would write so."""
    return lambda bench: write({**bench.document(), "hookassay_extra": Fragment(text)})


def _spelled(name: str) -> _Bytes:
    return lambda bench: write(bench.document(), SPELLINGS[name])


_RAW: dict[str, tuple[str, _Bytes]] = {
    "escaped-solidus": ("a slash written as \\/", _extra('"a\\/b"')),
    "upper-case-escape": ("an escape with capital digits", _extra('"\\u001B \\u00E9"')),
    "needless-escape": ("ASCII letters written as escapes", _extra('"\\u0041\\u0062"')),
    "html-escapes": ("markup written as escapes, as Gson does", _extra('"\\u003cb\\u003e \\u0026 \\u0027 \\u003d"')),
    "non-ascii": ("raw characters of many scripts", _extra('"안녕 こんにちは é 😀 𠮷"')),
    "decomposed-hangul": (
        "decomposed Hangul, which normalisation would change",
        _extra('"\u110b\u1161\u11ab\u1102\u1167\u11bc e\u0301"'),
    ),
    "line-separators": ("raw U+2028 and U+2029", _extra('"a\u2028b\u2029c"')),
    "number-forms": ("numbers as no serialiser writes them", _extra("[1.0, 1e2, 1E+2, -0, 0.10, 1.50]")),
    "big-numbers": ("integers beyond 2^53", _extra("[9007199254740993, 12345678901234567890]")),
    "integer-like-keys": ("keys that JavaScript reorders", _extra('{"b": 1, "2": 1, "1": [ ], "a": { }}')),
    "odd-blanks": ("tabs, line feeds and blanks between tokens", _extra('{ "a"\t:\n[ 1 ,\r\n2 ] }')),
    "unsorted-keys": ("keys in no order", _extra('{"z": 1, "a": 2, "M": 3, "_": 4}')),
    "apostrophes": ("apostrophes and quotation marks", _extra('"it\'s \\"so\\" \'\'"')),
    "percent-and-plus": ("what a form decoder would change", _extra('"100% a+b %20 &x=y"')),
    "trailing-blanks": (
        "blanks and line feeds at the end",
        lambda bench: write(bench.document()).surround(after=b" \n\n"),
    ),
    "leading-blanks": (
        "blanks and line feeds at the start",
        lambda bench: write(bench.document()).surround(before=b"\n  "),
    ),
    "crlf": ("CR LF line ends", _spelled("crlf")),
    "tabs": ("indented by tabs", _spelled("pretty-tab")),
    "reversed": ("members in reverse order", _spelled("reversed")),
    "large-non-ascii": ("55 kB beyond ASCII", _extra('"' + "가" * 18_000 + '"')),
    "large-ascii": ("55 kB of ASCII", _extra('"' + "0123456789" * 5_500 + '"')),
}


_NAMES: dict[str, Callable[[str], str]] = {
    "lower-case": str.lower,
    "upper-case": str.upper,
    "mixed-case": lambda name: "".join(c.upper() if place % 2 else c.lower() for place, c in enumerate(name)),
}


def header_names(bench: Bench) -> Iterator[Case]:
    """The signature's header in other cases (RFC 9110 section 5.1: names do not depend on case)."""
    for name, change in _NAMES.items():
        yield Case(name, one(partial(_renamed, change=change), TAKEN))


def _renamed(bench: Bench, change: Callable[[str], str]) -> Delivery:
    delivery = bench.right()
    ours = {name.lower() for name in bench.provider.authentication.headers}
    headers = tuple((change(name) if name.lower() in ours else name, value) for name, value in delivery.headers)
    return replace(delivery, headers=headers)


def split(bench: Bench) -> Iterator[Case]:
    """A body that comes in pieces, cut inside of characters."""
    yield Case("inside-characters", one(_in_pieces, TAKEN), unhurried=True)


def _in_pieces(bench: Bench) -> Delivery:
    body = write({**bench.document(), "hookassay_extra": "안녕하세요 😀 반갑습니다 " * 20})
    inside = [place for place, byte in enumerate(body.data) if 0x80 <= byte < 0xC0]
    cuts = tuple(inside[:: max(1, len(inside) // 6)])
    return bench.vendor.deliver(bench.carrier, {}, body=body, framing=Framing(pieces=cuts, pause=0.03, fresh=True))
