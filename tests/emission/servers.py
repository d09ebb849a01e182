"""Receivers made of a raw socket, so that a test can say every byte that they answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
"""A right answer that keeps the connection."""

_PATIENCE = 10.0
_DATA_SEGMENTS_IN = 152
"""Where `struct tcp_info` (linux/tcp.h) has `tcpi_data_segs_in`."""


@dataclass
class Request:
    """One request as it came: the bytes of its head and of its body."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Names and values as they stood on the wire, one blank behind the colon taken away."""
        pairs = (line.decode("latin-1").partition(":") for line in self.head.split(b"\r\n")[1:] if line)
        return [(name, value.removeprefix(" ")) for name, _, value in pairs]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self.socket = connection
        self.stopping = stopping
        self._rest = b""

    def read_some(self, patience: float = _PATIENCE) -> bytes:
        """What comes in one read; nothing once the other end has closed.

        Raises TimeoutError when it has been waited for long enough, EOFError when the test is over.
        """
        ends = time.monotonic() + patience
        self.socket.settimeout(0.05)
        while not self.stopping.is_set():
            try:
                data = self.socket.recv(1 << 20)
            except TimeoutError:
                if time.monotonic() > ends:
                    raise
                continue
            self.socket.settimeout(_PATIENCE)
            return data
        raise EOFError

    def read_head(self) -> bytes:
        """The bytes up to the blank line (without it). Raises EOFError where the connection ends before."""
        while b"\r\n\r\n" not in self._rest:
            data = self.read_some()
            if not data:
                raise EOFError
            self._rest += data
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        return head

    def read_body(self, length: int) -> bytes:
        while len(self._rest) < length:
            data = self.read_some()
            if not data:
                break
            self._rest += data
        body, self._rest = self._rest[:length], self._rest[length:]
        return body

    def read_request(self) -> Request:
        """A whole request, of the length that it declares or in chunks (whose framing is undone)."""
        head = Request(self.read_head(), b"")
        if head.header("transfer-encoding") == "chunked":
            return Request(head.head, self._read_chunks())
        return Request(head.head, self.read_body(int(head.header("content-length") or 0)))

    def _read_line(self) -> bytes:
        while b"\r\n" not in self._rest:
            data = self.read_some()
            if not data:
                raise EOFError
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self._read_line(), 16):
            body += self.read_body(size)
            self._read_line()
        self._read_line()
        return body

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_for_ever(self, data: bytes, every: float = 0.0) -> None:
        """Send the same bytes again and again until the other end or the test has enough."""
        while not self.stopping.wait(every) if every else not self.stopping.is_set():
            self.socket.sendall(data)

    def reset(self) -> None:
        """End the connection with a reset instead of an orderly close."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def wait_for_end(self) -> None:
        """Wait until the other end closes or the test is over, reading nothing that is kept."""
        with contextlib.suppress(EOFError):
            while self.read_some():
                pass

    @property
    def data_segments(self) -> int:
        """How many TCP segments with data have come in (Linux)."""
        info = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
        return int(struct.unpack_from("I", info, _DATA_SEGMENTS_IN)[0])


Script = Callable[[Peer], None]


@dataclass
class Receiver:
    """Serves each connection by a script in a thread of its own; the last script serves all further ones."""

    scripts: tuple[Script, ...]
    listener: socket.socket
    context: ssl.SSLContext | None = None
    accepted: int = 0
    mistakes: list[BaseException] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        host = self.listener.getsockname()[0]
        scheme = "https" if self.context else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/webhook"

    def accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            script = self.scripts[min(self.accepted, len(self.scripts) - 1)]
            self.accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection, script), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, script: Script) -> None:
        connection.settimeout(_PATIENCE)
        # The sender may leave at any time: that is what most of these tests are about.
        with contextlib.suppress(OSError, EOFError), connection:
            try:
                if self.context is not None:
                    connection = self.context.wrap_socket(connection, server_side=True)
                script(Peer(connection, self.stopping))
            except (OSError, EOFError):
                raise
            except BaseException as error:  # kept, and raised again in the test
                self.mistakes.append(error)
            finally:
                connection.close()

    def stop(self) -> None:
        self.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.wait()

    def wait(self) -> None:
        """Wait until all connections so far are served; what a script did wrong is raised here."""
        for thread in self._threads:
            thread.join(timeout=_PATIENCE)
        if self.mistakes:
            raise self.mistakes[0]


@contextlib.contextmanager
def receiver(*scripts: Script, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    serving = Receiver(scripts, socket.create_server((host, 0), family=family, backlog=128), context)
    threading.Thread(target=serving.accept, daemon=True).start()
    try:
        yield serving
    finally:
        serving.stop()


def answering(*answers: bytes) -> Script:
    """Read a request and send an answer, for each answer in turn; the last one for all further requests."""

    def script(peer: Peer) -> None:
        number = 0
        while True:
            peer.read_request()
            peer.send(answers[min(number, len(answers) - 1)])
            number += 1

    return script


def recording(seen: list[Request], answer: bytes = OK) -> Script:
    """Keep every request and answer it."""

    def script(peer: Peer) -> None:
        while True:
            seen.append(peer.read_request())
            peer.send(answer)

    return script


def once(answer: bytes) -> Script:
    """Read one request, answer it, close the connection."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer)

    return script
