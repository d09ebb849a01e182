"""What `serve` does once its options are read: the mock is up, every answer is a line, a signal ends it."""

from __future__ import annotations

import ipaddress
import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from hookassay.cli import output
from hookassay.cli.faults import FAILED, Fault, tell
from hookassay.cli.watching import Watcher
from hookassay.cli.whereabouts import leave_note
from hookassay.mockserver.emission import curl
from hookassay.mockserver.engine import CannotRun, Options
from hookassay.mockserver.web.security import LOG, Access
from hookassay.mockserver.web.server import CannotListen
from hookassay.mockserver.web.serving import Serving
from hookassay.schemas import catalogue

_LOOK = 0.5
"""Seconds between looks at what else may have changed: the end, a provider's file."""


def run(
    *,
    as_json: bool,
    provider_paths: Sequence[Path],
    host: str,
    port: int,
    state: str,
    token: str | None,
    allow_host: Sequence[str],
    allow_target: Sequence[str],
    clock_rate: float,
    scenarios: str | None,
    no_hello: bool,
) -> int:
    """Serve until a signal comes; the exit status. Raises Fault where it cannot start."""
    if token is not None and not token:
        raise Fault("--token is empty")
    token = token or (None if _is_loopback(host) else secrets.token_urlsafe(24))
    file = None if state == "memory" else Path(state)
    folder = _folder(file)
    options = Options(
        state=file,
        provider_paths=tuple(provider_paths),
        scenarios=Path(scenarios) if scenarios else folder / "scenarios" if folder else None,
        allow_targets=tuple(allow_target),
        secrets=_secrets(catalogue.find(provider_paths)),
        hello=not no_hello,
        clock_rate=clock_rate,
    )
    _log_to_terminal()
    ended = _signals()
    try:
        serving = Serving(options, Access(host, tuple(allow_host), token), port)
    except (CannotRun, CannotListen) as error:
        raise Fault(str(error), FAILED) from error
    with serving:
        note = leave_note(file, serving.url, token)
        try:
            shown = str(file.resolve()) if file else "memory"
            _tell_ready(serving, token, shown, as_json)
            return _watch(serving, ended, as_json)
        finally:
            if note is not None:
                note.unlink(missing_ok=True)


def _watch(serving: Serving, ended: threading.Event, as_json: bool) -> int:
    """A line for every answer until a signal comes, or the mock cannot go on."""
    watcher = Watcher(serving.mock, as_json)
    problem = ""
    while not ended.is_set():
        watcher.look(_LOOK)
        now = serving.mock.reload_providers()
        if now and now != problem:
            output.line(f"the last good contract is kept: {now}", fg="red") if not as_json else tell(now)
        problem = now
        failure = serving.mock.status().failure
        if failure:
            tell(f"hookassay serve: {failure}")
            return FAILED
    watcher.look(0)
    return 0


def _tell_ready(serving: Serving, token: str | None, state: str, as_json: bool) -> None:
    """The ready line, which programs wait for, and the banner, which people read."""
    if as_json:
        ready = {"kind": "ready", "url": serving.url, "state": state, **({"token": token} if token else {})}
        output.data(ready, indent=None)
        sys.stdout.flush()
        return
    page = f"{serving.url}/#token={token}" if token else serving.url
    output.line(f"ready {serving.url}", wrap=False, bold=True)
    output.entry("console", page)
    for endpoint in serving.mock.endpoints.all():
        where = "its inbox" if endpoint.uses_inbox else endpoint.url
        secret = f", secret {endpoint.secret}" if endpoint.secret else ""
        output.entry(endpoint.provider, f"{endpoint.name} → {where}{secret}")
    output.entry("state", state)
    status = serving.mock.status()
    output.entry("faults", f"{status.faults} {'on' if status.faults_on else 'silenced'}" if status.faults else "none")
    clock = serving.mock.clock.state()
    if abs(clock.ahead) > 10**9 or clock.rate != 1:
        output.entry("clock", _of_clock(clock.ahead, clock.rate))
    providers, usual = serving.mock.providers, catalogue.find()
    first = next((one for name, one in providers.items() if name not in usual), next(iter(providers.values())))
    event = next(iter(first.deliverable))
    to = "http://127.0.0.1:3000/webhook"
    output.line(f"Send one to yours: hookassay send {first.name} {event} --to {to}", wrap=False)
    output.line("Add yours: in the console, Endpoints → Add one for …", wrap=False)
    output.line()
    sys.stdout.flush()


def _of_clock(ahead: int, rate: float) -> str:
    days, rest = divmod(ahead // 10**9, 86400)
    hours = rest // 3600
    told = f"{days} d {hours} h ahead: a receiver that refuses the future will refuse" if ahead > 10**9 else "real"
    return told if rate == 1 else f"{told}; it runs {rate:g} times as fast"


def _folder(file: Path | None) -> Path | None:
    """The state's folder, made for its owner alone and kept out of version control. Raises Fault."""
    if file is None:
        return None
    folder = file.parent
    ours = folder.name == ".hookassay"
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
        if ours and not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise Fault(
            f"cannot keep the state in {folder}: {error.strerror}; --state memory keeps none", FAILED
        ) from error
    return folder


def _secrets(providers: Mapping[str, Any]) -> dict[str, str]:
    """The environment's secrets: for all providers (key ""), and for single ones. Raises Fault for an empty one."""
    found = {}
    for name in ("", *providers):
        variable = curl.variable(name) if name else curl.VARIABLE
        value = os.environ.get(variable)
        if value is not None and not value:
            raise Fault(f"{variable} is set, but empty")
        if value is not None:
            found[name] = value
    return found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _log_to_terminal() -> None:
    """What the mock notes (secrets that were shown) and what goes wrong in it, as lines on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    LOG.setLevel(logging.INFO)


def _signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set; a second Ctrl-C ends the process at once."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        if ended.is_set():
            raise KeyboardInterrupt
        ended.set()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
    return ended
