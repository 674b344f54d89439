"""The handset: whatever carries sound between the trainee and a call. The protocol, and nothing else.

An adapter (desk, phone, exchange, browser, the demonstration's synthetic trainee) only translates: what comes in
becomes 20 ms frames and gestures, frames that are played become what its wire wants. All times and all decisions
are the conductor's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from audio.frame import Frame
from scripts.vocabulary import Agency, Decision, Grade


class HandsetLost(Exception):  # noqa: N818 - the world's doing, named as such
    """The handset is gone (unplugged, cut off); the message says what happened, for the trainee to read."""


@dataclass(frozen=True, slots=True)
class Press:
    """One key of 0-9, * or #."""

    key: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The trainee ended the call."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The trainee put the caller on hold, or took the call up again."""

    on: bool


@dataclass(frozen=True, slots=True)
class Type:
    """The trainee typed into a field of the incident form."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Choose:
    """The trainee chose a disposition by a button."""

    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The trainee has finished the incident form after the call."""


Gesture = Press | HangUp | Hold | Type | Choose | Finish


class Handset(Protocol):
    """One call's sound, both ways, at `rate` samples a second (8000 or 16000)."""

    name: str
    """`demo`, `desk`, `phone`, `exchange` or `browser`, for the records."""
    rate: int
    open_speaker: bool
    """Whether the caller's voice comes back through the microphone (no headset): turns are then half-duplex."""
    real_time: bool
    """Whether frames come at the pace of the world; otherwise as fast as they are taken."""
    wrap_up: float
    """Seconds after the call in which the trainee may finish the incident form; 0 where there is none."""

    async def ring(self) -> float:
        """Ring until the trainee answers; returns the seconds it rang. Raises HandsetLost when nobody does."""

    async def receive(self) -> Frame | Gesture:
        """The next 20 ms of the trainee's sound, or what they did; in order. Raises HandsetLost."""

    def play(self, frame: Frame) -> None:
        """Play 20 ms after all that was given before. Never blocks."""

    def flush(self) -> float:
        """Be silent at once; returns how many seconds of what was given were not heard and never will be."""

    @property
    def played_seconds(self) -> float:
        """How much of what was given has surely been heard, in seconds since the answer."""

    @property
    def ahead_seconds(self) -> float:
        """How much of what was given is still to be played, by the clock: the proof of hearing may come later."""

    async def close(self) -> None:
        """End the call on the wire and release what it holds. Closing twice does no harm."""
