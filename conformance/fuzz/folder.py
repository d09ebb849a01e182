"""The folder that a campaign leaves: run.json, findings with everything to repeat them, the corpus."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookassay.conformance.fuzz.groups import Finding, Group
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.mockserver.emission import curl, wire
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.emission.secret import MASK
from hookassay.mockserver.emission.target import Target

_PRIVATE = 0o600
_CORPUS = 2_000
_SHOWN = 4_000


def folder_of(provider: str, target: Target) -> Path:
    """Where a target's campaigns are kept: provider, then host, port, path and a few digits of the address."""
    address = f"{target.scheme}://{target.host}:{target.port}{target.path}?{target.query}"
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", f"{target.host}-{target.port}{target.path}").strip("-")[:80]
    return Path(".hookassay/fuzz") / provider / f"{readable}-{hashlib.sha256(address.encode()).hexdigest()[:6]}"


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
        _write(self.run_file, json.dumps(data, ensure_ascii=False, indent=2) + "\n")

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
        _write(place / "finding.json", json.dumps(finding.as_json(), ensure_ascii=False, indent=2) + "\n")

    def write_group(self, group: Group, target: Target, reveal: bool) -> None:
        """A finding with its smallest request in every form, and its samples."""
        place = self.place_of(group.finding.group)
        shutil.rmtree(place / "samples", ignore_errors=True)
        (place / "samples").mkdir(parents=True)
        smallest = group.smallest
        _write(place / "smallest.http", request_bytes(smallest.case.delivery, target), private=True)
        _write(place / "smallest.json", _case_text(smallest, target, reveal))
        _write(place / "curl.sh", curl.command(smallest.case.delivery, target, reveal) + "\n")
        _write(place / "answer.http", answer_bytes(smallest.sent.answer), private=True)
        group.finding.samples = []
        for number, judged in enumerate(group.exchanges, 1):
            group.finding.samples.append(str(judged.case.name))
            _write(place / "samples" / f"{number}.json", _case_text(judged, target, reveal))
        self.write_finding(group.finding)

    # corpus

    def corpus(self) -> Iterator[dict[str, Any]]:
        """The entries of the corpus: each a case that once made the receiver behave in a new way."""
        for file in sorted((self.path / "corpus").glob("*/*.json")):
            try:
                yield json.loads(file.read_text(encoding="utf-8"))
            except ValueError:
                continue  # torn when the last run was killed

    def keep(self, event: str, fingerprint: str, entry: dict[str, Any]) -> None:
        """An entry of the corpus, up to two thousand in all."""
        place = self.path / "corpus" / event / f"{fingerprint}.json"
        if not place.exists() and sum(1 for _ in (self.path / "corpus").glob("*/*.json")) >= _CORPUS:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, json.dumps(entry, ensure_ascii=False) + "\n")


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


def _case_text(judged: Judged, target: Target, reveal: bool) -> str:
    placeholder = "" if reveal else f"{{{{{judged.case.name.provider}.secret}}}}"
    data = judged.case.as_json(target.path, placeholder)
    answer = judged.sent.answer
    data["answer"] = {
        "status": answer.status,
        "failure": answer.failure,
        "headers": [[name, _masked(value, judged, reveal)] for name, value in answer.headers],
        "body": _masked(answer.content[:_SHOWN].decode("utf-8", "backslashreplace"), judged, reveal),
        "seconds": round(answer.elapsed, 4),
    }
    return json.dumps(data, ensure_ascii=True, indent=2) + "\n"


def _masked(text: str, judged: Judged, reveal: bool) -> str:
    """A text of an answer, the secret taken out: a receiver may have given it back."""
    for secret in () if reveal else judged.case.draft.vendor.secrets.all():
        text = text.replace(secret, MASK)
    return text


def _write(path: Path, data: str | bytes, private: bool = False) -> None:
    """Write a file whole or not at all."""
    encoded = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    torn = path.with_name(f".{path.name}.part")
    with open(os.open(torn, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE if private else 0o666), "wb") as file:
        file.write(encoded)
    os.replace(torn, path)
