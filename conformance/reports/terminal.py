"""The run for a person at a terminal: what is about to happen, a table a family, findings, the verdict in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hookassay.conformance.battery import Battery
from hookassay.conformance.findings import Finding
from hookassay.conformance.verdict import Outcome, Verdict
from hookassay.mockserver.emission.addressed import shown_url
from hookassay.mockserver.emission.secret import mask

_COLUMNS: tuple[tuple[Outcome, str, str], ...] = (
    ("passed", "passed", "green"),
    ("failed", "failed", "red"),
    ("advice", "advice", "yellow"),
    ("waived", "waived", "cyan"),
    ("skipped", "skipped", ""),
    ("not run", "not run", "red"),
    ("error", "error", "magenta"),
)
_REQUESTS_PER_CASE = 2.6
_FINDINGS_SHOWN = 30
_IDS_SHOWN = 3
_CHECKS_SHOWN = 8


def header(battery: Battery, collect_only: bool) -> list[str]:
    """What is about to be sent, where, as whom, with which secrets."""
    asked = battery.settings
    names = ", ".join(bench.provider.name for bench in battery.benches)
    lines = [f"hookassay: {_shown_url(battery)} as {names}"]
    for bench in battery.benches:
        if not bench.provider.authentication.has_secret:
            continue
        secrets = ", ".join(mask(secret) for secret in bench.vendor.secrets.all())
        name = bench.provider.name
        if name in asked.assumed_secrets:
            assumed = f"no secret given, the documented test secret is used ({secrets})"
            lines.append(f"  {name}: {assumed}: --target-secret {name}=…")
        else:
            lines.append(f"  {name}: secret {secrets}")
    if collect_only:
        return lines
    lines += [f"  {line}" for line in battery.lines]
    count = round(len(battery.planned) * _REQUESTS_PER_CASE, -1)
    lines.append(
        f"  about {count:.0f} requests; they reach your handler as real events (User-Agent {_agents(battery)};"
    )
    lines.append("  ids begin with a55a where the vendor's are hexadecimal)")
    lines.append("  cases run one after another, also under -n")
    return lines


def _agents(battery: Battery) -> str:
    return ", ".join(dict.fromkeys(dict(bench.vendor.headers).get("User-Agent", "none") for bench in battery.benches))


def _shown_url(battery: Battery) -> str:
    return shown_url(battery.benches[0].target.url if len(battery.benches) == 1 else battery.settings.url)


def briefly(verdict: Verdict) -> str:
    """A failure whose cause was told before: its first line, and how to repeat it."""
    repeat = next((line for line in verdict.message.splitlines() if line.startswith("repeat: ")), "")
    return "\n".join(
        part
        for part in (verdict.message.partition("\n")[0], f"the same finding as before: {verdict.finding}", repeat)
        if part
    )


def summary(
    reporter: Any,
    battery: Battery,
    verdicts: Sequence[Verdict],
    found: Sequence[Finding],
    stale: Sequence[str],
    status: int,
    seconds: float,
) -> None:
    """The end of the run, written through pytest's own writer."""
    reporter.section("hookassay", sep="=")
    reporter.write(_rendered(reporter, verdicts))
    for level, title in (("failed", "Findings"), ("advice", "Advice"), ("waived", "Waived")):
        some = [finding for finding in found if finding.level == level]
        if some:
            reporter.write_line("")
            reporter.write_line(f"{title} ({len(some)})", bold=True)
        for number, finding in enumerate(some[:_FINDINGS_SHOWN], 1):
            _write_finding(reporter, number, finding)
        if len(some) > _FINDINGS_SHOWN:
            reporter.write_line(f"  … and {len(some) - _FINDINGS_SHOWN} more (--target-report FILE.json has them all)")
    notes = {note.key: note for verdict in verdicts for note in verdict.notes}
    if notes:
        reporter.write_line("")
        reporter.write_line("Seen in this run", bold=True)
        for note in notes.values():
            reporter.write_line(f"  {note.key.partition(':')[0]}: {note.text}")
    for line in stale:
        reporter.write_line(f"waiver {line}", red=True)
    not_run = next((verdict.message for verdict in verdicts if verdict.verdict == "not run"), "")
    if not_run:
        reporter.write_line("")
        reporter.write_line(f"not run: {not_run}", red=True)
    reporter.write_line("")
    line = verdict_line(battery, verdicts, found, stale, seconds)
    reporter.write_line(line, bold=True, red=status != 0, green=status == 0)


