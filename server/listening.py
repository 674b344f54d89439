"""Listening to the trainee: voice activity and turns on every frame, recognition on worker threads.

Each call has one first-in-first-out queue, so its recogniser is never used by two threads; all calls share the
pool. Sound travels with the request that it is needed for: a frame by itself would wait behind other calls'
decodings for nothing. The queue is bounded by sound: with more than `MOST_WAITING` seconds to be decoded, further
sound of that call is left out and a `Failed` says so once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from audio.frame import SAMPLE_BYTES, Frame
from audio.pcm import level
from voice.activity import Detectors, VoiceActivity
from voice.ear import Ear, EarError, Transcript
from voice.turns import (
    Completeness,
    Confirmed,
    Ended,
    Event,
    Feed,
    Peek,
    Resume,
    Started,
    Suspect,
    Turns,
    TurnSettings,
)

MOST_WAITING = 30.0
PARTIAL_EVERY = 0.3
"""Seconds of sound between two partial texts of a streaming ear: often enough to watch, and to confirm words."""


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance: from `began` to `ended`, its words known now. `text` is empty where there were none."""

    began: float
    ended: float
    text: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Partial:
    """The words so far, to be shown while the trainee is still speaking."""

    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Recognition failed, for the reason given; the call goes on."""

    why: str


Heard = Started | Suspect | Confirmed | Resume | Said | Partial | Failed

Ask = Peek | Ended | None
"""What to do once the sound is fed: take a peek (None: a partial for show), or finish the utterance."""


@dataclass(frozen=True, slots=True)
class _Job:
    asked: float
    sound: bytes
    ask: Ask


@dataclass(frozen=True, slots=True)
class _Answer:
    ask: Ask
    transcript: Transcript | None
    failure: str | None = None


class Listening:
    """One call's listening. Call `step` for every frame; close it at the end."""

    def __init__(
        self,
        ear: Ear,
        rate: int,
        pool: Executor,
        finished: Callable[[str], Completeness],
        clock: Callable[[], float],
        *,
        open_speaker: bool = False,
        lag: Callable[[float], None] = lambda _seconds: None,
        detectors: Detectors | None = None,
    ) -> None:
        """`clock` is a monotonic clock for measuring, `detectors` are shared with other calls.

        `lag` hears how long each decoding kept a turn waiting.
        """
        self._ear, self._rate, self._pool, self._clock, self._lag = ear, rate, pool, clock, lag
        self._activity = VoiceActivity(rate, detectors=detectors)
        self._half_duplex = open_speaker
        self._turns = Turns(TurnSettings(half_duplex=open_speaker), finished)
        self._hearing = ear.listen(rate)
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._answers: deque[_Answer] = deque()
        self._unheard = bytearray()
        self._waiting_bytes = 0
        self.dropped = 0
        self._worker = asyncio.create_task(self._work())

    @property
    def speaking(self) -> bool:
        """Whether the trainee is in the middle of an utterance."""
        return self._turns.speaking

    def step(self, frame: Frame, *, caller_speaking: bool, protect: bool, speaker_level: float | None) -> list[Heard]:
        """Take in 20 ms of the trainee; returns what has come of these and of earlier ones, in order."""
        heard = self._take_answers()
        events = self._turns.step(
            frame.samples,
            voiced=self._activity.feed(frame.samples),
            caller_speaking=caller_speaking,
            protect=protect,
            mic_level=level(frame) if self._half_duplex else 0.0,
            speaker_level=speaker_level,
        )
        return heard + self._sorted(events)

    async def settle(self) -> None:
        """Wait until everything handed over is decoded: for calls that run faster than the world."""
        await self._jobs.join()

    async def close(self) -> None:
        """Stop, and release the recogniser once it is idle."""
        self._activity.close()
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._pool, self._hearing.close)

    def _sorted(self, events: list[Event]) -> list[Heard]:
        """Give the recogniser its part of the events; the rest is for the conductor."""
        heard: list[Heard] = []
        for event in events:
            match event:
                case Feed():
                    heard += self._feed(event.samples)
                case Peek():
                    self._ask(event)
                case Ended():
                    self._ask(event)
                case _:
                    heard.append(event)
        return heard

    def _feed(self, samples: bytes) -> list[Heard]:
        if self._waiting_bytes > MOST_WAITING * SAMPLE_BYTES * self._rate:
            self.dropped += 1
            return [Failed("recognition cannot keep up: part of what was said is lost")] if self.dropped == 1 else []
        self._unheard += samples
        if self._ear.streams and len(self._unheard) >= PARTIAL_EVERY * SAMPLE_BYTES * self._rate:
            self._ask(None)
        return []

    def _ask(self, ask: Ask) -> None:
        self._waiting_bytes += len(self._unheard)
        self._jobs.put_nowait(_Job(self._clock(), bytes(self._unheard), ask))
        self._unheard.clear()

    def _take_answers(self) -> list[Heard]:
        heard: list[Heard] = []
        while self._answers:
            answer = self._answers.popleft()
            if answer.failure is not None:
                heard.append(Failed(answer.failure))
            heard += self._answered(answer.ask, answer.transcript)
        return heard

    def _answered(self, ask: Ask, transcript: Transcript | None) -> list[Heard]:
        if isinstance(ask, Ended):  # also after a failure: what began must end
            words = transcript or Transcript("")
            return [Said(ask.began, ask.ended, words.text, words.confidence)]
        if transcript is None:
            return []
        number = ask.number if ask else None
        shown: list[Heard] = [] if ask else [Partial(transcript.text)]
        return shown + self._sorted(self._turns.hear(transcript.text, number))

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            job = await self._jobs.get()
            answer = await loop.run_in_executor(self._pool, self._do, job)
            self._waiting_bytes -= len(job.sound)
            if answer is not None:
                self._answers.append(answer)
                if isinstance(job.ask, Peek):
                    self._lag(self._clock() - job.asked)
            self._jobs.task_done()

    def _do(self, job: _Job) -> _Answer | None:
        """One job, on a worker thread. None for a peek that nobody waits for any more: the trainee went on."""
        failure = self._try(lambda: self._hearing.feed(job.sound)) if job.sound else None
        if isinstance(job.ask, Peek) and job.ask.number != self._turns.awaited and failure is None:
            return None
        words: list[Transcript] = []
        take = self._hearing.finish if isinstance(job.ask, Ended) else self._hearing.peek
        failure = self._try(lambda: words.append(take())) or failure
        return _Answer(job.ask, words[0] if words else None, failure)

    @staticmethod
    def _try(work: Callable[[], None]) -> str | None:
        """Why it failed: whatever an engine raises, it must not deafen the call."""
        try:
            work()
        except EarError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - as above
            return f"speech recognition failed ({type(error).__name__}: {error})"
        return None
