"""Test vectors for library authors in any language, generated from each provider's `vectors.toml`.

In the manner of Wycheproof: inputs and results as JSON, flags explained once a file, no code needed to
use them. `result` is `valid`, `invalid`, or `acceptable` where taking it is loose but safe.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.mutation import signature, tampering, token
from hookassay.mockserver.emission.serialisers import SPELLINGS
from hookassay.mockserver.emission.spelling import write
from hookassay.mockserver.emission.target import Target
from hookassay.mockserver.emission.vendor import LEFT_OUT, NULL
from hookassay.schemas.catalogue import read_toml
from hookassay.schemas.contract import Json, Provider

NOTES = {
    "RightBytes": "The signature covers exactly these bytes; bodies that are equal as JSON have others.",
    "Forgery": "Made without the key, or not for this body: a receiver that takes it takes forged events.",
    "Loose": "Only who has the key can make it: a receiver that takes it is loose, but safe.",
    "Tampered": "The body was changed after signing.",
    "Token": "The token stands in the body, is compared as a whole, and is a text.",
    "Digits": "The secret has to be treated as text: a number loses zeros or digits.",
    "Shape": "A shape of the secret that no document shows.",
    "Type": "The token has another JSON type.",
    "Careless": "Accepted only by a receiver that trims, splits or converts.",
    "Calm": "Taken or refused, but never broken.",
    "Handshake": "A right token gets exactly the secret back, as text; a wrong one never.",
    "Basic": "User and password of the target URL, percent-decoded, become Basic credentials (RFC 7617).",
    "Body": "The same kind of event in bytes that a receiver has to stand.",
}
"""What each flag means."""

_LONGEST = 5_000
"""Characters of a header or token beyond which a wrong one is left out: a file of vectors is read by people."""

_USUAL = {"signature": "RightBytes", "token": "Token", "handshake": "Handshake", "basic": "Basic", "body": "Body"}


def documents(provider: Provider) -> dict[str, dict[str, Any]]:
    """File name → document, one for each kind of vector that the provider has."""
    path = provider.folder / "vectors.toml"
    if not path.is_file():
        return {}
    groups: dict[str, list[dict[str, Any]]] = {}
    bodies: dict[str, bytes] = {}
    for group in read_toml(path)["group"]:
        tests = list(_tests(provider, group, bodies))
        groups.setdefault(group["kind"], []).append({"kind": group["kind"], "key": group["key"], "tests": tests})
    return {f"{kind}.json": _document(provider, found) for kind, found in groups.items()}


def _document(provider: Provider, groups: list[dict[str, Any]]) -> dict[str, Any]:
    used = {flag for group in groups for test in group["tests"] for flag in test["flags"]}
    notes = {flag: text for flag, text in NOTES.items() if flag in used}
    return {"provider": provider.name, "notes": notes, "groups": groups}


def _tests(provider: Provider, group: Mapping[str, Json], bodies: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    """The vectors of one group: those written down, then those made of one of them by the catalogues."""
    kind, key = group["kind"], group["key"]
    for entry in group.get("test", ()):
        if kind == "basic":
            yield _basic(entry)
            continue
        body = bodies[entry["id"]] = _body(provider, entry)
        yield {
            **_opening(entry["id"], entry["comment"], *entry.get("flags", [_USUAL[kind]])),
            **_bytes(body),
            "headers": _headers(provider, key, body, entry.get("value")) if kind == "signature" else [],
            "result": entry.get("result", "valid"),
            **({"answer": entry["answer"]} if "answer" in entry else {}),
        }
    ident = group.get("forgeries_of")
    if ident is not None:
        make = _forgeries if kind == "signature" else _tokens
        yield from make(provider, key, ident, bodies[ident])
    if group.get("tampered"):
        yield from _tampered(provider, key, group["forgeries_of"], bodies[group["forgeries_of"]])


def _opening(ident: str, comment: str, *flags: str) -> dict[str, Any]:
    return {"id": ident, "comment": comment, "flags": list(flags)}


def _bytes(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode("ascii")}


def _body(provider: Provider, entry: Mapping[str, Json]) -> bytes:
    """The bytes of a vector: as text, as a JSON string literal, as hex, by a rule, or an example in a spelling."""
    if "body" in entry:
        return str(entry["body"]).encode()
    if "body_json" in entry:
        return str(json.loads(entry["body_json"])).encode("utf-8", "surrogatepass")
    if "body_hex" in entry:
        return bytes.fromhex(entry["body_hex"])
    if "rule" in entry:
        rule = entry["rule"]
        return f"{rule['before']}{rule['repeat'] * rule['times']}{rule['after']}".encode()
    event, _, example = str(entry["example"]).partition(".")
    return write(provider.events[event].examples[example].document, SPELLINGS[entry["spelling"]]).data


def _headers(provider: Provider, key: str, body: bytes, value: str | None = None) -> list[list[str]]:
    """The right headers of a body; with `value` the one that carries the digest says that instead."""
    signer = Signer(provider.authentication, key)
    changed = None if value is None else signer.header_name
    return [[name, str(value) if name == changed else right] for name, right in signer.sign(body)]


def _forgeries(provider: Provider, key: str, ident: str, body: bytes) -> Iterator[dict[str, Any]]:
    """The body under each forged signature."""
    signer = Signer(provider.authentication, key)
    for forgery in signature.FORGERIES:
        headers = forgery.make(signer, body)
        if headers is None or any(len(value) > _LONGEST for _, value in headers):
            continue
        must = forgery.level == "must"
        yield {
            **_opening(f"{ident}-{forgery.check}-{forgery.name}", forgery.why, "Forgery" if must else "Loose"),
            **_bytes(body),
            "headers": [list(pair) for pair in headers],
            "result": "invalid" if must else "acceptable",
        }


def _tampered(provider: Provider, key: str, ident: str, body: bytes) -> Iterator[dict[str, Any]]:
    """The body changed after signing, the right signature kept."""
    document = json.loads(body)
    for name, (why, change) in tampering.TAMPERED.items():
        before, after = change(document)
        if before.data != after.data:
            yield {
                **_opening(f"{ident}-tampered-{name}", why, "Tampered"),
                **_bytes(after.data),
                "headers": _headers(provider, key, before.data),
                "result": "invalid",
            }


def _tokens(provider: Provider, key: str, ident: str, body: bytes) -> Iterator[dict[str, Any]]:
    """The body with each wrong token in the place of the right one."""
    pointer = provider.authentication.pointer
    for wrong in token.TOKENS:
        value = wrong.make(key)
        if value is None or (isinstance(value, str) and len(value) > _LONGEST):
            continue
        document = json.loads(body)
        if value is LEFT_OUT:
            overrides.leave_out(document, pointer)
        else:
            overrides.put(document, pointer, None if value is NULL else value)
        must = wrong.level == "must"
        yield {
            **_opening(f"{ident}-{wrong.check}-{wrong.name}", wrong.why, "Token", "Forgery" if must else "Careless"),
            **_bytes(write(document).data),
            "headers": [],
            "result": "invalid" if must else "acceptable",
        }


def _basic(entry: Mapping[str, Json]) -> dict[str, Any]:
    """A target URL with credentials, and the header that they become."""
    header = Target.parse(entry["url"]).basic
    return {
        **_opening(entry["id"], entry["comment"], "Basic"),
        "url": entry["url"],
        "body": "",
        "headers": [["Authorization", header]],
        "result": "valid",
    }
