"""The trainee's desk, the list of their calls, and the making of a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import RedirectResponse, Response

from server.access import REVIEWERS, Visitor
from server.assignment_records import Assignments
from server.assignments import STATES, Task, due, used
from server.call_scripts import call_script
from server.desk_page import OUTCOMES, height, marksheets, next_call, progress, shelf_rows
from server.engines import read_force
from server.records import CallRecord
from server.web_base import Asked, Web, pages_router

MOST_CALLS = 200
DONE_SHOWN = timedelta(days=14)
"""After its deadline, how long an assignment that is done stays on the desk."""
SHOWN = {**OUTCOMES, "sealed": STATES["sealed"]}
EXAMINED = "This call is an examination of yours: take it from the assignments on your desk"


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
    book, now = Assignments(web.records), datetime.now(UTC)
    barred = book.examined(asked.visitor.name, now)
    rows = shelf_rows([one for one in scripts if one.id not in barred], mine)
    return web.page(
        asked, "desk.html", rows=rows, problems=problems, recent=mine[:6], outcomes=SHOWN,
        assigned=_assigned(book.desk(asked.visitor.name, now), now), titles={one.id: one.title for one in scripts},
        progress=progress(marksheets(web.files, mine)), engines=web.engines(), failure=web.site.failure,
        pass_height=height(read_force(web.settings).marking.pass_mark),
    )  # fmt: skip


def _assigned(tasks: list[Task], now: datetime) -> list[tuple[Task, str, str]]:
    """What is assigned: the task, when it is due, and its state, both in words."""
    return [
        (one, due(one.assignment.deadline, now), STATES[one.state])
        for one in tasks
        if one.open or one.assignment.deadline > now - DONE_SHOWN
    ]


def calls(asked: Asked) -> Response:
    mine = calls_of(asked.web, asked.visitor)
    groups = Assignments(asked.web.records).groups() if asked.visitor.roles & REVIEWERS else []
    return asked.web.page(asked, "calls.html", calls=mine, most=MOST_CALLS, outcomes=SHOWN, groups=groups)


def new_call(asked: Asked, script: Annotated[str, Form(max_length=60)] = "") -> Response:
    """A call that rings once its console is open; without a script's name, one that the trainee needs."""
    web = asked.web
    if not script:
        script = _wanted(web, asked.visitor)
    if script not in web.shelf().paths():  # a name, never a file of this machine
        raise HTTPException(404, "There is no such call on the shelf")
    if script in Assignments(web.records).examined(asked.visitor.name):
        raise HTTPException(403, EXAMINED)
    made = web.calls.make(
        call_script(script, web.settings.scripts), asked.visitor.name, force=read_force(web.settings)
    )
    return RedirectResponse(f"/calls/{made.call_id}/console", 303)


def _wanted(web: Web, visitor: Visitor) -> str:
    """What comes in when the trainee just goes available: practice that is due first, else what they need."""
    book = Assignments(web.records)
    on_shelf, barred = web.shelf().paths(), book.examined(visitor.name)
    for task in book.desk(visitor.name):
        if task.open and not task.assignment.examination and task.script_id in on_shelf.keys() - barred:
            return task.script_id
    scripts = [one for one in web.scripts.on(web.shelf())[0] if one.id not in barred]
    chosen = next_call(shelf_rows(scripts, calls_of(web, visitor)), SystemRandom())
    return chosen.id if chosen else ""


def calls_of(web: Web, visitor: Visitor) -> list[CallRecord]:
    """The visitor's calls, newest first; a guest's are all on this machine. What is sealed has no result."""
    if visitor.guest:
        return list(web.records.calls(limit=MOST_CALLS))
    sealed = Assignments(web.records).sealed([visitor.name])
    return [
        replace(call, score=None, outcome="sealed", rating=None) if call.call_id in sealed and used(call) else call
        for call in web.records.calls(limit=MOST_CALLS, trainee=visitor.name)
    ]
