"""The morning after: findings in their published form, folders joined, what is new since when, what is accepted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookassay.conformance.fuzz import runs
from hookassay.schemas import inspection
from tests.fuzz.conftest import Receive, right
from tests.fuzz.test_nights import breaks_on_null, hookassay

Start = Callable[[Receive], str]
MODE = ("gitple", "session_state_close", "--seed", "3", "--count", "300", "--mode", "invalid")
GROUP = "broke-500-session_state_close-payload.null-"


def findings(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("findings/*/finding.json"))]


def moody(body: bytes, signature: str) -> tuple[int, str]:
    """Breaks in many ways: on numbers it does not know, with what it was sent, or by saying nothing right."""
    status, text = right(body, signature)
    if status == 200:
        return (200, text) if len(body) < 2_000 else (500, f"at {body[:3]!r} {len(body)}")
    return (200, "all the same") if not signature else (status, "Traceback (most recent call last):\n  File x.py")


def test_findings_are_as_published(receiver: Start, tmp_path: Path) -> None:
    """Each finding.json is what its schema says, new or gone, and its folder has what repeats it."""
    for receives in (moody, right):
        night = ("gitple", "session_state_close", "--seed", "3", "--count", "150", "-o", "night")
        hookassay(*night, "--send", receiver(receives))
        found = findings(tmp_path / "night")
        assert found
        for finding in found:
            inspection.meta("finding").validate(finding)
            place = tmp_path / "night/findings" / finding["group"]
            assert {"smallest.http", "smallest.json", "curl.sh", "answer.http"} <= {
                file.name for file in place.iterdir()
            }
    assert {finding["state"] for finding in found} == {"gone"}


def breaks_at_two_lines(body: bytes, signature: str) -> tuple[int, str]:
    """Two mistakes of the code, each met by several mutations in words that differ."""
    status, text = right(body, signature)
    event = json.loads(body) if status == 200 else None
    if not isinstance(event, dict) or isinstance(event.get("session"), dict) and isinstance(event.get("ctime"), str):
        return status, text
    line, name = (57, "count") if isinstance(event.get("session"), dict) else (41, "label")
    frames = (
        f'  File "/srv/venv/site-packages/web.py", line 9, in call\n  File "/srv/hook.py", line {line}, in {name}\n'
    )
    return 500, f"Traceback (most recent call last):\n{frames}TypeError: {hashlib.sha256(body).hexdigest()[::7]} is odd"


def test_one_line_of_code_is_one_heading(receiver: Start) -> None:
    """However many mutations break at a line of the receiver's, in whatever words: it is read once, with the line."""
    _, said, _ = hookassay(*MODE, "-o", "night", "--send", receiver(breaks_at_two_lines))
    titles = [line.strip() for line in said.splitlines() if "hook.py:" in line and "breaks" in line]
    assert sorted(title.rpartition(" at ")[2] for title in titles) == ["hook.py:41, in label", "hook.py:57, in count"]
    assert "answered: 500 'TypeError: " in said


def test_lines_for_programs(receiver: Start) -> None:
    """With --json each line is an object with its kind: progress, findings as they come and as they end, the run."""
    status, said, told = hookassay(*MODE, "-o", "night", "--send", receiver(breaks_on_null), "--json")
    lines = [json.loads(line) for line in said.splitlines()]
    assert (status, told) == (1, "")
    assert {line["kind"] for line in lines} == {"progress", "finding", "run"}
    assert lines[-1]["kind"] == "run" and lines[-1]["state"] == "done"
    last = [line for line in lines if line["kind"] == "finding"][-1]
    assert last["group"].startswith(GROUP) and last["shrunk"] is True
    inspection.meta("finding").validate(last)
    progress = [line for line in lines if line["kind"] == "progress"]
    assert all(line["count"] == 300 and line["cases"] >= 0 for line in progress)


def test_shards_are_joined(receiver: Start, tmp_path: Path) -> None:
    """Folders of two shards are one report: a finding of both is told once, cases and counts are added up."""
    url = receiver(breaks_on_null)
    for number in ("1", "2"):
        hookassay(*MODE, "--count", "1600", "--shard", f"{number}/2", "-o", number, "--send", url)
    parts = [findings(tmp_path / number)[0] for number in ("1", "2")]
    status, said, _ = hookassay("report", "1", "2", "--format", "json")
    told = json.loads(said)
    assert (status, len(told["findings"])) == (1, 1)
    assert told["findings"][0]["count"] == sum(part["count"] for part in parts)
    assert (told["run"]["cases"], told["run"]["shard"]) == (1600, "1/2, 2/2")
    group = told["findings"][0]["group"]
    status, said, _ = hookassay("report", "1", "2", "--accept", group, "--reason", "PAY-1")
    assert status == 0 and "1 known" in said, "known in one shard is known in all"


