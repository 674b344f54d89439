"""The telephone as a handset: one media socket's sound both ways, and one call's share of it.

The network plays what it is sent in order, at the pace of the world, however early it comes. So the play-out is
known by the clock (`ahead_seconds`), which paces what is sent; what was *heard* is proven by marks alone: a mark
comes back when the sound before it has been played. A mark also comes back when `clear` throws its sound away, so
after a `clear` none that was sent before it counts. Between two marks credit grows with the clock, never past the
next mark.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from audio import tones
from audio.codec import TELEPHONE_RATE, ulaw_decode, ulaw_encode
from audio.concealment import Concealment
from audio.frame import FRAME_SECONDS, SAMPLE_BYTES, Frame
from server.handset import Gesture, HandsetLost, HangUp, Press
from server.inbox import MOST_WAITING, Inbox
from server.phone_wire import KeyHeard, MarkReturned, MediaFrame, write_clear, write_mark, write_media
from server.player import IDLE_LEAD

LEAD = 0.2
"""Seconds of a ring tone or an announcement that are sent ahead, as of a caller's line."""
MARK_EVERY = 5
"""Frames between two marks: a tenth of a second, a syllable or less."""
IDLE_MARK_EVERY = 25
"""And where nothing is said: marks then prove what nobody asks for, and were one message in six."""
LINE_AHEAD = IDLE_LEAD + FRAME_SECONDS / 2
"""Seconds: what is sent further ahead than this is said or rings; a mere background never is."""
STEP_BYTES = round(FRAME_SECONDS * TELEPHONE_RATE)
OLD_CHUNKS = 500
"""A chunk at most so far behind the last one was repeated or overtaken; one further behind counts anew."""
MOST_FILLED = 10
"""Lost frames that sound is made up for, as many as a call's time waits for (`server.steady.SLACK`)."""
RING_SECONDS = 2.0
"""The least that it rings: the trainee must know that a call begins."""


@dataclass(slots=True)
class _Mark:
    """A mark on its way: its name, and how many seconds of sound were sent before it."""

    name: str
    at: float


