"""Marking a stored call again, and what that changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from scripts.force import Force
from scripts.marking import mark
from scripts.marksheet import Marksheet, Verdict
from scripts.script import Script
from scripts.shelf import Shelf
from scripts.written import as_taken
from server.call_files import CallFiles, CallSheet, mend_log, write_whole
from server.records import Records
from server.review_records import mark_of_record


@dataclass(frozen=True, slots=True)
class Remarked:
    """A call marked again: the marksheet before (None where there was none) and now."""

    call_id: str
    before: Marksheet | None
    now: Marksheet

    @property
    def changes(self) -> list[str]:
        """What is different, one sentence each."""
        return ["was not marked before"] if self.before is None else list(changes(self.before, self.now))


def stored_marksheet(files: CallFiles, call_id: str) -> Marksheet | None:
    """The marksheet as stored; None where the call was never marked or the file is of another shape."""
    try:
        return Marksheet.model_validate_json(files.marksheet(call_id).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def script_now(sheet: CallSheet, shelf: Shelf) -> Script:
    """The call's script as it stands on the shelf today, or as it was where the shelf has it no more.

    Raises ScriptError for one with mistakes.
    """
    if sheet.script_id not in shelf.paths():
        return sheet.script()
    return as_taken(shelf.script(sheet.script_id), sheet.handset)


def marked_now(files: CallFiles, call_id: str, script: Script, force: Force) -> Marksheet:
    """The call's marksheet from its log. Raises CallFilesError and MarkingError.

    For a script that was changed since the call, what the trainee said is understood afresh.
    """
    as_it_was = files.sheet(call_id).script()
    return mark(script, files.entries(call_id), force, afresh=script != as_it_was)


def remark(files: CallFiles, records: Records, call_id: str, script: Script, force: Force) -> Remarked:
    """Mark a stored call again and store the result. Raises CallFilesError and RecordsError.

    Where an assessor has signed a review, theirs stays the score of record.
    """
    before = stored_marksheet(files, call_id)
    if not files.alive(call_id):
        mend_log(files.log(call_id))
    now = marked_now(files, call_id, script, force)
    write_whole(files.marksheet(call_id), now.model_dump_json(indent=1).encode())
    with records.reading() as connection:
        signed = mark_of_record(connection, call_id)
    score, outcome = signed or (now.score, now.outcome)
    records.mark(call_id, score=score, outcome=outcome, rating=now.disposition.rating)
    return Remarked(call_id, before, now)


def changes(before: Marksheet, now: Marksheet) -> Iterator[str]:
    """What a second marking made of a call, one sentence each; nothing where all is the same."""
    if before.score != now.score:
        yield f"score {before.score:g} -> {now.score:g}"
    if before.outcome != now.outcome:
        yield f"{before.outcome} -> {now.outcome}".replace("_", " ")
    if before.disposition.rating != now.disposition.rating:
        yield f"decision {before.disposition.rating or 'unrated'} -> {now.disposition.rating or 'unrated'}"
    old = {verdict.criterion: verdict for verdict in before.verdicts}
    new = {verdict.criterion: verdict for verdict in now.verdicts}
    for criterion in {**old, **new}:
        said = _verdict_change(old.get(criterion), new.get(criterion))
        if said:
            yield f"{criterion}: {said}"


def _verdict_change(before: Verdict | None, now: Verdict | None) -> str:
    if before is None or now is None:
        return "is marked no more" if now is None else f"is new: {now.result}, {now.points:g}/{now.of:g}"
    was, is_ = ((each.result, each.points, each.of, each.critical) for each in (before, now))
    if was == is_:
        return ""
    return f"{_short(before)} -> {_short(now)}: {now.why}"


def _short(verdict: Verdict) -> str:
    critical = ", critical" if verdict.critical else ""
    return f"{verdict.result.replace('_', ' ')} {verdict.points:g}/{verdict.of:g}{critical}"
