"""Digests of the first thousand cases of every event and kind: what `GENERATOR` stands for.

`python -m tests.generation.golden` writes them again, after GENERATOR was raised.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from hookassay.conformance.fuzz.case import FILE_TIME
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Place
from hookassay.mockserver.emission.generation import GENERATOR
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue

FILE = Path(__file__).with_name("golden.json")
CASES = 1000


def digests(provider: str, count: int = CASES) -> dict[str, str]:
    """`EVENT/KIND` → digest of its first cases: bodies, headers, mutations."""
    loaded = catalogue.load(provider)
    cases = Cases(Vendor(loaded, Secrets(loaded.test_secret, loaded.test_secrets)), 0)
    found = {}
    for event in loaded.events:
        for kind in cases.of(event).kinds:
            total = hashlib.sha256()
            for index in range(count):
                case = cases.build(Place(event, kind, index), FILE_TIME)
                fixed = [pair for pair in case.delivery.headers if pair[0].lower() != "user-agent"]
                total.update(json.dumps([fixed, case.mutations]).encode() + case.delivery.body)
            found[f"{event}/{kind}"] = total.hexdigest()[:16]
    return found


def main() -> None:
    made = {provider: digests(provider) for provider in sorted(catalogue.find())}
    FILE.write_text(json.dumps({"generator": GENERATOR, "digests": made}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