def test_who_takes_nothing_has_not_passed(receiver: Start) -> None:
    """Nothing can be judged where no right delivery is taken: that is no success, whatever the answer is."""
    for status in (302, 404):
        ended, said, _ = hookassay(*MODE, "-o", str(status), "--send", receiver(lambda *_, status=status: (status, "")))
        assert ended == 1 and "it takes no right delivery" in said


def test_runs_of_shards_are_one() -> None:
    """The worst state holds, tables are added up, and the chance of something new is that of all cases."""
    one = {"cases": 100, "behaviours_seen_once": 0, "state": "done", "complete": True, "reactions": {"taken": 100}}
    two = {"cases": 100, "behaviours_seen_once": 1, "state": "dead", "complete": False, "reactions": {"broke": 1}}
    whole = runs.joined([one, two])
    assert (whole["cases"], whole["state"], whole["complete"]) == (200, "dead", False)
    assert whole["reactions"] == {"taken": 100, "broke": 1}
    assert whole["chance_of_something_new"] == pytest.approx(1 - (1 - 1 / 200) ** 1000, abs=1e-6)
    assert runs.joined([one]) is one


def test_since_when(receiver: Start, tmp_path: Path) -> None:
    """What was seen before a run is not new; a run that is none is told so."""
    hookassay(*MODE, "-o", "night", "--send", receiver(breaks_on_null))
    [finding] = findings(tmp_path / "night")
    assert hookassay("report", "night", "--since", finding["first_seen"])[0] == 1
    status, said, _ = hookassay("report", "night", "--since", "2999-01-01")
    assert status == 0 and "seen before 2999-01-01" in said
    status, _, told = hookassay("report", "night", "--since", "yesterday")
    assert status == 2 and finding["runs"][0] in told


def test_what_is_accepted_has_to_be_there(receiver: Start, tmp_path: Path) -> None:
    """A name that no finding has is no entry; a glob may speak of several; a reason is needed."""
    hookassay(*MODE, "-o", "night", "--send", receiver(breaks_on_null))
    [finding] = findings(tmp_path / "night")
    status, _, told = hookassay("report", "night", "--accept", finding["group"][:-1], "--reason", "typed by hand")
    assert status == 2 and f"did you mean {finding['group']!r}" in told
    assert not (tmp_path / "night/known.toml").exists()
    assert hookassay("report", "night", "--accept", f"{GROUP}*")[0] == 2
    assert hookassay("report", "night", "--accept", f"{GROUP}*", "--reason", 'it\'s "known"')[0] == 0
    hookassay(*MODE, "-o", "night", "--send", receiver(right))
    status, said, _ = hookassay("report", "night")
    assert status == 0 and "covers only what is gone: take it out" in said


def test_a_finding_that_was_tried_again_is_gone(receiver: Start, tmp_path: Path) -> None:
    """Also where a run ends by its time: what was found before is sent again first."""
    hookassay(*MODE, "-o", "night", "--send", receiver(breaks_on_null))
    timed = ("gitple", "session_state_close", "--mode", "invalid", "--time", "1", "-o", "night")
    hookassay(*timed, "--send", receiver(right))
    assert [finding["state"] for finding in findings(tmp_path / "night")] == ["gone"]


def test_many_mutations_met_in_one_way_are_told_together(receiver: Start) -> None:
    """A receiver that answers every wrong signature with 500 has one heading for it, with the shortest request."""
    wrong = receiver(lambda body, signature: (500, "no") if right(body, signature)[0] == 403 else (200, "ok"))
    arguments = ("gitple", "session_state_close", "--seed", "3", "--count", "300", "--mode", "auth", "-o", "night")
    status, said, _ = hookassay(*arguments, "--send", wrong)
    assert status == 1
    assert said.count("breaks on") == 1 and "mutations of auth, all in one way (500)" in said
    assert "expected: refused (4xx)" in said and "answered: 500 'no'" in said
    assert f"--send {wrong} --replay FOLDER" in said
