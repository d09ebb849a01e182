"""Hooks for `schemathesis run`: what it sends to one receiver is sent to others too, and judged by the same checks.

What it tries depends on the document and the seed, not on the answers, and nearly all of its time goes into making
it. So one run measures as many receivers as there are: the one that it knows is right, each of the others gets the
same requests until one of the checks fails there. What the others cost is not counted.

$HUNT_FOLDER has `receivers.json` (name → URL) and `checks.json` (their names); `found.jsonl` and `end.json` are
written there.
"""

from __future__ import annotations

import json
import os
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response

import hookassay.conformance.fuzz.schemathesis  # noqa: F401  (its hooks: the address, the signature, the token)

_TIMEOUT = 10.0
"""Seconds, as schemathesis waits."""


class Shadows:
    """The receivers in which nothing has been found yet, and what the run has cost without them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        urls = json.loads((folder / "receivers.json").read_text("utf-8"))
        self._hosts: dict[str, str] = {name: urlsplit(url).netloc for name, url in urls.items()}
        self._lines = {name: HTTPConnection(host, timeout=_TIMEOUT) for name, host in self._hosts.items()}
        load_all_checks()
        self._checks = CHECKS.get_by_names(json.loads((folder / "checks.json").read_text("utf-8")))
        self._cases = 0
        self._seconds, self._cpu = -time.monotonic(), -time.process_time()

    def meet(self, case: Any, right: Response) -> None:
        """Send one case's request to each of them; what the right receiver answered is judged by schemathesis."""
        self._seconds += time.monotonic()
        self._cpu += time.process_time()
        self._cases += 1
        for name in list(self._lines):
            if found := self._problem(name, case, right):
                self._lines.pop(name).close()
                self._tell("found.jsonl", {"name": name, "found": found})
        self._tell("end.json", {"name": "", "found": ""})
        self._seconds -= time.monotonic()
        self._cpu -= time.process_time()

    def _problem(self, name: str, case: Any, right: Response) -> str:
        """What the checks say of a receiver's answer; empty if they say nothing, as of the right one's."""
        try:
            answer = self._answer(name, right)
            if not _alike(answer, right):
                case.validate_response(answer, checks=self._checks)
        except FailureGroup as failures:
            return ", ".join(sorted({failure.title for failure in failures.exceptions}))
        except TimeoutError:
            return "Response timeout"
        except (OSError, HTTPException):
            return "Network error"
        return ""

    def _answer(self, name: str, right: Response) -> Response:
        """The answer to the same request; sent once more where the kept connection was dropped, as by schemathesis."""
        try:
            return self._sent(name, right)
        except TimeoutError:
            raise
        except (OSError, HTTPException):
            self._lines[name] = HTTPConnection(self._hosts[name], timeout=_TIMEOUT)
            return self._sent(name, right)

    def _sent(self, name: str, right: Response) -> Response:
        request, line = right.request, self._lines[name]
        body: Any = request.body
        line.request(str(request.method), request.path_url, body, dict(request.headers))
        began = time.monotonic()
        answer = line.getresponse()
        content = answer.read()
        headers: dict[str, list[str]] = {}
        for key, value in answer.getheaders():
            headers.setdefault(key.lower(), []).append(value)
        took = time.monotonic() - began
        return Response(answer.status, headers, content, request, took, True, answer.reason, encoding="utf-8")

    def _tell(self, file: str, told: dict[str, str]) -> None:
        sums = {"case": self._cases, "seconds": round(self._seconds, 2), "cpu": round(self._cpu, 2)}
        with open(self._folder / file, "a" if file.endswith("l") else "w", encoding="utf-8") as out:
            out.write(json.dumps({**told, **sums}) + "\n")


def _alike(one: Response, other: Response) -> bool:
    """Whether two answers differ in nothing that a check of one answer could look at."""
    sames = [{name: value for name, value in each.headers.items() if name != "date"} for each in (one, other)]
    return one.status_code == other.status_code and sames[0] == sames[1] and one.content == other.content


_SHADOWS: list[Shadows] = []


@schemathesis.hook
def after_load_schema(context: Any, schema: Any) -> None:
    _SHADOWS[:] = [Shadows(Path(os.environ["HUNT_FOLDER"]))]


@schemathesis.hook
def after_call(context: Any, case: Any, response: Response) -> None:
    for shadows in _SHADOWS:
        shadows.meet(case, response)
