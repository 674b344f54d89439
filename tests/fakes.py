"""Stand-ins that behave: an ear with a text for each utterance, a mouth that hums, a handset made of plain values."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from audio.frame import FRAME_SECONDS, Frame, silence
from scripts.events import Entry
from server.handset import Gesture, HandsetLost
from server.trainee_voices import FOLDER, read_ogg
from voice.ear import EarError, Hearing, Transcript
from voice.mouth import MOUTH_RATE, MouthError, Speech
from voice.voices import Voice

RATE = 16_000
STEP = round(FRAME_SECONDS * RATE)


@dataclass
class ScriptedEar:
    """Hears, whatever is said, one text after the other; nothing when they are used up. One call only."""

    texts: Sequence[str]
    fails: bool = False
    name: str = "scripted"
    streams: bool = False
    heard: int = 0

    def listen(self, rate: int) -> Hearing:
        assert rate in (8000, RATE)
        return _ScriptedHearing(self)


@dataclass
class _ScriptedHearing:
    ear: ScriptedEar

    def feed(self, samples: bytes) -> None:
        assert samples

    def peek(self) -> Transcript:
        if self.ear.fails:
            raise EarError("the scripted ear is deaf")
        return Transcript(self.ear.texts[self.ear.heard] if self.ear.heard < len(self.ear.texts) else "")

    def finish(self) -> Transcript:
        transcript = self.peek()
        self.ear.heard += 1
        return transcript

    def close(self) -> None:
        pass


@dataclass
class HummingMouth:
    """Hums for as long as the words would take; refuses lines that hold `refuses`."""

    refuses: str = "\0"
    engine: str = "humming 1"
    rendered: list[str] = field(default_factory=list)

    async def start(self) -> None:
        pass

    async def render(self, speech: Speech) -> Frame:
        if self.refuses in speech.text:
            raise MouthError("the humming mouth is hoarse")
        self.rendered.append(speech.text)
        return hum(max(0.4, len(speech.text.split()) / 3))

    async def voices(self) -> Sequence[Voice]:
        return []

    async def close(self) -> None:
        pass


def hum(seconds: float, rate: int = MOUTH_RATE) -> Frame:
    """A loud even tone."""
    wave = 9000 * np.sin(2 * np.pi * 150 * np.arange(round(seconds * rate)) / rate)
    return Frame(wave.astype("<i2").tobytes(), rate)


def voice(seconds: float, start: float = 0.25) -> Frame:
    """So many seconds of a real sentence that comes with the program (words, hardly a pause)."""
    path = min((FOLDER / "burglary-in-progress" / "good").glob("07-*.ogg"))
    sentence = read_ogg(path)
    samples = sentence.samples[round(start * RATE) * 2 :]
    while len(samples) < 2 * round(seconds * RATE):
        samples += sentence.samples[round(start * RATE) * 2 :]
    return Frame(samples[: 2 * round(seconds * RATE)], RATE)


Plan = Sequence[Frame | Gesture | float]


@dataclass
class PlannedHandset:
    """Says and does what was planned, as fast as it is asked; then is silent, or is lost.

    `plan` holds sounds (of any length), gestures, and seconds of silence.
    """

    plan: Plan
    lost_after: str | None = None
    """After the plan: lost, for this reason."""
    name: str = "planned"
    rate: int = RATE
    open_speaker: bool = False
    real_time: bool = False
    wrap_up: float = 0.0
    lag_seconds: float = 0.0
    """How long after it was handed over sound is known to be heard."""
    heard: list[bytes] = field(default_factory=list)
    closed: bool = False

    def __post_init__(self) -> None:
        self._queue: list[bytes] = []
        self._acts = self._act()
        self.spoken = asyncio.Event()
        """Set once the plan is through."""

    async def ring(self) -> float:
        return 2.0

    async def receive(self) -> Frame | Gesture:
        await asyncio.sleep(0)
        act = next(self._acts)
        if isinstance(act, Frame) and self._queue:
            self.heard.append(self._queue.pop(0))
        return act

    def _act(self) -> Iterator[Frame | Gesture]:
        for part in self.plan:
            if isinstance(part, float | int):
                part = silence(part, self.rate)  # noqa: PLW2901 - seconds stand for silence
            if isinstance(part, Frame):
                for start in range(0, len(part.samples), 2 * STEP):
                    yield Frame(part.samples[start : start + 2 * STEP].ljust(2 * STEP, b"\0"), self.rate)
            else:
                yield part
        self.spoken.set()
        if self.lost_after is not None:
            raise HandsetLost(self.lost_after)
        while True:
            yield silence(FRAME_SECONDS, self.rate)

    def play(self, frame: Frame) -> None:
        self._queue.append(frame.samples)

    def flush(self) -> float:
        seconds = len(self._queue) * FRAME_SECONDS
        self._queue.clear()
        return seconds

    @property
    def played_seconds(self) -> float:
        return max(0.0, len(self.heard) * FRAME_SECONDS - self.lag_seconds)

    @property
    def ahead_seconds(self) -> float:
        return (len(self._queue) + len(self.heard)) * FRAME_SECONDS - self.played_seconds

    async def close(self) -> None:
        self.closed = True


@dataclass
class Watcher:
    """A view that remembers."""

    entries: list[Entry] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    partials: list[str] = field(default_factory=list)
    now: float = 0.0

    def entry(self, entry: Entry) -> None:
        self.entries.append(entry)

    def partial(self, text: str) -> None:
        self.partials.append(text)

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def time(self, now: float) -> None:
        self.now = now
