"""Values by the thousand, made once and encoded as JSON: a case takes its texts and numbers from here.

A text comes from a small pool of edges (lengths that buffers and columns have, the shortest and the
longest allowed) once in sixteen times, else from a wide one, or is two halves joined: a million
texts for two look-ups. A third is written with `\\u` escapes, as some vendors' serialisers do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.generation.entropy import Draw, below, draws, key, pick
from hookassay.mockserver.emission.generation.nodes import Number, Text
from hookassay.mockserver.emission.generation.pattern import FORMATS, matching
from hookassay.mockserver.emission.mutation.text import TAKEN

SIZE = 1024
"""Entries of a wide pool; a power of two, so that a mask chooses one."""

_LENGTHS = (0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 500, 1000, 1023, 1024)
_LONG = 10_000
"""Characters of the longest text that people type, where nothing limits it."""

_LONGEST_OPEN = 1024
"""Characters of the longest other text where nothing limits it."""

_TRIES = 40


class Impossible(ValueError):
    """No value was found that the schema allows."""


@dataclass(frozen=True)
class TextPool:
    """JSON texts with their quotes; `openings` and `closings` are halves, empty where halves cannot be joined."""

    edges: tuple[bytes, ...]
    wide: tuple[bytes, ...]
    openings: tuple[bytes, ...]
    closings: tuple[bytes, ...]


@dataclass(frozen=True)
class TextRule:
    """What texts of a pool have to keep: the part of a node that two places may share."""

    shortest: int
    longest: int | None
    patterns: tuple[str, ...]
    forbidden: tuple[str, ...]
    format: str
    typed: bool

    @classmethod
    def of(cls, node: Text) -> TextRule:
        rule = node.shortest, node.longest, node.patterns, node.forbidden, node.format
        return cls(*rule, typed=node.role == "text")

    @property
    def free(self) -> bool:
        return not (self.patterns or self.forbidden or self.format)

    def keeps(self, text: str) -> bool:
        if len(text) < self.shortest or (self.longest is not None and len(text) > self.longest):
            return False
        if self.format == "date-time" and times.parse(text) is None:
            return False
        return all(re.search(pattern, text) for pattern in self.patterns) and not any(
            re.search(pattern, text) for pattern in self.forbidden
        )


@lru_cache(maxsize=256)
def texts(rule: TextRule) -> TextPool:
    """The pool of a rule. Raises Impossible."""
    draw = draws(key(0, "texts", repr(rule)), 0)
    if rule.format == "date-time":
        return _pool(rule, draw, lambda: pick(draw, _moments(rule)))
    if rule.patterns or rule.format in FORMATS:
        pattern = rule.patterns[0] if rule.patterns else FORMATS[rule.format]
        return _pool(rule, draw, lambda: matching(pattern, draw))
    longest = rule.longest if rule.longest is not None else _LONG if rule.typed else _LONGEST_OPEN
    lengths = sorted({min(max(length, rule.shortest), longest) for length in (*_LENGTHS, longest - 1, longest)})
    often = [lengths[0]] * 15 + [lengths[-1]] * 3  # the shortest and the longest are what software forgets most
    edges = [text_of_length(draw, length) for length in (*lengths, *often)] + [
        _fitted(text, rule, longest) for text in TAKEN.values()
    ]
    half, shortest = longest // 2, (rule.shortest + 1) // 2
    joined = rule.free and half >= max(1, shortest)
    kept = [text for text in _halves() if shortest <= len(text) <= half] if joined else []
    halves = [kept[place % len(kept)] for place in range(2 * SIZE)] if kept else []
    return TextPool(
        _encoded(edges, draw, 1),
        _encoded((_fitted(text, rule, longest) for text in _free_texts()), draw, SIZE),
        tuple(encode(text, draw)[:-1] for text in halves[:SIZE]),
        tuple(encode(text, draw)[1:] for text in halves[SIZE:]),
    )


@lru_cache(maxsize=1)
def _free_texts() -> tuple[str, ...]:
    """What texts without a form of their own are taken from; made once for all rules."""
    draw = draws(key(0, "free texts"), 0)
    return tuple(_free_text(draw) for _ in range(SIZE))


@lru_cache(maxsize=1)
def _halves() -> tuple[str, ...]:
    """What two-part texts are made of."""
    draw = draws(key(0, "halves"), 0)
    return tuple(text_of_length(draw, place % 25) for place in range(2 * SIZE))


def _pool(rule: TextRule, draw: Draw, make: Callable[[], str]) -> TextPool:
    """A pool of texts that are made until they keep the rule."""
    found = list(dict.fromkeys(text for text in (make() for _ in range(SIZE)) if rule.keeps(text)))
    for _ in range(_TRIES if not found else 0):
        found += [text for text in (make() for _ in range(SIZE)) if rule.keeps(text)]
        if found:
            break
    if not found:
        raise Impossible(f"no text was found that has the form {rule.patterns or rule.format!r}")
    edges = sorted(found, key=len)
    return TextPool(_encoded(edges[:8] + edges[-8:], draw, 1), _encoded(found, draw, SIZE), (), ())


def _encoded(made: Iterable[str], draw: Draw, size: int) -> tuple[bytes, ...]:
    """Texts as JSON, repeated until there are so many."""
    encoded = [encode(text, draw) for text in made]
    return tuple(encoded[place % len(encoded)] for place in range(max(size, len(encoded))))


def encode(text: str, draw: Draw) -> bytes:
    """A text as JSON: raw UTF-8, or with escapes once in three times."""
    return json.dumps(text, ensure_ascii=draw() % 3 == 0).encode()


def text_of_length(draw: Draw, length: int) -> str:
    """A text of so many characters, in runs out of one alphabet each; in a run characters follow at a distance."""
    parts, left = [], length
    while left > 0:
        word = draw()
        alphabet, run = ALPHABETS[word % len(ALPHABETS)], min(left, 1 + draw() % max(8, length))
        start, step = word >> 8, 1 + 2 * (word >> 5 & 7)
        parts.append("".join(alphabet[(start + step * place) % len(alphabet)] for place in range(run)))
        left -= run
    return "".join(parts)


def _free_text(draw: Draw) -> str:
    """A text as people, programs or nobody would write it."""
    kind = draw() % 4
    if kind == 0:
        return pick(draw, list(TAKEN.values()))
    if kind == 1:
        return " ".join(pick(draw, WORDS) for _ in range(1 + draw() % 12))
    return text_of_length(draw, draw() % 48)


def _fitted(text: str, rule: TextRule, longest: int) -> str:
    """The text cut or filled to the rule's lengths; nothing is cut between a character and what combines with it
    by chance only, which is what happens in software too."""
    return text[:longest] + "x" * (rule.shortest - len(text))


ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "가각갂나다람쥐뷁핳힣",
    "ᄀᄂ다ᅣᅥᆨᆩᆪ",
    "あいうえおカキクケコｱｲｳ漢字",
    "的一是不了人我在有他繁體",
    "áéîõüßøłŧĳ",
    "привет мир ΑΒΓαβγ",
    "مرحبا שלום",
    "नमस्ते हिन्दी ไทยสวัสดี",
    "😀😢👍🏽👨‍👩‍👧🇰🇷🏳️‍🌈",
    "𝒳𠮷𐍈𝔘",
    "e\u0301a\u0308n\u0303Z\u0310",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u202a\u202e\u2066\u2069",
    "\u2028\u2029\u0085\u00a0\u3000",
    "\ue000\uf8ff",
    "\t\n\r\x07\x1b\x7f",
    "\"\\/'`<>&%$#{}[]()*+?^|~;:,.!@=-_",
)
"""Characters of each kind that software treats apart: scripts, widths, joined and combining ones, other planes,
invisible ones, directions, line ends, private use, controls, marks with a meaning to some language."""

WORDS = (
    "환불", "배송", "문의", "감사합니다", "안녕하세요", "예약을", "변경하고", "싶어요", "주문번호", "確認しました",
    "ありがとうございます", "予約", "配送状況", "お願いします", "order", "refund", "when", "please", "A-1042", "👍",
    "https://shop.example/p/42", "010-1234-5678", "₩12,000", "3일", "谢谢", "cảm ơn",
)  # fmt: skip


# moments

_DAYS = (0, 951_782_400, 1_078_012_800, 1_582_934_400, 1_709_164_800, 1_735_689_599, 2_147_483_647, 2_147_483_648,
         4_102_444_799, 253_402_300_799, 1_709_251_199, 1_704_067_199)  # fmt: skip
"""Seconds at which software breaks: 1970, leap days, year's ends, 2038, the end of 2099 and of 9999."""

