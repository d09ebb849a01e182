"""Where the mock may send to: loopback, and what the user has named; nowhere that a name only pretends to be.

A name is resolved once, every address that comes out is checked in each form that hides in it, and the
connection goes to that very address.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from hookassay.mockserver.emission.target import BadTarget, Target
from hookassay.mockserver.engine.errors import Refused
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.contract import Json

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

OPTION = "--allow-target"

_NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
        "100.100.100.200/32", "168.63.129.16/32",  # metadata services of clouds, beside 169.254.169.254
        "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128",
    )
)  # fmt: skip
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")


def is_verified(settings: Mapping[str, Json]) -> bool:
    """Whether the certificate of an endpoint's receiver is verified: unless its vendor's page has a switch for that
    (a setting of this name), and it is off."""
    return settings.get("verify_tls") is not False


class Targets:
    """The policy. `allow` has names of hosts, addresses and networks. Raises Refused(invalid) for what is neither."""

    def __init__(self, allow: tuple[str, ...] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for text in allow:
            try:
                self._networks.append(ipaddress.ip_network(text.strip("[]"), strict=False))
            except ValueError:
                if "/" in text or ":" in text or not text.strip():
                    raise Refused("invalid", f"{OPTION} {text}: neither a host's name nor a network") from None
                self._names.add(text.lower().rstrip("."))

    def check(self, url: str, pointer: str = "/url") -> None:
        """Refuse a URL that nothing would be sent to: Refused(invalid), Refused(target-not-allowed).

        A name that cannot be resolved now is judged when something is sent.
        """
        target = _parsed(url, pointer)
        try:
            addresses = _resolve(target.host, target.port)
        except OSError:
            return
        self._judge(target.host, addresses, pointer)

    def resolve(self, url: str, verified: bool) -> Target:
        """The target with the address to connect to, its certificate `verified` or not. Blocking: a name may have
        to be looked up.

        Raises Refused, OSError where the name has no address.
        """
        target = _parsed(url, "/url")
        addresses = _resolve(target.host, target.port)
        self._judge(target.host, addresses, "/url")
        return replace(target, address=str(addresses[0]), verified=verified)

    def _judge(self, host: str, addresses: list[Address], pointer: str) -> None:
        for address in addresses:
            problem = self._problem(host, address)
            if problem:
                raise Refused("target-not-allowed", problem, pointer)

    def _problem(self, host: str, address: Address) -> str:
        """Why nothing is sent to this address; empty where it may be."""
        told = host if host == str(address) else f"{host} ({address})"
        if any(form in network for form in _forms(address) for network in _NEVER if form.version == network.version):
            return Told("never-sent-there", host=told)
        inner = _same_as(address)
        if inner.is_loopback or any(inner in net or address in net for net in self._networks):
            return ""
        if host.lower().rstrip(".") in self._names:
            return ""
        return Told("not-this-machine", host=told, option=f"{OPTION} {host}")


def _parsed(url: str, pointer: str) -> Target:
    try:
        return Target.parse(url)
    except (BadTarget, ValueError) as error:
        raise Refused("invalid", str(error), pointer) from error


def _resolve(host: str, port: int) -> list[Address]:
    """Every address of a host; a number in any notation is what the system makes of it. Raises OSError."""
    if host == "localhost" or host.endswith(".localhost"):
        host = "localhost"  # RFC 6761 section 6.3: such names are loopback, whatever a resolver would say
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    addresses = [ipaddress.ip_address(text) for text in texts]
    return sorted(addresses, key=lambda address: address.version)  # most receivers listen on IPv4 alone


def _same_as(address: Address) -> Address:
    """The IPv4 address that an IPv6 one is only another writing of; else itself."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def _forms(address: Address) -> Iterator[Address]:
    """An address and every IPv4 address that is embedded in it: mapped, compatible, NAT64, 6to4, Teredo."""
    yield address
    yield _same_as(address)
    if isinstance(address, IPv6Address):
        if any(address in network for network in (*_NAT64, _COMPATIBLE)) and int(address) > 1:
            yield IPv4Address(int(address) & 0xFFFFFFFF)
        if address in _SIX_TO_FOUR and address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
