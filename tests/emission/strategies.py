"""Hypothesis strategies and settings that several files share."""

from __future__ import annotations

import json
import math

from hypothesis import settings
from hypothesis import strategies as st

quick = settings(max_examples=60, deadline=None, database=None)
few = settings(max_examples=15, deadline=None, database=None)

texts = st.text(max_size=20)
"""Texts of any characters but lone surrogates, those that serialisers escape among them."""

tricky = st.sampled_from(
    [
        "",
        "/",
        '"',
        "\\",
        "\x00",
        "\x1f",
        "\x7f",
        "\x85",
        "\u2028\u2029",
        "<b>&'=`+</b>",
        "안녕",
        "é",
        "😀",
        "\ufeff",
        "\ue000",
    ]
)
members = st.one_of(texts, tricky)

floats = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-1000, 1000),
    floats,
    st.sampled_from(
        [0.0, -0.0, 1.0, 1e15, 1e16, 1e17, 1e20, 1e21, 1e22, 1e-4, 1e-5, 1e-6, 1e-7, 5e-324, 1.7976931348623157e308]
    ),
)

_digits = st.text("0123456789", min_size=1, max_size=12)
number_texts = st.one_of(
    st.builds(
        lambda sign, whole, fraction, exponent: f"{sign}{whole}{fraction}{exponent}",
        st.sampled_from(["", "-"]),
        st.one_of(st.integers(0, 10**21), st.integers(0, 20)),
        st.one_of(st.just(""), _digits.map(lambda digits: f".{digits}")),
        st.one_of(
            st.just(""),
            st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 99)),
        ),
    ),
    floats.map(json.dumps),
    st.sampled_from(
        ["-0", "-0.0", "0.0", "1.0", "1E+2", "9007199254740993", "9223372036854775807", "9223372036854775808"]
    ),
)
"""Numbers as JSON may have them, within what a double holds."""


def documents(leaves: st.SearchStrategy[object] | None = None) -> st.SearchStrategy[object]:
    """Any JSON value, of these leaves or of any."""
    leaf = st.one_of(st.none(), st.booleans(), numbers, members) if leaves is None else leaves
    return st.recursive(
        leaf,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(members, inner, max_size=4)),
        max_leaves=12,
    )


def same(left: object, right: object) -> bool:
    """Whether two JSON values are equal, types and the sign of zero included."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    return left == right
