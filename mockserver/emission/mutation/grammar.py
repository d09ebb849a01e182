r"""JSON's grammar gone through by rule: texts that every parser takes, that none may take, and those between.

What public corpora of JSON parser tests collect by hand is made here from a few rules (RFC 8259): all
ways to put a number together, an escape behind every character, every control character, every wrong
UTF-8 sequence, every token left out, doubled or replaced. Each form is bytes that stand behind the
opening brace of an otherwise right object. Which side it is on is decided by a strict parser; what the
RFC leaves open (section 4, 6, 8.2) stands apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, NoReturn

_SIGNS, _WHOLES = ("", "-", "+", "--"), ("0", "1", "12", "01", "-1", "")
_FRACTIONS, _EXPONENTS = ("", ".5", ".0", ".", ".5."), ("", "e1", "E+1", "e-1", "e", "e+", "E1.0", "e1e1")
_STRANGE_NUMBERS = (
    "NaN", "nan", "Infinity", "-Infinity", "-NaN", "0x1F", "0b1", "0o7", "1_000", "1,000.5", "1 000", "- 1", "1e 1",
    "1f", "1L", "1.0m", "$1", "1/2", "１", "٣", "½", "1\u0660", "−1", "1e５",
)  # fmt: skip
_OPEN_NUMBERS = (
    "-0", "-0.0", "1e400", "-1e400", "1e-400", "0e99999999999", "1E+9999", "9" * 20, "-" + "9" * 20, "9" * 400,
    "9007199254740993", "18446744073709551616", "-9223372036854775809", "0." + "3" * 400, "1" + "0" * 400 + "e-400",
    "2.2250738585072011e-308", "4.9e-324", "1.7976931348623159e308",
)  # fmt: skip

_WORDS = ("true", "false", "null")
_STRANGE_WORDS = (
    "undefined", "None", "True", "nil", "yes", "a", "'a'", "`a`", "\\u0061", "new Date()", "function(){}", "/a/",
    '"a" + "b"', "{a:1}", "<b>", "@", "#", "&", "…", "“a”",
)  # fmt: skip

_OPEN_ESCAPES = (
    "\\u0000", "\\ud800", "\\udfff", "\\udc00\\ud800", "\\ud800\\ud800\\udc00", "\\ud83d\\u0041", "\\ud83dx",
    "\\ufffe", "\\uffff", "\\ufeff", "\\ud83f\\udffe", "\\u0000\\u0000",
)  # fmt: skip

_NONCHARACTERS = (0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF)

_BLANKS = ("\t", "\n", "\r", " ", "\r\n\r\n", " \t\r\n" * 20)
_NO_BLANKS = (
    "\v", "\f", "\b", "\0", "\x1b", "\x7f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u2029", "\u200b",
    "\u2060", "\u3000", "\ufeff", "\ue000", "\\n", "&nbsp;", "/**/", "//\n", "#\n", "--\n", "<!-- -->", ";", "\\",
)  # fmt: skip

_TOKENS = ('"a"', ":", "[", "1", ",", '"b"', "]", ",", '"c"', ":", "{", '"d"', ":", "null", "}", ",")
_OTHERS = ("{", "}", "[", "]", ":", ",", "1", '"e"', "=", ";", "'", '"')

_NOT_UTF_8 = (
    *(bytes([byte]) for byte in (0x80, 0xBF, 0xC0, 0xC1, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xF8, 0xFC, 0xFE, 0xFF)),
    b"\xc3", b"\xc3(", b"\xe2\x82", b"\xe2(\xa1", b"\xf0\x9f\x98", b"\xf0\x9f(\x80",  # begun and not ended
    b"\xc0\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xf0\x80\x80\xaf",  # overlong
    b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80",  # halves of pairs
    b"\xf4\x90\x80\x80", b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf",  # beyond the last
    b"\xbf\xbf\xbf\xbf", b"\xe9t\xe9", b"\xff\xfea\x00",  # no beginning; Latin-1; UTF-16
)  # fmt: skip


@dataclass(frozen=True)
class Forms:
    """What stands behind the opening brace: what every parser has to take, has to refuse, may do either with."""

    right: tuple[bytes, ...]
    wrong: tuple[bytes, ...]
    open: tuple[bytes, ...] = ()


@cache
def families() -> dict[str, Forms]:
    """All forms, by what they are about. Names never change once released."""
    return {
        "numbers": _sorted(map(_value, _numbers()), map(_value, _OPEN_NUMBERS)),
        "words": _sorted(map(_value, _words())),
        "escapes": _sorted(map(_text, _escapes()), map(_text, _OPEN_ESCAPES)),
        "characters": _sorted(map(_raw, _characters()), (_raw(chr(code).encode()) for code in _NONCHARACTERS)),
        "blanks": _sorted(_blanks()),
        "structure": _sorted("".join(tokens).encode() for tokens in _structures()),
    }


def _value(text: str) -> bytes:
    return b'"hookassay":%s,' % text.encode()


def _text(text: str) -> bytes:
    return _raw(b"a%sb" % text.encode())


def _raw(data: bytes) -> bytes:
    return b'"hookassay":"%s",' % data


def _sorted(forms: Iterable[bytes], open_: Iterable[bytes] = ()) -> Forms:
    """Each form on its side."""
    apart = tuple(open_)
    made = [form for form in dict.fromkeys(forms) if form not in apart]
    right = tuple(form for form in made if _is_json(b"{" + form + b'"z":0}'))
    return Forms(right, tuple(form for form in made if form not in set(right)), apart)


def _is_json(data: bytes) -> bool:
    """Whether it is JSON without any of the extensions of Python's parser."""
    try:
        json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except ValueError:
        return False
    return True


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _numbers() -> Iterator[str]:
    for parts in product(_SIGNS, _WHOLES, _FRACTIONS, _EXPONENTS):
        if text := "".join(parts):
            yield text
    yield from _STRANGE_NUMBERS


