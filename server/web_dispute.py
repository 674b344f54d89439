"""The trainee's request to look at a verdict again, and the assessor's answer to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import RedirectResponse, Response

from scripts.marksheet import Marksheet
from server.blindness import blind_place
from server.disputes import Dispute, DisputeError, Disputes, sheet_of_record
from server.engines import read_force
from server.remarking import stored_marksheet
from server.review_records import ReviewRecords
from server.reviews import LONGEST_TEXT
from server.web_base import Asked, Web, pages_router

Word = Annotated[str, Form(max_length=60)]
Words = Annotated[str, Form(max_length=LONGEST_TEXT)]


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.post("/calls/{call_id}/dispute")(ask)
    routes.post("/review/{call_id}/dispute")(answer)
    return routes


def ask(asked: Asked, call_id: str, criterion: Word, reason: Words = "") -> Response:
    """Ask for one verdict of one's own call to be looked at again."""
    web, name = asked.web, asked.visitor.name
    sheet, _ = _of_record(web, call_id)
    verdict = next((one for one in sheet.verdicts if one.criterion == criterion), None)
    if verdict is None:
        raise HTTPException(409, "There is no such verdict: reload the page")
    try:
        Disputes(web.records).ask(call_id, name, verdict, reason)
    except DisputeError as error:
        raise HTTPException(409, str(error)) from error
    web.accounts.note(name, "asked about a verdict", f"{call_id} {criterion}")
    return RedirectResponse(f"/calls/{call_id}#asked", 303)


def answer(asked: Asked, call_id: str, result: Word, answer: Words = "") -> Response:
    """Say that the verdict stands, or change it; the trainee sees both reasons."""
    web, name = asked.web, asked.visitor.name
    record = web.records.call(call_id)
    sheet, dispute = _of_record(web, call_id)
    if record is None or dispute is None:
        raise HTTPException(409, "Nobody has asked about this call")
    if record.trainee == name:
        raise HTTPException(403, "This call is your own: somebody else has to answer")
    if blind_place(web, record, asked.visitor):
        raise HTTPException(409, "You mark this call blind first: answer once that is signed")
    try:
        done = Disputes(web.records).answer(dispute, name, result, answer, sheet, read_force(web.settings))
    except DisputeError as error:
        raise HTTPException(409, str(error)) from error
    became = f"{done.was} -> {done.result}" if done.changed else "stands"
    web.accounts.note(name, "answered about a verdict", f"{call_id} {done.criterion}: {became}")
    return RedirectResponse(f"/review/{call_id}", 303)


def _of_record(web: Web, call_id: str) -> tuple[Marksheet, Dispute | None]:
    rules = stored_marksheet(web.files, call_id)
    if rules is None:
        raise HTTPException(404, "This call was never marked")
    dispute = Disputes(web.records).of(call_id)
    review = ReviewRecords(web.records).of_record(call_id)
    return sheet_of_record(rules, review, dispute, read_force(web.settings)), dispute
