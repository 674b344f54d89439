"""The desk on a sound card of software: a synthetic trainee is the microphone, the caller is recorded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO

import numpy as np

from audio.frame import Frame
from audio.wav import write_wav
from server.trainee_voices import FOLDER, read_ogg
from sound_card import ROOT, SoundCard, heard, running_sound_card, started_sound_card

__all__ = ["running_sound_card"]

CALL = """
import asyncio, json, sys
from pathlib import Path
from fakes import HummingMouth, ScriptedEar, Watcher
from scripts.events import LineFinished, Say, Utterance
from server.call_scripts import call_script
from server.calls import run_call
from server.desk import open_desk
from server.engines import prepare
from server.handset import HangUp
from server.settings import load

class Desk(Watcher):
    def entry(self, entry):
        super().entry(entry)
        print(entry.kind, flush=True)
        if isinstance(entry, LineFinished) and any(isinstance(each, Utterance) for each in self.entries):
            self.handset.do(HangUp())

async def main():
    ear = ScriptedEar(["what's the address of the emergency"] * 9)
    async with prepare(load(Path(sys.argv[1])), ear=ear, mouth=HummingMouth()) as engines:
        async with open_desk(engines.settings.home) as handset:
            view = Desk()
            view.handset = handset
            print("ringing", flush=True)
            result = await run_call(engines, call_script("burglary-in-progress"), handset, view, seed=1)
    said = [entry.text for entry in result.log if isinstance(entry, Utterance)]
    told = [entry.about for entry in result.log if isinstance(entry, Say)]
    print(json.dumps({"said": said, "told": told, "rang": result.log[0].rang_for, "notices": view.notices,
        "end": result.log[-1].by, "call": result.call_id, "gaps": result.figures.turn_gap_p95}), flush=True)

asyncio.run(main())
"""


def own(card: SoundCard) -> SoundCard:
    """The card for a process that also imports what stands beside these tests."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return SoundCard({**card.env, "PYTHONPATH": paths}, card.server)


def sentence(folder: Path) -> Path:
    path = folder / "sentence.wav"
    write_wav(path, read_ogg(min((FOLDER / "burglary-in-progress" / "good").glob("00-*.ogg"))))
    return path


def loud_seconds(sound: Frame) -> float:
    steps = np.abs(np.frombuffer(sound.samples, "<i2").astype(int))[: sound.count // 320 * 320].reshape(-1, 320)
    return float((steps.max(axis=1) > 3000).sum() * 0.02)


def test_a_whole_call_at_the_desk(sound_card: SoundCard, tmp_path: Path) -> None:
    card, speech = own(sound_card), sentence(tmp_path)
    with card.record_loudspeaker(tmp_path / "speaker.raw"), card.start(CALL, str(tmp_path / "home")) as child:
        assert child.stdout is not None
        until(child.stdout, "ringing")
        card.play_into_microphone(speech)  # a voice answers
        until(child.stdout, "line_finished")  # the opening
        card.play_into_microphone(speech)
        *_, told = child.stdout.read().splitlines()
    assert child.returncode == 0
    call = json.loads(told)
    assert call["said"][-1] == "what's the address of the emergency"
    assert call["told"][0] == "opening"
    assert "fact:address" in call["told"]
    assert call["rang"] > 0
    assert call["end"] == "trainee"
    assert call["notices"] == []
    assert loud_seconds(heard(tmp_path / "speaker.raw")) > 2, "the caller was not heard"


def test_a_sound_card_that_goes_away_in_mid_call_leaves_the_call_saved(tmp_path: Path) -> None:
    with started_sound_card(tmp_path) as whole:
        card = own(whole)
        with card.start(CALL, str(tmp_path / "home")) as child:
            assert child.stdout is not None
            until(child.stdout, "ringing")
            card.play_into_microphone(sentence(tmp_path))
            until(child.stdout, "answered")
            card.server.terminate()
            *_, told = child.stdout.read().splitlines()
        call = json.loads(told)
        assert call["end"] == "line"
        assert any("still plugged in" in notice for notice in call["notices"])
        folder = tmp_path / "home" / "calls" / call["call"]
        assert (folder / "marksheet.json").is_file()
        assert (folder / "recording.wav").stat().st_size > 44


def test_without_a_microphone_the_demonstration_is_named(tmp_path: Path) -> None:
    with started_sound_card(tmp_path) as card:
        card.server.terminate()
        card.server.wait()
        said = own(card).run(OPEN, str(tmp_path / "home"))
    assert "rightcall demo" in said


def test_a_second_call_at_one_desk_is_refused(sound_card: SoundCard, tmp_path: Path) -> None:
    assert "another call is using this desk's microphone" in own(sound_card).run(TWICE, str(tmp_path / "home"))


OPEN = """
import asyncio, sys
from pathlib import Path
from audio.device import DeviceError
from server.desk import DeskBusy, open_desk

async def main():
    try:
        async with open_desk(Path(sys.argv[1])):
            pass
    except DeviceError as error:
        print(error)

asyncio.run(main())
"""
TWICE = OPEN.replace(
    "            pass", "            async with open_desk(Path(sys.argv[1])):\n                pass"
).replace("except DeviceError", "except DeskBusy")


def until(lines: IO[str], word: str) -> None:
    """Read the process's lines up to this word."""
    for line in lines:
        if line.strip() == word:
            return
    raise AssertionError(f"the process ended before {word!r}")
