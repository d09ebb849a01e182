"""Every event of every provider, and generators of them."""

from __future__ import annotations

from pathlib import Path

from hookassay.mockserver.emission import generation
from hookassay.schemas import catalogue

OTHERS = Path(__file__).parents[1] / "providers"
"""Providers of other shapes, to show that nothing depends on ours."""

AT = 1_704_067_200 * 10**9
"""2024-01-01T00:00:00Z, the time in files."""

EVENTS = [(name, event) for name in catalogue.find([OTHERS]) for event in catalogue.load(name, [OTHERS]).events]


def generator(provider: str, event: str) -> generation.Compiled:
    return generation.compiled(catalogue.load(provider, [OTHERS]), event)
