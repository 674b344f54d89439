from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.frame import Frame, silence
from server.browser_handset import GESTURES_AT_ONCE, MOST_UNSENT, MOST_WAITING, BrowserHandset, Outgoing
from server.browser_wire import FRAME_BYTES, Answer, Played, read
from server.handset import Choose, HandsetLost, HangUp, Hold, Press, Type

FRAME = silence(0.02, 16_000)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def handset(*, answered: bool = True) -> tuple[BrowserHandset, Clock]:
    clock = Clock()
    made = BrowserHandset(clock)
    if answered:
        made.tell(Answer(type="answer"))
    return made, clock


def sent(outgoing: Outgoing) -> list[bytes | dict[str, object]]:
    """What has gone to the page: sound as bytes, messages as they are."""
    found: list[bytes | dict[str, object]] = []
    while not outgoing.empty():
        message = outgoing.get_nowait()
        assert message is not None
        found.append(message if isinstance(message, bytes) else json.loads(message))
    return found


def played(handset: BrowserHandset, epoch: int, seconds: float) -> None:
    handset.tell(Played(type="played", epoch=epoch, samples=round(seconds * 16_000)))


def test_only_what_the_page_proves_counts_as_heard() -> None:
    made, clock = handset()
    outgoing = made.attach()
    for _ in range(10):
        made.play(FRAME)
    assert [message for message in sent(outgoing) if isinstance(message, bytes)] == [FRAME.samples] * 10
    assert made.played_seconds == 0.0
    clock.now += 0.1
    assert made.ahead_seconds == pytest.approx(0.1), "by the clock some of it has sounded"
    assert made.played_seconds == 0.0, "but nothing has proved it"
    played(made, 1, 0.1)
    assert made.played_seconds == pytest.approx(0.1)
    played(made, 1, 999.0)
    assert made.played_seconds == pytest.approx(0.2), "nobody hears more than was sent"
    played(made, 1, 0.05)
    assert made.played_seconds == pytest.approx(0.2), "what was heard stays heard"


def test_sound_that_is_held_up_on_its_way_counts_as_still_to_come() -> None:
    made, clock = handset()
    made.attach()
    for _ in range(50):
        made.play(FRAME)
    clock.now += 5.0
    assert made.ahead_seconds == pytest.approx(0.8), "1 s unproven, of which proofs may lag 0.2 s"


def test_a_flush_drops_what_was_not_proven_and_late_proofs_of_it_count_for_nothing() -> None:
    made, _clock = handset()
    outgoing = made.attach()
    for _ in range(10):
        made.play(FRAME)
    played(made, 1, 0.1)
    sent(outgoing)
    assert made.flush() == pytest.approx(0.1)
    assert sent(outgoing) == [{"type": "flush", "epoch": 2}]
    assert made.ahead_seconds == 0.0
    played(made, 1, 0.2)
    assert made.played_seconds == pytest.approx(0.1)
    made.play(FRAME)
    played(made, 2, 0.02)
    assert made.played_seconds == pytest.approx(0.12)


def test_a_page_that_comes_back_is_sent_again_what_nobody_has_heard() -> None:
    made, clock = handset()
    first = made.attach()
    for _ in range(5):
        made.play(FRAME)
    played(made, 1, 0.05)  # two frames and a half
    made.detach(first)
    clock.now += 3.0
    made.play(FRAME)
    assert made.ahead_seconds == pytest.approx(0.12 - 0.05), "nothing sounds while there is no page"
    second = made.attach()
    again = sent(second)
    assert again[0] == {"type": "flush", "epoch": 2}
    assert again[1:] == [FRAME.samples] * 4, "frames three to six"
    played(made, 2, 0.08)
    assert made.played_seconds == pytest.approx(0.12)


def test_a_second_page_of_the_same_tab_takes_the_call_from_the_first() -> None:
    made, _clock = handset()
    first = made.attach()
    second = made.attach()
    assert first.get_nowait() is not None  # the flush
    assert first.get_nowait() is None, "it is told to close"
    made.detach(first)
    made.tell_page({"type": "over"})
    assert sent(second)[-1] == {"type": "over"}


