"""The control room's own exchange: desk telephones train over Asterisk's AudioSocket, without any cloud.

AudioSocket has no login and no encryption. So the port listens on this machine unless told otherwise, only allowed
addresses may connect, and who trains is told by a PIN: in the UUID that the dialplan gives the call, or by keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from audio import tones
from audio.codec import TELEPHONE_RATE
from audio.frame import FRAME_SECONDS, cut, join, silence
from server import assistant
from server.announcer import Announcer
from server.audiosocket import GOODBYE, Broken, Closed, Identified, KeyHeard, Message, Reader, Sound
from server.engines import Busy, Engines
from server.exchange_circuit import ExchangeCircuit
from server.exchange_identity import Packed, unpack
from server.handset import HandsetLost
from server.pins import Attempts, PinBook, PinError
from server.reception import Reception, let_in
from server.settings import LOOPBACK
from server.site import Site
from voice.mouth import MouthError

if TYPE_CHECKING:
    from fastapi import FastAPI

IDENTITY_SECONDS = 5.0
"""From the connection to its UUID, which Asterisk sends within 2 ms."""
RATE_SECONDS = 0.3
"""Then to the first sound, which tells the rate; a muted telephone sends none."""
MOST_BROKEN = 50
MOST_UNSENT = 65_536
"""Bytes (four seconds) that may wait to be sent; an exchange that takes no more is gone."""
MOST_KNOWN = 10_000
"""UUIDs that are remembered as used."""
WAITING_ROOM = 4
"""Callers beyond the most calls who still get an answer, if only that all lines are busy."""
DEAD_AFTER_MS = 10_000
"""Without an acknowledgement of what was sent, where the system can tell."""
READ_BYTES = 65_536
ENGAGED = ((400.0,), 0.375, 6)
"""The United Kingdom's engaged tone (BT SIN 350): hertz, seconds on and off, how often."""

log = logging.getLogger(__name__)


@dataclass
class Exchange:
    """One server's port for exchanges. `pins` opens the PINs."""

    site: Site
    pins: Callable[[], Awaitable[PinBook]]
    clock: Callable[[], float] = time.monotonic
    attempts: Attempts = field(default_factory=Attempts)
    port: int = 0
    """Where it listens; 0 while it does not."""
    refused: int = 0
    """Connections that were not let in: another address, an unknown or used UUID, too many at once."""
    failure: str | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _used: OrderedDict[UUID, None] = field(default_factory=OrderedDict)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen, where that is configured. Calls in progress are stored and marked at the end."""
        server = await self._listen()
        try:
            yield
        finally:
            if server is not None:
                server.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> asyncio.Server | None:
        settings = self.site.settings
        if not settings.exchange_port:
            return None
        try:
            server = await asyncio.start_server(self._connected, settings.exchange_bind, settings.exchange_port)
        except OSError as error:
            self.failure = (
                f"cannot listen on {settings.exchange_bind} port {settings.exchange_port}: {error.strerror or error}"
            )
            log.exception("the exchange's port: %s", self.failure)
            return None
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first byte to its last. What fails here ends this connection alone."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker: this runs as a task
        room = self.site.settings.max_calls + WAITING_ROOM
        if len(self._tasks) >= room or not self._allowed(writer):
            self.refused += 1
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            log.info("an exchange's connection was lost before its call began")
        except Exception:
            log.exception("a call from the exchange failed")
        finally:
            self._tasks.discard(task)
            _close(writer)

    def _allowed(self, writer: asyncio.StreamWriter) -> bool:
        peer = writer.get_extra_info("peername")
        if not peer:
            return False
        address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.site.settings.exchange_allow)

    # --- one call --------------------------------------------------------------------------------------------

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _prepare(writer.get_extra_info("socket"))
        messages = Reader()
        began = await _opening(reader, messages)
        if began is None:  # Asterisk connects and goes away again where its channel was not answered
            return
        circuit = ExchangeCircuit(began.call, began.rate, self.clock)
        helpers = [
            asyncio.create_task(_take_in(reader, messages, circuit, began.first)),
            asyncio.create_task(_pace(circuit, writer, self.clock)),
        ]
        try:
            await self._serve(circuit)
        except HandsetLost:
            return
        finally:
            circuit.ended("the call is over", hung_up=False)
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _serve(self, circuit: ExchangeCircuit) -> None:
        """Who it is, and their calls. Raises HandsetLost."""
        try:
            engines = self._admit()
            packed = unpack(circuit.call)
            trainee = await self._known(packed)
            if not self._takes(circuit.call, trainee):
                self.refused += 1
            elif trainee is not None and packed is not None:
                reception = Reception(engines, circuit, trainee, self.site.catalogue)
                await reception.serve(await self._chosen(packed), packed.seed)
            else:
                await self._ask(engines, circuit)
        except (Busy, MouthError, PinError) as error:
            log.warning("a call from the exchange was turned away: %s", error)
            self.refused += 1
            await _engaged(circuit)

    def _admit(self) -> Engines:
        """The engines, for one more call; callers who still key their PIN count too. Raises Busy."""
        if len(self._tasks) > self.site.settings.max_calls:
            raise Busy("as many callers as are allowed are on the line (RIGHTCALL_MAX_CALLS)")
        return self.site.admit()

    async def _known(self, packed: Packed | None) -> str | None:
        """The trainee whose PIN came in the UUID. There is no number to lock: all wrong ones count together."""
        if packed is None or self.attempts.locked("", self.clock()):
            return None
        found = await asyncio.to_thread((await self.pins()).by_pin, packed.pin)
        if found is None:
            self.attempts.failed(packed.pin, self.clock())
        return found.name if found else None

    def _takes(self, call: UUID, trainee: str | None) -> bool:
        match self.site.settings.exchange_uuids:
            case "pin":
                return trainee is not None
            case "once":
                used = call in self._used
                self._used[call] = None
                while len(self._used) > MOST_KNOWN:
                    self._used.popitem(last=False)
                return not used
            case _:
                return True

    async def _chosen(self, packed: Packed) -> str | None:
        offered = await asyncio.to_thread(self.site.catalogue.offered)
        return offered[packed.number - 1] if 1 <= packed.number <= len(offered) else None

    async def _ask(self, engines: Engines, circuit: ExchangeCircuit) -> None:
        announcer = Announcer(circuit, engines.lines, assistant.assistant_voice("", "male", engines.voices))
        trainee = await let_in(announcer, await self.pins(), self.attempts, f"exchange {circuit.call}", self.clock)
        if trainee is not None:
            await Reception(engines, circuit, trainee, self.site.catalogue).offer()

    def health(self) -> dict[str, object]:
        """The state of the port for an operator; holds nobody's name or PIN."""
        settings = self.site.settings
        return {
            "configured": bool(settings.exchange_port),
            "listening": bool(self.port),
            "address": f"{settings.exchange_bind}:{self.port}" if self.port else "",
            "allowed": [str(network) for network in settings.exchange_allow],
            "calls_connected": len(self._tasks),
            "refused": self.refused,
            "failure": self.failure or self._unreachable(),
        }

    def _unreachable(self) -> str:
        """What keeps every exchange away: the two settings must be set together."""
        settings = self.site.settings
        elsewhere = self.port and settings.exchange_bind not in ("127.0.0.1", "::1", "localhost")
        if elsewhere and settings.exchange_allow == LOOPBACK:
            return "only this machine may connect: set RIGHTCALL_EXCHANGE_ALLOW to the exchange's address"
        return ""


