"""A stored case as it was sent: its own bytes, with the expectation and framing that its name says."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hookassay.conformance.fuzz.case import FuzzCase
from hookassay.conformance.fuzz.plan import BadPlan, Plan
from hookassay.mockserver.emission import times
from hookassay.mockserver.emission.spelling import Body
from hookassay.schemas.contract import Json


def stored(plan: Plan, entry: Mapping[str, Json], force: bool = False) -> FuzzCase:
    """The case of a line of a file, a finding's `smallest.json`, or a corpus file (which has a name alone).

    Where the secret was masked, the plan's stands in its place. Raises BadPlan, BadName.
    """
    if not isinstance(entry, dict) or "case" not in entry:
        raise BadPlan("this is no stored case: it has no member 'case'")
    at = times.parse(entry.get("at")) or 0
    case = plan.named(str(entry["case"]), at, force)
    if "headers" not in entry:
        return case
    case = _with(plan, case, entry.get("mutations", list(case.mutations)))
    secret = case.draft.vendor.secret_of(case.draft.event, None)
    placeholder = f"{{{{{plan.provider_name}.secret}}}}" if entry.get("masked") else ""
    data = _filled(_body(entry), placeholder, json.dumps(secret)[1:-1].encode())
    headers = tuple((str(name), _text(str(value), placeholder, secret)) for name, value in entry["headers"])
    delivery = replace(
        case.delivery, method=str(entry["method"]), headers=headers, body=data, secrets=_kept(case, data)
    )
    return case._replace(draft=replace(case.draft, body=Body(data), sent=None), delivery=delivery)


def _with(plan: Plan, case: FuzzCase, mutations: list[str]) -> FuzzCase:
    """The case with those of its mutations that were not found to have no part in what came back."""
    cases = replace(plan, seed=case.name.seed).cases()
    if not mutations and case.mutations:
        return cases.unchanged(case)
    if len(mutations) == 1 and len(case.mutations) == 2 and mutations[0] in case.mutations:
        return cases.named(case.name, case.at, only=case.mutations.index(mutations[0]))
    return case


def _body(entry: Mapping[str, Any]) -> bytes:
    """The exact bytes of a stored delivery."""
    if "body_base64" in entry:
        return base64.b64decode(entry["body_base64"])
    return str(entry["body"]).encode("utf-8", "surrogatepass")


def _filled(data: bytes, placeholder: str, secret: bytes) -> bytes:
    return data.replace(placeholder.encode(), secret) if placeholder else data


def _text(text: str, placeholder: str, secret: str) -> str:
    return text.replace(placeholder, secret) if placeholder else text


def _kept(case: FuzzCase, data: bytes) -> Mapping[str, Any]:
    """The spans that come from the secret: the rebuilt case's where the bytes are the same, else the token's place."""
    if data == case.delivery.body:
        return case.delivery.secrets
    return {"body": case.draft.generator.secrets(data)}
