"""Calls that were stored under another name, given to the account whose they are."""

from __future__ import annotations

from sqlalchemy import update

from server.call_files import CallFiles, CallFilesError
from server.records import Records
from server.schema import calls


def hand_over(records: Records, files: CallFiles, old: str, new: str) -> int:
    """Everything stored for the trainee `old` is from now on that of `new`; returns how many calls. Blocks.

    Each call's own file is changed before its row: broken off, it can be done again. Raises RecordsError.
    """
    found = records.some(calls.c.trainee == old)
    for call in found:
        try:
            sheet = files.sheet(call.call_id)
        except CallFilesError:
            continue  # its files are gone; the row is what there is
        files.write_sheet(sheet.model_copy(update={"trainee": new}))
    with records.writing() as connection:
        connection.execute(update(calls).where(calls.c.trainee == old).values(trainee=new))
    return len(found)
