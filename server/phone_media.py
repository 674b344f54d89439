"""The media socket: from a signed upgrade and a token to a trainee on the line.

What fails on one socket ends that socket; no message, whatever it holds, does anything to another call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from server.phone_calls import Grant, PhoneCalls
from server.phone_handset import Circuit
from server.phone_signature import Refused, check_upgrade
from server.phone_wire import (
    Broken,
    KeyHeard,
    MarkReturned,
    MediaFrame,
    MediaStarted,
    MediaStopped,
    Message,
    read_twilio,
)
from server.reception import Reception
from server.site import Site

START_SECONDS = 5.0
"""From the upgrade to the `start` message, which Twilio sends at once."""
MOST_BROKEN = 50
"""Messages of one socket that make no sense, after which it is closed."""
NORMAL, POLICY_VIOLATION = 1000, 1008

log = logging.getLogger(__name__)


def router(site: Site, calls: PhoneCalls, clock: Callable[[], float]) -> APIRouter:
    """The route `/media`."""
    routes = APIRouter()

    @routes.websocket("/media")
    async def media(socket: WebSocket) -> None:
        try:
            check_upgrade(socket, site.settings)
        except Refused:
            calls.forged += 1
            await socket.close(POLICY_VIOLATION)  # before it is accepted: the upgrade is answered with 403
            return
        await socket.accept()
        try:
            async with asyncio.timeout(START_SECONDS):
                started = await _start(socket)
        except (TimeoutError, WebSocketDisconnect):
            started = None
        if started is not None and started.account == site.settings.twilio_account_sid:
            grant = calls.tokens.redeem(started.parameters.get("token", ""), started.call, clock())
            if grant is not None:
                await _serve(socket, started, grant, site, calls, clock)
                return
        await _close(socket, POLICY_VIOLATION)

    return routes


async def _start(socket: WebSocket) -> MediaStarted | None:
    """The `start` message, which follows `connected`; None where something else came."""
    for _ in range(MOST_BROKEN):
        message = await _read(socket)
        if isinstance(message, MediaStarted):
            return message
    return None


async def _read(socket: WebSocket) -> Message:
    """The next message. Raises WebSocketDisconnect."""
    came = await socket.receive()
    if came["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(came.get("code") or 1006)
    text = came.get("text")
    return read_twilio(text) if text is not None else Broken("binary, where only text is sent")


async def _serve(
    socket: WebSocket, started: MediaStarted, grant: Grant, site: Site, calls: PhoneCalls, clock: Callable[[], float]
) -> None:
    """One trainee on one socket, until either has had enough."""
    circuit = Circuit(started.stream, clock)
    visit = calls.arrive(started.call, "", clock())
    if visit.circuit is not None or site.engines is None:
        await _close(socket, POLICY_VIOLATION)
        return
    visit.circuit = circuit
    helpers = [
        asyncio.create_task(_take_in(socket, circuit)),
        asyncio.create_task(_send_out(socket, circuit)),
    ]
    try:
        reception = Reception(site.engines, circuit, grant.trainee, site.catalogue)
        await (reception.play() if grant.quick else reception.serve(grant.script, grant.seed))
        visit.served = True
    finally:
        visit.circuit = None
        circuit.ended("the call is over", hung_up=False)
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        await _close(socket, NORMAL)


async def _take_in(socket: WebSocket, circuit: Circuit) -> None:
    """Give the circuit what comes, until the socket or the stream ends."""
    broken = 0
    try:
        while broken < MOST_BROKEN:
            message = await _read(socket)
            match message:
                case MediaFrame() | KeyHeard() | MarkReturned():
                    circuit.take(message)
                case MediaStopped():
                    circuit.ended("the trainee hung up", hung_up=True)
                case Broken():
                    broken += 1
                    log.warning("the telephone network sent what cannot be read: %s", message.why)
                case _:
                    pass
        circuit.ended("the network sent too much that cannot be read", hung_up=False)
    except WebSocketDisconnect:
        circuit.ended("the telephone line was cut", hung_up=False)


async def _send_out(socket: WebSocket, circuit: Circuit) -> None:
    """Send what the circuit gives, until the socket ends."""
    try:
        await circuit.send_all(socket.send_text)
    except (RuntimeError, WebSocketDisconnect, OSError):
        circuit.ended("the telephone line was cut", hung_up=False)


async def _close(socket: WebSocket, code: int) -> None:
    """Close the socket, unless the network has done so already."""
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code)
