"""The synthetic trainee: his manners on made-up callers, and one whole demonstration with the real ear and mouth."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.frame import FRAME_SECONDS, Frame, silence
from fakes import RATE, Watcher, hum
from scripts.events import Happened, LineCut, Recorded, Utterance
from scripts.rehearsal import TrainedTurn
from server.call_scripts import call_script, rehearsed_scripts
from server.calls import run_demo
from server.engines import prepare
from server.handset import Gesture, HangUp, Hold, Press, Type
from server.settings import load
from server.synthetic import PreparedTurn, SyntheticHandset, by_loudness
from server.trainee_voices import FOLDER, all_turns, ogg_bytes, read_ogg
from voice.moonshine_ear import MoonshineEar


def handset(*turns: TrainedTurn) -> SyntheticHandset:
    prepared = [PreparedTurn(turn, hum(1.0) if turn.say else None, turn.value) for turn in turns]
    return SyntheticHandset(prepared, real_time=False, judge=by_loudness)


async def acts(trainee: SyntheticHandset, caller: Iterator[Frame]) -> list[tuple[float, str | Gesture]]:
    """What the trainee does and when, until they hang up; `speaks` for the first frame of each sentence."""
    done: list[tuple[float, str | Gesture]] = []
    now, speaking = 0.0, False
    while not done or done[-1][1] != HangUp():
        given = await trainee.receive()
        if not isinstance(given, Frame):
            done.append((now, given))
            continue
        now = round(now + FRAME_SECONDS, 2)
        if by_loudness(given) and not speaking:
            done.append((now, "speaks"))
        speaking = by_loudness(given)
        trainee.play(next(caller))
    return done


def speaking_for(*parts: tuple[float, bool]) -> Iterator[Frame]:
    for seconds, loud in parts:
        for _ in range(round(seconds / FRAME_SECONDS)):
            yield hum(FRAME_SECONDS) if loud else silence(FRAME_SECONDS, RATE)
    while True:
        yield silence(FRAME_SECONDS, RATE)


async def test_a_polite_trainee_speaks_once_the_caller_has_finished() -> None:
    done = await acts(handset(TrainedTurn(say="x")), speaking_for((2.0, True), (0.3, False), (1.0, True)))
    assert done[0][1] == "speaks"
    assert done[0][0] == pytest.approx(3.3 + 0.6, abs=0.06)


async def test_a_trainee_who_talks_over_the_caller_begins_so_many_seconds_into_his_words() -> None:
    done = await acts(handset(TrainedTurn(say="x", over=1.0)), speaking_for((0.5, False), (5.0, True)))
    assert done[0][0] == pytest.approx(0.5 + 1.0, abs=0.06)


async def test_a_trainee_waits_as_written_and_goes_on_without_an_answer() -> None:
    done = await acts(handset(TrainedTurn(say="x"), TrainedTurn(say="y", wait=5)), speaking_for((1.0, True)))
    first, second, hung_up = (at for at, _ in done)
    assert second - first == pytest.approx(1.0 + 2.5 + 5, abs=0.06)
    assert hung_up - second == pytest.approx(1.0 + 2.5, abs=0.06)


async def test_keys_typing_hold_and_hanging_up_are_gestures() -> None:
    turns = (
        TrainedTurn(key="55"),
        TrainedTurn(field="name", value="Ann"),
        TrainedTurn(hold=True),
        TrainedTurn(hang_up=True),
    )
    done = [what for _, what in await acts(handset(*turns), speaking_for())]
    assert done == [Press("5"), Press("5"), Type("name", "Ann"), Hold(on=True), HangUp()]


def test_stored_sentences_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "sentence.ogg"
    path.write_bytes(ogg_bytes(hum(1.0)))
    back = read_ogg(path)
    assert back.seconds == pytest.approx(1.0, abs=0.05)
    assert by_loudness(Frame(back.samples[RATE : RATE + 640], RATE))


def test_every_rehearsed_sentence_comes_with_the_program() -> None:
    missing = [turn.path.relative_to(FOLDER) for turn in all_turns(rehearsed_scripts()) if not turn.path.is_file()]
    assert not missing, "a rehearsal was changed: run `make trainee-voices` and commit audio/trainee"


@pytest.fixture(scope="module")
def ear() -> MoonshineEar:
    return MoonshineEar()


async def test_a_demonstration_with_a_good_trainee_passes(tmp_path: Path, ear: MoonshineEar) -> None:
    async with prepare(load(tmp_path), ear=ear) as engines:
        view = Watcher()
        result = await run_demo(engines, call_script("burglary-in-progress"), view, fast=True)
    assert result.marksheet is not None
    assert result.marksheet.outcome == "passed"
    assert next(entry.decision for entry in result.log if isinstance(entry, Recorded)) == "deploy"
    assert sum(bool(entry.text) for entry in result.log if isinstance(entry, Utterance)) >= 10
    happened = [entry.at for entry in result.log if isinstance(entry, Happened)]
    cuts = [entry.at for entry in result.log[:-3] if isinstance(entry, LineCut)]
    assert all(any(0 <= cut - event < 3 for event in happened) for cut in cuts), "only what broke in was broken off"
    assert {path.name for path in result.folder.iterdir()} >= {
        "log.jsonl", "recording.wav", "call.json", "marksheet.json",
    }  # fmt: skip
    assert not view.notices


async def test_over_the_telephone_with_another_seed_a_poor_trainee_fails(tmp_path: Path, ear: MoonshineEar) -> None:
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed: no voice for sentences that do not come with the program")
    async with prepare(load(tmp_path), ear=ear) as engines:
        call = call_script("burglary-in-progress")
        result = await run_demo(engines, call, Watcher(), trainee="poor", seed=5, phone=True, fast=True)
    assert result.marksheet is not None
    assert result.marksheet.outcome == "failed"
    assert result.marksheet.seed == 5
    with wave.open(str(result.folder / "recording.wav")) as recording:
        assert recording.getframerate() == 8000
