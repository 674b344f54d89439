"""A stored call as its debrief shows it: facts and how far each got, clocks against targets, what happened when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from audio.recording import Peaks, peaks
from audio.wav import WavError
from scripts.cast import Cast
from scripts.events import Answered, Ended, Entry, Happened, HoldChanged, Recorded, Trouble
from scripts.force import Force
from scripts.marksheet import FactState, Marksheet
from scripts.script import Script
from server.call_files import write_whole
from server.transcript import decision

COLUMNS = 1200
"""Of the stored waveform: enough for any screen's width."""
STEPS = (
    ("asked", "asked"),
    ("told", "told"),
    ("read_back_wrong", "read back wrong"),
    ("read_back_right", "read back"),
    ("recorded", "recorded"),
)


class Point(BaseModel):
    """Something at a moment of the call."""

    at: float
    kind: str
    text: str


class FactRow(BaseModel):
    """One fact, what it truly was, how far it got, and when."""

    title: str
    truth: str
    state: str
    points: list[Point]


class ClockRow(BaseModel):
    """One clock in seconds: `took` is None where it never stopped; `good` says in a word whether that was in time."""

    title: str
    took: float | None
    target: float

    @property
    def good(self) -> bool:
        return self.took is not None and self.took <= self.target


class StoredPeaks(BaseModel):
    """Lowest and highest sample of each column, trainee first; from -1 to 1."""

    seconds: float
    peaks: Peaks


@dataclass(frozen=True, slots=True)
class Debrief:
    """All of it. `seconds` since the answer."""

    seconds: float
    facts: list[FactRow]
    clocks: list[ClockRow]
    events: list[Point]


def debrief(script: Script, cast: Cast, log: Sequence[Entry], sheet: Marksheet, force: Force) -> Debrief:
    """Everything from script, log and marksheet."""
    ends = [entry.at for entry in log]
    return Debrief(
        max(ends, default=0.0),
        list(_facts(script, cast, sheet)),
        _clocks(script, log, sheet, force),
        list(_events(log)),
    )


def _facts(script: Script, cast: Cast, sheet: Marksheet) -> Iterable[FactRow]:
    """The facts that are marked or came up, in the script's order."""
    marked = {criterion.fact for criterion in script.criteria} | {
        one for each in script.criteria for one in each.facts
    }
    for fact in script.facts:
        state = sheet.facts.get(fact.id, FactState(state="not_asked"))
        if state.state == "not_asked" and not fact.value and fact.id not in marked:
            continue
        points = [
            Point(at=at, kind=name, text=word) for name, word in STEPS for at in getattr(state, name)
        ]  # fmt: skip
        title = fact.id.replace("_", " ").replace("-", " ").capitalize()
        truth = cast.written(fact.value) if fact.value else ""
        points.sort(key=lambda point: point.at)
        yield FactRow(title=title, truth=truth, state=state.state, points=points)


def _clocks(script: Script, log: Sequence[Entry], sheet: Marksheet, force: Force) -> list[ClockRow]:
    wanted = targets(script, force)
    answered = next((entry for entry in log if isinstance(entry, Answered)), None)
    places = [fact.id for fact in script.facts if "location" in fact.topics]
    asked = [at for fact in places if fact in sheet.facts for at in sheet.facts[fact].asked]
    decided = [entry.at for entry in log if isinstance(entry, Recorded)]
    took = {
        "answer": answered.rang_for if answered else None,
        "location": min(asked, default=None),
        "decision": min(decided, default=None),
    }
    titles = {"answer": "Answered", "location": "Location asked", "decision": "First decision"}
    return [ClockRow(title=titles[name], took=took[name], target=wanted[name]) for name in titles if name in wanted]


def _events(log: Iterable[Entry]) -> Iterable[Point]:
    for entry in log:
        match entry:
            case Recorded():
                yield Point(at=entry.at, kind="decision", text=f"{decision(entry).replace('_', ' ')}, by {entry.how}")
            case Happened():
                yield Point(at=entry.at, kind="event", text=entry.event.replace("_", " ").replace("-", " "))
            case HoldChanged():
                yield Point(at=entry.at, kind="hold", text="put on hold" if entry.on else "taken off hold")
            case Trouble():
                yield Point(at=entry.at, kind="trouble", text=entry.what)
            case Ended():
                yield Point(at=entry.at, kind="end", text=f"ended by the {entry.by}")


def targets(script: Script, force: Force) -> dict[str, float]:
    """The clocks' targets in seconds, as the call is marked: answer always, location and decision where asked for."""
    found: dict[str, float] = {"answer": force.answer_within.get(script.line, 10)}
    for criterion in script.criteria:
        if criterion.seconds is None:
            continue
        if criterion.kind == "answered_within":
            found["answer"] = criterion.seconds
        elif criterion.kind == "decided_within":
            found.setdefault("decision", criterion.seconds)
        elif criterion.kind == "asked_within" and _about_location(script, criterion.topic, criterion.fact):
            found.setdefault("location", criterion.seconds)
    return found


def _about_location(script: Script, topic: str | None, fact: str | None) -> bool:
    return topic == "location" or any(one.id == fact and "location" in one.topics for one in script.facts)


def waveform(recording: Path) -> StoredPeaks | None:
    """The recording's waveform, computed once and kept beside it; None where there is no recording that plays."""
    beside = recording.with_name("peaks.json")
    try:
        return StoredPeaks.model_validate_json(beside.read_bytes())
    except (OSError, ValidationError):
        pass
    try:
        seconds = max(0, recording.stat().st_size - 44) / 64_000
        both = peaks(recording, COLUMNS)
    except (OSError, WavError):
        return None
    made = StoredPeaks(seconds=seconds, peaks=both)
    write_whole(beside, made.model_dump_json().encode())
    return made
