"""Events happening at the vendor: built for a look, or triggered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.curl import command
from hookassay.mockserver.emission.overrides import BadOverride, Overrides
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.mockserver.engine import recognition, vendors
from hookassay.mockserver.engine.context import Context
from hookassay.mockserver.engine.conversations import parsed
from hookassay.mockserver.engine.differences import differences
from hookassay.mockserver.engine.endpoints import row_of
from hookassay.mockserver.engine.errors import Problem, Refused
from hookassay.mockserver.engine.intake import Happening, Intake
from hookassay.mockserver.engine.log import Log
from hookassay.mockserver.engine.model import Built, Difference, Occurrence
from hookassay.mockserver.engine.requests import address_of, placeholder, shown
from hookassay.schemas import members, validation
from hookassay.schemas.contract import Event, Json, Provider

_LARGEST_SEED = 2**31 - 1
_DEEPEST = 200


@dataclass(frozen=True)
class Wish:
    """What is to happen: an event of a provider with its payload, from the first of these that is given.

    `body`: exact bytes (signed as they are, no token put in); `payload`: a document sent as it is, but
    for what belongs to the endpoint; `seed`: made by the generator; else the `example`, with fresh ids
    and times of now. Then `merge` (JSON merge patch), `set` (path → value), `remove` (paths).
    """

    provider: str
    event: str
    example: str = "full"
    seed: int | None = None
    payload: Json = None
    body: bytes | None = None
    merge: Json = None
    set: Mapping[str, Json] = field(default_factory=dict)
    remove: Sequence[str] = ()


@dataclass
class Events:
    """What happens at the vendor."""

    context: Context
    intake: Intake
    log: Log

    def build(
        self,
        wish: Wish,
        *,
        endpoint: int | None = None,
        force: bool = False,
        mutation: str | None = None,
        reveal: bool = False,
    ) -> Built:
        """The delivery that `trigger` would send (to this endpoint, or one with the test secret); nothing is kept.

        An invalid payload is told in `problems`, never refused. Raises Refused(not-found, unknown-path, invalid).
        """
        what = self.happening(wish, force=force, mutation=mutation)
        with self.context.database.reading() as connection:
            row = None if endpoint is None else row_of(connection, endpoint)
        if row is not None and row.provider != wish.provider:
            raise Refused("invalid", f"endpoint {row.name} is one of {row.provider}", "/endpoint")
        delivery = self.intake.built(what, row)
        url = address_of(self.context, what.provider, row)
        target, request = shown(self.context, what.provider, delivery, url, reveal=reveal)
        return Built(
            provider=wish.provider,
            event=wish.event,
            payload=what.document,
            request=request,
            difference=tuple(self._difference(what, wish)),
            problems=recognition.problems(self.problems(what)),
            curl=command(delivery, target, reveal),
            json=delivery.as_json(target.path, "" if reveal else placeholder(what.provider)),
        )

    def trigger(
        self,
        wish: Wish,
        *,
        endpoints: Sequence[int] | None = None,
        force: bool = False,
        mutation: str | None = None,
    ) -> Occurrence:
        """Let it happen: its deliveries to every endpoint that gets it, its `unsent` for the others.

        `endpoints` names those it is for; one of them that would not get it is Refused(not-sent) unless
        `force`, which also sends an invalid payload and one with unknown paths. `mutation` names a wrong
        signature or token. Raises Refused(not-found, invalid, invalid-payload, unknown-path, no-authentication).
        """
        what = self.happening(wish, force=force, mutation=mutation)
        found = [] if force else self.problems(what)
        if found:
            details = [Problem(f"/payload{_pointer(problem.path)}", problem.told) for problem in found]
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            raise Refused(
                "invalid-payload", f"{wish.event}: {found[0]}{more}; force sends it all the same", "", details
            )
        with self.context.database.writing() as connection:
            ident = self.intake.happen(connection, what, named=endpoints, force=force)
        self.context.changes.tell()
        self.context.wake()
        return self.log.occurrence(ident)

    def happening(self, wish: Wish, *, force: bool = False, mutation: str | None = None) -> Happening:
        """What a wish comes to. Raises Refused(not-found, unknown-path, invalid, no-authentication)."""
        provider = self.context.providers.get(wish.provider)
        event = self.context.providers.event(wish.provider, wish.event)
        if wish.seed is not None and not 0 <= wish.seed <= _LARGEST_SEED:
            raise Refused("invalid", f"a seed is a number from 0 to {_LARGEST_SEED}", "/seed")
        if mutation is not None:
            vendors.check_mutation(provider, mutation)
        if wish.body is not None:
            return Happening(provider, event, parsed(wish.body), "trigger", body=wish.body, mutation=mutation)
        changes = _changes(wish)
        if not force:
            _check_paths(event, wish)
        try:
            document = self._document(provider, event, wish, changes)
        except BadOverride as error:
            raise Refused("invalid", str(error), "/set") from error
        return Happening(provider, event, document, "trigger", seed=wish.seed, mutation=mutation)

    def _document(self, provider: Provider, event: Event, wish: Wish, changes: Overrides) -> Json:
        given = wish.payload
        if given is None and wish.seed is not None:
            given = self._generated(provider, event, wish.seed)
        if given is not None:
            if _depth(given) > _DEEPEST:
                raise Refused("invalid", f"the payload is nested more than {_DEEPEST} deep", "/payload")
            return overrides.apply(given, changes)
        if wish.example not in event.examples:
            known = ", ".join(event.examples)
            raise Refused("invalid", f"{event.name} has no example {wish.example!r}; it has {known}", "/example")
        vendor = Vendor(provider, Secrets(), clock=self.context.time.now)
        return vendor.document(event, wish.example, changes, valid=False)

    def _generated(self, provider: Provider, event: Event, seed: int) -> Json:
        from hookassay.mockserver.emission import generation

        try:
            data = generation.compiled(provider, event.name).realistic(seed, 0, self.context.time.now())
        except generation.Ungeneratable as error:
            raise Refused("invalid", str(error), "/seed") from error
        return parsed(data)

    def problems(self, what: Happening) -> list[validation.Problem]:
        """What the contract says against a payload."""
        if what.body is not None and what.document is None:
            return [validation.Problem("$", "the body is no JSON", "json")]
        return validation.problems(what.event, what.document)

    @staticmethod
    def _difference(what: Happening, wish: Wish) -> list[Difference]:
        """How the payload is not the example; fresh ids and times are no difference."""
        example = what.event.examples.get(wish.example, what.event.full).document
        given = wish.body is not None or wish.payload is not None or wish.seed is not None
        return list(differences(example, what.document if given else overrides.apply(example, _changes(wish))))


def _depth(value: Json) -> int:
    """How deep a document is nested, counted to one more than is allowed."""
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        depth += 1
        level = [
            inner
            for node in level
            for inner in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        ]
    return depth


def _changes(wish: Wish) -> Overrides:
    """Merge patch, set and remove as one list of changes, in this order."""
    merged: dict[str, Json] = {}
    gone: list[str] = []
    if wish.merge is not None:
        if not isinstance(wish.merge, Mapping):
            raise Refused("invalid", "merge is a JSON object", "/merge")
        for pointer, value in _patched(wish.merge, ""):
            if value is None:
                gone.append(pointer)
            else:
                merged[pointer] = value
    return Overrides({**merged, **wish.set}, (*gone, *wish.remove))


def _patched(patch: Mapping[str, Json], pointer: str) -> Iterator[tuple[str, Json]]:
    """The places that a JSON merge patch (RFC 7396) changes; None for those it removes."""
    for key, value in patch.items():
        here = f"{pointer}/{members.escape(key)}"
        if isinstance(value, Mapping) and value:
            yield from _patched(value, here)
        else:
            yield here, value


def _check_paths(event: Event, wish: Wish) -> None:
    """Raise Refused(unknown-path) with every path that the schema does not know."""
    problems = []
    for member, paths in (("set", list(wish.set)), ("remove", list(wish.remove))):
        for path in paths:
            try:
                overrides.check(event, Overrides({path: None}))
            except BadOverride as error:
                problems.append(Problem(f"/{member}/{members.escape(path)}", str(error)))
            except ValueError as error:
                problems.append(Problem(f"/{member}/{members.escape(path)}", str(error)))
    if problems:
        raise Refused("unknown-path", problems[0].detail, problems=problems)


def _pointer(path: str) -> str:
    """A JSON path of a validation problem (`$.session.tags[0]`) as a JSON pointer."""
    return path.removeprefix("$").replace("[", ".").replace("]", "").replace("'", "").replace(".", "/")
