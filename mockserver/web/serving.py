"""A mock and its pages, up and running in this process: what `hookassay serve` and the fixtures start."""

from __future__ import annotations

from types import TracebackType

from hookassay.mockserver.engine import Mock, Options
from hookassay.mockserver.web.app import create_app
from hookassay.mockserver.web.security import Access
from hookassay.mockserver.web.server import Server
from hookassay.mockserver.web.stream import Listeners


class Serving:
    """Opened, it answers at `url`; `close` ends it. Use as a context manager."""

    def __init__(self, options: Options, access: Access, port: int = 0) -> None:
        """Start. Raises CannotRun (the state), CannotListen (the address), BadProvider."""
        self.mock = Mock(options)
        try:
            self._listeners = Listeners()
            self.server = Server(create_app(self.mock, access, self._listeners), access.host, port)
            self.url = self.server.url
            self.server.start()
            self.mock.start(self.url)
        except BaseException:
            self.mock.close()
            raise

    def close(self) -> None:
        """End: no more requests, exchanges in hand end or are recorded within five seconds."""
        self._listeners.ending.set()
        self.server.close()
        self.mock.close()

    def __enter__(self) -> Serving:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
