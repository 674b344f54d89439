"""The caller's side of the sound: lines over a background, at most a little ahead of the trainee's ear.

The player keeps, for every 20 ms it hands over, which line they were of and how far into it. What the handset
proves as played is credited to the line, and nothing else ever is: a line that is stopped counts by what was heard.
Pure but for the handset it plays to: no clock, no disk, no waiting. `step` is called once for each 20 ms.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from audio.frame import FRAME_SECONDS, SAMPLE_BYTES, Frame
from audio.pcm import added, level
from scripts.events import Say

LINE_LEAD = 0.2
"""Seconds a line is handed over ahead: what a network's jitter may hold up without a gap."""
IDLE_LEAD = 0.06
"""And the background alone: a line that becomes due waits behind what was handed over."""
BREATH = 0.25
"""Seconds between two lines of one answer."""
_EXACT = 1e-6


class Outlet(Protocol):
    """What the player needs of a handset."""

    rate: int

    def play(self, frame: Frame) -> None: ...
    def flush(self) -> float: ...
    @property
    def played_seconds(self) -> float: ...
    @property
    def ahead_seconds(self) -> float: ...


class Backdrop(Protocol):
    """The sound behind the words: an endless background with single sounds in it."""

    def take(self, count: int) -> Frame:
        """The next `count` samples."""


@dataclass(slots=True)
class _Line:
    """A line on its way. `given` and `heard` count samples of `sound`, which is None until it is rendered."""

    say: Say
    sound: Frame | None
    given: int = 0
    heard: int = 0
    breath: int = 0
    """Samples of silence still due before it."""


@dataclass(frozen=True, slots=True)
class _Given:
    """Twenty milliseconds handed over: when they end, in seconds of all that was given, and what was in them."""

    ends: float
    line: _Line | None
    upto: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class Ending:
    """A line that is over, with the share of it (0 to 1) that was heard."""

    line: str
    heard: float


