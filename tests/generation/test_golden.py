"""What a name stands for does not change behind its back."""

from __future__ import annotations

import json

import pytest

from hookassay.mockserver.emission.generation import GENERATOR
from hookassay.schemas import catalogue
from tests.generation import golden
from tests.generation.conftest import AT, generator

_USUALLY, *_THOROUGH = sorted(catalogue.find())


@pytest.mark.parametrize("provider", [_USUALLY, *(pytest.param(p, marks=pytest.mark.thorough) for p in _THOROUGH)])
def test_golden_digests(provider: str) -> None:
    """The first thousand cases of each event and kind are those that this generator's number was given for."""
    kept = json.loads(golden.FILE.read_text(encoding="utf-8"))
    assert kept["generator"] == GENERATOR
    told = "cases have changed: raise GENERATOR and run python -m tests.generation.golden"
    assert golden.digests(provider) == kept["digests"][provider], told


def test_any_index_and_order() -> None:
    """A case depends on nothing but seed, index and time: not on what was made before it."""
    made = generator("gitple", "session_state_close")
    indices = [0, 5, 2**32, 2**60, 2**63, 1042]
    first = [made.valid(9, index, AT) for index in indices]
    assert [made.valid(9, index, AT) for index in reversed(indices)] == first[::-1]
    assert len(set(first)) == len(first)
    assert made.valid(10, 5, AT) != made.valid(9, 5, AT)
