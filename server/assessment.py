"""Marking stored calls: from the script as it was and the log, again at any time."""

from __future__ import annotations

from scripts.force import Force
from scripts.marksheet import Marksheet
from server.call_files import CallFiles, mend_log, write_whole
from server.records import Records


def mark_call(files: CallFiles, records: Records, call_id: str, force: Force) -> Marksheet:
    """Mark one call, store the marksheet and note the score in the records; also for an interrupted call.

    Raises CallFilesError, ScriptError or RecordsError.
    """
    from scripts.marking import mark

    script = files.sheet(call_id).script()
    if not files.alive(call_id):
        mend_log(files.log(call_id))
    marksheet = mark(script, files.entries(call_id), force)
    write_whole(files.marksheet(call_id), marksheet.model_dump_json(indent=1).encode())
    records.mark(call_id, score=marksheet.score, outcome=marksheet.outcome, rating=marksheet.disposition.rating)
    return marksheet
