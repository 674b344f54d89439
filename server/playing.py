"""A finished sound through the loudspeaker, to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

from audio.codec import Resampler, resample
from audio.device import DESK_RATE, DeviceError, Loudspeaker
from audio.frame import Frame, cut
from audio.scene import mix

AHEAD = 0.5
"""Seconds kept ready in the loudspeaker: enough to never stutter, little to drop on Ctrl-C."""

DEVICE_HOLDS = 0.2
"""Seconds of sound that a device still plays when our queue is empty."""


async def play_frame(frame: Frame, device: str | int | None = None) -> None:
    """Play and return when it has been heard. Raises DeviceError where there is no loudspeaker."""
    loudspeaker = await Loudspeaker.open(device)
    try:
        for part in cut(resample(frame, DESK_RATE), 0.1):
            await asyncio.sleep(max(0.0, loudspeaker.queued_seconds - AHEAD))
            loudspeaker.write(part)
        await asyncio.sleep(loudspeaker.queued_seconds + DEVICE_HOLDS)
    finally:
        await loudspeaker.close()


class Audience:
    """A loudspeaker that listens in on a call: both sides mixed, as they are heard. `async with` opens it.

    Where there is no loudspeaker, or it goes away, the call goes on unheard and `told` hears why.
    """

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._loudspeaker: Loudspeaker | None = None
        self._resampler: Resampler | None = None

    async def __aenter__(self) -> Self:
        try:
            self._loudspeaker = await Loudspeaker.open()
        except DeviceError as error:
            self._told(f"you cannot hear the call: {error}")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._loudspeaker:
            await self._loudspeaker.close()

    def listen(self, trainee: Frame, caller: Frame) -> None:
        """Play 20 ms of both sides."""
        if self._loudspeaker is None:
            return
        if self._resampler is None:
            self._resampler = Resampler(trainee.rate, DESK_RATE)
        both = mix(trainee, caller)
        try:
            self._loudspeaker.write(Frame(self._resampler.feed(both.samples), DESK_RATE))
        except DeviceError as error:
            self._told(f"you cannot hear the rest of the call: {error}")
            self._loudspeaker = None
