"""What came in over a line and was not taken yet: the trainee's sound and gestures, until the line is gone."""

from __future__ import annotations

import asyncio
from collections import deque

from audio.frame import Frame
from server.handset import Gesture, HandsetLost, HangUp

MOST_WAITING = 500
"""Frames (ten seconds) that may wait to be taken or to be sent; then the oldest goes, or the line counts as dead."""


class Inbox:
    """In order of arrival, bounded. `over` says why the line is gone; None while it stands."""

    def __init__(self) -> None:
        self._waiting: deque[Frame | Gesture] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self.over: str | None = None
        self.left_out = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, what: Frame | Gesture) -> None:
        """Keep what came; nothing comes over a line that is gone."""
        if self.over is not None:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.left_out += 1
        self._waiting.append(what)
        self._wake()

    def close(self, why: str, *, hung_up: bool) -> None:
        """The line is gone: hung up by the trainee, or lost. However many tell so, the first is believed."""
        if self.over is None:
            self.over = why
            if hung_up:
                self._waiting.append(HangUp())
            self._wake()

    async def take(self) -> Frame | Gesture:
        """The next that came. Raises HandsetLost when all is taken and the line gone."""
        while not self._waiting:
            await self._wait(None)
        return self._waiting.popleft()

    async def take_within(self, seconds: float) -> Frame | Gesture | None:
        """The same; None where nothing came in that time. One timer for each frame is all that it costs."""
        if not self._waiting:
            await self._wait(seconds)
        return self._waiting.popleft() if self._waiting else None

    async def _wait(self, seconds: float | None) -> None:
        """Until something came or the time is over. One at a time waits."""
        if self.over is not None:
            raise HandsetLost(self.over)
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, self._wake)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
