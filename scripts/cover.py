"""What a script's rehearsals reach and what they never try: facts, lines, conditions, events, criteria, outcomes.

A rehearsal that leaves something untried proves nothing about it; an author reads this list before trusting a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from scripts.cast import draw
from scripts.events import Entry, Say
from scripts.force import Force
from scripts.ledger import Ledger, fold
from scripts.lines import STOCK_KEYS
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.rehearsal import Rehearsal, Trainee, play
from scripts.script import Fact, Lines, Needs, Script, TimelineEvent

SEEDS = (1, 2, 3)
"""Casts that each trainee is rehearsed with."""

Area = Literal["facts", "lines", "conditions", "events", "criteria", "outcomes"]
AREAS: tuple[Area, ...] = get_args(Area)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a rehearsal can reach: its place in the script, and what is wrong when none does."""

    area: Area
    place: str
    untried: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """All targets of one script, in the order of its keys."""

    targets: tuple[Target, ...]

    @property
    def tried(self) -> int:
        """How many were reached."""
        return sum(target.reached for target in self.targets)

    @property
    def all(self) -> int:
        """How many there are."""
        return len(self.targets)

    @property
    def untried(self) -> tuple[tuple[str, str], ...]:
        """Place and what never happened there."""
        return tuple((target.place, target.untried) for target in self.targets if not target.reached)

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.tried / self.all if self.all else 1.0

    def areas(self) -> dict[Area, tuple[int, int]]:
        """How many were reached of how many, for each kind of thing that the script has."""
        parts = {area: [target.reached for target in self.targets if target.area == area] for area in AREAS}
        return {area: (sum(reached), len(reached)) for area, reached in parts.items() if reached}


@dataclass(frozen=True, slots=True)
class _Played:
    """One rehearsed call: what happened in it, and its marks."""

    ledger: Ledger
    sheet: Marksheet

    def said(self, key: str) -> list[Say]:
        return [spoken.say for spoken in self.ledger.spoken if spoken.say.about == key]

    def held_back(self, fact: Fact) -> bool:
        """Whether the fact was asked for, even before it was so, and the answer was not the fact."""
        answered = {say.at for key in ("fact", "again") for say in self.said(f"{key}:{fact.id}")}
        asked = [turn.utterance for turn in self.ledger.turns if set(fact.topics).intersection(turn.meaning.topics)]
        return any(
            said.at not in answered
            for said in asked
            if not fact.keywords or any(word.lower() in said.text.lower() for word in fact.keywords)
        )

    def prevented(self, event: TimelineEvent) -> bool:
        """Whether what keeps the event away came about, and it stayed away."""
        decided = any(recorded.decision == event.unless_decided for recorded in self.ledger.decisions)
        told = event.unless_told is not None and self.ledger.told(event.unless_told)
        return (decided or told) and event.id not in self.ledger.happened


def cover(script: Script, rehearsal: Rehearsal, force: Force, seeds: Sequence[int] = SEEDS) -> Coverage:
    """Play every trainee with every seed and see what came about."""
    return cover_by(script, rehearsal.everyone.values(), force, seeds)


def cover_by(script: Script, trainees: Iterable[Trainee], force: Force, seeds: Sequence[int] = SEEDS) -> Coverage:
    """What just these trainees reach. What two of them reach together is what either reaches."""
    played = [_played(script, seed, play(script, seed, trainee), force) for trainee in trainees for seed in seeds]
    found = (*_facts(script, played), *_lines(script, played), *_conditions(script, played))
    return Coverage((*found, *_events(script, played), *_criteria(script, played), *_outcomes(script, played)))


def _played(script: Script, seed: int, log: list[Entry], force: Force) -> _Played:
    return _Played(fold(draw(script, seed), log), mark(script, log, force))


def _facts(script: Script, played: Sequence[_Played]) -> Iterator[Target]:
    for place, fact in enumerate(script.facts):
        told = any(call.ledger.told(fact.id) for call in played)
        yield Target("facts", f"facts[{place}]", f"{fact.id!r} is never told to any trainee", told)


def _lines(script: Script, played: Sequence[_Played]) -> Iterator[Target]:
    """Every line that the script words itself; the stock of its manner was heard elsewhere."""
    for place, key in _own_lines(script):
        said = any(call.said(key) for call in played)
        yield Target("lines", place, "nobody hears this line", said)


def _own_lines(script: Script) -> Iterator[tuple[str, str]]:
    """The place of each line and its key in the call's line book."""
    for name in ("opening", *STOCK_KEYS):
        if name in Lines.model_fields and getattr(script.lines, name) is not None:
            yield f"lines.{name}", name
    for place, fact in enumerate(script.facts):
        yield f"facts[{place}].say", f"fact:{fact.id}"
        for key in ("again", "correct", "withheld"):
            if getattr(fact, key) is not None:
                yield f"facts[{place}].{key}", f"{key}:{fact.id}"
    for place, _ in enumerate(script.reactions):
        yield f"reactions[{place}].say", f"reaction:{place}"
    for place, event in enumerate(script.events):
        if event.say is not None:
            yield f"events[{place}].say", f"event:{event.id}"


def _conditions(script: Script, played: Sequence[_Played]) -> Iterator[Target]:
    """Each condition must hold once and fail once: one that never fails keeps nothing back."""
    for place, fact in enumerate(script.facts):
        if fact.needs != Needs():
            here = f"facts[{place}].needs"
            held = any(call.said(f"fact:{fact.id}") for call in played)
            yield Target("conditions", here, f"what {fact.id!r} waits for never comes about", held)
            back = any(call.held_back(fact) for call in played)
            yield Target("conditions", here, f"{fact.id!r} is never asked for before its needs hold", back)
    for place, event in enumerate(script.events):
        for key in ("unless_decided", "unless_told"):
            if getattr(event, key) is not None:
                prevented = any(call.prevented(event) for call in played)
                yield Target("conditions", f"events[{place}].{key}", f"nobody prevents {event.id!r}", prevented)


def _events(script: Script, played: Sequence[_Played]) -> Iterator[Target]:
    for place, event in enumerate(script.events):
        happened = any(event.id in call.ledger.happened for call in played)
        yield Target("events", f"events[{place}]", f"{event.id!r} never happens", happened)


def _criteria(script: Script, played: Sequence[_Played]) -> Iterator[Target]:
    """Each criterion must earn its points once, and miss some once: one that cannot do both marks nothing."""
    for place, criterion in enumerate(script.criteria):
        here = f"criteria[{place}]"
        results = {call.sheet.verdict(criterion.id).result for call in played}
        yield Target("criteria", here, f"{criterion.id!r} is never met by any trainee", "met" in results)
        lost = bool(results - {"met", "not_applicable"})
        yield Target("criteria", here, f"{criterion.id!r} is never missed by any trainee", lost)


def _outcomes(script: Script, played: Sequence[_Played]) -> Iterator[Target]:
    ratings = {call.sheet.disposition.why for call in played}
    for place, outcome in enumerate(script.outcomes):
        message = f"no trainee decides {outcome.decision!r} like this"
        yield Target("outcomes", f"outcomes[{place}]", message, outcome.why in ratings)
