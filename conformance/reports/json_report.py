"""The report for programs: one JSON document (schemas/meta/report.schema.json)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from hookassay import __version__
from hookassay.conformance.battery import Battery
from hookassay.conformance.findings import findings
from hookassay.conformance.verdict import Verdict
from hookassay.mockserver.emission.addressed import shown_url


def document(battery: Battery, verdicts: Sequence[Verdict], started: float, status: int) -> dict[str, Any]:
    """The report as plain types; secrets are masked as they are everywhere."""
    return {
        "tool": "hookassay",
        "version": __version__,
        "contracts": {bench.provider.name: bench.provider.contract for bench in battery.benches},
        "target": shown_url(battery.benches[0].target.url if len(battery.benches) == 1 else battery.settings.url),
        "providers": [bench.provider.name for bench in battery.benches],
        "started": datetime.fromtimestamp(started, timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(time.time() - started, 3),
        "requests": battery.requests,
        "exit": status,
        "verdicts": [_verdict(verdict) for verdict in verdicts],
        "findings": [asdict(finding) for finding in findings(verdicts)],
    }


def write(path: Path, battery: Battery, verdicts: Sequence[Verdict], started: float, status: int) -> None:
    """Write the report to a file, whole or not at all."""
    text = json.dumps(document(battery, verdicts, started, status), ensure_ascii=False, indent=1)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    partial.replace(path)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {key: value for key, value in verdict.as_json().items() if key not in ("sightings",)}
