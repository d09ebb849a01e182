"""Write everything that is generated from the data; with --check only say what is stale.

    python tools/generate.py [--check]

Generated: each provider's openapi.json and vectors/*.json, schemas/checks.json, and the tables in
docs/contracts.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hookassay.conformance import checks
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Check
from hookassay.mockserver.emission import vectors
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue, openapi
from hookassay.schemas.contract import Provider

ROOT = Path(__file__).resolve().parent.parent
_BEGIN, _END = "<!-- generated: events -->", "<!-- end of generated -->"
_BASIC = "https://user:password@receiver.example/"


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file and what it should hold."""
    providers = [catalogue.load_folder(folder) for folder in catalogue.find().values()]
    for provider in providers:
        yield provider.folder / "openapi.json", _json(openapi.document(provider))
        for name, document in vectors.documents(provider).items():
            yield provider.folder / "vectors" / name, _json(document)
    listed = {provider.name: [_record(provider, check) for check in _applying(provider)] for provider in providers}
    yield catalogue.OURS / "checks.json", _json({"providers": listed})
    yield ROOT / "docs" / "contracts.md", _with_table(ROOT / "docs" / "contracts.md", providers)


def _applying(provider: Provider) -> list[Check]:
    """The checks that have a case for this provider, given all that a user can give: secrets, an agent, credentials."""
    agent = "agent" if "route" in provider.traits else ""
    secrets = Secrets(provider.test_secret, provider.test_secrets, {agent: "another-secret"} if agent else {})
    events = tuple(provider.deliverable)
    bench = Bench(provider, Vendor(provider, secrets), Target.parse(_BASIC), events, 10.0, False, agent=agent)
    return [check for check in checks.checks(provider) if next(iter(check.cases(bench)), None) is not None]


def _record(provider: Provider, check: Check) -> dict[str, Any]:
    """What there is to say of a check, for pages and for other languages (meta/checks.schema.json)."""
    requirements = provider.requirements_of(check.id)
    cited = dict.fromkeys(provider.cite(requirement.source) for requirement in requirements)
    return {
        "id": f"{provider.name}/{check.id}",
        "family": check.family,
        "level": check.level,
        "title": check.title,
        "fault": check.fault,
        **({"observed": check.observed} if check.observed else {}),
        "source": "; ".join(cited) or check.source,
        "remedy": check.remedy,
        **({"causes": list(check.causes)} if check.causes else {}),
        "requirements": [requirement.id for requirement in requirements],
        "evidence": list(check.evidence),
    }


def _with_table(path: Path, providers: list[Provider]) -> str:
    """A page with the table of events between its marks."""
    rows = ["| provider | event | what happened | examples |", "|---|---|---|---|"]
    for provider in providers:
        for event in provider.events.values():
            rows.append(f"| `{provider.name}` | `{event.name}` | {event.title} | {', '.join(event.examples)} |")
    before, _, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n{chr(10).join(rows)}\n{_END}{after}"


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    check = parser.parse_args().check
    files = {path.resolve(): text.encode("utf-8", "surrogatepass") for path, text in generated()}
    stale = [path for path, data in files.items() if not path.is_file() or path.read_bytes() != data]
    orphans = [path for path in sorted((ROOT / "schemas").glob("*/vectors/*.json")) if path not in files]
    for path in (*stale, *orphans):
        done = "stale" if check else "removed" if path in orphans else "written"
        print(f"{done}: {path.relative_to(ROOT)}")
        if check:
            continue
        if path in orphans:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(files[path])
    return 1 if check and (stale or orphans) else 0


if __name__ == "__main__":
    sys.exit(main())
