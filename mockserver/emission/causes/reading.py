"""Messages made of a body's text, for the modules of the message axis."""

from __future__ import annotations

from collections.abc import Callable

from hookassay.mockserver.emission.causes.hypothesis import Message


def as_text(change: Callable[[str], bytes | str | None]) -> Message:
    """A message made of the body's text; None where the body is not UTF-8."""

    def message(body: bytes) -> bytes | None:
        try:
            changed = change(body.decode("utf-8"))
        except UnicodeError:
            return None
        return changed.encode("utf-8", "surrogatepass") if isinstance(changed, str) else changed

    return message


def units(text: str) -> list[int]:
    """The UTF-16 units of a text, as JavaScript, Java and .NET count its characters."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]
