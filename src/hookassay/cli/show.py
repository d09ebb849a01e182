"""`hookassay show PROVIDER EVENT`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from hookassay.cli import completion, options, output
from hookassay.cli.faults import Fault, tell
from hookassay.schemas import catalogue
from hookassay.schemas.contract import Event, Json, Provider

if TYPE_CHECKING:
    from hookassay.mockserver.emission.overrides import Overrides


@click.command("show")
@click.argument("provider", shell_complete=completion.providers)
@click.argument("event", shell_complete=completion.events)
@click.option(
    "--example",
    default="full",
    metavar="NAME",
    shell_complete=completion.examples,
    help="Which example (default: full).",
)
@click.option("--schema", is_flag=True, help="The event's JSON Schema instead, every reference resolved.")
@click.option("--fresh", is_flag=True, help="With new ids and times of now, as a delivery has them.")
@click.option("--set", "set_", multiple=True, metavar="PATH=TEXT|PATH:=JSON", help="Set a member; repeatable.")
@click.option("--remove", multiple=True, metavar="PATH", help="Leave a member out; repeatable.")
@options.provider_path
@options.as_json
def command(
    provider: str,
    event: str,
    example: str,
    schema: bool,
    fresh: bool,
    set_: tuple[str, ...],
    remove: tuple[str, ...],
    provider_path: tuple[str, ...],
    as_json: bool,
) -> int:
    """Print an example of an event, or its JSON Schema.

    The output is JSON and nothing else, so it can be piped; --json puts it on
    one line. A PATH is dotted (session.meta.0.name) or a JSON pointer
    (/session/meta/0/name).

    \b
    Examples:
      hookassay show gitple session_state_close
      hookassay show gitple session_state_close --example unassigned
      hookassay show gitple session_state_close --fresh \\
          --set session.note='환불 문의' --set session.tags:=[] \\
          --remove session.assigneeId
      hookassay show gbm message --schema > message.schema.json
      hookassay show livechat chat_ended --fresh --json >> events.ndjson
    """
    loaded = catalogue.load(provider, options.paths(provider_path))
    known = event_of(loaded, event)
    if schema:
        if fresh or set_ or remove:
            raise Fault("--schema prints the schema as it is: leave out --fresh, --set and --remove")
        shown: Json = known.expanded
    else:
        shown = _document(loaded, known, example, fresh, set_, remove)
    if as_json:
        output.data(shown, indent=None)
    else:
        output.document(shown)
    return 0


def event_of(provider: Provider, name: str) -> Event:
    """The event of that name; a fault that names the nearest where there is none."""
    if name not in provider.events:
        near = catalogue.nearest(name, provider.events)
        raise Fault(f"{provider.name} has no event {name!r}{near}; known: {', '.join(provider.events)}")
    return provider.events[name]


def example_of(event: Event, name: str) -> str:
    """The name of an example that exists; a fault that names the nearest where there is none."""
    if name not in event.examples:
        near = catalogue.nearest(name, event.examples)
        raise Fault(f"{event.name} has no example {name!r}{near}; it has {', '.join(event.examples)}")
    return name


def _document(
    provider: Provider, event: Event, example: str, fresh: bool, texts: tuple[str, ...], remove: tuple[str, ...]
) -> Json:
    from hookassay.mockserver.emission import overrides
    from hookassay.mockserver.emission.vendor import Secrets, Vendor

    example = example_of(event, example)
    changes = changes_of(event, texts, remove)
    if fresh:
        shown = Vendor(provider, Secrets(provider.test_secret)).document(event, example, changes, valid=False)
    else:
        shown = overrides.apply(event.examples[example].document, changes)
    if changes:
        note_problems(event, shown)
    return shown


def changes_of(event: Event, texts: Sequence[str], remove: Sequence[str]) -> Overrides:
    """What --set and --remove ask for. Raises Fault for what cannot be read, or a path that the event does not have."""
    from hookassay.mockserver.emission import overrides

    option = "--set"
    try:
        changes = overrides.parse(texts)
        overrides.check(event, changes)
        option = "--remove"
        overrides.check(event, overrides.Overrides(remove=remove))
    except overrides.BadOverride as error:
        raise Fault(f"{option}: {error}") from error
    return overrides.Overrides(changes.set, remove)


def note_problems(event: Event, document: Json) -> None:
    """Say, on standard error, how a document that was changed by hand leaves the contract."""
    from hookassay.schemas import validation

    problems = validation.problems(event, document)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        tell(f"note: no valid {event.name} any more: {problems[0]}{more}; PATH:=JSON writes what is not a text")
