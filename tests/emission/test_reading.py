"""Reading an answer, without a connection: however its bytes are cut, it is the same answer, and nothing raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.mockserver.emission.answer import Answer
from hookassay.mockserver.emission.reading import AnswerReader

from .strategies import quick

ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
    b"HTTP/1.1 200 OK\nContent-Length: 5\nX-A: b\n\nhello",
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nX-T: 1\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.0 500 Oops\r\n\r\nuntil the end",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    b"HTTP/1.1 42 Odd\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
    b"<html>",
    b"",
)


def _read(*chunks: bytes, bodiless: bool = False) -> Answer:
    reader = AnswerReader(bodiless)
    for chunk in chunks:
        reader.feed(chunk)
    reader.end()
    assert reader.done
    return reader.answer(0.0)


@pytest.mark.parametrize("data", ANSWERS)
@pytest.mark.parametrize("bodiless", [False, True])
def test_every_cut_gives_the_same_answer(data: bytes, bodiless: bool) -> None:
    """An answer in two packets, cut anywhere, and byte by byte, is the answer in one."""
    whole = _told(_read(data, bodiless=bodiless))
    assert _told(_read(*(data[i : i + 1] for i in range(len(data))), bodiless=bodiless)) == whole
    for cut in range(1, len(data)):
        assert _told(_read(data[:cut], data[cut:], bodiless=bodiless)) == whole


def _told(answer: Answer) -> tuple[object, ...]:
    """What an answer says, but for the words of a failure."""
    return (answer.status, answer.headers, answer.body, answer.failure, answer.overlong, answer.version)


@quick
@given(chunks=st.lists(st.binary(max_size=60), max_size=6), head=st.sampled_from([b"", *ANSWERS]))
def test_no_bytes_raise(chunks: list[bytes], head: bytes) -> None:
    """Whatever bytes come, the answer is a status or a failure, and never a mistake of ours."""
    answer = _read(head, *chunks)
    assert (answer.status is None) <= (answer.failure is not None)
    assert answer.in_words()


@quick
@given(data=st.sampled_from(ANSWERS), position=st.integers(0, 60), byte=st.integers(0, 255))
def test_no_changed_byte_raises(data: bytes, position: int, byte: int) -> None:
    """An answer with one byte changed is an answer or a failure."""
    answer = _read(data[:position] + bytes([byte]) + data[position + 1 :])
    assert (answer.status is None) <= (answer.failure is not None)


def test_nothing_counts_after_the_end() -> None:
    """What happens to a reader that is done changes nothing but that bytes came too much."""
    reader = AnswerReader()
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    first = reader.answer(0.0)
    reader.fail("timeout", "late")
    reader.end(ConnectionResetError())
    reader.feed(b"\r\n")
    assert (reader.answer(0.0), reader.keeps) == (first, True)
    reader.feed(b"x")
    assert (reader.answer(0.0).status, reader.overlong, reader.keeps) == (200, True, False)
