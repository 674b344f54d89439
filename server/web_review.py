"""The assessors' desk: the queue of calls, one call's review, and its small steps from a verdict to the signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query
from starlette.responses import RedirectResponse, Response

from scripts.marking import MarkingError
from scripts.marksheet import Marksheet
from server.blindness import hidden_calls
from server.calibration import Calibrations
from server.desk_page import OUTCOMES
from server.disputes import Disputes
from server.engines import read_force
from server.remarking import stored_marksheet
from server.retention import why_silent
from server.review_page import RESULT_WORDS, Case, case, talk_rows, turn_changes, verdict_rows
from server.review_queue import MOST_ROWS, SHOWS, Filter, Show, draw, next_after, waiting
from server.review_records import Review, ReviewRecords
from server.reviews import DECIDED, KINDS, LONGEST_TEXT, Decision, ReviewError, decide, marked_with, turn_at
from server.web_base import Asked, Web, pages_router

Word = Annotated[str, Form(max_length=60)]
Words = Annotated[str, Form(max_length=LONGEST_TEXT)]
Moment = Annotated[float, Form(ge=0, le=86_400)]
Wish = Annotated[str, Query(max_length=120)]


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/queue")(queue)
    routes.get("/queue/next")(next_call)
    routes.get("/review/{call_id}")(review)
    routes.post("/review/{call_id}/decisions")(decided)
    routes.post("/review/{call_id}/rest")(rest)
    routes.post("/review/{call_id}/undo")(undo)
    routes.post("/review/{call_id}/turns")(correct)
    routes.post("/review/{call_id}/comments")(comment)
    routes.post("/review/{call_id}/sign")(sign)
    routes.post("/review/{call_id}/second")(second)
    return routes


# --- the queue ------------------------------------------------------------------------------------------------------


def queue(asked: Asked, show: Wish = "due", trainee: Wish = "", script: Wish = "", result: Wish = "") -> Response:
    web = asked.web
    chosen: Show = next((one for one in SHOWS if one == show), "due")
    wish = Filter(chosen, trainee, script, result if result in OUTCOMES else "")
    left = _draw(web)
    hidden = hidden_calls(web, asked.visitor)
    rows = [
        replace(row, blind=True, score=None, outcome=None, unsure=None) if row.call_id in hidden else row
        for row in waiting(web.records, asked.visitor.name, wish)
    ]
    return web.page(
        asked, "queue.html", rows=rows, wish=wish, shows=SHOWS, outcomes=OUTCOMES, most=MOST_ROWS, drawing=left,
        percent=web.settings.review_sample, scripts=web.scripts.on(web.shelf())[0],
    )  # fmt: skip


def next_call(asked: Asked, after: Wish = "") -> Response:
    """The call that needs an assessor most, or the queue when none does."""
    return RedirectResponse(_next(asked, after), 303)


def _draw(web: Web) -> int:
    return draw(web.records, web.files, web.settings.review_sample, web.settings.review_seed)


def _next(asked: Asked, after: str) -> str:
    _draw(asked.web)
    found = next_after(asked.web.records, asked.visitor.name, after)
    return f"/review/{found}" if found else "/queue"


# --- one review -----------------------------------------------------------------------------------------------------


def review(asked: Asked, call_id: str) -> Response:
    web = asked.web
    if elsewhere := _calibrating(asked, call_id):
        return RedirectResponse(elsewhere, 303)
    shown = _case(asked, call_id)
    force = read_force(web.settings)
    log = web.files.entries(call_id)
    return web.page(
        asked, "review.html", case=shown, rows=verdict_rows(shown), talk=talk_rows(log, shown), words=RESULT_WORDS,
        final=None if shown.mode == "blind" else shown.final(force), outcomes=OUTCOMES, changes=turn_changes(shown),
        silent=why_silent(web.files, call_id), now=datetime.now().astimezone(), longest=LONGEST_TEXT,
        dispute=None if shown.mode == "blind" else Disputes(web.records).of(call_id), choices=DECIDED,
        second=shown.mode == "closed" and ReviewRecords(web.records).second_wanted(call_id),
    )  # fmt: skip


def decided(
    asked: Asked, call_id: str, criterion: Word, kind: Word, result: Word = "", reason: Words = ""
) -> Response:
    """Agree, change or not applicable: one verdict."""

    def step(shown: Case, book: ReviewRecords, mine: Review) -> None:
        verdict = next((one for one in shown.base.verdicts if one.criterion == criterion), None)
        chosen = next((one for one in KINDS if one == kind and one != "undo"), None)
        if verdict is None or chosen is None:
            raise ReviewError("There is no such verdict or no such decision: reload the page")
        book.decide(mine, decide(verdict, chosen, result, reason, blind=mine.blind))

    return _step(asked, call_id, step)


def rest(asked: Asked, call_id: str) -> Response:
    """Agree with every verdict that still waits, but for those that the rules could not decide."""

    def step(shown: Case, book: ReviewRecords, mine: Review) -> None:
        if mine.blind:
            raise ReviewError("This is a blind mark: say of each what you found yourself")
        book.decide(mine, *(decide(verdict, "agree") for verdict in shown.waiting if verdict.result != "unsure"))

    return _step(asked, call_id, step)


def undo(asked: Asked, call_id: str) -> Response:
    """Take back the last decision; it stays on record as taken back."""

    def step(shown: Case, book: ReviewRecords, mine: Review) -> None:
        if not shown.decisions:
            raise ReviewError("There is nothing to take back")
        book.decide(mine, Decision("undo", "", "unsure", 0.0, ""))

    return _step(asked, call_id, step)


def correct(asked: Asked, call_id: str, moment: Moment, text: Words) -> Response:
    """What the trainee truly said in one turn; the call is marked again at once, the original is kept."""

    def step(_shown: Case, book: ReviewRecords, mine: Review) -> None:
        said = " ".join(text.split())
        files = asked.web.files
        log = files.entries(call_id)
        turn = turn_at(log, moment)
        turns = {**mine.corrections, turn.began: said}
        book.correct(mine, turn.began, turn.text, said, _marked(asked.web, call_id, turns))

    return _step(asked, call_id, step)


def comment(asked: Asked, call_id: str, moment: Moment, text: Words) -> Response:
    """A remark at a moment of the call."""

    def step(_shown: Case, book: ReviewRecords, mine: Review) -> None:
        said = " ".join(text.split())
        if not said:
            raise ReviewError("Write what you want to remark")
        book.comment(mine, moment, said)

    return _step(asked, call_id, step)


def sign(asked: Asked, call_id: str) -> Response:
    """Make the mark final and go to the next call. Every verdict has to be decided first."""

    def step(shown: Case, book: ReviewRecords, mine: Review) -> None:
        if shown.waiting:
            titles = ", ".join(verdict.title for verdict in shown.waiting[:3])
            raise ReviewError(f"{len(shown.waiting)} still to decide before you can sign: {titles}")
        final = shown.final(read_force(asked.web.settings))
        book.sign(mine, shown.record.script_id, shown.rules, final)
        asked.web.accounts.note(asked.visitor.name, "signed a review", f"{call_id} {final.score:g} {final.outcome}")

    _step(asked, call_id, step)
    return RedirectResponse(_next(asked, call_id), 303)


def second(asked: Asked, call_id: str) -> Response:
    """Ask that somebody else mark a signed call without seeing this mark."""
    shown = _case(asked, call_id)
    if not any(one.signed for one in shown.reviews):
        raise HTTPException(409, "Only a signed call can have a second mark")
    ReviewRecords(asked.web.records).ask_for_second(call_id, asked.visitor.name)
    return RedirectResponse(f"/review/{call_id}", 303)


# --- inside ---------------------------------------------------------------------------------------------------------


def _step(asked: Asked, call_id: str, step: Callable[[Case, ReviewRecords, Review], None]) -> Response:
    """Do one thing to the visitor's own open review, then show it."""
    shown = _case(asked, call_id)
    if shown.mine is None:
        raise HTTPException(409, shown.notice)
    book = ReviewRecords(asked.web.records)
    try:
        step(shown, book, book.begin(shown.mine))
    except ReviewError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/review/{call_id}", 303)


