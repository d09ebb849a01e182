"""What the pages load: our own modules, and the work of others as it was published."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from hookassay.mockserver import web

STATIC = Path(web.__file__).resolve().parent / "static"


def test_the_work_of_others_is_unchanged() -> None:
    """Each file is the one that the notice names, with its licence beside it."""
    notice = (STATIC / "vendor" / "NOTICE").read_text(encoding="utf-8")
    named = dict(re.findall(r"^  (\S+)  from \S+  sha256 ([0-9a-f]{64})$", notice, re.MULTILINE))
    files = {file.name for file in (STATIC / "vendor").iterdir()} - {"NOTICE"}
    assert set(named) == files and "Permission to use, copy, modify" in notice
    for name, digest in named.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


def test_scripts_never_write_markup_or_evaluate() -> None:
    """What a receiver answers reaches the page as text alone: no script of ours knows another way."""
    for file in STATIC.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function", text
        )
        for imported in re.findall(r'from "(/static/[^"]+)"', text):
            assert (STATIC / imported.removeprefix("/static/")).is_file()


def test_pages_and_scripts_name_no_vendor() -> None:
    """A provider is a folder of data: nothing here knows the names of those that we bring."""
    names = {folder.parent.name for folder in (STATIC.parent.parent.parent / "schemas").glob("*/provider.toml")}
    assert len(names) >= 4
    for file in STATIC.parent.rglob("*"):
        if file.suffix in (".py", ".js", ".html", ".css") and "vendor" not in file.parts:
            words = set(re.findall(r"[a-z]+", file.read_text(encoding="utf-8").lower()))
            assert not names & words, file.name
