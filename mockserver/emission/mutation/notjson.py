"""Bodies that are not the JSON they should be: not JSON at all, JSON of another kind, hostile JSON.

Each is made from a right body, so that nothing else is wrong with it. Sources: RFC 8259, and what
frameworks were measured to do with each (docs/field-evidence.md, part c).
"""

from __future__ import annotations

from collections.abc import Callable

from hookassay.mockserver.emission.spelling import Body

Change = Callable[[Body], Body]


def _quotes(body: Body) -> Body:
    return body.whole(body.data.replace(b'"', b"'"))


def _first_member(addition: bytes) -> Change:
    """The object with something put before its first member."""
    return lambda body: body.splice(1, 1, addition)


def _before_end(addition: bytes) -> Change:
    """The object with something put before its closing brace."""
    return lambda body: body.splice(len(body.data) - 1, len(body.data) - 1, addition)


def _transcoded(encoding: str) -> Change:
    return lambda body: body.whole(body.data.decode("utf-8").encode(encoding, "replace"))


NOT_JSON: dict[str, Change] = {
    "truncated": lambda body: body.cut(len(body.data) * 2 // 3),
    "truncated-early": lambda body: body.cut(8),
    "one-byte-short": lambda body: body.cut(len(body.data) - 1),
    "trailing-text": lambda body: body.surround(after=b" and more"),
    "trailing-brace": lambda body: body.surround(after=b"}"),
    "two-documents": lambda body: body.whole(body.data + b"\n" + body.data),
    "single-quotes": _quotes,
    "comment": _first_member(b"/* note */"),
    "line-comment": _first_member(b"// note\n"),
    "trailing-comma": _before_end(b","),
    "unquoted-key": _first_member(b"hookassay:1,"),
    "nan": _first_member(b'"hookassay":NaN,'),
    "infinity": _first_member(b'"hookassay":-Infinity,'),
    "python-literals": _first_member(b'"hookassay":None,"x":True,'),
    "leading-zero": _first_member(b'"hookassay":012,'),
    "hex-number": _first_member(b'"hookassay":0x1F,'),
    "raw-newline-in-text": _first_member(b'"hookassay":"a\nb",'),
    "raw-nul": _first_member(b'"hookassay":"a\x00b",'),
    "bad-escape": _first_member(b'"hookassay":"\\x41",'),
    "bom": lambda body: body.surround(before=b"\xef\xbb\xbf"),
    "invalid-utf-8": _first_member(b'"hookassay":"\xff\xfe\xc3(",'),
    "overlong-utf-8": _first_member(b'"hookassay":"\xc0\xaf",'),
    "surrogate-utf-8": _first_member(b'"hookassay":"\xed\xa0\x80",'),
    "utf-16": _transcoded("utf-16"),
    "utf-32": _transcoded("utf-32"),
    "latin-1": _first_member(b'"hookassay":"caf\xe9",'),
    "empty": lambda body: Body(b""),
    "blanks": lambda body: Body(b" \r\n\t "),
    "one-brace": lambda body: Body(b"{"),
    "word": lambda body: Body(b"hello"),
    "form": lambda body: Body(b"type=event&id=1"),
    "xml": lambda body: Body(b"<?xml version='1.0'?><event/>"),
    "nuls": lambda body: Body(b"\0" * 64),
    "random-bytes": lambda body: Body(bytes((i * 197 + 91) % 256 for i in range(512))),
}

"""Bodies that are not JSON, or not in UTF-8 (RFC 8259 section 8.1)."""

NOT_AN_OBJECT: dict[str, bytes] = {
    "array": b"[]",
    "array-of-object": b'[{"type":"event"}]',
    "array-of-null": b"[null]",
    "string": b'"event"',
    "number": b"1",
    "true": b"true",
    "false": b"false",
    "null": b"null",
    "empty-object": b"{}",
}
"""Bodies that are JSON, but no event."""


def _nested(depth: int, opening: bytes, closing: bytes, core: bytes = b"1") -> bytes:
    return b'"hookassay":' + opening * depth + core + closing * depth + b","


HOSTILE: dict[str, Change] = {
    "deep-arrays-1000": _first_member(_nested(1_000, b"[", b"]")),
    "deep-arrays-20000": _first_member(_nested(20_000, b"[", b"]")),
    "deep-arrays-100000": _first_member(_nested(100_000, b"[", b"]")),
    "deep-objects-20000": _first_member(_nested(20_000, b'{"a":', b"}")),
    "deep-unclosed": lambda body: Body(b"[" * 50_000),
    "huge-integer": _first_member(b'"hookassay":' + b"9" * 5_000 + b","),
    "huge-exponent": _first_member(b'"hookassay":1e400,'),
    "huge-negative-exponent": _first_member(b'"hookassay":-1e-400,'),
    "int64-overflow": _first_member(b'"hookassay":9223372036854775808,'),
    "twenty-digits": _first_member(b'"hookassay":12345678901234567890,'),
    "many-decimals": _first_member(b'"hookassay":0.' + b"1" * 2_000 + b","),
    "duplicate-member": _first_member(b'"hookassay":1,"hookassay":2,'),
    "lone-surrogate": _first_member(b'"hookassay":"\\ud800",'),
    "lone-surrogate-key": _first_member(b'"\\udc00":1,'),
    "nul-in-key": _first_member(b'"a\\u0000b":1,'),
    "nul-in-text": _first_member(b'"hookassay":"a\\u0000b",'),
    "proto-key": _first_member(b'"__proto__":{"admin":true,"toString":1},'),
    "constructor-key": _first_member(b'"constructor":{"prototype":{"x":1}},"hasOwnProperty":1,"toString":null,'),
    "empty-key": _first_member(b'"":1,'),
    "dollar-key": _first_member(b'"$where":"1","a.b":1,"a[b]":1,'),
    "long-key": _first_member(b'"' + b"k" * 50_000 + b'":1,'),
    "ten-thousand-keys": _first_member(b"".join(b'"k%d":%d,' % (i, i) for i in range(10_000))),
    "long-array": _first_member(b'"hookassay":[' + b"0," * 20_000 + b"0],"),
    "long-text": _first_member(b'"hookassay":"' + b"a" * 500_000 + b'",'),
}
"""Bodies that are JSON, with something in an unknown first member that software breaks on."""

FOR_LONG_RUNS: dict[str, Change] = {
    "deep-arrays-100": _first_member(_nested(100, b"[", b"]")),
    "deep-objects-1000": _first_member(_nested(1_000, b'{"a":', b"}")),
    "long-text-1-MB": lambda body: _long_text(1_000_000)(body),
    "long-text-10-MB": lambda body: _long_text(10_000_000)(body),
}
"""More of the same, for the fuzzer alone: every case of the battery is a request that somebody waits for."""


def _long_text(length: int) -> Change:
    return _first_member(b'"hookassay":"' + b"a" * length + b'",')


def duplicated(member: bytes, value: bytes, first: bool) -> Change:
    """The object with a member given twice: ours first, or ours last (most parsers keep the last)."""
    addition = b'"%s":%s' % (member, value)
    return _first_member(addition + b",") if first else _before_end(b"," + addition)
