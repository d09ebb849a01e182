"""The commands, as a table: help and completion read it, and only the one that is called is imported."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from hookassay.cli import faults

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Table = dict[str, dict[str, str]]
"""Heading → name of a command → its help in one line."""

COMMANDS: Table = {
    "Contracts": {
        "providers": "List the vendors whose webhooks are known.",
        "events": "List a provider's events and their examples.",
        "show": "Print an example of an event, or its JSON Schema.",
        "validate": "Judge JSON files by a provider's contract.",
    },
    "Receivers": {
        "send": "Send one delivery and show what comes back.",
        "check": "Judge a receiver: the whole battery.",
        "serve": "Be the vendor: deliveries, retries, bad days, and a console.",
        "why": "Find out why a delivery of the running mock was refused.",
        "fuzz": "Make payloads by the million; send them, and find what breaks.",
        "demo": "Watch the battery judge a right and a wrong receiver.",
    },
    "Checks": {
        "checks": "List what a receiver is held to.",
        "explain": "Explain a check: rule, source, causes, cure.",
    },
    "Providers of your own": {
        "provider": "Work on a provider folder of your own.",
    },
}


class Lazy(click.Group):
    """A group whose commands are modules `PACKAGE.NAME`, imported when they are called."""

    def __init__(self, *, table: Table, package: str, **more: Any) -> None:
        super().__init__(**more)
        self.table, self.package = table, package

    @property
    def helps(self) -> dict[str, str]:
        return {name: text for commands in self.table.values() for name, text in commands.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.helps)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.helps:
            return None
        command = import_module(f"{self.package}.{name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.helps:
            from hookassay.schemas.catalogue import nearest

            near = nearest(args[0], self.helps)
            raise click.UsageError(f"unknown command {args[0]!r}{near}; {ctx.command_path} --help lists them", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.helps)
        for heading, commands in self.table.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, text in commands.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=text) for name, text in self.helps.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def main(self, *args: Any, **more: Any) -> Any:
        """As click's, but a fault is one line on standard error, and the exit statuses are ours."""
        more["standalone_mode"] = False
        more["prog_name"] = "hookassay"
        try:
            status = super().main(*args, **more)
        except click.UsageError as error:
            status = _told(error.ctx, error.format_message(), error.exit_code)
        except faults.Fault as error:
            status = _told(None, error.message, error.status)
        except click.ClickException as error:
            status = _told(None, error.format_message(), faults.USAGE)
        except (click.Abort, KeyboardInterrupt):
            status = faults.INTERRUPTED
        except Exception as error:
            line = faults.message_of(error)
            if line is None:
                raise
            status = _told(None, line, faults.USAGE)
        sys.exit(status or 0)


def _told(ctx: click.Context | None, message: str, status: int) -> int:
    """Say a fault, with the command that it is about; where click found it, also where to read on."""
    path = ctx.command_path if ctx is not None else "hookassay"
    text = message.rstrip(".") if ctx is not None else message
    more = "" if ctx is None or "--help" in text else f" (see {path} --help)"
    faults.tell(f"{path}: {text}{more}")
    return status


@click.group(
    cls=Lazy,
    name="hookassay",
    table=COMMANDS,
    package="hookassay.cli",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option("--version", is_flag=True, help="Print the version.")
@click.pass_context
def cli(ctx: click.Context, version: bool) -> None:
    """Judge webhook receivers before the vendor's first event.

    \b
    In two minutes:
      hookassay demo                                     what a run looks like
      hookassay providers                                whose webhooks are known
      hookassay show gitple session_state_close          what they look like
      hookassay send gitple session_state_close \\
          --to http://127.0.0.1:3000/webhook             one of them, signed
      hookassay check http://127.0.0.1:3000/webhook      the whole battery

    \b
    Exit status: 0 done; 1 the receiver or the payload failed; 2 something is
    wrong with the command (one line says what); 130 interrupted.
    """
    if version:
        from hookassay import __version__

        click.echo(f"hookassay {__version__}")
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
