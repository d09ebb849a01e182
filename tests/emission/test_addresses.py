"""Where deliveries go: URLs, IPv6, TLS, proxies, and what cannot be reached."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from hookassay.mockserver.emission.answer import Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery, Framing
from hookassay.mockserver.emission.sending import Sender
from hookassay.mockserver.emission.target import BadTarget, Target

from .conftest import Serve, target
from .servers import OK, Peer, Request, answering, recording

NAME = "receiver.example"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """A private authority, and the file of its certificate."""
    made = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, path


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name that is asked for leads to this machine, and is noted; nothing leaves it."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def here(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        asked.append(name)
        return real("127.0.0.1" if name.endswith(".example") else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    return asked


# URLs


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://receiver.example", "http://receiver.example/"),
        (" http://receiver.example/a b ".replace("a b", "a"), "http://receiver.example/a"),
        ("HTTP://Receiver.Example:80/A?b=c#fragment", "http://receiver.example/A?b=c"),
        ("https://user:pass@receiver.example:8443/", "https://receiver.example:8443/"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("http://receiver.example/%EC%95%88/안", "http://receiver.example/%EC%95%88/%EC%95%88"),
    ],
)
def test_url_is_shown_without_credentials(url: str, shown: str) -> None:
    """A target's URL is normal, escaped, and free of user, password and fragment."""
    assert Target.parse(url).url == shown


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("receiver.example/x", "write http://HOST"),
        ("ftp://receiver.example/", "not an http or https URL"),
        ("http://", "not an http or https URL"),
        ("http:///path", "not an http or https URL"),
        ("http://h:99999/", "not a URL"),
        ("http://h:port/", "not a URL"),
        ("http://[::1/", "not a URL"),
        ("http://h:0/", "port 0"),
        ("http://h/a b", "blank"),
        ("http://h/a\x00b", "control"),
        ("http://receiver..example/", "name of a host"),
        (f"http://{'a' * 64}.example/", "name of a host"),
        ("", "not an http or https URL"),
    ],
)
def test_url_that_leads_nowhere_is_refused(url: str, told: str) -> None:
    """One line says what is wrong with a URL."""
    with pytest.raises(BadTarget, match=told) as refused:
        Target.parse(url)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["ftp://user:hush@h/", "http://user:hush@h:99999/", "user:hush@h", "http://user:hush@[::1/"]
)
def test_refused_url_keeps_its_password(url: str) -> None:
    """What is said of a bad URL does not tell its password."""
    with pytest.raises(BadTarget) as refused:
        Target.parse(url)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("app.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True),
        ("0.0.0.0", True), ("[::]", True), ("[::ffff:127.0.0.1]", True), ("localhost.example", False),
        ("10.0.0.1", False), ("[fe80::1%25eth0]", False), ("receiver.example", False),
    ],
)  # fmt: skip
def test_loopback(host: str, loopback: bool) -> None:
    """This machine by any of its names and addresses, those that stand for all of them included."""
    assert Target.parse(f"http://{host}/").is_loopback is loopback


# reaching


def test_ipv6(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """A receiver on ::1 is reached, and its Host has brackets."""
    seen: list[Request] = []
    try:
        serving = serve(recording(seen), host="::1")
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    assert sender.send(delivery, target(serving)).status == 200
    assert seen[0].header("host") == f"[::1]:{serving.port}"


def test_nothing_listens(sender: Sender, delivery: Delivery) -> None:
    """A refused connection is a failure with one short reason."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for host in ("127.0.0.1", "localhost"):
        answer = sender.send(delivery, Target.parse(f"http://{host}:{port}/"), 5)
        assert (answer.failure, answer.detail) == ("unreachable", "connection refused")
        assert reaction(delivery, answer) is Reaction.BROKE


def test_unknown_name(sender: Sender, delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is a failure that names it."""

    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    answer = sender.send(delivery, Target.parse(f"http://{NAME}/"), 5)
    assert (answer.failure, answer.detail) == ("unreachable", f"{NAME}: Name or service not known")


# TLS


def test_private_authority(
    sender: Sender, serve: Serve, delivery: Delivery, authority: tuple[trustme.CA, Path]
) -> None:
    """A certificate of an authority of one's own is trusted where its file is named, and only there."""
    made, path = authority
    serving = serve(answering(OK), context=_context(made.issue_cert("127.0.0.1")))
    answers = [sender.send(delivery, Target.parse(serving.url, authority=path), 5) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    untrusted = sender.send(delivery, Target.parse(serving.url), 5)
    assert untrusted.failure == "tls"
    assert "issuer" in untrusted.detail or "self-signed" in untrusted.detail.replace("self signed", "self-signed")
    assert reaction(delivery, untrusted) is Reaction.BROKE


def test_certificate_of_another_name(
    sender: Sender, serve: Serve, delivery: Delivery, authority: tuple[trustme.CA, Path]
) -> None:
    """A certificate has to name the host."""
    made, path = authority
    serving = serve(answering(OK), context=_context(made.issue_cert("other.example")))
    answer = sender.send(delivery, Target.parse(serving.url, authority=path), 5)
    assert answer.failure == "tls"
    assert "127.0.0.1" in answer.detail


def test_expired_certificate(
    sender: Sender, serve: Serve, delivery: Delivery, authority: tuple[trustme.CA, Path]
) -> None:
    """A certificate of yesterday is none of today."""
    made, path = authority
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    old = made.issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=9), not_after=yesterday)
    serving = serve(answering(OK), context=_context(old))
    answer = sender.send(delivery, Target.parse(serving.url, authority=path), 5)
    assert (answer.failure, answer.detail) == ("tls", "certificate has expired")


