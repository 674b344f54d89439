"""Whole calls on virtual time: real voice activity and turns, real files, an ear that is told what it hears."""

from __future__ import annotations

import asyncio
import time
import wave
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from audio.frame import Frame
from audio.wav import read_wav_channels
from fakes import RATE, HummingMouth, Plan, PlannedHandset, ScriptedEar, Watcher, voice
from scripts.cast import draw
from scripts.completeness import finished
from scripts.events import (
    Answered,
    Ended,
    Entry,
    Event,
    HungUp,
    KeyPressed,
    LineCut,
    LineFinished,
    Recorded,
    Say,
    SpeechBegan,
    Tick,
    Trouble,
    Utterance,
)  # fmt: skip
from scripts.log import decode_all
from scripts.session import CallSession
from server.caller_voice import CallerVoice
from server.conductor import Conductor
from server.handset import HangUp, Hold, Press
from server.keeping import Keeper
from server.listening import Listening
from server.scenery import Scenery
from server.steady import LOST_AFTER
from small_script import small_script
from voice.line_cache import LineCache

EVENTS = (
    Answered, SpeechBegan, Utterance, LineFinished, LineCut, KeyPressed, Tick, HungUp, Trouble,
)  # fmt: skip
Kind = TypeVar("Kind")
ASK = "what's your address please"


@dataclass
class Call:
    """A call that has been held."""

    conductor: Conductor
    view: Watcher
    folder: Path

    @property
    def log(self) -> list[Entry]:
        return self.conductor.log

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [entry for entry in self.log if isinstance(entry, kind)]

    def said(self, about: str) -> Say:
        return next(say for say in self.all(Say) if say.about == about)

    def ending(self, about: str) -> LineFinished | LineCut:
        line = self.said(about).line
        return next(entry for entry in self.log if isinstance(entry, LineFinished | LineCut) and entry.line == line)


