"""What an answer must not show: each leak is found where a receiver leaks it, and harmless words are not one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

import pytest

from hookassay.conformance import leaks
from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.schemas.catalogue import read_toml
from tests.conformance.conftest import battery
from tests.conformance.receivers import SECRET, Receiver, Reply, Request, right

Serve = Callable[[Receiver], str]

DELIVERY = Delivery("gitple", "session_state_open", "POST", (), b"{}")
HTML = {"Content-Type": "text/html; charset=utf-8"}

INSIDES: dict[str, tuple[str, ...]] = {
    "a Python traceback": ("Traceback (most recent call last):\n  boom", 'File "app.py", line 12, in hook'),
    "a JavaScript stack trace": (
        "SyntaxError\n    at JSON.parse (<anonymous>)",
        "    at Layer.handle (/srv/x/layer.js:95:5)",
        "    at node:internal/main/run_main_module:28:49",
    ),
    "a Java stack trace": (
        "\tat com.acme.Hook.doPost(Hook.java:41)",
        'Exception in thread "main"',
        "Caused by: java.io",
    ),
    "a Go stack trace": ("goroutine 7 [running]:", "panic: runtime error: index out of range", "server.go:3210"),
    "a PHP error": (
        "<b>Warning</b>:  Undefined array key in <b>hook.php</b> on line <b>3</b>",
        "PHP Fatal error:  Uncaught TypeError: x",
        "#0 {main}",
    ),
    "a Ruby stack trace": ("app.rb:12:in `post'", "app.rb:12:in 'Hook#post'"),
    "a .NET stack trace": ("   at Hook.Post(Request r) in C:/src/Hook.cs:line 12",),
    "a Rust panic": ("thread 'main' panicked at src/main.rs:4:5", "set RUST_BACKTRACE=1"),
    "a Perl error": (
        'garbage after JSON object, at character offset 8 (before "x") at hook.pl line 20.',
        "Can't locate object method at (eval 12) line 3.",
    ),
    "a stack trace": (
        "** (Jason.DecodeError)\n    (jason 1.4.1) lib/jason.ex:92: Jason.decode!/2",
        "lapis/hook.lua:31: attempt to index a nil value",
        "Fatal error in Hook/routes.swift:12",
        "#0 handle (package:hook/src/app.dart:31:7)",
        "at src/hook.cpp:41:9",
        "hook.nim(12) handle",
        "CallStack (from HasCallStack): error",
    ),
    "a debug page": ("<title>ValueError // Werkzeug Debugger</title>", "You have <code>DEBUG = True</code>"),
    "settings": ('SECRET_KEY="abc"', "DATABASE_URL=postgres://x", "<td>GITPLE_WEBHOOK_SECRET</td><td>x</td>"),
    "a file-system path": ("/home/deploy/app.py", "/app/hook/index.js", r"C:\inetpub\wwwroot\hook.aspx", "file:///x/y"),
    "source paths": ("node_modules/express", "site-packages/flask", "/gems/rack-3.0/lib"),
    "a database error": ("SQLSTATE[23000]: Integrity", "ORA-00942", "sqlite3.OperationalError", "psycopg2.errors"),
}
"""What is shown → texts that show it, as frameworks write them."""

HARMLESS = (
    '{"error":"INVALID_TOKEN"}',
    "MISSING_SECRET: the header X-Hub-Signature is absent",
    "wrong signature",
    "at least one member is missing (line 1, column 5)",
    'Expected property name or "}" in JSON at position 1',
    '<a href="/home/help/contact">help</a> <img src="/var/logo/big.png">',
    "see https://example.com/usr/local/docs/webhooks for more",
    "Error: unexpected end of input",
    "POST /app/hook is not allowed",
    "no event at line 3 of the body",
    "the time 12:30:05 is too old; see docs.ex or host example.c:8080",
    "the warning: your clock is 3 seconds late",
    "안녕하세요. 잘못된 요청입니다.",
)


def shows(text: str, headers: dict[str, str] | None = None) -> Receiver:
    """A right receiver that says this whenever it refuses."""

    def receiver(request: Request) -> Reply:
        status = right(request)
        return status if status == 200 else (status, text.encode(), headers or HTML)

    return receiver


def insides(serve: Serve, receiver: Receiver) -> list[str]:
    """The first lines of what fails errors/no-internals."""
    verdicts, _ = battery(serve(receiver), ("*/errors/no-internals",))
    return [verdict.message.splitlines()[0] for verdict in verdicts if verdict.verdict == "failed"]


def test_every_kind_of_inside_is_tried_here() -> None:
    """The table above has an entry for each kind in leaks.toml."""
    assert set(INSIDES) == {entry["name"] for entry in read_toml(Path(leaks.__file__).with_suffix(".toml"))["inside"]}


@pytest.mark.parametrize("kind", INSIDES)
def test_an_inside_that_is_shown_is_named(serve: Serve, kind: str) -> None:
    """Each text alone, in turn over the refusals of one receiver: each is found and called by its name."""
    texts = INSIDES[kind]

    def receiver(request: Request) -> Reply:
        status = right(request)
        return status if status == 200 else (status, texts[request.number % len(texts)].encode(), HTML)

    told = insides(serve, receiver)
    assert told
    assert all(f"the answer shows {kind}: " in line for line in told)


@pytest.mark.parametrize("kind", INSIDES)
def test_each_text_of_a_kind_is_found(kind: str) -> None:
    """Whichever of the patterns it is that finds it."""
    for text in INSIDES[kind]:
        found = leaks.leaks(DELIVERY, Answer(400, body=text.encode()), "http://127.0.0.1/", (), tuple)
        assert any(leak.text.startswith(f"{kind}: ") for leak in found), text


def test_harmless_words_are_no_leak(serve: Serve) -> None:
    """What a right receiver may well say, all of it in each refusal, costs it nothing."""
    assert insides(serve, shows("\n".join(HARMLESS))) == []


def test_an_echo_of_the_request_is_no_leak(serve: Serve) -> None:
    """A receiver may give back what it was sent: body, headers, path; the request held it, so it tells nothing."""

    def receiver(request: Request) -> Reply:
        echo = b"\n".join([request.path.encode(), *(f"{n}: {v}".encode() for n, v in request.headers), request.body])
        return right(request), echo, {"Content-Type": "application/octet-stream"}

    verdicts, _ = battery(serve(receiver), ("*/errors/no-internals", "*/signature/absent", "*/payload/full"))
    assert not [verdict.id for verdict in verdicts if verdict.verdict not in ("passed", "advice")]


def digest_of(request: Request) -> bytes:
    return hmac.new(SECRET.encode(), request.body, hashlib.sha256).digest()


TELLS: dict[str, tuple[Callable[[Request], str], str]] = {
    "the secret": (lambda request: f"your secret {SECRET} is not in it", "the secret itself"),
    "the digest in hex": (lambda r: f"expected {digest_of(r).hex()}", "the right signature of the request"),
    "the digest in capitals": (lambda r: digest_of(r).hex().upper(), "the right signature of the request"),
    "the digest in base64": (
        lambda r: base64.b64encode(digest_of(r)).decode(),
        "the right signature of the request",
    ),
    "the digest in base64url": (
        lambda r: base64.urlsafe_b64encode(digest_of(r)).decode(),
        "the right signature of the request",
    ),
    "sixteen characters of it": (lambda r: f"…{digest_of(r).hex()[20:36]}…", "the right signature of the request"),
}


@pytest.mark.parametrize("what", TELLS)
@pytest.mark.parametrize("place", ["body", "header"])
def test_a_receiver_that_helps_the_forger_is_named(serve: Serve, what: str, place: str) -> None:
    """In the body or in a header of a refusal: one finding, and the secret itself is masked in what is told of it."""
    tell, named = TELLS[what]

    def receiver(request: Request) -> Reply:
        status = right(request)
        if status == 200:
            return status
        text = tell(request)
        return (status, text.encode()) if place == "body" else (status, b"", {"X-Debug": text.replace("…", "-")})

    verdicts, found = battery(serve(receiver), ("*/signature/absent", "*/signature/no-oracle"))
    failing = [verdict for verdict in verdicts if verdict.verdict == "failed"]
    assert failing and all(verdict.kind == "leak" for verdict in failing)
    assert all(verdict.message.startswith(f"the answer holds {named}") for verdict in failing)
    assert [finding.title for finding in found if finding.level == "failed"] == [
        f"gitple: tells {named} in its answers"
    ]
    assert not any(SECRET in verdict.message for verdict in failing)


def test_fifteen_characters_of_the_digest_are_none(serve: Serve) -> None:
    """Shorter stretches come about by chance."""
    verdicts, _ = battery(
        serve(lambda r: right(r) if right(r) == 200 else (401, digest_of(r).hex()[:15].encode())),
        ("*/signature/absent", "*/signature/no-oracle"),
    )
    assert not [verdict.id for verdict in verdicts if verdict.verdict == "failed"]
