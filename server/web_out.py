"""Sessions taken out as a spreadsheet: one's own, or for those who review and train everybody's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from server.access import REVIEWERS
from server.assignment_records import Assignments
from server.blindness import hidden_calls
from server.desk_page import OUTCOMES
from server.sessions_out import HEADER, Chosen, rows
from server.spreadsheet import DESCRIBED, lines
from server.web_base import Asked, pages_router

Wish = Annotated[str, Query(max_length=120)]
Day = Annotated[date | Literal[""], Query(description="A day of the server's zone; empty for no limit")]
Group = Annotated[int, Query(ge=1, le=2**31 - 1)] | Literal[""]


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/calls.csv", response_class=Response, responses=DESCRIBED)(as_csv)
    return routes


def as_csv(
    asked: Asked, trainee: Wish = "", group: Group = "", script: Wish = "", result: Wish = "", since: Day = "",
    until: Day = "",
) -> Response:  # fmt: skip
    """Calls as comma separated values, newest first, sent as they are read. Trainees have their own alone."""
    web, visitor = asked.web, asked.visitor
    reviewer = bool(visitor.roles & REVIEWERS)
    whose = trainee or None if reviewer else None if visitor.guest else visitor.name
    chosen = Chosen(
        whose, group or None if reviewer else None, script, result if result in OUTCOMES else "", since or None,
        until or None,
    )  # fmt: skip
    hidden = Assignments(web.records).sealed([visitor.name]) | hidden_calls(web, visitor)
    found = rows(web.records, chosen, visitor.name if "assessor" in visitor.roles else "", hidden)
    table = _begun(lines(HEADER, found))
    web.accounts.note(visitor.name or "guest", "took calls as CSV", str(chosen))
    name = 'attachment; filename="calls.csv"'
    return StreamingResponse(table, media_type="text/csv; charset=utf-8", headers={"content-disposition": name})


def _begun(pieces: Iterator[str]) -> Iterator[str]:
    """The same, with its first piece made now: a database that fails is told as a page, not as half a file."""
    return chain([next(pieces)], pieces)
