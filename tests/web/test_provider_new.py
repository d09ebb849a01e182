"""A vendor of one's own: drafted from samples, taught to sign a timestamp, served by the mock."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hookassay.mockserver.running import running
from hookassay.schemas import catalogue
from tests.engine.receiver import Receiver

PAID = {
    "id": "evt_1",
    "type": "order.paid",
    "created": 1764000000,
    "data": {"amount": 12.5, "note": None, "items": [{"sku": "a", "qty": 1}], "paid_at": "2026-01-02T03:04:05Z"},
}
PAID_AGAIN = {"id": "evt_3", "type": "order.paid", "created": 1764000200, "data": {"amount": 7, "items": []}}
REFUNDED = {"id": "evt_2", "created": 1764000100, "data": {"amount": 12}}

SIGNING = """
kind = "hmac-header"
algorithm = "sha256"
key = "utf-8"
signed = "{timestamp}.{body}"
digest = "hex"
headers = { "X-Signature" = "t={timestamp},v1={digest}" }
stamp = "attempt"
source = "sample: seen in samples"
"""


def hookassay(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hookassay", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.fixture
def drafted(tmp_path: Path) -> Path:
    """A folder `acme`, drafted from three samples of two events."""
    for name, document in [("paid", PAID), ("again", PAID_AGAIN), ("refunded", REFUNDED)]:
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    done = hookassay(
        tmp_path, "provider", "new", "acme", "--from", "paid.json", "--from", "again.json",
        "--from", "order.refunded=refunded.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "hookassay provider check acme" in done.stdout
    return tmp_path / "acme"


def test_the_draft_is_a_right_folder(drafted: Path) -> None:
    """Nothing is wrong with it; what was not in every sample is optional; ids and times are known as such."""
    checked = hookassay(drafted.parent, "provider", "check", "acme")
    assert checked.returncode == 0 and "nothing is wrong" in checked.stdout
    provider = catalogue.read(drafted)
    assert list(provider.events) == ["order.paid", "order.refunded"]
    schema = provider.events["order.paid"].schema
    assert schema["properties"]["data"]["required"] == ["amount", "items"]
    assert schema["properties"]["data"]["properties"]["amount"]["type"] == "number"
    roles = {name: member.get("x-role") for name, member in schema["properties"].items()}
    assert roles == {"id": "delivery", "type": None, "created": "time", "data": None}
    assert provider.events["order.paid"].minimal.document == PAID_AGAIN
    assert all(member["x-status"] == "inferred" for member in schema["properties"].values())


def test_the_mock_signs_as_the_folder_says(drafted: Path) -> None:
    """A timestamp in the signature, new for each attempt; verified by code that is not ours."""
    file = drafted / "provider.toml"
    text = file.read_text().replace('contract = "1"', 'contract = "1"\ntest_secret = "whsec_test"')
    text = re.sub(r'(?m)^kind = "none"\nsource = .*\n', SIGNING, text)
    text = text.replace("delays = []", "delays = [3]")
    file.write_text(text)
    receiver = Receiver(first=[500])
    with running(provider_paths=[drafted]) as mock:
        hooks = mock.provider("acme")
        hooks.endpoint(url=receiver.url)
        sent = hooks.trigger("order.paid", {"data.note": "확인"})
        sent.wait(until="delivered", timeout=20)
    receiver.close()
    stamps = []
    for got in receiver.got:
        found = re.fullmatch("t=([0-9]+),v1=([0-9a-f]{64})", got.header("X-Signature") or "")
        assert found is not None
        signed = found[1].encode() + b"." + got.body
        assert hmac.compare_digest(hmac.new(b"whsec_test", signed, hashlib.sha256).hexdigest(), found[2])
        assert abs(time.time() - int(found[1])) < 60
        stamps.append(found[1])
    assert len(stamps) == 2 and stamps[0] != stamps[1]
    assert len({got.body for got in receiver.got}) == 1


def test_what_cannot_be_drafted_says_so(tmp_path: Path) -> None:
    """One line each, status 2, nothing written."""
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "good.json").write_text("{}")
    (tmp_path / "taken").mkdir()
    for words, says in [
        (["acme", "--from", "list.json"], "JSON object"),
        (["acme", "--from", "broken.json"], "no JSON"),
        (["acme", "--from", "nowhere.json"], "nowhere.json"),
        (["Acme!", "--from", "good.json"], "name"),
        (["taken", "--from", "good.json"], "exists"),
        (["gitple", "--from", "good.json"], "another name"),
        (["acme", "--from", "a b=good.json"], "EVENT=good.json"),
    ]:
        done = hookassay(tmp_path, "provider", "new", *words)
        assert done.returncode == 2, (words, done.stderr)
        assert done.stderr.count("\n") == 1 and says in done.stderr
        assert not (tmp_path / "acme").exists()
