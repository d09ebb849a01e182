"""The folder that a campaign leaves: run.json, findings with everything to repeat them, the corpus."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hookassay.conformance.fuzz.groups import Finding, Group
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.mockserver.emission import curl, wire
from hookassay.mockserver.emission.addressed import shown_url
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import MASK
from hookassay.mockserver.emission.target import Target

_PRIVATE = 0o600
_SHOWN = 4_000


def folder_of(provider: str, target: Target) -> Path:
    """Where a target's campaigns are kept: provider, then host, port, path and a few digits of the address."""
    address = f"{target.scheme}://{target.host}:{target.port}{target.path}?{target.query}"
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", f"{target.host}-{target.port}{target.path}").strip("-")[:80]
    return Path(".hookassay/fuzz") / provider / f"{readable}-{hashlib.sha256(address.encode()).hexdigest()[:6]}"


@dataclass(frozen=True)
class Hidden:
    """What is hidden in files: `mark` stands for the vendor's secret, empty where that is the documented one, which
    is none; what the user gave for the target is hidden unless `nothing` is."""

    mark: str = ""
    nothing: bool = False


@dataclass(frozen=True)
class Folder:
    """A campaign's folder."""

    path: Path

    def prepare(self) -> None:
        (self.path / "findings").mkdir(parents=True, exist_ok=True)

    @property
    def run_file(self) -> Path:
        return self.path / "run.json"

    @property
    def corpus(self) -> Path:
        return self.path / "corpus"

    @property
    def known_file(self) -> Path:
        return self.path / "known.toml"

    def run(self) -> dict[str, Any]:
        """What is known of the last run; nothing where there was none."""
        try:
            data = json.loads(self.run_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def write_run(self, data: dict[str, Any]) -> None:
        write_whole(self.run_file, json.dumps(data, ensure_ascii=False, indent=2) + "\n")

    # findings

    def findings(self) -> dict[str, Finding]:
        """Every finding that was ever kept here, by group."""
        found = {}
        for file in sorted((self.path / "findings").glob("*/finding.json")):
            finding = Finding.from_json(json.loads(file.read_text(encoding="utf-8")))
            found[finding.group] = finding
        return found

    def place_of(self, group: str) -> Path:
        return self.path / "findings" / group

    def write_finding(self, finding: Finding) -> None:
        place = self.place_of(finding.group)
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / "finding.json", json.dumps(finding.as_json(), ensure_ascii=False, indent=2) + "\n")

    def write_group(self, group: Group, target: Target, hidden: Hidden) -> None:
        """A finding with its smallest request in every form, and its samples."""
        place = self.place_of(group.finding.group)
        shutil.rmtree(place / "samples", ignore_errors=True)
        (place / "samples").mkdir(parents=True)
        smallest = group.smallest
        write_whole(place / "smallest.http", request_bytes(smallest.case.delivery, target), private=True)
        write_whole(place / "smallest.json", _case_text(smallest, target, hidden))
        write_whole(place / "curl.sh", _commands(smallest, target, hidden, place))
        answer = answer_bytes(smallest.sent.answer).decode("utf-8", "surrogateescape")
        shown = _masked(answer, smallest, hidden).encode("utf-8", "surrogateescape")
        write_whole(place / "answer.http", shown, private=True)
        group.finding.samples = []
        for number, judged in enumerate(group.exchanges, 1):
            group.finding.samples.append(str(judged.case.name))
            write_whole(place / "samples" / f"{number}.json", _case_text(judged, target, hidden))
        self.write_finding(group.finding)


def request_bytes(delivery: Delivery, target: Target) -> bytes:
    """The exact bytes of a request."""
    made = wire.encode(delivery, target)
    return made.head + b"".join(made.pieces)


def answer_bytes(answer: Answer) -> bytes:
    """An answer as it came, or in words what came instead."""
    if answer.status is None:
        return answer.in_words().encode() + b"\n"
    head = [f"HTTP/{answer.version} {answer.status}".encode()]
    head += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + answer.body


def _commands(judged: Judged, target: Target, hidden: Hidden, place: Path) -> str:
    """How to send it again: with curl where curl can, and with ours where it cannot."""
    delivery = judged.case.delivery if hidden.mark else replace(judged.case.delivery, secrets={})
    command = curl.command(delivery, target, hidden.nothing, whole=True)
    if not delivery.framing.in_words(len(delivery.body)):
        return f"{command}\n"
    ours = f"hookassay fuzz {judged.case.name.provider} --send {shlex.quote(shown_url(target.url))}"
    return f"{ours} --replay {shlex.quote(str(place))}\n# {command}\n"


def _case_text(judged: Judged, target: Target, hidden: Hidden) -> str:
    data = judged.case.as_json(target.path, hidden.mark)
    answer = judged.sent.answer
    data["answer"] = {
        "status": answer.status,
        "failure": answer.failure,
        "headers": [[name, _masked(value, judged, hidden)] for name, value in answer.headers],
        "body": _masked(answer.content[:_SHOWN].decode("utf-8", "backslashreplace"), judged, hidden),
        "seconds": round(answer.elapsed, 4),
    }
    return json.dumps(data, ensure_ascii=True, indent=2) + "\n"


def _masked(text: str, judged: Judged, hidden: Hidden) -> str:
    """A text of an answer, the secret taken out: a receiver may have given it back."""
    for secret in judged.case.draft.vendor.secrets.all() if hidden.mark else ():
        text = text.replace(secret, MASK)
    return text


def write_whole(path: Path, data: str | bytes, private: bool = False) -> None:
    """Write a file whole or not at all."""
    encoded = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    torn = path.with_name(f".{path.name}.part")
    with open(os.open(torn, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE if private else 0o666), "wb") as file:
        file.write(encoded)
    os.replace(torn, path)
