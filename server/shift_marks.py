"""Marking a stored shift, from its log and the marksheets of its contacts."""

from __future__ import annotations

from collections.abc import Mapping

from scripts.force import Force
from scripts.marksheet import Marksheet
from scripts.shift_marking import ShiftMarks, mark_shift
from server.call_files import CallFiles
from server.remarking import stored_marksheet
from server.shift_files import ShiftFiles, ShiftSheet
from server.shift_site import ShiftSite


def marksheets(calls: CallFiles, of: Mapping[str, str]) -> dict[str, Marksheet]:
    """The stored marksheets of those contacts that have one, by the contact's id."""
    found = {contact: stored_marksheet(calls, call_id) for contact, call_id in of.items()}
    return {contact: sheet for contact, sheet in found.items() if sheet is not None}


def marks_now(calls: CallFiles, files: ShiftFiles, sheet: ShiftSheet, force: Force) -> ShiftMarks:
    """The marks of a stored shift. Raises CallFilesError where its log cannot be read."""
    log = files.entries(sheet.shift_id)
    return mark_shift(sheet.plan, log, marksheets(calls, files.calls(sheet.shift_id)), force)


def mark_stored(site: ShiftSite, files: ShiftFiles, sheet: ShiftSheet) -> ShiftMarks:
    """Mark a shift and keep the marks beside it. Raises CallFilesError."""
    made = marks_now(site.files, files, sheet, site.force)
    files.write_marks(sheet.shift_id, made)
    return made
