"""The live board: calls in progress by server-sent events, and listening in to one of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.responses import Response, StreamingResponse

from server.live import Listener, LiveCall
from server.schema import calls
from server.web_base import Asked, Asking, Web, pages_router

EVERY = 1.0
"""Seconds between two states of the board."""
STREAM_LASTS = 30.0
"""Seconds after which the browser asks anew, so that a closed account sees no more."""
AGAIN_AFTER = 500
"""Milliseconds after which it does."""
GONE = 4410


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/board")(board)
    routes.get("/board/events")(events)
    routes.websocket("/board/{call_id}/listen")(listen)
    return routes


def board(asked: Asked) -> Response:
    settings = asked.web.settings
    return asked.web.page(asked, "board.html", most=settings.max_calls, failure=asked.web.site.failure)


async def events(asked: Asked) -> StreamingResponse:
    """The board's state, each time that it has changed. Only the newest is ever sent: nothing is queued."""
    names = await asyncio.to_thread(_names, asked.web)
    today = await asyncio.to_thread(_today, asked.web)
    return StreamingResponse(
        _states(asked, names, today), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


async def _states(asked: Asking, names: dict[str, str], today: int) -> AsyncIterator[str]:
    sent, until = "", time.monotonic() + STREAM_LASTS
    yield f"retry: {AGAIN_AFTER}\n\n"
    while time.monotonic() < until:
        state = json.dumps(state_of(asked, names, today), ensure_ascii=False)
        if state != sent:
            sent = state
            yield f"data: {state}\n\n"
        await asyncio.sleep(EVERY)


def state_of(asked: Asking, names: dict[str, str], today: int) -> dict[str, object]:
    """All calls that this visitor may watch, the longest first, and the figures above them."""
    engines = asked.web.engines()
    shown = [call for call in _calls(asked.web) if call.trainee != asked.visitor.name]
    rows = [{**call.as_json(), "name": names.get(call.trainee, call.trainee)} for call in shown]
    return {
        "calls": rows,
        "figures": {
            "now": len(rows),
            "held": sum(call.phase == "on hold" for call in shown),
            "listened": sum(bool(call.listeners) for call in shown),
            "today": today,
            "lag": round(engines.load.lag * 1000) if engines else 0,
        },
    }


def _calls(web: Web) -> list[LiveCall]:
    engines = web.engines()
    return sorted(engines.live.calls.values(), key=lambda call: -call.now) if engines else []


def _names(web: Web) -> dict[str, str]:
    return {account.name: account.full_name for account in web.accounts.all()}


def _today(web: Web) -> int:
    """Calls since midnight here."""
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return web.records.count(calls.c.started >= midnight.astimezone(UTC).replace(tzinfo=None))


# --- listening in ---------------------------------------------------------------------------------------------------


async def listen(asked: Asked, socket: WebSocket, call_id: str) -> None:
    """The sound of both sides, one way: 20 ms of 16-bit samples each, after one message with their rate."""
    web, visitor = asked.web, asked.visitor
    await socket.accept()
    call = next((one for one in _calls(web) if one.call_id == call_id), None)
    if call is None or call.trainee == visitor.name:
        await socket.close(GONE, "the call is over, or it is your own")
        return
    name = visitor.full_name or visitor.name
    await asyncio.to_thread(web.accounts.note, visitor.name, "listened in", f"{call_id}: {call.trainee}")
    listener = call.listen(name)
    tasks = [
        asyncio.create_task(_send(listener, socket, call.rate)),
        asyncio.create_task(_gone(socket)),
        asyncio.create_task(_signed_out(asked)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        call.leave(listener)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(GONE, "the call is over")


async def _send(listener: Listener, socket: WebSocket, rate: int) -> None:
    await socket.send_json({"rate": rate})
    while (sound := await listener.get()) is not None:
        await socket.send_bytes(sound)


async def _gone(socket: WebSocket) -> None:
    """Until the listener closes the page. What it says is passed over: the line is one way."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass


async def _signed_out(asked: Asking) -> None:
    """Until the listener's session is over."""
    session = asked.visitor.session
    while session and await asyncio.to_thread(asked.web.accounts.session, session.token):  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(STREAM_LASTS)
