"""Writing documents: the same JSON in every spelling, and spans that cover exactly what is secret."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.secret import MASK, SecretText, Span, hide, hide_bytes
from hookassay.mockserver.emission.serialisers import SERIALISERS, SPELLINGS, indented, sorted_keys
from hookassay.mockserver.emission.spelling import Body, Fragment, Number, Spelling, read, write

from .strategies import documents, few, number_texts, quick, same, texts

every_spelling = pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=lambda spelling: spelling.name)
surrogates = st.text(st.characters(categories=["Cs", "L"]), max_size=8)


@every_spelling
@few
@given(document=documents())
def test_every_spelling_is_the_same_json(spelling: Spelling, document: object) -> None:
    """A strict parser reads any document, in any spelling, back as it was."""
    assert same(json.loads(write(document, spelling).data.decode("utf-8")), document)


@few
@given(document=documents())
def test_spellings_differ_in_bytes_only_where_they_say(document: object) -> None:
    """Compact is what Python's json writes without blanks and without escapes."""
    assert write(document).data.decode() == json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("compact", '{"b":["é/",1],"a":{}}'),
        ("pretty", '{\n  "b": [\n    "é/",\n    1\n  ],\n  "a": {}\n}'),
        ("pretty-tab", '{\n\t"b": [\n\t\t"é/",\n\t\t1\n\t],\n\t"a": {}\n}'),
        ("crlf", '{\r\n  "b": [\r\n    "é/",\r\n    1\r\n  ],\r\n  "a": {}\r\n}\r\n'),
        ("spaced", '{"b": ["é/", 1], "a": {}}'),
        ("blanks-around", ' \n{"b":["é/",1],"a":{}} \n'),
        ("final-newline", '{"b":["é/",1],"a":{}}\n'),
        ("escaped", '{"b":["\\u00e9/",1],"a":{}}'),
        ("escaped-upper", '{"b":["\\u00E9/",1],"a":{}}'),
        ("solidus", '{"b":["é\\/",1],"a":{}}'),
        ("sorted", '{"a":{},"b":["é/",1]}'),
        ("reversed", '{"a":{},"b":["é/",1]}'),
    ],
)
def test_spelling_by_name(name: str, expected: str) -> None:
    """Each spelling writes what its name says."""
    assert write({"b": ["é/", 1], "a": {}}, SPELLINGS[name]).data.decode() == expected


@quick
@given(text=surrogates)
def test_lone_surrogates_are_always_escaped(text: str) -> None:
    """A text that UTF-8 cannot hold is written as escapes, in every spelling."""
    for spelling in (*SPELLINGS.values(), *SERIALISERS.values()):
        data = write({"a": text}, spelling).data
        assert json.loads(data.decode("utf-8")) == {"a": json.loads(json.dumps(text))}


def test_fragment_stands_as_it_is() -> None:
    """A fragment is JSON text that no spelling touches."""
    document = {"a": Fragment('"\\u0041\\/" '), "b": [Fragment("1.50")]}
    assert write(document, SPELLINGS["escaped-upper"]).data == b'{"a":"\\u0041\\/" ,"b":[1.50]}'


@quick
@given(text=number_texts)
def test_numbers_keep_their_spelling(text: str) -> None:
    """A number that was read is written as it stood, where the spelling has no rule for numbers."""
    document = read(f"[{text}]".encode())
    assert isinstance(document[0], Number)
    assert write(document).data == f"[{text}]".encode()


@pytest.mark.parametrize("body", [b"", b"{", b"[NaN]", b"[Infinity]", b"\xff", b"\xef\xbb\xbf{}", b"'a'", b"[1,]"])
def test_read_refuses_what_is_not_json(body: bytes) -> None:
    """Only JSON in UTF-8 is read."""
    with pytest.raises(ValueError):  # noqa: PT011 - of json's or of the decoder's words none is ours
        read(body)


def test_of_repeated_members_the_last_is_read() -> None:
    """A repeated member keeps its first place and its last value, as most parsers have it."""
    assert write(read(b'{"a":1,"b":2,"a":3}')).data == b'{"a":3,"b":2}'


def test_variants_of_a_serialiser_keep_its_rules() -> None:
    """Sorted and indented variants differ in order and blanks alone."""
    php = SERIALISERS["json_encode"]
    assert write({"b": "é/", "a": 1.0}, sorted_keys(php)).data == b'{"a":1,"b":"\\u00e9\\/"}'
    assert write({"b": "é/"}, indented(php, "    ")).data == b'{\n    "b": "\\u00e9\\/"\n}'


# secrets in a document


@every_spelling
@few
@given(document=documents(st.one_of(st.none(), st.integers(-5, 5), st.text("ab/é", max_size=5), texts.map(SecretText))))
def test_spans_cover_exactly_the_secrets(spelling: Spelling, document: object) -> None:
    """With every span replaced by an empty text, nothing but the secrets has gone."""
    body = write(document, spelling)
    assert json.loads(hide_bytes(body.data, body.secrets, "")) == _emptied(document)
    found = [json.loads(b'"%s"' % body.data[span.start : span.end]) for span in body.secrets]
    assert sorted(found) == sorted(_secrets(document))
    assert body.data == write(document, spelling).data


