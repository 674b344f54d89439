"""An exchange's side of one call, over a real AudioSocket connection, as a real Asterisk was measured to behave.

It speaks when the telephone does, forwards what it gets without a buffer, and ends a call whose messages come torn
(a pause of 5 ms inside one), that sends what it does not know, or on which nobody says anything for 2 seconds.
What comes too far ahead is thrown away. Nothing here uses what the server uses to read or write messages.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from audio.frame import FRAME_SECONDS, SAMPLE_BYTES, Frame
from server.handset import HangUp, Press
from server.line_measures import LineMeasures
from server.line_network import LineError, Way, Weather
from server.line_person import Person, quiet

TORN_SECONDS = 0.005
QUIET_SECONDS = 2.0
MOST_AHEAD = 6
"""Frames that an exchange which records keeps: 5 ahead were never lost, 10 were."""
LARGEST = 16_192
"""Bytes of sound, beyond which an exchange drops a message."""
SIGNED_LINEAR = {0x10: 8000, 0x11: 12_000, 0x12: 16_000, 0x13: 24_000, 0x14: 32_000, 0x16: 48_000}
SOUND_OF_RATE = {8000: 0x10, 16_000: 0x12}
CLOSING_SECONDS = 3.0


@dataclass
class Incoming:
    """What an exchange makes of the bytes it gets. Times are seconds; raises LineError where it would hang up."""

    rate: int
    frames: deque[bytes] = field(default_factory=deque)
    """Sound for the telephone, in pieces of 20 ms."""
    dropped: int = 0
    over: bool = False
    """Whether the server said goodbye."""
    _held: bytes = b""
    _came_at: float = 0.0
    _part: bytes = b""

    def feed(self, data: bytes, at: float) -> None:
        """Bytes, as they were read."""
        if len(self._held) > 3 and at - self._came_at > TORN_SECONDS:
            raise LineError(
                f"a message was torn by {1000 * (at - self._came_at):.0f} ms: an exchange ends the call at 5"
            )
        self._held += data
        self._came_at = at
        while len(self._held) >= 3 and not self.over:
            kind, length = struct.unpack(">BH", self._held[:3])
            if len(self._held) < 3 + length:
                return
            content, self._held = self._held[3 : 3 + length], self._held[3 + length :]
            self._take(kind, content)

    def _take(self, kind: int, content: bytes) -> None:
        if kind == 0x00:
            self.over = True
            return
        if kind not in SIGNED_LINEAR or not content:
            raise LineError(f"a message of kind {kind:#04x} and {len(content)} bytes: an exchange ends the call")
        if len(content) % SAMPLE_BYTES:
            raise LineError(f"a message of {len(content)} bytes: an exchange garbles odd ones")
        if SIGNED_LINEAR[kind] != self.rate:
            raise LineError(f"sound of {SIGNED_LINEAR[kind]} Hz for a telephone of {self.rate} Hz")
        if len(content) > LARGEST or len(self.frames) >= MOST_AHEAD:
            self.dropped += 1
            return
        step = SAMPLE_BYTES * round(FRAME_SECONDS * self.rate)
        sound = self._part + content
        whole = len(sound) // step * step
        self.frames.extend(sound[start : start + step] for start in range(0, whole, step))
        self._part = sound[whole:]


@dataclass
class ExchangeCall:
    """One call; `run` it once. `packet`: seconds of sound in each of the telephone's packets."""

    host: str
    port: int
    call: UUID
    person: Person
    rate: int = 8000
    packet: float = FRAME_SECONDS
    weather: Weather = field(default_factory=Weather)
    seed: int = 1
    measures: LineMeasures = field(default_factory=lambda: LineMeasures(clears=False))

    def __post_init__(self) -> None:
        self._up: Way[bytes] = Way(self.weather, Random(self.seed))
        self._incoming = Incoming(self.rate)
        self._packet = b""
        self._failed: LineError | None = None
        self._ended = self._hung_up = False
        self._heard_at = self._rang_at = 0.0

    async def run(self) -> LineMeasures:
        """The whole call. Raises LineError where the server cannot be reached or breaks the rules."""
        loop = asyncio.get_running_loop()
        self._rang_at = self._heard_at = loop.time()
        try:
            transport, _ = await loop.create_connection(lambda: _Protocol(self), self.host, self.port)
        except OSError as error:
            raise LineError(f"{self.host} port {self.port} refuses an exchange: {error.strerror or error}") from error
        try:
            transport.write(_message(0x01, self.call.bytes))
            await self._talk(transport, loop)
        finally:
            transport.close()  # an exchange whose caller hangs up says nothing: the stream just ends
        if self._failed is not None:
            raise self._failed
        self.measures.lost, self.measures.dropped = self._up.lost, self._incoming.dropped
        self.measures.ended = "the trainee hung up" if self._hung_up else "the server ended the call"
        return self.measures

    async def _talk(self, transport: asyncio.WriteTransport, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time()
        while not (self._ended or self._hung_up or self._incoming.over or self._failed):
            self._step(transport, loop.time())
            due += FRAME_SECONDS
            late = loop.time() - due
            self.measures.own_delay = max(self.measures.own_delay, late)
            await asyncio.sleep(max(0.0, -late))

    def _step(self, transport: asyncio.WriteTransport, now: float) -> None:
        if now - self._heard_at > QUIET_SECONDS:
            self._failed = LineError("nothing came for 2 seconds: an exchange ends the call of a muted telephone")
            return
        frames = self._incoming.frames
        if self.measures.answer is not None:
            self.measures.fed(dry=not frames, now=now)
        heard = Frame(frames.popleft(), self.rate) if frames else quiet(self.rate)
        said, done = self.person.step(heard)
        self.measures.step(said, heard, now)
        for gesture in done:
            if isinstance(gesture, Press):
                self._up.enter(_message(0x03, gesture.key.encode()), now, safe=True)
            self._hung_up |= isinstance(gesture, HangUp)
        self._say(said or quiet(self.rate), now)
        for message in self._up.leave(now):
            transport.write(message)

    def _say(self, said: Frame, now: float) -> None:
        """One message for each packet of the telephone."""
        self._packet += said.samples
        self.measures.sent += 1
        size = SAMPLE_BYTES * round(self.packet * self.rate)
        while len(self._packet) >= size:
            self._up.enter(_message(SOUND_OF_RATE[self.rate], self._packet[:size]), now)
            self._packet = self._packet[size:]

    def take(self, data: bytes, now: float) -> None:
        """Bytes of the server."""
        self._heard_at = now
        if self.measures.answer is None:
            self.measures.answer = now - self._rang_at
        try:
            self._incoming.feed(data, now)
        except LineError as error:
            self._failed = error

    def end(self) -> None:
        """The server closed the connection."""
        if not self._incoming.over and not self._hung_up:
            refused = "the server closed at once: it does not take this address (RIGHTCALL_EXCHANGE_ALLOW)"
            torn = "the server closed without three zero bytes: some exchanges keep such a channel for ever"
            self._failed = self._failed or LineError(refused if self.measures.answer is None else torn)
        self._ended = True


class _Protocol(asyncio.Protocol):
    """The call's end of the socket."""

    def __init__(self, call: ExchangeCall) -> None:
        self._call = call
        self._clock = asyncio.get_running_loop().time

    def data_received(self, data: bytes) -> None:
        self._call.take(data, self._clock())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own signature
        self._call.end()


def _message(kind: int, content: bytes) -> bytes:
    return struct.pack(">BH", kind, len(content)) + content