@dataclass(slots=True)
class Player:
    """One call's caller, played to `outlet` over `backdrop`."""

    outlet: Outlet
    backdrop: Backdrop
    paused: bool = False
    onset: float | None = None
    """Set by `step` for one step in which it handed over a line's first samples: seconds until they are heard."""
    _lines: deque[_Line] = field(default_factory=deque)
    _given: deque[_Given] = field(default_factory=deque)
    _to_record: deque[Frame] = field(default_factory=deque)
    _total: float = 0.0

    @property
    def speaking(self) -> bool:
        """Whether a line is sounding now (not while paused, not while all wait)."""
        return not self.paused and any(line.given > line.heard for line in self._lines)

    @property
    def busy(self) -> bool:
        """Whether any line is on its way."""
        return bool(self._lines)

    @property
    def ahead(self) -> float:
        """Seconds handed over and not yet played; what was played is credited when it is proven."""
        return self.outlet.ahead_seconds

    @property
    def first(self) -> tuple[Say, float] | None:
        """The line that is sounding or next, and the seconds of it that were heard."""
        if not self._lines:
            return None
        line = self._lines[0]
        return line.say, line.heard / self.outlet.rate

    def add(self, say: Say, sound: Frame | None) -> None:
        """Queue a line; one whose sound is None waits, with all after it, for `ready`."""
        breath = round(BREATH * self.outlet.rate) if self._lines else 0
        self._lines.append(_Line(say, sound, breath=breath))

    def ready(self, line: str, sound: Frame) -> None:
        """The sound of a line that was waiting; of a line that is gone, nothing happens."""
        for waiting in self._lines:
            if waiting.say.line == line and waiting.sound is None:
                waiting.sound = sound

    def fail(self, line: str) -> list[Ending]:
        """A line that cannot be spoken: nothing of it was heard."""
        failed = [waiting for waiting in self._lines if waiting.say.line == line and waiting.sound is None]
        for each in failed:
            self._lines.remove(each)
        return [Ending(each.say.line, 0.0) for each in failed]

    def step(self, *, wait: bool = False) -> list[Ending]:
        """Credit what was heard, then hand over what is due. `wait`: no line begins but one that interrupts."""
        self.onset = None
        endings = self._credit()
        while self._behind(wait=wait):
            self._give(wait=wait)
        return endings

    def recorded(self) -> Frame:
        """What the trainee heard in this step, for the recording: silence where nothing was handed over."""
        if self._to_record:
            return self._to_record.popleft()
        return Frame(bytes(SAMPLE_BYTES * self._step), self.outlet.rate)

    @property
    def level(self) -> float | None:
        """The loudness (dBFS) of what the loudspeaker plays now; None where nothing is."""
        return level(self._to_record[0]) if self._to_record else None

    def pause(self) -> None:
        """Be silent at once, and keep what was not heard."""
        self._flush()
        self.paused = True

    def resume(self) -> None:
        """Play on from the last sample that was surely heard."""
        self.paused = False

    def cut(self) -> list[Ending]:
        """Be silent at once and drop every line; each ends with what was heard of it."""
        self._flush()
        self.paused = False
        endings = [Ending(line.say.line, _share(line)) for line in self._lines]
        self._lines.clear()
        return endings

    @property
    def _step(self) -> int:
        return round(FRAME_SECONDS * self.outlet.rate)

    def _credit(self) -> list[Ending]:
        played = self.outlet.played_seconds + _EXACT
        while self._given and self._given[0].ends <= played:
            given = self._given.popleft()
            if given.line is not None:
                given.line.heard = given.upto
        endings = []
        while self._lines and self._lines[0].sound is not None and self._lines[0].heard >= self._lines[0].sound.count:
            endings.append(Ending(self._lines.popleft().say.line, 1.0))
        return endings

    def _behind(self, *, wait: bool) -> bool:
        """Whether less than the lead is waiting to be heard."""
        lead = LINE_LEAD if self._due(wait=wait) else IDLE_LEAD
        return self.ahead + FRAME_SECONDS <= lead + _EXACT

    def _due(self, *, wait: bool) -> _Line | None:
        """The line whose samples come next; None while paused, waiting or still being rendered."""
        if self.paused:
            return None
        for line in self._lines:
            if line.sound is None:
                return None
            if line.given < line.sound.count:
                held_back = wait and line.given == 0 and not line.say.interrupts
                return None if held_back else line
        return None

    def _give(self, *, wait: bool) -> None:
        line = self._due(wait=wait)
        frame = self.backdrop.take(self._step)
        upto = 0
        if line is not None and line.breath > 0:
            line.breath -= self._step
            line = None
        if line is not None and line.sound is not None:
            if line.given == 0:
                self.onset = self.ahead
            start = line.given
            line.given = upto = min(start + self._step, line.sound.count)
            frame = _mixed(frame, line.sound, start, upto)
        self._total += FRAME_SECONDS
        self._given.append(_Given(self._total, line, upto, frame))
        self._to_record.append(frame)
        self.outlet.play(frame)

    def _flush(self) -> None:
        """Take back what was handed over and not heard; lines go back to what was proven."""
        self._total -= self.outlet.flush()
        self._credit_without_endings()
        self._given.clear()
        for line in self._lines:
            line.given = line.heard
        waiting = round(max(0.0, self.ahead) / FRAME_SECONDS)
        while len(self._to_record) > waiting:
            self._to_record.pop()

    def _credit_without_endings(self) -> None:
        played = self.outlet.played_seconds + _EXACT
        for given in self._given:
            if given.line is not None and given.ends <= min(played, self._total + _EXACT):
                given.line.heard = given.upto


def _share(line: _Line) -> float:
    if line.sound is None or not line.sound.count:
        return 0.0
    return round(min(1.0, line.heard / line.sound.count), 3)


def _mixed(behind: Frame, sound: Frame, start: int, end: int) -> Frame:
    words = Frame(sound.samples[SAMPLE_BYTES * start : SAMPLE_BYTES * end], sound.rate)
    if words.count == behind.count and not behind.samples.strip(b"\0"):
        return words
    return added(behind, words)
