"""The mouth: text in, sound out.

pyttsx3 allows one engine in a process, its engines are known to hang and to crash what holds them, and its
driver for espeak prints to standard output. So each `Pyttsx3Mouth` keeps a few child processes
(`voice.mouth_child`), gives each one request at a time and a deadline, and starts another in its place when one
dies or is late. Nothing of an engine lives in this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from audio.frame import Frame
from voice.mouth_process import ChildLost, MouthError, MouthProcess
from voice.voices import Delivery, Voice

__all__ = ["MOUTH_RATE", "Mouth", "MouthError", "Pyttsx3Mouth", "Speech"]

MOUTH_RATE = 16000
LONGEST = 5000
"""Characters in one speech: about six minutes. Nobody says more in one breath."""
SECONDS_PER_CHARACTER = 0.002
"""Added to the deadline for long texts: twice what espeak-ng needs on a slow core."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One thing to say: its words, the engine's voice and how it is delivered."""

    text: str
    voice: str
    delivery: Delivery


class Mouth(Protocol):
    """A synthesiser. `engine` names it and its version: the same name renders the same speech the same way."""

    engine: str

    async def start(self) -> None:
        """Make ready. Raises MouthError where the engine is missing."""

    async def render(self, speech: Speech) -> Frame:
        """The speech at `MOUTH_RATE`, without silence around it. Raises MouthError."""

    async def voices(self) -> Sequence[Voice]:
        """What is installed. Raises MouthError."""

    async def close(self) -> None:
        """Release the engine."""


class Pyttsx3Mouth:
    """pyttsx3 in `slots` child processes. At most `queue` requests wait; a further one is refused."""

    def __init__(self, slots: int = 2, deadline: float = 5.0, queue: int = 256) -> None:
        self.engine = "pyttsx3"
        self._deadline = deadline
        self._queue = queue
        self._waiting = 0
        self._processes = [MouthProcess() for _ in range(slots)]
        self._idle: asyncio.LifoQueue[MouthProcess] = asyncio.LifoQueue()
        for process in self._processes:
            self._idle.put_nowait(process)

    async def start(self) -> None:
        """Start every child. Raises MouthError where pyttsx3 finds no engine."""
        names = await asyncio.gather(*(process.start(self._deadline * 3) for process in self._processes))
        self.engine = names[0]

    async def render(self, speech: Speech) -> Frame:
        """The speech at 16 kHz; nothing to pronounce gives an empty frame. Raises MouthError."""
        text = "".join(letter if letter.isprintable() else " " for letter in speech.text)
        if not any(letter.isalnum() or letter in "£$€%&+@" for letter in text):
            return Frame(b"", MOUTH_RATE)
        if len(text) > LONGEST:
            raise MouthError(f"a line of {len(text)} characters is too long, {LONGEST} are allowed: split it")
        request = {"text": text, "voice": speech.voice, "format": MOUTH_RATE, **asdict(speech.delivery)}
        _, samples = await self._ask(request, self._deadline + SECONDS_PER_CHARACTER * len(text))
        return Frame(samples, MOUTH_RATE)

    async def voices(self) -> Sequence[Voice]:
        """What pyttsx3 offers here. espeak-ng's variants (`+f3`) come on top of these."""
        reply, _ = await self._ask({"voices": True}, self._deadline)
        rows = reply["voices"]
        if not isinstance(rows, list):
            raise MouthError("the speech process gave no list of voices")
        return [Voice(**row) for row in rows]

    async def close(self) -> None:
        """End the children; whatever was in flight fails."""
        await asyncio.gather(*(process.end() for process in self._processes))

    async def _ask(self, request: dict[str, object], deadline: float) -> tuple[dict[str, object], bytes]:
        """One request, tried a second time in a fresh child: a crash is rarely the text's fault."""
        if self._waiting >= self._queue:
            raise MouthError(f"{self._waiting} lines are waiting to be spoken: the machine cannot keep up")
        self._waiting += 1
        try:
            process = await self._idle.get()
        finally:
            self._waiting -= 1
        try:
            try:
                return await process.ask(request, deadline)
            except ChildLost:
                return await process.ask(request, deadline)
        except ChildLost as lost:
            raise MouthError(f"the speech engine failed twice on {str(request.get('text'))[:60]!r}: {lost}") from lost
        finally:
            self._idle.put_nowait(process)
