"""Reading the JSON that a user names: files or standard input, one document or one a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hookassay.cli.faults import Fault
from hookassay.schemas.contract import Json

_BOM = b"\xef\xbb\xbf"


class NotJson(Exception):
    """Text that is no JSON: one line that says what is wrong, and where."""


@dataclass(frozen=True)
class Document:
    """A document and where it stands; `line` counts from 1 where a file has one on each line, else it is 0.

    `problem` is set, and `value` is not, where the text is no JSON.
    """

    file: str
    line: int
    value: Json = None
    problem: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def read(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`. Raises Fault with one line for what cannot be read."""
    if name == "-":
        if sys.stdin is None:
            raise Fault("-: there is no standard input to read")
        return sys.stdin.buffer.read()
    if not name:
        raise Fault("the name of a file is empty (an unset variable?)")
    path = Path(name)
    try:
        if path.is_dir():
            raise Fault(f"{name}: is a folder; name the files in it ({name.rstrip('/')}/*.json)")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise Fault(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def documents(name: str) -> Iterator[Document]:
    """Every document of a file: it is one JSON text, or one on each line (NDJSON)."""
    data = read(name)
    shown = "standard input" if name == "-" else name
    try:
        text = _text(data)
    except NotJson as error:
        yield Document(shown, 0, problem=str(error))
        return
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and _is_json(lines[0][1]) and not _is_json(text):
        for number, line in lines:
            yield _document(shown, number, line)
    else:
        yield _document(shown, 0, text)


def _document(file: str, line: int, text: str) -> Document:
    try:
        return Document(file, line, parse(text, of_line=bool(line)))
    except NotJson as error:
        return Document(file, line, problem=str(error))


def parse(text: str, of_line: bool = False) -> Json:
    """A JSON value, strictly: NaN and Infinity are none. Raises NotJson."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if of_line else f"line {error.lineno}, column {error.colno}"
        raise NotJson(f"is not JSON: {where}: {error.msg}") from error
    except RecursionError as error:
        raise NotJson("is nested too deep to be read") from error
    except ValueError as error:
        raise NotJson(f"is not JSON that can be read: {error}") from error


def _text(data: bytes) -> str:
    """The text of a file. Raises NotJson for what no JSON text can be."""
    if data.startswith(_BOM):
        raise NotJson(
            "begins with a byte order mark, which JSON has not (RFC 8259 section 8.1): save it as UTF-8 without BOM"
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotJson("is UTF-16: save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotJson(f"is not UTF-8: line {line}: byte 0x{data[error.start]:02x} at offset {error.start}") from error
    if not text.strip():
        raise NotJson("is empty" if not text else "holds nothing but blanks")
    return text


def _is_json(text: str) -> bool:
    try:
        parse(text)
    except NotJson:
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")
