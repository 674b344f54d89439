"""The debrief of a stored call: the marksheet over the call, its timeline, its sound."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from scripts.cast import draw
from scripts.marking import MarkingError
from scripts.marksheet import Marksheet, Verdict
from server.assignment_records import Assignments
from server.blindness import blind_place
from server.call_files import CallFilesError, CallSheet
from server.debrief import Debrief, FactRow, Point, StoredPeaks, debrief, waveform
from server.desk_page import DIMENSIONS, OUTCOMES
from server.disputes import Disputes, sheet_of_record
from server.engines import read_force
from server.records import CallRecord
from server.remarking import remark, stored_marksheet
from server.retention import why_silent
from server.review_records import ReviewRecords
from server.reviews import LONGEST_TEXT
from server.transcript import transcript
from server.web_base import Asked, Asking, Web, pages_router, sealed

RESULTS = {"unmet": "no", "partial": "part", "unsure": "unsure", "met": "yes", "not_applicable": "n/a"}
"""The word of each result, in the order shown: what to learn from comes first."""

ONE_HEARING = timedelta(hours=1)


class Timeline(BaseModel):
    """What the drawing shows: the waveform (None without sound), how far each fact got, and what happened when."""

    seconds: float
    wave: StoredPeaks | None
    facts: list[FactRow]
    events: list[Point]


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/calls/{call_id}")(call)
    routes.get("/calls/{call_id}/timeline", response_class=JSONResponse, responses={200: {"model": Timeline}})(
        timeline
    )
    routes.get("/calls/{call_id}/recording")(recording)
    return routes


def call(asked: Asked, call_id: str) -> Response:
    web = asked.web
    live = web.calls.get(call_id)
    if live is not None and not live.over:
        return RedirectResponse(f"/calls/{call_id}/console", 303)
    record = _record(web, call_id)
    if sealed(web, asked.visitor, record.trainee, call_id):
        return _sealed(asked, record)
    sheet = stored_marksheet(web.files, call_id) or mark_interrupted(web, record)
    if sheet is None:
        return web.page(asked, "unmarked.html", record=record)
    stored = web.files.sheet(call_id)
    log = web.files.entries(call_id)
    if elsewhere := blind_place(web, record, asked.visitor):
        return RedirectResponse(elsewhere, 303)
    review = ReviewRecords(web.records).of_record(call_id)
    dispute = Disputes(web.records).of(call_id)
    sheet = sheet_of_record(sheet, review, dispute, read_force(web.settings))
    verdicts = sorted(sheet.verdicts, key=_what_to_learn_first)
    return web.page(
        asked, "debrief.html", record=record, sheet=sheet, verdicts=verdicts, results=RESULTS, outcomes=OUTCOMES,
        dimensions=DIMENSIONS, script=stored.script(), rows=transcript(log), told=_debrief(web, stored),
        review=review, dispute=dispute, longest=LONGEST_TEXT,
        may_ask=dispute is None and not asked.visitor.guest and asked.visitor.name == record.trainee,
        steps=("not_asked", "asked", "told", "read_back_wrong", "read_back_right", "recorded"),
        silent=why_silent(web.files, call_id),
    )  # fmt: skip


def _sealed(asked: Asking, record: CallRecord) -> Response:
    """The trainee is told when the result comes, and nothing of what it is."""
    web = asked.web
    examination = Assignments(web.records).examination_of(record.call_id)
    return web.page(
        asked, "sealed.html", title=record.title, taken=record.started,
        deadline=examination.deadline if examination else record.started,
    )  # fmt: skip


def mark_interrupted(web: Web, record: CallRecord) -> Marksheet | None:
    """What there is of a call that a crash cut off is marked when somebody first looks at it."""
    if record.state != "interrupted":
        return None
    script = web.files.sheet(record.call_id).script()
    try:
        return remark(web.files, web.records, record.call_id, script, read_force(web.settings)).now
    except (CallFilesError, MarkingError):
        return None


def timeline(asked: Asked, call_id: str) -> JSONResponse:
    """Waveform, facts, clocks and events for the drawing."""
    web = asked.web
    record = _record(web, call_id)
    stored = web.files.sheet(call_id)
    told = None if blind_place(web, record, asked.visitor) else _debrief(web, stored)
    wave = waveform(web.files.recording(call_id))
    shown = Timeline(
        seconds=told.seconds if told else 0.0,
        wave=wave,
        facts=told.facts if told else [],
        events=told.events if told else [],
    )
    return JSONResponse(shown.model_dump(mode="json"))


def recording(asked: Asked, call_id: str) -> FileResponse:
    """The sound, in ranges as the browser asks; that somebody heard it is noted, once an hour at most."""
    path = asked.web.files.recording(call_id)
    if asked.web.files.alive(call_id) or not path.is_file():
        raise HTTPException(404, "This call has no recording, or it is still going on")
    asked.web.accounts.note_once(asked.visitor.name or "guest", "heard a recording", call_id, ONE_HEARING)
    return FileResponse(path, media_type="audio/wav", headers={"cache-control": "private, no-store"})


def _record(web: Web, call_id: str) -> CallRecord:
    record = web.records.call(call_id)
    if record is None:
        raise HTTPException(404, "There is no such call, or it is not yours")
    return record


def _debrief(web: Web, stored: CallSheet) -> Debrief | None:
    sheet = stored_marksheet(web.files, stored.call_id)
    if sheet is None:
        return None
    try:
        log = web.files.entries(stored.call_id)
    except CallFilesError:
        return None
    script = stored.script()
    return debrief(script, draw(script, stored.seed), log, sheet, read_force(web.settings))


def _what_to_learn_first(verdict: Verdict) -> tuple[bool, int]:
    return not verdict.critical, list(RESULTS).index(verdict.result)
