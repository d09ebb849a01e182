"""The formats that others read: report, checks.json and vectors, each with a published schema that is true."""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from hookassay.conformance import options, settings
from hookassay.conformance.battery import Battery
from hookassay.conformance.reports import json_report
from hookassay.schemas import catalogue, inspection
from hookassay.schemas.contract import Json, Provider

SHIPPED = list(catalogue.find())
META = sorted(inspection.META.glob("*.schema.json"))
VECTORS = [path for folder in catalogue.find().values() for path in sorted((folder / "vectors").glob("*.json"))]


@pytest.mark.parametrize("path", META, ids=lambda path: path.name)
def test_our_own_schemas_are_schemas(path: Path) -> None:
    """Each is valid 2020-12, has its id and a title, and another implementation can read it."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://schemas.hookassay.dev/meta/{path.name}"
    assert schema["title"]
    if path.name != "vocabulary.schema.json":  # a meta-schema with a vocabulary of its own: for jsonschema alone
        jsonschema_rs.Draft202012Validator(schema)


def test_the_readme_names_every_schema_and_every_key() -> None:
    """schemas/README.md speaks of each of our own schemas, and of each key of provider.toml, cases and traits."""
    readme = (catalogue.OURS / "README.md").read_text(encoding="utf-8")
    for path in META:
        assert f"`{path.name.removesuffix('.schema.json')}`" in readme
    provider = inspection.meta("provider").schema["properties"]
    case = inspection.meta("cases").schema["$defs"]["case"]["properties"]
    for key in (*provider, *provider["traits"]["properties"], *case):
        assert f"`{key}`" in readme or f"`[[{key}]]`" in readme, key


# checks.json


def test_checks_json_is_what_its_schema_says() -> None:
    """checks.json validates, and speaks of every provider."""
    data = json.loads((catalogue.OURS / "checks.json").read_text(encoding="utf-8"))
    inspection.meta("checks").validate(data)
    assert list(data["providers"]) == SHIPPED
    for name, found in data["providers"].items():
        assert all(check["id"].startswith(f"{name}/{check['family']}/") for check in found)
        assert len({check["id"] for check in found}) == len(found)


def test_checks_json_holds_what_applies_and_nothing_else() -> None:
    """A vendor without a signature has no check of signatures, one without a handshake none of handshakes."""
    data = json.loads((catalogue.OURS / "checks.json").read_text(encoding="utf-8"))["providers"]
    for name, found in data.items():
        provider = catalogue.load(name)
        families = {check["family"] for check in found}
        assert ("signature" in families) is (provider.authentication.kind == "hmac-header")
        assert ("handshake" in families) is (provider.handshake is not None)
        assert ("token" in families) is (provider.authentication.kind == "body-token")


# the report


class Careless(BaseHTTPRequestHandler):
    """Takes every object, signed or not, and breaks on everything else: a report with something in it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200 if body.startswith(b"{") else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def report(own_providers: Path) -> Iterator[dict[str, Any]]:
    """The report of a run in which some pass, some fail and some are only advised against."""
    given: dict[str, Any] = {o.name: [] if o.many else False if o.switch else None for o in options.OPTIONS}
    only = ["*/payload/full", "*/payload/null", "*/signature/absent", "*/errors/not-an-object", "*/signature/unkeyed"]
    with ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://user:password@127.0.0.1:{server.server_port}/"
        given.update(target_url=url, target_provider=["stamped"], provider_path=[str(own_providers)], target_check=only)
        battery = Battery.fresh(settings.read(given))
        battery.begin()
        verdicts = [battery.try_case(planned) for planned in battery.planned]
        battery.end()
        yield json.loads(json.dumps(json_report.document(battery, verdicts, 1_700_000_000.0, 1)))
        server.shutdown()


def test_a_report_is_what_its_schema_says(report: dict[str, Any]) -> None:
    """The report of a run validates."""
    inspection.meta("report").validate(report)
    assert {"passed", "failed"} <= {verdict["verdict"] for verdict in report["verdicts"]}
    assert report["findings"]


