"""The desk: this machine's microphone and loudspeaker as a handset. One call at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

from filelock import FileLock, Timeout

from audio import tones
from audio.device import DESK_RATE, DeviceError, Loudspeaker, Microphone
from audio.frame import FRAME_SECONDS, Frame, cut
from server.handset import Gesture, HandsetLost
from voice.activity import VoiceActivity

ANSWERS_AFTER = 0.3
"""Seconds of voice that answer the telephone: a greeting, no cough."""
RINGS_FOR = 60.0
"""Seconds after which a call that nobody answers is given up."""
RING_AHEAD = 0.2
GONE_SECONDS = 0.7
"""Of the tone that is left when the caller has hung up."""


class DeskBusy(Exception):  # noqa: N818 - a state of the desk, not a mistake
    """Another call uses this desk's microphone; the message says so."""


class DeskHandset:
    """Open it with `open_desk`. What the trainee does beside speaking comes in by `do` and `answer`."""

    name = "desk"
    rate = DESK_RATE
    real_time = True
    wrap_up = 0.0

    def __init__(self, microphone: Microphone, loudspeaker: Loudspeaker, *, open_speaker: bool) -> None:
        self.open_speaker = open_speaker
        self._microphone, self._loudspeaker = microphone, loudspeaker
        self._gestures: deque[Gesture] = deque()
        self._answered = asyncio.Event()
        self._written = 0.0
        self._before = 0.0
        self._lost = False

    def answer(self) -> None:
        """Take up the telephone."""
        self._answered.set()

    def do(self, gesture: Gesture) -> None:
        """The trainee pressed a key, hung up, or the like."""
        self._gestures.append(gesture)

    async def ring(self) -> float:
        """Ring through the loudspeaker until `answer` or a voice. Raises HandsetLost after a minute."""
        activity = VoiceActivity(self.rate)
        rung = voiced = 0.0
        bell = cut(tones.ring(RINGS_FOR, self.rate))
        while not self._answered.is_set() and voiced < ANSWERS_AFTER:
            frame = await self._read()
            rung += FRAME_SECONDS
            voiced = voiced + FRAME_SECONDS if activity.feed(frame.samples) else 0.0
            if rung >= RINGS_FOR:
                raise HandsetLost(f"nobody answered within {RINGS_FOR:.0f} seconds")
            while self._loudspeaker.queued_seconds < RING_AHEAD and (sound := next(bell, None)):
                self._write(sound)
        self._written -= self._loudspeaker.flush()
        self._before = self._written
        return round(rung, 2)

    async def receive(self) -> Frame | Gesture:
        if self._gestures:
            return self._gestures.popleft()
        return await self._read()

    def play(self, frame: Frame) -> None:
        """Raises HandsetLost when the loudspeaker is gone."""
        self._write(frame)

    def flush(self) -> float:
        dropped = self._loudspeaker.flush()
        self._written -= dropped
        return dropped

    @property
    def played_seconds(self) -> float:
        return max(0.0, self._loudspeaker.played_seconds - self._before)

    @property
    def ahead_seconds(self) -> float:
        return max(0.0, self._written - self._before - self.played_seconds)

    async def close(self) -> None:
        """Let the tone of a dead line sound, as a telephone does, and release the devices."""
        if not self._lost:
            with contextlib.suppress(DeviceError):
                self._loudspeaker.flush()
                self._loudspeaker.write(tones.disconnected(GONE_SECONDS, self.rate))
                await asyncio.sleep(GONE_SECONDS)
        await self._microphone.close()
        await self._loudspeaker.close()

    async def _read(self) -> Frame:
        try:
            return await self._microphone.read()
        except DeviceError as error:
            self._lost = True
            raise HandsetLost(str(error)) from error

    def _write(self, frame: Frame) -> None:
        try:
            self._loudspeaker.write(frame)
        except DeviceError as error:
            self._lost = True
            raise HandsetLost(str(error)) from error
        self._written += frame.seconds


@contextlib.asynccontextmanager
async def open_desk(
    home: Path,
    *,
    microphone: str | int | None = None,
    loudspeaker: str | int | None = None,
    open_speaker: bool = False,
) -> AsyncIterator[DeskHandset]:
    """The desk's handset, its devices open: by number or part of a name, or the system's own.

    Raises DeviceError, saying what else can be done, or DeskBusy while another call has the microphone.
    """
    await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
    lock = FileLock(home / "microphone.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise DeskBusy(
            f"another call is using this desk's microphone ({lock.lock_file} is locked): end that call first"
        ) from None
    try:
        handset = await _open(microphone, loudspeaker, open_speaker=open_speaker)
        try:
            yield handset
        finally:
            await handset.close()
    finally:
        lock.release()


async def _open(microphone: str | int | None, loudspeaker: str | int | None, *, open_speaker: bool) -> DeskHandset:
    try:
        ear = await Microphone.open(microphone)
    except DeviceError as error:
        raise DeviceError(f"{error}\nWithout a microphone, watch a call instead: rightcall demo") from error
    try:
        return DeskHandset(ear, await Loudspeaker.open(loudspeaker), open_speaker=open_speaker)
    except BaseException:
        await ear.close()
        raise
