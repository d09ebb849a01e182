"""`hookassay events PROVIDER`."""

from __future__ import annotations

import click

from hookassay.cli import completion, options, output
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Event, Provider


@click.command("events")
@click.argument("provider", shell_complete=completion.providers)
@options.provider_path
@options.as_json
def command(provider: str, provider_path: tuple[str, ...], as_json: bool) -> int:
    """List a provider's events and their examples.

    `asked` says which of them a receiver has to take unless --event says
    otherwise.

    \b
    Examples:
      hookassay events gitple
      hookassay events gbm --json | jq -r '.[] | select(.asked).name'
    """
    loaded = catalogue.load(provider, options.paths(provider_path))
    events = list(loaded.events.values())
    if as_json:
        output.data([_told(loaded, event) for event in events])
        return 0
    rows = [(event.name, "yes" if event.asked else "no", ", ".join(event.examples), event.title) for event in events]
    output.table(("EVENT", "ASKED", "EXAMPLES", "TITLE"), rows)
    output.tip(f"hookassay show {provider} {events[0].name} prints an example.")
    return 0


def _told(provider: Provider, event: Event) -> dict[str, object]:
    return {
        "name": event.name,
        "title": event.title,
        "description": event.description,
        "source": provider.cite(event.source),
        "asked": event.asked,
        "handshake": event is provider.handshake,
        "examples": {name: example.level for name, example in event.examples.items()},
    }
