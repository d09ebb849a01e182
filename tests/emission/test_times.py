"""Moments: read in every form that vendors write, moved, and written in the same form again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission import times

from .strategies import quick

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_moments = st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9998, 12, 30))


@st.composite
def iso_texts(draw: st.DrawFn) -> str:
    """An RFC 3339 time with any number of decimals and any offset."""
    seconds = draw(_moments).strftime("%m-%dT%H:%M:%S")
    year = draw(st.integers(1000, 9900))  # a distance of 32 years stays within what a time can say
    fraction = draw(
        st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=9).map(lambda digits: f".{digits}"))
    )
    offset = draw(
        st.one_of(
            st.just("Z"),
            st.builds("{}{:02d}:{:02d}".format, st.sampled_from("+-"), st.integers(0, 14), st.integers(0, 59)),
        )
    )
    day = "02-28" if seconds.startswith("02-29") else seconds[:5]
    return f"{year}-{day}{seconds[5:]}{fraction}{offset}"


numbers = st.one_of(st.integers(0, 10**10), st.integers(10**11, 10**14))


@quick
@given(example=st.one_of(iso_texts(), numbers))
def test_written_in_its_own_form_a_moment_is_itself(example: str | int) -> None:
    """Reading a time and writing it in its own form gives the same text or number."""
    moment = times.parse(example)
    assert moment is not None
    assert times.like(example, moment) == example


@quick
@given(example=iso_texts())
def test_text_means_what_rfc_3339_says(example: str) -> None:
    """A time is read to the nanosecond, its offset taken into account."""
    moment = times.parse(example)
    assert moment is not None
    whole = datetime.fromisoformat(re.sub(r"\.\d+", "", example).replace("Z", "+00:00"))
    seconds = round((whole - _EPOCH) / timedelta(seconds=1))
    fraction = re.search(r"\.(\d+)", example)
    assert moment == seconds * times.SECOND + int((fraction[1] if fraction else "0").ljust(9, "0"))


@quick
@given(examples=st.lists(st.one_of(iso_texts(), numbers), min_size=2, max_size=5), distance=st.integers(0, 10**9))
def test_moments_keep_their_distances(examples: list[str | int], distance: int) -> None:
    """Moved by whole seconds, moments of any forms stay as far from each other as they were."""
    moved = [times.like(example, _moment(example) + distance * times.SECOND) for example in examples]
    assert [_moment(new) - _moment(old) for new, old in zip(moved, examples, strict=True)] == [
        distance * times.SECOND
    ] * len(examples)


def _moment(value: str | int) -> int:
    moment = times.parse(value)
    assert moment is not None
    return moment


@quick
@given(example=iso_texts(), moment=st.integers(0, 4 * 10**18))
def test_form_is_kept(example: str, moment: int) -> None:
    """Whatever moment is written, decimals and offset are the example's."""
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:\d\d)"
    old, new = re.fullmatch(form, example), re.fullmatch(form, str(times.like(example, moment)))
    assert old is not None and new is not None
    assert (len(new[1] or ""), new[2]) == (len(old[1] or ""), old[2])


@pytest.mark.parametrize(
    "value",
    [
        "", "now", "2024-01-01", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z",
        "2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00.1234567890Z", "2024-01-01T00:00:00Z\n",
        "٢٠٢٤-01-01T00:00:00Z", True, None, 1.5, [], {},
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(value: object) -> None:
    """Anything but RFC 3339 text and whole numbers is no time."""
    assert times.parse(value) is None


def test_leap_second_is_a_moment() -> None:
    """The second sixty is read as the one behind it."""
    assert times.parse("2016-12-31T23:59:60Z") == times.parse("2017-01-01T00:00:00Z")


def test_seconds_and_milliseconds_are_told_apart() -> None:
    """Whole numbers are seconds up to the year 5138, milliseconds beyond."""
    assert times.parse(1_700_000_000) == times.parse(1_700_000_000_000) == 1_700_000_000 * times.SECOND
    assert times.like(1, 1_700_000_000_999_999_999) == 1_700_000_000
    assert times.like(10**12, 1_700_000_000_999_999_999) == 1_700_000_000_999


def test_without_a_form_milliseconds_in_utc_are_written() -> None:
    """Where nothing says how, a time is RFC 3339 in UTC with three decimals."""
    assert times.like(None, 1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123Z"


@pytest.mark.parametrize(
    ("decimals", "text"),
    [(0, "2023-11-14T22:13:20Z"), (3, "2023-11-14T22:13:20.123Z"), (9, "2023-11-14T22:13:20.123456789Z")],
)
def test_iso(decimals: int, text: str) -> None:
    """A moment has as many decimals as asked for, cut and not rounded."""
    assert times.iso(1_700_000_000_123_456_789, decimals) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("2d", 172_800), ("4ms", 0.004), ("1m1s500ms", 61.5), ("0s", 0)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    """A length of time is a sum of numbers with units."""
    assert times.span(text) == round(seconds * times.SECOND)


@pytest.mark.parametrize("text", ["", "90", "s", "1.5h", "-1s", "1 s", "1y", "1h "])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    """Anything else is refused with an example of what is meant."""
    with pytest.raises(ValueError, match="write 90s, 1h30m, 4ms"):
        times.span(text)
