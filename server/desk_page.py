"""What a trainee's desk shows: the shelf with last results, what to take next, and progress in each dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from scripts.marksheet import Marksheet
from scripts.parsing import ScriptError
from scripts.script import Dimension, Script
from scripts.shelf import Shelf, read
from server.call_files import CallFiles
from server.records import CallRecord
from server.remarking import stored_marksheet

RECENT = 12
"""Calls that the progress is drawn from."""
DIMENSIONS: dict[Dimension, str] = {
    "location": "Location",
    "risk": "Risk and vulnerability",
    "decision": "Decision",
    "advice": "Safety advice",
    "manner": "Manner",
    "time": "Time",
}
OUTCOMES = {"passed": "passed", "failed": "not passed", "needs_assessor": "with an assessor"}
WIDTH, HEIGHT = 120, 24
"""Of a line of progress, in its own units."""


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A call on the shelf and how it last went."""

    script: Script
    last: CallRecord | None
    taken: int


@dataclass(frozen=True, slots=True)
class Progress:
    """One dimension over the last calls, oldest first: `points` are a drawn line's, `now` the last value."""

    title: str
    values: tuple[float, ...]
    points: str

    @property
    def now(self) -> float | None:
        return self.values[-1] if self.values else None


@dataclass
class KnownScripts:
    """The shelf's scripts, each read again only when its file has changed."""

    _read: dict[Path, tuple[int, Script]] = field(default_factory=dict)

    def on(self, shelf: Shelf) -> tuple[list[Script], list[str]]:
        """All that can be read, easiest first, and what is wrong with the others."""
        scripts, problems = [], []
        for path in shelf.paths().values():
            try:
                scripts.append(self._script(path))
            except ScriptError as error:
                problems.append(str(error))
        return sorted(scripts, key=lambda script: (script.difficulty, script.title)), problems

    def _script(self, path: Path) -> Script:
        changed = path.stat().st_mtime_ns if path.exists() else 0
        known = self._read.get(path)
        if known is None or known[0] != changed:
            known = self._read[path] = (changed, read(path))
        return known[1]


def shelf_rows(scripts: Iterable[Script], calls: Sequence[CallRecord]) -> list[ShelfRow]:
    """The shelf; `calls` are the trainee's, newest first."""
    rows = []
    for script in scripts:
        taken = [call for call in calls if call.script_id == script.id and call.score is not None]
        rows.append(ShelfRow(script, taken[0] if taken else None, len(taken)))
    return rows


def next_call(rows: Sequence[ShelfRow], chance: Random) -> Script | None:
    """What comes in when the trainee goes available: a call never taken, else one of those that went worst."""
    fresh = [row.script for row in rows if row.last is None]
    if fresh:
        return chance.choice(fresh)
    worst = sorted(rows, key=lambda row: row.last.score or 0.0 if row.last else 0.0)[: max(1, len(rows) // 3)]
    return chance.choice(worst).script if worst else None


def marksheets(files: CallFiles, calls: Sequence[CallRecord]) -> list[Marksheet]:
    """The stored marksheets of the last calls that were marked, oldest first."""
    marked = [call for call in calls if call.score is not None][:RECENT]
    sheets = [stored_marksheet(files, call.call_id) for call in reversed(marked)]
    return [sheet for sheet in sheets if sheet is not None]


def progress(sheets: Sequence[Marksheet]) -> list[Progress]:
    """Each dimension over those marksheets."""
    drawn = []
    for dimension, title in DIMENSIONS.items():
        values = tuple(value for sheet in sheets if (value := sheet.dimensions.get(dimension)) is not None)
        drawn.append(Progress(title, values, line(values)))
    return drawn


def line(values: Sequence[float]) -> str:
    """Values of 0 to 100 as the points of an SVG polyline; a single value is a short stroke."""
    spread = list(values) * 2 if len(values) == 1 else list(values)
    step = WIDTH / max(1, len(spread) - 1)
    return " ".join(f"{place * step:.1f},{height(value):.1f}" for place, value in enumerate(spread))


def height(value: float) -> float:
    """How far down in the drawing a value of 0 to 100 lies."""
    return HEIGHT - 2 - value / 100 * (HEIGHT - 4)
