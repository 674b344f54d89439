"""Turns: who has the floor, told from 20 ms steps of sound.

A pure machine: steps in, events out. Its only clock is the count of steps, so the same sound always makes the
same turns. It keeps the few frames it needs, and says which of them the ear must hear; it never decodes.

An utterance: `Started` -> `Feed`... -> `Peek` at the first likely pause (decode now, and tell `hear`) ->
`Ended` once the pause is longer than what was said makes likely. Speech over the caller's line: `Suspect`
(pause the line) -> `Confirmed` (cut it) or `Resume` (play on: a cough, or a mere "mm-hm").
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from audio.frame import FRAME_SECONDS
from voice.echo import EchoGate

Completeness = Literal["finished", "open", "unknown"]
"""What words say of their end: a whole sentence or question, one that must go on, or neither."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """The machine's knobs, all in seconds unless named otherwise.

    Pauses are counted from where the detector lets go of a voice, some 0.13 s after its last sound (measured).
    """

    starts_after: float = 0.08
    """Voice that begins an utterance: longer than a click, shorter than a "no" (0.06 to 0.10 in our trials)."""
    starts_within: float = 0.12
    """The window in which that much voice must lie."""
    pre_roll: float = 0.3
    """Sound from before the start that the ear hears too: soft first consonants (Silero's speech padding is
    0.03 to 0.4 in the tools read; LiveKit keeps 0.5)."""
    likely_pause: float = 0.2
    """Silence after which decoding begins: the human gap between turns (PMC4464110), Pipecat's stop time."""
    pause_finished: float = 0.3
    """Hangover after a whole question or sentence: the shortest end of LiveKit's streaming endpointing."""
    pause_unknown: float = 0.54
    """Hangover otherwise: with the detector's delay of 0.13 nearly the 0.7 that Home Assistant waits, and an answer
    within 0.75 of the last word."""
    pause_open: float = 1.2
    """Hangover after "and", "um" or half a number: Home Assistant's relaxed setting is 1.25."""
    longest: float = 30.0
    """An utterance is ended after this, whatever is said: a long monologue must still reach the caller."""
    suspect_after: float = 0.14
    """Voice over the caller's line that pauses it: with the detector's delay, silence in 0.2 to 0.3 s."""
    confirm_after: float = 0.6
    """Voice that cuts the line without a word recognised: 0.45 s of speech (LiveKit: 0.5) and the 0.15 s that
    the detector adds. A murmured "mm-hm" is shorter, and the line is silent meanwhile anyway."""
    confirm_words: int = 2
    """Words that cut it (count)."""
    resume_after: float = 0.8
    """Time unconfirmed after which the line plays on (LiveKit: 2.0, which leaves a caller dumb for long)."""
    stop_words: frozenset[str] = frozenset({"stop", "wait", "no", "listen", "sorry", "hold"})
    """One of these alone cuts the line."""
    half_duplex: bool = False
    """For an open loudspeaker: voice that could be the caller's own echo is ignored (see `voice.echo`)."""


@dataclass(frozen=True, slots=True)
class Started:
    """The trainee began to speak at `began` seconds."""

    began: float


@dataclass(frozen=True, slots=True)
class Feed:
    """The ear must hear these samples next."""

    samples: bytes


