"""The console: the page on which a call is taken, and the socket that carries it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from starlette.responses import RedirectResponse, Response

from scripts.vocabulary import AGENCIES, GRADES
from server.access import Visitor
from server.assignment_records import Assignments
from server.browser_calls import BrowserCall
from server.browser_handset import Outgoing
from server.browser_wire import MOST_BYTES, read
from server.debrief import targets
from server.engines import Busy, Engines, read_force
from server.web_base import Asked, Asking, Web, pages_router

TAKEN, TOO_BIG, GONE = 4409, 1009, 4410
"""Close codes: another page has the call; a message was too big; the call is over."""
SESSION_CHECKED_EVERY = 30.0
"""Seconds for which a socket may outlive its session."""

FORM = (
    ("location", "Location", "wide"),
    ("location_detail", "Where exactly", ""),
    ("phone", "Caller's number", ""),
    ("name", "Caller's name", ""),
    ("injuries", "Injuries", ""),
    ("emergency", "What is happening", "area"),
    ("people", "People", ""),
    ("description", "Descriptions", ""),
    ("weapons", "Weapons", ""),
    ("vehicle", "Vehicles", ""),
    ("direction", "Direction", ""),
    ("relationship", "Relationship", ""),
)
RISK = (
    ("threat", "Threat"),
    ("harm", "Harm"),
    ("risk", "Risk"),
    ("investigation", "Investigation"),
    ("vulnerability", "Vulnerability"),
    ("engagement", "Engagement"),
)
"""The incident form: a field's name is a topic, so that marking knows what was written down."""


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/calls/{call_id}/console")(console)
    routes.websocket("/calls/{call_id}/line")(line)
    return routes


def console(asked: Asked, call_id: str) -> Response:
    web = asked.web
    call = web.calls.get(call_id)
    if call is None or call.over:
        return RedirectResponse(f"/calls/{call_id}", 303)
    force = read_force(web.settings)
    return web.page(
        asked, "console.html", call=call, display=call.display(), script=call.script, force=force, fields=FORM,
        risks=RISK, grades=[(grade, force.grade(grade)) for grade in GRADES],
        agencies=[(agency, force.agency(agency)) for agency in AGENCIES], targets=targets(call.script, force),
    )  # fmt: skip


async def line(asked: Asked, socket: WebSocket, call_id: str, tab: Annotated[str, Query(max_length=40)] = "") -> None:
    """One page's socket of one call."""
    web = asked.web
    call = web.calls.get(call_id)
    await socket.accept()
    if call is None or call.over:
        await socket.close(GONE, "the call is over")
    elif call.task is None and (why := await _refusal(web, call)):
        await socket.close(GONE, why)
    elif not call.takes(tab):
        await socket.close(TAKEN, "another page has this call")
    else:
        call.tab = tab
        await _carry(asked, call, socket)


async def _refusal(web: Web, call: BrowserCall) -> str | None:
    """Why this call may not begin: an examination that was taken, withdrawn or closed since its page was opened."""
    return await asyncio.to_thread(Assignments(web.records).refusal, call.call_id) if call.examination else None


async def _carry(asked: Asking, call: BrowserCall, socket: WebSocket) -> None:
    """Carry sound and messages both ways until the socket or the session ends."""
    web = asked.web
    engines = await _engines(web, socket)
    if engines is None:
        return
    outgoing = call.handset.attach()
    call.handset.tell_page(call.view.whole())
    call.start(engines)
    sending = asyncio.create_task(_send(outgoing, socket))
    watching = asyncio.create_task(watch_session(web, socket, asked.visitor))
    try:
        await _receive(call, socket)
    except WebSocketDisconnect:
        pass
    finally:
        call.handset.detach(outgoing)
        sending.cancel()
        watching.cancel()
        await asyncio.gather(sending, watching, return_exceptions=True)


async def watch_session(web: Web, socket: WebSocket, visitor: Visitor) -> None:
    """Close the socket once the session is over: signed out elsewhere, closed by an administrator, out of time."""
    while visitor.session and await asyncio.to_thread(web.accounts.session, visitor.session.token):  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(SESSION_CHECKED_EVERY)
    with contextlib.suppress(RuntimeError):
        await socket.close(1008, "Your session is over: sign in again")


async def _engines(web: Web, socket: WebSocket) -> Engines | None:
    """The engines, waited for; None once the page was told why there are none."""
    await web.site.ready.wait()
    try:
        return web.site.admit()
    except Busy as busy:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_json({"type": "failed", "why": str(busy)})
            await socket.close(GONE)
        return None


async def _receive(call: BrowserCall, socket: WebSocket) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data, text = message.get("bytes"), message.get("text")
        if len(data or text or "") > MOST_BYTES:
            await socket.close(TOO_BIG, "a message was too big")
            return
        if data is not None:
            call.handset.sound(data)
        else:
            call.handset.tell(read(text or ""))


async def _send(outgoing: Outgoing, socket: WebSocket) -> None:
    """Send what the handset has for the page; None is the end: another page of the same tab has taken over."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while (message := await outgoing.get()) is not None:
            if isinstance(message, bytes):
                await socket.send_bytes(message)
            else:
                await socket.send_text(message)
        await socket.close(TAKEN, "this page was opened again")
