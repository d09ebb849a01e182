"""`hookassay fuzz PROVIDER [EVENT…]` and `hookassay fuzz report`."""

from __future__ import annotations

from typing import Any

import click

from hookassay.cli import completion, options

_KINDS = ("valid", "invalid", "bytes", "auth", "mixed")
_FORMATS = ("ndjson", "files", "curl", "har")


class _OrReport(click.Command):
    """`fuzz report …` is a command of its own; whatever else follows is a provider."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == ["report"]:
            from hookassay.cli.fuzz_report import command as report

            return report.make_context(f"{info_name} report", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command("fuzz", cls=_OrReport)
@click.argument("provider", shell_complete=completion.providers)
@click.argument("events", nargs=-1, metavar="[EVENT]...")
@click.option("--send", "url", metavar="URL", help="Send them to a receiver and judge its answers.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="Cases in all (default: 10000).")
@click.option("--time", "seconds", metavar="T", help="Stop after so long: 90s, 10m, 8h.")
@click.option("--max-findings", type=click.IntRange(1), metavar="N", help="Stop at so many findings.")
@click.option("--until-quiet", metavar="T", help="Stop when nothing new has come for so long: 30m.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), metavar="S", help="Sending: a fresh one, else 0.")
@click.option("--mode", type=click.Choice(_KINDS), default="mixed", help="Kinds of cases (default: mixed).")
@click.option("--shard", "shard", default="1/1", metavar="i/n", help="The i-th of n parts of the run.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, metavar="N", help="Processes that make cases.")
@click.option("-o", "out", metavar="FILE|DIR", type=click.Path(), help="Where to (default: standard output).")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="ndjson", help="Of what is written.")
@click.option("--concurrency", type=click.IntRange(1, 256), default=8, metavar="C", help="Requests at once.")
@click.option("--yes", is_flag=True, help="Send to another host than this one without asking.")
@click.option("--only", metavar="INDEX|CASE", help="One case, by its name, or by index, EVENT and --mode.")
@click.option("--replay", metavar="FILE", type=click.Path(), help="The cases of a file, a finding or a corpus.")
@click.option("--resume", is_flag=True, help="Go on where an earlier run ended.")
@click.option("--force", is_flag=True, help="Replace a file; build a case of another contract.")
@click.option("--no-corpus", is_flag=True, help="Do not begin with what was found before.")
@click.option("--known", "known_file", metavar="FILE", type=click.Path(), help="What is known to be wrong.")
@click.option("--wait-back", type=click.FloatRange(0), default=60.0, metavar="S", help="For a dead receiver.")
@options.sending({})
@options.as_json
def command(provider: str, events: tuple[str, ...], **given: Any) -> int:
    """Make payloads by the million; send them, and find what breaks.

    Without --send the cases are written, one JSON object a line. With it they
    are sent and judged by the battery's rules; what fails is made as small as
    it gets and kept in .hookassay/fuzz, with a curl command. They reach the
    receiver as real events: point it at a test system.

    \b
    Examples:
      hookassay fuzz gitple --count 1000 > cases.ndjson
      hookassay fuzz gitple session_state_close --mode valid --count 5
      hookassay fuzz gitple --send http://127.0.0.1:3000/webhook
      hookassay fuzz gitple --send URL --time 8h --until-quiet 30m
      hookassay fuzz gitple --send URL --only CASE
      hookassay fuzz gitple --send URL --replay FILE
      hookassay fuzz report

    \b
    Exit status: 0 nothing new; 1 new findings, or the receiver stayed dead;
    2 the command is wrong; 130 interrupted without new findings.
    """
    from hookassay.cli.fuzz_run import run

    return run(provider, events, given)