def install(app: FastAPI, exchange: Exchange) -> None:
    """Add the exchange's one route."""
    app.state.exchange = exchange
    app.get("/exchange/health", name="exchange-health")(exchange.health)


@dataclass(frozen=True, slots=True)
class _Began:
    """How a call began: its UUID, the rate of its sound, and what came with them."""

    call: UUID
    rate: int
    first: list[Message]


async def _opening(reader: asyncio.StreamReader, messages: Reader) -> _Began | None:
    """The UUID and the rate; None where the connection ends before, or begins with something else."""
    came: list[Message] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(IDENTITY_SECONDS):
            while not came and (data := await reader.read(READ_BYTES)):
                came += messages.feed(data)
    if not came or not isinstance(came[0], Identified):
        return None
    call = came[0].call
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(RATE_SECONDS):
            while not any(isinstance(one, Sound) for one in came) and (data := await reader.read(READ_BYTES)):
                came += messages.feed(data)
    rate = next((one.frame.rate for one in came if isinstance(one, Sound)), TELEPHONE_RATE)
    return _Began(call, rate, came[1:])


async def _take_in(
    reader: asyncio.StreamReader, messages: Reader, circuit: ExchangeCircuit, first: list[Message]
) -> None:
    """Give the circuit what comes, until the stream ends: that is all an exchange tells of a caller's hanging up."""
    broken = _take(circuit, first)
    with contextlib.suppress(OSError):
        while broken < MOST_BROKEN and (data := await reader.read(READ_BYTES)):
            broken += _take(circuit, messages.feed(data))
    if broken >= MOST_BROKEN:
        circuit.ended("the exchange sent too much that cannot be read", hung_up=False)
    circuit.ended("the trainee hung up", hung_up=True)


def _take(circuit: ExchangeCircuit, came: list[Message]) -> int:
    """Give the circuit what came; how much of it could not be read."""
    broken = [message for message in came if isinstance(message, Broken)]
    if broken:
        log.warning("the exchange sent what cannot be: %s", broken[0].why)
    for message in came:
        if isinstance(message, Sound | KeyHeard):
            circuit.take(message)
        elif isinstance(message, Closed):
            circuit.ended("the trainee hung up", hung_up=True)
    return len(broken)


async def _pace(circuit: ExchangeCircuit, writer: asyncio.StreamWriter, clock: Callable[[], float]) -> None:
    """Write what is due every 20 ms, by deadlines that do not drift; one write for each message."""
    due = clock()
    while circuit.over is None:
        for message in circuit.due():
            if writer.transport.get_write_buffer_size() > MOST_UNSENT:
                circuit.ended("the exchange takes no more sound", hung_up=False)
                return
            writer.write(message)
        due = max(due + FRAME_SECONDS, clock())
        await asyncio.sleep(due - clock())


async def _engaged(circuit: ExchangeCircuit) -> None:
    hertz, seconds, times = ENGAGED
    beep = join([tones.tone(hertz, seconds, circuit.rate), silence(seconds, circuit.rate)] * times, circuit.rate)
    for part in cut(beep):
        circuit.play(part)
    await circuit.heard()


def _prepare(line: socket.socket) -> None:
    """Every message leaves at once; an exchange that is gone is noticed."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MS)


def _close(writer: asyncio.StreamWriter) -> None:
    """Three zero bytes, then the end: some versions keep a channel that is closed without them."""
    if not writer.is_closing():
        writer.write(GOODBYE)
        writer.close()
