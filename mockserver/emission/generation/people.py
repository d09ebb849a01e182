"""Invented people and what they write (`people.toml`): whoever takes part in realistic deliveries."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from hookassay.mockserver.emission.generation.entropy import Draw, below, draws, key, pick
from hookassay.schemas.catalogue import read_toml

_DATA = read_toml(Path(__file__).with_suffix(".toml"))
_SHARES = ("ko", "ko", "ko", "ko", "ja", "ja", "en", "en", "zh", "vi")
"""How often each language comes: whose vendors these are."""

KINDS: dict[str, str] = {name: kind for kind, names in _DATA["person"].items() for name in names}
"""A member's name → what of a person it holds."""


@dataclass(frozen=True)
class Person:
    """Somebody: name, address and telephone belong together, and so does what they write."""

    language: str
    name: str
    email: str
    phone: str

    def sentence(self, draw: Draw) -> str:
        """Something that they write."""
        return pick(draw, _DATA["languages"][self.language]["sentences"])

    @property
    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "email": self.email, "phone": self.phone, "lang": self.language}


def languages() -> tuple[str, ...]:
    """The languages that people write in here."""
    return tuple(_DATA["languages"])


def person(draw: Draw, language: str = "") -> Person:
    """Somebody, of a language or of any."""
    language = language or pick(draw, _SHARES)
    data = _DATA["languages"][language]
    place = below(draw, len(data["given"]))
    name = data["join"].format(family=pick(draw, data["families"]), given=data["given"][place])
    email = f"{data['latin'][place]}{draw() % 1000}@{pick(draw, ('shop', 'mail', 'work'))}.example"
    phone = re.sub(r"\{([0-9])\}", lambda found: _digits(draw, int(found[1])), pick(draw, data["phones"]))
    return Person(language, name, email, phone)


@lru_cache(maxsize=1)
def crowd() -> tuple[Person, ...]:
    """A thousand people, out of whom the casts of cases are taken."""
    return tuple(person(draws(key(0, "people"), place)) for place in range(1024))


@lru_cache(maxsize=16)
def encoded_sentences(language: str) -> tuple[bytes, ...]:
    """What people of a language write, as JSON."""
    return tuple(encode_basestring(text).encode() for text in _DATA["languages"][language]["sentences"])


def is_person(names: Collection[str]) -> bool:
    """Whether an object with such members is a person: two kinds of what people have."""
    return len({KINDS[name] for name in names if name in KINDS}) > 1


def _digits(draw: Draw, count: int) -> str:
    return "".join(str(draw() % 10) for _ in range(count))
