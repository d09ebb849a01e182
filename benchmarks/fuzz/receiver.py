"""A receiver that is as quick as can be had: nginx where it is installed, else thirty lines of asyncio."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 1000000000; client_body_buffer_size 128k;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; location / {{ default_type text/plain; return 200 "ok"; }} }}
}}
"""
_PYTHON = """
import asyncio
class Taking(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        while True:
            head, mark, rest = self.data.partition(b"\\r\\n\\r\\n")
            if not mark:
                return
            length = int(head.lower().partition(b"content-length:")[2].split(b"\\r\\n")[0])
            if len(rest) < length:
                return
            self.data = rest[length:]
            self.transport.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
async def main():
    server = await asyncio.get_running_loop().create_server(Taking, "127.0.0.1", {port})
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def receiver() -> Iterator[tuple[str, str]]:
    """What it is, and its URL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "nginx.conf")
        settings.write_text(_NGINX.format(folder=folder, port=port), encoding="utf-8")
        nginx = shutil.which("nginx")
        own = [sys.executable, "-c", _PYTHON.replace("{port}", str(port))]
        command = own if nginx is None else [nginx, "-e", f"{folder}/error.log", "-c", str(settings)]
        process = subprocess.Popen(command)
        try:
            wait_for(port)
            yield "nginx" if nginx else "asyncio", f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait()


def wait_for(port: int, seconds: float = 10) -> None:
    """Until somebody listens there. Raises OSError if nobody does in time."""
    ends = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)
