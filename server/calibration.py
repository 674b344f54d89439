"""Calibration in the database: several mark the same calls without seeing each other's marks, and then compare.

A session is its own record: nothing in it changes a call's mark. Rows are added, never changed, but for the moment
at which the owner closes it. Everything blocks on the database and raises RecordsError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, and_, insert, select, update

from scripts.marksheet import Marksheet, Result
from server.records import Records
from server.reviews import DECIDED, Decision
from server.schema import calls
from server.schema_assessing import (
    calibration_calls,
    calibration_decisions,
    calibration_markers,
    calibration_notes,
    calibration_signatures,
    calibrations,
)

MOST_CALLS, MOST_MARKERS = 20, 30


class CalibrationError(Exception):
    """Something that cannot be done in a session; the message is for the person at the page."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """One session. `signed` has who has signed which call (call, marker)."""

    calibration_id: int
    title: str
    owner: str
    opened: datetime
    closed: datetime | None
    calls: tuple[str, ...]
    markers: tuple[str, ...]
    signed: frozenset[tuple[str, str]]

    @property
    def revealed(self) -> bool:
        """Whether the marks may be compared: all have signed, or the owner has closed it."""
        return self.closed is not None or len(self.signed) == len(self.calls) * len(self.markers)

    def includes(self, name: str) -> bool:
        """Whether that person takes part, marking or as its owner."""
        return name == self.owner or name in self.markers

    def to_mark(self, name: str) -> list[str]:
        """The calls that wait for that marker."""
        if self.revealed or name not in self.markers:
            return []
        return [call for call in self.calls if (call, name) not in self.signed]


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody said when comparing; with a result it is the verdict that was agreed."""

    criterion: str
    at: datetime
    who: str
    result: Result | None
    text: str