class Circuit:
    """One media socket. `take` what comes, `send_all` what goes; `ended` tells that the line is gone.

    `clock` is a steady clock in seconds. Everything happens on one event loop.
    """

    rate = TELEPHONE_RATE

    def __init__(self, stream: str, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._inbox = Inbox()
        self._outbox: deque[str] = deque()
        self._to_send = asyncio.Event()
        self._rest = b""
        self._chunk: int | None = None
        self._concealment = Concealment(self.rate)
        self._given = 0.0
        self._played_at = clock()
        self._marks: deque[_Mark] = deque()
        self._marks_sent = 0
        self._unmarked = 0
        self._lively = False
        """Whether something was being said when the last frame was given."""
        self._proven = 0.0
        self._proven_at: float | None = None
        """When the last mark came back; None where playing has not gone on without a gap since."""

    # --- from the network ------------------------------------------------------------------------------------

    def take(self, message: MediaFrame | KeyHeard | MarkReturned) -> None:
        """What came over the socket."""
        match message:
            case MediaFrame():
                self._hear(message)
            case KeyHeard():
                self._inbox.put(Press(message.key))
            case MarkReturned():
                self._prove(message.name)

    @property
    def over(self) -> str | None:
        """Why the line is gone; None while it is up."""
        return self._inbox.over

    @property
    def left_out(self) -> int:
        """Frames of the trainee that nobody took in time."""
        return self._inbox.left_out

    def ended(self, why: str, *, hung_up: bool) -> None:
        """The line is gone: hung up by the trainee, or lost. However many tell so, the first is believed."""
        self._inbox.close(why, hung_up=hung_up)
        self._to_send.set()

    async def receive(self) -> Frame | Gesture:
        """The next 20 ms of the trainee, or what they did. Raises HandsetLost when all is taken and the line gone."""
        return await self._inbox.take()

    async def receive_within(self, seconds: float) -> Frame | Gesture | None:
        """The same; None where nothing comes in that time."""
        return await self._inbox.take_within(seconds)

    def _hear(self, media: MediaFrame) -> None:
        lost = 0
        if media.chunk is not None:
            if self._chunk is not None and 0 <= self._chunk - media.chunk < OLD_CHUNKS:
                return
            lost = max(0, media.chunk - self._chunk - 1) if self._chunk is not None else 0
            self._chunk = media.chunk
        sound = self._rest + media.sound
        whole = len(sound) // STEP_BYTES * STEP_BYTES
        for start in range(0, whole, STEP_BYTES):
            self._came(ulaw_decode(sound[start : start + STEP_BYTES]), lost)
            lost = 0
        self._rest = sound[whole:]

    def _came(self, frame: Frame, lost: int) -> None:
        """Twenty milliseconds of the trainee, and how many the network lost before them."""
        if not lost:
            self._concealment.came(frame)
            self._inbox.put(frame)
            return
        for each in self._concealment.fill(min(lost, MOST_FILLED), frame):
            self._inbox.put(each)

    # --- to the network --------------------------------------------------------------------------------------

    def play(self, frame: Frame) -> None:
        """Play after all that was given before. On a line that is gone it counts as given, and goes nowhere."""
        now = self._clock()
        if now > self._played_at:
            self._proven, self._proven_at = self.proven_seconds, None
        self._played_at = max(self._played_at, now) + frame.seconds
        before, self._lively = self._lively, self._played_at - now > LINE_AHEAD
        if before and not self._lively and self._unmarked and self.over is None:
            self._mark()  # what was said has ended: its own mark shall prove where
        self._given += frame.seconds
        if len(self._outbox) >= MOST_WAITING:
            self.ended("the network takes no more sound", hung_up=False)
        if self.over is not None:
            return
        self._send(write_media(self._stream, ulaw_encode(frame)))
        self._unmarked += 1
        if self._unmarked >= (MARK_EVERY if self._lively else IDLE_MARK_EVERY):
            self._mark()

    def flush(self) -> float:
        """Be silent at once, also where all was sent but not all played; returns the seconds that went unheard."""
        proven = self.proven_seconds
        unheard = self._given - proven
        if unheard > 0:
            self._outbox.clear()
            self._send(write_clear(self._stream))
        self._given = self._proven = proven
        self._proven_at, self._played_at = None, self._clock()
        self._marks.clear()
        self._unmarked = 0
        return unheard

    @property
    def ahead_seconds(self) -> float:
        """How much of what was given is still to be played, by the clock."""
        return max(0.0, self._played_at - self._clock())

    @property
    def proven_seconds(self) -> float:
        """How much of what was given has surely been heard."""
        since = 0.0 if self._proven_at is None else self._clock() - self._proven_at
        next_mark = self._marks[0].at if self._marks else self._given
        by_marks = min(self._proven + since, max(self._proven, next_mark))
        return max(0.0, min(by_marks, self._given - self.ahead_seconds))

    async def heard(self, longest: float = 2.0) -> None:
        """Wait until all is played, as far as can be known, at most `longest` seconds after it should be."""
        if self._unmarked:
            self._mark()
        with contextlib.suppress(TimeoutError, HandsetLost):
            async with asyncio.timeout(self.ahead_seconds + longest):
                while self._marks:
                    await self.receive()

    def handset(self) -> PhoneHandset:
        """A handset for one call on this circuit; it rings at once."""
        return PhoneHandset(self)

    async def send_all(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send what is due, in order, until cancelled."""
        while True:
            while self._outbox:
                await send(self._outbox.popleft())
            self._to_send.clear()
            await self._to_send.wait()

    def _mark(self) -> None:
        self._marks_sent += 1
        self._unmarked = 0
        mark = _Mark(str(self._marks_sent), self._given)
        self._marks.append(mark)
        self._send(write_mark(self._stream, mark.name))

    def _prove(self, name: str) -> None:
        """A mark came back. One that was cleared away, or never sent, proves nothing."""
        if not any(mark.name == name for mark in self._marks):
            return
        while self._marks:
            mark = self._marks.popleft()
            if mark.name == name:
                self._proven = max(self._proven, min(mark.at, self._given - self.ahead_seconds))
                self._proven_at = self._clock()
                return

    def _send(self, text: str) -> None:
        self._outbox.append(text)
        self._to_send.set()


class Carrier(Protocol):
    """What a handset needs of a circuit: the telephone network's, or an exchange's."""

    rate: int

    @property
    def over(self) -> str | None:
        """Why the line is gone; None while it is up."""

    async def receive(self) -> Frame | Gesture: ...
    async def receive_within(self, seconds: float) -> Frame | Gesture | None: ...
    def play(self, frame: Frame) -> None: ...
    def flush(self) -> float: ...
    @property
    def ahead_seconds(self) -> float: ...
    @property
    def proven_seconds(self) -> float: ...


class PhoneHandset:
    """One call on a circuit, which may carry several, one after the other. It rings from the moment it is made.

    Hash ends the call and keeps the line, so that the trainee hears how it went.
    """

    open_speaker = False
    real_time = True
    wrap_up = 0.0

    def __init__(self, circuit: Carrier, name: str = "phone") -> None:
        self.name, self.rate = name, circuit.rate
        self._circuit = circuit
        self._before = 0.0
        self._rung = 0.0
        self._ringing = asyncio.create_task(self._ring())

    async def ring(self) -> float:
        """Ring a little longer, if it has only begun; the line answers by itself. Raises HandsetLost."""
        while self._rung < RING_SECONDS and not self._ringing.done():
            await asyncio.wait({self._ringing}, timeout=FRAME_SECONDS)
        await self._stop_ringing()
        if self._circuit.over is not None:
            raise HandsetLost(self._circuit.over)
        self._circuit.flush()
        self._before = self._circuit.proven_seconds
        return RING_SECONDS

    async def receive(self) -> Frame | Gesture:
        return _meant(await self._circuit.receive())

    async def receive_within(self, seconds: float) -> Frame | Gesture | None:
        """As `server.steady.Timed`."""
        given = await self._circuit.receive_within(seconds)
        return given if given is None else _meant(given)

    def play(self, frame: Frame) -> None:
        self._circuit.play(frame)

    def flush(self) -> float:
        return self._circuit.flush()

    @property
    def played_seconds(self) -> float:
        return max(0.0, self._circuit.proven_seconds - self._before)

    @property
    def ahead_seconds(self) -> float:
        return self._circuit.ahead_seconds

    async def close(self) -> None:
        """The call is over; the line stays."""
        await self._stop_ringing()
        if self._circuit.over is None:
            self._circuit.flush()

    async def _ring(self) -> None:
        """Ring, and let nothing that comes meanwhile wait for the call."""
        bell = tones.ring(sum(tones.RING_CADENCE), self.rate)
        step = SAMPLE_BYTES * round(FRAME_SECONDS * self.rate)
        at = 0
        with contextlib.suppress(HandsetLost):
            while self._circuit.over is None:
                while self._circuit.ahead_seconds < LEAD:
                    self._circuit.play(Frame(bell.samples[at : at + step], self.rate))
                    at = (at + step) % len(bell.samples)
                    self._rung += FRAME_SECONDS
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FRAME_SECONDS):
                        await self._take_while_ringing()

    async def _take_while_ringing(self) -> None:
        while not isinstance(await self._circuit.receive(), HangUp):
            pass
        raise HandsetLost("the trainee hung up while it rang")

    async def _stop_ringing(self) -> None:
        self._ringing.cancel()
        await asyncio.gather(self._ringing, return_exceptions=True)


def _meant(given: Frame | Gesture) -> Frame | Gesture:
    """Hash ends the call."""
    return HangUp() if isinstance(given, Press) and given.key == "#" else given
