"""A finished sound through the loudspeaker, to its end."""

from __future__ import annotations

import asyncio

from audio.codec import resample
from audio.device import DESK_RATE, Loudspeaker
from audio.frame import Frame, cut

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
