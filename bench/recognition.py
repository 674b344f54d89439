"""`python -m bench.recognition [MODEL_FOLDER]`: how well the ears hear control-room speech, and what gating saves.

Speech comes from flite's voices (needs the `flite` program), at 16 kHz and through an 8 kHz mu-law line. Vosk is
measured where a model's folder is given. Synthetic voices flatter no one: take the figures to compare engines
and bands, not as a promise for people.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from audio.codec import resample, ulaw_decode, ulaw_encode
from audio.frame import Frame, cut, join, silence
from audio.wav import read_wav
from bench.figure import Figure
from scripts.completeness import finished
from voice.activity import VoiceActivity
from voice.choice import choose_ear
from voice.ear import Ear
from voice.turns import Ended, Feed, Peek, Turns

VOICES = ("rms", "awb", "slt")
BANDS = ("16 kHz", "8 kHz mu-law")
SENTENCES = (
    "Police emergency, what is the address of the emergency?",
    "Can you tell me exactly what has happened?",
    "Are you somewhere safe at the moment?",
    "Is he still inside the house with you?",
    "Has anybody been hurt, or does anyone need an ambulance?",
    "Did you see a knife or any other weapon?",
    "What is the name of the road that you are on?",
    "Can you see a shop or a street sign near you?",
    "What does he look like, and what is he wearing?",
    "Which way did they go when they left?",
    "What colour was the car, and did you get the registration?",
    "Has this happened before with the same person?",
    "Are there any children in the house?",
    "Has he been drinking or taking anything tonight?",
    "I am sending officers to you now, stay on the line with me.",
    "Lock the door and keep away from the windows.",
    "Please do not go outside until the officers arrive.",
    "You are doing really well, just keep talking to me.",
    "Let me read that back to you so that I have it right.",
    "Call us back straight away if anything changes.",
)
PAUSES = (2.0, 4.5, 1.2, 6.0, 3.0)
"""Seconds in which a caller answers, in turn."""


@dataclass(frozen=True, slots=True)
class Row:
    """One engine on one voice and band: wrong words of all, seconds of sound, core-seconds spent on them."""

    engine: str
    voice: str
    band: str
    wrong: int
    words: int
    seconds: float
    cpu: float

    @property
    def error_rate(self) -> float:
        """Word error rate, 0 upwards."""
        return self.wrong / self.words

    def __str__(self) -> str:
        cost = self.cpu / self.seconds
        return f"{self.engine:10} {self.voice:4} {self.band:13} {self.error_rate:6.1%} wrong  {cost:.3f} cores"


@dataclass(frozen=True, slots=True)
class Gating:
    """A composed live call, everything fed to the ear, and only where there is voice.

    Seconds of sound and of what was fed, core-seconds of each way, and of all words the wrong ones, and among them
    those lost altogether. `cpu_voice` is what finding the voice costs, which turn-taking needs anyway; `cpu_gated`
    includes every early decoding.
    """

    engine: str
    voice: str
    seconds: float
    fed: float
    cpu_whole: float
    cpu_gated: float
    cpu_voice: float
    wrong_whole: int
    wrong_gated: int
    lost_whole: int
    lost_gated: int
    words: int

    def __str__(self) -> str:
        return (
            f"{self.engine:10} {self.voice:4} fed {self.fed:.0f} of {self.seconds:.0f} s, "
            f"decoding {self.cpu_gated:.2f} for {self.cpu_whole:.2f} core-seconds, "
            f"finding voice {self.cpu_voice:.2f}, "
            f"{self.wrong_gated} for {self.wrong_whole} of {self.words} words wrong, "
            f"{self.lost_gated} for {self.lost_whole} lost"
        )


def run(model: Path | None = None) -> list[Row]:
    """Word error rates of every ear on every voice and band; `model` is a Vosk model's folder."""
    return [_row(ear, voice, band) for ear in _ears(model) for voice in VOICES for band in BANDS]


def gating(model: Path | None = None) -> list[Gating]:
    """What it saves to decode only voice, in calls whose caller answers between the sentences."""
    return [_gate(ear, voice) for ear in _ears(model) for voice in VOICES]


def _ears(model: Path | None) -> Iterator[Ear]:
    yield choose_ear("moonshine", None, Path())
    if model is not None:
        yield choose_ear("vosk", model, Path())


def _row(ear: Ear, voice: str, band: str) -> Row:
    sounds = [_on(band, _spoken(sentence, voice)) for sentence in SENTENCES]
    start = time.process_time()
    texts = [_whole(ear, sound) for sound in sounds]
    cpu = time.process_time() - start
    wrong, words = map(sum, zip(*map(_wrong, SENTENCES, texts), strict=True))
    return Row(ear.name, voice, band, wrong, words, sum(sound.seconds for sound in sounds), cpu)


