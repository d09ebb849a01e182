"""`hookassay send PROVIDER EVENT --to URL`."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from hookassay.cli import completion, options, output
from hookassay.cli.faults import FAILED, Fault, in_our_words, tell

if TYPE_CHECKING:
    from hookassay.cli.letter import Letter
    from hookassay.conformance.bench import Bench
    from hookassay.conformance.settings import Settings
    from hookassay.conformance.traffic import Sent, Traffic

_POLL = 0.1


@click.command("send")
@click.argument("provider", shell_complete=completion.providers)
@click.argument("event", shell_complete=completion.events)
@click.option("--to", "url", required=True, metavar="URL", help="The receiver.")
@click.option(
    "--example",
    default="full",
    metavar="NAME",
    shell_complete=completion.examples,
    help="Which example (default: full).",
)
@click.option("--remove", multiple=True, metavar="PATH", help="Leave a member out; repeatable.")
@click.option(
    "--forged",
    metavar="NAME",
    shell_complete=completion.forgeries,
    help="With a signature or token that is wrong in this way.",
)
@click.option("--why", is_flag=True, help="If it is refused, find out why: at most 400 more requests.")
@click.option("--curl", is_flag=True, help="Print the curl command instead of sending.")
@options.sending(
    {
        "--set": ("PATH=TEXT|PATH:=JSON", "Set a member of the delivery; repeatable."),
        "--level": (None, "With --forged: the lowest level of a rule whose breach fails (default: must)."),
    }
)
@options.as_json
def command(
    provider: str,
    event: str,
    url: str,
    example: str,
    remove: tuple[str, ...],
    forged: str | None,
    why: bool,
    curl: bool,
    as_json: bool,
    **target: Any,
) -> int:
    """Send one delivery and show what comes back.

    It has new ids, the times of now and a right signature or token, unless
    --forged says otherwise. A mock that runs in this folder (hookassay serve)
    writes it into its log.

    \b
    Examples:
      hookassay send gitple session_state_close --to http://127.0.0.1:3000/webhook
      hookassay send gitple session_state_close --to URL --secret "$SECRET" --why
      hookassay send closer message_received --to URL --example media
      hookassay send livechat chat_ended --to URL --set license_id:=7 \\
          --remove visitor.email
      hookassay send gitple session_state_open --to URL --forged no-header
      hookassay send gbm verification --to URL --curl

    A TAB after --forged lists its names; checks named signature, token and
    handshake try them all (hookassay checks PROVIDER).

    \b
    Exit status: 0 taken (with --forged: not taken), 1 not so, 2 the command
    is wrong or nothing listens at the URL.
    """
    from hookassay.conformance.traffic import Traffic
    from hookassay.mockserver.emission.sending import Sender

    texts = [text.removeprefix(f"{provider}/") for text in target.pop("target_set")]
    settings = _settings(provider, url, target)
    bench = settings.benches[0]
    made = _letter(bench, event, example, texts, remove, forged)
    if why and made.check:
        raise Fault("--why finds out why a right delivery is refused: leave --forged out")
    if why and curl:
        raise Fault("--curl sends nothing, so there is no --why: leave one of them out")
    if curl:
        return _as_curl(bench, made, settings.show_secrets, as_json)
    with Sender() as sender:
        traffic = Traffic(sender, settings.rate, tell=lambda text: tell(in_our_words(text)))
        sent = _sent(settings, bench, traffic, made)
        return _told(settings, bench, traffic, made, sent, why, as_json)


def _settings(provider: str, url: str, target: dict[str, Any]) -> Settings:
    """The options, checked and typed; they hold one bench."""
    from hookassay.conformance import settings

    battery = ("event", "check", "waivers", "report", "budget", "command", "fuzz")
    nothing = {f"target_{name}": None for name in battery}
    return settings.read(options.given(target, target_url=url, target_provider=[provider], **nothing))


def _letter(
    bench: Bench, name: str, example: str, texts: Sequence[str], remove: Sequence[str], forged: str | None
) -> Letter:
    from hookassay.cli import show
    from hookassay.cli.letter import letter

    event = show.event_of(bench.provider, name)
    example = show.example_of(event, example)
    changes = show.changes_of(event, texts, remove)
    made = letter(bench, event, example, changes, forged)
    if changes:
        show.note_problems(event, made.document)
    if event in bench.provider.deliverable.values():
        bench.facts.carrier = (event.name, example)
    return made


def _sent(settings: Settings, bench: Bench, traffic: Traffic, made: Letter) -> Sent:
    """The delivery's exchange, once the receiver listens. Raises Fault where it cannot be reached."""
    ends = time.monotonic() + settings.wait
    while True:
        sent = traffic.send_once(bench, made.step.delivery)
        failure = sent.answer.failure
        if failure not in ("unreachable", "tls", "proxy"):
            return sent
        if failure != "unreachable" or time.monotonic() >= ends:
            from hookassay.conformance.hints import hint
            from hookassay.mockserver.emission.addressed import shown_url

            reason = sent.answer.detail or sent.answer.in_words()
            tip = "is it started? --wait S waits for it" if failure == "unreachable" else hint(bench, sent.answer)
            raise Fault(in_our_words(f"cannot reach {shown_url(bench.target.url)}: {reason}; {tip}"))
        time.sleep(_POLL)


def _told(
    settings: Settings, bench: Bench, traffic: Traffic, made: Letter, sent: Sent, why: bool, as_json: bool
) -> int:
    """Print the exchange, what it means and, if asked for, why it was refused; the command's status."""
    from hookassay.cli import exchange
    from hookassay.cli.send_log import record
    from hookassay.conformance import proof
    from hookassay.conformance.assess import assess
    from hookassay.mockserver.emission.answer import Reaction

    problem = assess(made.step, sent)
    failed = problem is not None and settings.fails(problem.level)
    reveal = settings.show_secrets
    recorded = record(bench, sent, made.why if made.check else "")
    if not as_json:
        exchange.show(bench, sent, reveal)
        kept = f"recorded: {recorded.page}" if recorded else "no log is kept"
        exchange.explain(settings, bench, made, sent, problem, asked_why=why, kept=kept)
    proven = None
    if why and problem is not None and sent.reaction is Reaction.REFUSED:
        if not as_json:
            output.line("looking for the cause …")
        proven = proof.prove(bench, traffic, sent, proof.ALLOWANCE)
    if as_json:
        told = exchange.as_json(bench, made, sent, problem, failed, proven, reveal)
        output.data({**told, "recorded": recorded.delivery if recorded else None})
    elif proven is not None:
        exchange.cause(bench, sent, proven, reveal)
    return FAILED if failed else 0


def _as_curl(bench: Bench, made: Letter, reveal: bool, as_json: bool) -> int:
    from hookassay.mockserver.emission import curl
    from hookassay.mockserver.emission.addressed import shown_url

    text = curl.command(made.step.delivery, bench.target, reveal)
    if as_json:
        output.data({"url": shown_url(bench.target.url), "curl": text})
        return 0
    output.line(text, wrap=False)
    if variables := ", ".join(dict.fromkeys(re.findall(r"\$(HOOKASSAY_\w+)", text))):
        tell(f"note: it reads what is secret from the environment: {variables}")
    return 0
