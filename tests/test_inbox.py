"""What came in over a line and was not taken yet, and how a call waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from audio.frame import FRAME_SECONDS, Frame, silence
from server.handset import Gesture, HandsetLost, HangUp, Press
from server.inbox import MOST_WAITING, Inbox
from server.measures import Measures
from server.steady import Patient, Steady, Timed

FRAME = silence(FRAME_SECONDS, 8000)


async def test_what_came_is_taken_in_order_and_waited_for() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.take())
    await asyncio.sleep(0)
    inbox.put(Press("1"))
    inbox.put(FRAME)
    assert await waiting == Press("1")
    assert await inbox.take_within(10.0) == FRAME


async def test_nothing_within_the_time_is_none_and_loses_nothing() -> None:
    inbox = Inbox()
    assert await inbox.take_within(0.001) is None
    inbox.put(FRAME)
    assert await inbox.take_within(0.001) == FRAME


async def test_who_gives_up_waiting_takes_nothing_with_him() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.take_within(10.0))
    await asyncio.sleep(0)
    inbox.put(FRAME)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await inbox.take() == FRAME


@pytest.mark.parametrize("take", [Inbox.take, lambda inbox: inbox.take_within(10.0)])
async def test_a_line_that_goes_ends_the_waiting(take: Callable[[Inbox], Awaitable[Frame | Gesture | None]]) -> None:
    inbox = Inbox()
    waiting = asyncio.ensure_future(take(inbox))
    await asyncio.sleep(0)
    inbox.close("cut off", hung_up=True)
    assert await waiting == HangUp()
    with pytest.raises(HandsetLost, match="cut off"):
        await take(inbox)


async def test_the_oldest_goes_when_nobody_takes_anything() -> None:
    inbox = Inbox()
    inbox.put(Press("1"))
    for _ in range(MOST_WAITING):
        inbox.put(FRAME)
    assert (len(inbox), inbox.left_out) == (MOST_WAITING, 1)
    assert await inbox.take() == FRAME


class Line:
    """A source of 20 ms that never come, or come at once."""

    name, rate, real_time = "line", 8000, True

    def __init__(self) -> None:
        self.inbox = Inbox()

    async def receive(self) -> Frame | Gesture:
        return await self.inbox.take()


class TimedLine(Line):
    async def receive_within(self, seconds: float) -> Frame | Gesture | None:
        return await self.inbox.take_within(seconds)


@pytest.mark.parametrize("kind", [Line, TimedLine])
async def test_silence_stands_for_what_does_not_come_and_what_comes_later_is_taken(kind: type[Line]) -> None:
    line, measures = kind(), Measures()
    steady = Steady(line, time.monotonic, measures)
    assert isinstance(line, Timed) is (kind is TimedLine)
    steady.start()
    came: list[Frame | Gesture] = []
    while not came:
        came = await steady.next(0.0)
    assert set(came) == {FRAME}
    assert measures.lost_frames == len(came)
    line.inbox.put(Press("5"))
    while Press("5") not in came:
        came = await steady.next(0.5)
    await steady.close()


async def test_a_patient_wait_keeps_what_comes_too_late() -> None:
    line = Line()
    patient = Patient(line)
    assert await patient.receive_within(0.001) is None
    line.inbox.put(FRAME)
    assert await patient.receive_within(10.0) == FRAME
    assert await patient.receive_within(0.001) is None
    await patient.close()