def _emptied(node: object) -> object:
    if isinstance(node, SecretText):
        return ""
    if isinstance(node, dict):
        return {key: _emptied(value) for key, value in node.items()}
    return [_emptied(value) for value in node] if isinstance(node, list) else node


def _secrets(node: object) -> list[str]:
    if isinstance(node, SecretText):
        return [str(node)]
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [secret for value in inner for secret in _secrets(value)]


_LETTERS = 'abcdefgh"{}:,'


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Body, list[bytes]]:
    """A body made of plain bytes and secrets in turn, and its secrets: capital letters, which stand nowhere else."""
    parts, spans, secrets = b"", [], []
    for plain, secret in draw(
        st.lists(st.tuples(st.text(_LETTERS, max_size=6), st.text("XYZ", min_size=1, max_size=6)), max_size=4)
    ):
        parts += plain.encode()
        spans.append(Span(len(parts), len(parts) + len(secret)))
        parts += secret.encode()
        secrets.append(secret.encode())
    return Body(parts + draw(st.text(_LETTERS, max_size=6)).encode(), tuple(spans)), secrets


def _shown(body: Body) -> bytes:
    return hide_bytes(body.data, body.secrets, "")


@quick
@given(made=bodies(), length=st.integers(0, 60))
def test_cut_body_shows_no_part_of_a_secret(made: tuple[Body, list[bytes]], length: int) -> None:
    """Of a body that is cut the beginning is left, and what is left of a secret stays hidden."""
    body, _ = made
    cut = body.cut(length)
    assert cut.data == body.data[:length]
    assert _shown(cut) == bytes(byte for byte in cut.data if byte not in b"XYZ")


@quick
@given(made=bodies(), before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_surrounded_body_hides_the_same_secrets(made: tuple[Body, list[bytes]], before: bytes, after: bytes) -> None:
    """Bytes before and behind a body move its spans, and no more."""
    body, secrets = made
    around = body.surround(before, after)
    assert around.data == before + body.data + after
    assert [around.data[span.start : span.end] for span in around.secrets] == secrets


@quick
@given(made=bodies(), data=st.data(), new=st.text(_LETTERS, max_size=6))
def test_spliced_body_shows_no_part_of_a_secret(made: tuple[Body, list[bytes]], data: st.DataObject, new: str) -> None:
    """What is put into a body moves the spans behind it; a secret that is touched stays hidden whole."""
    body, _ = made
    start = data.draw(st.integers(0, len(body.data)))
    end = data.draw(st.integers(start, len(body.data)))
    changed = body.splice(start, end, new.encode())
    assert changed.data == body.data[:start] + new.encode() + body.data[end:]
    assert not set(_shown(changed)) & set(b"XYZ")
    untouched = [span for span in body.secrets if span.end <= start or span.start >= end]
    hidden = [changed.data[span.start : span.end] for span in changed.secrets]
    assert all(body.data[span.start : span.end] in hidden for span in untouched)


def test_splice_beside_a_secret_hides_nothing_more() -> None:
    """What is inserted right before or behind a secret is no part of it."""
    body = Body(b"abSECRETcd", (Span(2, 8),))
    assert _shown(body.splice(2, 2, b"-")) == b"ab-cd"
    assert _shown(body.splice(8, 8, b"-")) == b"ab-cd"
    assert _shown(body.splice(4, 4, b"-")) == b"abcd"


def test_other_bytes_made_of_a_secret_are_hidden_whole() -> None:
    """Bytes made of a body (another charset, compressed) are hidden if anything of the body was secret."""
    assert Body(b"abX", (Span(2, 3),)).whole(b"other") == Body(b"other", (Span(0, 5),))
    assert Body(b"ab").whole(b"other") == Body(b"other")


# hiding


@quick
@given(
    text=st.text("abc", max_size=20),
    spans=st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: Span(min(pair), max(pair))), max_size=5
    ),
)
def test_hidden_is_what_any_span_covers(text: str, spans: list[Span]) -> None:
    """Whatever spans overlap, stand inside each other or touch: what they cover goes, all else stays."""
    covered = {index for span in spans for index in range(span.start, span.end)}
    left = "".join(character for index, character in enumerate(text) if index not in covered)
    assert hide(text, spans, "") == left
    assert hide_bytes(text.encode(), spans, "") == left.encode()


def test_overlapping_spans_are_one_mask() -> None:
    """Each secret leaves one mask; two that overlap leave one together."""
    assert hide("abcdefgh", [Span(1, 3), Span(2, 4), Span(5, 6)]) == f"a{MASK}e{MASK}gh"
    assert hide_bytes(b"abcdefgh", [Span(5, 6), Span(1, 4), Span(2, 3)], "·") == "a·e·gh".encode()
