"""How long sound is kept: recordings are deleted after so many days; logs, marks and what assessors wrote stay."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from server.accounts import Accounts
from server.call_files import CallFiles, write_whole
from server.records import Records, RecordsError
from server.schema import calls

log = logging.getLogger(__name__)

WHO = "retention"
EVERY = 24 * 3600.0
FIRST_AFTER = 60.0
"""Seconds from the server's start to its first look: not while it begins to take calls."""
MOST_JUMP = timedelta(hours=1)
"""By how much the clock may differ from the time that really passed before nothing is deleted by it."""
SOUND = ("recording.wav", "peaks.json")
NOTE = "recording-deleted.json"


class Deleted(BaseModel):
    """The note that lies in a call's folder where its recording was."""

    at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Due:
    """A call whose recording's time has come; `size` in bytes."""

    call_id: str
    trainee: str
    started: datetime
    size: int


def due(records: Records, files: CallFiles, days: int, now: datetime) -> list[Due]:
    """The recordings of calls that began more than `days` ago, the oldest first. Raises RecordsError."""
    before = (now - timedelta(days=days)).astimezone(UTC).replace(tzinfo=None)
    wanted = (
        select(calls.c.call_id, calls.c.trainee, calls.c.started)
        .where(calls.c.started < before, calls.c.state != "in_progress")
        .order_by(calls.c.started)
    )
    with records.reading() as connection:
        rows = connection.execute(wanted).all()
    sized = ((row, _size(files, row.call_id)) for row in rows)
    return [
        Due(row.call_id, row.trainee, row.started.replace(tzinfo=UTC), size)
        for row, size in sized
        if size is not None
    ]


def _size(files: CallFiles, call_id: str) -> int | None:
    try:
        return files.recording(call_id).stat().st_size
    except OSError:
        return None


def delete_recordings(files: CallFiles, wanted: Sequence[Due], days: int, now: datetime) -> int:
    """Delete those recordings and leave a note of it; returns the bytes that came free. Raises OSError."""
    freed = 0
    for one in wanted:
        folder = files.folder(one.call_id)
        write_whole(folder / NOTE, Deleted(at=now, days=days).model_dump_json().encode())
        for name in SOUND:
            (folder / name).unlink(missing_ok=True)
        freed += one.size
    return freed


def deleted(files: CallFiles, call_id: str) -> Deleted | None:
    """When the call's recording was deleted, None while there is one or where nobody deleted it."""
    try:
        return Deleted.model_validate_json((files.folder(call_id) / NOTE).read_bytes())
    except (OSError, ValidationError):
        return None


def why_silent(files: CallFiles, call_id: str) -> str:
    """Why a call cannot be heard, for the person at the page; empty where it can."""
    note = deleted(files, call_id)
    if note is None:
        return "" if files.recording(call_id).is_file() else "This call has no recording"
    day = note.at.astimezone()
    return (
        f"The recording was deleted on {day.day} {day:%B %Y}, as this site keeps recordings for {note.days} days. "
        "What was said and how it was marked stays"
    )


def keep_to_it(records: Records, files: CallFiles, days: int, now: datetime, who: str = WHO) -> list[Due]:
    """Delete what is due and enter it in the audit trail. Raises RecordsError and OSError."""
    found = due(records, files, days, now)
    if found:
        freed = delete_recordings(files, found, days, now)
        first, last = found[0].started, found[-1].started
        what = f"{len(found)} older than {days} days, of {first:%Y-%m-%d} to {last:%Y-%m-%d}, {freed / 1e6:.1f} MB"
        Accounts(records).note(who, "deleted recordings", what)
    return found


@dataclass
class Watch:
    """Tells whether the clock on the wall went on as time did since the last look."""

    wall: datetime
    steady: float

    def jump(self, wall: datetime, steady: float) -> timedelta:
        """By how much the clock was set on (or back, below 0) since the last look; the next look starts from here."""
        jumped = (wall - self.wall) - timedelta(seconds=steady - self.steady)
        self.wall, self.steady = wall, steady
        return jumped


async def every_day(records: Records, files: CallFiles, days: int) -> None:
    """Delete what is due once a day until cancelled. A day on which the clock jumped is left out, and told."""
    watch = Watch(datetime.now(UTC), time.monotonic())
    wait = FIRST_AFTER
    while True:
        await asyncio.sleep(wait)
        wait = EVERY
        now = datetime.now(UTC)
        jumped = watch.jump(now, time.monotonic())
        try:
            await asyncio.to_thread(_one_day, records, files, days, now, jumped)
        except (RecordsError, OSError):
            log.exception("recordings whose time has come could not be deleted; the next try is in a day")


def _one_day(records: Records, files: CallFiles, days: int, now: datetime, jumped: timedelta) -> None:
    if abs(jumped) > MOST_JUMP:
        hours = jumped.total_seconds() / 3600
        Accounts(records).note(WHO, "deleted no recordings", f"the clock was set by {hours:+.1f} hours meanwhile")
    else:
        keep_to_it(records, files, days, now)
