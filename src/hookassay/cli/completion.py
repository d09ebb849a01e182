"""What a shell completes: names from the data alone, so that a TAB costs no import of a validator."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click


def providers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names of providers."""
    return _beginning(_folders(ctx), incomplete)


def events(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names of the events of the provider that stands before."""
    return _beginning([str(entry.get("name")) for entry in _data(_folder(ctx)).get("events", ())], incomplete)


def examples(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names of the examples of the event that stands before."""
    folder, event = _folder(ctx), _typed(ctx, "event")
    if folder is None or not event:
        return []
    files = (folder / "examples").glob(f"{event}.*.json")
    return _beginning(sorted(file.name.split(".")[1] for file in files), incomplete)


def forgeries(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names of wrong signatures, or of wrong tokens where the provider has those."""
    from hookassay.mockserver.emission.mutation.signature import FORGERIES
    from hookassay.mockserver.emission.mutation.token import TOKENS

    folder, event = _folder(ctx), _typed(ctx, "event")
    data = _data(folder)
    kind = data.get("authentication", {}).get("kind")
    if kind == "body-token" or event and event == data.get("traits", {}).get("handshake", {}).get("event"):
        return _beginning([token.name for token in TOKENS], incomplete)
    return _beginning(dict.fromkeys(f.name for f in FORGERIES) if kind == "hmac-header" else (), incomplete)


def checks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The ids of checks, and with a provider's name before them once something has been typed."""
    from hookassay.cli import records

    folders = _folders(ctx)
    ours = [record.id for record in records.ours()]
    if not incomplete:
        return [*ours, *(f"{name}/" for name in folders)]
    found = list(ours)
    for name, folder in folders.items():
        found += [f"{name}/{ident}" for ident in (*ours, *(record.id for record in records.own(folder)))]
    return _beginning(found, incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _typed(ctx: click.Context, name: str) -> str:
    """An argument that stands before; click leaves it unparsed where the value of an option is being typed."""
    order = [param.name for param in ctx.command.params if isinstance(param, click.Argument)]
    unparsed = dict(zip(order, ctx.args, strict=False))
    return str(ctx.params.get(name) or unparsed.get(name) or "")


def _folders(ctx: click.Context) -> dict[str, Path]:
    """Name → folder of every provider; where a path of the user's holds none, ours."""
    from hookassay.cli.options import paths
    from hookassay.schemas import catalogue

    try:
        return catalogue.find(paths(ctx.params.get("provider_path") or ()))
    except catalogue.BadProvider:
        return catalogue.find()


def _folder(ctx: click.Context) -> Path | None:
    return _folders(ctx).get(_typed(ctx, "provider"))


def _data(folder: Path | None) -> dict[str, Any]:
    """What stands in a provider.toml; nothing where it cannot be read."""
    from hookassay.schemas import catalogue

    try:
        return catalogue.read_toml(folder / "provider.toml") if folder is not None else {}
    except catalogue.BadProvider:
        return {}
