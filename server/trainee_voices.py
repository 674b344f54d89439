"""The synthetic trainee's voice: the rehearsed turns as sound.

For each script's usual seed the sounds come with the program (`audio/trainee`), so that the demonstration needs
no second synthesiser; for other seeds they are spoken by flite where that is installed, else by the mouth, whose
formant speech recognisers often misread. Files are named by what is said: a turn that was reworded finds none, and
`make trainee-voices` (`python -m server.trainee_voices`) makes what is missing and clears away what is not used.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import BinaryIO

import audio
from audio.codec import TELEPHONE_RATE, resample, ulaw_decode, ulaw_encode
from audio.frame import Frame
from audio.wav import read_wav
from scripts.cast import Cast, draw
from scripts.rehearsal import Rehearsal, Trainee
from scripts.script import Script
from voice.choice import choose_ear
from voice.ear import Ear
from voice.line_cache import LineCache
from voice.mouth import Speech
from voice.voices import Delivery

FOLDER = Path(audio.__file__).parent / "trainee"
RATE = 16_000
FLITE_VOICES = {"female": "rms", "male": "awb"}
"""By the caller's sex: voices that recognisers trained on people understand, and that differ from the caller."""
PACES = (1.0, 1.1, 1.2)
"""How much slower than usual a sentence is spoken, until the recogniser follows."""
GOOD_TAKE = 1
"""Words wrong, of both hearings together, that are good enough."""
FALLBACK = Speech("", "gmw/en-gb-x-rp+m3", Delivery(150, 45, 1.0))


class TraineeVoiceError(Exception):
    """A trainee's turn cannot be spoken; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn as it is spoken, and the file that holds its sound if it came with the program."""

    text: str
    voice: str
    path: Path


def spoken_turns(script: Script, cast: Cast, name: str, trainee: Trainee) -> list[Spoken | None]:
    """Every turn of the trainee in order; None where nothing is said."""
    voice = FLITE_VOICES[script.caller.sex]
    turns: list[Spoken | None] = []
    for place, turn in enumerate(trainee.turns):
        text = cast.spoken(turn.say)
        digest = hashlib.sha256(f"{voice}:{text}".encode()).hexdigest()[:8]
        path = FOLDER / script.id / name / f"{place:02}-{digest}.ogg"
        turns.append(Spoken(text, voice, path) if turn.say else None)
    return turns


async def sounds(
    turns: list[Spoken | None], cache: LineCache, notice: Callable[[str], None] = lambda _text: None
) -> list[Frame | None]:
    """The sound of each turn at 16 kHz. Raises MouthError when nothing on this machine can speak it."""
    missing = [turn for turn in turns if turn and not turn.path.is_file()]
    flite = shutil.which("flite")
    if missing and not flite:
        notice("the trainee speaks with the caller's synthesiser, which recognisers often misread: install flite")
    return [await _sound(turn, cache, flite) if turn else None for turn in turns]


async def _sound(turn: Spoken, cache: LineCache, flite: str | None) -> Frame:
    if turn.path.is_file():
        return await asyncio.to_thread(read_ogg, turn.path)
    if flite:
        return await asyncio.to_thread(flite_says, flite, turn.text, turn.voice)
    return await cache.fetch(Speech(turn.text, FALLBACK.voice, FALLBACK.delivery))


def flite_says(flite: str, text: str, voice: str, slower: float = 1.0) -> Frame:
    """The text spoken by one of flite's voices, at 16 kHz; `slower` stretches it. Raises TraineeVoiceError."""
    import subprocess

    with tempfile.TemporaryDirectory(prefix="rightcall-flite-") as folder:
        path = Path(folder) / "turn.wav"
        words: list[str | Path] = [
            flite,
            "-voice",
            voice,
            "--setf",
            f"duration_stretch={slower}",
            "-t",
            text,
            "-o",
            path,
        ]
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - a program of this machine
        if done.returncode or not path.is_file():
            raise TraineeVoiceError(f"flite could not speak {text[:60]!r}: {done.stderr.decode(errors='replace')}")
        return resample(read_wav(path), RATE)


def read_ogg(path: Path | BinaryIO) -> Frame:
    """A stored turn, at 16 kHz."""
    import soundfile

    samples, rate = soundfile.read(path, dtype="int16")
    return resample(Frame(samples.astype("<i2").tobytes(), rate), RATE)


def ogg_bytes(frame: Frame) -> bytes:
    """The frame as Opus in Ogg: about 1.6 kB a second, a twentieth of the samples."""
    import numpy as np
    import soundfile

    buffer = io.BytesIO()
    samples = np.frombuffer(frame.samples, dtype="<i2")
    soundfile.write(buffer, samples, frame.rate, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
    return buffer.getvalue()


COMPRESSION = 0.98
"""Of 1: about 13 kbit/s, at which the recogniser hears as well as at three times as much; at 1 it does not."""


def _best_take(turn: Spoken, flite: str, ear: Ear) -> bytes:
    """The first take that the recogniser writes down well, or the one it gets nearest.

    Judged as it is stored, over a good line and over a telephone: a trainee whom nobody understands shows nothing.
    """
    best, fewest = b"", math.inf
    for slower in PACES:
        take = ogg_bytes(flite_says(flite, turn.text, turn.voice, slower))
        sound = read_ogg(io.BytesIO(take))
        line = ulaw_decode(ulaw_encode(resample(sound, TELEPHONE_RATE)))
        wrong = sum(_words_wrong(turn.text, heard) for heard in (_heard(ear, sound), _heard(ear, line)))
        if wrong < fewest:
            best, fewest = take, wrong
        if wrong <= GOOD_TAKE:
            break
    return best


def _heard(ear: Ear, sound: Frame) -> str:
    hearing = ear.listen(sound.rate)
    hearing.feed(sound.samples)
    return hearing.finish().text


def _words_wrong(said: str, heard: str) -> int:
    """How many of the words said were not heard, in their order, and how many were heard that were not said."""
    first, second = (re.sub(r"[^a-z' ]+", " ", text.lower()).split() for text in (said, heard))
    same = sum(block.size for block in SequenceMatcher(None, first, second).get_matching_blocks())
    return len(first) + len(second) - 2 * same


def all_turns(rehearsals: Iterator[tuple[Script, Rehearsal]]) -> Iterator[Spoken]:
    """Every turn that should come with the program."""
    for script, rehearsal in rehearsals:
        cast = draw(script, rehearsal.seed)
        for name, trainee in rehearsal.trainees.items():
            yield from filter(None, spoken_turns(script, cast, name, trainee))


def _main(*, again: bool) -> int:
    """Make every sound that is missing (or all of them `again`), delete every one that is spoken no more."""
    from server.call_scripts import rehearsed_scripts

    flite = shutil.which("flite")
    if not flite:
        print("flite is not installed: sudo apt install flite")
        return 1
    wanted = {turn.path: turn for turn in all_turns(rehearsed_scripts())}
    for path in FOLDER.rglob("*.ogg"):
        if path not in wanted:
            path.unlink()
    made = [turn for turn in wanted.values() if again or not turn.path.is_file()]
    ear = choose_ear("moonshine", None, FOLDER)
    for turn in made:
        turn.path.parent.mkdir(parents=True, exist_ok=True)
        turn.path.write_bytes(_best_take(turn, flite, ear))
    size = sum(path.stat().st_size for path in wanted)
    print(f"{len(wanted)} turns, {len(made)} made anew, {size / 1e6:.1f} MB in all")
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(again="--again" in sys.argv))
