"""Quick calls in the browser: ten callers heard once, four answers against the server's clock."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, WebSocket, WebSocketDisconnect
from starlette.responses import JSONResponse, Response

from audio.frame import FRAME_SECONDS, Frame
from audio.wav import wav_bytes
from scripts.quick import ANSWERS, CALLS, SECONDS
from server.access import Visitor
from server.browser_wire import FRAME_BYTES, RATE
from server.engines import Busy, Engines, read_force
from server.quick_hearing import Answered, Began, Heard, QuickHearing, Unclear
from server.quick_room import QuickRoom
from server.quick_rounds import NotNow, Playing
from server.quick_wire import LARGEST_SEED, Answering, Begin, told
from server.web_base import Asked, Asking, pages_router

LISTENS_FOR = SECONDS + 8.0
"""Seconds of sound that one answer may be looked for in."""
OPEN_FOR = 90.0
"""Seconds that its socket may stay open: it takes the place of a call."""
GONE = 4410

RoundId = Annotated[str, Path(max_length=40)]
Place = Annotated[int, Path(ge=0, le=1000)]
Seed = Annotated[int, Path(ge=1, le=LARGEST_SEED)]

CHOICES = {
    "deploy": ("Deploy", "send officers"),
    "resolve": ("Resolve", "by telephone, now"),
    "refer": ("Refer", "to another service"),
    "none": ("No action", "not for the police"),
}


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/quick")(quick)
    routes.get("/quick/{seed}")(quick_seed)
    routes.post("/quick/rounds")(begin)
    routes.get("/quick/rounds/{round_id}")(look)
    routes.post("/quick/rounds/{round_id}/calls/{place}/ring")(ring)
    routes.post("/quick/rounds/{round_id}/calls/{place}/answer")(answer)
    routes.websocket("/quick/rounds/{round_id}/calls/{place}/voice")(voice)
    return routes


async def quick(asked: Asked) -> Response:
    """The game, taken up where it was left."""
    return await _page(asked, None)


async def quick_seed(asked: Asked, seed: Seed) -> Response:
    """The game with the ten calls that somebody else had."""
    return await _page(asked, seed)


async def _page(asked: Asking, seed: int | None) -> Response:
    room = asked.web.quick
    current = room.rounds.of(_player(asked.visitor))
    goes_on = current is not None and not current.over and seed in (None, current.round.seed)
    best = await _best(room, asked.visitor)
    return asked.web.page(
        asked, "quick.html", seed=seed, best=best, round_id=current.round_id if current and goes_on else "",
        choices=[(key, decision, *CHOICES[decision]) for key, decision in ANSWERS.items()], calls=CALLS,
        seconds=round(SECONDS), largest=LARGEST_SEED,
    )  # fmt: skip


async def begin(asked: Asked, wish: Begin) -> Response:
    """A new round, instead of one that may be in progress."""
    visitor = asked.visitor
    trainee = "" if visitor.guest else visitor.name
    try:
        playing = await asked.web.quick.begin(_player(visitor), trainee, wish.seed, clocked=wish.clocked)
    except NotNow as why:
        raise HTTPException(409, str(why)) from why
    return await _told(asked, playing)


async def look(asked: Asked, round_id: RoundId) -> Response:
    """The round as it stands."""
    return await _told(asked, _round(asked, round_id))


async def ring(asked: Asked, round_id: RoundId, place: Place) -> Response:
    """The caller begins to speak: a WAV of what is still to be heard, which is nothing once all was."""
    playing = _round(asked, round_id)
    engines = await _engines(asked)
    try:
        sound = await asked.web.quick.ring(playing, place, engines)
    except NotNow as why:
        raise HTTPException(409, str(why)) from why
    return Response(wav_bytes(sound), media_type="audio/wav")


async def answer(asked: Asked, round_id: RoundId, place: Place, given: Answering) -> Response:
    """The answer to a call; given again, it changes nothing and what came of the first is told."""
    playing = _round(asked, round_id)
    try:
        playing.answer(place, given.answer, asked.web.quick.now())
    except NotNow as why:
        raise HTTPException(409, str(why)) from why
    return await _told(asked, playing)


async def voice(asked: Asked, socket: WebSocket, round_id: RoundId, place: Place) -> None:
    """The microphone while one call waits for its answer: 20 ms at 16 kHz a message; what is heard comes back."""
    playing = asked.web.quick.rounds.get(round_id, _player(asked.visitor))
    await socket.accept()
    if playing is None or playing.over or playing.place != place:
        await socket.close(GONE, "that call is not the one on the line")
        return
    try:
        engines = asked.web.site.admit()
        with engines.load.admitted():
            async with asyncio.timeout(OPEN_FOR):
                await _listen(socket, engines, asked.web.quick, playing, place)
    except (Busy, TimeoutError) as why:
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_json({"type": "failed", "why": str(why) or "Nobody answered by voice"})
            await socket.close(GONE)


async def _listen(socket: WebSocket, engines: Engines, room: QuickRoom, playing: Playing, place: int) -> None:
    hearing = QuickHearing(engines, RATE)
    try:
        for _ in range(round(LISTENS_FOR / FRAME_SECONDS)):
            data = await socket.receive_bytes()
            if len(data) != FRAME_BYTES:
                continue
            for heard in hearing.step(Frame(data, RATE), room.now()):
                await socket.send_json(_heard(heard, room, playing, place))
        await socket.close(GONE, "nothing was decided")
    except (WebSocketDisconnect, RuntimeError, KeyError):  # a page that goes, or sends what is no sound
        return
    finally:
        await hearing.close()


def _heard(heard: Heard, room: QuickRoom, playing: Playing, place: int) -> dict[str, object]:
    match heard:
        case Began():
            return {"type": "hearing"}
        case Unclear():
            return {"type": "unclear", "text": heard.text}
        case Answered():
            try:
                playing.answer(place, heard.answer, room.now(), heard.at)
            except NotNow as why:
                return {"type": "unclear", "text": str(why)}
            return {"type": "answered", "text": heard.text}


async def _told(asked: Asking, playing: Playing) -> Response:
    room = asked.web.quick
    await room.keep(playing)
    force = read_force(asked.web.settings)
    return JSONResponse(told(playing, force, room.now(), await _best(room, asked.visitor)))


async def _best(room: QuickRoom, visitor: Visitor) -> int | None:
    return None if visitor.guest else await asyncio.to_thread(room.scores.best, visitor.name)


async def _engines(asked: Asking) -> Engines:
    """The engines, waited for while they load. Raises 503."""
    site = asked.web.site
    await site.ready.wait()
    if site.engines is None:
        raise HTTPException(503, f"The callers have no voice: {site.failure or 'the server is stopping'}")
    return site.engines


def _round(asked: Asking, round_id: str) -> Playing:
    playing = asked.web.quick.rounds.get(round_id, _player(asked.visitor))
    if playing is None:
        raise HTTPException(404, "There is no such round, or it is over and forgotten: begin another")
    return playing


def _player(visitor: Visitor) -> str:
    """Whose a round is: an account's on all its devices, a guest's in this browser."""
    if visitor.guest and visitor.session:
        return f"guest {visitor.session.token}"
    return f"account {visitor.name}"
