"""What a script's rehearsals never try: facts never told, events that never come, criteria that always end alike.

A rehearsal that leaves something untried proves nothing about it; an author reads this list before trusting a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scripts.events import Entry, Happened, Say
from scripts.force import Force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.rehearsal import Rehearsal, play
from scripts.script import Script

SEEDS = (1, 2, 3)
"""Casts that each trainee is rehearsed with."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was tried of what there is, and the places that were not."""

    tried: int
    all: int
    untried: tuple[tuple[str, str], ...]
    """Place and what never happened there."""

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.tried / self.all if self.all else 1.0


def cover(script: Script, rehearsal: Rehearsal, force: Force, seeds: Sequence[int] = SEEDS) -> Coverage:
    """Play every trainee with every seed and see what came about."""
    logs = [play(script, seed, trainee) for trainee in rehearsal.trainees.values() for seed in seeds]
    sheets = [mark(script, log, force) for log in logs]
    found = [*_told(script, sheets), *_came(script, logs), *_marked(script, sheets)]
    untried = tuple((place, message) for place, message, tried in found if not tried)
    return Coverage(len(found) - len(untried), len(found), untried)


Tried = tuple[str, str, bool]
"""A place, what is wrong if it was not tried, and whether it was."""


def _told(script: Script, sheets: Iterable[Marksheet]) -> Iterator[Tried]:
    told = {fact for sheet in sheets for fact, state in sheet.facts.items() if state.told}
    for place, fact in enumerate(script.facts):
        yield f"facts[{place}]", f"{fact.id!r} is never told to any trainee", fact.id in told


def _came(script: Script, logs: Sequence[Sequence[Entry]]) -> Iterator[Tried]:
    happened = {entry.event for log in logs for entry in log if isinstance(entry, Happened)}
    said = {entry.about for log in logs for entry in log if isinstance(entry, Say)}
    for place, event in enumerate(script.events):
        yield f"events[{place}]", f"{event.id!r} never happens", event.id in happened
    for place, reaction in enumerate(script.reactions):
        message = f"nobody hears this reaction to {reaction.to!r}"
        yield f"reactions[{place}]", message, f"reaction:{place}" in said


def _marked(script: Script, sheets: Sequence[Marksheet]) -> Iterator[Tried]:
    """Each criterion must earn its points once, and miss some once: one that cannot do both marks nothing."""
    for place, criterion in enumerate(script.criteria):
        results = {sheet.verdict(criterion.id).result for sheet in sheets}
        yield f"criteria[{place}]", f"{criterion.id!r} is never met by any trainee", "met" in results
        lost = bool(results - {"met", "not_applicable"})
        yield f"criteria[{place}]", f"{criterion.id!r} is never missed by any trainee", lost
    ratings = {sheet.disposition.why for sheet in sheets}
    for place, outcome in enumerate(script.outcomes):
        yield f"outcomes[{place}]", f"no trainee decides {outcome.decision!r} like this", outcome.why in ratings
