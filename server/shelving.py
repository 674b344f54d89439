"""The calls a trainee can ask for over the telephone, by number, and which of them were taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from scripts.parsing import ScriptError
from scripts.shelf import Shelf, read
from server.records import Records

REMEMBERED = 500
"""Calls of one trainee that are looked at for the next."""


class Catalogue:
    """The calls on offer. A script is read once, and again when its file has changed."""

    def __init__(self, folders: Iterable[Path] = (), hide: Collection[str] = ()) -> None:
        """`hide`: what is not on offer (`scripts.shelf.Shelf`)."""
        self._folders, self._hide = tuple(folders), frozenset(hide)
        self.off: Callable[[], Collection[str]] = frozenset
        """What else is not on offer, asked anew each time: a trainer may switch a call off while the server runs."""
        self._known: dict[tuple[Path, int], int | None] = {}

    def offered(self) -> Sequence[str]:
        """The scripts without mistakes, easiest first: the first is call number 1. Blocks on the disk."""
        known, found = {}, []
        for name, path in Shelf(self._folders, self._hide.union(self.off())).paths().items():
            key = (path, path.stat().st_mtime_ns)
            known[key] = difficulty = self._known[key] if key in self._known else _difficulty(path)
            if difficulty is not None:
                found.append((difficulty, name))
        self._known = known
        return [name for _, name in sorted(found)]


def _difficulty(path: Path) -> int | None:
    try:
        return read(path).difficulty
    except ScriptError:  # `rightcall check` says what is wrong with it; the others can be trained on
        return None


def taken_by(records: Records, trainee: str) -> Sequence[str]:
    """The scripts that a trainee has taken, newest first. Blocks on the database. Raises RecordsError."""
    return [call.script_id for call in records.calls(limit=REMEMBERED, trainee=trainee)]
