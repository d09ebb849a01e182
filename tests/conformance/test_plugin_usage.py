"""Bad usage is one clear line and exit status 4, before anything is tried, and never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.conftest import clean_environment, run_pytest
from tests.conformance.receivers import Receiver, right, serving

SAID = {
    "nobody listens": (["{nobody}"], "connection refused (is it started? --target-wait S waits for it)"),
    "a URL of another scheme": (["--target-url=ftp://127.0.0.1/x"], "not an http or https URL: 'ftp://127.0.0.1/x'"),
    "a URL without scheme": (["--target-url=127.0.0.1:3000"], "not an http or https URL"),
    "an empty URL": (["--target-url="], "--target-url: the URL is empty (an unset variable?)"),
    "a port that is none": (["--target-url=http://127.0.0.1:99999/"], "Port out of range"),
    "an unknown provider": (["{url}", "--target-provider=gitpel"], "'gitpel' (did you mean 'gitple'?); known: "),
    "an unknown event": (["{mine}", "--target-event=session_state_clos"], "(did you mean 'session_state_close'?)"),
    "an unknown check": (["{mine}", "--target-check=*/payload/fulll"], "(did you mean 'payload/full'?)"),
    "an empty secret": (["{mine}", "--target-secret="], "--target-secret: the secret is empty (an unset variable?)"),
    "an empty secret of one": (["{mine}", "--target-secret=gitple="], "--target-secret gitple=: the secret is empty"),
    "a secret of no event": (["{mine}", "--target-secret=gitple/close=x"], "gitple has no event 'close'"),
    "an agent without agents": (["{mine}", "--target-agent-secret=x"], "none of these providers has webhooks for"),
    "an empty agent secret": (
        ["{url}", "--target-provider=gbm", "--target-agent-secret="],
        "--target-agent-secret: the token is empty",
    ),
    "a set without value": (["{mine}", "--target-set=gitple/appCode"], "--target-set: write PROVIDER/PATH=VALUE"),
    "a set of nobody": (["{mine}", "--target-set=gitpel/appCode=1"], "unknown provider 'gitpel' (did you mean"),
    "a set of no member": (["{mine}", "--target-set=gitple/apCode=1"], "--target-set: gitple: session_state_close has"),
    "a header that is none": (["{mine}", "--target-header=x"], "--target-header: write 'Name: value', not 'x'…"),
    "two headers in one": (["{mine}", "--target-header=A: b\nC: d"], "a line end cannot stand in a header"),
    "an authority that is missing": (["{mine}", "--target-ca=ca.pem"], "--target-ca: ca.pem: no such file"),
    "a time that is no number": (["{mine}", "--target-timeout=soon"], "--target-timeout: not a number: 'soon'"),
    "a time below zero": (["{mine}", "--target-wait=-1"], "--target-wait: -1 is out of range (at least 0)"),
    "a rate of nothing": (["{mine}", "--target-rate=0"], "--target-rate: 0 is out of range"),
    "a budget that is not finite": (["{mine}", "--target-budget=nan"], "--target-budget: nan is out of range"),
    "an unknown level": (["{mine}", "--target-level=most"], "'most' is none of must, should, may"),
    "missing waivers": (
        ["{mine}", "--target-waivers=w.toml"],
        "--target-waivers: w.toml: cannot be read: No such file",
    ),
    "waivers that are no TOML": (["{mine}", "--target-waivers=broken.toml"], "broken.toml: is not TOML: "),
    "a waiver without reason": (
        ["{mine}", "--target-waivers=reasonless.toml"],
        "reasonless.toml: waiver 1 (gitple/payload/full): `reason` has to say why",
    ),
    "a waiver with a typo": (["{mine}", "--target-waivers=typo.toml"], "typo.toml: waiver 1: unknown key 'expire'"),
    "a report of no known form": (["{mine}", "--target-report=r.xml"], "r.xml: the ending says the form; known: "),
    "a report in no folder": (["{mine}", "--target-report=no/r.json"], "no/r.json: there is no such folder"),
    "a report that is a folder": (["{mine}", "--target-report=folder.json"], "folder.json: is a folder"),
    "a report where nobody may write": (
        ["{mine}", "--target-report=/proc/r.json"],
        "/proc/r.json: cannot be written: ",
    ),
    "a command that is none": (["{mine}", "--target-command=no-such-program"], "--target-command: no-such-program: "),
    "a command in half quotes": (["{mine}", "--target-command='x"], "--target-command: No closing quotation"),
    "a command that ends": (["{nobody}", "--target-command=python -c 'exit(\"no settings\")'"], "ended with status 1"),
    "providers in no folder": (["{mine}", "--provider-path=nowhere"], "nowhere: no such folder"),
    "whose receiver it is": (["{url}", "--target-secret=another-secret-1"], "it cannot be told whose receiver this is"),
}
"""What is wrong → the arguments, and what is said of it."""

_DRIVER = """
import contextlib, io, json, sys, pytest
said = {}
for name, arguments in json.load(sys.stdin).items():
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = pytest.main(["-p", "hookassay", "-p", "no:cacheprovider", *arguments])
    said[name] = int(status), out.getvalue()
json.dump(said, sys.stdout)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """What each of them came to: exit status and output. One process runs them all, one after another."""
    folder = tmp_path_factory.mktemp("usage")
    (folder / "broken.toml").write_text("[[waiver", "utf-8")
    (folder / "reasonless.toml").write_text('[[waiver]]\ncheck = "gitple/payload/full"\nreason = " "\n', "utf-8")
    (folder / "typo.toml").write_text('[[waiver]]\ncheck = "x"\nreason = "y"\nexpire = 2030-01-01\n', "utf-8")
    (folder / "folder.json").mkdir()
    with serving(right) as gone:
        pass
    with serving(right) as url:
        words = {"{url}": [f"--target-url={url}"], "{nobody}": [f"--target-url={gone}", "--target-provider=gitple"]}
        words["{mine}"] = [*words["{url}"], "--target-provider=gitple"]
        asked = {
            name: [part for word in arguments for part in words.get(word, [word])]
            for name, (arguments, _) in SAID.items()
        }
        done = subprocess.run(
            [sys.executable, "-c", _DRIVER],
            input=json.dumps(asked),
            cwd=folder,
            env=clean_environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[int, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", SAID)
def test_bad_usage_is_one_line_and_exit_four(said: dict[str, tuple[int, str]], name: str) -> None:
    """The line names what was wrong and what to do; what a receiver's command printed may stand below it."""
    status, text = said[name]
    lines = [line for line in text.splitlines() if line.strip()]
    assert status == 4, text
    assert SAID[name][1] in lines[0]
    assert lines[0].startswith("ERROR: ")
    assert all(line.startswith("  | ") for line in lines[1:]), text


def test_an_empty_secret_in_the_environment_is_bad_usage_too(tmp_path: Path, serve: Callable[[Receiver], str]) -> None:
    """A CI variable that is not set must not become an empty key; the process itself exits with 4."""
    url = serve(right)
    done = run_pytest(f"--target-url={url}", folder=tmp_path, env={"HOOKASSAY_TARGET_SECRET_GITPLE": ""})
    assert done.returncode == 4
    assert done.stderr.strip() == (
        "ERROR: HOOKASSAY_TARGET_SECRET_GITPLE: the secret is empty (an unset variable?); "
        "leave the option out to use the documented test secret"
    )