@dataclass(frozen=True, slots=True)
class Peek:
    """A likely end: have the ear peek, and give the text and this `number` to `hear`."""

    number: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is over: have the ear finish. It lasted from `began` to `ended`, known at `at` (seconds)."""

    began: float
    ended: float
    at: float
    reason: Literal["pause", "too long"]


@dataclass(frozen=True, slots=True)
class Suspect:
    """The trainee may be speaking over the caller: pause the line now and keep the rest of it."""

    at: float


@dataclass(frozen=True, slots=True)
class Confirmed:
    """They are: drop the rest of the line."""

    at: float
    reason: Literal["words", "stop word", "voice"]


@dataclass(frozen=True, slots=True)
class Resume:
    """They are not: play on from what was last heard for certain."""

    at: float


Event = Started | Feed | Peek | Ended | Suspect | Confirmed | Resume


def _never_known(_text: str) -> Completeness:
    return "unknown"


class Turns:
    """One call's turn machine. `finished` tells how complete a text is."""

    def __init__(
        self, settings: TurnSettings | None = None, finished: Callable[[str], Completeness] = _never_known
    ) -> None:
        self._settings, self._finished = settings or TurnSettings(), finished
        self._echo = EchoGate() if self._settings.half_duplex else None
        self._steps = 0
        self._last_voice = 0
        window = _steps(self._settings.starts_within)
        self._window: deque[bool] = deque(maxlen=window)
        self._unfed: deque[bytes] = deque(maxlen=_steps(self._settings.pre_roll) + window)
        self._utterance: _Utterance | None = None
        self._peeks = 0
        self._overlap = 0
        self._suspected: int | None = None
        self._cut = False

    @property
    def now(self) -> float:
        """Seconds of sound so far."""
        return _seconds(self._steps)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._utterance is not None

    @property
    def awaited(self) -> int | None:
        """The number of the Peek whose answer may still end the turn."""
        return self._utterance.peek if self._utterance else None

    @property
    def quiet_for(self) -> float:
        """Seconds since the trainee's voice was last heard, for dead air."""
        return 0.0 if self._utterance else _seconds(self._steps - self._last_voice)

    def step(
        self,
        samples: bytes,
        *,
        voiced: bool,
        caller_speaking: bool = False,
        protect: bool = False,
        mic_level: float = 0.0,
        speaker_level: float | None = None,
    ) -> list[Event]:
        """Take in 20 ms of the trainee's sound, and whether a voice is in it.

        `caller_speaking` says a line is sounding (False while paused) and `protect` that it must not be cut, as
        the opening line. With `half_duplex`, the levels are those of this step's sound from the microphone and
        to the loudspeaker, in dB (None: nothing is played).
        """
        self._steps += 1
        self._unfed.append(samples)
        if self._echo:
            voiced = self._echo.passes(mic_level, speaker_level) and voiced
        self._window.append(voiced)
        events: list[Event] = self._go_on(self._utterance, voiced) if self._utterance else self._maybe_start()
        events += self._barge_in(voiced, overlapping=caller_speaking and not protect)
        return events

    def hear(self, text: str, peek: int | None = None) -> list[Event]:
        """Take in what the ear has heard of the utterance so far.

        `peek` is the number of the Peek that asked for it, so that an answer which comes after more was said
        does not end the turn; a streaming ear's partials need none.
        """
        if self._utterance and peek in (None, self._utterance.peek):
            self._utterance.completeness = self._finished(text) if text.strip() else "unknown"
        return self._confirm_by_words(text.lower().split())

    def _maybe_start(self) -> list[Event]:
        if sum(self._window) < _steps(self._settings.starts_after):
            return []
        first = self._steps - len(self._window) + list(self._window).index(True)
        self._utterance = _Utterance(began=first, last_voice=self._steps)
        self._last_voice = self._steps
        self._overlap = sum(self._window) - 1  # this step is counted after
        self._window.clear()
        return [Started(_seconds(first)), *self._feed()]

    def _go_on(self, utterance: _Utterance, voiced: bool) -> list[Event]:
        if voiced:
            utterance.last_voice = self._last_voice = self._steps
            utterance.peek = utterance.completeness = None
            if self._steps - utterance.began >= _steps(self._settings.longest):
                return [*self._feed(), self._end(utterance, "too long")]
            return self._feed()
        return self._pause(utterance, self._steps - utterance.last_voice)

    def _pause(self, utterance: _Utterance, quiet: int) -> list[Event]:
        """The voice has been quiet for so many steps: feed a little of it, then peek, then end."""
        likely = _steps(self._settings.likely_pause)
        if quiet < likely:
            return self._feed()
        if quiet == likely:
            self._peeks += 1
            utterance.peek = self._peeks
            return [*self._feed(), Peek(self._peeks)]
        return [self._end(utterance, "pause")] if quiet >= self._hangover(utterance) else []

    def _hangover(self, utterance: _Utterance) -> int:
        """Steps of silence that end it. While the answer to the peek is awaited, as long as the longest."""
        pauses = {
            "finished": self._settings.pause_finished,
            "unknown": self._settings.pause_unknown,
            "open": self._settings.pause_open,
            None: self._settings.pause_open,
        }
        return _steps(pauses[utterance.completeness])

    def _feed(self) -> list[Event]:
        samples = b"".join(self._unfed)
        self._unfed.clear()
        return [Feed(samples)]

    def _end(self, utterance: _Utterance, reason: Literal["pause", "too long"]) -> Ended:
        self._utterance = None
        self._window.clear()
        return Ended(_seconds(utterance.began), _seconds(utterance.last_voice), self.now, reason)

    def _barge_in(self, voiced: bool, *, overlapping: bool) -> list[Event]:
        self._cut = self._cut and overlapping  # a line that was cut is over once it is silent
        if self._cut or (self._suspected is None and not overlapping):
            self._overlap = 0
            return []
        if self._utterance and voiced:
            self._overlap += 1
        elif self._suspected is None and self._steps - self._last_voice >= _steps(self._settings.likely_pause):
            self._overlap = 0
        return self._judge_overlap()

    def _judge_overlap(self) -> list[Event]:
        if self._suspected is None:
            if self._overlap < _steps(self._settings.suspect_after):
                return []
            self._suspected = self._steps
            return [Suspect(self.now)]
        if self._overlap >= _steps(self._settings.confirm_after):
            return [self._confirm("voice")]
        if self._steps - self._suspected >= _steps(self._settings.resume_after):
            self._suspected, self._overlap = None, 0
            return [Resume(self.now)]
        return []

    def _confirm_by_words(self, words: list[str]) -> list[Event]:
        if self._suspected is None:
            return []
        if len(words) >= self._settings.confirm_words:
            return [self._confirm("words")]
        if self._settings.stop_words.intersection(word.strip(",.?!") for word in words):
            return [self._confirm("stop word")]
        return []

    def _confirm(self, reason: Literal["words", "stop word", "voice"]) -> Confirmed:
        self._suspected, self._overlap, self._cut = None, 0, True
        return Confirmed(self.now, reason)


@dataclass(slots=True)
class _Utterance:
    """The utterance under way; all counts are steps."""

    began: int
    last_voice: int
    peek: int | None = None
    completeness: Completeness | None = None


def _steps(seconds: float) -> int:
    return round(seconds / FRAME_SECONDS)


def _seconds(steps: int) -> float:
    return round(steps * FRAME_SECONDS, 3)
