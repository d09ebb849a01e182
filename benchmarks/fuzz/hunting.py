"""One hunt: how many cases and seconds until a fuzzer has found something wrong with a receiver.

`ours` is the campaign of `hookassay fuzz` without a corpus: mixed cases, seed 1, ten thousand of them. `theirs` is
`schemathesis run` on our OpenAPI document, with our hooks that sign and put in the token, seed 1, to the end of the
three of its phases that do not need links between operations.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fuzz.receiver import wait_for
from hookassay.conformance import settings
from hookassay.conformance.bench import Bench
from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.conformance.fuzz.plan import Plan, events_of
from hookassay.conformance.fuzz.tally import Limits
from hookassay.conformance.options import OPTIONS
from hookassay.mockserver.emission.sending import Sender
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Level
from tests.seeded import running
from tests.seeded.replacement import Defect

SEED = 1
CASES = 10_000
"""As many as `hookassay fuzz` sends where nothing else is asked for."""

SECONDS = 120.0
_OVERDUE = 120.0
"""Seconds beyond the limit after which a hunt is given up: the last answers, and what shrinking takes."""

_WHOLE = 3600.0
"""Seconds after which a whole run of schemathesis is given up."""

_PHASES = "examples,coverage,fuzzing"
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
)
"""All of schemathesis' checks of one answer; the others want several operations, or a security scheme to leave out."""

_ENDS = {"refuses everything": "takes no right delivery", "dead": "stops answering, and stays away"}
"""How a campaign may end with a receiver that is wrong in no one case."""

_FRESH = multiprocessing.get_context("forkserver")
_FRESH.set_forkserver_preload([__name__])
_OURS = "hookassay.conformance.fuzz.schemathesis"

_STARTING = 20.0


@dataclass(frozen=True)
class Hunt:
    """What came of it: `found` in a line, with the case that showed it and the seconds until then; where nothing
    was found it is empty, and there were so many cases in so many seconds. `cpu` are seconds of the tool's own CPU.

    Both count from where a tool begins with its cases: neither starting Python nor reading the contract is in them.
    """

    found: str
    case: int
    seconds: float
    cpu: float


