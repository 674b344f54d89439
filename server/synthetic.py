"""A handset with a trainee at the other end who follows a rehearsal: the demonstration, the benchmarks, the tests.

The trainee hears nothing but the caller's sound and says nothing but sound; keys, typing and hanging up are
gestures, as on every handset. In real time it is paced by the clock, otherwise it is as fast as the conductor.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from audio.codec import TELEPHONE_RATE, resample, ulaw_decode, ulaw_encode
from audio.frame import FRAME_SECONDS, Frame, cut, silence
from audio.pcm import level
from scripts.rehearsal import TrainedTurn
from server.handset import Gesture, HangUp, Hold, Press, Type
from voice.activity import VoiceActivity

QUIET_SECONDS = 0.6
"""Silence after the caller's words that tells a polite trainee that it is their turn."""
NO_ANSWER = 2.5
"""Seconds after which a trainee who gets no answer goes on."""
LONGEST_WAIT = 25.0
"""Seconds after which even a caller who talks without end is talked to."""
KEY_GAP = 0.3
LOUD = -24.0
"""dBFS that count as a voice for a trainee who goes by loudness: above every background."""

Judge = Callable[[Frame], bool]
"""Whether 20 ms of the caller's sound hold a voice."""


def by_ear(rate: int) -> Judge:
    """As a person tells a voice from a siren; costs about 0.04 of a core."""
    activity = VoiceActivity(rate)
    return lambda frame: activity.feed(frame.samples)


def by_loudness(frame: Frame) -> bool:
    """By loudness alone: costs nothing, for many trainees at once."""
    return level(frame) > LOUD


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """One turn of a rehearsal: what is done, what is said, and what is typed with the cast's details in it."""

    turn: TrainedTurn
    sound: Frame | None = None
    value: str = ""


@dataclass(slots=True)
class CallerHeard:
    """What the trainee makes of the caller's sound: whether he speaks, and since when he does or does not."""

    judge: Judge
    speaking: bool = False
    quiet_for: float = 0.0
    """Seconds since his last word; since the beginning, before his first."""
    spoke_since_turn: bool = False
    speaking_for: float = 0.0
    """Seconds since his first word after the trainee's last turn."""

    def take(self, frame: Frame) -> None:
        """Twenty milliseconds of the caller."""
        self.speaking = self.judge(frame)
        self.quiet_for = 0.0 if self.speaking else self.quiet_for + FRAME_SECONDS
        self.spoke_since_turn |= self.speaking
        if self.spoke_since_turn:
            self.speaking_for += FRAME_SECONDS

    def turn_taken(self) -> None:
        """The trainee has just said or done something: what comes now is the answer."""
        self.spoke_since_turn, self.speaking_for, self.quiet_for = False, 0.0, 0.0

    @property
    def finished(self) -> bool:
        """Whether it is the trainee's turn."""
        enough = QUIET_SECONDS if self.spoke_since_turn else NO_ANSWER
        return self.quiet_for >= enough


Act = Frame | Gesture | None
"""What a trainee does in one step: 20 ms of voice, a gesture (which takes no time), or nothing."""


def perform(turns: Sequence[PreparedTurn], caller: CallerHeard) -> Iterator[Act]:
    """The trainee's acts, one for each asking; ends by hanging up."""
    for prepared in turns:
        turn = prepared.turn
        yield from _until(partial(_may_begin, turn, caller))
        yield from _pause(turn.wait)
        if turn.wait:
            yield from _until(lambda: not caller.speaking)
        if prepared.sound is not None:
            yield from cut(prepared.sound)
        yield from _gestures(prepared)
        caller.turn_taken()
    yield from _until(lambda: caller.finished)
    yield HangUp()


def _may_begin(turn: TrainedTurn, caller: CallerHeard) -> bool:
    if turn.over is not None and caller.spoke_since_turn:
        return caller.speaking_for >= turn.over
    return caller.finished


def _until(holds: Callable[[], bool]) -> Iterator[None]:
    for _ in range(round(LONGEST_WAIT / FRAME_SECONDS)):
        if holds():
            return
        yield None


def _pause(seconds: float) -> Iterator[None]:
    for _ in range(round(seconds / FRAME_SECONDS)):
        yield None


def _gestures(prepared: PreparedTurn) -> Iterator[Act]:
    turn = prepared.turn
    for key in turn.key:
        yield Press(key)
        yield from _pause(KEY_GAP)
    if turn.field:
        yield Type(turn.field, prepared.value)
    if turn.hold is not None:
        yield Hold(turn.hold)
    if turn.hang_up:
        yield HangUp()


@dataclass
class SyntheticHandset:
    """The trainee's end of one call.

    `phone` puts both ways through an 8 kHz mu-law line. `listen` is given every 20 ms of the trainee and of the
    caller as they are heard, for a loudspeaker.
    """

    turns: Sequence[PreparedTurn]
    rang_for: float = 3.0
    phone: bool = False
    real_time: bool = True
    wrap_up: float = 0.0
    listen: Callable[[Frame, Frame], None] | None = None
    judge: Judge | None = None
    """How the trainee hears the caller; `by_ear` if None."""
    name: str = "demo"
    open_speaker: bool = False
    _queue: deque[Frame] = field(default_factory=deque)
    _frames: int = 0
    _played: int = 0
    _began: float = 0.0

    def __post_init__(self) -> None:
        self.rate = TELEPHONE_RATE if self.phone else 16_000
        self._caller = CallerHeard(self.judge or by_ear(self.rate))
        self._acts = perform([self._on_line(turn) for turn in self.turns], self._caller)

    async def ring(self) -> float:
        if self.real_time:
            await asyncio.sleep(self.rang_for)
        self._began = time.monotonic()
        return self.rang_for

    async def receive(self) -> Frame | Gesture:
        act = next(self._acts, None)
        if act is not None and not isinstance(act, Frame):
            return act
        if self.real_time:
            due = self._began + (self._frames + 1) * FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        else:
            await asyncio.sleep(0)
        self._frames += 1
        said = act or silence(FRAME_SECONDS, self.rate)
        heard = self._hear()
        if self.listen:
            self.listen(said, heard)
        return said

    def play(self, frame: Frame) -> None:
        self._queue.append(ulaw_decode(ulaw_encode(frame), self.rate) if self.phone else frame)

    def flush(self) -> float:
        seconds = len(self._queue) * FRAME_SECONDS
        self._queue.clear()
        return seconds

    @property
    def played_seconds(self) -> float:
        return self._played * FRAME_SECONDS

    @property
    def ahead_seconds(self) -> float:
        return len(self._queue) * FRAME_SECONDS

    async def close(self) -> None:
        self._queue.clear()

    def _hear(self) -> Frame:
        heard = silence(FRAME_SECONDS, self.rate)
        if self._queue:
            heard = self._queue.popleft()
            self._played += 1
        self._caller.take(heard)
        return heard

    def _on_line(self, turn: PreparedTurn) -> PreparedTurn:
        """The turn's sound as this line carries it."""
        if turn.sound is None:
            return turn
        sound = resample(turn.sound, self.rate)
        if self.phone:
            sound = ulaw_decode(ulaw_encode(sound), self.rate)
        return PreparedTurn(turn.turn, sound, turn.value)
