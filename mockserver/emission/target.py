"""Where deliveries go: a URL taken apart, with what every request to it needs."""

from __future__ import annotations

import base64
import ipaddress
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

_PORTS = {"http": 80, "https": 443}
_SAFE = "/:?#[]@!$&'()*+,;=%-._~"


class BadTarget(Exception):
    """A URL that nothing can be sent to; one line that says why."""


@dataclass(frozen=True)
class Proxy:
    """A proxy that the user's environment names. `problem` says why it cannot be used, if so."""

    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    problem: str = ""


@dataclass(frozen=True)
class Target:
    """A receiver's address. User and password of the URL (`credentials`) become Basic credentials and are never
    shown; `headers` are sent with every delivery; `authority` is a file of certificates to trust. `address` is
    the one to connect to where the host's name has been resolved already; `verified` false takes any certificate."""

    scheme: str
    host: str
    port: int
    path: str
    query: str
    credentials: bytes | None = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    authority: Path | None = None
    address: str = ""
    verified: bool = True

    def __hash__(self) -> int:
        return hash((self.host, self.port, self.path))  # asked once an exchange: that of all fields would be dear

    @classmethod
    def parse(cls, url: str, headers: tuple[tuple[str, str], ...] = (), authority: Path | None = None) -> Target:
        """A target from a URL. Raises BadTarget for what is not http(s) with a host and a port that exists."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise BadTarget(f"not a URL: {_without_credentials(url)}: {error}") from error
        if parts.scheme not in _PORTS or not parts.hostname:
            raise BadTarget(f"not an http or https URL: {_without_credentials(url)!r} (write http://HOST:PORT/PATH)")
        if any(ord(character) < 0x21 or ord(character) == 0x7F for character in url.strip()):
            raise BadTarget("the URL holds a blank or a control character; write blanks as %20")
        if port == 0:
            raise BadTarget("nothing can listen on port 0")
        if not _is_name(parts.hostname):
            raise BadTarget(f"{parts.hostname!r} cannot be the name of a host")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=_PORTS[parts.scheme] if port is None else port,
            path=quote(parts.path or "/", safe=_SAFE),
            query=quote(parts.query, safe=_SAFE),
            credentials=_credentials(parts),
            headers=headers,
            authority=authority,
        )

    @property
    def ascii_host(self) -> str:
        """The host as it travels: a name beyond ASCII in its IDNA form."""
        return self.host if self.host.isascii() else self.host.encode("idna").decode("ascii")

    @cached_property
    def authority_part(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.ascii_host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def base(self) -> str:
        """The URL without credentials and query."""
        return f"{self.scheme}://{self.authority_part}{self.path}"

    @property
    def url(self) -> str:
        """The URL without credentials; its query may hold a secret (`addressed.shown_url` masks it)."""
        return f"{self.base}{f'?{self.query}' if self.query else ''}"

    @property
    def basic(self) -> str | None:
        """The value of the `Authorization` header that the URL's credentials make (RFC 7617, UTF-8)."""
        return None if self.credentials is None else f"Basic {base64.b64encode(self.credentials).decode('ascii')}"

    @cached_property
    def is_loopback(self) -> bool:
        """Whether the host is this machine: what listens on all addresses (`0.0.0.0`) is reached there too."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            address = ipaddress.ip_address(self.host.partition("%")[0])
        except ValueError:
            return False
        inner = getattr(address, "ipv4_mapped", None) or address
        return bool(inner.is_loopback or inner.is_unspecified)

    @cached_property
    def proxy(self) -> Proxy | None:
        """The proxy that the user's environment names for this target; never one for loopback."""
        if self.is_loopback or _bypassed(self.host) or _bypassed(f"{self.host}:{self.port}"):
            return None
        proxies: Mapping[str, str] = urllib.request.getproxies_environment()
        address = proxies.get(self.scheme) or proxies.get("all")
        return _proxy(address) if address else None

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """The TLS settings: the system's authorities and the one given. Raises BadTarget for a bad file."""
        if self.scheme == "http":
            return None
        context = ssl.create_default_context()
        if not self.verified:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.authority is not None:
            try:
                context.load_verify_locations(self.authority)
            except (OSError, ssl.SSLError) as error:
                reason = error.strerror or error
                raise BadTarget(f"{self.authority}: no certificate authority can be read from it: {reason}") from error
        return context


def _is_name(host: str) -> bool:
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _proxy(address: str) -> Proxy:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return Proxy("", 0, problem="its address in the environment is not a URL")
    if not host or not _is_name(host):
        return Proxy("", 0, problem="its address in the environment has no host")
    if parts.scheme != "http":
        return Proxy(host, port, problem=f"it is a proxy of the kind {parts.scheme}; only http:// ones are spoken to")
    return Proxy(host, port, parts.username, parts.password)


def _bypassed(host: str) -> bool:
    """Whether NO_PROXY names this host."""
    return bool(urllib.request.proxy_bypass_environment(host))  # type: ignore[attr-defined]  # typeshed lacks it


def _credentials(parts: SplitResult) -> bytes | None:
    if parts.username is None:
        return None
    return unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")


def _without_credentials(url: str) -> str:
    """A URL that could not be parsed, with anything before an `@` left out, and its query, which may hold a key."""
    scheme, mark, rest = url.partition("://")
    shown = (rest if mark else url).rpartition("@")[2].partition("?")[0]
    return f"{scheme}{mark}{shown}" if mark else shown
