"""`hookassay explain CHECK-ID`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from hookassay.cli import completion, options, output, records
from hookassay.cli.faults import Fault
from hookassay.cli.records import Record
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Provider

_CASES_SHOWN = 12


@dataclass(frozen=True)
class Told:
    """A check beside the providers that it is told for; `cases` where one provider was asked about."""

    record: Record
    providers: Sequence[Provider]
    cases: Sequence[str] = ()

    @property
    def name(self) -> str:
        return f"{self.providers[0].name}/{self.record.id}" if self.cases else self.record.name


@click.command("explain")
@click.argument("check", metavar="CHECK-ID", shell_complete=completion.checks)
@options.provider_path
@options.as_json
def command(check: str, provider_path: tuple[str, ...], as_json: bool) -> int:
    """Explain a check: rule, source, causes, cure.

    The CHECK-ID may begin with a provider's name, which narrows sources and
    requirements to that vendor, and may end in a case, as reports print it.

    \b
    Examples:
      hookassay explain signature/absent
      hookassay explain gitple/signature/absent
      hookassay explain 'gbm/handshake/digits[leading-zero]'
      hookassay explain gitple/payload/user-meta --json
    """
    folders = catalogue.find(options.paths(provider_path))
    found = _found(check, folders)
    if as_json:
        output.data([_as_json(told) for told in found] if len(found) > 1 else _as_json(found[0]))
        return 0
    for number, told in enumerate(found):
        if number:
            output.line()
        _print(told)
    return 0


def _found(typed: str, folders: dict[str, Path]) -> list[Told]:
    """What an id means: one check, or several where vendors have checks of their own by one name."""
    wanted = typed.partition("[")[0].strip().strip("/")
    name, _, rest = wanted.partition("/")
    own = [record for folder in folders.values() for record in records.own(folder)]
    if name in folders and rest:
        provider = catalogue.load_folder(folders[name])
        record = next((r for r in (*records.ours(), *own) if r.id == rest and r.provider in ("", name)), None)
        if record is None:
            known = [f"{name}/{r.id}" for r in (*records.ours(), *own) if r.provider in ("", name)]
            raise _unknown(typed, wanted, known, folders)
        cases = _cases(provider, record)
        if not cases:
            raise Fault(f"{rest} is not in the battery of {name}; `hookassay checks {name}` lists what is")
        return [Told(record, [provider], cases)]
    found = [record for record in (*records.ours(), *own) if record.id == wanted]
    if not found:
        raise _unknown(typed, wanted, [record.id for record in (*records.ours(), *own)], folders)
    return [
        Told(record, [catalogue.load_folder(folders[name]) for name in folders if record.provider in ("", name)])
        for record in found
    ]


def _unknown(typed: str, wanted: str, known: Sequence[str], folders: Iterable[str]) -> Fault:
    """No such check: those of the same last name if there are any, else the nearest."""
    if "/" not in wanted and wanted in folders:
        return Fault(f"{wanted} is a provider; `hookassay checks {wanted}` lists its checks")
    last = wanted.rpartition("/")[2]
    same = sorted({ident for ident in known if ident.rpartition("/")[2] == last})
    near = f" (did you mean {' or '.join(same[:4])}?)" if same else catalogue.nearest(wanted, known)
    return Fault(f"unknown check {typed!r}{near}; `hookassay checks` lists them")


def _cases(provider: Provider, record: Record) -> list[str]:
    from hookassay.cli.checks import bench
    from hookassay.conformance import checks

    found = next(check for check in checks.checks(provider) if check.id == record.id)
    return [case.name for case in found.cases(bench(provider))]


def _requirements(told: Told) -> list[dict[str, str]]:
    return [
        {"id": r.id, "level": r.level, "text": r.text, "provider": provider.name, "source": provider.cite(r.source)}
        for provider in told.providers
        for r in provider.requirements_of(told.record.id)
    ]


def _source(told: Told) -> str:
    """Whose rule it is: written out by the documents of the provider, where its data name one."""
    record = told.record
    return told.providers[0].source_of(record.id, record.source) if len(told.providers) == 1 else record.source


def _as_json(told: Told) -> dict[str, Any]:
    record = told.record
    return {
        "id": told.name,
        "family": record.family,
        "level": record.level,
        "title": record.title,
        "fault": record.fault or None,
        "source": _source(told),
        "requirements": _requirements(told),
        "observed": record.observed or None,
        "cases": list(told.cases) or None,
        "causes": list(record.causes),
        "remedy": record.remedy,
        "evidence": list(record.evidence),
    }


def _print(told: Told) -> None:
    record = told.record
    output.line(f"{told.name}  {record.level.upper()}", bold=True)
    output.line()
    _part("rule", f"a receiver {record.title}")
    _part("failing", f"it {record.fault}" if record.fault else "")
    _part("source", _source(told))
    _part("observed", record.observed)
    if told.cases:
        shown = ", ".join(told.cases[:_CASES_SHOWN])
        more = len(told.cases) - _CASES_SHOWN
        _part("cases", f"{len(told.cases)}: {shown}{f' and {more} more' if more > 0 else ''}")
    for number, cause in enumerate(record.causes):
        _part("" if number else "causes", cause)
    _part("fix", record.remedy)
    for number, requirement in enumerate(_requirements(told)):
        text = f"{requirement['id']} {requirement['level'].upper()} {requirement['text']} ({requirement['source']})"
        _part("" if number else "stands for", text)
    _part("seen in", f"{', '.join(record.evidence)} (docs/field-evidence.md)" if record.evidence else "")
    _part("try it", f"hookassay check URL --check {told.name}")


def _part(label: str, text: str) -> None:
    if text:
        output.entry(label, text)
