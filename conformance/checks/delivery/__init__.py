"""Delivery: repeats, bursts, conversations, framing, and working on after whatever was sent."""

from __future__ import annotations

from hookassay.conformance.check import Cases
from hookassay.conformance.checks.delivery import connection, traffic

CASES: dict[str, Cases] = {
    "repeat": traffic.repeats,
    "burst": traffic.bursts,
    "many": traffic.many,
    "conversation": traffic.conversations,
    "recovery": traffic.recovery,
    "one-connection": connection.one_connection,
    "slow": connection.slow,
    "cut-short": connection.cut_short,
    "long-header": connection.long_headers,
    "too-large": connection.too_large,
    "repeat-in-parallel": traffic.repeats_in_parallel,
    "out-of-order": traffic.out_of_order,
    "later-repeat": traffic.later_repeats,
    "chunked": connection.chunked,
    "expect": connection.expecting,
    "http-10": connection.http_10,
    "user-agent": connection.user_agents,
}
"""Check → its cases; the records stand in `delivery.toml`."""
