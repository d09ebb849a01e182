"""`hookassay providers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hookassay.cli import options, output
from hookassay.schemas import catalogue


@click.command("providers")
@options.provider_path
@options.as_json
def command(provider_path: tuple[str, ...], as_json: bool) -> int:
    """List the vendors whose webhooks are known.

    \b
    Examples:
      hookassay providers
      hookassay providers --provider-path ./contracts    your own beside ours
      hookassay providers --json | jq -r '.[].name'
    """
    folders = catalogue.find(options.paths(provider_path))
    told = [_told(folder) for folder in folders.values()]
    if as_json:
        output.data(told)
        return 0
    rows = [(one["name"], one["title"]["en"], str(len(one["events"])), in_words(one["authentication"])) for one in told]
    output.table(("PROVIDER", "VENDOR", "EVENTS", "A RECEIVER KNOWS ITS DELIVERIES BY"), rows)
    output.tip("hookassay events PROVIDER lists a provider's events.")
    return 0


def _told(folder: Path) -> dict[str, Any]:
    """What there is to say of a provider, from its provider.toml alone; one that is not ours is inspected first."""
    if folder.parent != catalogue.OURS:
        catalogue.load_folder(folder)
    data = catalogue.read_toml(folder / "provider.toml")
    return {
        "name": data["name"],
        "title": data["title"],
        "contract": str(data["contract"]),
        "events": [entry["name"] for entry in data["events"]],
        "authentication": data["authentication"],
        "documents": data["documents"],
        "folder": str(folder),
    }


def in_words(authentication: dict[str, Any]) -> str:
    """`X-Hub-Signature (HMAC-SHA256, hex)`, `token in the body (/token)`, `nothing`."""
    kind = authentication["kind"]
    if kind == "hmac-header":
        header = next(name for name, value in authentication["headers"].items() if "{digest}" in value)
        return f"{header} (HMAC-{authentication['algorithm'].upper()}, {authentication.get('digest', 'hex')})"
    return f"token in the body ({authentication['pointer']})" if kind == "body-token" else "nothing"
