"""The curl command: run by a shell, it sends the delivery again, byte for byte, and never tells the secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hookassay.mockserver.emission import curl
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.mutation.notjson import HOSTILE, NOT_AN_OBJECT, NOT_JSON
from hookassay.mockserver.emission.mutation.signature import FORGERIES
from hookassay.mockserver.emission.mutation.text import TAKEN
from hookassay.mockserver.emission.mutation.token import TOKENS
from hookassay.mockserver.emission.secret import SecretText, Span
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.emission.spelling import Body, write
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas.contract import Provider

from .conftest import Serve
from .servers import Request, recording

needs_curl = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("sh")), reason="curl or a shell is missing")
SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh") if shutil.which(shell)]
ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
SECRET = "31aae354-Xq9'\"$`"


def _run(command: str, secret: str, shell: str = "sh", derived: str = "") -> None:
    """Run a command as a user would, the secrets in the environment and no configuration of curl's."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        curl.variable("livechat"): secret,
        curl.variable("gbm"): secret,
        curl.derived_variable("livechat"): derived,
        "CURL_HOME": "/nonexistent",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run([shell, "-c", command], capture_output=True, env=environment, timeout=20)
    assert done.returncode == 0, (command, done.stderr)


def _both(
    sender: Sender, serve: Serve, made: Delivery, secret: str = "", shell: str = "sh", **more: str
) -> tuple[Request, Request]:
    """What the sender sends, and what the command does."""
    seen: list[Request] = []
    serving = serve(recording(seen, ANSWER))
    sender.send(made, Target.parse(f"{serving.url}?target=1"), 5)
    command = curl.command(made, Target.parse(f"{serving.url}?target=1"))
    assert not secret or secret not in command
    _run(command, secret, shell, **more)
    ours, theirs = seen
    return ours, theirs


