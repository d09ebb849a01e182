"""What `hookassay fuzz` does: writes cases, or sends them and tells what came of it."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from hookassay.cli import fuzz_file, options, output
from hookassay.cli.faults import FAILED, INTERRUPTED, Fault, in_our_words, tell
from hookassay.cli.fuzz_lines import Lines
from hookassay.cli.progress import Progress
from hookassay.conformance import settings as reading
from hookassay.conformance.fuzz import file, known, report
from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.case import FILE_TIME, BadName, FuzzCase
from hookassay.conformance.fuzz.counter import Shard
from hookassay.conformance.fuzz.folder import Folder, Hidden, folder_of
from hookassay.conformance.fuzz.night import Night
from hookassay.conformance.fuzz.oracle import Judged
from hookassay.conformance.fuzz.plan import BadPlan, Plan, events_of
from hookassay.conformance.fuzz.session import Session
from hookassay.conformance.fuzz.tally import Limits
from hookassay.conformance.settings import Settings
from hookassay.mockserver.emission import curl, times
from hookassay.mockserver.emission.addressed import shown_url
from hookassay.mockserver.emission.sending import Sender
from hookassay.schemas import catalogue

_COUNT = 10_000
_AWAY_RATE = 10.0
"""Requests a second to receivers on other hosts, unless asked for otherwise."""

_OPEN_ENDED = ("seconds", "until_quiet", "max_findings")


def run(provider: str, events: Sequence[str], given: dict[str, Any]) -> int:
    """The command's status."""
    own = ("event", "check", "waivers", "report", "budget", "command", "fuzz")
    target = {name: value for name, value in given.items() if name.startswith(("target_", "provider_"))}
    nothing = {f"target_{name}": None for name in own}
    paths = options.paths(target["provider_path"])
    loaded = catalogue.load(provider, paths)
    url = given["url"] or f"http://localhost{loaded.path}"
    settings = reading.read(options.given(target, target_url=url, target_provider=[provider], **nothing))
    try:
        plan = _plan(provider, events, given, settings, paths)
        if given["replay"] or given["only"]:
            return _few(plan, settings, given)
        if given["url"]:
            return _campaign(plan, settings, given)
        return fuzz_file.write(plan, settings, given)
    except (BadPlan, BadName, known.BadKnown) as error:
        raise Fault(str(error)) from error


def _plan(
    provider: str, events: Sequence[str], given: Mapping[str, Any], settings: Settings, paths: Sequence[Path]
) -> Plan:
    bench = settings.benches[0]
    try:
        shard = Shard.parse(given["shard"])
    except ValueError as error:
        raise BadPlan(f"--shard: {error}") from error
    endless = given["url"] and any(given[name] for name in _OPEN_ENDED)
    plan = Plan(
        provider_name=provider,
        events=events_of(bench.provider, events, bench.asked),
        mode=given["mode"],
        seed=_seed(given, settings),
        count=given["count"] or (None if endless else _COUNT),
        shard=shard,
        provider_paths=tuple(path.resolve() for path in paths),
        secrets=bench.vendor.secrets,
        owner=bench.vendor.owner,
    )
    plan.kinds()
    return plan


def _seed(given: Mapping[str, Any], settings: Settings) -> int:
    """As asked for; of a run that is gone on with, its own; fresh for sending, 0 for files, so that they compare."""
    if given["seed"] is not None:
        return int(given["seed"])
    if not given["url"]:
        return 0
    if given["resume"]:
        return int(_folder(given, settings).run().get("seed", 0))
    return secrets.randbits(32)


def _folder(given: Mapping[str, Any], settings: Settings) -> Folder:
    bench = settings.benches[0]
    return Folder(Path(given["out"]) if given["out"] else folder_of(bench.provider.name, bench.target))


# one case, or those of a file


def _few(plan: Plan, settings: Settings, given: Mapping[str, Any]) -> int:
    """Build or read some cases; print them, or send and judge each."""
    at = time.time_ns() if given["url"] else FILE_TIME
    cases = list(_replayed(plan, Path(given["replay"]), given["force"])) if given["replay"] else []
    if given["only"]:
        cases.append(plan.named(given["only"], at, given["force"]))
    if not given["url"]:
        for case in cases:
            path = settings.benches[0].target.path
            output.data(case.as_json(path, fuzz_file.placeholder(plan, settings)), indent=None)
        return 0
    failed = False
    with Sender() as sender:
        campaign = Campaign(plan, settings.benches[0], sender, settings.level)
        for case in cases:
            judged = campaign.judge(case)
            failed = _tell_one(judged, settings, given["as_json"]) or failed
    if given["replay"] and not given["as_json"]:
        _tell_others(Path(given["replay"]), cases)
    return FAILED if failed else 0


def _tell_others(path: Path, sent: Sequence[FuzzCase]) -> None:
    """Where else in the payload a finding was seen: one case that was sent again says nothing of the others."""
    try:
        places = json.loads((path / "finding.json").read_text(encoding="utf-8"))["places"]
    except (OSError, KeyError):
        return
    others = [place for place in places if all(place not in case.places for case in sent)]
    if others:
        output.entry("also seen at", ", ".join(others))


