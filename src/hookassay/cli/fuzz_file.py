"""Where `hookassay fuzz` writes its cases: lines, files of requests, commands."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from hookassay.cli.faults import tell
from hookassay.cli.progress import Progress
from hookassay.conformance.fuzz import file, har
from hookassay.conformance.fuzz.case import FILE_TIME, FuzzCase
from hookassay.conformance.fuzz.folder import request_bytes, write_whole
from hookassay.conformance.fuzz.plan import BadPlan, Plan
from hookassay.conformance.settings import Settings
from hookassay.mockserver.emission import curl
from hookassay.mockserver.emission.target import Target


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
        progress = _Written(plan, there, Progress())
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

    def __init__(self, plan: Plan, there: int, progress: Progress) -> None:
        self._progress, self._began, self._made, self._there = progress, time.monotonic(), 0, there
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
    """Another format than lines: one process writes it."""
    form = given["form"]
    if given["workers"] > 1:
        raise BadPlan(f"--workers goes with --format ndjson; {form} is written by one process")
    order, cases, target = plan.order(), plan.cases(), settings.benches[0].target
    built = (cases.build(order.place(counter), FILE_TIME) for counter in plan.counters())
    mark = placeholder(plan, settings)
    if form == "files":
        return _write_files(plan, built, target, mark, given)
    if given["resume"]:
        raise BadPlan(f"--resume goes with --format ndjson and files; {form} is begun anew with --force")
    with _out(given) as (stream, progress):
        watched = _watched(built, progress, plan)
        pieces = (
            har.document(watched, target, mark)
            if form == "har"
            else _commands(watched, target, mark, settings.show_secrets)
        )
        for piece in pieces:
            stream.write(piece)
    return 0


def _commands(cases: Iterable[FuzzCase], target: Target, mark: str, reveal: bool) -> Iterator[str]:
    """A shell script, a command for each case; a secret that is none (`mark` is empty) stands in it."""
    for case in cases:
        delivery = case.delivery if mark else replace(case.delivery, secrets={})
        yield f"# {case.name}\n{curl.command(delivery, target, reveal, whole=True)}\n"


def _write_files(plan: Plan, cases: Iterable[FuzzCase], target: Target, mark: str, given: Mapping[str, Any]) -> int:
    """Two files a case: the exact bytes of the request, which only their owner reads, and the delivery as JSON."""
    if not given["out"]:
        raise BadPlan("--format files needs -o DIR")
    folder = Path(given["out"])
    if folder.is_dir() and any(folder.iterdir()) and not (given["resume"] or given["force"]):
        raise BadPlan(f"{folder} is not empty: --resume adds what is missing, --force replaces what is there")
    folder.mkdir(parents=True, exist_ok=True)
    for case in _watched(cases, Progress(), plan):
        name = re.sub("[:/]", "-", str(case.name))
        told = folder / f"{name}.json"
        if given["resume"] and told.exists():
            continue
        data = json.dumps(case.as_json(target.path, mark), ensure_ascii=False) + "\n"
        write_whole(folder / f"{name}.http", request_bytes(case.delivery, target), private=True)
        write_whole(told, data.encode("utf-8", "surrogatepass"))
    return 0


def _watched(cases: Iterable[FuzzCase], progress: Progress | None, plan: Plan) -> Iterator[FuzzCase]:
    """The cases as they come, told of on the terminal where nothing else is written to it."""
    told = _Written(plan, 0, progress) if progress is not None else None
    for case in cases:
        yield case
        if told is not None:
            told.add(1)
    if told is not None:
        told.done()


@contextmanager
def _out(given: Mapping[str, Any]) -> Iterator[tuple[TextIO, Progress | None]]:
    """What is written to; a file has a progress line beside it."""
    path = Path(given["out"]) if given["out"] else None
    if path is None:
        yield sys.stdout, None
    elif path.exists() and not given["force"]:
        raise BadPlan(f"{path} exists already: --force replaces it")
    else:
        with path.open("w", encoding="utf-8", errors="surrogatepass") as stream:
            yield stream, Progress()
