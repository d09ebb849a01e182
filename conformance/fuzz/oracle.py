"""Whether an answer is wrong: the battery's own rules, for one case of a campaign."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from hookassay.conformance.assess import Problem, assess, behind
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import Step, weaker
from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.levels import level_of
from hookassay.conformance.leaks import leaks, right_digest_texts, shows_nothing
from hookassay.conformance.traffic import Sent
from hookassay.mockserver.emission.answer import Answer, Reaction, reaction
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.schemas.contract import Level

_SHAPED = 2_048
_BLANKED = re.compile(
    rb"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-fA-F]{12,}|[0-9]+|\"[^\"\n]{0,400}\"|'[^'\n]{0,400}'|\x60[^\x60\n]{0,400}\x60"
)
_TIMES = ((0.1, "<0.1 s"), (1.0, "<1 s"), (5.0, "<5 s"))


@dataclass(slots=True)
class Judged:
    """An exchange and what is wrong with it, if anything; never changed once made."""

    case: FuzzCase
    sent: Sent
    problem: Problem | None

    @property
    def answered(self) -> bool:
        return self.sent.answered


@dataclass
class Oracle:
    """Judges the answers of one receiver. `answers_http_10`: seen once, some framings are left out."""

    bench: Bench
    answers_http_10: bool = False
    _last: tuple[object, object, bool] = (None, None, False)

    def judge(self, case: FuzzCase, answer: Answer) -> Judged:
        """What is wrong with an answer: the reaction first, then what it shows."""
        delivery = case.delivery
        # Some answer an HTTP/1.0 request, or one that they cannot read, in HTTP/1.0, and know 1.1 all the same.
        if answer.version == "1.0" and delivery.framing.plain:
            self.answers_http_10 = True
        sent = Sent(delivery, answer, reaction(delivery, answer, self.bench.provider.method))
        if sent.reaction in case.expect.met_by and not answer.overlong and self._shows_nothing(answer):
            return Judged(case, sent, None)  # as nearly all are
        if answer.rate_limited:
            return Judged(case, sent, None)
        problem = assess(Step(delivery, case.expect), sent)
        if problem is not None and problem.kind in ("refused", "redirected"):
            problem.level = weaker(problem.level, self._level(case))
        if problem is None and delivery.framing.plain:  # what is no single request may have several answers
            problem = behind(sent)
        return Judged(case, sent, problem or self._leak(case, answer))

    def _level(self, case: FuzzCase) -> Level:
        """The level at which the payload has to be taken: a form that a receiver only should take weakens it."""
        try:
            return level_of(self.bench.provider.events[case.name.event], json.loads(case.delivery.body))
        except (ValueError, RecursionError):
            return "must"

    def _shows_nothing(self, answer: Answer) -> bool:
        """Whether an answer shows nothing at all. Most are the same objects as the one before."""
        headers, body, nothing = self._last
        if answer.raw_headers is not headers or answer.body is not body:
            nothing = shows_nothing(answer, self._secrets)
            self._last = answer.raw_headers, answer.body, nothing
        return nothing

    def _leak(self, case: FuzzCase, answer: Answer) -> Problem | None:
        if not answer.body and not answer.raw_headers:
            return None
        for leak in leaks(case.delivery, answer, self._address, self._secrets, lambda: self._right(case)):
            of_asked = leak.kind == "digest" and case.draft.asked
            text = "the signature of the text that it was sent" if of_asked else leak.text
            return Problem("inside" if leak.kind == "inside" else "leak", "must", f"it shows {text}")
        return None

    @cached_property
    def _address(self) -> str:
        return self.bench.target.url

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        return self.bench.vendor.secrets.all()

    def _right(self, case: FuzzCase) -> tuple[str, ...]:
        """What only the vendor can sign, in the writings in which it could be told: a forged request, and the text
        that a handshake asks for."""
        if self.bench.kind != "hmac-header":
            return ()
        event = self.bench.provider.events[case.name.event]
        signer = self.bench.vendor.signer(event)
        texts = [case.delivery.body] if case.name.kind == "auth" else []
        if case.draft.asked:
            texts.append(case.draft.asked.encode("utf-8", "surrogatepass"))
        return tuple(told for text in texts for told in right_digest_texts(signer.digest(signer.message(text))))


def shape(delivery: Delivery, answer: Answer) -> str:
    """Six hex digits for what an answer looks like, without what differs from one to the next."""
    return _looks_of(answer).shape


def behaviours(delivery: Delivery, answer: Answer, met: Reaction) -> tuple[str, ...]:
    """What an answer does, as a set of words: what a corpus grows by."""
    if answer.status is None:
        return str(met), str(answer.failure)
    looks = _looks_of(answer)
    time = next((text for limit, text in _TIMES if answer.elapsed < limit), ">5 s")
    return str(met), str(answer.status), looks.framing, f"HTTP/{answer.version}", looks.shape, looks.names, time


class _Looks(NamedTuple):
    """What headers and body of an answer look like: its framing, a digest, the names of its headers."""

    framing: str
    shape: str
    names: str


def _looks_of(answer: Answer) -> _Looks:
    look = _look if len(answer.body) <= _SHAPED else _look.__wrapped__
    return look(answer.raw_headers, answer.body)


@lru_cache(maxsize=256)  # most answers of a run are alike
def _look(raw_headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> _Looks:
    answer = Answer(200, raw_headers, body)
    names = sorted({name.lower() for name, _ in answer.headers} - {"date"})
    framing = "chunked" if "transfer-encoding" in names else "length" if "content-length" in names else "until-close"
    media = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    text = _BLANKED.sub(b"_", answer.content[:_SHAPED])
    digest = hashlib.sha256(media.encode("utf-8", "surrogatepass") + b"\0" + text).hexdigest()[:6]
    return _Looks(framing, digest, ",".join(names))


@lru_cache(maxsize=1024)
def fingerprint(found: tuple[str, ...]) -> str:
    """A short name for a set of behaviours."""
    return hashlib.sha256("\0".join(found).encode("utf-8", "surrogatepass")).hexdigest()[:12]
