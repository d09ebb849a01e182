"""The delivery that `send` sends: right, changed by hand, or forged by a name; and what has to come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hookassay.cli.faults import Fault
from hookassay.conformance.bench import Bench
from hookassay.conformance.check import REFUSED, TAKEN, Expectation, Step
from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.mutation.signature import FORGERIES, Forgery
from hookassay.mockserver.emission.mutation.token import TOKENS, WrongToken
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.mockserver.emission.secret import SecretText
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL
from hookassay.schemas import catalogue, members
from hookassay.schemas.contract import Event, Json


@dataclass(frozen=True)
class Letter:
    """A delivery with its expectation, and the document in it; of a forged one its check, and how it is wrong."""

    step: Step
    document: Json
    check: str = ""
    why: str = ""


def letter(bench: Bench, event: Event, example: str, changes: Overrides, forged: str | None) -> Letter:
    """One delivery of an event and what a right receiver makes of it. Raises Fault for an unknown forgery."""
    document = bench.vendor.document(event, example, changes, valid=False)
    if event is bench.provider.handshake:
        return _handshake(bench, event, document, changes, forged)
    if bench.kind == "body-token":
        return _with_token(bench, event, document, changes, forged)
    delivery = bench.vendor.deliver(event, document)
    if forged is None:
        return Letter(Step(delivery, TAKEN), document)
    if bench.kind == "none":
        raise Fault(f"--forged: {bench.provider.name} does not authenticate its deliveries: there is nothing to forge")
    forgery = _forgery(bench.provider.name, forged)
    headers = forgery.make(bench.vendor.signer(event, document), delivery.body)
    if headers is None:
        raise Fault(f"--forged {forged}: with this secret and body that would be a right signature ({forgery.why})")
    wrong = delivery.with_headers(*headers, without=tuple(bench.provider.authentication.headers))
    return Letter(
        Step(wrong, replace(REFUSED, level=forgery.level)), document, f"signature/{forgery.check}", forgery.why
    )


def _with_token(bench: Bench, event: Event, document: Json, changes: Overrides, forged: str | None) -> Letter:
    if forged is None:
        token = _changed(document, changes, bench.provider.authentication.pointer)
        return Letter(Step(bench.vendor.deliver(event, document, token=token), TAKEN), document)
    wrong, value = _wrong_token(bench.provider.name, "token/near-miss", forged, bench.vendor.secret_of(event, document))
    delivery = bench.vendor.deliver(event, document, token=value)
    return Letter(Step(delivery, replace(REFUSED, level=wrong.level)), document, f"token/{wrong.check}", wrong.why)


def _handshake(bench: Bench, event: Event, document: Json, changes: Overrides, forged: str | None) -> Letter:
    """The vendor's verification, unsigned: the right one gets exactly its secret back, a forged one never."""
    answer, token = (str(bench.provider.traits["handshake"][key]) for key in ("answer", "token"))
    wrong = None
    if forged is not None:
        wrong, value = _wrong_token(bench.provider.name, "handshake/wrong-token", forged, bench.secret)
    else:
        value = _changed(document, changes, token)
    value = SecretText(bench.secret) if value is None else value
    if value is LEFT_OUT:
        document = overrides.apply(document, Overrides(remove=(token,)))
    else:
        document = overrides.apply(document, Overrides({token: None if value is NULL else value}))
    delivery = bench.vendor.deliver(event, document, body=write(document), forge=lambda signer, data: ())
    secret = document.get(answer.removeprefix("/"))
    if wrong is None:
        return Letter(Step(delivery, Expectation("exactly", text=str(secret))), document)
    expect = Expectation("calm", wrong.level, never=str(secret))
    return Letter(Step(delivery, expect), document, "handshake/wrong-token", f"the token: {wrong.why}")


def _changed(document: Json, changes: Overrides, pointer: str) -> Json:
    """What stands at the token's place where it was changed by hand; None where it was not, for the right one."""
    dotted = pointer.removeprefix("/").replace("/", ".")
    if not {pointer, dotted} & {*changes.set, *changes.remove}:
        return None
    try:
        value = members.lookup(document, pointer)
    except KeyError:
        return LEFT_OUT
    return NULL if value is None else value


def _forgery(provider: str, name: str) -> Forgery:
    found = [one for one in FORGERIES if name in (one.name, f"{one.check}/{one.name}")]
    if len(found) != 1:
        raise _unknown(
            name,
            [f"{one.check}/{one.name}" for one in found],
            [one.name for one in FORGERIES],
            f"{provider}/signature/malformed",
        )
    return found[0]


def _wrong_token(provider: str, check: str, name: str, token: str) -> tuple[WrongToken, Json]:
    """The wrong token of that name, and its value beside a right one."""
    found = [one for one in TOKENS if name in (one.name, f"{one.check}/{one.name}")]
    if len(found) != 1:
        raise _unknown(
            name, [f"{one.check}/{one.name}" for one in found], [one.name for one in TOKENS], f"{provider}/{check}"
        )
    value = found[0].make(token)
    if value is None:
        raise Fault(f"--forged {name}: this token does not allow it ({found[0].why})")
    return found[0], value


def _unknown(name: str, several: Sequence[str], known: Sequence[str], where: str) -> Fault:
    if several:
        return Fault(f"--forged: two checks have {name!r}: say {' or '.join(several)}")
    near = catalogue.nearest(name, known)
    return Fault(
        f"--forged: unknown forgery {name!r}{near}; their names are the cases that `hookassay explain {where}` lists"
    )
