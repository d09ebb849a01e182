"""`hookassay provider …`: for people who add a vendor of their own."""

from __future__ import annotations

import click

from hookassay.cli.group import Lazy

_COMMANDS = {
    "Commands": {
        "new": "Draft a provider folder from payloads that the vendor sends.",
        "check": "Judge a provider folder: files, schemas, examples, cases.",
    }
}


@click.group("provider", cls=Lazy, table=_COMMANDS, package="hookassay.cli.provider", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Work on a provider folder of your own.

    A provider is a folder of data: provider.toml, schemas, examples. Every
    command takes such folders with --provider-path DIR.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