def _case(asked: Asked, call_id: str) -> Case:
    web = asked.web
    record = web.records.call(call_id)
    rules = stored_marksheet(web.files, call_id)
    if record is None or rules is None:
        raise HTTPException(404, f"This call was never marked. Mark it first: rightcall mark {call_id}")
    if record.trainee == asked.visitor.name:
        raise HTTPException(403, "This call is your own: somebody else has to review it")
    if elsewhere := _calibrating(asked, call_id):
        raise HTTPException(409, f"You mark this call blind in a calibration first: {elsewhere}")
    book = ReviewRecords(web.records)
    mine, notice = None, ""
    try:
        mine = book.for_assessor(call_id, asked.visitor.name)
    except ReviewError as error:
        notice = str(error)
    return case(record, rules, mine, [one for one in book.of(call_id) if one.signed], notice)


def _calibrating(asked: Asked, call_id: str) -> str | None:
    """Where the visitor has to mark this call in a calibration before they may see others' marks."""
    session = Calibrations(asked.web.records).hidden_from(asked.visitor.name).get(call_id)
    return None if session is None else f"/calibrations/{session}/calls/{call_id}"


def _marked(web: Web, call_id: str, turns: dict[float, str]) -> Marksheet:
    try:
        return marked_with(
            web.files.sheet(call_id).script(), web.files.entries(call_id), turns, read_force(web.settings)
        )
    except MarkingError as error:
        raise ReviewError(f"The call cannot be marked again: {error}") from error