_RECENT = 1_500_000_000, 1_900_000_000


@lru_cache(maxsize=32)
def _moments(rule: TextRule) -> tuple[str, ...]:
    """Times in every form that a rule allows."""
    forms = [(decimals, offset) for decimals in range(10) for offset in ("Z", "+09:00", "-03:30")]
    kept = [form for form in forms if rule.keeps(_written(1_700_000_000 * times.SECOND, *form))]
    draw = draws(key(0, "moments", repr(rule)), 0)
    made = (_written(moment, *kept[number % len(kept)]) for number, moment in enumerate(moments(draw)) if kept)
    return tuple(text for text in made if rule.keeps(text))


def moments(draw: Draw) -> Iterator[int]:
    """Moments (nanoseconds): every eighth an edge, some at a whole second or the last millisecond of a day."""
    for number in range(SIZE):
        if number % 8 == 0:
            yield _DAYS[number // 8 % len(_DAYS)] * times.SECOND
            continue
        second = _RECENT[0] + below(draw, _RECENT[1] - _RECENT[0])
        if number % 8 == 1:
            second += 86_399 - second % 86_400
        fraction = (0, 999, 1, below(draw, 1000))[draw() & 3]
        yield second * times.SECOND + fraction * times.SECOND // 1000


def _written(moment: int, decimals: int, offset: str) -> str:
    if offset == "Z":
        return times.iso(moment, decimals)
    return str(times.like(f"2000-01-01T00:00:00{'.' if decimals else ''}{'0' * decimals}{offset}", moment))


# numbers

_WHOLE = (0, 1, -1, 2, 7, 10, 127, 128, 255, 256, 999, 32_767, 65_535, 65_536, 2**31 - 1, 2**31, 2**32, 2**53 - 1)
_LIMIT = 2**53 - 1
"""Beyond it JavaScript loses digits: larger ones are a mutation's (`huge-number`)."""


def numbers(node: Number) -> tuple[bytes, ...]:
    """Numbers within the limits: the edges, the documented ones, others. Raises Impossible."""
    least = node.least if node.least is not None else 0 if node.whole else -1000.0
    most = node.most if node.most is not None else _LIMIT
    draw = draws(key(0, "numbers", node.pointer), 0)
    if node.whole:
        low, high = int(-(-least // 1)), int(most // 1)
        if low > high:
            raise Impossible(f"{node.pointer}: no whole number between {least} and {most}")
        near = [low, low + 1, high - 1, high, *_WHOLE, *(value for value in node.examples if isinstance(value, int))]
        spread = [low + below(draw, min(high - low + 1, 2**31)) for _ in range(64)]
        found = [str(value) for value in dict.fromkeys((*near, *spread)) if low <= value <= high]
    else:
        wide = [least + (most - least) * below(draw, 1000) / 1000 for _ in range(64)]
        fractions: list[float] = [least, most, 0, 0.5, 1, 0.1, 1e-7, 0.30000000000000004, 1e3]
        found = [json.dumps(value) for value in dict.fromkeys((*fractions, *wide)) if least <= value <= most]
        found += [text for text in ("0.0", "1.0", "1e0", "0.50") if least <= float(text) <= most]
    step = node.schema.get("multipleOf")
    kept = [text for text in found if not step or (float(text) / step).is_integer()]
    if not kept:
        raise Impossible(f"{node.pointer}: no number was found that the schema allows")
    return tuple(text.encode() for text in kept)


# anything

NAMES = (
    "hookassay_extra", "extra", "new_member", "newMember", "v2", "x-extra", "확장", "追加", "a.b", "a b", "ключ", "_id",
    "$ref", "0", "-1", "UPPER", "value ", "emoji😀", "labels", "metadata", "traceId", "nullable", "deletedAt", "n/a",
)  # fmt: skip
"""Names of members that no vendor has documented yet."""


@lru_cache(maxsize=1)
def anything() -> tuple[bytes, ...]:
    """JSON of any kind and depth."""
    draw = draws(key(0, "anything"), 0)
    return tuple(
        json.dumps(_value(draw, 1 + number % 7), ensure_ascii=draw() % 3 == 0).encode() for number in range(512)
    )


def _value(draw: Draw, depth: int) -> Any:
    kind = draw() % (9 if depth > 0 else 6)
    if kind < 6:
        return (None, True, below(draw, 10**6), -0.5, "", _free_text(draw))[kind]
    if kind < 8:
        return {f"{pick(draw, NAMES)}": _value(draw, depth - 1) for _ in range(draw() % 4 + 1)}
    return [_value(draw, depth - 1) for _ in range(draw() % 4)]
