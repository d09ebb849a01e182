"""Payloads by the million, compiled from the contracts: one function an event, from an index to bytes.

`compiled(provider, event)` makes payloads that the schema allows (wide, and every fourth realistic) and
payloads that it forbids, each from seed, index and time alone; `cast` makes the people and ids of a
scenario from the same sources.
"""

from __future__ import annotations

import json

from hookassay.mockserver.emission.generation.casting import BadCast, cast
from hookassay.mockserver.emission.generation.compiled import (
    BUDGET,
    Compiled,
    Generated,
    Invalid,
    Ungeneratable,
    realistic_index,
)
from hookassay.mockserver.emission.generation.nodes import examples_of
from hookassay.mockserver.emission.generation.sites import Site
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue, members, paths
from hookassay.schemas.contract import Event, Json, Provider

__all__ = [
    "BUDGET",
    "GENERATOR",
    "BadCast",
    "Compiled",
    "Generated",
    "Invalid",
    "Site",
    "Ungeneratable",
    "cast",
    "compiled",
    "compiled_for",
    "realistic_index",
]

GENERATOR = 5
"""Raised whenever the same name would give another case (tests/generation/golden.json)."""

_known: dict[str, Compiled] = {}


def compiled(provider: Provider, event: str) -> Compiled:
    """The generator of an event, with the documented test secret where a token stands in the body.

    Raises KeyError for an unknown event, Ungeneratable for a schema that nothing can be made for.
    """
    secrets = Secrets(provider.test_secret, provider.test_secrets)
    return compiled_for(Vendor(provider, secrets), provider.events[event])


def compiled_for(vendor: Vendor, event: Event) -> Compiled:
    """The generator of an event as one receiver's owner has configured the vendor: secrets and own ids."""
    fixed = _fixed(vendor, event)
    name = json.dumps([str(vendor.provider.folder), event.name, fixed])
    known = _known.get(name)
    if known is None:
        pointer = vendor.token_pointer(event)
        known = Compiled(event, fixed, token=pointer)
        if vendor.provider.folder.parent != catalogue.OURS:
            known.prove()
        _known[name] = known
    return known


def _fixed(vendor: Vendor, event: Event) -> dict[str, Json]:
    """What is the same in every payload: the owner's ids in the type that the examples have there, the token."""
    examples = examples_of(event)
    found: dict[str, Json] = {}
    for path, value in vendor.owner.items():
        pointer = "".join(f"/{members.escape(token)}" for token in paths.path_tokens(path))
        documented = examples.get(pointer, (None,))[0]
        whole = isinstance(documented, int) and isinstance(value, str) and value.lstrip("-").isdigit()
        if documented is not None:
            found[pointer] = int(value) if whole else value
    pointer = vendor.token_pointer(event)
    if pointer:
        found[pointer] = vendor.secret_of(event)
    return found
