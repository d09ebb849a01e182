"""One answer beside its expectation: what is wrong with it, if anything."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from hookassay.conformance import leaks
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Step
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission.answer import Answer, Reaction
from hookassay.schemas.contract import LEVELS, Level

Kind = Literal[
    "taken",
    "refused",
    "redirected",
    "broke",
    "silent",
    "overlong",
    "leak",
    "gave-secret",
    "wrong-text",
    "wrong-header",
    "markup",
    "inside",
    "unsteady",
    "no-verdict",
    "died",
]


@dataclass
class Problem:
    """What is wrong. `level` decides whether it fails the run; `cause` and `finding` group it with its like.

    `reason` says why, where more is known of it than the answer tells (`hints`); `tried` what was tried to prove it.
    """

    kind: Kind
    level: Level
    text: str
    cause: str = ""
    finding: str = ""
    proven: bool = False
    reason: str = ""
    tried: str = ""
    remedy: str = ""
    around: list[str] = field(default_factory=list)

    @property
    def counts_once(self) -> bool:
        """Whether having been seen once is enough: a forgery taken, a secret shown."""
        return self.kind in ("taken", "leak", "gave-secret")

    def worse_than(self, other: Problem) -> bool:
        return LEVELS.index(self.level) < LEVELS.index(other.level)

    def unsteady(self, other: Problem | None) -> Problem:
        """Asked twice, answered differently."""
        level = self.level if other is None or self.worse_than(other) else other.level
        second = other.text if other is not None else "as it should be"
        text = f"unsteady: asked twice, answered differently: first {self.text}; then {second}"
        return Problem("unsteady", level, text).by_chance()

    def by_chance(self) -> Problem:
        """The same problem, put down to the receiver's not being steady."""
        found = "answers the same delivery now so, now otherwise"
        remedy = (
            "Look for what depends on chance, on time or on what came before: "
            "a race, a pool, a cache, one of several workers."
        )
        return replace(self, cause="unsteady", finding=found, remedy=remedy)


def assess(step: Step, sent: Sent) -> Problem | None:
    """What is wrong with an answer; None if it is as expected."""
    expect, answer = step.expect, sent.answer
    if sent.reaction in expect.met_by:
        return None
    where = f"{step.name}: " if step.name else ""
    if sent.reaction is Reaction.BROKE:
        return Problem("broke", "must", f"{where}it broke: {answer.in_words()}")
    if sent.reaction is Reaction.SILENT:
        return Problem("silent", "must", f"{where}no answer: {answer.in_words()}")
    if expect.never and _holds(answer, expect.never):
        return Problem("gave-secret", expect.level, f"{where}the secret was given back ({answer.in_words()})")
    if expect.reaction == "exactly" and (problem := _inexact(step, sent, where)):
        return problem
    if expect.reaction == "taken" and sent.reaction is not Reaction.TAKEN:
        kind: Kind = "redirected" if sent.reaction is Reaction.REDIRECTED else "refused"
        to = f" to {answer.header('location')}" if kind == "redirected" else ""
        return Problem(kind, expect.level, f"{where}{kind}{to} ({answer.in_words()}); it has to be taken")
    if expect.reaction == "refused" and sent.reaction is Reaction.TAKEN:
        return Problem("taken", expect.level, f"{where}taken ({answer.in_words()}); it has to be refused")
    if expect.header is not None:
        name, begins = expect.header
        value = answer.header(name)
        if value is None or not value.lower().startswith(begins):
            found = "missing" if value is None else repr(value)
            return Problem(
                "wrong-header",
                expect.level,
                f"{where}the header {name} is {found}{f', not {begins}' if begins else ''}",
            )
    if expect.no_markup and "html" in (answer.header("content-type") or "html") and _holds(answer, expect.no_markup):
        return Problem(
            "markup",
            expect.level,
            f"{where}the text comes back raw in a page of the type {answer.header('content-type') or '(none)'}",
        )
    return None


