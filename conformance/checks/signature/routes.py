"""Two tokens on one URL: an event is signed with its route's own token, where the route has one (GBM: the agent)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hookassay.conformance.bench import Bench
from hookassay.conformance.check import CALM, TAKEN, Case, one
from hookassay.conformance.checks.signature.forging import refused
from hookassay.mockserver.emission.delivery import Delivery
from hookassay.schemas import members


def agent_token(bench: Bench) -> Iterator[Case]:
    """Events of the agent with its own token, and of another agent with the partner's."""
    own, partner = bench.vendor.secrets.routes.get(bench.agent), bench.vendor.secrets.default
    if own is None:
        return
    owner = str(members.lookup(bench.document(bench.events[0]), _pointer(bench)))
    is_ours = bench.agent != owner
    with_own = partial(_of_agent, agent=bench.agent, secret=own)
    others = partial(_of_agent, agent=owner if is_ours else f"{owner}-another", secret=partner)
    yield Case("agent-with-its-token", one(with_own, TAKEN, "an event of the agent, signed with its own token"))
    name = "an event of another agent, signed with the partner's token"
    yield Case("other-agent-with-partner-token", one(others, TAKEN if is_ours else CALM, name))


def partner_token(bench: Bench) -> Iterator[Case]:
    """Events of the agent with the partner's token."""
    if bench.vendor.secrets.routes:
        make = partial(_of_agent, agent=bench.agent, secret=bench.vendor.secrets.default)
        twin = partial(_of_agent, agent=bench.agent, secret=bench.vendor.secrets.routes[bench.agent])
        why = "an event of the agent, signed with the partner's token"
        yield refused("agent-with-partner-token", make, twin, "should", why)


def _pointer(bench: Bench) -> str:
    return str(bench.provider.traits["route"]["pointer"])


def _of_agent(bench: Bench, agent: str, secret: str) -> Delivery:
    document = bench.document(changes={_pointer(bench): agent})
    return bench.vendor.deliver(
        bench.carrier, document, forge=lambda signer, body: signer.with_secret(secret).sign(body)
    )
