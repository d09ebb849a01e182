"""What no page would send and an API may: refused in a line, or taken, and never a crash."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.engine.events import Wish
from tests.engine.conftest import Add

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_SURROGATES = st.text(st.characters(), max_size=20)  # unlike text(), with half surrogate pairs
_relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@_relaxed
@given(payload=_JSON, path=_SURROGATES, value=_JSON)
def test_any_payload_and_path(payload: object, path: str, value: object, mock: Mock) -> None:
    wish = Wish("gitple", "session_state_close", payload=payload, set={path: value})
    try:
        mock.events.build(wish, force=True)
        found = mock.events.trigger(wish, force=True)
    except Refused as refused:
        assert refused.detail
    else:
        assert mock.log.occurrence(found.id).payload == found.payload


@_relaxed
@given(q=_SURROGATES | st.from_regex(r"-?(since|until|status|run|endpoint|fault|event):[^ ]{0,25}", fullmatch=True))
def test_any_search(q: str, mock: Mock) -> None:
    try:
        mock.log.occurrences(q)
        mock.log.deliveries(q)
        mock.log.counts(q)
    except Refused as refused:
        assert refused.status == 422


@_relaxed
@given(given=st.dictionaries(st.sampled_from(["name", "url", "secret", "events", "timeout", "retry", "x"]), _JSON))
def test_any_settings(given: dict[str, object], mock: Mock) -> None:
    try:
        endpoint = mock.endpoints.add("gitple", settings=given)
    except Refused as refused:
        assert refused.status in (409, 422)
    else:
        assert mock.endpoints.get(endpoint.id) == endpoint
        mock.endpoints.remove(endpoint.id)


@_relaxed
@given(data=st.binary(max_size=200) | _JSON.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_any_file(data: bytes, mock: Mock) -> None:
    for form in ("ndjson", "har", "curl"):
        try:
            mock.exchange.bring_in(data, form)
        except Refused as refused:
            assert refused.status == 422


def test_a_body_that_is_nested_too_deeply(mock: Mock, add: Add) -> None:
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(Refused, match="nested more than 200 deep"):
        mock.events.trigger(Wish("gitple", "session_state_close", payload=deep), force=True)
    add("gitple")
    body = b"[" * 50_000 + b"]" * 50_000
    assert mock.events.trigger(Wish("gitple", "session_state_close", body=body), force=True).payload == body


def test_half_a_surrogate_pair_is_kept_in_the_bytes(mock: Mock, add: Add) -> None:
    add("gitple")
    body = b'{"session": {"id": "\\ud800"}}'
    sent = mock.events.trigger(Wish("gitple", "session_state_close", body=body), force=True)
    assert mock.log.body(sent.deliveries[0].id) == body and sent.conversation == "?"
