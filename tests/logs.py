"""Logs written by hand, for tests that mark a call without playing one: what was said and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.events import (
    Answered,
    Decided,
    Ended,
    Ender,
    Entry,
    FormChanged,
    Happened,
    HoldChanged,
    LineCut,
    LineFinished,
    Means,
    ReadBack,
    Recorded,
    Say,
    SpeechBegan,
    StopSaying,
    Trouble,
    Understood,
    Utterance,
)  # fmt: skip
from scripts.parsing import parse
from scripts.script import Script
from scripts.understanding import UNDERSTANDING_VERSION, Ask, Understanding
from scripts.vocabulary import Act, Agency, Decision, Grade

SCRIPT = """
title = "A man at the door"
summary = "A man is hammering at the door of a woman who is alone with her child."
aims = ["Find out where"]
model_answer = "Ask where she is, whether he is armed, and send officers."

[cast.address]
kind = "address"

[cast.name]
kind = "person_name"

[caller]
sex = "female"
age = 40

[lines]
opening = "There's a man hammering on my door."
opening_tells = ["man"]

[[facts]]
id = "man"
topic = ["emergency", "people"]
say = "There's a man at the door."

[[facts]]
id = "address"
topic = "location"
kind = "address"
value = "{address}"
say = "It's {address}."

[[facts]]
id = "name"
topic = "name"
kind = "person_name"
value = "{name}"
say = "{name}."

[[facts]]
id = "knife"
topic = "weapons"
say = "He's got a knife."

[[facts]]
id = "child"
topic = "children"
say = "My little one's here."
volunteered = true

[[facts]]
id = "inside"
topic = "ongoing"
say = "He's inside now."
needs = { after = "door" }

[[events]]
id = "door"
at = 60
say = "He's got the door open!"
tells = ["inside"]

[[outcomes]]
decision = "deploy"
grade = "emergency"
rating = "right"
why = "He is breaking in."

[[outcomes]]
decision = "deploy"
grade = "priority"
before = "door"
rating = "acceptable"
why = "The door still held."

[[outcomes]]
decision = "deploy"
grade = "scheduled"
rating = "unsafe"
why = "Tomorrow is too late."

[[criteria]]
id = "decision"
kind = "decided"
points = 10
dimension = "decision"
"""


def script(text: str = SCRIPT, name: str = "door.toml") -> Script:
    """The script of that text; without one, the man at the door."""
    return parse(text, name)


class Log:
    """A log in the making: each call adds what happens next, on a clock of its own."""

    def __init__(self, seed: int = 1, rang_for: float = 3.0) -> None:
        self.entries: list[Entry] = [Answered(0.0, seed, rang_for)]
        self.now = 0.0
        self._lines = 0

    def caller(
        self, text: str, *tells: str, about: str = "", lasts: float = 2.0, heard: float = 1.0, stopped: bool = False
    ) -> Log:
        """The caller says a line; `heard` below 1 cuts it, by the session itself when `stopped`."""
        self._lines += 1
        line = f"{self._lines}:{about}"
        self._add(Say(self.now, line, text, text, 50, tuple((fact, 0.9) for fact in tells), about))
        self.now += lasts * heard
        if heard < 1:
            self._add(StopSaying(self.now) if stopped else SpeechBegan(self.now))
            self._add(LineCut(self.now, line, heard))
        else:
            self._add(LineFinished(self.now, line))
        return self

    def trainee(
        self,
        text: str,
        *,
        asks: Sequence[Ask] = (),
        acts: Sequence[Act] = (),
        decision: Sequence[Decision] = (),
        grade: Grade | None = None,
        agency: Agency | None = None,
        backs: Sequence[ReadBack] = (),
        confidence: float | None = None,
        lasts: float = 2.0,
        version: str = UNDERSTANDING_VERSION,
    ) -> Log:
        """The trainee says something, and what is made of it."""
        began = self.now
        self._add(SpeechBegan(began))
        self.now += lasts
        meaning = Understanding(tuple(asks), tuple(acts), tuple(decision), agency, grade, ())
        self._add(Utterance(self.now, began, self.now, text, confidence))
        self._add(Understood(self.now, text, meaning, tuple(backs), version))
        for one in decision:
            self._record(one, grade if one == "deploy" else None, agency if one == "refer" else None, "voice", text)
        return self

    def asks(self, text: str, topic: str, form: str = "open", confidence: float | None = None) -> Log:
        """The trainee asks about one topic."""
        return self.trainee(text, asks=[Ask(topic, form, text)], confidence=confidence)  # type: ignore[arg-type]

    def decides(self, decision: Decision, grade: Grade | None = None, agency: Agency | None = None) -> Log:
        """The trainee decides by form."""
        self._add(Decided(self.now, decision, grade, agency))
        return self._record(decision, grade, agency, "form", "")

    def types(self, field: str, value: str) -> Log:
        return self._add(FormChanged(self.now, field, value))

    def happens(self, event: str) -> Log:
        return self._add(Happened(self.now, event))

    def holds(self, *, on: bool) -> Log:
        return self._add(HoldChanged(self.now, on))

    def trouble(self, what: str) -> Log:
        return self._add(Trouble(self.now, what))

    def waits(self, seconds: float) -> Log:
        self.now += seconds
        return self

    def ends(self, by: Ender = "trainee", why: str = "hung up") -> Log:
        return self._add(Ended(self.now, by, why))

    def _record(self, decision: Decision, grade: Grade | None, agency: Agency | None, how: Means, words: str) -> Log:
        return self._add(Recorded(self.now, decision, grade, agency, how, words))

    def _add(self, entry: Entry) -> Log:
        self.entries.append(entry)
        return self
