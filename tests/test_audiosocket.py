"""AudioSocket's messages: whatever comes, in whatever pieces, is read or named, and never raises or piles up."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.frame import Frame
from server.audiosocket import (
    GOODBYE,
    Broken,
    Closed,
    Identified,
    Ignored,
    KeyHeard,
    Message,
    Reader,
    Sound,
    read_message,
    write_identity,
    write_key,
    write_sound,
)

CALL = UUID("00000000-0000-4000-8000-000000246810")
MOST_HELD = 3 + 65_535
KEYS = st.sampled_from("0123456789*#")
SOUNDS = st.builds(
    lambda count, rate: Frame(bytes(2 * count), rate), st.integers(1, 1000), st.sampled_from([8000, 16_000])
)
MESSAGES = st.one_of(SOUNDS.map(Sound), KEYS.map(KeyHeard), st.uuids().map(Identified), st.just(Closed()))


def written(message: Message) -> bytes:
    match message:
        case Sound():
            return write_sound(message.frame)
        case KeyHeard():
            return write_key(message.key)
        case Identified():
            return write_identity(message.call)
        case _:
            return GOODBYE


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


@given(st.lists(MESSAGES, max_size=8), st.lists(st.integers(0, 20_000), max_size=12))
def test_messages_are_the_same_however_they_are_split_and_joined(messages: list[Message], cuts: list[int]) -> None:
    reader = Reader()
    data = b"".join(map(written, messages))
    assert [message for piece in pieces(data, cuts) for message in reader.feed(piece)] == messages
    assert reader.held == 0


@given(st.lists(st.binary(max_size=5000), max_size=20))
def test_no_bytes_make_the_reader_raise_or_grow(parts: list[bytes]) -> None:
    reader = Reader()
    for part in parts:
        for message in reader.feed(part):
            assert isinstance(message, Sound | KeyHeard | Identified | Closed | Ignored | Broken)
        assert reader.held <= MOST_HELD


@given(st.integers(0, 255), st.binary(max_size=2000))
def test_a_message_of_any_kind_and_length_is_read_or_named(kind: int, content: bytes) -> None:
    message = read_message(kind, content)
    if isinstance(message, Sound):
        assert message.frame.samples == content
        assert message.frame.rate in (8000, 16_000)


def test_a_lying_length_waits_for_no_more_than_one_message() -> None:
    reader = Reader()
    assert reader.feed(b"\x10\xff\xff" + bytes(60_000)) == []
    assert [type(message) for message in reader.feed(bytes(60_000))] == [Broken] + [Closed] * ((60_000 - 5535) // 3)
    assert reader.held < 3


@pytest.mark.parametrize(
    ("kind", "content", "kept"),
    [
        (0x10, bytes(320), Sound(Frame(bytes(320), 8000))),
        (0x12, bytes(640), Sound(Frame(bytes(640), 16_000))),
        (0x10, bytes(276), Sound(Frame(bytes(276), 8000))),
        (0x03, b"#", KeyHeard("#")),
        (0x00, b"", Closed()),
        (0xFF, b"\x01", Closed()),
        (0x42, b"what", Ignored(0x42)),
    ],
)
def test_each_kind_is_what_an_exchange_means_by_it(kind: int, content: bytes, kept: Message) -> None:
    assert read_message(kind, content) == kept


@pytest.mark.parametrize(
    ("kind", "content"),
    [(0x01, bytes(15)), (0x03, b""), (0x03, b"12"), (0x03, b"A"), (0x10, b""), (0x12, bytes(321))],
)
def test_content_that_its_kind_cannot_have_is_broken(kind: int, content: bytes) -> None:
    assert isinstance(read_message(kind, content), Broken)


def test_what_is_written_is_what_an_exchange_was_seen_to_send() -> None:
    assert write_identity(CALL) == bytes.fromhex("010010" + CALL.hex)
    assert write_sound(Frame(b"\x01\x00" * 160, 8000)) == b"\x10\x01\x40" + b"\x01\x00" * 160
    assert write_sound(Frame(bytes(640), 16_000))[:3] == b"\x12\x02\x80"
    assert write_key("5") == b"\x03\x00\x01\x35"
    assert GOODBYE == b"\0\0\0"
