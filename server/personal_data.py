"""Where a trainee's data is: in which columns of which tables, and in which folders.

A table with a `call_id` belongs to whoever took that call; one with a `review_id` to whoever took the reviewed
call. The others are named here, and a test holds that no column with a person's name is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Connection, Table, func, or_, select

from server.call_files import CALL_ID, CallFiles, CallFilesError
from server.schema import accounts, calls, reviews, sessions, tables
from server.shift_files import ShiftFiles

OWN: Mapping[str, str] = {
    "accounts": "name",
    "assignment_people": "trainee",
    "calls": "trainee",
    "disputes": "trainee",
    "examination_tries": "trainee",
    "group_members": "trainee",
    "phone_pins": "trainee",
    "quick_rounds": "trainee",
}
"""The column of each table that holds the name of whom its rows are about."""
STAFF: Mapping[str, tuple[str, ...]] = {
    "assignments": ("made_by",),
    "audit": ("who",),
    "calibration_decisions": ("marker",),
    "calibration_markers": ("marker",),
    "calibration_notes": ("who",),
    "calibration_signatures": ("marker",),
    "calibrations": ("owner",),
    "disputes": ("assessor",),
    "review_queue": ("second_by",),
    "reviews": ("assessor",),
    "switched_off": ("who",),
}
"""Columns with the name of whoever did something: their rows are about others, and stay when that person leaves."""
SECRETS = frozenset({"password", "digest", "token", "csrf"})
"""Columns that are told to nobody, not even to whom they belong."""


def about(table: Table, name: str) -> ColumnElement[bool] | None:
    """Which rows of a table are about the trainee of that name; None where none can be."""
    theirs = select(calls.c.call_id).where(calls.c.trainee == name)
    conditions: list[ColumnElement[bool]] = []
    if table.name in OWN:
        conditions.append(_column(table, OWN[table.name]) == name)
    if table is not calls and "call_id" in table.c:
        conditions.append(table.c.call_id.in_(theirs))
    if table is not reviews and "review_id" in table.c:
        conditions.append(table.c.review_id.in_(select(reviews.c.review_id).where(reviews.c.call_id.in_(theirs))))
    if table is sessions:
        conditions.append(table.c.account_id.in_(select(accounts.c.account_id).where(accounts.c.name == name)))
    return or_(*conditions) if conditions else None


def counts(connection: Connection, name: str) -> dict[str, int]:
    """How many rows of each table are about that trainee; only tables that have some."""
    found = {}
    for table in tables.sorted_tables:
        condition = about(table, name)
        if condition is not None and (n := connection.scalar(select(func.count()).where(condition))):
            found[table.name] = n
    return found


def trainees(connection: Connection) -> list[str]:
    """Every name under which something is stored, by name."""
    found: set[str] = set()
    for table, column in OWN.items():
        found.update(connection.scalars(select(_column(tables.tables[table], column)).distinct()))
    return sorted(found)


def call_folders(connection: Connection, root: Path, name: str) -> list[Path]:
    """The folders of that trainee's calls, also of those that lost their row."""
    owners = {row.call_id: row.trainee for row in connection.execute(select(calls.c.call_id, calls.c.trainee))}
    files = CallFiles(root)
    folders = [path for path in sorted(root.glob("*")) if CALL_ID.fullmatch(path.name)] if root.is_dir() else []
    return [path for path in folders if (owners.get(path.name) or _trainee_of(files, path.name)) == name]


def shift_folders(root: Path, name: str) -> Iterator[Path]:
    """The folders of that trainee's shifts."""
    shifts = ShiftFiles(root)
    for folder in sorted(root.glob("*")) if root.is_dir() else ():
        try:
            sheet = shifts.sheet(folder.name)
        except CallFilesError:
            continue
        if sheet is not None and sheet.trainee == name:
            yield folder


def _trainee_of(files: CallFiles, call_id: str) -> str | None:
    try:
        return files.sheet(call_id).trainee
    except CallFilesError:
        return None


def _column(table: Table, name: str) -> Column[str]:
    return table.c[name]
