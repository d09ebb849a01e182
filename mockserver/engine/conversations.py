"""Which conversation an occurrence belongs to, and what the search finds it by."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator

from hookassay.schemas import members
from hookassay.schemas.contract import Json, Provider

_LONGEST = 20_000
_LONGEST_KEY = 500


def key_of(provider: Provider, document: Json) -> str | None:
    """The value at the provider's order key, as text; None where the document has none."""
    trait = provider.traits.get("order")
    if not trait or "key" not in trait:
        return None
    try:
        value = members.lookup(document, str(trait["key"]))
    except KeyError:
        return None
    return None if value is None or isinstance(value, (dict, list)) else storable(str(value))[:_LONGEST_KEY]


def order_rule(provider: Provider) -> str:
    """`strict`, `until-failure` or `none`."""
    return str(provider.traits.get("order", {}).get("rule", "none"))


def storable(text: str) -> str:
    """Text as the database can keep it: half a surrogate pair, which JSON can escape, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def folded(text: str) -> str:
    """Text as the search compares it: canonically composed, case folded."""
    return unicodedata.normalize("NFC", text).casefold()


def searchable(document: Json, headers: Iterable[tuple[str, str]] = ()) -> str:
    """Everything in a payload and its headers that words can be searched in: keys and values, decoded."""
    parts = [*texts(document), *(f"{name}: {value}" for name, value in headers)]
    return storable(folded("\n".join(parts))[:_LONGEST])


def texts(value: Json) -> Iterator[str]:
    """The strings and numbers of a document, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def parsed(data: bytes) -> Json:
    """A body's document, or None where it is no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
