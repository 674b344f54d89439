"""Who is at the telephone of `rightcall line`: they hear 20 ms, and speak 20 ms or do something.

The synthetic ones follow a rehearsal as in the demonstration. They wait while it rings, react to the caller's
silence, and hang up when the line goes dead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from audio.codec import TELEPHONE_RATE, Resampler, resample, ulaw_decode, ulaw_encode
from audio.frame import FRAME_SECONDS, SAMPLE_BYTES, Frame, silence
from audio.pcm import floats, level
from server.handset import Gesture, HangUp, Press
from server.synthetic import LOUD, CallerHeard, Judge, PreparedTurn, perform

if TYPE_CHECKING:
    from audio.device import Loudspeaker, Microphone

TONE_HERTZ = (340.0, 510.0)
"""Where all of a ring's (400 and 450 Hz) and of a dead line's tone (400 Hz) is, and of a voice only a part."""
TONE_SHARE = 0.9
FAINT = -60.0
"""dBFS below which nothing is told apart."""
DEAD_SECONDS = 0.5
"""Of a tone without a pause: longer than any burst of a ring."""
RING_OVER = 2.6
"""Seconds without a tone after which it does not ring any more: longer than a ring's pause."""


def is_tone(frame: Frame) -> bool:
    """Whether 20 ms hold nothing but the tones of a telephone network."""
    import numpy as np

    if level(frame) < FAINT:
        return False
    power = np.abs(np.fft.rfft(floats(frame))) ** 2
    hertz = np.fft.rfftfreq(frame.count, 1 / frame.rate)
    inside = (hertz >= TONE_HERTZ[0]) & (hertz <= TONE_HERTZ[1])
    return bool(power[inside].sum() > TONE_SHARE * power.sum())


def by_loudness_alone(frame: Frame) -> bool:
    """A voice by its loudness, tones apart: costs next to nothing."""
    return level(frame) > LOUD and not is_tone(frame)


class Person(Protocol):
    """Somebody with a telephone at their ear."""

    def step(self, heard: Frame) -> tuple[Frame | None, list[Gesture]]:
        """They heard 20 ms; what they say (None: nothing) and do meanwhile."""


@dataclass
class Trainee:
    """A synthetic trainee on a line of so many samples a second."""

    turns: Sequence[PreparedTurn]
    judge: Judge = by_loudness_alone
    rate: int = TELEPHONE_RATE
    warned: bool = False
    """Whether the call has a content note, which is told before it rings: then 1 takes it."""
    _answered: bool = False
    _tone: float = 0.0
    """Seconds that a tone has sounded without a pause."""
    _since_tone: float | None = None

    def __post_init__(self) -> None:
        self._caller = CallerHeard(self._voiced)
        self._acts = perform([on_line(turn, self.rate) for turn in self.turns], self._caller)

    def step(self, heard: Frame) -> tuple[Frame | None, list[Gesture]]:
        self._listen(heard)
        if not self._answered:
            return None, self._take_call(heard)
        if self._tone >= DEAD_SECONDS:
            return None, [HangUp()]
        self._caller.take(heard)
        done: list[Gesture] = []
        for act in self._acts:
            if act is None or isinstance(act, Frame):
                return act, done
            done.append(act)
        return None, done

    def _take_call(self, heard: Frame) -> list[Gesture]:
        """Press the key that takes the call as soon as the note is being told."""
        if not self.warned or not self._voiced(heard):
            return []
        self.warned = False
        return [Press("1")]

    def _listen(self, heard: Frame) -> None:
        if is_tone(heard):
            self._tone += FRAME_SECONDS
            self._since_tone = 0.0
            return
        self._tone = 0.0
        if self._since_tone is not None and not self._answered:
            self._since_tone += FRAME_SECONDS
            self._answered = self._since_tone > RING_OVER or self._voiced(heard)

    def _voiced(self, frame: Frame) -> bool:
        return self.judge(frame) and not is_tone(frame)


def on_line(turn: PreparedTurn, rate: int) -> PreparedTurn:
    """The turn's sound as a line of that rate carries it."""
    if turn.sound is None:
        return turn
    sound = resample(turn.sound, rate)
    if rate == TELEPHONE_RATE:
        sound = ulaw_decode(ulaw_encode(sound))
    return PreparedTurn(turn.turn, sound, turn.value)


@dataclass
class Yourself:
    """You, with this machine's microphone and loudspeaker. `press` for each key; `listen` until the call is over."""

    microphone: Microphone
    loudspeaker: Loudspeaker
    rate: int = TELEPHONE_RATE
    _said: deque[bytes] = field(default_factory=lambda: deque(maxlen=25))
    _gestures: deque[Gesture] = field(default_factory=deque)
    _rest: bytes = b""

    def __post_init__(self) -> None:
        from audio.device import DESK_RATE

        self._in, self._out = Resampler(DESK_RATE, self.rate), Resampler(self.rate, DESK_RATE)
        self._desk_rate = DESK_RATE

    def press(self, key: str) -> None:
        """A key of the keyboard: the keypad's, or h to hang up."""
        if key in "0123456789*#":
            self._gestures.append(Press(key))
        elif key in "hq":
            self._gestures.append(HangUp())

    async def listen(self) -> None:
        """Take in what the microphone hears, until cancelled. Raises DeviceError."""
        step = SAMPLE_BYTES * round(FRAME_SECONDS * self.rate)
        while True:
            frame = await self.microphone.read()
            sound = self._rest + self._in.feed(frame.samples)
            whole = len(sound) // step * step
            self._said.extend(sound[start : start + step] for start in range(0, whole, step))
            self._rest = sound[whole:]
            await asyncio.sleep(0)

    def step(self, heard: Frame) -> tuple[Frame | None, list[Gesture]]:
        self.loudspeaker.write(Frame(self._out.feed(heard.samples), self._desk_rate))
        done = list(self._gestures)
        self._gestures.clear()
        return (Frame(self._said.popleft(), self.rate) if self._said else None), done


def quiet(rate: int) -> Frame:
    """Twenty milliseconds of nobody speaking."""
    return silence(FRAME_SECONDS, rate)
