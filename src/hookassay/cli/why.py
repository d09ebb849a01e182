"""`hookassay why ID`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from hookassay.cli import options, output
from hookassay.cli.faults import FAILED, Fault
from hookassay.cli.serve import missing

if TYPE_CHECKING:
    from hookassay.mockserver.client import Client

_POLL = 0.2


@click.command("why")
@click.argument("delivery", type=click.IntRange(1), metavar="ID")
@click.option("--url", metavar="URL", help="The mock (default: the one that runs on this folder's state).")
@click.option("--token", metavar="TEXT", envvar="HOOKASSAY_TOKEN", help="Its token, if it has one.")
@options.as_json
def command(delivery: int, url: str | None, token: str | None, as_json: bool) -> int:
    """Find out why a delivery of the running mock was refused.

    ID is the delivery's number, as `hookassay serve` prints it. The event is
    sent again as each likely mistake would have signed or shaped it: at most
    400 requests to the receiver.

    \b
    Examples:
      hookassay why 17
      hookassay why 17 --url http://127.0.0.1:41234

    Exit status: 0 the cause is proven, 1 it is not, 2 there is nothing to ask.
    """
    try:
        from hookassay.mockserver.client import Refused
    except ModuleNotFoundError as error:
        raise missing(error) from error
    with _client(url, token) as client:
        try:
            found = _asked(client, delivery, as_json)
        except Refused as refusal:
            raise Fault(str(refusal)) from refusal
    if as_json:
        output.data(found)
    else:
        output.line(found["cause"] if found["proven"] else found["text"], bold=True)
        if found["proven"] and found["text"]:
            output.line(found["text"])
        output.line(f"{found['requests']} requests", dim=True)
    return 0 if found["proven"] else FAILED


def _client(url: str | None, token: str | None) -> Client:
    """A client of the mock that is meant, and that answers. Raises Fault."""
    import requests

    from hookassay.cli.whereabouts import whereabouts
    from hookassay.mockserver.client import Client

    if url is None:
        here = whereabouts()
        if here is None:
            raise Fault("no mock runs on this folder's state: start `hookassay serve` here, or give --url")
        url, token = here.url, token or here.token
    client = Client(url, token)
    try:
        client.call("GET", "/clock")
    except requests.RequestException as error:
        raise Fault(f"no mock answers at {url}") from error
    return client


def _asked(client: Client, delivery: int, as_json: bool) -> dict[str, Any]:
    """The search's end, however long it takes: each of its requests is bounded in time."""
    job = client.call("POST", f"/deliveries/{delivery}/why")
    if not as_json:
        output.line("looking for the cause …")
    while job["running"]:
        time.sleep(_POLL)
        job = client.call("GET", f"/why/{job['job']}")
    return dict(job)
