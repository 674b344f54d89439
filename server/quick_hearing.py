"""A spoken answer to a quick call, through the recogniser that hears whole calls."""

from __future__ import annotations

import time
from dataclasses import dataclass

from audio.frame import FRAME_SECONDS, Frame
from scripts.completeness import finished
from scripts.quick import Answer
from scripts.quick_spoken import spoken_answer
from server.engines import Engines
from server.listening import Failed, Listening, Said
from voice.turns import Started


@dataclass(frozen=True, slots=True)
class Began:
    """The player began to speak: what is said may come after the clock, and was said before."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer was spoken; its last word came in at `at` on the listener's clock."""

    text: str
    answer: Answer
    at: float


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something was said, or went wrong, that is no answer."""

    text: str


Heard = Began | Answered | Unclear


class QuickHearing:
    """Listens to one call's answer at `rate`. Give it every frame as it comes; close it at the end."""

    def __init__(self, engines: Engines, rate: int) -> None:
        self._listening = Listening(engines.ear, rate, engines.pool, finished, time.monotonic, lag=engines.load.note)
        self._came: list[float] = []

    def step(self, frame: Frame, now: float) -> list[Heard]:
        """Take in 20 ms that came in at `now`; what has come of these and of earlier ones."""
        self._came.append(now)
        given = self._listening.step(frame, caller_speaking=False, protect=False, speaker_level=None)
        return [heard for heard in map(self._told, given) if heard is not None]

    async def close(self) -> None:
        """Stop listening."""
        await self._listening.close()

    def _told(self, heard: object) -> Heard | None:
        match heard:
            case Started():
                return Began()
            case Said() if heard.text.strip():
                answer = spoken_answer(heard.text)
                return Answered(heard.text, answer, self._when(heard.ended)) if answer else Unclear(heard.text)
            case Failed():
                return Unclear(heard.why)
        return None

    def _when(self, ended: float) -> float:
        """When the sound of that moment came in: told by its arrival, so that nobody can date an answer back."""
        frame = min(len(self._came) - 1, max(0, round(ended / FRAME_SECONDS) - 1))
        return self._came[frame]
