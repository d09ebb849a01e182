"""How much a thousand payloads differ, beside what others make of the same schema.

What is counted is what the contract tells apart (which optional members are there, the edges of each member) and
what software does (lengths of texts, edges of calendars, kinds of characters); members that the schema does not
know are not looked at, nor are the owner's ids, which are the same in all that a vendor sends to one customer. Each
row is ours ÷ the best of the others.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.fuzz import peers
from benchmarks.fuzz.generating import AT, EVENT, PROVIDER
from benchmarks.fuzz.measure import Figure
from hookassay.mockserver.emission import generation
from hookassay.mockserver.emission.generation.leaves import CONSTANT_ROLES
from hookassay.schemas import catalogue, members

COUNT = 1000
OURS = "hookassay"
OBJECT = "/session"
"""The object with the most optional members."""

LENGTHS = (0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 63, 64, 127, 255, 256, 1024)
TIMES = (
    "^1970-01-01T00:00:00",
    "-02-29T",
    r"^2038-01-19T03:14:0[78]",
    "^9999-12-31T23:59:59",
    r"T[0-9:]{8}\.0+Z",
    r"T23:59:59\.9+Z",
)
"""The first second, a leap day, the last second of 32 bits and of four digits, no fraction, and the whole of one."""

KINDS = {
    "Latin beyond ASCII": "[À-ɏ]",
    "Greek": "[Α-ω]",
    "Cyrillic": "[А-я]",
    "Hebrew": "[א-ת]",
    "Arabic": "[ء-ي]",
    "Devanagari": "[ऄ-ह]",
    "Thai": "[ก-๎]",
    "Hangul syllables": "[가-힣]",
    "Hangul jamo": "[ᄀ-ᇿ]",
    "Hangul letters": "[ㄱ-ㆎ]",
    "Hiragana": "[ぁ-ゖ]",
    "Katakana": "[ァ-ヺ]",
    "half-width forms": "[｡-ￜ]",
    "CJK": "[一-鿿]",
    "CJK beyond 16 bits": "[\U00020000-\U0003134f]",
    "emoji": "[\U0001f600-\U0001f64f]",
    "emoji joined": "[\U0001f300-\U0001faff]\ufe0f?\u200d",
    "skin tones": "[\U0001f3fb-\U0001f3ff]",
    "flags": "[\U0001f1e6-\U0001f1ff]{2}",
    "combining marks": "[a-zA-Z][\u0300-\u036f]",
    "invisible": "[\u200b-\u200d\u2060\ufeff]",
    "directions": "[\u202a-\u202e\u2066-\u2069]",
    "line separators": "[\u2028\u2029\u0085]",
    "blanks beyond ASCII": "[\u00a0\u2000-\u200a\u3000]",
    "controls": "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]",
    "private use": "[\ue000-\uf8ff]",
    "noncharacters": "[\ufdd0-\ufdef\ufffe\uffff]",
}
"""Characters that software treats apart, each as a pattern of what has to occur."""


def figures(full: bool) -> Iterator[Figure]:
    """The rows. Peers that are not installed are left out, and told."""
    event = catalogue.load(PROVIDER).events[EVENT]
    made = generation.compiled(catalogue.load(PROVIDER), EVENT)
    seen: dict[str, dict[str, int]] = {
        OURS: measured(event.expanded, [json.loads(made.valid(1, index, AT)) for index in range(COUNT)])
    }
    for name, payloads in peers.ALL.items():
        try:
            seen[name] = measured(event.expanded, payloads(event.expanded, COUNT))
        except ImportError:
            yield Figure(f"variety: {name} is not installed", "-", "≥ 1", "benchmarks/fuzz/requirements.txt")
    for column in seen[OURS]:
        best = max((counts[column] for name, counts in seen.items() if name != OURS), default=0)
        told = "; ".join(f"{name} {counts[column]}" for name, counts in seen.items())
        yield Figure(f"{COUNT} payloads: {column}", f"{seen[OURS][column] / max(1, best):.2f}", "≥ 1", told)


def measured(schema: Mapping[str, Any], documents: Sequence[Any]) -> dict[str, int]:
    """What so many documents reach, by column."""
    walked = (members.walk(schema, document) for document in documents)
    known = [[member for member in found if member.schema and member.role not in CONSTANT_ROLES] for found in walked]
    optional = [name for name in _at(schema)["properties"] if name not in _at(schema)["required"]]
    masks = {tuple(name in document[OBJECT[1:]] for name in optional) for document in documents}
    texts = {member.value for found in known for member in found if isinstance(member.value, str)}
    times = {str(member.value) for found in known for member in found if member.schema.get("format") == "date-time"}
    joined = "\n".join(texts)
    return {
        f"combinations of {len(optional)} optional members, of {2 ** len(optional)}": len(masks),
        f"lengths of texts, of {len(LENGTHS)}": len({len(text) for text in texts}.intersection(LENGTHS)),
        f"edges of times, of {len(TIMES)}": sum(any(re.search(edge, time) for time in times) for edge in TIMES),
        "edges of members": len({edge for found in known for member in found for edge in _edges(member)}),
        f"kinds of characters, of {len(KINDS)}": sum(bool(re.search(kind, joined)) for kind in KINDS.values()),
        "general categories of Unicode, of 29": len({unicodedata.category(character) for character in joined}),
        "different payloads": len({json.dumps(document) for document in documents}),
    }


def _at(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema["properties"][OBJECT[1:]]
    return found


def _edges(member: members.Member) -> Iterator[tuple[str, object]]:
    """The edges that a member is at: its type, an enumerated value, the least and the most that it may be."""
    place, schema, value = re.sub("/[0-9]+", "/*", member.pointer), member.schema, member.value
    yield place, type(value).__name__
    if value in schema.get("enum", ()):
        yield place, f"= {value}"
    if isinstance(value, str):
        yield from ((place, f"length {edge}") for edge in {0, *_bounds(schema, "Length")} if len(value) == edge)
    elif isinstance(value, list):
        yield from ((place, f"items {edge}") for edge in {0, 1, *_bounds(schema, "Items")} if len(value) == edge)
        if len(value) > 1:
            yield place, "many items"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from ((place, f"{name}") for name in ("minimum", "maximum") if schema.get(name) == value)


def _bounds(schema: Mapping[str, Any], of: str) -> Iterator[int]:
    yield from (schema[name] for name in (f"min{of}", f"max{of}") if name in schema)
