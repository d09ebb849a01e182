"""Fresh ids: new each time, of the old one's shape, equal where the old ones were equal."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.ids import GENERATORS, MARK, Ids

from .strategies import quick

shaped = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda value: str(value).upper()),
    st.text("0123456789", min_size=1, max_size=20),
    st.text("0123456789abcdef", min_size=4, max_size=40),
    st.text("abcXYZ019-._/", min_size=1, max_size=30),
    st.builds("{}_{}".format, st.sampled_from(["chat", "msg", "a_b"]), st.text("abc019", min_size=1, max_size=12)),
)


def _shape(text: str) -> str:
    """Every letter and digit by its kind."""
    return re.sub("[A-Z]", "A", re.sub("[a-z]", "a", re.sub("[0-9]", "0", text)))


@quick
@given(old=shaped)
def test_equal_ids_stay_equal(old: str) -> None:
    """Within one set an old id always has the same new one; another set has another."""
    ids = Ids()
    assert ids.renew(old) == ids.renew(old)
    assert len({Ids().renew(old) for _ in range(3)} | {old}) == 4


@quick
@given(olds=st.lists(shaped, min_size=2, max_size=6, unique=True))
def test_different_ids_stay_different(olds: list[str]) -> None:
    """Two old ids never share a new one."""
    ids = Ids()
    assert len({ids.renew(old) for old in olds}) == len(olds)


@quick
@given(old=st.uuids())
def test_uuid_stays_a_uuid(old: uuid.UUID) -> None:
    """A UUID becomes a UUID in the same case, recognisable by its beginning."""
    lower, upper = Ids().renew(str(old)), Ids().renew(f"X{old}".upper()[1:])
    assert str(uuid.UUID(lower)) == lower and lower.startswith(MARK)
    assert upper == upper.upper() or str(old) == str(old).upper()


@quick
@given(old=st.text("0123456789", min_size=1, max_size=25))
def test_digits_stay_digits(old: str) -> None:
    """Digits become digits, without a leading zero, as many or more."""
    assert re.fullmatch("[1-9][0-9]+", Ids().renew(old))
    assert len(Ids().renew(old)) == max(len(old), 12)


@quick
@given(old=st.text("0123456789abcdef", min_size=12, max_size=40).filter(lambda text: not text.isdigit()))
def test_hex_stays_hex(old: str) -> None:
    """Hexadecimal ids keep their length and begin so that test deliveries can be told."""
    assert re.fullmatch(f"{MARK}[0-9a-f]{{{len(old) - 4}}}", Ids().renew(old))


@quick
@given(old=st.text("GHXYZghxyz019-.:", min_size=10, max_size=30).filter(lambda text: sum(map(str.isalnum, text)) >= 10))
def test_other_ids_keep_their_shape(old: str) -> None:
    """Letters, capitals, digits and marks stay in their places."""
    if not old.isdigit():
        assert _shape(Ids().renew(old)) == _shape(old)


@pytest.mark.parametrize(("old", "head"), [("chat_x1", "chat_"), ("a_b_c9", "a_b_")])
def test_prefix_is_kept(old: str, head: str) -> None:
    """What stands before the last underscore is no part of the id; a short rest becomes longer."""
    new = Ids().renew(old)
    assert new.startswith(head)
    assert len(new) >= len(head) + 10


def test_numbers_stay_numbers() -> None:
    """A number becomes another number that fits 32 bits."""
    ids = Ids()
    assert 2**30 <= ids.renew(7) < 2**31
    assert ids.renew(7) == ids.renew(7) != ids.renew(8)


def test_no_id_stays_no_id() -> None:
    """An empty text stands for no id at all."""
    assert Ids().renew("") == ""


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("id", "a55a[0-9a-f]{20}"),
        ("digits", "[1-9][0-9]{11}"),
        ("hex24", "a55a[0-9a-f]{20}"),
        ("hex32", "a55a[0-9a-f]{28}"),
        ("uuid", "a55a[0-9a-f]{4}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("UUID", "A55A[0-9A-F]{4}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"),
    ],
)
def test_generators_by_name(name: str, form: str) -> None:
    """Each named kind has its form, and is another each time."""
    made = {GENERATORS[name]() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(form, one) for one in made)