def _gate(ear: Ear, voice: str) -> Gating:
    """The same live call twice: everything fed to the ear, and only what the turns let through."""
    call = _on("8 kHz mu-law", join(_parts(voice), 16_000))
    times = [time.process_time()]
    activity = VoiceActivity(call.rate)
    voiced = [activity.feed(frame.samples) for frame in cut(call)]
    times.append(time.process_time())
    whole, _ = _heard(ear, call, voiced, gated=False)
    times.append(time.process_time())
    gated, fed = _heard(ear, call, voiced, gated=True)
    times.append(time.process_time())
    cpu_voice, cpu_whole, cpu_gated = (end - start for start, end in pairwise(times))
    said = " ".join(SENTENCES)
    (wrong_whole, words), (wrong_gated, _) = _wrong(said, whole), _wrong(said, gated)
    return Gating(
        ear.name, voice, call.seconds, fed, cpu_whole, cpu_gated, cpu_voice,
        wrong_whole, wrong_gated, _lost(said, whole), _lost(said, gated), words,
    )  # fmt: skip


def _parts(voice: str) -> Iterator[Frame]:
    for at, sentence in enumerate(SENTENCES):
        yield _spoken(sentence, voice)
        yield silence(PAUSES[at % len(PAUSES)], 16_000)


def _whole(ear: Ear, sound: Frame) -> str:
    hearing = ear.listen(sound.rate)
    hearing.feed(sound.samples)
    return hearing.finish().text


def _heard(ear: Ear, sound: Frame, voiced: list[bool], *, gated: bool) -> tuple[str, float]:
    """All that was heard in a live call, and the seconds that the ear was fed.

    Both ways the turns decide when to look early and when an utterance ends; not `gated`, the ear gets every frame.
    """
    turns, hearing, texts, fed = Turns(finished=finished), ear.listen(sound.rate), [], 0.0
    for frame, voice in zip(cut(sound), voiced, strict=True):
        if not gated:
            hearing.feed(frame.samples)
        for event in turns.step(frame.samples, voiced=voice):
            match event:
                case Feed() if gated:
                    hearing.feed(event.samples)
                    fed += Frame(event.samples, sound.rate).seconds
                case Peek():
                    turns.hear(hearing.peek().text, event.number)
                case Ended():
                    texts.append(hearing.finish().text)
    return " ".join(texts), fed if gated else sound.seconds


def _on(band: str, sound: Frame) -> Frame:
    return sound if band == "16 kHz" else ulaw_decode(ulaw_encode(resample(sound, 8000)))


@lru_cache(maxsize=256)
def _spoken(text: str, voice: str) -> Frame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spoken.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", path], check=True)
        return resample(read_wav(path), 16_000)


def _wrong(said: str, heard: str) -> tuple[int, int]:
    """How many words differ, and how many were said."""
    wanted, got = _words(said), _words(heard)
    return Levenshtein.distance(wanted, got), len(wanted)


def _lost(said: str, heard: str) -> int:
    """How many words have nothing in their place, not even a wrong one."""
    return sum(edit.tag == "delete" for edit in Levenshtein.editops(_words(said), _words(heard)))


def _words(text: str) -> list[str]:
    plain = re.sub(r"[^\w ]", "", text.lower()).replace("any one", "anyone").replace("color", "colour")
    return plain.split()


def figures() -> Iterator[Figure]:
    """Word error rates, and what gating saves of the work and costs in words, over all voices."""
    for row in run():
        name = f"{row.engine}, {row.voice}, {row.band}: word error rate"
        yield Figure(name, 100 * row.error_rate, "%")
    gates = gating()
    work = sum(gate.cpu_gated for gate in gates) / sum(gate.cpu_whole for gate in gates)
    yield Figure("decoding work, gated over ungated", work, "", 0.6)
    for kind, wrong in (("gated", "wrong_gated"), ("ungated", "wrong_whole")):
        share = 100 * sum(getattr(gate, wrong) for gate in gates) / sum(gate.words for gate in gates)
        yield Figure(f"words wrong in calls, {kind}", share, "%")
    lost, would_be = (sum(getattr(gate, name) for gate in gates) for name in ("lost_gated", "lost_whole"))
    yield Figure("words lost in calls, more than ungated", lost - would_be, "", 0)


def main(arguments: list[str]) -> None:
    """Print both tables."""
    model = Path(arguments[0]) if arguments else None
    rows: Iterable[Row | Gating] = [*run(model), *gating(model)]
    print(*rows, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