@contextmanager
def receiver(defect: Defect | None) -> Iterator[str]:
    """The seeded receiver, with this defect or right; its URL. One that ends by itself is started again each time."""
    if defect is None or not defect.ends:
        with running.started(*([] if defect is None else [defect])) as url:
            yield url
        return
    port = running.free_port()
    keeper = ["sh", "-c", 'while :; do "$@"; done', "keeper", *running.command([defect], port)]
    process = subprocess.Popen(
        keeper, env=running.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(port, _STARTING)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# ours


def ours(url: str, provider: str, defect: Defect | None) -> Hunt:
    """Our campaign, in a process that has compiled nothing yet. Raises multiprocessing.TimeoutError."""
    with _FRESH.Pool(1) as pool:
        return pool.apply_async(_campaign, (url, provider, defect)).get(SECONDS + _OVERDUE)


def _campaign(url: str, provider: str, defect: Defect | None) -> Hunt:
    bench, level = _asked(f"{url}/{provider}", provider, defect)
    events = events_of(bench.provider, (), bench.asked)
    plan = Plan(provider, events, seed=SEED, count=CASES, secrets=bench.vendor.secrets, owner=bench.vendor.owner)
    places: dict[str, int] = {}

    def is_found() -> bool:
        return any(group.finding.state == "new" for group in campaign.groups.values())

    def kept(judged: Judged, fingerprint: str, behaviours: tuple[str, ...]) -> None:
        """Counts; ends the campaign as Ctrl-C would once something is found, before it is made small."""
        if is_found():
            raise KeyboardInterrupt
        places.setdefault(str(judged.case.name), len(places) + 1)

    began, worked = time.monotonic(), time.process_time()
    with Sender() as sender:
        campaign = Campaign(plan, bench, sender, level, Limits(seconds=SECONDS), kept=kept)
        campaign.run()
    took = round(time.monotonic() - began, 2), round(time.process_time() - worked, 2)
    for group in campaign.groups.values():
        if group.finding.state == "new":
            # What kills the receiver is told before its case is counted.
            return Hunt(group.finding.title, places.get(str(group.first.case.name), len(places) + 1), *took)
    if campaign.tally.state in _ENDS:
        return Hunt(_ENDS[campaign.tally.state], campaign.tally.cases, *took)
    return Hunt("", campaign.tally.cases, *took)


def _asked(target: str, provider: str, defect: Defect | None) -> tuple[Bench, Level]:
    """Receiver and level, as the command would read them from its options."""
    given: dict[str, Any] = {option.name: [] if option.many else None for option in OPTIONS}
    given.update(target_url=target, target_provider=[provider])
    if defect is not None:
        given.update(target_level=defect.level)
        for option in defect.options:
            flag, _, value = option.partition("=")
            given[flag.removeprefix("--").replace("-", "_")] = value
    read = settings.read(given)
    return read.benches[0], read.level


# theirs


def false_alarms(url: str, provider: str, folder: Path) -> tuple[str, ...]:
    """The checks of schemathesis that fail the right receiver, in the phases that do not draw at random."""
    report = folder / "events.ndjson"
    told = ["--report=ndjson", f"--report-ndjson-path={report}"]
    _schemathesis(url, provider, folder, _CHECKS, _OURS, "--phases=examples,coverage", *told)
    failing: set[str] = set()
    for line in report.read_text("utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for checks in recorder.get("checks", {}).values():
            failing.update(check["name"] for check in checks if check["status"] == "failure")
    return tuple(sorted(failing))


def theirs(
    url: str, provider: str, others: Mapping[str, str], folder: Path, without: Sequence[str]
) -> tuple[dict[str, Hunt], Hunt]:
    """One whole run of schemathesis against the right receiver at `url`, without some of its checks. Its requests go
    to the others (name → URL) too, until one of the checks fails there: what was found in each by name, and the end.

    Raises RuntimeError where it has found something in the right receiver.
    """
    (folder / "receivers.json").write_text(json.dumps({name: f"{url}/{provider}" for name, url in others.items()}))
    checks = [name for name in _CHECKS if name not in without]
    (folder / "checks.json").write_text(json.dumps(checks))
    done = _schemathesis(url, provider, folder, checks, "benchmarks.fuzz.shadows", f"--phases={_PHASES}")
    if done.returncode != 0:
        raise RuntimeError(f"schemathesis fails the right receiver of {provider}:\n{done.stdout[-2000:]}")
    lines = [json.loads(line) for name in ("found.jsonl", "end.json") for line in _lines(folder / name)]
    found = {line.pop("name"): Hunt(**line) for line in lines}
    end = found.pop("")
    return {name: found.get(name, end) for name in others}, end


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _schemathesis(
    url: str, provider: str, folder: Path, checks: Sequence[str], hooks: str, *more: str
) -> subprocess.CompletedProcess[str]:
    """`schemathesis run`, to its end. Raises RuntimeError if it does not start, subprocess.TimeoutExpired."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(catalogue.load(provider).folder / "openapi.json")]
    command += [f"--url={url}/{provider}", f"--checks={','.join(checks)}", f"--seed={SEED}"]
    command += ["--continue-on-failure", "--no-shrink", "--generation-database=none", *more]
    own = {"SCHEMATHESIS_HOOKS": hooks, "HOOKASSAY_PROVIDER": provider, "HUNT_FOLDER": str(folder)}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**running.environment(), **own},
        capture_output=True,
        text=True,
        timeout=_WHOLE,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"schemathesis has not run (benchmarks/fuzz/requirements.txt):\n{done.stderr[-2000:]}")
    return done
