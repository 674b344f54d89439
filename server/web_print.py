"""A call as paper: the page to print and the same as a PDF."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from server.blindness import blind_place
from server.pdf import as_pdf
from server.printed_call import PrintedCall, stored_paper
from server.remarking import stored_marksheet
from server.web_base import Asked, pages_router


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/calls/{call_id}/print")(page)
    routes.get("/calls/{call_id}/marksheet.pdf", response_class=Response, responses=PDF)(pdf)
    return routes


PDF: dict[int | str, dict[str, object]] = {200: {"description": "The marksheet", "content": {"application/pdf": {}}}}


def page(asked: Asked, call_id: str) -> Response:
    """The call as it goes on paper."""
    made = _paper(asked, call_id)
    return made if isinstance(made, Response) else asked.web.page(asked, "print.html", call=made)


def pdf(asked: Asked, call_id: str) -> Response:
    """The same as a PDF; that somebody took it away is noted."""
    made = _paper(asked, call_id)
    if isinstance(made, Response):
        return made
    data = as_pdf(made)
    asked.web.accounts.note(asked.visitor.name or "guest", "took a call as PDF", call_id)
    name = f'attachment; filename="{call_id}.pdf"'
    return Response(data, media_type="application/pdf", headers={"content-disposition": name})


def _paper(asked: Asked, call_id: str) -> PrintedCall | Response:
    """The call's paper, or where to go first. Raises 404 for a call that was never marked."""
    web = asked.web
    record = web.records.call(call_id)
    rules = stored_marksheet(web.files, call_id)
    if record is None or rules is None:
        raise HTTPException(404, "This call has no marksheet to print: open its debrief first, which marks it")
    if elsewhere := blind_place(web, record, asked.visitor):
        return RedirectResponse(elsewhere, 303)
    return stored_paper(web.records, web.files, record, rules, web.settings, asked.visitor.name)
