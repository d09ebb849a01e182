"""The shipped vectors: as generated, as their schema says, and right by an implementation that is not ours."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft202012Validator

from hookassay.mockserver.emission import vectors
from hookassay.schemas.contract import Provider

SCHEMAS = Path(vectors.__file__).resolve().parents[2] / "schemas"
FILES = sorted(SCHEMAS.glob("*/vectors/*.json"))
SIGNED = [path for path in FILES if path.name == "signature.json"]

VERIFIERS = {
    "gitple": ("X-Hub-Signature", "sha256", "hex", "sha256="),
    "gbm": ("X-Goog-Signature", "sha512", "base64", ""),
}
"""Vendor → header, algorithm, encoding and prefix, as its documents say; not read from our data."""

_NODE = """
const crypto = require('crypto');
const jobs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(jobs.map(([algorithm, key, body, encoding]) =>
  crypto.createHmac(algorithm, Buffer.from(key, 'base64')).update(Buffer.from(body, 'base64')).digest(encoding))));
"""


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def vectors_of(path: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Group and test, for every vector of a file."""
    for group in loaded(path)["groups"]:
        for test in group["tests"]:
            yield group, test


def body_of(test: dict[str, Any]) -> bytes:
    return base64.b64decode(test["body_base64"]) if "body_base64" in test else test["body"].encode()


def named(path: Path) -> str:
    return f"{path.parts[-3]}-{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_what_its_schema_says(path: Path) -> None:
    """Valid by the published schema; ids are unique, every flag is explained and every explanation used."""
    schema = loaded(SCHEMAS / "meta" / "vectors.schema.json")
    document = loaded(path)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
    ids = [test["id"] for _, test in vectors_of(path)]
    assert len(ids) == len(set(ids))
    assert {flag for _, test in vectors_of(path) for flag in test["flags"]} == set(document["notes"])


def test_the_files_are_as_they_are_generated(providers: dict[str, Provider]) -> None:
    """Nobody has edited one by hand, and none is missing or left over."""
    generated = {
        f"{provider.name}-{Path(name).stem}": document
        for provider in providers.values()
        for name, document in vectors.documents(provider).items()
    }
    assert generated == {named(path): loaded(path) for path in FILES}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here: its crypto is the other implementation")
@pytest.mark.parametrize("path", SIGNED, ids=named)
def test_every_signature_is_right_or_wrong_as_it_says(path: Path) -> None:
    """Node's HMAC over the bytes: equal to the header of each valid vector, and to that of no invalid one."""
    header, algorithm, encoding, prefix = VERIFIERS[path.parts[-3]]
    tests = list(vectors_of(path))
    jobs = [
        [
            algorithm,
            base64.b64encode(group["key"].encode()).decode(),
            base64.b64encode(body_of(test)).decode(),
            encoding,
        ]
        for group, test in tests
    ]
    done = subprocess.run(["node", "-e", _NODE], input=json.dumps(jobs), capture_output=True, text=True, timeout=60)
    digests = json.loads(done.stdout)
    told = {"valid": 0, "invalid": 0, "acceptable": 0}
    for (_, test), digest in zip(tests, digests, strict=True):
        given = [value for name, value in test["headers"] if name == header]
        told[test["result"]] += 1
        assert (given == [prefix + digest]) is (test["result"] == "valid"), test["id"]
    assert min(told.values()) > 0
    assert told["invalid"] >= 40


def test_a_token_is_valid_if_it_is_the_text_and_nothing_else() -> None:
    """The member `token`, parsed by Python's json, against the key of its group."""
    (path,) = [path for path in FILES if path.name == "token.json"]
    for group, test in vectors_of(path):
        found = json.loads(body_of(test)).get("token")
        assert (found == group["key"] and isinstance(found, str)) is (test["result"] == "valid"), test["id"]


def test_a_handshake_is_answered_with_its_secret_and_a_wrong_one_never() -> None:
    """A valid handshake holds the group's token and says which text has to come back; an invalid one promises none."""
    (path,) = [path for path in FILES if path.name == "handshake.json"]
    for group, test in vectors_of(path):
        document = json.loads(body_of(test))
        if test["result"] == "valid":
            assert document["clientToken"] == group["key"], test["id"]
            assert test["answer"] == document["secret"], test["id"]
        else:
            assert "answer" not in test, test["id"]


def test_basic_credentials_are_those_of_the_url() -> None:
    """User and password, percent-decoded, joined by a colon, in base64 (RFC 7617)."""
    (path,) = [path for path in FILES if path.name == "basic.json"]
    for _, test in vectors_of(path):
        userinfo = test["url"].partition("://")[2].partition("/")[0].rpartition("@")[0]
        user, _, password = userinfo.partition(":")
        expected = base64.b64encode(unquote_to_bytes(user) + b":" + unquote_to_bytes(password)).decode()
        assert test["headers"] == [["Authorization", f"Basic {expected}"]], test["id"]


def test_equal_json_with_different_bytes_has_different_signatures() -> None:
    """Among the valid vectors of each vendor are bodies that are one JSON document and several byte strings."""
    for path in SIGNED:
        by_document: dict[str, set[bytes]] = {}
        for _, test in vectors_of(path):
            if test["result"] == "valid":
                try:
                    document = json.dumps(json.loads(body_of(test)), sort_keys=True)
                except ValueError:
                    continue
                by_document.setdefault(document, set()).add(body_of(test))
        assert max(len(bodies) for bodies in by_document.values()) >= 4, path