def verdict_line(
    battery: Battery, verdicts: Sequence[Verdict], found: Sequence[Finding], stale: Sequence[str], seconds: float
) -> str:
    """The run in one line."""
    kinds = Counter(verdict.verdict for verdict in verdicts)
    failing = [finding for finding in found if finding.level == "failed"]
    where = f"{_shown_url(battery)}"
    pace = f"{battery.requests} requests in {seconds:.1f} s"
    if failing or stale:
        what = (
            f"{len(failing)} finding{'s' * (len(failing) != 1)} in {kinds['failed']} of {len(verdicts)} cases"
            if failing
            else f"{len(stale)} waiver{'s' * (len(stale) != 1)} no longer true"
        )
        return f"{where} does not conform: {what} ({pace})"
    if kinds["not run"]:
        return f"{where}: no verdict, {kinds['not run']} of {len(verdicts)} cases were not run ({pace})"
    if kinds["error"]:
        return f"{where}: no verdict, hookassay itself broke in {kinds['error']} cases ({pace})"
    if not kinds["passed"] and not kinds["advice"] and not kinds["waived"]:
        return f"{where}: nothing was tried ({pace})"
    but = f" but for {kinds['waived']} waived" if kinds["waived"] else ""
    advice = f", {kinds['advice']} with advice" if kinds["advice"] else ""
    return f"{where} conforms{but}: {kinds['passed'] + kinds['advice']} cases{advice} ({pace})"


def _write_finding(reporter: Any, number: int, finding: Finding) -> None:
    proof = " (proven)" if finding.proven else ""
    reporter.write_line(
        f" {number:>2}. {finding.title}{proof}", red=finding.level == "failed", yellow=finding.level == "advice"
    )
    if finding.reason:
        reporter.write_line(f"     {finding.reason}")
    shown = finding.verdicts[:_IDS_SHOWN]
    more = len(finding.verdicts) - len(shown)
    for name in shown:
        reporter.write_line(f"     {name}")
    if more:
        reporter.write_line(f"     and {more} more case{'s' * (more != 1)}")
    if elsewhere := finding.also_in(len(shown)):
        reporter.write_line(
            f"     also seen in: {', '.join(elsewhere[:_CHECKS_SHOWN])}{', …' * (len(elsewhere) > _CHECKS_SHOWN)}"
        )
    if finding.fix:
        reporter.write_line(f"     fix: {finding.fix}")


def _rendered(reporter: Any, verdicts: Sequence[Verdict]) -> str:
    """The table, in rich's hands; pytest's writer gets the text."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = [
        column
        for column in _COLUMNS
        if column[0] in ("passed", "failed") or any(v.verdict == column[0] for v in verdicts)
    ]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("family", no_wrap=True)
    for _, title, _ in shown:
        table.add_column(title, justify="right")
    rows: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        rows.setdefault(f"{verdict.provider}/{verdict.family}", Counter())[verdict.verdict] += 1
    for name, counts in rows.items():
        table.add_row(
            name,
            *(
                f"[{style}]{counts[kind]}[/]" if counts[kind] and style else str(counts[kind] or "·")
                for kind, _, style in shown
            ),
        )
    width = max(40, reporter._tw.fullwidth)
    console = Console(
        force_terminal=bool(reporter.hasmarkup), width=width, no_color=not reporter.hasmarkup, highlight=False
    )
    with console.capture() as captured:
        console.print(table)
    return captured.get()
