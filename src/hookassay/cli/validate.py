"""`hookassay validate PROVIDER FILE…`."""

from __future__ import annotations

from dataclasses import dataclass

import click

from hookassay.cli import completion, documents, options, output
from hookassay.cli.documents import Document
from hookassay.cli.faults import FAILED, USAGE, Fault, tell
from hookassay.cli.show import event_of
from hookassay.schemas import catalogue, validation
from hookassay.schemas.contract import Event, Json, Provider
from hookassay.schemas.validation import Problem


@dataclass(frozen=True)
class Judged:
    """A document beside the event that it was judged by (none where nothing tells it), and what is wrong with it."""

    document: Document
    event: str
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Json]:
        return {
            "file": self.document.file,
            "line": self.document.line or None,
            "event": self.event or None,
            "valid": not self.problems,
            "problems": [vars(problem) for problem in self.problems],
        }


@click.command("validate")
@click.argument("provider", shell_complete=completion.providers)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option(
    "--event", metavar="NAME", shell_complete=completion.events, help="Judge by this event, whatever the document says."
)
@options.provider_path
@options.as_json
def command(
    provider: str, files: tuple[str, ...], event: str | None, provider_path: tuple[str, ...], as_json: bool
) -> int:
    """Judge JSON files by a provider's contract.

    A FILE holds one document, or one on each line (NDJSON); - is standard
    input. The event is the one that the document names, else the one whose
    schema it fits. Members that the vendor does not document are allowed.

    \b
    Examples:
      hookassay validate gitple payload.json
      hookassay validate livechat captured/*.json
      hookassay validate gbm --event message - < payload.json
      hookassay show gitple session_state_open --fresh --json |
          hookassay validate gitple -

    Exit status: 0 all are valid, 1 some are not, 2 a file cannot be read.
    """
    loaded = catalogue.load(provider, options.paths(provider_path))
    forced = event_of(loaded, event) if event is not None else None
    told: list[dict[str, Json]] = []
    status = 0
    for name in files:
        try:
            found = [judge(loaded, document, forced) for document in documents.documents(name)]
        except Fault as fault:
            tell(f"hookassay: {fault.message}")
            status = USAGE
            continue
        if any(one.problems for one in found):
            status = max(status, FAILED)
        if as_json:
            told += [one.as_json() for one in found]
        else:
            _print(found)
    if as_json:
        output.data(told)
    return status


def judge(provider: Provider, document: Document, forced: Event | None = None) -> Judged:
    """A document judged by the event that it is: the one that is asked for, that it names, or that it fits best."""
    value = document.value
    if document.problem:
        return Judged(document, "", (Problem("$", document.problem, "json"),))
    if forced is not None:
        return Judged(document, forced.name, tuple(validation.problems(forced, value)))
    if not isinstance(value, dict):
        message = f"is {_kind(value)}, where every event of {provider.name} is an object"
        return Judged(document, "", (Problem("$", message, "type: object"),))
    member = next((event.name_member for event in provider.events.values() if event.name_member in value), None)
    if member is None:
        return _by_schema(provider, document)
    name = value[member]
    if isinstance(name, str) and name in provider.events:
        return Judged(document, name, tuple(validation.problems(provider.events[name], value)))
    near = catalogue.nearest(name, provider.events) if isinstance(name, str) else ""
    message = f"{output.dumped(name)} is no event of {provider.name}{near}; known: {', '.join(provider.events)}"
    return Judged(document, "", (Problem(f"$.{member}", message, "event"),))


def _by_schema(provider: Provider, document: Document) -> Judged:
    """Judged by the event that knows most of the document's members, and of those the one that it fits best."""
    found: dict[str, list[Problem]] = {}
    order: dict[str, tuple[int, int]] = {}
    for name, event in provider.events.items():
        found[name] = validation.problems(event, document.value)
        shared = len(set(document.value) & set(event.expanded.get("properties", ())))
        order[name] = (-shared if found[name] else -len(document.value) - 1, len(found[name]))
    best = min(order.values())
    nearest = [name for name in order if order[name] == best]
    named = next((event.name_member for event in provider.events.values() if event.name_member), None)
    if not found[nearest[0]] or (len(nearest) == 1 and best[0] < 0 and not named):
        return Judged(document, nearest[0], tuple(found[nearest[0]]))
    why = f"has no {named!r}, which names the event" if named else "looks like no event"
    message = f"{why}: {', '.join(provider.events)}; --event NAME judges it by one of them"
    return Judged(document, "", (Problem("$", message, "event"),))


def _kind(value: Json) -> str:
    if value is None or isinstance(value, bool):
        return output.dumped(value)
    return "an array" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"


def _print(found: list[Judged]) -> None:
    """What is wrong, a line each: file, line, event, path, rule. Text that is no JSON is told on standard error."""
    for one in found:
        event = f" {one.event}:" if one.event else ""
        if one.document.problem:
            tell(f"{one.document.place}: {one.document.problem}")
            continue
        for problem in one.problems:
            output.line(f"{one.document.place}:{event} {problem}", wrap=False)
    valid = [one for one in found if not one.problems]
    if len(found) > 1:
        output.line(f"{found[0].document.file}: {len(valid)} of {len(found)} documents are valid")
    elif valid:
        output.line(f"{valid[0].document.place}: a valid {valid[0].event}")
