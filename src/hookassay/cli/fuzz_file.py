"""Where `hookassay fuzz` writes its cases: lines, files of requests, commands."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from hookassay.cli.faults import tell
from hookassay.cli.progress import Progress
from hookassay.conformance.fuzz import file
from hookassay.conformance.fuzz.case import FILE_TIME
from hookassay.conformance.fuzz.folder import request_bytes
from hookassay.conformance.fuzz.plan import BadPlan, Plan
from hookassay.conformance.settings import Settings
from hookassay.mockserver.emission import curl


def placeholder(plan: Plan, settings: Settings) -> str:
    """What stands for the secret in what is written: nothing for the documented one, which is none."""
    documented = {plan.provider.test_secret, *plan.provider.test_secrets.values()}
    if settings.show_secrets or set(plan.secrets.all()) <= documented:
        return ""
    return f"{{{{{plan.provider_name}.secret}}}}"


def write(plan: Plan, settings: Settings, given: Mapping[str, Any]) -> int:
    """Write a plan's cases as the options say; the command's status. Raises BadPlan."""
    if given["form"] != "ndjson":
        return _write_each(plan, settings, given)
    lines = file.Lines(plan, placeholder(plan, settings), given["workers"])
    if not given["out"]:
        _to_standard_output(lines)
        return 0
    with file.opened(Path(given["out"]), plan, given["resume"], given["force"]) as (stream, there):
        progress = _Written(plan, there)
        for made, data in lines.batches(there):
            stream.write(data)
            progress.add(made)
        progress.done()
    return 0


def _to_standard_output(lines: file.Lines) -> None:
    """A reader that goes away ends it quietly."""
    try:
        sys.stdout.flush()
        stream = sys.stdout.buffer
        stream.write(lines.header())
        for _, data in lines.batches():
            stream.write(data)
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Written:
    """How far a file is."""

    def __init__(self, plan: Plan, there: int) -> None:
        self._progress, self._began, self._made, self._there = Progress(), time.monotonic(), 0, there
        self._all = None if plan.count is None else -(-(plan.count - plan.shard.number + 1) // plan.shard.of)

    def add(self, made: int) -> None:
        self._made += made
        rate = self._made / max(0.001, time.monotonic() - self._began)
        left = "" if self._all is None else f", {(self._all - self._there - self._made) / max(1.0, rate):.0f} s left"
        self._progress.show(f"{self._there + self._made} cases, {rate:.0f} a second{left}")

    def done(self) -> None:
        self._progress.clear()
        tell(f"{self._made} cases written" + (f" to the {self._there} that were there" if self._there else ""))


def _write_each(plan: Plan, settings: Settings, given: Mapping[str, Any]) -> int:
    """A file a case, or a command a case."""
    if given["form"] == "files" and not given["out"]:
        raise BadPlan("--format files needs -o DIR")
    order, cases, target = plan.order(), plan.cases(), settings.benches[0].target
    built = (cases.build(order.place(counter), FILE_TIME) for counter in plan.counters())
    if given["form"] == "curl":
        with _out(given) as stream:
            for case in built:
                stream.write(curl.command(case.delivery, target, settings.show_secrets) + "\n")
        return 0
    folder = Path(given["out"])
    folder.mkdir(parents=True, exist_ok=True)
    for case in built:
        name = str(case.name).replace(":", "-").replace("/", "-")
        (folder / f"{name}.http").write_bytes(request_bytes(case.delivery, target))
        data = case.as_json(target.path, placeholder(plan, settings))
        (folder / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False) + "\n", "utf-8", "surrogatepass")
    return 0


def _out(given: Mapping[str, Any]) -> Any:
    path = Path(given["out"]) if given["out"] else None
    if path is not None and path.exists() and not given["force"]:
        raise BadPlan(f"{path} exists already: --force replaces it")
    return nullcontext(sys.stdout) if path is None else path.open("w", encoding="utf-8")
