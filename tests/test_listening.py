"""One call's listening, with an ear whose every decoding is counted."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

from audio.frame import Frame, cut
from fakes import ScriptedEar
from server.listening import MOST_WAITING, Failed, Heard, Listening, Said
from speech import call, needs_flite, speech
from voice.ear import Transcript

RATE = 16_000
PATIENCE = 20.0
"""Seconds that a test waits for what must come: it fails then."""


@dataclass
class HeldEar:
    """Decodes only when it is let: `decoding` is set once it is at it."""

    name: str = "held"
    streams: bool = False
    go_on: Event = field(default_factory=Event)
    decoding: Event = field(default_factory=Event)
    decoded: list[int] = field(default_factory=list)
    """The bytes of the utterance at each decoding."""
    utterance: int = 0

    def listen(self, rate: int) -> HeldEar:
        assert rate == RATE
        return self

    def feed(self, samples: bytes) -> None:
        self.utterance += len(samples)

    def peek(self) -> Transcript:
        self.decoding.set()
        assert self.go_on.wait(PATIENCE)
        self.decoded.append(self.utterance)
        return Transcript("hello there")

    def finish(self) -> Transcript:
        heard = self.peek()
        self.utterance = 0
        return heard

    def close(self) -> None: ...


def listening(ear: HeldEar | ScriptedEar, pool: ThreadPoolExecutor) -> Listening:
    return Listening(ear, RATE, pool, lambda _text: "unknown", lambda: 0.0)


def hear(line: Listening, sound: Frame) -> list[Heard]:
    return [
        heard
        for frame in cut(sound)
        for heard in line.step(frame, caller_speaking=False, protect=False, speaker_level=None)
    ]


@needs_flite
async def test_a_peek_that_nobody_waits_for_any_more_costs_no_decoding() -> None:
    ear = HeldEar()
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(ear.go_on.wait, PATIENCE)
        line = listening(ear, pool)
        hear(line, call(0.5, speech("Where are you?"), 0.4))
        await asyncio.sleep(0)  # the peek is handed over, and waits for the busy thread
        hear(line, call(speech("And who is with you?"), 2.0))
        ear.go_on.set()
        assert busy.result(PATIENCE)
        await line.settle()
        said = [heard for heard in hear(line, call(0.1)) if isinstance(heard, Said)]
        await line.close()
    assert [each.text for each in said] == ["hello there"]
    assert len(ear.decoded) == 1, "the end; neither pause's peek, for both came too late"


@needs_flite
async def test_an_utterance_whose_recognition_failed_still_ends_and_the_next_starts_afresh() -> None:
    with ThreadPoolExecutor(1) as pool:
        line = listening(ScriptedEar(["never heard"], fails=True), pool)
        hear(line, call(0.5, speech("Where are you?"), 2.0))
        await line.settle()
        heard = hear(line, call(0.1))
        await line.close()
    assert any(isinstance(each, Failed) and "deaf" in each.why for each in heard)
    assert [each.text for each in heard if isinstance(each, Said)] == [""]


@needs_flite
async def test_sound_beyond_what_may_wait_is_left_out_and_that_is_said_once() -> None:
    ear = HeldEar()
    spoken = call(speech("Where are you?"), 1.5)
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(ear.go_on.wait, PATIENCE)
        line = listening(ear, pool)
        heard = [each for _ in range(round(4 * MOST_WAITING / spoken.seconds)) for each in hear(line, spoken)]
        ear.go_on.set()
        assert busy.result(PATIENCE)
        await line.settle()
        await line.close()
    assert [each.why for each in heard if isinstance(each, Failed)] == [
        "recognition cannot keep up: part of what was said is lost"
    ]
    assert line.dropped > 0
