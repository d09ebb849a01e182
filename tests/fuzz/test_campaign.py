"""Campaigns against receivers that are right, and against some with one fault each."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hookassay.conformance.fuzz.campaign import Campaign
from hookassay.conformance.fuzz.tally import Limits
from hookassay.schemas import catalogue
from tests.fuzz.conftest import Receive, is_right, right
from tests.seeded.replacement import styles
from tests.seeded.running import started

Start = Callable[[Receive], str]
Run = Callable[..., Campaign]
CLOSE = ("session_state_close",)


def test_a_right_receiver_has_no_findings(receiver: Start, campaign: Run) -> None:
    """Whatever is sent, nothing is said of a receiver that does as it should."""
    done = campaign(receiver(right), count=1500, seed=3)
    assert done.tally.state == "done"
    assert {name: group.finding.title for name, group in done.groups.items()} == {}
    assert done.tally.reactions["taken"] > 800 and done.tally.reactions["refused"] > 200
    assert done.tally.cases >= 1500 and done.tally.restarts == 0


def test_a_broken_member_is_made_small(receiver: Start, campaign: Run) -> None:
    """A receiver that breaks on a number among the tags: one finding for the mutation, with little more than it."""

    def breaks(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        if status == 200:
            session = json.loads(body).get("session")
            tags = session.get("tags") if isinstance(session, dict) else None
            if isinstance(tags, list) and any(isinstance(tag, int) for tag in tags):
                return 500, "TypeError"
        return status, text

    done = campaign(receiver(breaks), events=CLOSE, mode="invalid", count=1_500, seed=3)
    broke = [group for group in done.groups.values() if group.finding.reaction == "broke"]
    assert [group.finding.mutation for group in broke] == ["payload.wrong-type"]
    smallest = json.loads(broke[0].smallest.case.delivery.body)
    assert smallest == {"session": {"tags": [smallest["session"]["tags"][0]]}}
    assert len(broke[0].smallest.case.delivery.body) < 60
    assert len(broke[0].first.case.delivery.body) > 200
    assert all(group.finding.reaction == "broke" for group in done.groups.values())


def test_a_taken_forgery_is_a_finding(receiver: Start, campaign: Run) -> None:
    """A receiver that compares only the beginning of the signature takes what differs in its end."""

    def careless(body: bytes, signature: str) -> tuple[int, str]:
        if signature.startswith("sha256=") and not is_right(body, signature):
            expected = hmac.new(b"gitple-secret", body, "sha256").hexdigest()
            if signature.removeprefix("sha256=")[:16] == expected[:16]:
                return 200, "ok"
        return right(body, signature)

    done = campaign(receiver(careless), events=CLOSE, mode="auth", count=300, seed=3)
    taken = {group.finding.mutation for group in done.groups.values()}
    assert "auth.partial-last-byte" in taken
    assert "auth.partial-first-byte" not in taken
    assert all(group.finding.title.startswith("takes the forgery") for group in done.groups.values())


def test_refused_right_deliveries_are_one_finding(receiver: Start, campaign: Run) -> None:
    """A receiver that refuses an event: mutations that have to be taken are not blamed for it."""

    def narrow(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        known = status != 200 or json.loads(body).get("type") != "session_state_open"
        return (status, text) if known else (400, "unknown event")

    done = campaign(receiver(narrow), count=500, seed=3)
    assert [(group.finding.event, group.finding.mutation) for group in done.groups.values()] == [
        ("session_state_open", "valid")
    ]


def test_a_receiver_that_refuses_everything(receiver: Start, campaign: Run) -> None:
    """Nothing is tried on a receiver that takes no right delivery: it is said, once for each event."""
    done = campaign(receiver(lambda body, signature: (403, "no")), count=1000, seed=3)
    assert done.tally.state == "refuses everything"
    assert {group.finding.mutation for group in done.groups.values()} == {"valid"}
    assert done.tally.requests < 20


def test_a_leak_is_a_finding(receiver: Start, campaign: Run) -> None:
    """A receiver that answers a bad body with a stack trace, politely: its inside is what is found."""

    def chatty(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        trace = 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 7, in <module>\nValueError: x\n'
        return (400, trace) if status == 400 else (status, text)

    done = campaign(receiver(chatty), events=CLOSE, mode="bytes", count=120, seed=3)
    assert done.groups
    assert all(group.finding.title.startswith("shows its inside") for group in done.groups.values())


def test_a_leak_in_each_answer_is_one_finding(receiver: Start, campaign: Run) -> None:
    """What a right delivery shows as well is told of that one, not of each mutation."""

    def telling(body: bytes, signature: str) -> tuple[int, str]:
        status, _ = right(body, signature)
        return (200, "the key is gitple-secret") if status == 200 else (400, "no")

    done = campaign(receiver(telling), events=CLOSE, count=400, seed=3)
    [group] = done.groups.values()
    assert group.finding.title == "shows what is secret after a right delivery (200)" and group.finding.count > 20


def test_time_that_is_over_is_over(receiver: Start, campaign: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of findings are not all made small behind the end of `--time`: what is left stays as it came."""
    monkeypatch.setattr("hookassay.conformance.fuzz.campaign._SHRINKING_LATE", 0.2)

    def telling(body: bytes, signature: str) -> tuple[int, str]:
        status, _ = right(body, signature)
        return (200, "ok") if status == 200 else (400, f"the key is gitple-secret, not {signature}")

    done = campaign(receiver(telling), Limits(seconds=3.0), events=CLOSE, mode="auth", count=10**6, seed=3)
    assert done.tally.state == "done" and len(done.groups) > 5
    assert not all(group.finding.shrunk for group in done.groups.values())


