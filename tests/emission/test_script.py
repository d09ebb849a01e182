"""The small language of cases and scenarios: placeholders, repetitions, casts, times."""

from __future__ import annotations

import re

import pytest

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.script import BadScript, Script
from hookassay.schemas.contract import Json

NOW = 1_700_000_000 * times.SECOND


def _script(**cast: Json) -> Script:
    script = Script(now=NOW, start=NOW - 60 * times.SECOND)
    script.take_cast(cast)
    return script


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "text", "{one} {x}", [], {}, {"a": [1, {"b": None}]}])
def test_value_without_placeholders_stays(value: Json) -> None:
    """Only placeholders are touched."""
    assert _script().fill(value) == value


@pytest.mark.parametrize(
    ("text", "like", "expected"),
    [
        ("{{now}}", 1, 1_700_000_000),
        ("{{ now }}", 10**12, 1_700_000_000_000),
        ("{{now}}", None, "2023-11-14T22:13:20.000Z"),
        ("{{now}}", "2020-01-01T00:00:00+09:00", "2023-11-15T07:13:20+09:00"),
        ("{{now-6d}}", 1, 1_700_000_000 - 6 * 86_400),
        ("{{start}}", 1, 1_700_000_000 - 60),
        ("{{start+90s}}", 1, 1_700_000_000 + 30),
        ("{{now+1h30m}}", 1, 1_700_000_000 + 5_400),
        ("at {{now}}!", 1, "at 2023-11-14T22:13:20.000Z!"),
    ],
)
def test_times_take_the_form_of_what_stands_there(text: str, like: Json, expected: Json) -> None:
    """A placeholder alone takes the form of the example's value; inside of a text it is text."""
    assert _script().fill(text, like) == expected


def test_distances_shrink_with_the_scale() -> None:
    """A conversation told faster has its distances told faster too."""
    script = Script(now=NOW, start=NOW, scale=0.5)
    assert script.fill("{{start+10s}}", 1) == 1_700_000_005


def test_cast_is_made_once() -> None:
    """A name of the cast is the same value wherever it stands; a generator's name is another each time."""
    script = _script(visitor="hex24", name="kim", list=["a"], agent={"id": "7", "tags": {"x": 1}})
    filled = script.fill(["{{visitor}}", "{{visitor}}", "{{uuid}}", "{{uuid}}", "{{name}}", "{{agent.id}}", "{{list}}"])
    assert filled[0] == filled[1] and re.fullmatch("a55a[0-9a-f]{20}", filled[0])
    assert filled[2] != filled[3]
    assert filled[4:] == ["kim", "7", ["a"]]
    assert script.fill("{{name}} has {{agent.tags}}") == 'kim has {"x": 1}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$repeat": "ab", "$times": 3}, "ababab"),
        ({"$repeat": "{n}-", "$times": 3}, ["0-", "1-", "2-"]),
        (
            {"$repeat": {"id": "x{n}", "in": ["{n}"]}, "$times": 2},
            [{"id": "x0", "in": ["0"]}, {"id": "x1", "in": ["1"]}],
        ),
        ({"$repeat": 7, "$times": 2}, [7, 7]),
        ({"$repeat": "a", "$times": 0}, ""),
        ({"$members": "key{n}", "$value": {"v": "{n}"}, "$times": 2}, {"key0": {"v": "0"}, "key1": {"v": "1"}}),
    ],
)
def test_repetitions_are_written_out(value: Json, expected: Json) -> None:
    """Texts are repeated, anything else becomes an array, members an object; `{n}` counts."""
    assert _script().fill(value) == expected
    assert _script().fill({"inside": [value]}) == {"inside": [expected]}


def test_repeated_times_take_the_form_of_the_first_item() -> None:
    """What is repeated in the place of an array takes the form of that array's first item."""
    like = [{"at": 1}]
    assert _script().fill({"$repeat": {"at": "{{now}}"}, "$times": 2}, like) == [{"at": 1_700_000_000}] * 2
    assert _script().fill([{"at": "{{now}}"}], like) == [{"at": 1_700_000_000}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{nobody}}", "unknown; known are now, start, id, digits"),
        ("{{visitor.name}}", "has no member 'name'"),
        ("{{agent.nam}}", "has no member 'nam'"),
        ("{{now-6y}}", "not a length of time"),
        ("x {{now+}} y", "unknown"),
    ],
)
def test_placeholder_that_means_nothing_is_refused(text: str, told: str) -> None:
    """An unknown name, a member that is not there or a bad length of time is named."""
    with pytest.raises(BadScript, match=re.escape(told)):
        _script(visitor="hex24", agent={"name": "x"}).fill(text)
