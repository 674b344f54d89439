"""Every line a caller can speak: from the script, or from the stock of the caller's manner where it gives none.

A line's key says what it is for (`fact:address`, `again:address`, `nudge`, `event:upstairs`); a key has one or
more ways of saying it for each state of mind. All of them are known before the phone rings, so that the mouth
can have them ready.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import get_args

from scripts.cast import Cast
from scripts.lexicons import lexicon
from scripts.script import Band, Fact, Lines, Script, Wording, band

BANDS: tuple[Band, ...] = get_args(Band)

LAST_WORDS = 0.9
"""The share of a line that must be heard where the detail itself cannot be found in it."""

SENTENCE = re.compile(r"^[a-z]|(?<=[.!?] )[a-z]")
"""The first letter of a sentence: a detail that begins one is drawn in small letters."""

SOUND_OF = {
    "[one tap]": "tap", "[two taps]": "taps_two", "[a cough]": "cough", "[breathing]": "breathing",
    "[a sob]": "sob", "[two key presses]": "keys_55", "[silence]": None,
}  # fmt: skip
"""What a line that is a sound is made of (`audio/scene.py`); a line of words has the sound that its script names."""

STOCK_KEYS = (
    "nudge", "confused", "unknown", "told_already", "withheld", "yes", "correct", "thanks", "obey", "on_hold",
    "hurt", "promised", "goodbye", "gives_up", "refused", "comforted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say: as written, as spoken, and which facts it tells once so much of it was heard."""

    key: str
    text: str
    spoken: str
    tells: tuple[tuple[str, float], ...] = ()
    sound: str | None = None
    interrupts: bool = False


class LineBook:
    """All lines of a cast, by key and state of mind."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._ways: dict[str, dict[Band, tuple[Line, ...]]] = {}
        for source in _sources(cast.script):
            self._ways[source.key] = {state: self._lines(source, state) for state in BANDS}

    def __contains__(self, key: str) -> bool:
        return key in self._ways

    def pick(self, key: str, mood: int, chance: Random) -> Line:
        """One way of saying it. Raises KeyError for a key that no script or stock line has."""
        return chance.choice(self._ways[key][band(mood)])

    def all(self) -> Iterator[tuple[Band, Line]]:
        """Every line in every state of mind that it has words for."""
        for ways in self._ways.values():
            for state, lines in ways.items():
                for line in lines:
                    yield state, line

    def _lines(self, source: _Source, state: Band) -> tuple[Line, ...]:
        return tuple(self._line(source, template) for template in ways_of(source.wording, state))

    def _line(self, source: _Source, template: str) -> Line:
        text = SENTENCE.sub(lambda found: found[0].upper(), self._cast.written(template))
        tells = tuple((fact, self._share(fact, text)) for fact in source.tells)
        sound = SOUND_OF.get(text, source.sound)
        return Line(source.key, text, self._cast.spoken(template), tells, sound, source.interrupts)

    def _share(self, fact: str, text: str) -> float:
        """How much of the text must be heard for the fact: up to the last letter of its value."""
        value = self._cast.written(self._cast.script.fact(fact).value)
        place = text.lower().find(value.lower()) if value else -1
        return round((place + len(value)) / len(text), 3) if place >= 0 else LAST_WORDS


@dataclass(frozen=True, slots=True)
class _Source:
    key: str
    wording: Wording
    tells: tuple[str, ...] = ()
    sound: str | None = None
    interrupts: bool = False


def ways_of(wording: Wording, state: Band) -> list[str]:
    """The templates for one state of mind; where a band is missing, the nearest one that has words."""
    if isinstance(wording, dict):
        place = BANDS.index(state)
        nearest = min(wording, key=lambda known: (abs(BANDS.index(known) - place), BANDS.index(known)))
        wording = wording[nearest]
    return wording if isinstance(wording, list) else [wording]


def stock(script: Script) -> Mapping[str, list[str]]:
    """The manner's own lines over the plain ones."""
    lines = lexicon("stock")
    return {**lines["plain"], **lines.get(script.caller.manner, {})}


def _sources(script: Script) -> Iterator[_Source]:
    common = stock(script)
    own = script.lines
    yield _Source("opening", own.opening, tuple(own.opening_tells), own.sound)
    for key in STOCK_KEYS:
        wording = getattr(own, key) if key in Lines.model_fields else None
        yield _Source(key, common[key] if wording is None else wording, sound=own.sound)
    for fact in script.facts:
        yield from _fact_sources(fact, common)
    for place, reaction in enumerate(script.reactions):
        yield _Source(f"reaction:{place}", reaction.say, tuple(reaction.tells))
    for event in script.events:
        if event.say is not None:
            yield _Source(
                f"event:{event.id}", event.say, tuple(event.tells), event.sound, interrupts=event.interrupts
            )


def _fact_sources(fact: Fact, common: Mapping[str, list[str]]) -> Iterator[_Source]:
    tells = (fact.id, *fact.also_tells)
    yield _Source(f"fact:{fact.id}", fact.say, tells, fact.sound)
    if fact.again is not None:
        yield _Source(f"again:{fact.id}", fact.again, (fact.id,), fact.sound)
    if fact.value:
        correct = fact.correct if fact.correct is not None else _corrected(fact, common)
        yield _Source(f"correct:{fact.id}", correct, (fact.id,), fact.sound)
    if fact.withheld is not None:
        yield _Source(f"withheld:{fact.id}", fact.withheld)


def _corrected(fact: Fact, common: Mapping[str, list[str]]) -> Wording:
    """The stock correction with the true value behind it."""
    return [f"{way} {fact.value}." for way in common["correct"]]
