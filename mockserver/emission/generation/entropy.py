"""Where a case's choices come from: its seed and index alone, in constant time at any index.

Choices of a few values are drawn from a keyed hash of the index; what has to be covered evenly
(optional members, places of a mutation) follows from the index by a permutation. `mix` stands
between the two wherever an index is divided, because plain remainders starve the shards of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, count
from struct import Struct

MASK = 2**64 - 1
_unpack = Struct("<32H").unpack

Draw = Callable[[], int]
"""Gives the next 16 bits of a case."""


def mix(value: int, salt: int = 0) -> int:
    """64 well-mixed bits of a number: splitmix64's finaliser (Steele, Lea and Flood, 2014)."""
    value = (value + 0x9E3779B97F4A7C15 * (salt + 1)) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def place(index: int, places: int, salt: int = 0) -> int:
    """A number below `places`: each comes once in so many indices, in every shard of a run."""
    return (index + _of_block(index // places, salt)) % places


def permuted(index: int, bits: int, salt: int = 0) -> int:
    """A mask of so many bits: each of them comes once in 2**bits indices, in a mixed order."""
    mask = (1 << bits) - 1
    value = (index + _of_block(index >> bits, salt)) & mask
    value ^= value >> (bits // 2 or 1)
    value = (value * ((0x9E3779B97F4A7C15 * (2 * salt + 1)) | 1)) & mask
    return value ^ (value >> (bits // 2 or 1))


@lru_cache(maxsize=1024)
def _of_block(block: int, salt: int) -> int:
    """`mix`, remembered: neighbouring indices ask for the same."""
    return mix(block, salt)


def key(seed: int, *names: str) -> bytes:
    """The key of the hash for a seed and a purpose."""
    return blake2b("\0".join(names).encode(), key=(seed & MASK).to_bytes(8, "little"), digest_size=32).digest()


def draws(key: bytes, index: int) -> Draw:
    """The words of one case, without end."""
    return chain.from_iterable(_blocks(key + (index & MASK).to_bytes(8, "little"))).__next__


def _blocks(place: bytes) -> Iterator[tuple[int, ...]]:
    yield _unpack(blake2b(place).digest())
    for number in count(1):
        yield _unpack(blake2b(place, salt=number.to_bytes(8, "little")).digest())


def below(draw: Draw, limit: int) -> int:
    """A number below `limit`, which is at most 2**32."""
    return (draw() << 16 | draw()) % limit


def pick(draw: Draw, sequence: list[str] | tuple[str, ...]) -> str:
    """One of several texts."""
    return sequence[below(draw, len(sequence))]
