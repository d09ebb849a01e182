"""validate."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookassay.schemas import catalogue

EVENT = "session_state_close"


@pytest.fixture
def right() -> dict[str, object]:
    """A valid document."""
    document = catalogue.load("gitple").events[EVENT].full.document
    assert isinstance(document, dict)
    return dict(document)


def written(path: str, *documents: object) -> str:
    Path(path).write_text("\n".join(json.dumps(one) for one in documents) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("provider", list(catalogue.find()))
def test_every_example_is_valid_and_known_by_itself(run: Callable[..., Any], provider: str) -> None:
    """Each shipped example is judged valid, by the event that it is an example of."""
    folder = catalogue.OURS / provider / "examples"
    files = sorted(str(path) for path in folder.glob("*.json"))
    told = json.loads(run("validate", provider, *files, "--json").out)
    assert [one["event"] for one in told] == [Path(file).name.split(".")[0] for file in files]
    assert all(one["valid"] for one in told)


def test_a_valid_file_is_one_line(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """A valid document ends with 0 and says which event it is."""
    said = run("validate", "gitple", written("a.json", right))
    assert (said.status, said.out, said.err) == (0, f"a.json: a valid {EVENT}\n", "")


def test_what_is_wrong_is_said_with_path_and_rule(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """Each fault is a line with file, event, path, message and the rule that says so."""
    right["session"] = {**right["session"], "id": 5}
    del right["session"]["userId"]
    said = run("validate", "gitple", written("a.json", right))
    assert said.status == 1
    first, second = said.out.splitlines()
    assert re.fullmatch(rf"a\.json: {EVENT}: \$\.session: 'userId' .*required.* \(required\)", first)
    assert re.fullmatch(rf"a\.json: {EVENT}: \$\.session\.id: 5 .*string.* \(type: string\)", second)


def test_ndjson_is_judged_line_by_line(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """In NDJSON a fault names its line, blank lines count, and the end counts what is valid."""
    Path("a.ndjson").write_text(
        "\n".join((json.dumps(right), "", json.dumps({**right, "session": 5}), "{", json.dumps(right))),
        encoding="utf-8",
    )
    said = run("validate", "gitple", "a.ndjson")
    assert said.status == 1
    assert f"a.ndjson:3: {EVENT}: $.session: 5 " in said.out
    assert said.err.startswith("a.ndjson:4: is not JSON: column 2")
    assert said.out.endswith("a.ndjson: 2 of 4 documents are valid\n")


def test_a_document_over_several_lines_is_one_document(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """Indented JSON is one document, and not NDJSON that is broken."""
    Path("a.json").write_text(json.dumps(right, indent=2), encoding="utf-8")
    assert run("validate", "gitple", "a.json").status == 0


def test_standard_input(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """`-` reads standard input."""
    said = run("validate", "gitple", "-", input=json.dumps(right))
    assert said.out == f"standard input: a valid {EVENT}\n"


def test_show_piped_into_validate(process: Callable[..., Any]) -> None:
    """What `show --fresh` prints is valid."""
    shown = process("show", "livechat", "chat_ended", "--fresh").out
    assert process("validate", "livechat", "-", input=shown).status == 0


def test_an_unknown_event_name_has_its_nearest(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """A document that names no event of the provider is told the nearest one."""
    said = run("validate", "gitple", written("a.json", {**right, "type": "session_state_closed"}))
    assert f"$.type: \"session_state_closed\" is no event of gitple (did you mean '{EVENT}'?)" in said.out
    assert said.status == 1


def test_a_missing_name_is_told(run: Callable[..., Any]) -> None:
    """A document without the member that names the event is told which member that is."""
    said = run("validate", "gitple", written("a.json", {"session": {}}))
    assert "$: has no 'type', which names the event" in said.out


def test_the_event_is_found_by_its_schema_where_no_member_names_it(run: Callable[..., Any]) -> None:
    """GBM's events have no name in them: the one that knows most of the document's members is meant."""
    said = run("validate", "gbm", written("a.json", {"message": {}}))
    assert "a.json: message: $: 'agent' is" in said.out


def test_event_forces_one(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """`--event` judges by that event, whatever the document says."""
    said = run("validate", "gitple", "--event", "session_state_open", written("a.json", right))
    assert said.status == 1
    assert "a.json: session_state_open: $.type:" in said.out


@pytest.mark.parametrize("document", [[1], "text", 5, None, True])
def test_what_is_no_object_is_said_to_be_none(run: Callable[..., Any], document: object) -> None:
    """JSON of another kind than an object is told so."""
    said = run("validate", "gitple", written("a.json", document))
    assert "where every event of gitple is an object (type: object)" in said.out
    assert said.status == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "holds nothing but blanks"),
        (b"\xef\xbb\xbf{}", "begins with a byte order mark"),
        ("{}".encode("utf-16"), "is UTF-16"),
        (b'{"a":\n"\xff"}', "is not UTF-8: line 2: byte 0xff at offset 7"),
        (b'{\n "a": 1,\n b}', "is not JSON: line 3, column 2"),
        (b'{"a": NaN}', "NaN is no JSON value"),
        (b"[" * 200_000, "is nested too deep"),
        (b"1" * 5_000, "is not JSON that can be read"),
    ],
)
def test_what_is_no_json_is_one_line(run: Callable[..., Any], data: bytes, words: str) -> None:
    """Bytes that are no JSON text are one line on standard error: where, and what is wrong."""
    Path("a.json").write_bytes(data)
    said = run("validate", "gitple", "a.json")
    assert said.status == 1
    assert said.err.count("\n") == 1
    assert said.err.startswith("a.json: ") and words in said.err


def test_a_file_that_cannot_be_read_does_not_hide_the_others(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """The other files are judged, and the status says that one could not be read."""
    said = run("validate", "gitple", "missing.json", written("a.json", right))
    assert said.status == 2
    assert said.err == "hookassay: missing.json: cannot be read: No such file or directory\n"
    assert f"a.json: a valid {EVENT}" in said.out


def test_json_holds_every_document(run: Callable[..., Any], right: dict[str, Any]) -> None:
    """`--json` tells file, line, event and problems of each document."""
    told = json.loads(run("validate", "gitple", "--json", written("a.ndjson", right, {**right, "type": 5})).out)
    assert [(one["line"], one["event"], one["valid"]) for one in told] == [(1, EVENT, True), (2, None, False)]
    assert told[1]["problems"][0]["path"] == "$.type"
