"""The order of a run: every slot, place and mask comes, in every shard."""

from __future__ import annotations

from itertools import islice

import pytest

from hookassay.conformance.fuzz.counter import SHARES, Order, Shard
from hookassay.mockserver.emission.generation.entropy import permuted, place

EVENTS = ("open", "inprogress", "close", "message")
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16)
KINDS = tuple(SHARES)


@pytest.mark.parametrize("of", NUMBERS)
def test_shards_partition_a_run(of: int) -> None:
    """Every count is in exactly one shard, and shards differ in size by one at most."""
    shards = [list(Shard(number, of).counters(0, 1000)) for number in range(1, of + 1)]
    assert sorted(counter for shard in shards for counter in shard) == list(range(1000))
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@pytest.mark.parametrize("of", NUMBERS)
def test_a_shard_goes_on_anywhere(of: int) -> None:
    """What is left of a shard from any count on is the rest of what it was."""
    for number in range(1, of + 1):
        whole = list(Shard(number, of).counters(0, 200))
        for start in (0, 1, 17, 199):
            assert list(Shard(number, of).counters(start, 200)) == [c for c in whole if c >= start]


def test_no_index_comes_twice() -> None:
    """Within an event and kind, indices are counted without gaps."""
    order = Order.of(EVENTS, KINDS)
    seen: dict[tuple[str, str], list[int]] = {}
    for counter in range(len(order.slots) * 50):
        where = order.place(counter)
        seen.setdefault((where.event, where.kind), []).append(where.index)
    for (_, kind), indices in seen.items():
        assert sorted(indices) == list(range(50 * SHARES[kind]))  # type: ignore[index]


@pytest.mark.parametrize("of", NUMBERS)
def test_every_shard_sees_every_slot(of: int) -> None:
    """Each shard meets every event in every kind within 16 times the least possible number of cases."""
    order = Order.of(EVENTS, KINDS)
    slots = len(order.slots)
    for number in range(1, of + 1):
        counters = islice(Shard(number, of).counters(0, None), 16 * slots)
        met = {(where.event, where.kind) for where in map(order.place, counters)}
        assert met == {(event, kind) for event in EVENTS for kind in KINDS}


@pytest.mark.parametrize("of", NUMBERS)
@pytest.mark.parametrize("places", [2, 27, 64, 120, 256])
def test_every_shard_sees_every_place(of: int, places: int) -> None:
    """Each shard of a run over one event and kind reaches every place of a mutation."""
    for number in range(1, of + 1):
        counters = islice(Shard(number, of).counters(0, None), 16 * places)
        assert {place(counter, places, 2) for counter in counters} == set(range(places))


@pytest.mark.parametrize("of", NUMBERS)
@pytest.mark.parametrize("bits", [1, 4, 5, 9])
def test_every_shard_sees_every_mask(of: int, bits: int) -> None:
    """Each shard has every combination of optional members, from one machine's run in as few cases as there are."""
    for number in range(1, of + 1):
        limit = 2**bits if of == 1 else 16 * 2**bits
        counters = islice(Shard(number, of).counters(0, None), limit)
        assert len({permuted(counter, bits, 5) for counter in counters}) == 2**bits


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "a/b", "1", "1/2/3", "", "-1/2"])
def test_shards_that_are_none(text: str) -> None:
    """What is no shard is refused, and the form is told."""
    with pytest.raises(ValueError, match="1/4 to 4/4"):
        Shard.parse(text)
