"""The shift: its beginning, the page on which it is worked with its socket, and its debrief."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import SystemRandom
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, WebSocket, WebSocketDisconnect
from starlette.responses import RedirectResponse, Response

from scripts.shift import replay
from scripts.shift_marking import SECTIONS
from scripts.shift_plan import MINUTES, PATTERNS, Length, NoContacts, Plan, plan
from scripts.vocabulary import AGENCIES, GRADES
from server.access import REVIEWERS
from server.assignment_records import Assignments
from server.browser_wire import MOST_BYTES
from server.call_scripts import CallScript, call_script
from server.desk_page import OUTCOMES
from server.engines import read_force
from server.shift_files import ShiftSheet
from server.shift_marks import marks_now
from server.shift_page import lanes
from server.shift_room import Outgoing, ShiftRun, new_shift_id
from server.shift_site import ShiftSite
from server.shift_wire import read
from server.web_base import Asked, Asking, Web, pages_router
from server.web_console import FORM, GONE, RISK, TOO_BIG, watch_session
from server.web_debrief import RESULTS, mark_interrupted

MOST_SHIFTS = 12
"""That the first page lists."""
LARGEST_SEED = 9999
GESTURES_AT_ONCE, GESTURES_A_SECOND = 100.0, 20.0
"""What a person with a form can do; a page that says more loses it."""


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/shift")(beginning)
    routes.post("/shift")(begin)
    routes.get("/shift/{shift_id}")(shift)
    routes.websocket("/shift/{shift_id}/line")(line)
    return routes


def beginning(asked: Asked) -> Response:
    """How long, and the last ones."""
    web = asked.web
    files = web.shifts.files
    mine = files.of(None if asked.visitor.guest else asked.visitor.name, MOST_SHIFTS)
    others = files.of(None, MOST_SHIFTS) if asked.visitor.roles & REVIEWERS else []
    last, everybody = ([(one, files.marks(one.shift_id)) for one in some] for some in (mine, others))
    noted = any(script.content_note for script in web.scripts.on(web.shelf())[0])
    lengths = [(length, MINUTES[length], len(PATTERNS[length])) for length in MINUTES]
    return web.page(
        asked, "shift_begin.html", lengths=lengths, last=last, outcomes=OUTCOMES, failure=web.site.failure,
        noted=noted, everybody=everybody, on_duty=web.shifts.of(asked.visitor.name),
    )  # fmt: skip


def begin(
    asked: Asked,
    length: Annotated[Length, Form()] = "standard",
    seed: Annotated[int | None, Form(ge=1, le=LARGEST_SEED)] = None,
) -> Response:
    """A shift that begins once its page is ready; who is on one goes back to it."""
    web = asked.web
    running = web.shifts.of(asked.visitor.name)
    if running is not None:
        return RedirectResponse(f"/shift/{running.sheet.shift_id}", 303)
    examined = Assignments(web.records).examined(asked.visitor.name)
    scripts = [one for one in web.scripts.on(web.shelf())[0] if one.id not in examined]
    try:
        made = plan(scripts, seed or SystemRandom().randint(1, LARGEST_SEED), length)
    except NoContacts as problem:
        raise HTTPException(409, str(problem)) from problem
    sheet = ShiftSheet(
        shift_id=new_shift_id(), trainee=asked.visitor.name, length=length, started=datetime.now(UTC), plan=made
    )
    web.shifts.make(site_of(web), sheet, scripts_of(web, made))
    return RedirectResponse(f"/shift/{sheet.shift_id}", 303)


def shift(asked: Asked, shift_id: str) -> Response:
    """The page on which it is worked, while it is on and the visitor is on it; else its debrief."""
    web = asked.web
    run = web.shifts.get(shift_id)
    if run is None or run.over:
        return _debrief(asked, shift_id)
    if not asked.visitor.owns(run.sheet.trainee):
        raise HTTPException(409, "This shift is still on: its debrief comes when it is over")
    force = read_force(web.settings)
    return web.page(
        asked, "shift.html", run=run, force=force, fields=FORM, risks=RISK,
        grades=[(grade, force.grade(grade)) for grade in GRADES],
        agencies=[(agency, force.agency(agency)) for agency in AGENCIES],
    )  # fmt: skip


def site_of(web: Web) -> ShiftSite:
    return ShiftSite(web.settings, web.files, web.records, web.calls, read_force(web.settings))


def scripts_of(web: Web, made: Plan) -> dict[str, CallScript]:
    """The script of each contact with its text."""
    return {contact.id: call_script(contact.script, web.settings.scripts) for contact in made.contacts}


# --- the socket -----------------------------------------------------------------------------------------------


@dataclass
class Allowance:
    """How much one socket may still say."""

    left: float = GESTURES_AT_ONCE
    at: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        now = time.monotonic()
        self.left = min(GESTURES_AT_ONCE, self.left + (now - self.at) * GESTURES_A_SECOND)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


async def line(asked: Asked, socket: WebSocket, shift_id: str) -> None:
    """One page's socket of one shift."""
    run = asked.web.shifts.get(shift_id)
    await socket.accept()
    if run is None or run.over:
        await socket.close(GONE, "the shift is over")
    else:
        await _carry(asked, run, socket)


async def _carry(asked: Asking, run: ShiftRun, socket: WebSocket) -> None:
    """Carry messages both ways until the socket or the session ends."""
    page = run.attach()
    sending = asyncio.create_task(_send(page, socket))
    watching = asyncio.create_task(watch_session(asked.web, socket, asked.visitor))
    try:
        await _receive(run, socket)
    except WebSocketDisconnect:
        pass
    finally:
        run.detach(page)
        sending.cancel()
        watching.cancel()
        await asyncio.gather(sending, watching, return_exceptions=True)


async def _receive(run: ShiftRun, socket: WebSocket) -> None:
    allowance = Allowance()
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text") or ""
        if len(message.get("bytes") or text) > MOST_BYTES:
            await socket.close(TOO_BIG, "a message was too big")
            return
        if allowance.take():
            run.tell(read(text))


async def _send(page: Outgoing, socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while (message := await page.get()) is not None:
            await socket.send_text(message)


# --- afterwards -----------------------------------------------------------------------------------------------


def _debrief(asked: Asking, shift_id: str) -> Response:
    web = asked.web
    sheet = web.shifts.files.sheet(shift_id)
    if sheet is None:
        raise HTTPException(404, "There is no such call, or it is not yours")
    force = read_force(web.settings)
    for call_id in web.shifts.files.calls(shift_id).values():
        record = web.records.call(call_id)
        if record is not None and record.score is None:
            mark_interrupted(web, record)
    marks = marks_now(web.files, web.shifts.files, sheet, force)
    session = replay(sheet.plan, web.shifts.files.entries(shift_id))
    verdicts = sorted(marks.verdicts, key=lambda one: (not one.critical_name, list(RESULTS).index(one.result)))
    return web.page(
        asked, "shift_debrief.html", sheet=sheet, marks=marks, verdicts=verdicts, results=RESULTS, sections=SECTIONS,
        outcomes=OUTCOMES, lanes=lanes(session, force), session=session,
    )  # fmt: skip