class Calibrations:
    """The sessions of one site."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def open(self, title: str, owner: str, call_ids: Sequence[str], markers: Sequence[str]) -> int:
        """Open a session; its id. Raises CalibrationError, also where one would mark a call of their own."""
        title, call_ids, markers = _checked(title, call_ids, markers)
        with self._records.writing() as connection:
            rows = select(calls.c.call_id, calls.c.trainee).where(
                calls.c.call_id.in_(call_ids), calls.c.score.is_not(None)
            )
            whose = {row.call_id: row.trainee for row in connection.execute(rows)}
            if unknown := [call for call in call_ids if call not in whose]:
                raise CalibrationError(f"There is no marked call {unknown[0]}")
            if own := [f"{trainee} took {call}" for call, trainee in whose.items() if trainee in markers]:
                raise CalibrationError(f"Nobody marks a call of their own: {own[0]}")
            values = {"title": title, "owner": owner, "opened": _now()}
            made = connection.execute(insert(calibrations).values(**values)).inserted_primary_key
            number = cast("tuple[int]", made)[0]
            connection.execute(
                insert(calibration_calls), [{"calibration_id": number, "call_id": one} for one in call_ids]
            )
            connection.execute(
                insert(calibration_markers), [{"calibration_id": number, "marker": one} for one in markers]
            )
        return number

    def of(self, name: str) -> list[Calibration]:
        """The sessions in which that person takes part, newest first."""
        mine = select(calibration_markers.c.calibration_id).where(calibration_markers.c.marker == name)
        wanted = (calibrations.c.owner == name) | calibrations.c.calibration_id.in_(mine)
        with self._records.reading() as connection:
            found = select(calibrations.c.calibration_id).where(wanted).order_by(calibrations.c.opened.desc())
            made = [_session(connection, number) for number in connection.scalars(found)]
        return [one for one in made if one]

    def get(self, number: int) -> Calibration | None:
        """One session, or None."""
        with self._records.reading() as connection:
            return _session(connection, number)

    def hidden_from(self, name: str) -> dict[str, int]:
        """The calls that this person has still to mark blind, each with its session."""
        mine, signed = calibration_markers, calibration_signatures
        wanted = (
            select(calibration_calls.c.call_id, mine.c.calibration_id)
            .join(mine, mine.c.calibration_id == calibration_calls.c.calibration_id)
            .join(calibrations, calibrations.c.calibration_id == mine.c.calibration_id)
            .outerjoin(
                signed,
                and_(
                    signed.c.calibration_id == mine.c.calibration_id,
                    signed.c.call_id == calibration_calls.c.call_id,
                    signed.c.marker == name,
                ),
            )
            .where(mine.c.marker == name, calibrations.c.closed.is_(None), signed.c.marker.is_(None))
        )
        with self._records.reading() as connection:
            return {row.call_id: row.calibration_id for row in connection.execute(wanted)}

    def close(self, number: int) -> None:
        """Let the marks be compared, whoever has not signed."""
        with self._records.writing() as connection:
            still_open = calibrations.c.calibration_id == number, calibrations.c.closed.is_(None)
            connection.execute(update(calibrations).where(*still_open).values(closed=_now()))

    def decisions(self, number: int, call_id: str, marker: str) -> list[Decision]:
        """What that marker pressed, in order."""
        table = calibration_decisions
        wanted = (
            select(table)
            .where(table.c.calibration_id == number, table.c.call_id == call_id, table.c.marker == marker)
            .order_by(table.c.decision_id)
        )
        with self._records.reading() as connection:
            return [
                Decision(row.kind, row.criterion, row.result, row.points, row.seen, row.reason)
                for row in connection.execute(wanted)
            ]

    def decide(self, session: Calibration, call_id: str, marker: str, decision: Decision) -> None:
        """Add a decision. Raises CalibrationError once the marker has signed or the session is over."""
        with self._marking(session, call_id, marker) as connection:
            connection.execute(
                insert(calibration_decisions).values(
                    calibration_id=session.calibration_id, call_id=call_id, marker=marker, at=_now(),
                    kind=decision.kind, criterion=decision.criterion, result=decision.result, points=decision.points,
                    seen=decision.seen, reason=decision.reason,
                )
            )  # fmt: skip

    def sign(self, session: Calibration, call_id: str, marker: str, final: Marksheet) -> None:
        """Make that mark final. Raises CalibrationError as `decide` does."""
        with self._marking(session, call_id, marker) as connection:
            connection.execute(
                insert(calibration_signatures).values(
                    calibration_id=session.calibration_id, call_id=call_id, marker=marker, at=_now(),
                    score=final.score, outcome=final.outcome,
                )
            )  # fmt: skip

    def note(self, session: Calibration, call_id: str, criterion: str, who: str, text: str, result: str = "") -> None:
        """Add what was said, and the verdict that was agreed where there is a result. Raises CalibrationError."""
        if not session.revealed:
            raise CalibrationError("The marks are compared once everybody has signed, or the session is closed")
        if result and result not in DECIDED:
            raise CalibrationError(f"Choose one of {', '.join(DECIDED).replace('_', ' ')}")
        if not text and not result:
            raise CalibrationError("Write what was said, or choose the verdict that you agreed on")
        with self._records.writing() as connection:
            connection.execute(
                insert(calibration_notes).values(
                    calibration_id=session.calibration_id, call_id=call_id, criterion=criterion, at=_now(), who=who,
                    result=result or None, text=text,
                )
            )  # fmt: skip

    def notes(self, number: int, call_id: str) -> list[Note]:
        """What was said about a call, in order."""
        table = calibration_notes
        wanted = (
            select(table)
            .where(table.c.calibration_id == number, table.c.call_id == call_id)
            .order_by(table.c.note_id)
        )
        with self._records.reading() as connection:
            return [
                Note(row.criterion, row.at.replace(tzinfo=UTC), row.who, row.result, row.text)
                for row in connection.execute(wanted)
            ]

    def scores(self, number: int, call_id: str) -> Mapping[str, tuple[float, str]]:
        """Score and outcome of each signed mark of a call."""
        table = calibration_signatures
        wanted = select(table).where(table.c.calibration_id == number, table.c.call_id == call_id)
        with self._records.reading() as connection:
            return {row.marker: (row.score, row.outcome) for row in connection.execute(wanted)}

    @contextmanager
    def _marking(self, session: Calibration, call_id: str, marker: str) -> Iterator[Connection]:
        """A transaction in which that marker's mark of the call is still open."""
        with self._records.writing() as connection:
            now = _session(connection, session.calibration_id)
            if now is None or call_id not in now.to_mark(marker):
                raise CalibrationError("This mark is final: you have signed it, or the session is over")
            yield connection


def _checked(title: str, call_ids: Sequence[str], markers: Sequence[str]) -> tuple[str, list[str], list[str]]:
    title = " ".join(title.split())[:120] or "Calibration"
    call_ids, markers = list(dict.fromkeys(call_ids)), list(dict.fromkeys(markers))
    if not 1 <= len(call_ids) <= MOST_CALLS:
        raise CalibrationError(f"Choose the calls: one to {MOST_CALLS}, best two to four, one of them ambiguous")
    if not 2 <= len(markers) <= MOST_MARKERS:
        raise CalibrationError(f"Choose who marks: two people at least, {MOST_MARKERS} at most")
    return title, call_ids, markers


def _session(connection: Connection, number: int) -> Calibration | None:
    row = connection.execute(select(calibrations).where(calibrations.c.calibration_id == number)).one_or_none()
    if row is None:
        return None
    chosen = select(calibration_calls.c.call_id).where(calibration_calls.c.calibration_id == number)
    people = select(calibration_markers.c.marker).where(calibration_markers.c.calibration_id == number)
    signed = select(calibration_signatures.c.call_id, calibration_signatures.c.marker).where(
        calibration_signatures.c.calibration_id == number
    )
    return Calibration(
        number, row.title, row.owner, row.opened.replace(tzinfo=UTC), row.closed and row.closed.replace(tzinfo=UTC),
        tuple(sorted(connection.scalars(chosen))), tuple(sorted(connection.scalars(people))),
        frozenset((one.call_id, one.marker) for one in connection.execute(signed)),
    )  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
