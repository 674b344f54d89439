"""A call's log as two people's talk: who said what, when, and what else was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scripts.events import (
    Ended,
    Entry,
    FormChanged,
    Happened,
    HoldChanged,
    KeyPressed,
    LineCut,
    Play,
    Prompt,
    Recorded,
    Say,
    Trouble,
    Utterance,
)  # fmt: skip
from scripts.force import Force

Who = Literal["caller", "trainee", "call"]
"""`call` for what neither of them said: events, keys, decisions, troubles."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the transcript; `at` is in seconds since the answer. `heard` is the share that was heard."""

    at: float
    who: Who
    text: str
    heard: float | None = None

    def as_json(self) -> dict[str, object]:
        """`{"at": 4.2, "who": "caller", "text": "...", "heard": 0.6}`; `heard` only where a line was cut."""
        row: dict[str, object] = {"at": round(self.at, 3), "who": self.who, "text": self.text}
        return row | {"heard": self.heard} if self.heard is not None else row


def transcript(log: Iterable[Entry]) -> list[Row]:
    """Every row of a call, in the order in which things began. A line of which nothing was heard is left out."""
    entries = list(log)
    cuts = {entry.line: entry.heard for entry in entries if isinstance(entry, LineCut)}
    rows = [
        row for entry in entries if (row := row_of(entry, cuts.get(entry.line) if isinstance(entry, Say) else None))
    ]
    return sorted((row for row in rows if row.heard != 0), key=lambda row: row.at)


def row_of(entry: Entry, heard: float | None = None) -> Row | None:
    """One entry as a row, or None for what is not shown."""
    match entry:
        case Say():
            return Row(entry.at, "caller", entry.text, heard)
        case Utterance() if entry.text.strip():
            return Row(entry.began, "trainee", entry.text)
        case Prompt():
            return Row(entry.at, "call", _prompt(entry.text, entry.options))
        case Recorded():
            return Row(entry.at, "call", f"decided: {decision(entry)}, by {entry.how}")
        case Ended():
            return Row(entry.at, "call", f"ended by the {entry.by}" + (f": {entry.why}" if entry.why else ""))
        case _:
            return _small(entry)


def _small(entry: Entry) -> Row | None:
    match entry:
        case KeyPressed():
            return Row(entry.at, "call", f"key {entry.key}")
        case FormChanged():
            return Row(entry.at, "call", f"form: {entry.field} = {entry.value}")
        case HoldChanged():
            return Row(entry.at, "call", "put on hold" if entry.on else "taken off hold")
        case Play():
            return Row(entry.at, "call", f"[{entry.sound}]")
        case Happened():
            return Row(entry.at, "call", f"event: {entry.event}")
        case Trouble():
            return Row(entry.at, "call", f"trouble: {entry.what}")
        case _:
            return None


def _prompt(text: str, options: Sequence[str]) -> str:
    return f"{text} ({', '.join(options)})" if options else text


def decision(entry: Recorded, force: Force | None = None) -> str:
    """`deploy (emergency)` or `refer (council)`; with a force, in its words: `deploy (Immediate)`."""
    detail: str | None = entry.grade or entry.agency
    if force is not None and entry.grade:
        detail = force.grade(entry.grade)
    elif force is not None and entry.agency:
        detail = force.agency(entry.agency)
    done = "no action" if force is not None and entry.decision == "none" else entry.decision
    return f"{done} ({detail})" if detail else done


def clock(seconds: float) -> str:
    """Seconds as `mm:ss`, at a fixed width."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes:02}:{rest:02}"