def test_what_is_given_back_is_no_leak(receiver: Start, campaign: Run) -> None:
    """A receiver that answers with the texts that it was sent shows nothing of its inside, whatever they look like."""

    def echo(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        if status == 200:
            text = " ".join(map(str, json.loads(body).values())).encode("utf-8", "replace").decode()
        return status, text

    assert not campaign(receiver(echo), events=CLOSE, count=800, seed=3).groups


def test_what_changes_its_mind_is_unsteady(receiver: Start, campaign: Run) -> None:
    """A receiver that breaks now and then is told so once a group, and nothing is made of it."""
    count = 0

    def moody(body: bytes, signature: str) -> tuple[int, str]:
        nonlocal count
        count += 1
        return (500, "moody") if count % 40 == 0 else right(body, signature)

    done = campaign(receiver(moody), Limits(concurrency=1), events=CLOSE, mode="valid", count=200, seed=3)
    assert {group.finding.state for group in done.groups.values()} == {"unsteady"}


def test_the_killer_is_named(mortal: Callable[[str], str], campaign: Run, tmp_path: Path) -> None:
    """A receiver that dies of four bytes: the delivery that has them is named, and the campaign goes on."""
    url = mortal(r"b'\xc0\xaf' in body")
    done = campaign(url, Limits(wait_back=30.0), events=CLOSE, mode="bytes", count=400, seed=3)
    died = [group for group in done.groups.values() if group.finding.title.startswith("dies of")]
    assert [group.finding.mutation.rpartition("+")[2] for group in died] == ["bytes.overlong-utf-8"] * len(died)
    assert died and b"\xc0\xaf" in died[0].smallest.case.delivery.body
    assert done.tally.restarts >= 2
    assert done.tally.state == "done"
    assert not [group for group in done.groups.values() if group not in died]
    _, proof, *_ = (tmp_path / "mortal.log").read_text().split("\n")
    assert 0 < len(proof) <= 20, "between its first death and the one that names the killer"
    assert not died[0].finding.shrunk, "each try would kill it again"


def test_a_receiver_that_wears_out(receiver: Start, campaign: Run) -> None:
    """A receiver that keeps what it was sent, and breaks when it is full: no mutation is blamed."""
    answered: list[bytes] = []

    def leaking(body: bytes, signature: str) -> tuple[int, str]:
        if len(answered) >= 3_000:
            return 500, "MemoryError"
        answered.append(body)
        return right(body, signature)

    done = campaign(receiver(leaking), count=3_600, seed=3)
    titles = {group.finding.title for group in done.groups.values()}
    assert titles == {"breaks on a right delivery (500)"}
    assert {group.finding.event for group in done.groups.values()} == set(done.plan.events)


def test_one_of_two_mutations_is_blamed(receiver: Start, campaign: Run) -> None:
    """Where one of two mutations is met in the same way alone, the other is not named."""

    def breaks(body: bytes, signature: str) -> tuple[int, str]:
        status, text = right(body, signature)
        return (500, "TypeError") if status == 200 and json.loads(body).get("ctime", "") is None else (status, text)

    done = campaign(receiver(breaks), events=CLOSE, mode="invalid", count=2_500, seed=3)
    [group] = done.groups.values()
    assert (group.finding.mutation, group.finding.title) == ("payload.null", "breaks on payload.null@/ctime (500)")
    assert group.finding.count > 1
    assert json.loads(group.smallest.case.delivery.body) == {"ctime": None}


def test_a_handshake_has_to_be_answered_exactly(receiver: Start, campaign: Run) -> None:
    """The secret that a handshake asks for is given back as it is, or that is a finding; a wrong token gets none."""

    def receive(body: bytes, signature: str) -> tuple[int, str]:
        try:
            asked = json.loads(body)
            secret = asked["secret"] if asked["clientToken"] == token else None
        except (ValueError, KeyError, TypeError, RecursionError):
            return 400, "no handshake"
        return (200, change(secret)) if isinstance(secret, str) else (403, refusal(str(asked.get("secret"))))

    token = catalogue.load("gbm").test_secret
    options = {"provider": "gbm", "events": ("verification",), "mode": "valid", "count": 60, "seed": 3}
    change: Callable[[str], str] = str
    refusal: Callable[[str], str] = "no".format
    assert not campaign(receiver(receive), **options).groups
    change = str.strip
    assert not campaign(receiver(receive), **{**options, "mode": "auth", "count": 150}).groups

    def signed(secret: str) -> str:
        return hmac.new(token.encode(), secret.encode("utf-8", "surrogatepass"), "sha512").hexdigest()

    refusal = signed
    told = campaign(receiver(receive), **{**options, "mode": "auth", "count": 150}).groups.values()
    assert {group.finding.title.partition(" auth.")[0] for group in told} == {"shows what is secret after"}
    change = '"{}"'.format
    [group] = campaign(receiver(receive), **options).groups.values()
    assert group.finding.title == "does not give exactly the secret back after a right delivery (200)"


@pytest.mark.thorough
def test_a_right_receiver_has_none_in_a_hundred_thousand(receiver: Start, campaign: Run) -> None:
    """Nor is anything found in a run as long as a night's."""
    done = campaign(receiver(right), count=100_000, seed=4)
    assert (done.tally.state, done.groups) == ("done", {})


@pytest.mark.thorough
@pytest.mark.parametrize("style", sorted(styles()))
@pytest.mark.parametrize("provider", sorted(catalogue.find()))
def test_no_legitimate_style_has_findings(style: str, provider: str, campaign: Run) -> None:
    """A receiver that is right in its own way is right."""
    with started(styles()[style]) as url:
        done = campaign(f"{url}/{provider}", provider=provider, count=400, seed=5)
    assert (done.tally.state, done.groups) == ("done", {})


def test_a_dead_receiver_is_given_up(receiver: Start, campaign: Run) -> None:
    """A receiver that stays away ends the campaign with what was found."""
    import socket
    from contextlib import closing

    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    done = campaign(f"http://127.0.0.1:{port}/", Limits(wait_back=0.5), events=CLOSE, count=500, seed=3)
    assert done.tally.state in ("dead", "refuses everything")
    assert done.tally.requests < 50


def test_limits_end_a_campaign(receiver: Start, campaign: Run) -> None:
    """So many seconds, so many findings, so long without anything new."""
    url = receiver(right)
    assert campaign(url, Limits(seconds=1.0), count=None, seed=3).tally.seconds < 20
    assert campaign(url, Limits(quiet=1.0), events=CLOSE, mode="valid", count=None, seed=3).tally.state == "done"
    broken = receiver(lambda body, signature: (500, "no") if len(body) % 7 == 0 else right(body, signature))
    assert len(campaign(broken, Limits(findings=2), count=5000, seed=3).groups) < 12
