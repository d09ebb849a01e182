"""Deliveries go to this machine and where the user allows it, whatever a name or number pretends to be."""

from __future__ import annotations

import socket
import ssl

import pytest

from hookassay.mockserver.engine import CannotRun, Mock, Options, Refused
from hookassay.mockserver.engine.targets import Targets
from tests.engine.conftest import Add, Send
from tests.engine.receiver import Receiver

NEVER = "link-local, multicast, unspecified or a metadata service"
ELSEWHERE = "is not this machine; start with --allow-target"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:3000/hook",
        "http://127.9.9.9/",
        "http://localhost/",
        "http://app.localhost:8080/",
        "http://[::1]:3000/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "https://me:secret@127.0.0.1/",
    ],
)
def test_this_machine_in_any_writing(url: str) -> None:
    Targets().check(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://8.8.8.8/", ELSEWHERE),
        ("http://10.0.0.1/", ELSEWHERE),
        ("http://192.168.1.1/", ELSEWHERE),
        ("http://[2001:db8::1]/", ELSEWHERE),
        ("http://[64:ff9b::7f00:1]/", ELSEWHERE),
        ("http://[2002:7f00:1::]/", ELSEWHERE),
        ("http://134744072/", ELSEWHERE),
        ("http://169.254.169.254/latest/meta-data/", NEVER),
        ("http://[::ffff:169.254.169.254]/", NEVER),
        ("http://[::169.254.169.254]/", NEVER),
        ("http://[64:ff9b::a9fe:a9fe]/", NEVER),
        ("http://[64:ff9b:1::a9fe:a9fe]/", NEVER),
        ("http://[2002:a9fe:a9fe::]/", NEVER),
        ("http://2852039166/", NEVER),
        ("http://100.100.100.200/", NEVER),
        ("http://168.63.129.16/", NEVER),
        ("http://[fd00:ec2::254]/", NEVER),
        ("http://[fe80::1]/", NEVER),
        ("http://224.0.0.1/", NEVER),
        ("http://255.255.255.255/", NEVER),
        ("http://0.0.0.0/", NEVER),
        ("http://[::]/", NEVER),
    ],
)
def test_everything_else_is_refused(url: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        Targets().check(url)
    assert (refused.value.kind, refused.value.status) == ("target-not-allowed", 422)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1:80", "http://", "http://127.0.0.1:0/", "http://a b/"])
def test_what_is_no_url_is_invalid(url: str) -> None:
    with pytest.raises(Refused) as refused:
        Targets().check(url)
    assert refused.value.kind == "invalid"


def test_a_network_and_a_name_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = Targets(("10.0.0.0/8", "Staging.Example", "2001:db8::/32"))
    allowed.check("http://10.1.2.3/")
    allowed.check("http://[2001:db8::7]/")
    _resolves_to(monkeypatch, "203.0.113.7")
    allowed.check("http://staging.example/")
    assert allowed.resolve("http://staging.example/", verified=True).address == "203.0.113.7"
    with pytest.raises(Refused, match=ELSEWHERE):
        allowed.check("http://other.example/")


def test_an_allowed_name_never_leads_to_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when only one of its addresses does (DNS rebinding)."""
    _resolves_to(monkeypatch, "203.0.113.7", "169.254.169.254")
    with pytest.raises(Refused, match=NEVER):
        Targets(("staging.example", "0.0.0.0/0")).check("http://staging.example/")


def _resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)


def test_the_connection_goes_to_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver, send: Send, mock: Mock
) -> None:
    """A name that answers otherwise the second time gains nothing: it is asked once."""
    asked = []
    real = socket.getaddrinfo

    def answers(host: str, *args: object, **kwargs: object) -> object:
        if host != "localhost":
            return real(host, *args, **kwargs)  # type: ignore[arg-type]
        asked.append(host)
        return real("127.0.0.1" if len(asked) <= 2 else "203.0.113.7", *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    mock.endpoints.add("gitple", url=receiver.url.replace("127.0.0.1", "localhost"))
    assert send("gitple").deliveries[0].outcome == "delivered"
    assert len(asked) == 2  # once when it was added, once when it was sent
    assert (receiver.got[0].header("Host") or "").startswith("localhost:")


def test_an_endpoint_elsewhere_is_refused(mock: Mock, add: Add) -> None:
    with pytest.raises(Refused, match=ELSEWHERE) as refused:
        mock.endpoints.add("gitple", url="http://8.8.8.8/")
    assert refused.value.problems[0].pointer == "/url"
    endpoint = add("gitple")
    with pytest.raises(Refused, match=NEVER):
        mock.endpoints.change(endpoint.id, {"url": "http://169.254.169.254/"})


@pytest.mark.parametrize("text", ["10.0.0.0/99", "", "http://x/"])
def test_a_bad_allowance_stops_the_start(text: str) -> None:
    with pytest.raises(CannotRun, match="neither a host's name nor a network"):
        Mock(Options(allow_targets=(text,)))


@pytest.fixture
def self_signed(receiver: Receiver) -> str:
    """The receiver's address, behind a certificate that nobody has signed."""
    trustme = pytest.importorskip("trustme")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    return receiver.url.replace("http://", "https://")


def test_a_certificate_is_verified_unless_the_vendors_switch_is_off(
    self_signed: str, mock: Mock, receiver: Receiver, send: Send
) -> None:
    """On at first: nothing of the payload leaves. Off: the event arrives, for this endpoint alone."""
    careful = mock.endpoints.add("gitple", url=f"{self_signed}/careful")
    assert careful.settings["verify_tls"] is True
    lost = mock.log.delivery(send("gitple").deliveries[0].id).attempts[0].answer
    assert lost is not None and lost.failure == "tls" and receiver.got == []
    mock.endpoints.add("gitple", url=f"{self_signed}/careless", settings={"verify_tls": False})
    assert [one.outcome for one in send("gitple").deliveries] == ["given-up", "delivered"]
    assert [got.path for got in receiver.got] == ["/careless"]
