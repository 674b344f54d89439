"""How justly calls are marked that were heard: the measuring trainees speak by telephone to the real recogniser.

Each takes some calls of the shelf, every call once: flite speaks their sentences, an 8 kHz mu-law line carries them,
moonshine hears them. `CALLS` (26) says how many calls; `--wrong` lists what was not marked right.
Needs the `flite` program, and some ten minutes of a core.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from audio.codec import TELEPHONE_RATE, resample, ulaw_decode, ulaw_encode
from bench.figure import Figure
from bench.marking_trainees import tell
from bench.trainees.behaviour import behaviours
from bench.trainees.measuring import Held, by_kind, hold, wrong_verdicts
from bench.trainees.measuring import figures as measured
from bench.trainees.playing import perform
from scripts.events import SpeechBegan, Utterance
from scripts.force import default_force
from scripts.rehearsal import TypedCall
from scripts.shelf import Shelf
from server.trainee_voices import flite_says
from voice.choice import choose_ear
from voice.ear import Ear, Transcript

CALLS = int(os.environ.get("CALLS", "26"))
VOICES = ("rms", "awb")
"""Voices that a recogniser trained on people understands."""


class Line:
    """What is left of a sentence at the other end of a telephone line."""

    def __init__(self, ear: Ear, flite: str) -> None:
        self._ear, self._flite = ear, flite
        self.carry = lru_cache(maxsize=4096)(self._carry)

    def _carry(self, text: str, voice: str) -> tuple[Transcript, float]:
        """The text as it is heard, and how many seconds it takes to say."""
        sound = resample(flite_says(self._flite, text, voice), TELEPHONE_RATE)
        sound = ulaw_decode(ulaw_encode(sound), TELEPHONE_RATE)
        hearing = self._ear.listen(TELEPHONE_RATE)
        hearing.feed(sound.samples)
        heard = hearing.finish()
        hearing.close()
        return heard, sound.seconds


def heard_call(line: Line, voice: str) -> type[TypedCall]:
    """A call whose trainee is heard rather than read."""

    class HeardCall(TypedCall):
        def _speak(self, text: str, *, begun: bool = False) -> None:
            heard, seconds = line.carry(self.cast.spoken(text), voice)
            began = self.now
            if not begun:
                self._handle(SpeechBegan(began))
            self._advance(began + seconds)
            self._handle(Utterance(self.now, began, self.now, heard.text, heard.confidence))

    return HeardCall


def figures() -> Iterator[Figure]:
    """Each script once, the trainees in turn; progress is told on standard error."""
    flite = shutil.which("flite")
    if flite is None:
        raise SystemExit("the measuring trainees need the program flite to speak: install it")
    line = Line(choose_ear("moonshine", None, Path()), flite)
    force = default_force()
    rows: list[Held] = []
    names = list(Shelf().paths())
    for place in range(CALLS):
        script = Shelf().script(names[place * 7 % len(names)])
        behaviour = behaviours()[place % len(behaviours())]
        call = heard_call(line, VOICES[place % len(VOICES)])
        rows.append(hold(perform(script, behaviour, place + 1, place + 1, call), force))
        wrong = f"{len(rows[-1].wrong)} of {len(rows[-1].judged)} wrong"
        tell(f"{place + 1:2}/{CALLS} {script.id} {behaviour.name}: {wrong}")
    tell(by_kind(rows))
    if "--wrong" in sys.argv:
        for text in wrong_verdicts(rows):
            tell(text)
    yield from measured(rows, "by telephone", 0.92)


if __name__ == "__main__":
    from bench.marking_trainees import show

    show("marking_by_telephone", list(figures()))
