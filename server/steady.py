"""A handset's sound held to the world's clock: silence for what does not come, nothing of what comes too late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from audio.frame import FRAME_SECONDS, Frame, silence
from server.handset import Gesture, HandsetLost
from server.measures import Measures

SLACK = 0.2
"""Seconds that a real-time handset's sound may be early or late before frames are dropped or filled in."""
LOST_AFTER = 10.0
"""Seconds without any sound after which the handset counts as lost: a network may be away that long and return."""


class Source(Protocol):
    """What is needed of a handset here."""

    name: str
    rate: int
    real_time: bool

    async def receive(self) -> Frame | Gesture: ...


@runtime_checkable
class Timed(Protocol):
    """A source that can itself wait for so long and no longer, and loses nothing by it."""

    async def receive_within(self, seconds: float) -> Frame | Gesture | None:
        """The next that came; None where nothing came in that time."""


class Patient:
    """The same for any source, at the price of a task for each frame."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._receiving: asyncio.Task[Frame | Gesture] | None = None

    async def receive_within(self, seconds: float) -> Frame | Gesture | None:
        # Kept when it takes too long: a task that is cancelled might lose what it had just received.
        self._receiving = self._receiving or asyncio.create_task(self._source.receive())
        await asyncio.wait({self._receiving}, timeout=seconds)
        if not self._receiving.done():
            return None
        receiving, self._receiving = self._receiving, None
        return receiving.result()

    async def close(self) -> None:
        """Receive no more."""
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)


class Steady:
    """One call's sound as it comes in. A handset that is faster than the world is taken as it is."""

    def __init__(self, source: Source, clock: Callable[[], float], measures: Measures) -> None:
        self._source, self._clock, self._measures = source, clock, measures
        self._patient = Patient(source)
        self._timed: Timed = source if isinstance(source, Timed) else self._patient
        self._answered_at = 0.0
        self._silent_for = 0.0

    def start(self) -> None:
        """The call was answered: its time begins."""
        self._answered_at = self._clock()

    def behind(self, now: float) -> float:
        """How far a call that is `now` seconds old lags behind the world."""
        return max(0.0, self._wall - now) if self._source.real_time else 0.0

    async def next(self, now: float) -> list[Frame | Gesture]:
        """What has come, or the silence that stands for it; nothing yet is an empty list. Raises HandsetLost."""
        if not self._source.real_time:
            return [await self._source.receive()]
        came = await self._timed.receive_within(max(FRAME_SECONDS, SLACK + now - self._wall))
        if came is None:
            return self._fill_in(now)
        self._silent_for = 0.0
        if isinstance(came, Frame) and now > self._wall + SLACK:
            self._measures.dropped_frames += 1
            return []
        return [came]

    async def gesture(self, seconds: float) -> Gesture | None:
        """What the trainee does next within so many seconds; sound is passed over. Raises HandsetLost."""
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0:
            came = await self._timed.receive_within(left)
            if not isinstance(came, Frame):
                return came
        return None

    async def close(self) -> None:
        """Receive no more."""
        await self._patient.close()

    @property
    def _wall(self) -> float:
        """Seconds since the answer by the world's clock."""
        return self._clock() - self._answered_at

    def _fill_in(self, now: float) -> list[Frame | Gesture]:
        missing = max(0, round((self._wall - now - SLACK) / FRAME_SECONDS))
        self._silent_for += missing * FRAME_SECONDS
        self._measures.lost_frames += missing
        if self._silent_for >= LOST_AFTER:
            raise HandsetLost(f"no sound has come from the {self._source.name} for {LOST_AFTER:.0f} seconds")
        return [silence(FRAME_SECONDS, self._source.rate)] * missing