def test_no_tls_where_it_is_asked_for(sender: Sender, serve: Serve, delivery: Delivery) -> None:
    """https to a plain receiver is a failure of TLS."""
    serving = serve(lambda peer: peer.send(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"))
    answer = sender.send(delivery, Target.parse(f"https://127.0.0.1:{serving.port}/"), 5)
    assert answer.failure == "tls"
    assert answer.detail


def test_name_is_asked_for_in_the_handshake(
    sender: Sender, serve: Serve, delivery: Delivery, authority: tuple[trustme.CA, Path], names: list[str]
) -> None:
    """The host's name is sent with the handshake, so that a server of many names finds its certificate."""
    made, path = authority
    asked: list[str | None] = []
    context = _context(made.issue_cert(NAME))
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    serving = serve(answering(OK), context=context)
    assert sender.send(delivery, Target.parse(f"https://{NAME}:{serving.port}/", authority=path), 5).status == 200
    assert asked == [NAME]


def test_cut_request_over_tls_is_ended_by_us(
    sender: Sender, serve: Serve, delivery: Delivery, authority: tuple[trustme.CA, Path]
) -> None:
    """TLS cannot be half-closed: a cut request is given a moment, then its connection ends, before the deadline."""
    made, path = authority
    serving = serve(lambda peer: peer.wait_for_end(), context=_context(made.issue_cert("127.0.0.1")))
    cut = delivery.with_framing(cut=3)
    answer = sender.send(cut, Target.parse(serving.url, authority=path), 10)
    assert answer.failure == "closed"
    assert answer.elapsed < 5
    assert reaction(cut, answer) is Reaction.REFUSED


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_bad_authority_file(sender: Sender, delivery: Delivery, tmp_path: Path, content: str | None) -> None:
    """A file that holds no certificate is found before sending, and is a failure when sent all the same."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    there = Target.parse("https://127.0.0.1:1/", authority=path)
    with pytest.raises(BadTarget, match="no certificate authority"):
        _ = there.tls
    answer = sender.send(delivery, there, 5)
    assert (answer.failure, str(path) in answer.detail) == ("tls", True)


# proxies


def _tunnel(opened: list[bytes], inside: Callable[[Peer], None], answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Any:
    """A proxy that opens a tunnel to `inside`."""

    def script(peer: Peer) -> None:
        opened.append(peer.read_head())
        peer.send(answer)
        inside(peer)

    return script


def test_http_proxy_gets_the_absolute_form(
    sender: Sender, serve: Serve, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a proxy the request line has the whole address; its user and password go to it alone."""
    seen: list[Request] = []
    serving = serve(recording(seen))
    monkeypatch.setenv("http_proxy", f"http://me:p%40ss@127.0.0.1:{serving.port}")
    answer = sender.send(delivery, Target.parse(f"http://{NAME}:8080/hook?x=1"), 5)
    assert answer.status == 200
    assert seen[0].line == f"POST http://{NAME}:8080/hook?x=1 HTTP/1.1"
    assert seen[0].header("host") == f"{NAME}:8080"
    assert seen[0].header("proxy-authorization") == "Basic bWU6cEBzcw=="  # printf 'me:p@ss' | base64


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n", b"HTTP/1.0 204 x\r\n\r\n"]
)
def test_https_goes_through_a_tunnel(
    sender: Sender,
    serve: Serve,
    delivery: Delivery,
    authority: tuple[trustme.CA, Path],
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
) -> None:
    """For https a proxy opens a tunnel; inside it TLS is checked by the receiver's name, and the connection kept."""
    made, path = authority
    opened: list[bytes] = []
    seen: list[Request] = []
    context = _context(made.issue_cert(NAME))

    def inside(peer: Peer) -> None:
        recording(seen)(Peer(context.wrap_socket(peer.socket, server_side=True), peer.stopping))

    serving = serve(_tunnel(opened, inside, answer))
    monkeypatch.setenv("https_proxy", f"http://me:pass@127.0.0.1:{serving.port}")
    there = Target.parse(f"https://{NAME}/hook", authority=path)
    assert [sender.send(delivery, there, 5).status for _ in range(2)] == [200, 200]
    assert [request.line for request in seen] == ["POST /hook HTTP/1.1"] * 2
    assert opened[0].split(b"\r\n") == [
        f"CONNECT {NAME}:443 HTTP/1.1".encode(),
        f"Host: {NAME}:443".encode(),
        b"Proxy-Authorization: Basic bWU6cGFzcw==",
    ]
    assert all(request.header("proxy-authorization") is None for request in seen)


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        pytest.param(answering(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), "407", id="login-wanted"),
        pytest.param(answering(b"HTTP/1.1 403 200\r\n\r\n"), "403", id="forbidden"),
        pytest.param(answering(b"hello\r\n\r\n"), "hello", id="no-proxy"),
        pytest.param(lambda peer: peer.read_head() and None, "without an answer", id="closed"),
    ],
)
def test_proxy_that_opens_no_tunnel(
    sender: Sender, serve: Serve, delivery: Delivery, monkeypatch: pytest.MonkeyPatch, script: Any, detail: str
) -> None:
    """A proxy that refuses is told as that, with what it said."""
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{serve(script).port}")
    answer = sender.send(delivery, Target.parse(f"https://{NAME}/"), 5)
    assert answer.failure == "proxy"
    assert detail in answer.detail


