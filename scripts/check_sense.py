"""What can never happen in a script, or never be marked as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from scripts.check_names import Mistake, texts
from scripts.criteria import COMMON, READS
from scripts.rehearsal import LONGEST_CALL, WORDS_A_SECOND
from scripts.script import Criterion, Fact, Needs, Outcome, Script, TimelineEvent

CLOCKS = ("asked_within", "decided_within", "answered_within", "no_dead_air", "regraded")


def sense(script: Script) -> Iterator[Mistake]:
    """Everything that cannot come about or be marked."""
    yield from _alike(script)
    yield from _unsaid(script)
    yield from _reachable(script)
    yield from _outcomes(script)
    yield from _criteria(script)


# --- facts and events ----------------------------------------------------------------------------------------


def _alike(script: Script) -> Iterator[Mistake]:
    """Facts that no question can tell apart."""
    for (_, one), (place, other) in combinations(enumerate(script.facts), 2):
        same = set(one.topics) == set(other.topics) and not one.keywords and not other.keywords
        if same and one.needs == other.needs and not (one.volunteered or other.volunteered):
            yield (
                f"facts[{place}]",
                f"no question tells {other.id!r} from {one.id!r}: give one of them keywords, another topic or a need",
            )


def _reachable(script: Script) -> Iterator[Mistake]:
    """What waits for itself, or for something that never comes."""
    yield from _contradictory(script)
    told, happens = _possible(script)
    for place, fact in enumerate(script.facts):
        if fact.id not in told:
            waits = [*fact.needs.told, *([fact.needs.after] if fact.needs.after else [])]
            yield (
                f"facts[{place}].needs",
                f"{fact.id!r} can never be told: it waits for {', '.join(waits)}, which never comes",
            )
    for place, event in enumerate(script.events):
        if event.at is not None and event.at > LONGEST_CALL:
            yield f"events[{place}].at", f"no call lasts {event.at:.0f} seconds; {LONGEST_CALL:.0f} are the most"
        elif event.id not in happens:
            cause = event.after_told or event.after_event
            yield f"events[{place}]", f"{event.id!r} can never happen: it follows {cause!r}, which never comes"


def _contradictory(script: Script) -> Iterator[Mistake]:
    """What asks for two things that exclude each other: after an event, and before that one or an earlier one."""
    times = {event.id: event.at for event in script.events}
    parts: list[tuple[str, Needs | Outcome]] = [
        (f"facts[{place}].needs", fact.needs) for place, fact in enumerate(script.facts)
    ]
    parts += [(f"outcomes[{place}]", outcome) for place, outcome in enumerate(script.outcomes)]
    for here, part in parts:
        if part.after is None or part.before is None:
            continue
        first, last = times.get(part.before), times.get(part.after)
        if part.after == part.before or (first is not None and last is not None and first <= last):
            yield here, f"can never hold: after {part.after!r} it is no more before {part.before!r}"


def _possible(script: Script) -> tuple[set[str], set[str]]:
    """The facts that can be told and the events that can happen, found by letting one bring on the other."""
    told: set[str] = set()
    happens: set[str] = set()
    while True:
        given = {*script.lines.opening_tells, *(fact for reaction in script.reactions for fact in reaction.tells)}
        given |= {fact for event in script.events if event.id in happens for fact in event.tells}
        given |= {also for fact in script.facts if fact.id in told for also in fact.also_tells}
        new_told = told | given | {fact.id for fact in script.facts if _tellable(fact, told, happens)}
        new_happens = happens | {event.id for event in script.events if _comes(event, new_told, happens)}
        if (new_told, new_happens) == (told, happens):
            return told, happens
        told, happens = new_told, new_happens


def _tellable(fact: Fact, told: set[str], happens: set[str]) -> bool:
    return told.issuperset(fact.needs.told) and (fact.needs.after is None or fact.needs.after in happens)


def _comes(event: TimelineEvent, told: set[str], happens: set[str]) -> bool:
    if event.after_told:
        return event.after_told in told
    if event.after_event:
        return event.after_event in happens
    return event.at is None or event.at <= LONGEST_CALL


# --- outcomes ------------------------------------------------------------------------------------------------


def _outcomes(script: Script) -> Iterator[Mistake]:
    if not any(outcome.rating == "right" for outcome in script.outcomes):
        yield "outcomes", 'no outcome is rated "right": say what the trainee should decide'
    for (first, general), (place, outcome) in combinations(enumerate(script.outcomes), 2):
        if _covers(general, outcome):
            yield (
                f"outcomes[{place}]",
                f"never reached: outcomes[{first}] takes every such decision; put the particular one first",
            )


def _covers(general: Outcome, other: Outcome) -> bool:
    return general.decision == other.decision and all(
        getattr(general, key) in (None, getattr(other, key)) for key in ("grade", "agency", "after", "before")
    )


# --- criteria ------------------------------------------------------------------------------------------------


def _criteria(script: Script) -> Iterator[Mistake]:
    if not any(criterion.kind == "decided" for criterion in script.criteria):
        yield "criteria", 'nothing marks the decision: add a criterion of kind "decided"'
    if not sum(criterion.points for criterion in script.criteria):
        yield "criteria", "there is nothing to earn: give some criteria points"
    answered = {topic for fact in script.facts for topic in fact.topics}
    for place, criterion in enumerate(script.criteria):
        here = f"criteria[{place}]"
        yield from _keys(here, criterion)
        yield from _clock(here, criterion, script)
        yield from _readable(here, criterion, script)
        topics = {key: [criterion.topic] if key == "topic" else criterion.topics for key in ("topic", "topics")}
        for key, named in topics.items():
            for topic in named:
                if topic is not None and topic not in answered:
                    yield f"{here}.{key}", f"no fact answers a question about {topic!r}: add one with that topic"


def _keys(here: str, criterion: Criterion) -> Iterator[Mistake]:
    """Keys that the kind needs and that are not there, and keys that it does not read."""
    reads = READS[criterion.kind]
    for group in reads.needs:
        if not any(getattr(criterion, key) not in (None, [], "") for key in group):
            yield here, f"{criterion.kind} needs {' or '.join(group)}"
    for key in sorted(criterion.model_fields_set - {*COMMON, *reads.all}):
        known = ", ".join(reads.all) or "no other keys"
        yield f"{here}.{key}", f"{criterion.kind} does not read {key!r}; it reads {known}"


def _clock(here: str, criterion: Criterion, script: Script) -> Iterator[Mistake]:
    if criterion.kind in CLOCKS and criterion.seconds == 0:
        yield f"{here}.seconds", "nobody is that fast: give more than 0 seconds"
    if criterion.kind == "asked_within" and criterion.seconds:
        opening = max(len(text.split()) for place, text in texts(script) if place.startswith("lines.opening"))
        lasts = opening / WORDS_A_SECOND
        if criterion.seconds < lasts:
            yield (
                f"{here}.seconds",
                f"the opening line takes {lasts:.0f} seconds: give more than that, or shorten the line",
            )


def _unsaid(script: Script) -> Iterator[Mistake]:
    """A fact is told by its line, so the line must say the detail; a caller who only makes sounds confirms it."""
    details = {f"facts[{place}].say": fact for place, fact in enumerate(script.facts) if fact.kind and not fact.sound}
    for place, text in texts(script):
        fact = next((fact for start, fact in details.items() if place.startswith(start)), None)
        if fact is None or text.strip().startswith("["):
            continue
        for detail in re.findall(r"\{([^{}:]+)", fact.value):
            if f"{{{detail}" not in text:
                yield (
                    place,
                    f"this tells {fact.id!r} without saying {{{detail}}}: name it, so that it can be captured",
                )


def _readable(here: str, criterion: Criterion, script: Script) -> Iterator[Mistake]:
    """A detail that is to be read back or recorded must have a value to compare."""
    fact = next((fact for fact in script.facts if fact.id == criterion.fact), None)
    if criterion.kind == "captured" and fact and not fact.value and criterion.full != "told":
        way = criterion.full.replace("_", " ")
        yield f"{here}.fact", f"{fact.id!r} has no value, so nobody can see whether it was {way}: give it one"
    if criterion.kind == "summary_given" and sum(bool(fact.value) for fact in script.facts) < criterion.count:
        yield f"{here}.count", "fewer facts than that have a value to read back"