def make(
    folder: Path,
    handset: PlannedHandset,
    ear: ScriptedEar,
    mouth: HummingMouth | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Call:
    script, seed = small_script(), 3
    pool = ThreadPoolExecutor(1)
    lines = LineCache(mouth or HummingMouth(), folder / "lines")
    listening = Listening(ear, handset.rate, pool, finished, time.monotonic, open_speaker=handset.open_speaker)
    keeper = Keeper(folder / "log.jsonl", folder / "recording.wav", handset.rate)
    view = Watcher()
    caller = CallerVoice(lines, draw(script, seed), handset.rate)
    conductor = Conductor(CallSession(script), handset, listening, caller, Scenery(handset.rate), keeper, view, clock)
    return Call(conductor, view, folder)


async def held(
    folder: Path,
    plan: Plan,
    texts: Sequence[str] = (),
    *,
    mouth: HummingMouth | None = None,
    lost_after: str | None = None,
    deaf: bool = False,
) -> Call:
    handset = PlannedHandset(plan, lost_after=lost_after)
    call = make(folder, handset, ScriptedEar(texts, fails=deaf), mouth)
    await call.conductor.run(seed=3)
    assert handset.closed
    return call


async def test_a_question_is_heard_and_answered_and_the_answer_counts_when_heard(tmp_path: Path) -> None:
    call = await held(tmp_path, [5.0, voice(1.5), 6.0, HangUp()], [ASK])
    assert [utterance.text for utterance in call.all(Utterance)] == [ASK]
    assert isinstance(call.ending("opening"), LineFinished)
    assert isinstance(call.ending("fact:address"), LineFinished)
    assert call.conductor.session.ledger.told("address")
    assert call.log[-1] == Ended(call.conductor.now, "trainee", "hung up")


async def test_the_log_on_disk_is_the_call_and_replays_to_the_same_actions(tmp_path: Path) -> None:
    call = await held(tmp_path, [5.0, voice(1.5), 6.0, Press("1"), Press("1"), 2.0, HangUp()], [ASK])
    stored, torn = decode_all((tmp_path / "log.jsonl").read_bytes().split(b"\n"))
    assert stored == call.log
    assert not torn
    session, replayed = CallSession(small_script()), list[Entry]()
    for entry in stored:
        if isinstance(entry, EVENTS):
            event: Event = entry
            replayed += [event, *session.handle(event)]
    assert replayed == [entry for entry in stored if not isinstance(entry, Trouble)]


async def test_the_same_sound_makes_the_same_call(tmp_path: Path) -> None:
    plan: Plan = [4.0, voice(1.5), 3.0, voice(1.0), 3.0, HangUp()]
    logs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        logs.append((await held(tmp_path / name, plan, [ASK, "who are you"])).log)
    assert logs[0] == logs[1]


async def test_speaking_over_the_caller_stops_the_line_and_only_what_was_heard_counts(tmp_path: Path) -> None:
    call = await held(tmp_path, [1.2, voice(2.0), 4.0, HangUp()], ["stop listen to me"])
    cut = call.ending("opening")
    assert isinstance(cut, LineCut)
    sounding = 10 / 3  # the hum of ten words
    assert 1.2 / sounding < cut.heard < 2.0 / sounding
    assert not call.conductor.session.ledger.told("what")
    assert call.conductor.measures.barge_ins[0] < 0.35


async def test_a_short_sound_over_the_caller_pauses_him_and_he_plays_on(tmp_path: Path) -> None:
    call = await held(tmp_path, [1.2, voice(0.3), 6.0, HangUp()], [""])
    assert call.conductor.measures.barge_ins, "he was never paused"
    finish = call.ending("opening")
    assert isinstance(finish, LineFinished)
    assert finish.at > 10 / 3 + 0.5, "he did not stop for the sound"


async def test_the_recording_has_the_trainee_left_and_the_caller_right_on_the_calls_clock(tmp_path: Path) -> None:
    call = await held(tmp_path, [5.0, voice(1.0), 2.0, HangUp()], [ASK])
    left, right = read_wav_channels(tmp_path / "recording.wav")
    assert left.seconds == pytest.approx(call.conductor.now)
    assert not any(left.samples[: 2 * 5 * RATE])
    assert any(left.samples[2 * 5 * RATE : 2 * 6 * RATE])
    assert any(right.samples[: 2 * RATE])


async def test_keys_and_hold_reach_the_session_in_their_order(tmp_path: Path) -> None:
    call = await held(tmp_path, [4.0, Press("1"), 0.5, Press("1"), 2.0, Hold(on=True), 1.0, HangUp()])
    assert [key.key for key in call.all(KeyPressed)] == ["1", "1"]
    (decision,) = call.all(Recorded)
    assert (decision.decision, decision.grade, decision.how) == ("deploy", "emergency", "keys")


async def test_what_the_caller_answers_on_hold_is_heard_by_nobody(tmp_path: Path) -> None:
    call = await held(tmp_path, [4.0, Hold(on=True), 0.2, voice(1.5), 3.0, Hold(on=False), 1.0, HangUp()], [ASK])
    answer = call.ending("fact:address")
    assert isinstance(answer, LineCut)
    assert answer.heard == 0.0
    assert not call.conductor.session.ledger.told("address")


async def test_a_caller_left_in_silence_asks_and_then_hangs_up(tmp_path: Path) -> None:
    call = await held(tmp_path, [])
    assert [say.about for say in call.all(Say)][-1] == "gives_up"
    assert call.conductor.ended == Ended(call.conductor.now, "caller", "the call was closed")


async def test_a_deaf_ear_is_told_and_the_keys_still_work(tmp_path: Path) -> None:
    call = await held(tmp_path, [5.0, voice(1.0), 2.0, Press("4"), 2.0, HangUp()], [ASK], deaf=True)
    assert "the scripted ear is deaf" in call.view.notices
    assert call.all(Trouble)
    assert [utterance.text for utterance in call.all(Utterance)] == [""]
    assert call.all(Recorded)[0].decision == "none"


async def test_a_line_that_cannot_be_spoken_is_told_and_counts_as_unheard(tmp_path: Path) -> None:
    mouth = HummingMouth(refuses="My dog")
    call = await held(tmp_path, [4.0, HangUp()], mouth=mouth)
    assert any("hoarse" in notice for notice in call.view.notices)
    assert call.ending("opening") == LineCut(call.ending("opening").at, call.said("opening").line, 0.0)


async def test_a_lost_handset_ends_the_call_and_nothing_is_lost(tmp_path: Path) -> None:
    call = await held(tmp_path, [3.0], lost_after="the microphone was unplugged")
    assert "the microphone was unplugged" in call.view.notices
    assert [type(entry) for entry in call.log[-2:]] == [HungUp, Ended] or call.all(HungUp)[0].by == "line"
    stored, _ = decode_all((tmp_path / "log.jsonl").read_bytes().split(b"\n"))
    assert stored == call.log
    with wave.open(str(tmp_path / "recording.wav")) as recording:
        assert recording.getnframes() == 3 * RATE


async def test_a_cancelled_call_is_saved_and_stays_cancelled(tmp_path: Path) -> None:
    handset = PlannedHandset([1.0])
    call = make(tmp_path, handset, ScriptedEar([]))
    running = asyncio.create_task(call.conductor.run(seed=3))
    await handset.spoken.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    stored, _ = decode_all((tmp_path / "log.jsonl").read_bytes().split(b"\n"))
    assert stored == call.log
    assert isinstance(stored[-1], Ended)


async def test_a_handset_that_falls_silent_is_waited_for_and_then_lost(tmp_path: Path) -> None:
    class Silent(PlannedHandset):
        async def receive(self) -> Frame:
            await asyncio.Event().wait()
            raise AssertionError

    now = iter([0.0, *[0.1] * 4])  # then the world's clock leaps
    handset = Silent([], real_time=True)
    call = make(tmp_path, handset, ScriptedEar([]), clock=lambda: next(now, LOST_AFTER + 1))
    await call.conductor.run(seed=3)
    assert any("no sound has come" in notice for notice in call.view.notices)
    assert call.conductor.measures.lost_frames == pytest.approx((LOST_AFTER + 0.8) * 50, abs=1)
    assert call.all(HungUp)[0].by == "line"


async def test_sound_that_comes_faster_than_the_world_is_dropped(tmp_path: Path) -> None:
    handset = PlannedHandset([2.0, HangUp()], real_time=True)
    call = make(tmp_path, handset, ScriptedEar([]), clock=lambda: 100.0)
    await call.conductor.run(seed=3)
    assert call.conductor.now == pytest.approx(0.22)
    assert call.conductor.measures.dropped_frames == 100 - 11


async def test_two_calls_at_once_do_not_touch_each_other(tmp_path: Path) -> None:
    for name in ("alone", "one", "two"):
        (tmp_path / name).mkdir()
    plan: Plan = [4.0, voice(1.5), 4.0, HangUp()]
    alone = await held(tmp_path / "alone", plan, [ASK])
    one, two = await asyncio.gather(held(tmp_path / "one", plan, [ASK]), held(tmp_path / "two", [2.0, HangUp()]))
    assert one.log == alone.log
    assert len(two.all(Say)) == 1
