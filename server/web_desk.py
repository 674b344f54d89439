"""The trainee's desk, the list of their calls, and the making of a new one."""

from __future__ import annotations

from random import SystemRandom
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import RedirectResponse, Response

from server.access import REVIEWERS, Visitor
from server.assignment_records import Assignments
from server.call_scripts import call_script
from server.desk_page import OUTCOMES, height, marksheets, next_call, progress, shelf_rows
from server.engines import read_force
from server.records import CallRecord
from server.web_base import Asked, Web, pages_router

MOST_CALLS = 200


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/")(desk)
    routes.get("/calls")(calls)
    routes.post("/calls")(new_call)
    return routes


def desk(asked: Asked) -> Response:
    web = asked.web
    mine = calls_of(web, asked.visitor)
    scripts, problems = web.scripts.on(web.shelf())
    rows = shelf_rows(scripts, mine)
    return web.page(
        asked, "desk.html", rows=rows, problems=problems, recent=mine[:6], outcomes=OUTCOMES,
        progress=progress(marksheets(web.files, mine)), engines=web.engines(), failure=web.site.failure,
        pass_height=height(read_force(web.settings).marking.pass_mark),
    )  # fmt: skip


def calls(asked: Asked) -> Response:
    mine = calls_of(asked.web, asked.visitor)
    groups = Assignments(asked.web.records).groups() if asked.visitor.roles & REVIEWERS else []
    return asked.web.page(asked, "calls.html", calls=mine, most=MOST_CALLS, outcomes=OUTCOMES, groups=groups)


def new_call(asked: Asked, script: Annotated[str, Form(max_length=60)] = "") -> Response:
    """A call that rings once its console is open; without a script's name, one that the trainee needs."""
    web = asked.web
    if not script:
        rows = shelf_rows(web.scripts.on(web.shelf())[0], calls_of(web, asked.visitor))
        chosen = next_call(rows, SystemRandom())
        script = chosen.id if chosen else ""
    if script not in web.shelf().paths():  # a name, never a file of this machine
        raise HTTPException(404, "There is no such call on the shelf")
    made = web.calls.make(call_script(script, web.settings.scripts), asked.visitor.name)
    return RedirectResponse(f"/calls/{made.call_id}/console", 303)


def calls_of(web: Web, visitor: Visitor) -> list[CallRecord]:
    """The visitor's calls, newest first; a guest's are all on this machine."""
    return list(web.records.calls(limit=MOST_CALLS, trainee=None if visitor.guest else visitor.name))
