"""The command line. One file a command, loaded when it is called; the table of them is in `group`."""

from __future__ import annotations


def main() -> None:
    """Run the command line on the process's own arguments and streams; ends the process with its status."""
    from hookassay.cli.streams import prepare

    prepare()
    from hookassay.cli.group import cli

    cli.main()