def test_silent_proxy_ends_at_the_deadline(
    sender: Sender, serve: Serve, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that never answers is silence at the deadline, and its connection is closed."""
    ended: list[bool] = []

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.wait_for_end()
        ended.append(not peer.stopping.is_set())

    serving = serve(script)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{serving.port}")
    answer = sender.send(delivery, Target.parse(f"https://{NAME}/"), 0.4)
    serving.wait()
    assert (answer.failure, answer.elapsed < 1, ended) == ("timeout", True, [True])


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("socks5://127.0.0.1:1080", "socks5"),
        ("https://127.0.0.1:8080", "only http://"),
        ("http://127.0.0.1:port", "not a URL"),
        ("http://[::1", "not a URL"),
        ("http://", "no host"),
    ],
)
def test_proxy_that_cannot_be_spoken_to(
    sender: Sender, delivery: Delivery, monkeypatch: pytest.MonkeyPatch, address: str, detail: str
) -> None:
    """An environment that names another kind of proxy, or nonsense, is a failure and no exception."""
    monkeypatch.setenv("all_proxy", address)
    for scheme in ("http", "https"):
        answer = sender.send(delivery, Target.parse(f"{scheme}://{NAME}/"), 5)
        assert (answer.failure, detail in answer.detail) == ("proxy", True), answer


@pytest.mark.parametrize("listed", [NAME, ".example", f"{NAME}:PORT", "*"])
def test_no_proxy_is_respected(
    sender: Sender, serve: Serve, delivery: Delivery, monkeypatch: pytest.MonkeyPatch, names: list[str], listed: str
) -> None:
    """A host that NO_PROXY names, with or without its port, is reached straight."""
    seen: list[Request] = []
    serving = serve(recording(seen))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", listed.replace("PORT", str(serving.port)))
    assert sender.send(delivery, Target.parse(f"http://{NAME}:{serving.port}/"), 5).status == 200
    assert seen[0].line == "POST / HTTP/1.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_never_goes_through_a_proxy(
    sender: Sender, serve: Serve, delivery: Delivery, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Whatever proxies the environment names, this machine is reached straight."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    serving = serve(answering(OK))
    assert sender.send(delivery, Target.parse(f"http://{host}:{serving.port}/"), 5).status == 200


def test_odd_framing_through_a_proxy(
    sender: Sender, serve: Serve, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Framing is the same through a proxy."""
    seen: list[Request] = []
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{serve(recording(seen)).port}")
    framed = Delivery("p", "e", "POST", (), b"abc" * 400, framing=Framing(chunked=True))
    assert sender.send(framed, Target.parse(f"http://{NAME}/"), 5).status == 200
    assert seen[0].body == framed.body
