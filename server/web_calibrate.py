"""Calibration sessions: opening one, marking its calls blind, and comparing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Path, Query
from starlette.responses import RedirectResponse, Response

from scripts.marksheet import Marksheet, Result
from server.calibration import MOST_CALLS, Calibration, CalibrationError, Calibrations
from server.calibration_view import by_criterion, criterion_rows, pairs
from server.desk_page import OUTCOMES
from server.engines import read_force
from server.records import CallRecord
from server.remarking import stored_marksheet
from server.review_page import RESULT_WORDS, Case, talk_rows, verdict_rows
from server.review_records import Review
from server.reviews import DECIDED, KINDS, LONGEST_TEXT, Decision, ReviewError, decide, judged, not_undone, standing
from server.web_base import Asked, Asking, Web, pages_router

MOST_OFFERED = 40
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Word = Annotated[str, Form(max_length=60)]
Words = Annotated[str, Form(max_length=LONGEST_TEXT)]
Chosen = Annotated[list[Annotated[str, Form(max_length=120)]], Form(default_factory=list, max_length=100)]
SESSION = "/calibrations/{calibration_id}"
CALL = f"{SESSION}/calls/{{call_id}}"


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/calibrations")(sessions)
    routes.post("/calibrations")(open_session)
    routes.get(SESSION)(session)
    routes.post(f"{SESSION}/close")(close)
    routes.get(CALL)(call)
    routes.post(f"{CALL}/decisions")(decided)
    routes.post(f"{CALL}/undo")(undo)
    routes.post(f"{CALL}/sign")(sign)
    routes.post(f"{CALL}/notes")(note)
    return routes


# --- sessions -------------------------------------------------------------------------------------------------------


def sessions(asked: Asked, call: Annotated[str, Query(max_length=40)] = "") -> Response:
    return _sessions_page(asked, {"calls": [call], "markers": [asked.visitor.name], "title": ""})


def _sessions_page(asked: Asking, given: dict[str, object], error: str = "") -> Response:
    web = asked.web
    wanted = given["calls"]
    offered = [one for one in web.records.calls(limit=MOST_OFFERED * 2) if one.score is not None][:MOST_OFFERED]
    known = {one.call_id for one in offered}
    for name in wanted if isinstance(wanted, list) else []:
        record = web.records.call(name) if name and name not in known else None
        offered = [record, *offered] if record and record.score is not None else offered
    people = [one for one in web.accounts.all() if one.active and one.roles & {"assessor", "trainer"}]
    return web.page(
        asked, "calibrations.html", status=422 if error else 200, error=error, given=given, people=people,
        sessions=Calibrations(web.records).of(asked.visitor.name), offered=offered, most=MOST_CALLS,
    )  # fmt: skip


def open_session(asked: Asked, calls: Chosen, markers: Chosen, title: Words = "") -> Response:
    """Open a session on the chosen calls with the chosen people."""
    able = {one.name for one in asked.web.accounts.all() if one.active and one.roles & {"assessor", "trainer"}}
    try:
        if strangers := [name for name in markers if name not in able]:
            raise CalibrationError(f"{strangers[0]} is no assessor or trainer of this site")  # noqa: TRY301 - told like its sisters
        made = Calibrations(asked.web.records).open(title, asked.visitor.name, calls, markers)
    except CalibrationError as error:
        return _sessions_page(asked, {"calls": calls, "markers": markers, "title": title}, str(error))
    asked.web.accounts.note(asked.visitor.name, "opened a calibration", f"{made}: {', '.join(markers)}")
    return RedirectResponse(f"/calibrations/{made}", 303)


def session(asked: Asked, calibration_id: Number) -> Response:
    web = asked.web
    shown = _session(asked, calibration_id)
    rows = [(record, shown.to_mark(asked.visitor.name)) for record in map(web.records.call, shown.calls) if record]
    compared = _compared(web, shown) if shown.revealed else []
    return web.page(
        asked, "calibration.html", session=shown, rows=rows, pairs=pairs(compared), criteria=by_criterion(compared),
        mine=shown.to_mark(asked.visitor.name),
    )  # fmt: skip


def close(asked: Asked, calibration_id: Number) -> Response:
    """End the blind marking; only who opened the session may."""
    shown = _session(asked, calibration_id)
    if shown.owner != asked.visitor.name:
        raise HTTPException(403, f"Only {shown.owner}, who opened this session, can close it")
    Calibrations(asked.web.records).close(calibration_id)
    asked.web.accounts.note(asked.visitor.name, "closed a calibration", str(calibration_id))
    return RedirectResponse(f"/calibrations/{calibration_id}", 303)


# --- one call -------------------------------------------------------------------------------------------------------


def call(asked: Asked, calibration_id: Number, call_id: str) -> Response:
    """The call to mark blind, or everybody's marks side by side once they may be seen."""
    web = asked.web
    shown, record, rules = _call(asked, calibration_id, call_id)
    if call_id in shown.to_mark(asked.visitor.name):
        return _marking_page(asked, shown, _case(web, shown, record, rules, asked.visitor.name))
    if not shown.revealed:
        return RedirectResponse(f"/calibrations/{calibration_id}", 303)
    book = Calibrations(web.records)
    marks = _marks(web, shown, call_id)
    rows = criterion_rows(rules, marks, book.notes(calibration_id, call_id))
    return web.page(
        asked, "calibration_call.html", session=shown, record=record, rules=rules, rows=rows, words=RESULT_WORDS,
        scores=book.scores(calibration_id, call_id), markers=list(marks), choices=DECIDED, longest=LONGEST_TEXT,
        outcomes=OUTCOMES,
    )  # fmt: skip


