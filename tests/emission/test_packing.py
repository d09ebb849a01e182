"""Gzip, to the same bytes in every Python."""

from __future__ import annotations

import gzip

from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.packing import packed


@given(st.binary(max_size=5000))
def test_others_unpack_it(data: bytes) -> None:
    assert gzip.decompress(packed(data)) == data


def test_the_same_bytes_everywhere() -> None:
    """Pinned, because cases of a campaign come back from their names."""
    assert packed(b"abc" * 9).hex() == "1f8b08000000000002034b4c4a4ec48100d18ef6a81b000000"
    assert packed(b"").hex() == "1f8b08000000000002030300" + "00" * 8
