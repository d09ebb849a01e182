"""The application on a socket: waitress, tuned, with an end that does not wait for streams."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

THREADS = 64
"""Half of them may be held by streams and waits (`stream.MOST`); a thread costs some 16 kB."""

_CONNECTIONS = 1_000
_LONGEST_BODY = 64 * 2**20
"""Bytes. The application refuses from 8 MB on, in words; above this the server ends the request itself."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class CannotListen(Exception):
    """An address that cannot be listened on: one line."""


class Server:
    """A WSGI application served from threads of this process until `close` is called."""

    def __init__(self, application: Application, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on an address; port 0 is any free one. Raises CannotListen."""
        from waitress.server import create_server

        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self.host = host
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            tip = "; --port 0 takes any free port" if port else ""
            raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror or error}{tip}") from error
        self.port = int(listener.getsockname()[1])
        # Any: what ends it is waitress's own (`close`), and its stubs know nothing of it.
        self._server: Any = create_server(
            application,
            sockets=[listener],
            threads=THREADS,
            connection_limit=_CONNECTIONS,
            asyncore_use_poll=True,
            max_request_body_size=_LONGEST_BODY,
            ident="hookassay",
            clear_untrusted_proxy_headers=True,
        )
        self._thread = threading.Thread(target=self._server.run, name="hookassay-web", daemon=True)

    @property
    def url(self) -> str:
        """The address for programs on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering. Connections that are open are closed: `close()` of waitress's own would wait for them."""
        from waitress import wasyncore

        with suppress(OSError):  # something else has woken the thread, and the trigger is closed already
            self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._server.task_dispatcher.shutdown(timeout=2)