async def test_gestures_and_sound_come_in_the_order_they_were_done() -> None:
    made, _clock = handset()
    voice = bytes(FRAME_BYTES)
    for message in (
        '{"type": "key", "key": "5"}',
        '{"type": "hold", "on": true}',
        '{"type": "form", "field": "location", "value": "12 Mill Lane 🚓 \\u202e", "n": 7}',
        '{"type": "decide", "decision": "refer", "agency": "council"}',
        '{"type": "hang_up"}',
    ):
        made.sound(voice)
        made.tell(read(message))
    got = [await made.receive() for _ in range(10)]
    assert got[1::2] == [
        Press("5"),
        Hold(True),
        Type("location", "12 Mill Lane 🚓 \u202e"),
        Choose("refer", None, "council"),
        HangUp(),
    ]
    assert got[::2] == [Frame(voice, 16_000)] * 5
    assert list(made.changes) == [7]


@pytest.mark.parametrize("data", [b"", b"\0" * 639, b"\0" * 641, b"\xff" * 60_000])
def test_rubbish_for_sound_is_passed_over(data: bytes) -> None:
    made, _clock = handset()
    made.sound(data)
    assert made.strange == 1


@given(st.text() | st.from_regex(r'\{"type": ?"(key|form|decide|played|hold|answer)".*\}'))
def test_rubbish_for_messages_is_passed_over(text: str) -> None:
    made, _clock = handset()
    made.tell(read(text))
    assert made.played_seconds == 0.0


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "form", "field": "location", "value": "' + "x" * 8001 + '", "n": 1}',
        '{"type": "form", "field": "../x", "value": "", "n": 1}',
        '{"type": "form", "field": "location", "value": "\\ud800", "n": 1}',
        '{"type": "key", "key": "55"}',
        '{"type": "decide", "decision": "shoot"}',
        '{"type": "played", "epoch": 1, "samples": -1}',
        '{"type": "answer", "more": 1}',
        "[]", "null", "", "{" * 5000,
    ],
)  # fmt: skip
def test_messages_that_are_too_big_or_make_no_sense_are_none(text: str) -> None:
    assert read(text) is None


def test_a_page_that_floods_the_call_loses_what_is_too_much() -> None:
    made, _clock = handset()
    for _ in range(10 * MOST_WAITING):
        made.sound(bytes(FRAME_BYTES))
    assert made._incoming.qsize() == MOST_WAITING


def test_a_flood_of_gestures_is_cut_and_a_person_is_not() -> None:
    made, clock = handset()
    press = read('{"type": "key", "key": "1"}')
    for _ in range(1000):
        made.tell(press)
    assert made._incoming.qsize() == GESTURES_AT_ONCE
    for _ in range(50):
        clock.now += 0.1
        made.tell(press)
    assert made._incoming.qsize() == GESTURES_AT_ONCE + 50


def test_a_page_that_does_not_read_is_given_up_and_the_call_waits() -> None:
    made, _clock = handset()
    made.attach()
    for _ in range(MOST_UNSENT + 10):
        made.play(FRAME)
    assert not made.attached


def test_nothing_is_heard_before_the_answer() -> None:
    made, _clock = handset(answered=False)
    made.sound(bytes(FRAME_BYTES))
    assert made._incoming.empty()


async def test_ringing_ends_with_the_answer_and_tells_how_long_it_rang() -> None:
    made, clock = handset(answered=False)
    outgoing = made.attach()
    ringing = asyncio.create_task(made.ring())
    await asyncio.sleep(0)
    assert sent(outgoing)[-1] == {"type": "ringing"}, "not before the caller is ready to speak"
    clock.now += 4.2
    made.tell(read('{"type": "answer"}'))
    assert await ringing == pytest.approx(4.2)


async def test_a_call_that_nobody_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.browser_handset.RINGS_FOR", 0.01)
    made, _clock = handset(answered=False)
    with pytest.raises(HandsetLost, match="nobody answered"):
        await made.ring()
