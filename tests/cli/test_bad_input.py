"""Whatever is wrong with a command is one clear line on standard error, and never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHOW = ("show", "gitple", "session_state_close")
SEND = ("send", "gitple", "session_state_close", "--to")

WRONG = {
    "unknown option": (("providers", "--jsno"), "No such option"),
    "missing argument": (("events",), "Missing argument 'PROVIDER'"),
    "one argument too many": (("events", "gitple", "x"), "unexpected extra argument (x)"),
    "unknown provider": (("events", "gitpel"), "unknown provider 'gitpel' (did you mean 'gitple'?)"),
    "empty provider": (("events", ""), "unknown provider ''"),
    "unknown event": (("show", "gitple", "session_state_clos"), "(did you mean 'session_state_close'?)"),
    "unknown example": ((*SHOW, "--example", "ful"), "has no example 'ful' (did you mean 'full'?)"),
    "unknown member": ((*SHOW, "--set", "sesion.id=5"), "--set: session_state_close has no member 'sesion.id' (did"),
    "unknown member removed": ((*SHOW, "--remove", "session.nota"), "--remove: session_state_close has no member"),
    "no override": ((*SHOW, "--set", "session.note"), "--set: 'session.note': write PATH=TEXT or PATH:=JSON"),
    "override that is no JSON": ((*SHOW, "--set", "session.note:=x"), "after := comes JSON"),
    "index beyond the end": ((*SHOW, "--set", "session.meta.99=x"), "'session.meta.99': "),
    "schema that is changed": ((*SHOW, "--schema", "--fresh"), "--schema prints the schema as it is"),
    "missing file": (("validate", "gitple", "missing.json"), "missing.json: cannot be read: No such file or directory"),
    "folder in place of a file": (("validate", "gitple", "."), ".: is a folder; name the files in it"),
    "empty file name": (("validate", "gitple", ""), "the name of a file is empty"),
    "file name with a line feed": (("validate", "gitple", "a\nb"), "a\\nb: cannot be read"),
    "forced event that is unknown": (("validate", "gitple", "--event", "x", "a.json"), "gitple has no event 'x'"),
    "no URL": (("send", "gitple", "session_state_close"), "Missing option '--to'"),
    "URL that is none": ((*SEND, "localhost:3000"), "not an http or https URL"),
    "port that is none": ((*SEND, "http://127.0.0.1:99999/"), "Port out of range"),
    "URL with a blank": ((*SEND, "http://127.0.0.1/a b"), "blank or a control character"),
    "host that is none": ((*SEND, "http://nobody.invalid/"), "cannot reach http://nobody.invalid/: nobody.invalid: "),
    "unknown forgery": ((*SEND, "http://127.0.0.1:1/", "--forged", "no-heder"), "(did you mean 'no-header'?)"),
    "forgery of two checks": ((*SEND, "http://127.0.0.1:1/", "--forged", "undefined"), "say guessable-key/undefined"),
    "forgery of nothing": (
        ("send", "closer", "message_received", "--to", "http://127.0.0.1:1/", "--forged", "word"),
        "closer does not authenticate its deliveries",
    ),
    "forged and why": ((*SEND, "http://127.0.0.1:1/", "--forged", "no-header", "--why"), "leave --forged out"),
    "curl and why": ((*SEND, "http://127.0.0.1:1/", "--curl", "--why"), "leave one of them out"),
    "empty secret": ((*SEND, "http://127.0.0.1:1/", "--secret", ""), "--secret: the secret is empty"),
    "header that is none": ((*SEND, "http://127.0.0.1:1/", "--header", "x"), "--header: write 'Name: value'"),
    "authority that is missing": ((*SEND, "https://127.0.0.1:1/", "--ca", "ca.pem"), "--ca: ca.pem: no such file"),
    "time that is no number": ((*SEND, "http://127.0.0.1:1/", "--timeout", "soon"), "--timeout: not a number: 'soon'"),
    "level that is none": ((*SEND, "http://127.0.0.1:1/", "--level", "most"), "'most' is not one of 'must'"),
    "folder without providers": (("providers", "--provider-path", "."), "no provider.toml here or one folder below"),
    "folder that is missing": (("checks", "--provider-path", "none"), "none: no such folder"),
    "family that is none": (("checks", "--family", "sig"), "'sig' is not one of"),
    "unknown check": (("explain", "signature/abset"), "did you mean 'signature/absent'?"),
    "unknown subcommand": (("provider", "chekc", "."), "unknown command 'chekc' (did you mean 'check'?)"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_command_is_one_line(run: Callable[..., Any], case: str) -> None:
    """A command that cannot be carried out ends with 2, prints nothing, and says in one line what to mend."""
    arguments, words = WRONG[case]
    said = run(*arguments)
    assert said.status == 2
    assert said.out == ""
    assert said.err.startswith("hookassay")
    assert said.err.count("\n") == 1
    assert words in said.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may read everything")
def test_a_file_without_permission(run: Callable[..., Any]) -> None:
    """A file that may not be read is told so."""
    path = Path("a.json")
    path.touch(mode=0o000)
    said = run("validate", "gitple", "a.json")
    assert (said.status, said.err) == (2, "hookassay: a.json: cannot be read: Permission denied\n")


@pytest.mark.parametrize("case", ["unknown option", "unknown event", "missing file", "URL that is none"])
def test_as_a_process_there_is_no_traceback(process: Callable[..., Any], case: str) -> None:
    """The same holds for the program itself."""
    arguments, words = WRONG[case]
    said = process(*arguments)
    assert said.status == 2
    assert said.err.count("\n") == 1
    assert words in said.err
