"""What the engine tells, in the reader's language: its sentences, its words for states, lengths of time.

Pages say it to their reader, and the API to the console's script, which names the language; else the API is English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hookassay.mockserver.emission.answer import duration
from hookassay.mockserver.engine.expectations import REACTIONS
from hookassay.mockserver.engine.recognition import NESTED
from hookassay.mockserver.engine.sentences import SENTENCES
from hookassay.mockserver.engine.texts import Told
from hookassay.mockserver.web import language
from hookassay.mockserver.web.language import gettext


@dataclass(frozen=True)
class Mark:
    """A state: a sign, a word, and how it is coloured (`good`, `bad`, `warn`, `wait`, `idle`)."""

    sign: str
    word: str
    tone: str


def reaction(name: object) -> Mark:
    """A reaction's mark; no reaction yet is *waiting*."""
    return {
        "taken": Mark("✓", gettext("taken"), "good"),
        "refused": Mark("✗", gettext("refused"), "bad"),
        "redirected": Mark("↪", gettext("redirected"), "bad"),
        "broke": Mark("!", gettext("broke"), "bad"),
        "silent": Mark("…", gettext("silent"), "bad"),
    }.get(str(name), Mark("·", gettext("no answer yet"), "wait"))


def outcome(name: str) -> Mark:
    """The mark of what the vendor makes of a delivery."""
    return {
        "delivered": Mark("✓", gettext("delivered"), "good"),
        "again": Mark("↻", gettext("again later"), "warn"),
        "given-up": Mark("✗", gettext("given up"), "bad"),
        "off": Mark("⏻", gettext("switched off"), "bad"),
        "cancelled": Mark("–", gettext("cancelled"), "idle"),
        "not-sent": Mark("∅", gettext("not sent"), "idle"),
    }.get(name, Mark("·", gettext("waiting"), "wait"))


def local(texts: Mapping[str, str], fallback: str = "") -> str:
    """A text of a provider's data in the reader's language, else in English."""
    return texts.get(language.current()) or texts.get("en") or fallback


def span(seconds: float) -> str:
    """A length of time for people: `12 ms`, `8 min`, `6 d 23 h`."""
    if seconds < 60:
        whole = seconds >= 10 or seconds == round(seconds) > 0
        return gettext("%(count)s s", count=round(seconds)) if whole else duration(seconds)
    minutes = round(seconds / 60)
    if minutes < 60:
        return gettext("%(count)s min", count=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        text = gettext("%(count)s h", count=hours)
        return f"{text} {gettext('%(count)s min', count=minutes)}" if minutes else text
    days, hours = divmod(hours, 24)
    text = gettext("%(count)s d", count=days)
    return f"{text} {gettext('%(count)s h', count=hours)}" if hours else text


def exact(seconds: float) -> str:
    """A length of time to the second: `8 min 32 s`."""
    minutes, rest = divmod(round(seconds), 60)
    text = span(minutes * 60) if minutes else ""
    return " ".join(part for part in (text, gettext("%(count)s s", count=rest) if rest or not minutes else "") if part)


def fault(kind: str) -> str:
    """A kind of fault, in words."""
    return {
        "lose-answer": gettext("answer lost"),
        "answer-as": gettext("answer replaced"),
        "duplicate": gettext("sent twice"),
        "delay": gettext("delayed"),
        "reorder": gettext("shuffled"),
        "burst": gettext("burst"),
        "wrong-signature": gettext("signed wrongly"),
        "old-secret": gettext("signed with the old secret"),
        "truncated-body": gettext("body cut off"),
    }.get(kind, kind)


def told(text: str) -> str:
    """What the engine tells, in the reader's language; any other text as it is, unless the catalogue knows it."""
    if not isinstance(text, Told):
        return gettext(text) if text else text
    return gettext(SENTENCES[text.code], **{name: _part(name, value) for name, value in text.values.items()})


def _part(name: str, value: Any) -> Any:
    """A value of a sentence: another sentence, a length of time, a text by language, a state."""
    if isinstance(value, Told):
        return told(value)
    if isinstance(value, Mapping):
        return local(value)
    if name == "length":
        return exact(value / 1e9)
    if name == "kind":
        return fault(str(value))
    if name in ("expected", "now"):
        return state(str(value))
    return told(value) if name in NESTED else value


def said(text: str) -> str:
    """A text as the API answers with it: in the language that the console's script has named, else in English."""
    return told(text) if language.is_named() else str(text)


def state(name: str) -> str:
    """A reaction or an outcome, as a scenario expects it, in a word."""
    return (reaction(name) if name in REACTIONS else outcome(name)).word