def _marking_page(asked: Asking, shown: Calibration, mine: Case) -> Response:
    web, call_id = asked.web, mine.record.call_id
    log = web.files.entries(call_id)
    return web.page(
        asked, "calibration_mark.html", case=mine, rows=verdict_rows(mine), talk=talk_rows(log, mine),
        words=RESULT_WORDS, sound=web.files.recording(call_id).is_file(), session=shown,
        base=f"/calibrations/{shown.calibration_id}/calls/{call_id}",
    )  # fmt: skip


def decided(
    asked: Asked, calibration_id: Number, call_id: str, criterion: Word, kind: Word, result: Word = ""
) -> Response:
    """What one found: one verdict."""

    def step(book: Calibrations, shown: Calibration, mine: Case) -> None:
        verdict = next((one for one in mine.base.verdicts if one.criterion == criterion), None)
        chosen = next((one for one in KINDS if one == kind and one != "undo"), None)
        if verdict is None or chosen is None:
            raise ReviewError("There is no such verdict or no such decision: reload the page")
        book.decide(shown, call_id, asked.visitor.name, decide(verdict, chosen, result, blind=True))

    return _step(asked, calibration_id, call_id, step)


def undo(asked: Asked, calibration_id: Number, call_id: str) -> Response:
    """Take back the last decision."""

    def step(book: Calibrations, shown: Calibration, mine: Case) -> None:
        if not mine.decisions:
            raise ReviewError("There is nothing to take back")
        book.decide(shown, call_id, asked.visitor.name, Decision("undo", "", "unsure", 0.0, ""))

    return _step(asked, calibration_id, call_id, step)


def sign(asked: Asked, calibration_id: Number, call_id: str) -> Response:
    """Make one's mark final and go to the session's next call."""

    def step(book: Calibrations, shown: Calibration, mine: Case) -> None:
        if mine.waiting:
            raise ReviewError(f"{len(mine.waiting)} still to decide before you can sign")
        final = judged(mine.base, mine.decisions, read_force(asked.web.settings))
        book.sign(shown, call_id, asked.visitor.name, final)

    _step(asked, calibration_id, call_id, step)
    left = [one for one in _session(asked, calibration_id).to_mark(asked.visitor.name) if one != call_id]
    place = f"/calibrations/{calibration_id}"
    return RedirectResponse(f"{place}/calls/{left[0]}" if left else place, 303)


def note(
    asked: Asked, calibration_id: Number, call_id: str, criterion: Word, text: Words = "", result: Word = ""
) -> Response:
    """What was said about a criterion, and the verdict that was agreed."""
    shown, _, rules = _call(asked, calibration_id, call_id)
    if criterion not in {verdict.criterion for verdict in rules.verdicts}:
        raise HTTPException(409, "There is no such criterion: reload the page")
    try:
        said = " ".join(text.split())
        Calibrations(asked.web.records).note(shown, call_id, criterion, asked.visitor.name, said, result)
    except CalibrationError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/calibrations/{calibration_id}/calls/{call_id}#c-{criterion}", 303)


# --- inside ---------------------------------------------------------------------------------------------------------


def _step(
    asked: Asking, number: int, call_id: str, step: Callable[[Calibrations, Calibration, Case], None]
) -> Response:
    shown, record, rules = _call(asked, number, call_id)
    try:
        step(Calibrations(asked.web.records), shown, _case(asked.web, shown, record, rules, asked.visitor.name))
    except (ReviewError, CalibrationError) as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/calibrations/{number}/calls/{call_id}", 303)


def _session(asked: Asking, number: int) -> Calibration:
    found = Calibrations(asked.web.records).get(number)
    if found is None or not found.includes(asked.visitor.name):
        raise HTTPException(404, "There is no such session, or you do not take part in it")
    return found


def _call(asked: Asking, number: int, call_id: str) -> tuple[Calibration, CallRecord, Marksheet]:
    shown = _session(asked, number)
    record = asked.web.records.call(call_id) if call_id in shown.calls else None
    rules = stored_marksheet(asked.web.files, call_id) if record else None
    if record is None or rules is None:
        raise HTTPException(404, "This call is not in the session, or its files are gone")
    return shown, record, rules


def _case(web: Web, shown: Calibration, record: CallRecord, rules: Marksheet, marker: str) -> Case:
    """The call as a blind review has it: the rules' verdicts cannot get into the page."""
    made = Calibrations(web.records).decisions(shown.calibration_id, record.call_id, marker)
    mine = Review(0, record.call_id, marker, blind=True, began=shown.opened)
    return Case(record, rules, rules, mine, (), standing(made, rules), "blind")


def _marks(web: Web, shown: Calibration, call_id: str) -> dict[str, dict[str, tuple[Result, str]]]:
    """Everybody's verdicts with their reasons, also of those who have not signed when it was closed."""
    book = Calibrations(web.records)
    found = {}
    for marker in shown.markers:
        decisions = not_undone(book.decisions(shown.calibration_id, call_id, marker))
        if decisions:
            found[marker] = {one.criterion: (one.result, one.reason) for one in decisions}
    return found


def _compared(web: Web, shown: Calibration) -> list[tuple[Marksheet, dict[str, dict[str, Result]]]]:
    compared = []
    for call_id in shown.calls:
        rules = stored_marksheet(web.files, call_id)
        if rules is not None:
            marks = _marks(web, shown, call_id)
            plain = {name: {key: result for key, (result, _) in by.items()} for name, by in marks.items()}
            compared.append((rules, plain))
    return compared
