"""Names in a script and its rehearsal that must lead somewhere: facts, events, details, criteria."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from scripts.rehearsal import Rehearsal, Trainee
from scripts.script import Script, Wording

Mistake = tuple[str, str]
"""The place and the message."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_WAYS = ("spelled", "first", "last", "street", "town")


def names(script: Script) -> Iterator[Mistake]:
    """Every name that leads nowhere, and every id given twice."""
    yield from _twice(script)
    yield from _references(script)
    yield from _placeholders(script)
    yield from _same_as(script)


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """`no fact called 'adress'; did you mean 'address'?`, or the list of what there is."""
    close = get_close_matches(name, known, n=1)
    if close:
        return f"no {what} called {name!r}; did you mean {close[0]!r}?"
    listed = ", ".join(sorted(known))
    return f"no {what} called {name!r}; " + (f"there are {listed}" if listed else f"the script has no {what}s")


def texts(script: Script) -> Iterator[tuple[str, str]]:
    """Everything that the caller may say, with its place."""
    for key in type(script.lines).model_fields:
        wording = getattr(script.lines, key)
        if wording and key not in ("opening_tells", "sound"):
            yield from _ways(f"lines.{key}", wording)
    for place, fact in enumerate(script.facts):
        for key in ("say", "again", "correct", "withheld"):
            yield from _ways(f"facts[{place}].{key}", getattr(fact, key))
    for place, reaction in enumerate(script.reactions):
        yield from _ways(f"reactions[{place}].say", reaction.say)
    for place, event in enumerate(script.events):
        yield from _ways(f"events[{place}].say", event.say)


def _ways(place: str, wording: Wording | None) -> Iterator[tuple[str, str]]:
    if isinstance(wording, dict):
        for band, ways in wording.items():
            yield from _ways(f"{place}.{band}", ways)
    elif isinstance(wording, list):
        for number, way in enumerate(wording):
            yield f"{place}[{number}]", way
    elif wording:
        yield place, wording


def _twice(script: Script) -> Iterator[Mistake]:
    groups = {
        "facts": [fact.id for fact in script.facts],
        "events": [event.id for event in script.events],
        "criteria": [criterion.id for criterion in script.criteria],
    }
    for group, ids in groups.items():
        for id_, times in Counter(ids).items():
            if times > 1:
                yield (
                    f"{group}[{ids.index(id_, ids.index(id_) + 1)}].id",
                    f"{id_!r} is there already; give it another id",
                )


def _references(script: Script) -> Iterator[Mistake]:
    facts = {fact.id for fact in script.facts}
    events = {event.id for event in script.events}
    for place, name in _fact_names(script):
        if name not in facts:
            yield place, unknown("fact", name, facts)
    for place, name in _event_names(script):
        if name not in events:
            yield place, unknown("event", name, events)


def _fact_names(script: Script) -> Iterator[tuple[str, str]]:
    yield from _listed("lines.opening_tells", script.lines.opening_tells)
    for place, fact in enumerate(script.facts):
        yield from _listed(f"facts[{place}].needs.told", fact.needs.told)
        yield from _listed(f"facts[{place}].also_tells", fact.also_tells)
    for place, reaction in enumerate(script.reactions):
        yield from _listed(f"reactions[{place}].tells", reaction.tells)
    for place, event in enumerate(script.events):
        yield from _listed(f"events[{place}].tells", event.tells)
        yield from _single(f"events[{place}]", after_told=event.after_told, unless_told=event.unless_told)
    for place, criterion in enumerate(script.criteria):
        yield from _single(f"criteria[{place}]", fact=criterion.fact)
        yield from _listed(f"criteria[{place}].facts", criterion.facts)


def _event_names(script: Script) -> Iterator[tuple[str, str]]:
    for place, fact in enumerate(script.facts):
        yield from _single(f"facts[{place}].needs", after=fact.needs.after, before=fact.needs.before)
    for place, reaction in enumerate(script.reactions):
        yield from _single(f"reactions[{place}]", after=reaction.after)
    for place, event in enumerate(script.events):
        yield from _single(f"events[{place}]", after_event=event.after_event)
    for place, outcome in enumerate(script.outcomes):
        yield from _single(f"outcomes[{place}]", after=outcome.after, before=outcome.before)
    for place, criterion in enumerate(script.criteria):
        yield from _single(f"criteria[{place}]", event=criterion.event)


def _listed(place: str, ids: list[str]) -> Iterator[tuple[str, str]]:
    for number, name in enumerate(ids):
        yield f"{place}[{number}]", name


def _single(place: str, **keys: str | None) -> Iterator[tuple[str, str]]:
    for key, name in keys.items():
        if name is not None:
            yield f"{place}.{key}", name


def _placeholders(script: Script) -> Iterator[Mistake]:
    written = [(f"facts[{place}].value", fact.value) for place, fact in enumerate(script.facts)]
    written += [(f"display.{key}", getattr(script.display, key)) for key in type(script.display).model_fields]
    for place, text in [*texts(script), *written]:
        yield from _unfilled(script, place, text)


def _unfilled(script: Script, place: str, text: str) -> Iterator[Mistake]:
    for found in _PLACEHOLDER.findall(text):
        name, _, way = found.partition(":")
        if name not in script.cast:
            yield place, unknown("detail", name, script.cast) + " (details are drawn in [cast])"
        elif way and way not in _WAYS:
            yield place, f"{{{found}}}: a detail can be said as {', '.join(_WAYS)}, not {way!r}"


def _same_as(script: Script) -> Iterator[Mistake]:
    for name, detail in script.cast.items():
        other = detail.same_as
        if other is None:
            continue
        if other not in script.cast:
            yield f"cast.{name}.same_as", unknown("detail", other, script.cast)
        elif other == name or script.cast[other].same_as is not None:
            first = next((one for one, known in script.cast.items() if known.same_as is None), "")
            yield (
                f"cast.{name}.same_as",
                f"{other!r} leans on another detail itself; name one that does not"
                + (f", such as {first!r}" if first else ""),
            )


# --- the rehearsal -------------------------------------------------------------------------------------------


def rehearsal_names(script: Script, rehearsal: Rehearsal) -> Iterator[Mistake]:
    """Names in the rehearsal that the script does not have."""
    for name, trainee in rehearsal.everyone.items():
        yield from _expected(script, f"rehearsal.{name}", trainee)
        for place, turn in enumerate(trainee.turns):
            yield from _unfilled(script, f"rehearsal.{name}.turns[{place}]", f"{turn.say} {turn.value}")


def _expected(script: Script, place: str, trainee: Trainee) -> Iterator[Mistake]:
    criteria = {criterion.id for criterion in script.criteria}
    critical = {criterion.id for criterion in script.criteria if criterion.critical}
    for key in ("met", "unmet", "critical"):
        for number, name in enumerate(getattr(trainee, key)):
            if name not in criteria:
                yield f"{place}.{key}[{number}]", unknown("criterion", name, criteria)
            elif key == "critical" and name not in critical:
                yield (
                    f"{place}.{key}[{number}]",
                    f"{name!r} can be no critical failure: its criterion has no `critical`",
                )
    facts = {fact.id for fact in script.facts}
    for number, name in enumerate(trainee.told):
        if name not in facts:
            yield f"{place}.told[{number}]", unknown("fact", name, facts)
