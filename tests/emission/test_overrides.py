"""Changing documents by path: dotted paths, pointers, indices, and errors that help."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.overrides import BadOverride, Overrides, apply, check, known_paths, parse
from hookassay.schemas import members
from hookassay.schemas.contract import Provider

from .strategies import quick

DOCUMENT: dict[str, Any] = {
    "a": {"b": 1, "c.d": 2, "list": [{"n": 1}, {"n": 2}]},
    "x/y~z": 3,
    "": 4,
    "none": None,
    "text": "t",
}


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("a.b", "/a/b"),
        ("a.new", "/a/new"),
        ("a.list.0.n", "/a/list/0/n"),
        ("a.list.1", "/a/list/1"),
        ("a.list.2", "/a/list/2"),
        ("new.deep.path", "/new/deep/path"),
        ("/a/c.d", "/a/c.d"),
        ("/x~1y~0z", "/x~1y~0z"),
        ("/", "/"),
        ("none", "/none"),
    ],
)
def test_value_is_set_at_its_path(path: str, pointer: str) -> None:
    """Dots, pointers, indices, one more item of an array, and objects that are not there yet."""
    before = copy.deepcopy(DOCUMENT)
    changed = apply(DOCUMENT, Overrides({path: "new"}))
    assert members.lookup(changed, pointer) == "new"
    assert before == DOCUMENT


@pytest.mark.parametrize("path", ["a.b", "a.list.0", "a.list.1.n", "/a/c.d", "/x~1y~0z", "/"])
def test_member_is_removed(path: str) -> None:
    """A member or an item goes, and nothing else."""
    changed = apply(DOCUMENT, Overrides(remove=(path,)))
    assert changed != DOCUMENT
    pointer = path if path.startswith("/") else "/" + path.replace(".", "/")
    assert apply(changed, Overrides({path: "x"})) != changed
    if not pointer.startswith("/a/list/0"):
        with pytest.raises(KeyError):
            members.lookup(changed, pointer)


@pytest.mark.parametrize("path", ["nothing", "a.nothing", "a.list.9", "text.x", "none.x", "a.list.x"])
def test_what_is_not_there_is_gone_already(path: str) -> None:
    """Removing a member that is not there changes nothing."""
    assert apply(DOCUMENT, Overrides(remove=(path,))) == DOCUMENT


def test_set_comes_before_remove() -> None:
    """A path that is set and removed is gone."""
    assert apply({}, Overrides({"a.b": 1, "a.c": 2}, ("a.b",))) == {"a": {"c": 2}}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("text.x", "neither object nor array"),
        ("a.b.c.d", "neither object nor array"),
        ("none.x", "neither object nor array"),
        ("a.list.9", "2 items"),
        ("a.list.9.n", "2 items"),
        ("a.list.first", "'first'"),
        ("a.list.²", "'²'"),
        ("a.list.-1", "'-1'"),
    ],
)
def test_path_into_nothing_is_refused(path: str, told: str) -> None:
    """What has no place is refused with its path and the reason."""
    with pytest.raises(BadOverride, match=told) as refused:
        apply(DOCUMENT, Overrides({path: 1}))
    assert repr(path) in str(refused.value)


_name = st.text("ab.~/0", max_size=3)


@quick
@given(tokens=st.lists(_name, min_size=1, max_size=4), value=st.integers())
def test_any_pointer_can_be_set_and_found(tokens: list[str], value: int) -> None:
    """Whatever characters names have, a pointer leads to what was set there, and removing it leaves the rest."""
    pointer = "".join(f"/{members.escape(token)}" for token in tokens)
    changed = apply({}, Overrides({pointer: value}))
    assert members.lookup(changed, pointer) == value
    emptied = apply(changed, Overrides(remove=(pointer,)))
    with pytest.raises(KeyError):
        members.lookup(emptied, pointer)


# as typed


def test_typed_overrides() -> None:
    """`=` takes text as it stands, `:=` takes JSON; only the first mark counts."""
    typed = ["a=1", "b:=1", "c=", 'd:={"x": [null]}', "e=x=y:=z", 'f:="="', "/g.h:=true"]
    assert parse(typed, ["i"]) == Overrides(
        {"a": "1", "b": 1, "c": "", "d": {"x": [None]}, "e": "x=y:=z", "f": "=", "/g.h": True}, ("i",)
    )


@pytest.mark.parametrize(
    ("text", "told"), [("a", "PATH=TEXT"), ("=1", "PATH=TEXT"), (":=1", "PATH=TEXT"), ("a:=x", "JSON"), ("a:=", "JSON")]
)
def test_badly_typed_override_is_refused(text: str, told: str) -> None:
    """What cannot be read is refused with what to write."""
    with pytest.raises(BadOverride, match=told) as refused:
        parse([text])
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("session.nots", "session.note"),
        ("sesion.note", "session.note"),
        ("/session/nots", "session.note"),
    ],
)
def test_unknown_path_names_the_nearest(gitple: Provider, path: str, near: str) -> None:
    """A path that the schema does not know is refused with the nearest that it does."""
    with pytest.raises(BadOverride, match=near):
        check(gitple.events["session_state_close"], Overrides({path: "x"}))


def test_every_member_of_every_example_is_known(providers: dict[str, Provider]) -> None:
    """No path of a shipped example is refused, in either form."""
    for provider in providers.values():
        for event in provider.events.values():
            for found in event.walked.values():
                for member in found:
                    if member.pointer and member.schema:
                        check(event, Overrides({member.pointer: 1}))
            dotted = [path for path in known_paths(event.expanded) if "/" not in path]
            assert dotted
            check(event, Overrides({path: 1 for path in dotted if ".." not in path}))