def test_every_member_of_a_report_is_described(report: dict[str, Any]) -> None:
    """Nothing stands in a report of which its schema says nothing."""
    schema = inspection.meta("report").schema

    def resolved(node: dict[str, Json]) -> dict[str, Json]:
        reference = node.get("$ref", "")
        return {**schema["$defs"][reference.rpartition("/")[2]], **node} if reference else node

    def walk(node: dict[str, Json], value: Json, path: str) -> Iterator[str]:
        node = resolved(node)
        if isinstance(value, dict):
            for key, inner in value.items():
                known = node.get("properties", {}).get(key, node.get("additionalProperties"))
                if known is None:
                    yield f"{path}.{key}"
                else:
                    yield from walk(known, inner, f"{path}.{key}")
        elif isinstance(value, list):
            for item in value:
                yield from walk(node["items"], item, f"{path}[]")

    assert set(walk(schema, report, "$")) == set()


def test_a_report_holds_no_credentials(report: dict[str, Any]) -> None:
    """User and password of the target stand nowhere."""
    assert "password" not in json.dumps(report)


# vectors


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: "/".join(path.parts[-3::2]))
def test_vectors_are_what_their_schema_says(path: Path) -> None:
    """Each file validates, its flags are explained, its ids unique."""
    data = json.loads(path.read_text(encoding="utf-8"))
    inspection.meta("vectors").validate(data)
    tests = [test for group in data["groups"] for test in group["tests"]]
    assert {flag for test in tests for flag in test["flags"]} == set(data["notes"])
    assert len({test["id"] for test in tests}) == len(tests)
    assert {group["kind"] for group in data["groups"]} == {path.stem}


def body_of(test: dict[str, Any]) -> bytes:
    return test["body"].encode() if "body" in test else base64.b64decode(test["body_base64"])


def vectors_of(kind: str) -> Iterator[tuple[Provider, str, dict[str, Any]]]:
    """Every vector of a kind, with its provider and what the receiver shares with the vendor."""
    for path in VECTORS:
        if path.stem == kind:
            for group in json.loads(path.read_text(encoding="utf-8"))["groups"]:
                for test in group["tests"]:
                    yield catalogue.load(path.parts[-3]), group["key"], test


def test_signatures_are_right_by_another_implementation() -> None:
    """Each valid vector verifies by a few lines of the standard library, and no other does."""
    for provider, key, test in vectors_of("signature"):
        ((name, template),) = provider.authentication.headers.items()
        digest = hmac.new(key.encode(), body_of(test), provider.authentication.algorithm).digest()
        text = digest.hex() if provider.authentication.digest == "hex" else base64.b64encode(digest).decode()
        right = [[name, template.replace("{digest}", text)]]
        assert (test["headers"] == right) is (test["result"] == "valid"), test["id"]


def test_tokens_are_right_by_another_implementation() -> None:
    """Each valid vector holds the very token at its place, and no other does."""
    for provider, key, test in vectors_of("token"):
        document = json.loads(test["body"])
        token = document.get(provider.authentication.pointer.removeprefix("/"))
        assert (token == key) is (test["result"] == "valid"), test["id"]


def test_handshakes_answer_with_the_secret_alone() -> None:
    """Each valid handshake's answer is the text of its secret; no other has an answer."""
    for provider, key, test in vectors_of("handshake"):
        if test["result"] != "valid":
            assert "answer" not in test, test["id"]
            continue
        handshake, document = provider.traits["handshake"], json.loads(test["body"])
        found = (document[handshake[member].removeprefix("/")] for member in ("token", "answer"))
        assert tuple(found) == (key, test["answer"]), test["id"]


def test_basic_credentials_are_right_by_another_implementation() -> None:
    """User and password of each URL, percent-decoded, make the header."""
    for _, _, test in vectors_of("basic"):
        user_info = re.fullmatch(r"https?://([^@]*)@.*", test["url"])
        assert user_info is not None
        raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), user_info[1].encode())
        assert test["headers"] == [["Authorization", f"Basic {base64.b64encode(raw).decode()}"]], test["id"]
