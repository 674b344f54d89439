"""The ear: what every speech recogniser offers. How one is chosen is for `choice`.

An `Ear` is a loaded engine, shared by all calls of the process. Each call has its own `Hearing`, fed with
voiced sound only; the turn machine decides what that is. All of a Hearing's methods block while they decode:
the conductor runs them on a worker thread, one call at a time for each Hearing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Engine = Literal["vosk", "moonshine"]


class EarError(Exception):
    """The recogniser cannot start or go on; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. Times are seconds from the utterance's start; confidence is 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was recognised; `confidence` is 0 to 1. An engine may give no confidence and no words."""

    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None


class Hearing(Protocol):
    """One call's stream through an ear. Feed it, peek at it, finish each utterance."""

    def feed(self, samples: bytes) -> None:
        """Take in more voiced sound: signed 16-bit mono at the rate given to `Ear.listen`."""

    def peek(self) -> Transcript:
        """What the utterance is so far. Cheap for a streaming engine, a whole decode for the others."""

    def finish(self) -> Transcript:
        """End the utterance and start afresh. Costs nothing more where nothing was fed since `peek`."""

    def close(self) -> None:
        """Release the stream."""


class Ear(Protocol):
    """A loaded recogniser."""

    name: str
    """`vosk` or `moonshine`."""
    streams: bool
    """Whether `peek` is cheap enough to call while the trainee is still speaking."""

    def listen(self, rate: int) -> Hearing:
        """A new stream for one call, at `rate` samples a second (8000 and 16000 always work)."""