@needs_curl
def test_what_the_target_adds_is_read_from_variables(
    sender: Sender, serve: Serve, livechat: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers, credentials and secrets in the query of the target are sent too, and are not in the command."""
    seen: list[Request] = []
    url = serve(recording(seen, ANSWER)).url.replace("http://", "http://someone:very-secret@")
    target = Target.parse(f"{url}?key=k-0123&page=2", headers=(("X-Gate", "g-4567"),))
    made = replace(_livechat(livechat), query="more=1")
    sender.send(made, target, 5)
    command = curl.command(made, target)
    assert not any(secret in command for secret in ("k-0123", "g-4567", "very-secret", target.basic or "", SECRET))
    assert "page=2" in command
    monkeypatch.setenv("HOOKASSAY_QUERY_KEY", "k-0123")
    monkeypatch.setenv("HOOKASSAY_HEADER_X_GATE", "g-4567")
    monkeypatch.setenv("HOOKASSAY_HEADER_AUTHORIZATION", target.basic or "")
    _run(command, SECRET, derived=json.dumps(SECRET)[1:-1])
    _same(*seen)


def _same(ours: Request, theirs: Request) -> None:
    assert theirs.line == ours.line
    assert theirs.body == ours.body
    assert theirs.headers == ours.headers


def _livechat(livechat: Provider, **more: object) -> Delivery:
    vendor = Vendor(livechat, Secrets(SECRET))
    event = livechat.events["visitor_queued"]
    return vendor.deliver(event, vendor.document(event, "minimal"), **more)  # type: ignore[arg-type]  # in tests


def _plain(**changes: object) -> Delivery:
    made = Delivery("livechat", "event", "POST", (("Content-Type", "application/json"),), b'{"a":1}')
    return replace(made, **changes)  # type: ignore[arg-type]  # in tests


MATRIX = {
    "plain": _plain(),
    "no-headers": _plain(headers=()),
    "headers-that-curl-has-of-its-own": _plain(
        headers=(("User-Agent", "x"), ("accept", "*/*"), ("Content-Type", "a/b")),
    ),
    "twice-and-in-order": _plain(headers=(("X-B", "1"), ("x-a", "2"), ("X-B", "3"))),
    "shell-in-a-header": _plain(headers=(("X", "$(id) `id` \"'\\ !* $HOME; | & > # ~ \t tab"),)),
    "blanks-in-a-header": _plain(headers=(("X", "two  inside   three"),)),
    "latin-1-in-a-header": _plain(headers=(("X", "caf\xe9 \xff%s%%\\n'"),)),
    "utf-8-in-a-header": _plain(headers=(("X", "안녕".encode().decode("latin-1")),)),
    "control-in-a-header": _plain(headers=(("X", "a\x01b\x7f"),)),
    "long-header": _plain(headers=(("X", "a" * 6_000 + "-" + "b" * 300),)),
    "empty-body": _plain(body=b""),
    "shell-in-a-body": _plain(body=b"$(id) `id` \"'\\ !* $HOME; | & > # ~\n\ttab\n\n"),
    "at-sign-first": _plain(body=b"@/etc/hostname"),
    "crlf": _plain(body=b'{\r\n"a":1\r\n}\r\n'),
    "all-bytes": _plain(body=bytes(range(256)) * 2),
    "percent-and-backslash": _plain(body=b"\xff%s%d%% \\n \\\\ \\045 '%'"),
    "nul": _plain(body=b"a\0b"),
    "utf-8": _plain(body='{"a":"안녕 😀 é \u2028 \u202e"}'.encode()),
    "noncharacters": _plain(body="\ufffe\uffff\U0010ffff\x85".encode()),
    "long-run": _plain(body=b'{"a":"' + b"x" * 50_000 + b'"}'),
    "very-long-run": _plain(body=b'{"a":"' + b"x" * 500_000 + b'","b":"' + b"y" * 200 + b'"}'),
    "long-run-among-bytes": _plain(body=b"\xff" + b"x" * 3_000 + b"\0%"),
    "get": _plain(method="GET", body=b""),
    "get-with-a-body": _plain(method="GET"),
    "delete": _plain(method="DELETE"),
    "odd-method": _plain(method="BREW"),
    "query": _plain(query="a=1&b=%EC%95%88&type[]=z&x={1,2}&y=[1-3]&q='$(id)'"),
    "dots-in-the-path": _plain(path="/../a/./b/.."),
    "chunked": _plain(framing=Framing(chunked=True), body=b"abc" * 400),
    "expect": _plain(framing=Framing(expect=True)),
    "http-1.0": _plain(framing=Framing(version="1.0")),
}  # fmt: skip


@needs_curl
@pytest.mark.parametrize("name", MATRIX)
def test_command_repeats_the_delivery(sender: Sender, serve: Serve, name: str) -> None:
    """Method, address, headers in order and body arrive as ours do."""
    _same(*_both(sender, serve, MATRIX[name]))


@needs_curl
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["shell-in-a-body", "all-bytes", "latin-1-in-a-header", "very-long-run"])
def test_command_runs_in_every_shell(sender: Sender, serve: Serve, name: str, shell: str) -> None:
    """No shell is needed that is not everywhere."""
    _same(*_both(sender, serve, MATRIX[name], shell=shell))


@needs_curl
def test_empty_header_value_is_repeated(sender: Sender, serve: Serve) -> None:
    """A header without a value is sent without one (curl leaves out the blank behind the colon)."""
    ours, theirs = _both(sender, serve, _plain(headers=(("X-Empty", ""), ("Content-Type", ""))))
    _same(ours, theirs)
    assert b"\r\nX-Empty:\r\n" in theirs.head + b"\r\n"


@needs_curl
@pytest.mark.parametrize("body", [b"", b'{"a":1}'])
def test_head_is_repeated(sender: Sender, serve: Serve, body: bytes) -> None:
    """HEAD does not leave curl waiting for a body that never comes."""
    _same(*_both(sender, serve, _plain(method="HEAD", body=body)))


@needs_curl
def test_secret_is_read_from_the_environment(sender: Sender, serve: Serve, livechat: Provider) -> None:
    """The token is not in the command; with the variable set the same bytes are sent, inside of JSON too."""
    made = replace(_livechat(livechat), secrets={})
    spans = _spans(made.body, SECRET.replace('"', '\\"').encode())
    made = replace(made, secrets={"body": spans})
    ours, theirs = _both(sender, serve, made, SECRET.replace('"', '\\"'))
    _same(ours, theirs)


def _spans(data: bytes, secret: bytes) -> tuple[Span, ...]:
    return tuple(Span(match.start(), match.end()) for match in re.finditer(re.escape(secret), data))


@needs_curl
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"body": b'{"x":"","token":"sEcReT99","y":"sEcReT99"}'}, id="twice-in-the-body"),
        pytest.param({"body": b"\xff\0%s sEcReT99 \\ sEcReT99"}, id="among-bytes"),
        pytest.param({"body": b'{"a":"' + b"x" * 200_000 + b'","token":"sEcReT99"}'}, id="behind-a-run"),
        pytest.param({"body": b"", "query": "a=1&token=sEcReT99"}, id="in-the-query"),
        pytest.param({"headers": (("Authorization", "Bearer sEcReT99"), ("X", "'"))}, id="in-a-header"),
        pytest.param({"headers": (("Authorization", "\xe9 sEcReT99 \xe9"),)}, id="in-a-header-beyond-ascii"),
    ],
)
def test_secret_is_read_from_the_environment_everywhere(
    sender: Sender, serve: Serve, changes: dict[str, object]
) -> None:
    """In a body of any bytes, in a query and in a header."""
    made = _plain(**changes)
    secret = b"sEcReT99"
    spans = {name: _spans(value.encode("latin-1"), secret) for name, value in made.headers}
    places = {"body": _spans(made.body, secret), "query": _spans(made.query.encode(), secret)}
    _same(*_both(sender, serve, replace(made, secrets={**spans, **places}), secret.decode()))


@needs_curl
def test_near_miss_is_not_repeated_as_the_secret(sender: Sender, serve: Serve, livechat: Provider) -> None:
    """A token that is only made of the secret has a variable of its own: never is the right one sent for it."""
    made = _livechat(livechat, token=SecretText(SECRET[:-1]))
    command = curl.command(made, Target.parse("http://127.0.0.1/"))
    assert f'"${curl.derived_variable("livechat")}"' in command
    assert f'"${curl.variable("livechat")}"' not in command
    escaped = SECRET[:-1].replace('"', '\\"')
    assert escaped not in command
    _same(*_both(sender, serve, made, SECRET, derived=escaped))


def test_secret_is_told_when_asked_for(livechat: Provider) -> None:
    """Who asks for secrets gets a command that needs no variable."""
    made = Vendor(livechat, Secrets("31aae354")).deliver(livechat.events["visitor_queued"], {})
    assert "31aae354" in curl.command(made, Target.parse("http://127.0.0.1/"), reveal=True)
    assert "HOOKASSAY" not in curl.command(made, Target.parse("http://127.0.0.1/"), reveal=True)
    assert "31aae354" not in curl.command(made, Target.parse("http://127.0.0.1/"))


@pytest.mark.parametrize(("provider", "name"), [("gbm", "GBM"), ("livechat-v3", "LIVECHAT_V3"), ("a.b c", "A_B_C")])
def test_variable_of_a_provider(provider: str, name: str) -> None:
    """The variable's name is one that shells know."""
    assert curl.variable(provider) == f"HOOKASSAY_SECRET_{name}"


@pytest.mark.parametrize(
    ("made", "told"),
    [
        pytest.param(_plain(body=b"ab " * 2_000), "@body.json  # 6000 bytes", id="long-body"),
        pytest.param(
            _plain(headers=(("X-Long", "ab " * 2_000),)), "the header X-Long has 6000 characters", id="long-header"
        ),
        pytest.param(_plain(framing=Framing(cut=3)), "cut short after 3 of 7 bytes", id="cut"),
        pytest.param(_plain(framing=Framing(declared=99)), "a Content-Length of 99", id="wrong-length"),
        pytest.param(_plain(framing=Framing(pieces=(1, 2), pause=0.2)), "in 3 pieces, 0.2 s apart", id="pieces"),
    ],
)  # fmt: skip
def test_what_curl_cannot_do_is_described(made: Delivery, told: str) -> None:
    """What is too long for a terminal, or framed as curl cannot, is said in words."""
    command = curl.command(made, Target.parse("http://127.0.0.1/"))
    assert told in command
    assert len(command) < 600


def _catalogue(providers: dict[str, Provider]) -> Iterator[tuple[str, Delivery]]:
    """Deliveries of every catalogue, small enough to be repeated."""
    livechat, gitple = providers["livechat"], providers["gitple"]
    vendor, event = Vendor(livechat, Secrets(SECRET)), livechat.events["visitor_queued"]
    document = vendor.document(event, "minimal")
    right = write(vendor.with_token(event, document))
    for name, change in {**NOT_JSON, **HOSTILE}.items():
        yield name, vendor.deliver(event, {}, body=change(right))
    for name, data in NOT_AN_OBJECT.items():
        yield name, vendor.deliver(event, {}, body=Body(data))
    for token in TOKENS:
        value = token.make(SECRET)
        if value is not None:
            yield token.name, vendor.deliver(event, document, token=value)
    signing, close = Vendor(gitple, Secrets(SECRET)), gitple.events["session_state_close"]
    for forgery in FORGERIES:
        body = write(signing.document(close, "minimal"))
        headers = forgery.make(signing.signer(close), body.data)
        if headers is not None:
            yield forgery.name, signing.deliver(close, {}, body=body, forge=lambda s, b, made=headers: made)  # type: ignore[misc]  # a default
    for name, text in TAKEN.items():
        yield name, signing.deliver(close, {"note": text})


def test_no_command_tells_a_secret(providers: dict[str, Provider]) -> None:
    """Of every delivery of every catalogue, no command holds eight characters of the secret in a row."""
    parts = [SECRET[i : i + 8] for i in range(len(SECRET) - 7)]
    for name, made in _catalogue(providers):
        command = curl.command(made, Target.parse("http://127.0.0.1/"))
        assert not any(part in command for part in parts), name
        assert "\0" not in command, name


@needs_curl
def test_commands_of_the_catalogues_repeat_their_deliveries(
    sender: Sender, serve: Serve, providers: dict[str, Provider]
) -> None:
    """A sample of every catalogue, run."""
    chosen = [
        (name, made)
        for name, made in _catalogue(providers)
        if "@body" not in curl.command(made, Target.parse("http://h/")) and not made.secrets.get("body")
    ]
    assert len(chosen) > 100
    for _, made in chosen[::9]:
        if curl.command(made, Target.parse("http://h/")).startswith("#"):
            continue
        _same(*_both(sender, serve, made, SECRET))