def behind(sent: Sent, where: str = "") -> Problem | None:
    """Bytes behind the end of an answer, which would be read as the next one.

    Those behind a 204 do no harm, and those behind the answer to a HEAD meet nobody: no vendor sends one.
    """
    if not sent.answer.overlong or sent.answer.status == 204 or sent.delivery.method == "HEAD":
        return None
    text = "bytes follow the end of its answer, before the next one (a Content-Length that is too small?)"
    return Problem("overlong", "must", f"{where}{text}")


def _holds(answer: Answer, text: str) -> bool:
    """Whether a text stands anywhere in an answer, headers included."""
    wanted = text.encode()
    return wanted in answer.content or any(wanted in value or wanted in name for name, value in answer.raw_headers)


def _inexact(step: Step, sent: Sent, where: str) -> Problem | None:
    """What is wrong with an answer that has to be 200 and one exact text (GBM's handshake)."""
    answer, expected = sent.answer, step.expect.text
    if answer.status != 200:
        kind: Kind = (
            "redirected"
            if sent.reaction is Reaction.REDIRECTED
            else "wrong-text"
            if sent.reaction is Reaction.TAKEN
            else "refused"
        )
        return Problem(
            kind, step.expect.level, f"{where}answered {answer.in_words()}; it has to be 200 with the secret"
        )
    got = answer.content
    if got == expected.encode():
        return None
    return Problem(
        "wrong-text",
        step.expect.level,
        f"{where}the body is {_excerpt(got)}, not exactly {_excerpt(expected.encode())}: {difference(got, expected)}",
    )


def difference(got: bytes, expected: str) -> str:
    """In words, how a handshake's answer differs from the secret (field evidence FE-77 to FE-93)."""
    import html
    import json

    text = got.decode("utf-8", "replace")
    if not got:
        return "the body is empty"
    if text.strip(" \t\r\n\ufeff") == expected:
        return "a blank, line end or BOM stands before or behind it"
    if text == json.dumps(expected) or text == json.dumps(expected, ensure_ascii=False):
        return "it is a JSON string, in quotes"
    if text in (html.escape(expected), html.escape(expected, quote=False)):
        return "it is HTML-escaped"
    if expected.isdigit() and text.isdigit() and int(text) == int(expected):
        return "leading zeros are lost: it was turned into a number"
    if expected.isdigit() and text.replace(".", "").replace("e+", "").isdigit():
        return "it was turned into a number and rounded"
    if expected in text:
        return "something stands around it"
    return "it is something else"


def _excerpt(data: bytes) -> str:
    text = repr(data.decode("utf-8", "backslashreplace"))
    return text if len(text) <= 90 else f"{text[:80]}…"


def leak_problem(bench: Bench, step: Step, found: list[leaks.Leak]) -> Problem | None:
    """What an answer shows: a secret or the right signature fails every case, the inside those that look for it."""
    for leak in found:
        if leak.kind != "inside":
            return Problem(
                "leak",
                "must",
                f"the answer holds {leak.text}",
                cause=f"{bench.provider.name}:leaks-{leak.kind}",
                finding=f"tells {leak.text} in its answers",
            )
        if step.expect.no_internals:
            return Problem(
                "inside",
                "must",
                f"the answer shows {leak.text}",
                cause=f"{bench.provider.name}:inside",
                finding="shows its inside in answers",
            )
    return None


def leaks_of(bench: Bench, sent: Sent) -> list[leaks.Leak]:
    """Everything that an answer shows and its request did not hold."""
    answer = sent.answer
    if answer.status is None:
        return []

    def digests() -> tuple[str, ...]:
        if bench.kind != "hmac-header":
            return ()
        signer = bench.vendor.signer(bench.provider.events[sent.delivery.event])
        return leaks.right_digest_texts(signer.digest(signer.message(sent.delivery.body)))

    return list(leaks.leaks(sent.delivery, answer, bench.target.url, bench.vendor.secrets.all(), digests))
