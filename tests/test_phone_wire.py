"""The media messages: recorded ones, broken ones, and anything at all."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.phone_wire import (
    MOST_CHARACTERS,
    Broken,
    Ignored,
    KeyHeard,
    MarkReturned,
    MediaFrame,
    MediaStarted,
    MediaStopped,
    read_twilio,
    write_clear,
    write_mark,
    write_media,
)

WIRE = Path(__file__).parent / "wire"
STREAM = "MZ" + "1" * 32
EVENTS = ("connected", "start", "media", "dtmf", "mark", "stop", "clear")
NAMES = (
    "event",
    *EVENTS,
    "payload",
    "chunk",
    "track",
    "digit",
    "name",
    "streamSid",
    "callSid",
    "mediaFormat",
    "encoding",
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(EVENTS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=6)
    ),
    max_leaves=20,
)


def lines(name: str) -> list[str]:
    return (WIRE / name).read_text(encoding="utf-8").splitlines()


def test_a_recorded_stream_is_read_message_by_message() -> None:
    messages = [read_twilio(line) for line in lines("ordinary.jsonl")]
    assert [type(message) for message in messages] == [
        Ignored, MediaStarted, MediaFrame, MediaFrame, KeyHeard, MarkReturned, MediaStopped,
    ]  # fmt: skip
    assert messages[1] == MediaStarted(STREAM, "CA" + "0" * 31 + "1", "AC" + "0" * 32, {"token": "one-time"})
    assert messages[2] == MediaFrame(b"\xff" * 171, 1)
    assert messages[4:6] == [KeyHeard("1"), MarkReturned("1")]


@pytest.mark.parametrize("line", lines("broken.jsonl"))
def test_what_is_no_message_is_broken_and_says_why_without_its_content(line: str) -> None:
    message = read_twilio(line)
    assert isinstance(message, Broken)
    assert message.why
    assert "not base64!" not in message.why


@pytest.mark.parametrize("line", lines("ignored.jsonl"))
def test_messages_that_mean_nothing_to_a_call_are_ignored(line: str) -> None:
    assert isinstance(read_twilio(line), Ignored)


def test_a_message_that_is_too_long_is_not_even_parsed() -> None:
    assert isinstance(read_twilio(" " * MOST_CHARACTERS + '{"event":"stop"}'), Broken)


def test_nesting_without_end_is_broken() -> None:
    assert isinstance(read_twilio('{"event":' * 7000), Broken)
    assert isinstance(read_twilio("[" * 60_000), Broken)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    read_twilio(text)


@given(anything)
def test_no_json_makes_the_reader_raise(value: object) -> None:
    read_twilio(json.dumps(value))


@given(st.sampled_from(EVENTS), anything)
def test_no_content_of_a_known_event_makes_the_reader_raise(event: str, value: object) -> None:
    message = read_twilio(json.dumps({"event": event, event: value}))
    if isinstance(message, MediaFrame):
        assert message.sound


@given(st.binary(min_size=1, max_size=400), st.text(max_size=40))
def test_what_is_written_is_what_twilio_reads(sound: bytes, name: str) -> None:
    media, mark, clear = (
        json.loads(text) for text in (write_media(STREAM, sound), write_mark(STREAM, name), write_clear(STREAM))
    )
    assert media == {"event": "media", "streamSid": STREAM, "media": {"payload": base64.b64encode(sound).decode()}}
    assert mark == {"event": "mark", "streamSid": STREAM, "mark": {"name": name}}
    assert clear == {"event": "clear", "streamSid": STREAM}
