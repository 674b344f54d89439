"""One AudioSocket connection's sound, both ways, as a telephone circuit.

An exchange forwards every message at once and keeps nothing: what was written cannot be taken back, and what comes
in a burst is lost or late. So sound waits here, and leaves in frames of 20 ms a frame or two before it is due;
where there is none, silence leaves, for a telephone that is sent nothing hears a dead line. Barge-in is to stop.
The other way nothing comes while the caller is muted: silence stands for it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from uuid import UUID

from audio.codec import Resampler
from audio.frame import FRAME_SECONDS, SAMPLE_BYTES, Frame, silence
from server.audiosocket import KeyHeard, Sound, write_sound
from server.handset import Gesture, Press
from server.inbox import MOST_WAITING, Inbox
from server.phone_handset import PhoneHandset

LEAD = 0.04
"""Seconds sent ahead: 1 to 3 frames keep a telephone fed; from 10 on an exchange that records drops some."""
QUIET_AFTER = 0.15
"""Seconds without sound after which silence stands for it: two and a half of the longest usual packets."""
_EXACT = 1e-6


class ExchangeCircuit:
    """`take` what comes; write each message of `due`, asked every 20 ms; `ended` tells that the line is gone.

    `rate` is 8000 or 16,000 samples a second, `clock` a steady clock in seconds. Everything happens on one loop.
    """

    def __init__(self, call: UUID, rate: int, clock: Callable[[], float]) -> None:
        self.call, self.rate, self._clock = call, rate, clock
        self._inbox = Inbox()
        self._outbox: deque[Frame] = deque()
        self._rest = b""
        self._resampler: tuple[int, Resampler] | None = None
        self._silence = silence(FRAME_SECONDS, rate)
        self._given = 0.0
        self._sent_until = clock()
        self._played_at = clock()
        """When the last that was given and sent is heard; silence of our own does not count."""
        self._came_until = clock()
        self._quiet = False

    # --- from the exchange -----------------------------------------------------------------------------------

    def take(self, message: Sound | KeyHeard) -> None:
        """What came over the socket."""
        if isinstance(message, KeyHeard):
            self._inbox.put(Press(message.key))
            return
        sound = self._rest + self._at_our_rate(message.frame)
        if self._quiet:
            self._quiet = False
            self._fill_in(message.frame.seconds)
        step = len(self._silence.samples)
        whole = len(sound) // step * step
        for start in range(0, whole, step):
            self._inbox.put(Frame(sound[start : start + step], self.rate))
        self._rest = sound[whole:]
        self._came_until += whole // SAMPLE_BYTES / self.rate

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

    async def receive(self) -> Frame | Gesture:
        """The next 20 ms of the trainee, or what they did. Raises HandsetLost when all is taken and the line gone."""
        return await self._inbox.take()

    async def receive_within(self, seconds: float) -> Frame | Gesture | None:
        """The same; None where nothing comes in that time."""
        return await self._inbox.take_within(seconds)

    def _at_our_rate(self, frame: Frame) -> bytes:
        """A telephone may change its rate in mid-call, when it is transferred."""
        if frame.rate == self.rate:
            self._resampler = None
            return frame.samples
        if self._resampler is None or self._resampler[0] != frame.rate:
            self._resampler = frame.rate, Resampler(frame.rate, self.rate)
        return self._resampler[1].feed(frame.samples)

    def _fill_in(self, allowed: float) -> None:
        """Put silence for what did not come, but for the last `allowed` seconds."""
        missing = self._clock() - self._came_until - allowed
        for _ in range(round(missing / FRAME_SECONDS)):
            self._inbox.put(self._silence)
            self._came_until += FRAME_SECONDS

    # --- to the exchange -------------------------------------------------------------------------------------

    def play(self, frame: Frame) -> None:
        """Play 20 ms after all that was given before. On a line that is gone it counts as given, and is not sent."""
        self._given += frame.seconds
        if len(self._outbox) >= MOST_WAITING:
            self.ended("the exchange takes no more sound", hung_up=False)
        if self.over is None:
            self._outbox.append(frame)
        else:
            self._played_at = max(self._played_at, self._clock()) + frame.seconds

    def flush(self) -> float:
        """Be silent at once, but for the frame or two that were sent; the seconds that go unheard."""
        unheard = sum(frame.seconds for frame in self._outbox)
        self._outbox.clear()
        self._given -= unheard
        return unheard

    def due(self) -> list[bytes]:
        """The messages to be written now, each in one piece. What a stalled machine missed is not sent in a burst."""
        now = self._clock()
        if now - self._came_until > QUIET_AFTER:
            self._quiet = True
            self._fill_in(QUIET_AFTER)
        self._sent_until = max(self._sent_until, now)
        messages = []
        while self._sent_until + FRAME_SECONDS <= now + LEAD + FRAME_SECONDS / 2:
            messages.append(write_sound(self._next()))
        return messages

    def _next(self) -> Frame:
        if not self._outbox:
            self._sent_until += FRAME_SECONDS
            return self._silence
        frame = self._outbox.popleft()
        self._sent_until += frame.seconds
        self._played_at = self._sent_until
        return frame

    @property
    def ahead_seconds(self) -> float:
        """How much of what was given is still to be played, by the clock."""
        now = self._clock()
        if self._outbox:
            return max(0.0, self._sent_until - now) + sum(frame.seconds for frame in self._outbox)
        return max(0.0, self._played_at - now)

    @property
    def proven_seconds(self) -> float:
        """How much of what was given has been heard: an exchange plays what it gets at once, so the clock tells."""
        waiting = sum(frame.seconds for frame in self._outbox)
        return max(0.0, self._given - waiting - max(0.0, self._played_at - self._clock()))

    async def heard(self) -> None:
        """Wait until all is played."""
        while self.over is None and (ahead := self.ahead_seconds) > _EXACT:  # noqa: ASYNC110 - time is no event
            await asyncio.sleep(ahead)

    def handset(self) -> PhoneHandset:
        """A handset for one call on this circuit; it rings at once."""
        return PhoneHandset(self, "exchange")
