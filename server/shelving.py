"""The calls a trainee can ask for over the telephone, by number, and which of them were taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts.parsing import ScriptError
from scripts.shelf import Shelf, read
from server.records import Records

REMEMBERED = 500
"""Calls of one trainee that are looked at for the next."""


def calls_on_offer(folders: Iterable[Path] = ()) -> Sequence[str]:
    """The scripts without mistakes, easiest first: the first is call number 1. Blocks on the disk."""
    found = []
    for name, path in Shelf(folders).paths().items():
        try:
            found.append((read(path).difficulty, name))
        except ScriptError:  # `rightcall check` says what is wrong with it; the others can be trained on
            continue
    return [name for _, name in sorted(found)]


def taken_by(records: Records, trainee: str) -> Sequence[str]:
    """The scripts that a trainee has taken, newest first. Blocks on the database. Raises RecordsError."""
    return [call.script_id for call in records.calls(limit=REMEMBERED, trainee=trainee)]
