"""The inbox: a receiver of the mock's own, so that the first webhook is seen before a line of code is written."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, select

from hookassay.mockserver.emission.authentication import BadSecret, Signer, Stamp
from hookassay.mockserver.emission.secret import mask
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.handshake import answer_to
from hookassay.mockserver.engine.model import InboxAnswer, Page, Received
from hookassay.mockserver.engine.store import tables
from hookassay.mockserver.engine.store.inserting import insert_one
from hookassay.mockserver.engine.texts import Told
from hookassay.schemas import members
from hookassay.schemas.contract import Json, Provider

KEPT = 1000
_IDENT = re.compile(r"[0-9]{1,18}")
_i = tables.inbox.c


@dataclass
class Inbox:
    """One receiver for each endpoint, at `/inbox/ENDPOINT`; it verifies as the vendor's documents say."""

    context: Context

    def receive(
        self, endpoint: str, method: str, path: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> InboxAnswer:
        """Take a request: 200 (a handshake's answer in it), 401 for a wrong signature or token, 404, 405, 400.

        `endpoint` is the id of the path; `path` the whole, query included.
        """
        if not _IDENT.fullmatch(endpoint):
            return InboxAnswer(404, _TEXT, b"no such inbox\n")
        table = tables.endpoint
        with self.context.database.reading() as connection:
            row = connection.execute(
                select(table).where(table.c.id == int(endpoint), table.c.gone_at.is_(None))
            ).first()
        provider = self.context.providers.all.get(row.provider) if row is not None else None
        if row is None or provider is None:
            return InboxAnswer(404, _TEXT, b"no such inbox\n")
        answer, right, told = self._judged(provider, row, method, headers, body)
        self._keep(row, method, path, headers, body, right, told)
        return answer

    def all(self, limit: int = 50, after: int | None = None, reveal: bool = False) -> Page[Received]:
        """What has come, newest first."""
        wanted = select(tables.inbox).where(_i.gone_at.is_(None)).order_by(_i.id.desc())
        if after is not None:
            wanted = wanted.where(_i.id < after)
        secrets = select(tables.endpoint.c.id, tables.endpoint.c.secret, tables.endpoint.c.previous_secret)
        with self.context.database.reading() as connection:
            rows = connection.execute(wanted.limit(limit + 1)).all()
            known = {row.id: (row.secret, row.previous_secret) for row in connection.execute(secrets)}
        items = tuple(_shown(row, () if reveal else known.get(row.endpoint, ())) for row in rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def _judged(
        self, provider: Provider, row: Row[Any], method: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> tuple[InboxAnswer, bool, str]:
        if method != provider.method:
            return (
                InboxAnswer(405, (("Allow", provider.method), *_TEXT), b"\n"),
                False,
                Told("other-method", method=method),
            )
        document = parsed(body)
        if provider.handshake is not None and document is not None:
            text = answer_to(provider, document, row.secret)
            if text is not None:
                return InboxAnswer(200, _TEXT, text.encode()), True, Told("handshake-answered")
        right, told = verified(provider, row.secret, headers, body, document, self.context.inbox_url(row.id))
        if not right:
            return InboxAnswer(401, _TEXT, b"unauthorized\n"), False, told
        if document is None:
            return InboxAnswer(400, _TEXT, b"not JSON\n"), False, Told("no-json", told=told)
        return InboxAnswer(200, (("Content-Type", "application/json"),), b"{}"), True, told

    def _keep(
        self,
        row: Row[Any],
        method: str,
        path: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        right: bool,
        told: str,
    ) -> None:
        with self.context.database.writing() as connection:
            ident = insert_one(
                connection,
                tables.inbox,
                dict(
                    endpoint=row.id,
                    endpoint_name=row.name,
                    provider=row.provider,
                    at=time.time_ns(),
                    method=method,
                    path=path,
                    headers=[list(pair) for pair in headers],
                    body=body,
                    right=right,
                    verified=told,
                ),
            )
            if ident % 100 == 0:
                last = int(connection.execute(select(func.max(_i.id))).scalar() or 0)
                connection.execute(delete(tables.inbox).where(_i.id <= last - KEPT))
            self.context.changes.note(connection, "inbox", [ident])
        self.context.changes.tell()


_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


def verified(
    provider: Provider, secret: str, headers: Sequence[tuple[str, str]], body: bytes, document: Json, url: str
) -> tuple[bool, str]:
    """Whether a request to a URL is authentic, and what to tell of it."""
    kind = provider.authentication.kind
    if kind == "none":
        return True, Told("nothing-to-verify", vendor=provider.title)
    if kind == "body-token":
        try:
            token = members.lookup(document, provider.authentication.pointer)
        except KeyError:
            return False, Told("token-absent")
        if isinstance(token, str) and hmac.compare_digest(token.encode("utf-8", "replace"), secret.encode()):
            return True, Told("token-right")
        return False, Told("token-wrong")
    given = {name.lower(): value for name, value in headers}
    try:
        signer = Signer(provider.authentication, secret, _stamp(provider, given, url))
        expected = {name.lower(): value for name, value in signer.sign(body)}
    except BadSecret as error:
        return False, str(error)
    name = signer.header_name.lower()
    if name not in given:
        return False, Told("signature-absent", header=signer.header_name)
    if hmac.compare_digest(given[name].encode("utf-8", "replace"), expected[name].encode()):
        return True, Told("signature-right")
    return False, Told("signature-wrong")


def _stamp(provider: Provider, given: dict[str, str], url: str) -> Stamp:
    """The time and id that the request says it was signed with, read from the headers by their templates."""
    found = {"timestamp": "0", "id": ""}
    for name, template in provider.authentication.headers.items():
        pattern = re.sub(r"\\\{(timestamp|id|digest)\\\}", r"(?P<\1>[^,; ]*)", re.escape(template))
        match = re.fullmatch(pattern, given.get(name.lower(), ""))
        found.update({} if match is None else match.groupdict())
    return Stamp(timestamp=found["timestamp"], id=found["id"], url=url)


def _shown(row: Row[Any], secrets: Sequence[str]) -> Received:
    body = row.body
    for secret in secrets:
        if secret:
            body = body.replace(secret.encode(), mask(secret).encode())
    headers = [(name, "****" if secrets and name.lower() == "authorization" else value) for name, value in row.headers]
    return Received(
        id=row.id,
        endpoint=row.endpoint,
        endpoint_name=row.endpoint_name,
        provider=row.provider,
        at=row.at,
        method=row.method,
        path=row.path,
        headers=tuple(headers),
        body=body,
        right=row.right,
        verified=row.verified,
    )
