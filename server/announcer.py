"""The assistant on a telephone line: it speaks, and takes keys. Nobody listens to speech meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from audio.codec import resample
from audio.frame import Frame, cut
from server import assistant
from server.handset import Gesture, Handset, HandsetLost, HangUp, Press
from voice.line_cache import LineCache

LEAD = 0.2
"""Seconds of an announcement that are sent ahead."""
MENU_SECONDS = 8.0
"""For the first key, after all is said."""
DIGIT_SECONDS = 5.0
"""For each further one."""


class Line(Protocol):
    """What is needed of a telephone circuit; it carries one call after the other."""

    rate: int

    @property
    def over(self) -> str | None:
        """Why the line is gone; None while it is up."""

    async def receive(self) -> Frame | Gesture:
        """The next 20 ms or key. Raises HandsetLost when the line is gone."""

    def play(self, frame: Frame) -> None: ...
    def flush(self) -> float: ...
    @property
    def ahead_seconds(self) -> float: ...
    async def heard(self) -> None:
        """Wait until all is played."""

    def handset(self) -> Handset:
        """A handset for one call, which rings at once."""


@dataclass
class Announcer:
    """The assistant on one line, in one voice. Everything raises HandsetLost when the trainee is gone."""

    line: Line
    lines: LineCache
    voice: str

    async def say(self, text: str) -> str | None:
        """Speak, sentence by sentence, until a key is pressed; that key. Raises MouthError."""
        for sentence in _sentences(text):
            words = await self.lines.fetch(assistant.speech(sentence, self.voice))
            key = await self.play(resample(words, self.line.rate))
            if key is not None:
                return key
        return None

    async def play(self, sound: Frame) -> str | None:
        """Play a sound until a key is pressed; that key."""
        for part in cut(sound):
            self.line.play(part)
            key = await self.key(self.line.ahead_seconds - LEAD)
            if key is not None:
                self.line.flush()
                return key
        return None

    async def ask(self, text: str) -> str | None:
        """Say it and wait for a key, which may come before all is said. Raises MouthError."""
        return await self.say(text) or await self.key(MENU_SECONDS + self.line.ahead_seconds)

    async def digits(self, text: str, most: int) -> str:
        """Say it and take keys, up to hash or so many. Raises MouthError."""
        digits = ""
        key = await self.ask(text)
        while key not in (None, "#"):
            digits += key or ""
            if len(digits) == most:
                break
            key = await self.key(DIGIT_SECONDS)
        return digits

    async def key(self, seconds: float) -> str | None:
        """The next key within so many seconds."""
        if seconds <= 0:
            return None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    given = await self.line.receive()
                    if isinstance(given, Press):
                        return given.key
                    if isinstance(given, HangUp):
                        raise HandsetLost("the trainee hung up")
        except TimeoutError:
            return None


def _sentences(text: str) -> list[str]:
    """Sentences one by one: the first is heard while the next is still being rendered; fixed ones are kept."""
    parts = [part.strip() for part in text.split(". ") if part.strip()]
    return [part if part[-1] in ".?!" else f"{part}." for part in parts]
