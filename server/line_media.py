"""Twilio's media socket, the network's end of it: 20 ms of mu-law each way at the pace of the world.

The messages are those of Twilio's "Media Streams - WebSocket Messages", written and read here anew.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from audio.codec import TELEPHONE_RATE, ulaw_decode, ulaw_encode
from audio.frame import FRAME_SECONDS, Frame
from server.handset import Gesture, HangUp, Press
from server.line_measures import LineMeasures
from server.line_network import LineError, Way, Weather
from server.line_person import Person

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

STEP_BYTES = round(FRAME_SECONDS * TELEPHONE_RATE)
SILENCE = b"\xff" * STEP_BYTES
STREAM_ENDS = 5.0
"""Seconds after our `stop` in which the server closes its socket."""

Json = dict[str, object]


@dataclass
class Buffer:
    """What Twilio holds of a stream: sound, played in order at the pace of the line, and marks between.

    A mark comes back when the sound before it has been played, at once where nothing is left to play, and also when
    `clear` throws its sound away.
    """

    _parts: deque[bytes | str] = field(default_factory=deque)
    _playing: bool = False

    def sound(self, mulaw: bytes) -> None:
        """Sound of any length, behind what is there."""
        if mulaw:
            self._parts.append(mulaw)

    def mark(self, name: str) -> list[str]:
        """A mark; the names that come back at once."""
        if not self._parts and not self._playing:
            return [name]
        self._parts.append(name)
        return []

    def clear(self) -> list[str]:
        """Throw away what has not been played; the marks that come back for it."""
        names = [part for part in self._parts if isinstance(part, str)]
        self._parts.clear()
        return names

    def step(self) -> tuple[bytes, list[str]]:
        """The next 20 ms (fewer bytes where it ran dry), and the marks whose sound ended before them."""
        names: list[str] = []
        sound = b""
        while self._parts and len(sound) < STEP_BYTES:
            part = self._parts.popleft()
            if isinstance(part, str):
                names.append(part)
                continue
            wanted = STEP_BYTES - len(sound)
            sound += part[:wanted]
            if len(part) > wanted:
                self._parts.appendleft(part[wanted:])
        self._playing = bool(sound)
        return sound, names


@dataclass
class MediaStream:
    """One media socket, from `connected` to its end."""

    socket: ClientConnection
    call: str
    account: str
    person: Person
    measures: LineMeasures
    weather: Weather
    seed: int

    def __post_init__(self) -> None:
        self._up: Way[Json] = Way(self.weather, Random(self.seed))
        self._down: Way[bytes] = Way(Weather(self.weather.loss), Random(self.seed + 1))
        self._stream = f"MZ{self.call[2:]}"
        self._buffer = Buffer()
        self._sequence = self._chunk = 0
        self._closed = self._hung_up = self._fed = False
        self._clock = asyncio.get_running_loop().time

    async def run(self, parameters: Mapping[str, str], rang_at: float) -> bool:
        """Talk until either end has had enough; whether it was the trainee. `rang_at`: when the call was placed."""
        self._rang_at = rang_at
        await self._begin(parameters)
        reading = asyncio.create_task(self._read())
        try:
            await self._talk()
            if self._hung_up:
                await self._send({"event": "stop", "stop": {"accountSid": self.account, "callSid": self.call}})
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(STREAM_ENDS):
                        await asyncio.shield(reading)
        finally:
            reading.cancel()
            results = await asyncio.gather(reading, return_exceptions=True)
        for result in results:
            if isinstance(result, LineError):
                raise result
        self.measures.lost += self._up.lost
        return self._hung_up

    async def _begin(self, parameters: Mapping[str, str]) -> None:
        await self.socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {
            "streamSid": self._stream, "accountSid": self.account, "callSid": self.call, "tracks": ["inbound"],
            "customParameters": dict(parameters),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": TELEPHONE_RATE, "channels": 1},
        }  # fmt: skip
        await self._send({"event": "start", "start": start})

    async def _talk(self) -> None:
        """A step every 20 ms, by deadlines that do not drift."""
        from websockets.exceptions import ConnectionClosed

        due = self._clock()
        with contextlib.suppress(ConnectionClosed):
            while not (self._closed or self._hung_up):
                await self._step(self._clock())
                due += FRAME_SECONDS
                late = self._clock() - due
                self.measures.own_delay = max(self.measures.own_delay, late)
                await asyncio.sleep(max(0.0, -late))

    async def _step(self, now: float) -> None:
        sound, marks = self._buffer.step()
        for name in marks:
            await self._return(name)
        if self._fed:
            self.measures.fed(dry=len(sound) < STEP_BYTES, now=now)
        heard = self._heard(sound, now)
        said, done = self.person.step(heard)
        self.measures.step(said, heard, now)
        for gesture in done:
            self._do(gesture, now)
        self._say(said, now)
        for message in self._up.leave(now):
            await self._send(message)

    def _heard(self, sound: bytes, now: float) -> Frame:
        """What reaches the trainee's ear: silence for what the network loses."""
        self._down.enter(sound, now)
        arrived = self._down.leave(now)
        return ulaw_decode((arrived[0] if arrived else b"").ljust(STEP_BYTES, b"\xff"))

    def _do(self, gesture: Gesture, now: float) -> None:
        """A telephone has keys and a cradle, and no form to type into."""
        if isinstance(gesture, Press):
            dtmf = {"track": "inbound_track", "digit": gesture.key}
            self._up.enter({"event": "dtmf", "dtmf": dtmf}, now, safe=True)
        elif isinstance(gesture, HangUp):
            self._hung_up = True

    def _say(self, said: Frame | None, now: float) -> None:
        sound = SILENCE if said is None else ulaw_encode(said)
        self._chunk += 1
        self.measures.sent += 1
        media = {
            "track": "inbound", "chunk": str(self._chunk), "timestamp": str(20 * self._chunk),
            "payload": base64.b64encode(sound).decode(),
        }  # fmt: skip
        self._up.enter({"event": "media", "media": media}, now)

    async def _send(self, message: Json) -> None:
        self._sequence += 1
        whole = {**message, "sequenceNumber": str(self._sequence), "streamSid": self._stream}
        await self.socket.send(json.dumps(whole))

    async def _return(self, name: str) -> None:
        await self._send({"event": "mark", "mark": {"name": name}})

    # --- from the server -------------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Take in the server's messages until it closes. Raises LineError for one that breaks the rules."""
        from websockets.exceptions import ConnectionClosed

        try:
            async for text in self.socket:
                await self._take(text)
        except ConnectionClosed:
            return
        except (KeyError, TypeError, ValueError) as error:
            raise LineError(f"the server sent what Twilio cannot read: {error!r}") from error
        finally:
            self._closed = True

    async def _take(self, text: str | bytes) -> None:
        if isinstance(text, bytes):
            raise LineError("the server sent a binary message (Twilio's warning 31950)")
        message = json.loads(text)
        if message.get("streamSid") != self._stream:
            raise LineError("the server sent a message for another stream")
        match message.get("event"):
            case "media":
                self._take_sound(base64.b64decode(message["media"]["payload"], validate=True))
            case "mark":
                for name in self._buffer.mark(message["mark"]["name"]):
                    await self._return(name)
            case "clear":
                self.measures.cleared(self._clock())
                self._fed = False
                for name in self._buffer.clear():
                    await self._return(name)
            case other:
                raise LineError(f"the server sent an event {other!r}, which Twilio does not know")

    def _take_sound(self, mulaw: bytes) -> None:
        now = self._clock()
        if self.measures.answer is None:
            self.measures.answer = now - self._rang_at
        self._fed = True
        self._buffer.sound(mulaw)
        self.measures.arrived(ulaw_decode(mulaw), now)