def _replayed(plan: Plan, path: Path, force: bool) -> Iterator[FuzzCase]:
    """The cases of a file, each with the bytes that are stored there."""
    from hookassay.conformance.fuzz.replay import stored

    if path.is_dir():
        path = path / "smallest.json"
    text = path.read_text(encoding="utf-8")
    try:
        entries = [json.loads(text)]
    except ValueError:
        entries = list(file.read(path))
    for entry in entries:
        yield stored(plan, entry, force)


def _tell_one(judged: Judged, settings: Settings, as_json: bool) -> bool:
    problem = judged.problem
    failed = problem is not None and settings.fails(problem.level)
    if as_json:
        answer = judged.sent.answer
        told = {"case": str(judged.case.name), "status": answer.status, "reaction": str(judged.sent.reaction)}
        output.data({**told, "problem": problem.text if problem else None, "failed": failed}, indent=None)
        return failed
    output.entry("case", str(judged.case.name))
    output.entry("mutations", ", ".join(judged.case.mutations) or "none")
    output.entry("expected", judged.case.expect.in_words())
    output.entry("answer", judged.sent.answer.in_words())
    output.entry("verdict", problem.text if problem else "as it should be")
    if problem:
        output.line(curl.command(judged.case.delivery, settings.benches[0].target, settings.show_secrets), wrap=False)
    return failed


# a campaign


def _campaign(plan: Plan, settings: Settings, given: dict[str, Any]) -> int:
    bench = settings.benches[0]
    folder = _folder(given, settings)
    away = not bench.target.is_loopback
    if away and not given["yes"]:
        shown = shown_url(bench.target.url)
        question = f"{shown} is another host: send up to {plan.count or 'any number of'} deliveries to it?"
        if not sys.stdin.isatty():
            raise Fault(f"{shown} is another host than this one: --yes says that you mean it")
        click.confirm(question, abort=True, err=True)
    limits = Limits(
        seconds=_span("--time", given["seconds"]),
        findings=given["max_findings"],
        quiet=_span("--until-quiet", given["until_quiet"]),
        wait_back=given["wait_back"],
        concurrency=given["concurrency"],
    )
    entries = known.read(Path(given["known_file"]) if given["known_file"] else folder.known_file)
    with Sender() as sender:
        _reach(sender, settings, plan)
        progress, lines = Progress(), Lines()
        campaign = Campaign(
            plan,
            bench,
            sender,
            settings.level,
            limits,
            rate=settings.rate or (_AWAY_RATE if away else None),
            tell=lambda text: tell(in_our_words(text)),
            watch=lines.watch if given["as_json"] else lambda campaign: progress.show(_progress(campaign)),
        )
        if not given["as_json"]:
            _prelude(plan, settings, folder)
        corpus = not given["no_corpus"] and not given["resume"]
        hidden = Hidden(fuzz_file.placeholder(plan, settings), settings.show_secrets)
        session = Session(campaign, folder, entries, hidden, given["resume"], corpus)
        findings = session.run()
        progress.clear()
    night = Night.of(folder)
    if given["as_json"]:
        lines.end(findings, night.run)
    else:
        for line in report.terminal(night):
            output.line(line.text, wrap=line.wrap, bold=line.bold)
    if session.new or campaign.tally.state in ("dead", "refuses everything"):
        return FAILED
    return INTERRUPTED if campaign.tally.state == "interrupted" else 0


def _span(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return times.span(text if not text.isdigit() else f"{text}s") / times.SECOND
    except ValueError as error:
        raise BadPlan(f"{option}: {error}") from error


def _reach(sender: Sender, settings: Settings, plan: Plan) -> None:
    """Wait until the receiver listens. Raises Fault where it cannot be reached."""
    bench, ends = settings.benches[0], time.monotonic() + settings.wait
    event = bench.provider.events[plan.events[0]]
    while True:
        answer = sender.send(bench.vendor.deliver(event, bench.vendor.document(event)), bench.target, bench.limit)
        if answer.failure not in ("unreachable", "tls", "proxy"):
            return
        if time.monotonic() >= ends:
            reason = answer.detail or answer.in_words()
            raise Fault(f"cannot reach {shown_url(bench.target.url)}: {reason}; is it started? --wait S waits for it")
        time.sleep(0.1)


def _prelude(plan: Plan, settings: Settings, folder: Folder) -> None:
    bench = settings.benches[0]
    output.line(f"{bench.provider.title['en']}: {', '.join(plan.events)} → {shown_url(bench.target.url)}")
    if settings.assumed_secrets:
        output.line("with the documented test secret (--secret says otherwise)")
    amount = "cases without end" if plan.count is None else f"{plan.count} cases"
    output.line(f"{amount}, mode {plan.mode}, seed {plan.seed}; they reach your handler as real events")
    output.line(f"kept in {folder.path}")


def _progress(campaign: Campaign) -> str:
    tally, plan = campaign.tally, campaign.plan
    ends = []
    if plan.count is not None and campaign.pace:
        ends.append(max(0, plan.count - tally.next_counter) / plan.shard.of / campaign.pace)
    if campaign.limits.seconds is not None:
        ends.append(max(0.0, campaign.limits.seconds - tally.seconds))
    left = f", {min(ends):.0f} s left" if ends else ""
    new = tally.chance_of_something_new()
    found = "1 finding" if len(campaign.groups) == 1 else f"{len(campaign.groups)} findings"
    return f"{tally.cases} cases, {campaign.pace:.0f}/s{left}; {found}; {new:.0%} chance of more in 1000"
