"""A call on disk: one folder for each, named by the call's id.

- `log.jsonl`: every event and action, as `scripts.log` writes them
- `recording.wav`: stereo, trainee left, caller right; a time of the log is a place in it
- `call.json`: a `CallSheet`, whose call it was and the whole script, so that it can be marked again at any time
- `marksheet.json`: the verdicts, once the call was marked
- `alive`: locked by the conductor's process while the call runs
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from scripts.events import Entry
from scripts.log import LogError, decode_all
from scripts.parsing import parse
from scripts.script import Script
from scripts.written import as_taken
from server.measures import Figures

CALL_ID = re.compile(r"\d{8}-\d{6}-[a-z2-9]{4}", re.ASCII)
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without l, o, 0 and 1: ids are read out over the telephone."""


class CallFilesError(Exception):
    """A call's files cannot be made, found or read; the message says which and what to do."""


class CallSheet(BaseModel):
    """What call.json holds."""

    model_config = ConfigDict(extra="forbid")

    call_id: str
    script_id: str
    script_version: int
    script_text: str
    seed: int
    handset: str
    rate: int
    trainee: str = ""
    started: datetime
    figures: Figures | None = None

    def script(self) -> Script:
        """The script as it was when the call was made, and as such a handset takes it. Raises ScriptError."""
        return as_taken(parse(self.script_text, f"{self.script_id}.toml"), self.handset)


def new_call_id(now: datetime | None = None) -> str:
    """A fresh id that sorts by time (UTC): `20261121-191503-k7qd`."""
    now = now or datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{''.join(secrets.choice(LETTERS) for _ in range(4))}"


class CallFiles:
    """The folder of all calls."""

    def __init__(self, folder: Path) -> None:
        self._root = folder

    def folder(self, call_id: str) -> Path:
        """The call's folder, which need not exist. Raises CallFilesError for what is no call id."""
        if not CALL_ID.fullmatch(call_id):
            raise CallFilesError(f"{call_id[:40]!r} is no call id; they look like 20261121-191503-k7qd")
        return self._root / call_id

    def log(self, call_id: str) -> Path:
        return self.folder(call_id) / "log.jsonl"

    def recording(self, call_id: str) -> Path:
        return self.folder(call_id) / "recording.wav"

    def marksheet(self, call_id: str) -> Path:
        return self.folder(call_id) / "marksheet.json"

    def create(self, sheet: CallSheet) -> FileLock:
        """Make the call's folder and lock it as alive until the lock is released. Raises CallFilesError."""
        return begin(self.folder(sheet.call_id), "call.json", sheet)

    def alive(self, call_id: str) -> bool:
        """Whether a process still conducts the call. The system frees a dead process's lock."""
        return is_alive(self.folder(call_id))

    def write_sheet(self, sheet: CallSheet) -> None:
        """Write call.json, whole or not at all."""
        write_whole(self.folder(sheet.call_id) / "call.json", sheet.model_dump_json(indent=1).encode())

    def sheet(self, call_id: str) -> CallSheet:
        """Read call.json. Raises CallFilesError."""
        path = self.folder(call_id) / "call.json"
        try:
            return CallSheet.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise CallFilesError(f"there is no call {call_id} in {self._root}") from error
        except (OSError, ValidationError) as error:
            raise CallFilesError(f"{path} cannot be read: {error}") from error

    def entries(self, call_id: str) -> list[Entry]:
        """The call's log, without a torn last line. Raises CallFilesError."""
        path = self.log(call_id)
        try:
            return decode_all(path.read_bytes().split(b"\n"))[0]
        except (OSError, LogError) as error:
            raise CallFilesError(f"{path} cannot be read: {error}") from error


def begin(folder: Path, name: str, sheet: BaseModel) -> FileLock:
    """Make a call's or a shift's folder with its sheet, and lock it as alive until the lock is released.

    Raises CallFilesError.
    """
    try:
        folder.mkdir(parents=True)
        write_whole(folder / name, sheet.model_dump_json(indent=1).encode())
        alive = FileLock(folder / "alive")
        alive.acquire(blocking=False)
    except OSError as error:
        raise CallFilesError(
            f"no {name.removesuffix('.json')} can be stored in {folder.parent}: {os.strerror(error.errno or 0)}. "
            "Free some space there, or name another folder by RIGHTCALL_HOME"
        ) from error
    return alive


def is_alive(folder: Path) -> bool:
    """Whether a process still holds what `begin` locked. The system frees a dead process's lock."""
    path = folder / "alive"
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True


def mend_log(path: Path) -> int:
    """Cut a log after its last whole line, keeping what was torn in `log.jsonl.torn`; returns the bytes cut."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    torn = data[whole:]
    if torn:
        with path.with_name(f"{path.name}.torn").open("ab") as beside:
            beside.write(torn + b"\n")
        os.truncate(path, whole)
    return len(torn)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, also after a crash, sees the old one or the whole new one."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        sync_folder(path.parent)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """See a folder's new names safely on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
