"""Attempts as exports have them: written, and read again when a log comes in."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.answer import FAILURES, Answer, reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.mockserver.engine import recognition
from hookassay.mockserver.engine.answers import as_columns, words
from hookassay.mockserver.engine.model import Attempt, View
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas.contract import Json

MOST = 2_000
"""Attempts of one delivery that come in at most."""

_SHORTEST = 4
"""Characters of a secret that is looked for in an answer: a shorter one stands there by chance."""


@dataclass(frozen=True)
class Tried:
    """An attempt that somebody else has made: when (nanoseconds since 1970), what came back, what was made of it."""

    at: int
    answer: Answer
    view: View | None
    faults: tuple[str, ...] = ()


def written(one: Attempt, secrets: Sequence[str] = (), mask: str = "") -> dict[str, Json]:
    """An attempt with its answer; where the answer says a secret, the mask stands in its place."""
    seen = one.seen if one.seen is not None else one.answer
    return {
        "number": one.number,
        "at": times.iso(one.started, 3),
        "elapsed": None if seen is None else round(seen.elapsed, 6),
        "status": None if seen is None else seen.status,
        "failure": None if seen is None else seen.failure,
        "reaction": None if one.reaction is None else str(one.reaction),
        "view": one.view,
        "faults": list(one.faults),
        **_answer(one.answer, secrets, mask),
    }


def _answer(answer: Answer | None, secrets: Sequence[str], mask: str) -> dict[str, Json]:
    if answer is None or answer.status is None:
        return {}
    told = hidden(answer, secrets, mask)
    try:
        body = {"body": told.body.decode("utf-8")}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(told.body).decode("ascii")}
    return {"answer": {"headers": [list(pair) for pair in told.headers], **body}}


def hidden(answer: Answer, secrets: Iterable[str], mask: str) -> Answer:
    """The answer without the secrets that it repeats."""
    found = [secret.encode() for secret in secrets if len(secret) >= _SHORTEST]
    said = [answer.body, *(value for _, value in answer.raw_headers)]
    if not any(secret in part for secret in found for part in said):
        return answer

    def hide(part: bytes) -> bytes:
        for secret in found:
            part = part.replace(secret, mask.encode())
        return part

    return Answer(
        answer.status,
        tuple((name, hide(value)) for name, value in answer.raw_headers),
        hide(answer.body),
        answer.elapsed,
        answer.failure,
        answer.detail,
        answer.version,
        answer.cut,
    )


def read(found: Json) -> tuple[Tried, ...]:
    """The attempts of a file that got an answer, or failed on the way. Raises TypeError, ValueError, AttributeError."""
    if not isinstance(found, list) or len(found) > MOST:
        raise ValueError(f"attempts is no list of at most {MOST}")
    return tuple(made for one in found if (made := _read(one)) is not None)


def _read(found: Mapping[str, Json]) -> Tried | None:
    status, failure = found.get("status"), found.get("failure")
    if failure is not None and failure not in FAILURES:
        raise ValueError(f"unknown failure {failure!r}")
    if status is None and failure is None:
        return None
    if status is not None and (type(status) is not int or not 100 <= status <= 999):
        raise ValueError(f"{status!r} is no status")
    said = found.get("answer") or {}
    encoded = said.get("body_base64")
    body = str(said.get("body", "")).encode() if encoded is None else base64.b64decode(encoded, validate=True)
    answer = Answer(
        status,
        tuple((str(name).encode("latin-1"), str(value).encode("latin-1")) for name, value in said.get("headers", ())),
        body,
        max(0.0, min(float(found.get("elapsed") or 0.0), 1e6)),
        failure,
    )
    view = found.get("view")
    at = times.parse(str(found.get("at", "")))
    if at is None or not 0 <= at < 2**62:
        raise ValueError("an attempt has no time (at)")
    faults = tuple(recognition.label(str(label)) for label in found.get("faults", ()))
    return Tried(at, answer, view if view in get_args(View) else None, faults)


def rows(tried: Sequence[Tried], delivery: Delivery, method: str) -> list[dict[str, Any]]:
    """The columns of attempts that have come in, but for their delivery's number."""
    made = []
    for number, one in enumerate(tried, 1):
        columns, body = as_columns(one.answer)
        reacted = reaction(delivery, one.answer, method).value
        made.append(
            {
                "number": number,
                "scheduled": one.at,
                "started": one.at,
                "ended": one.at + round(one.answer.elapsed * 1e9),
                "answer": columns,
                "answer_body": body,
                "text": words(body),
                "reaction": reacted,
                "view": one.view or ("delivered" if reacted == "taken" else "given-up"),
                "told": Told("taken" if reacted == "taken" else "not-taken"),
                "faults": list(one.faults),
            }
        )
    return made
