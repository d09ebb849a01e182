"""What is kept from night to night: the smallest case of each way of behaving, and what is tried near it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hookassay.conformance.fuzz import neighbours
from hookassay.conformance.fuzz.case import FILE_TIME, CaseName
from hookassay.conformance.fuzz.corpus import Corpus
from hookassay.conformance.fuzz.counter import Place
from tests.fuzz.conftest import Receive, plan_of, right
from tests.fuzz.test_nights import hookassay

Start = Callable[[Receive], str]


def names(path: Path) -> list[str]:
    return sorted(file.stem for file in path.glob("*/*.json"))


def test_the_smaller_one_is_kept(tmp_path: Path) -> None:
    """A smaller case takes the place of a larger one of its kind, never the other way round."""
    corpus = Corpus.read(tmp_path)
    assert corpus.wants("close", "f1", 100)
    corpus.keep("close", "f1", {"case": "large", "behaviours": ["a"], "bytes": 100})
    assert not corpus.wants("close", "f1", 100)
    assert corpus.wants("close", "f1", 99) and corpus.wants("open", "f1", 100)
    corpus.keep("close", "f1", {"case": "small", "behaviours": ["a"], "bytes": 9})
    assert [entry["case"] for entry in Corpus.read(tmp_path)] == ["small"]


def test_the_covered_ones_go_first(tmp_path: Path) -> None:
    """Where there is no room, the largest entry that shows nothing alone goes; what brings nothing stays out."""
    corpus = Corpus.read(tmp_path, limit=3)
    corpus.keep("e", "alone", {"behaviours": ["a", "b"], "bytes": 900})
    corpus.keep("e", "covered-small", {"behaviours": ["b"], "bytes": 5})
    corpus.keep("e", "covered-large", {"behaviours": ["b"], "bytes": 50})
    corpus.keep("e", "new", {"behaviours": ["c"], "bytes": 70})
    assert names(tmp_path) == ["alone", "covered-small", "new"]
    corpus.keep("e", "another", {"behaviours": ["d"], "bytes": 70})
    assert names(tmp_path) == ["alone", "another", "new"]
    corpus.keep("e", "nothing-of-its-own", {"behaviours": ["a"], "bytes": 1})
    assert names(tmp_path) == ["alone", "another", "new"]
    assert len(Corpus.read(tmp_path, limit=3)) == 3


def test_torn_entries_are_passed_over(tmp_path: Path) -> None:
    """What a killed run or a person left half is no entry."""
    (tmp_path / "e").mkdir()
    for name, text in {"torn": '{"case": "x', "old": '{"case": "x"}', "list": "[]", "text": '{"bytes": "x"}'}.items():
        (tmp_path / "e" / f"{name}.json").write_text(text, encoding="utf-8")
    assert list(Corpus.read(tmp_path)) == []


def test_neighbours_have_names() -> None:
    """They are the same mutation at other sites, and paired with another; each comes back from its name."""
    plan = plan_of(events=("session_state_close",), seed=9)
    cases = plan.cases()
    for kind in ("invalid", "bytes", "auth"):
        for index in (3, 77, 2**40 + 5):
            case = cases.build(Place("session_state_close", kind, index), FILE_TIME)
            found = list(neighbours.near(cases, case.name, FILE_TIME))
            assert len({str(near.name) for near in found}) == len(found)
            for near in found:
                assert near.name != case.name
                again = plan_of(events=plan.events).named(str(CaseName.parse(str(near.name))), FILE_TIME)
                assert again.delivery.body == near.delivery.body
                bases = {name.partition("@")[0] for name in near.mutations}
                assert bases & {name.partition("@")[0] for name in case.mutations}
    sites = cases.of("session_state_close").generator.sites
    index = next(n for n in range(500) if _mutation(cases, n) == "payload.missing")
    found = list(
        neighbours.near(cases, cases.build(Place(plan.events[0], "invalid", index), FILE_TIME).name, FILE_TIME)
    )
    assert len(found) >= min(7, sum(site.name == "missing" for site in sites) - 1)
    assert [near for near in found if len(near.mutations) == 2]


def _mutation(cases: object, index: int) -> str:
    case = cases.build(Place("session_state_close", "invalid", index), FILE_TIME)  # type: ignore[attr-defined]
    return str(case.mutation)


def test_what_was_made_small_is_kept_as_bytes(receiver: Start, tmp_path: Path) -> None:
    """No name gives the smallest request back, so the corpus has its bytes, and they are sent first the next night."""
    seen: list[bytes] = []

    def breaks(body: bytes, signature: str) -> tuple[int, str]:
        seen.append(body)
        status, text = right(body, signature)
        event = json.loads(body) if status == 200 else {}
        return (500, "TypeError") if event.get("ctime", 0) is None else (status, text)

    url = receiver(breaks)
    night = ("gitple", "session_state_close", "--seed", "3", "--count", "400", "--mode", "invalid", "-o", "night")
    assert hookassay(*night, "--send", url)[0] == 1
    entries = [json.loads(file.read_text()) for file in (tmp_path / "night/corpus").glob("*/*.json")]
    [small] = [entry for entry in entries if "body" in entry]
    assert (small["body"], small["bytes"], small["mutations"]) == ('{"ctime":null}', 14, ["payload.null@/ctime"])
    seen.clear()
    assert hookassay(*night, "--send", url)[0] == 1
    assert b'{"ctime":null}' in seen[: 10 + len(entries)]
    again = [json.loads(file.read_text()) for file in (tmp_path / "night/corpus").glob("*/*.json")]
    assert [entry["body"] for entry in again if "body" in entry] == ['{"ctime":null}']


def test_the_corpus_keeps_to_what_is_asked_for(receiver: Start, tmp_path: Path) -> None:
    """A run of one event, or of one kind, sends nothing of another, whatever the corpus has."""
    seen: list[bytes] = []

    def watch(body: bytes, signature: str) -> tuple[int, str]:
        seen.append(body)
        return right(body, signature)

    url = receiver(watch)
    assert hookassay("gitple", "--seed", "3", "--count", "300", "-o", "night", "--send", url)[0] == 0
    seen.clear()
    one = ("gitple", "session_state_open", "--mode", "valid", "--count", "20", "-o", "night", "--send", url)
    assert hookassay(*one)[0] == 0
    assert seen and all(json.loads(body)["type"] == "session_state_open" for body in seen)


def test_what_is_near_is_tried_too(receiver: Start, tmp_path: Path) -> None:
    """Behind the corpus come the neighbours of its cases, each once; without the corpus neither does."""
    seen: list[bytes] = []

    def watch(body: bytes, signature: str) -> tuple[int, str]:
        seen.append(body)
        return right(body, signature)

    night = ("gitple", "session_state_close", "--seed", "3", "--mode", "invalid", "-o", "night", "--send")
    url = receiver(watch)
    assert hookassay(*night, url, "--count", "60")[0] == 0
    kept = len(names(tmp_path / "night/corpus"))
    assert hookassay(*night, url, "--count", "1")[0] == 0
    run = json.loads((tmp_path / "night/run.json").read_text())
    assert run["next_counter"] == 1
    assert run["cases"] > kept + 4
    seen.clear()
    assert hookassay(*night, url, "--count", "1", "--no-corpus")[0] == 0
    assert json.loads((tmp_path / "night/run.json").read_text())["cases"] == 1
    assert len(seen) < 5
