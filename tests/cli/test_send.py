"""send."""

from __future__ import annotations

import hmac
import json
import re
import shlex
import subprocess
import time
from collections.abc import Callable
from shutil import which
from typing import Any

import pytest

from hookassay.demo import right, wrong
from hookassay.schemas import catalogue, validation

SEND = ("send", "gitple", "session_state_close", "--to")


def test_a_right_delivery_is_taken(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """A delivery that is taken shows request, answer and reaction, and ends with 0."""
    said = run(*SEND, receiver(right.receive))
    assert said.status == 0
    assert said.out.startswith("POST http://127.0.0.1:")
    assert "  X-Hub-Signature: sha256=" in said.out
    assert "200 in " in said.out
    assert "taken: " in said.out
    assert "no log is kept" in said.out


def test_it_is_signed_over_its_bytes_with_fresh_ids(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """What arrives is valid, signed with the secret that was given, and new each time."""
    seen = []

    def receive(body: bytes, signature: str) -> tuple[int, str]:
        seen.append((json.loads(body), signature == "sha256=" + hmac.new(b"s3cret-s3cret", body, "sha256").hexdigest()))
        return 204, ""

    url = receiver(receive)
    for _ in range(2):
        assert run(*SEND, url, "--secret", "s3cret-s3cret").status == 0
    event = catalogue.load("gitple").events["session_state_close"]
    assert all(signed and validation.is_valid(event, document) for document, signed in seen)
    assert seen[0][0]["triggerId"] != seen[1][0]["triggerId"]


def test_the_secret_comes_from_the_environment(
    run: Callable[..., Any], receiver: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """HOOKASSAY_TARGET_SECRET_GITPLE is the secret of gitple, in every command."""
    monkeypatch.setenv("HOOKASSAY_TARGET_SECRET_GITPLE", "another-secret")
    said = run(*SEND, receiver(right.receive))
    assert said.status == 1
    assert "test secret" not in said.out


def test_set_and_remove_change_what_is_sent(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """`--set` and `--remove` change the document before it is signed; the provider's name may stand before a path."""
    seen = []

    def receive(body: bytes, signature: str) -> tuple[int, str]:
        seen.append(json.loads(body))
        return right.receive(body, signature)

    said = run(
        *SEND,
        receiver(receive),
        "--set",
        "gitple/appCode=MINE",
        "--set",
        "session.tags:=[]",
        "--remove",
        "session.note",
    )
    assert said.status == 0
    assert seen[0]["appCode"] == "MINE"
    assert seen[0]["session"]["tags"] == []
    assert "note" not in seen[0]["session"]


def test_a_refusal_ends_with_1_and_says_what_is_likely(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """A right delivery that is refused is a failure of the receiver, with its likeliest reason."""
    said = run(*SEND, receiver(right.receive), "--secret", "not-the-right-one")
    assert said.status == 1
    assert "refused: " in said.out
    assert "is the secret given here (--secret) the one" in said.out
    assert "--target-" not in said.out
    assert "--why" in said.out


def test_why_proves_the_cause(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """`--why` names the bug that was shown by experiment: here, JSON written again with blanks and escapes."""

    def receive(body: bytes, signature: str) -> tuple[int, str]:
        written = json.dumps(json.loads(body)).encode()
        expected = "sha256=" + hmac.new(b"gitple-secret", written, "sha256").hexdigest()
        return (200, "ok") if signature == expected else (403, "no")

    url = receiver(receive)
    said = run(*SEND, url, "--why")
    assert said.status == 1
    assert "proven: your receiver verifies JSON that it has parsed and written again" in said.out
    told = json.loads(run(*SEND, url, "--why", "--json").out)
    assert told["why"]["proven"] is True
    assert 1 < told["why"]["requests"] <= 400


@pytest.mark.parametrize(
    ("status", "suspects"), [(400, "so it is the event itself, or"), (403, "so it is the secret given here, the event")]
)
def test_why_says_what_it_could_not_prove(
    status: int, suspects: str, run: Callable[..., Any], receiver: Callable[..., Any]
) -> None:
    """Nothing proven: how many other ways were refused, what is left, and what the answer says, without secrets."""
    said = run(*SEND, receiver(lambda body, signature: (status, "no gitple-secret:\n not wanted")), "--why")
    assert said.status == 1
    text = " ".join(said.out.split())
    assert re.search(r"not proven: none of \d{2,} other ways of signing or writing it was taken, ", text)
    assert suspects in text
    assert "its answer says: no ****: not wanted" in text
    assert "none of them" not in text


@pytest.mark.parametrize("name", ["no-header", "other-key", "guessable-key/undefined"])
def test_a_forged_delivery_has_to_be_refused(run: Callable[..., Any], receiver: Callable[..., Any], name: str) -> None:
    """`--forged` ends with 0 where the receiver refuses, and with 1 where it takes."""
    assert run(*SEND, receiver(right.receive), "--forged", name).status == 0
    said = run(*SEND, receiver(lambda body, signature: (200, "ok")), "--forged", name)
    assert said.status == 1
    assert "taken, though it is forged" in said.out
    assert "hookassay explain gitple/signature/" in said.out


def test_a_level_decides_over_forgeries_that_only_should_be_refused(
    run: Callable[..., Any], receiver: Callable[..., Any]
) -> None:
    """A right digest in another writing is a failure at `--level should` only."""
    url = receiver(lambda body, signature: (200, "ok"))
    assert run(*SEND, url, "--forged", "one-character-more").status == 0
    assert run(*SEND, url, "--forged", "one-character-more", "--level", "should").status == 1


def test_a_token_in_the_body_is_masked_and_can_be_forged(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """LiveChat's token is not printed, and `--forged` puts a wrong one in its place."""
    seen = []

    def receive(body: bytes, signature: str) -> tuple[int, str]:
        seen.append(json.loads(body).get("token"))
        return 200, f"your token was {seen[-1]}"

    url = receiver(receive)
    said = run("send", "livechat", "chat_ended", "--to", url, "--secret", "0123456789abcdef")
    assert "0123456789abcdef" not in said.out
    assert '"token":"****"' in said.out
    assert run("send", "livechat", "chat_ended", "--to", url, "--forged", "left-out").status == 1
    assert run("send", "livechat", "chat_ended", "--to", url, "--set", "token=mine").status == 0
    assert seen == ["0123456789abcdef", None, "mine"]
    assert "0123456789abcdef" in run(
        "send", "livechat", "chat_ended", "--to", url, "--secret", "0123456789abcdef", "--show-secrets"
    ).out  # fmt: skip


def test_a_handshake_has_to_give_its_secret_back(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """GBM's verification is unsigned, and taken only with exactly its secret as the answer."""
    headers = []

    def receive(body: bytes, signature: str) -> tuple[int, str]:
        headers.append(signature)
        return 200, json.loads(body)["secret"]

    url = receiver(receive)
    assert run("send", "gbm", "verification", "--to", url).status == 0
    assert run("send", "gbm", "verification", "--to", receiver(lambda body, signature: (200, "ok"))).status == 1
    assert run("send", "gbm", "verification", "--to", url, "--forged", "word").status == 1
    assert headers == ["", ""]


@pytest.mark.parametrize(
    ("answer", "word"), [((500, "no"), "broke"), ((302, "there"), "redirected"), ((404, "no"), "refused")]
)
def test_each_reaction_has_its_words(
    run: Callable[..., Any], receiver: Callable[..., Any], answer: tuple[int, str], word: str
) -> None:
    """Whatever is not taken ends with 1 and says what a vendor makes of it."""
    said = run(*SEND, receiver(lambda body, signature: answer))
    assert said.status == 1
    assert f"\n{word}: " in said.out


def test_a_receiver_that_hangs_up_is_told_so(run: Callable[..., Any], hangs_up: str) -> None:
    """An answer that stops in its middle is the receiver's failure, without a traceback."""
    said = run(*SEND, hangs_up)
    assert said.status == 1
    assert "an answer that stops in its middle" in said.out
    assert "broke: " in said.out


def test_silence_ends_at_the_timeout(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """A receiver that says nothing is left alone after `--timeout`."""

    def mute(body: bytes, signature: str) -> tuple[int, str]:
        time.sleep(3)
        return 200, ""

    started = time.monotonic()
    said = run(*SEND, receiver(mute), "--timeout", "0.3")
    assert time.monotonic() - started < 3
    assert said.status == 1
    assert "silent: " in said.out


def test_nothing_listens_there(run: Callable[..., Any], nobody: str) -> None:
    """A target that cannot be reached is a fault of the command: one line, status 2."""
    said = run(*SEND, nobody)
    assert said.status == 2
    assert said.err == f"hookassay: cannot reach {nobody}: connection refused; is it started? --wait S waits for it\n"
    assert said.out == ""


def test_curl_prints_the_command_and_sends_nothing(run: Callable[..., Any], nobody: str) -> None:
    """`--curl` prints a command with the secret left to a variable, and needs no receiver."""
    said = run("send", "livechat", "chat_ended", "--to", nobody, "--curl", "--header", "X-Gate: key")
    assert said.status == 0
    assert shlex.split(said.out)[0] == "curl"
    assert "X-Gate: key" not in said.out
    for variable in ("HOOKASSAY_SECRET_LIVECHAT", "HOOKASSAY_HEADER_X_GATE"):
        assert f"${variable}" in said.out
        assert variable in said.err


@pytest.mark.skipif(which("curl") is None, reason="there is no curl")
def test_the_curl_command_is_taken(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """The printed command sends the very bytes that were signed."""
    command = run(*SEND, receiver(right.receive), "--curl").out
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20)
    assert "200 OK" in done.stdout


def test_json_is_the_whole_exchange(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """`--json` is one document: delivery, answer, reaction, and whether that fails."""
    told = json.loads(run(*SEND, receiver(wrong.receive), "--json").out)
    assert told["delivery"]["event"] == "session_state_close"
    assert told["answer"]["status"] == 200
    assert (told["reaction"], told["failed"], told["why"]) == ("taken", False, None)


def test_waiting_for_a_receiver_that_comes_later(process: Callable[..., Any], nobody: str) -> None:
    """`--wait` gives up after its seconds, and says so."""
    started = time.monotonic()
    assert process(*SEND, nobody, "--wait", "1").status == 2
    assert 1 <= time.monotonic() - started < 20


def test_credentials_and_headers_are_sent_and_masked(run: Callable[..., Any], receiver: Callable[..., Any]) -> None:
    """User, password and the value of an added header are not printed."""
    url = receiver(right.receive).replace("http://", "http://someone:verysecretword@")
    said = run(*SEND, url, "--header", "X-Gate: 0123456789")
    assert said.status == 0
    assert "verysecretword" not in said.out and "0123456789" not in said.out
    assert "Authorization: ****" in said.out
