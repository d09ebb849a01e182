"""The tables. Moments are nanoseconds; rows with `gone_at` are taken away and purged ten seconds later."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
)

from hookassay.mockserver.engine.texts import ToldList, ToldText

metadata = MetaData()


def _gone() -> Column[int]:
    return Column("gone_at", BigInteger)


note = Table(
    "note",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON),
)
"""Single facts: the switch of the faults, whether the first start is over."""

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("real", BigInteger, nullable=False),
    Column("virtual", BigInteger, nullable=False),
    Column("rate", Float, nullable=False),
)

endpoint = Table(
    "endpoint",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", String, nullable=False),
    Column("name", String, nullable=False),
    Column("url", String, nullable=False),  # with its credentials; empty: the inbox
    Column("settings", JSON, nullable=False),
    Column("secret", String, nullable=False),
    Column("previous_secret", String, nullable=False),
    Column("webhook_id", JSON),
    Column("enabled", Boolean, nullable=False),
    Column("off_reason", ToldText, nullable=False),
    Column("verified_at", BigInteger),
    Column("retry", String, nullable=False),
    Column("success", String, nullable=False),
    Column("timeout", Float, nullable=False),
    Column("revision", Integer, nullable=False),
    _gone(),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", String, nullable=False),
    Column("event", String, nullable=False),
    Column("conversation", String),
    Column("payload", LargeBinary, nullable=False),  # before anything of an endpoint
    Column("origin", String, nullable=False),
    Column("origin_id", Integer),
    Column("seed", Integer),
    Column("at", BigInteger, nullable=False),
    Column("virtual", BigInteger, nullable=False),
    Column("run", Integer),
    Column("step", Integer),
    Column("expect", String),
    _gone(),
    Index("occurrence_conversation", "conversation"),
    Index("occurrence_run", "run", "step"),
    sqlite_autoincrement=True,
)

unsent = Table(
    "unsent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("occurrence", Integer, ForeignKey("occurrence.id", ondelete="CASCADE"), nullable=False),
    Column("endpoint", Integer, nullable=False),
    Column("endpoint_name", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("text", ToldText, nullable=False),
    Index("unsent_occurrence", "occurrence"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("occurrence", Integer, ForeignKey("occurrence.id", ondelete="CASCADE"), nullable=False),
    Column("endpoint", Integer),
    Column("endpoint_name", String, nullable=False),
    Column("replay_of", Integer),
    Column("form", String, nullable=False),
    Column("method", String, nullable=False),
    Column("url", String, nullable=False),  # with its credentials
    Column("state", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("due", BigInteger),
    Column("first_due", BigInteger),
    Column("key", String),  # deliveries of an endpoint with the same one keep their order
    Column("sequence", BigInteger, nullable=False),
    Column("strict", Boolean, nullable=False),  # the next of its key waits for its end, not for its first failure
    Column("single", Boolean, nullable=False),  # never sent again: copies, experiments, handshakes
    Column("hold", String),  # who holds it: `run`, or `fault:ID`
    Column("attempts", Integer, nullable=False),
    Column("tries", Integer, nullable=False),  # failed attempts that count for the retry schedule
    Column("status", Integer),
    Column("failure", ToldText, nullable=False),
    Column("reaction", String),
    Column("elapsed", Float),
    Column("faults", ToldList, nullable=False),  # [[fault (0: none), label], …]
    Column("run", Integer),
    Column("size", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    _gone(),
    Index("delivery_occurrence", "occurrence"),
    sqlite_autoincrement=True,
)

# Partial: a delivery that is finished costs nothing, and one that is sent changes few of them. SQLite uses
# them only where the query has the same words, so queries take `READY` and `OPEN` from here. A delivery is
# open as long as it has a moment at which it is due: that does not change when it is taken, its state does.
READY = delivery.c.state == literal_column("'ready'")
WAITING = delivery.c.state == literal_column("'waiting'")
OPEN = delivery.c.due.is_not(None)
Index("delivery_ready", delivery.c.endpoint, delivery.c.due, sqlite_where=READY)
Index("delivery_waiting", delivery.c.endpoint, delivery.c.key, delivery.c.sequence, sqlite_where=WAITING)
Index("delivery_open", delivery.c.endpoint, delivery.c.key, delivery.c.sequence, sqlite_where=OPEN)
Index("delivery_replay", delivery.c.replay_of, sqlite_where=delivery.c.replay_of.is_not(None))
Index("delivery_run", delivery.c.run, sqlite_where=delivery.c.run.is_not(None))

request = Table(
    "request",
    metadata,
    Column("delivery", Integer, ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True),
    Column("headers", JSON, nullable=False),  # [[name, value], …], without those that the URL makes
    Column("body", LargeBinary, nullable=False),
    Column("spans", JSON, nullable=False),  # of the body: [[start, end, derived], …]
    Column("text", Text, nullable=False),  # folded, for the search
)
"""What a delivery says, written once: apart from where it stands, which is written twice an attempt."""

attempt = Table(
    "attempt",
    metadata,
    Column("delivery", Integer, ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("scheduled", BigInteger, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("headers", JSON),  # these four only where they are not the delivery's
    Column("body", LargeBinary),
    Column("spans", JSON),
    Column("cut", Integer),
    Column("answer", JSON),
    Column("answer_body", LargeBinary),
    Column("text", Text),  # the answer's, folded, for the search
    Column("seen", JSON),
    Column("reaction", String),
    Column("view", String),
    Column("told", ToldText, nullable=False),
    Column("faults", ToldList, nullable=False),
    Index("attempt_ended", "ended"),
)

fault = Table(
    "fault",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("endpoint", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("events", String, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("remaining", Integer),
    Column("every", Integer),
    Column("chance", Float),
    Column("seed", Integer),
    Column("enabled", Boolean, nullable=False),
    Column("met", Integer, nullable=False),  # matching attempts so far, for `every`
    Column("used", Integer, nullable=False),
    Column("run", Integer),
    Column("delivery", Integer),
    _gone(),
    sqlite_autoincrement=True,
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", String, nullable=False),
    Column("scenario", String, nullable=False),
    Column("title", String, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("cast", JSON, nullable=False),
    Column("mode", String, nullable=False),
    Column("rate", Float),
    Column("state", String, nullable=False),
    Column("unmet", ToldText, nullable=False),
    Column("missing", ToldList, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("paused_at", BigInteger),  # virtual
    _gone(),
    sqlite_autoincrement=True,
)

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("ref", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("endpoint", Integer),
    Column("endpoint_name", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("method", String, nullable=False),
    Column("path", String, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("right", Boolean, nullable=False),
    Column("verified", ToldText, nullable=False),
    _gone(),
)
