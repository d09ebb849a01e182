"""How one JSON document differs from another, place by place."""

from __future__ import annotations

from collections.abc import Iterator

from hookassay.mockserver.engine.model import Difference
from hookassay.schemas.contract import Json


def differences(before: Json, after: Json, path: str = "") -> Iterator[Difference]:
    """Every place where `after` is not `before`: changed, added or removed, as dotted paths."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            here = f"{path}.{key}" if path else str(key)
            if key not in after:
                yield Difference(here, before[key], None, "removed")
            elif key not in before:
                yield Difference(here, None, after[key], "added")
            else:
                yield from differences(before[key], after[key], here)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            here = f"{path}.{index}"
            if index >= len(after):
                yield Difference(here, before[index], None, "removed")
            elif index >= len(before):
                yield Difference(here, None, after[index], "added")
            else:
                yield from differences(before[index], after[index], here)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield Difference(path, before, after, "changed")
