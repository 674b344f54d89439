"""A shift on disk: one folder for each, named like a call's; what was said in its contacts is with the calls.

- `shift.json`: a `ShiftSheet`, whose shift it was and its whole plan, so that it can be marked again at any time
- `log.jsonl`: every event and action, as `scripts.shift_events` writes them
- `marks.json`: the marks as they were when the shift ended
- `alive`: locked by the process in which the shift runs
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from scripts.log import LogError
from scripts.shift_events import ShiftEntry, Taken, decode_all
from scripts.shift_marking import ShiftMarks
from scripts.shift_plan import Length, Plan
from server.call_files import CALL_ID, CallFilesError, begin, is_alive, write_whole

if TYPE_CHECKING:
    from filelock import FileLock

MOST_LISTED = 400
"""The newest shifts that a list is made from."""


class ShiftSheet(BaseModel):
    """What shift.json holds."""

    model_config = ConfigDict(extra="forbid")

    shift_id: str
    trainee: str
    length: Length
    started: datetime
    plan: Plan


class ShiftFiles:
    """The folder of all shifts."""

    def __init__(self, folder: Path) -> None:
        self._root = folder

    def folder(self, shift_id: str) -> Path:
        """The shift's folder, which need not exist. Raises CallFilesError for what is no id of a shift."""
        if not CALL_ID.fullmatch(shift_id):
            raise CallFilesError(f"{shift_id[:40]!r} is no shift; they look like 20261121-191503-k7qd")
        return self._root / shift_id

    def log(self, shift_id: str) -> Path:
        return self.folder(shift_id) / "log.jsonl"

    def create(self, sheet: ShiftSheet) -> FileLock:
        """Make the shift's folder and lock it as alive until the lock is released. Raises CallFilesError."""
        return begin(self.folder(sheet.shift_id), "shift.json", sheet)

    def alive(self, shift_id: str) -> bool:
        """Whether a process still runs the shift."""
        return is_alive(self.folder(shift_id))

    def sheet(self, shift_id: str) -> ShiftSheet | None:
        """Read shift.json; None where there is no such shift. Raises CallFilesError for one that cannot be read."""
        if not CALL_ID.fullmatch(shift_id):
            return None
        path = self.folder(shift_id) / "shift.json"
        try:
            return ShiftSheet.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise CallFilesError(f"{path} cannot be read: {error}") from error

    def entries(self, shift_id: str) -> list[ShiftEntry]:
        """The shift's log, without a torn last line. Raises CallFilesError."""
        path = self.log(shift_id)
        try:
            return decode_all(path.read_bytes().split(b"\n"))
        except FileNotFoundError:
            return []
        except (OSError, LogError) as error:
            raise CallFilesError(f"{path} cannot be read: {error}") from error

    def calls(self, shift_id: str) -> dict[str, str]:
        """The stored call of each contact that was taken, by the contact's id."""
        return {
            entry.contact: entry.call for entry in self.entries(shift_id) if isinstance(entry, Taken) and entry.call
        }

    def write_marks(self, shift_id: str, marks: ShiftMarks) -> None:
        write_whole(self.folder(shift_id) / "marks.json", marks.model_dump_json(indent=1).encode())

    def marks(self, shift_id: str) -> ShiftMarks | None:
        """The marks as they were when the shift ended, or None."""
        try:
            return ShiftMarks.model_validate_json((self.folder(shift_id) / "marks.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def of(self, trainee: str | None, most: int) -> list[ShiftSheet]:
        """The newest shifts of that trainee, or of everybody."""
        found: list[ShiftSheet] = []
        names = sorted((path.name for path in self._root.glob("*-*-*")), reverse=True) if self._root.is_dir() else []
        for name in names[:MOST_LISTED]:
            sheet = self.sheet(name)
            if sheet is not None and trainee in (None, sheet.trainee):
                found.append(sheet)
            if len(found) >= most:
                break
        return found
