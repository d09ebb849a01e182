"""The console's Korean is whole, fresh and fills the same places as the English."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("babel")
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from hookassay.mockserver import web
from hookassay.mockserver.emission.causes import KEY_READINGS, hypotheses
from hookassay.mockserver.emission.mutation import signature, token
from hookassay.mockserver.engine import recognition
from hookassay.mockserver.engine.sentences import SENTENCES
from hookassay.mockserver.engine.texts import Told

FOLDER = Path(web.__file__).resolve().parent
KOREAN = FOLDER / "translations" / "ko" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true"}}
PLACE = re.compile(r"%\((\w+)\)s")


def causes_and_forgeries() -> Iterator[str]:
    """What the engine hands on of likely bugs, and of what is wrong on purpose."""
    for does in [*(bug.text for bug in hypotheses()), *(text for _, text, _ in KEY_READINGS)]:
        yield recognition.cause(f"your receiver {does}")
    for why in [*(forgery.why for forgery in signature.FORGERIES), *(wrong.why for wrong in token.TOKENS)]:
        yield recognition.label(f"wrong on purpose: {why}")


def plain(text: str) -> Iterator[str]:
    """What stands in a sentence to be looked up as it is: a text without values; a name is the same everywhere."""
    if isinstance(text, Told):
        for name, value in text.values.items():
            yield from plain(value) if name in recognition.NESTED else ()
    elif " " in text:
        yield text


def test_every_text_is_translated() -> None:
    """Each text of pages, templates and engine has its Korean, and none stands there for a text that is gone."""
    found = {entry[2] for entry in extract_from_dir(FOLDER, METHODS, OPTIONS)} | set(SENTENCES.values())
    found.update(part for text in causes_and_forgeries() for part in plain(text))
    with (KOREAN / "messages.po").open("rb") as file:
        known = {str(message.id): str(message.string) for message in read_po(file, locale="ko") if message.id}
    assert len(found) > 200
    assert set(known) == found
    for english, korean in known.items():
        assert korean, english
        assert set(PLACE.findall(english)) == set(PLACE.findall(korean)), english


def test_the_compiled_file_is_fresh() -> None:
    """What ships says what its source says (`pybabel compile` makes it)."""
    with (KOREAN / "messages.po").open("rb") as file:
        source = {message.id: message.string for message in read_po(file, locale="ko") if message.id}
    compiled = read_mo(io.BytesIO((KOREAN / "messages.mo").read_bytes()))
    assert {message.id: message.string for message in compiled if message.id} == source
