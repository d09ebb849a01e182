"""`hookassay checks [PROVIDER]`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from hookassay.cli import completion, options, output, records
from hookassay.cli.records import Record
from hookassay.conformance.check import FAMILIES
from hookassay.schemas import catalogue
from hookassay.schemas.contract import LEVELS, Provider

if TYPE_CHECKING:
    from hookassay.conformance.bench import Bench


@click.command("checks")
@click.argument("provider", required=False, shell_complete=completion.providers)
@click.option("--level", type=click.Choice(LEVELS, case_sensitive=False), help="Only the checks of this level.")
@click.option("--family", type=click.Choice(FAMILIES), help="Only the checks of this family.")
@options.provider_path
@options.as_json
def command(
    provider: str | None, level: str | None, family: str | None, provider_path: tuple[str, ...], as_json: bool
) -> int:
    """List what a receiver is held to.

    With a PROVIDER, the checks that its battery has, and how many cases each;
    without one, all there are.

    \b
    Examples:
      hookassay checks gitple
      hookassay checks gbm --family handshake --level must
      hookassay checks --json | jq -r '.[] | select(.level == "should").id'
    """
    paths = options.paths(provider_path)
    if provider is None:
        own = (record for folder in catalogue.find(paths).values() for record in records.own(folder))
        found = [(record, 0) for record in (*records.ours(), *own)]
    else:
        found = list(_of(catalogue.load(provider, paths)))
    found = [
        (record, cases) for record, cases in found if level in (None, record.level) and family in (None, record.family)
    ]
    if as_json:
        output.data([_told(record, provider, cases) for record, cases in found])
        return 0
    rows = [
        (f"{provider}/{record.id}" if provider else record.name, record.level, str(cases or ""), record.title)
        for record, cases in found
    ]
    if rows:
        output.table(("CHECK", "LEVEL", "CASES", "A RECEIVER"), rows)
        output.tip(f"hookassay explain {rows[0][0]} says more of it.")
    else:
        output.line("no check is of this level and family")
    return 0


def _of(provider: Provider) -> Iterator[tuple[Record, int]]:
    """The checks of a provider's battery and their numbers of cases, in the order in which they run."""
    from hookassay.conformance import checks

    counts = Counter(check.id for check, _ in checks.cases(bench(provider)))
    found = [record for record in (*records.ours(), *records.own(provider.folder)) if counts[record.id]]
    order: list[str] = list(FAMILIES)
    for record in sorted(found, key=lambda record: order.index(record.family)):
        yield record, counts[record.id]


def bench(provider: Provider) -> Bench:
    """A bench of which every check has its cases: all secrets, an agent and credentials, and no receiver behind it."""
    from hookassay.conformance.bench import Bench
    from hookassay.mockserver.emission.target import Target
    from hookassay.mockserver.emission.vendor import Secrets, Vendor

    asked = tuple(name for name, event in provider.deliverable.items() if event.asked)
    vendor = Vendor(provider, Secrets(provider.test_secret, provider.test_secrets))
    target = Target.parse("http://user:password@127.0.0.1/")
    route = provider.traits.get("route")
    return Bench(provider, vendor, target, asked, provider.timeout.seconds, False, agent="agent" if route else "")


def _told(record: Record, provider: str | None, cases: int) -> dict[str, object]:
    told: dict[str, object] = {
        "id": f"{provider}/{record.id}" if provider else record.name,
        "family": record.family,
        "level": record.level,
        "title": record.title,
    }
    return {**told, "cases": cases} if provider else told