def _words() -> Iterator[str]:
    """The three words, and what is nearly one of them."""
    for word in _WORDS:
        yield from (word, word.upper(), word.capitalize(), word[:-1], word[1:], word + word[-1], word + word)
        yield from (f'"{word}', f"{word[0]} {word[1:]}", f"{word}\0", f"-{word}", f"{word}.x")
    yield from _STRANGE_WORDS


def _escapes() -> Iterator[str]:
    """A backslash before every character of ASCII, and `u` before too few, too many or other digits."""
    yield from (f"\\{chr(code)}" for code in range(0x20, 0x7F))
    yield from (f"\\{chr(code)}" for code in (*range(0x20), 0x7F, 0xE9, 0xAC00, 0x1F600))
    for digits in ("", "0", "00", "004", "0041", "00410", "00e9", "00E9", "aC00", "d83d\\ude00", "D83D\\uDE00"):
        yield f"\\u{digits}"
    for digits in ("004g", "g041", "0x41", "+041", "-041", " 041", "00 41", "{41}", "００４１", "U0041", "00٤1"):
        yield f"\\u{digits}"
    yield from ("\\U0041", "\\U0001F600", "\\x41", "\\101", "\\\\\\", "\\", "\\u00A")


def _characters() -> Iterator[bytes]:
    """Every control character raw, characters of every width, bytes that are no UTF-8."""
    yield from (b"a" + bytes([code]) + b"b" for code in range(0x20))
    for code in (0x20, 0x7F, 0x80, 0x85, 0xA0, 0xAD, 0x7FF, 0x800, 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD):
        yield chr(code).encode()
    for code in (0x10000, 0x1F600, 0x20BB7, 0xE0041, 0x10FFFD):
        yield chr(code).encode()
    for data in _NOT_UTF_8:
        yield data
        yield b"a" + data + b"b"


def _blanks() -> Iterator[bytes]:
    """What is a blank, and what only looks like one, in every place between two tokens."""
    for blank in (*_BLANKS, *_NO_BLANKS):
        for place in range(4):
            pieces: list[str] = ['"hookassay"', ":", "1", ","]
            pieces.insert(place, blank)
            yield "".join(pieces).encode()


def _structures() -> Iterator[list[Any]]:
    """A few members with every token left out, doubled, put behind the next one, or replaced by another."""
    yield list(_TOKENS)
    for at, token in enumerate(_TOKENS):
        before, behind = list(_TOKENS[:at]), list(_TOKENS[at + 1 :])
        yield [*before, *behind]
        yield [*before, token, token, *behind]
        yield [*before, *behind[:1], token, *behind[1:]]
        yield from ([*before, other, *behind] for other in _OTHERS)
