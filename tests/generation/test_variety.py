"""What a thousand cases reach: members in and out, values, lengths, times, characters."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from hookassay.mockserver.emission.mutation.text import TAKEN
from tests.generation.conftest import AT, generator

CASES = 1000
LENGTHS = (0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 63, 64, 127, 255, 256, 1024)


def documents(provider: str, event: str, count: int = CASES) -> list[Any]:
    made = generator(provider, event)
    return [json.loads(made.valid(2, index, AT)) for index in range(count)]


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts(inner)


def test_every_combination_of_optional_members() -> None:
    """Eight optional members of a session: all 256 combinations, in the wide cases of as few indices as can be."""
    optional = ("inprogressTime", "userGroups", "assigneeType", "assigneeId", "categories", "tags", "note", "meta")
    sessions = [document["session"] for document in documents("gitple", "session_state_close", 512)]
    assert len({tuple(name in session for name in optional) for session in sessions}) == 256


def test_values_and_branches() -> None:
    """Every enumerated value, every branch of a union, arrays empty, of one and of many."""
    sessions = [document["session"] for document in documents("gitple", "session_state_close")]
    assert {session.get("assigneeType") for session in sessions} == {None, "agent", "bot"}
    assert {"userCancel", "agent"} < {session["reason"] for session in sessions}
    values = [entry["value"] for session in sessions for entry in session.get("meta", ())]
    assert {type(value) for value in values} == {str, list, type(None)}
    counts = {len(session["tags"]) for session in sessions if "tags" in session}
    assert {0, 1, 2, 3} < counts and max(counts) >= 40


def test_lengths() -> None:
    """Texts have the lengths at which buffers and columns end, the empty one and ten thousand among them."""
    found = {len(text) for document in documents("gitple", "session_state_close", 3000) for text in texts(document)}
    assert set(LENGTHS) <= found
    assert 10_000 in found


def test_kinds_of_characters() -> None:
    """Scripts, emoji, combining marks, directions, invisible ones, other planes: what software treats apart."""
    joined = "".join(text for document in documents("gitple", "session_state_close") for text in texts(document))
    present = set(joined)
    categories = {unicodedata.category(character) for character in present}
    assert {"Lo", "Lu", "Ll", "Mn", "Mc", "Nd", "So", "Sc", "Cf", "Cc", "Co", "Zs", "Zl", "Zp", "Pd"} <= categories
    names = " ".join(unicodedata.name(character, "") for character in present)
    for script in ("HANGUL SYLLABLE", "HANGUL CHOSEONG", "HIRAGANA", "KATAKANA", "CJK", "ARABIC", "HEBREW", "CYRILLIC",
                   "GREEK", "THAI", "DEVANAGARI", "HALFWIDTH", "EMOJI MODIFIER", "REGIONAL INDICATOR"):  # fmt: skip
        assert script in names
    assert max(map(ord, present)) > 0xFFFF
    assert not {"\0"} & present and not any(0xD800 <= ord(character) <= 0xDFFF for character in present)
    assert sum(text in joined for text in TAKEN.values()) > len(TAKEN) * 0.9


def test_spellings() -> None:
    """Some bodies have texts written with escapes, some raw."""
    made = generator("gitple", "session_state_close")
    bodies = [made.valid(2, index, AT) for index in range(200)]
    assert any(b"\\u" in body for body in bodies) and any(not body.isascii() for body in bodies)


def test_times() -> None:
    """The send-time is now but in one of sixteen wide cases; other times have the edges of calendars."""
    made = documents("gitple", "session_state_close", 2000)
    now = [document["ctime"] == "2024-01-01T00:00:00.000Z" for document in made]
    assert 0.93 < sum(now) / len(now) < 0.98
    opened = {document["session"]["openTime"] for document in made}
    for edge in ("1970-01-01T00:00:00", "2000-02-29", "2038-01-19T03:14:08", "9999-12-31T23:59:59", "T23:59:59.999Z"):
        assert any(edge in time for time in opened), edge


def test_extra_members() -> None:
    """Members that nobody has documented, in fewer than a third of the cases, at every object, of any depth."""
    known = {"triggerId", "ctime", "appCode", "type", "session"}
    made = documents("gitple", "session_state_close")
    extra = [document[name] for document in made for name in document if name not in known]
    assert extra and any(isinstance(value, dict) for value in extra) and any(isinstance(value, list) for value in extra)
    assert len(extra) < CASES / 3


def test_sizes() -> None:
    """Payloads are mostly small; long ones come."""
    made = generator("livechat", "chat_ended")
    sizes = sorted(len(made.valid(2, index, AT)) for index in range(CASES))
    assert sizes[CASES // 2] < 3_000 and sizes[-1] > 10_000
