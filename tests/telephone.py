"""A real server on a loopback port, and the telephone network's side of it: signed webhooks and a media socket.

The network here plays as Twilio's does: at line rate, marks coming back when their sound was played or cleared.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import websockets
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from audio.frame import Frame
from fakes import HummingMouth, ScriptedEar, hum
from server.app import create_app
from server.app import server as make_server
from server.engines import Engines, prepare
from server.phone import Phone
from server.pins import PinBook
from server.settings import Settings
from server.shelving import Catalogue
from voice.ear import Ear
from voice.mouth import Speech

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

ORIGIN = "https://training.example.org"
ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-that-signs"  # noqa: S105 - for the tests alone
CALLER = "+447700900123"
PIN = "246810"
SILENCE = b"\xff" * 160
SCRIPT = "burglary-in-progress"


@dataclass
class QuickMouth(HummingMouth):
    """Hums for so many seconds, whatever it is to say."""

    seconds: float = 0.5

    async def render(self, speech: Speech) -> Frame:
        self.rendered.append(speech.text)
        return hum(self.seconds)


def call_sid(number: int = 1) -> str:
    return f"CA{number:032x}"


def make_settings(home: Path, **changed: object) -> Settings:
    whole = Settings(
        home=home, public_origin=ORIGIN, twilio_account_sid=ACCOUNT, twilio_auth_token=SecretStr(TOKEN),
        twilio_number="+441632960123",
    )  # fmt: skip
    return whole.model_copy(update=changed)


@dataclass
class Network:
    """The telephone network, as seen by one running server."""

    base: str
    phone: Phone
    engines: Engines | None
    mouth: QuickMouth
    http: httpx.AsyncClient
    stop: Callable[[], None]
    """Stops the server."""

    async def webhook(
        self, path: str, call: str | None = None, *, sign: str = TOKEN, **fields: str
    ) -> httpx.Response:
        form = {"CallSid": call or call_sid(), "AccountSid": ACCOUNT, "From": CALLER, **fields}
        signature = RequestValidator(sign).compute_signature(f"{ORIGIN}{path}", form)
        return await self.http.post(path, data=form, headers={"X-Twilio-Signature": signature})

    async def told(self, path: str, call: str | None = None, **fields: str) -> ET.Element:
        answer = await self.webhook(path, call, **fields)
        assert answer.status_code == 200, answer.text
        return ET.fromstring(answer.text)  # noqa: S314 - our own server's

    async def let_in(self, call: str | None = None, menu: str = "2") -> str:
        """Key in the PIN and a key of the menu, and after 2 the number of `SCRIPT`; the token."""
        await self.told("/phone/incoming", call)
        await self.told("/phone/pin", call, Digits=PIN)
        answer = await self.told("/phone/menu", call, Digits=menu)
        if menu != "2":
            return token_of(answer)
        number = Catalogue().offered().index(SCRIPT) + 1
        return token_of(await self.told("/phone/choose", call, Digits=str(number)))

    @contextlib.asynccontextmanager
    async def dial(self, number: int = 1, menu: str = "2") -> AsyncIterator[MediaSocket]:
        """A caller who is let in and connected."""
        call = call_sid(number)
        token = await self.let_in(call, menu)
        async with self.connect() as connection:
            media = MediaSocket(connection, call)
            await media.start(token)
            playing = asyncio.create_task(media.obey())
            try:
                yield media
            finally:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)

    def connect(self, *, address: str = "", sign: str = TOKEN) -> websockets.connect:
        signed = address or f"{ORIGIN.replace('https', 'wss')}/phone/media"
        signature = RequestValidator(sign).compute_signature(signed, {})
        place = f"{self.base.replace('http', 'ws')}/phone/media"
        return websockets.connect(place, additional_headers={"X-Twilio-Signature": signature})


def token_of(twiml: ET.Element) -> str:
    parameter = twiml.find("./Connect/Stream/Parameter[@name='token']")
    assert parameter is not None, ET.tostring(twiml)
    return parameter.attrib["value"]


@dataclass
class MediaSocket:
    """Twilio's end of a media socket, with its buffer."""

    connection: ClientConnection
    call: str
    stream: str = "MZ" + "1" * 32
    heard: list[bytes] = field(default_factory=list)
    """What was played to the trainee, in 20 ms."""
    came: list[str] = field(default_factory=list)
    """The kind of each message from the server, in order."""
    closed: bool = False
    _buffer: list[bytes | str] = field(default_factory=list)
    _sequence: int = 0
    _said: list[bytes] = field(default_factory=list)

    async def start(self, token: str, **more: object) -> None:
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            "streamSid": self.stream, "callSid": self.call, "accountSid": ACCOUNT, "tracks": ["inbound"],
            "customParameters": {"token": token},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}, **more,
        }  # fmt: skip
        await self.send({"event": "start", "streamSid": self.stream, "start": start})

    async def send(self, message: dict[str, object]) -> None:
        self._sequence += 1
        await self.connection.send(json.dumps({**message, "sequenceNumber": str(self._sequence)}))

    @property
    def speaking(self) -> bool:
        """Whether not all was spoken yet."""
        return bool(self._said)

    def say(self, sound: bytes) -> None:
        """Mu-law to be spoken from now on."""
        self._said += [sound[start : start + 160].ljust(160, b"\xff") for start in range(0, len(sound), 160)]

    async def press(self, key: str) -> None:
        await self.send({"event": "dtmf", "streamSid": self.stream, "dtmf": {"track": "inbound_track", "digit": key}})

    async def hang_up(self) -> None:
        await self.send({"event": "stop", "streamSid": self.stream, "stop": {"callSid": self.call}})

    async def obey(self) -> None:
        """Play what comes and send what is said, at the pace of the world, until the server closes."""
        reading = asyncio.create_task(self._read())
        loop = asyncio.get_running_loop()
        due, chunk = loop.time(), 0
        try:
            while not self.closed:
                chunk += 1
                await self._play()
                said = self._said.pop(0) if self._said else SILENCE
                media = {"track": "inbound", "chunk": str(chunk), "payload": base64.b64encode(said).decode()}
                await self.send({"event": "media", "streamSid": self.stream, "media": media})
                due += 0.02
                await asyncio.sleep(max(0.0, due - loop.time()))
        except websockets.ConnectionClosed:
            self.closed = True
        finally:
            reading.cancel()

    async def _read(self) -> None:
        async for text in self.connection:
            message = json.loads(text)
            self.came.append(message["event"])
            if message["event"] == "media":
                sound = base64.b64decode(message["media"]["payload"])
                self._buffer += [sound[start : start + 160] for start in range(0, len(sound), 160)]
            elif message["event"] == "mark":
                self._buffer.append(message["mark"]["name"])
            elif message["event"] == "clear":
                waiting, self._buffer = self._buffer, []
                for name in waiting:
                    await self._return(name)
        self.closed = True

    async def _play(self) -> None:
        while self._buffer and isinstance(self._buffer[0], str):
            await self._return(self._buffer.pop(0))
        if self._buffer:
            self.heard.append(bytes(self._buffer.pop(0)))  # type: ignore[arg-type] # a mark is never first here

    async def _return(self, name: bytes | str) -> None:
        if isinstance(name, str):
            await self.send({"event": "mark", "streamSid": self.stream, "mark": {"name": name}})


async def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for a condition; a test that waits in vain fails."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - the condition is of the world outside: nothing here could set an event
            await asyncio.sleep(0.01)


async def again_until(does: Callable[[], Awaitable[None]], holds: Callable[[], object]) -> None:
    """Do it, and again each time that the condition has not come of it within a moment."""
    while not holds():
        await does()
        with contextlib.suppress(TimeoutError):
            await until(holds, 0.1)


@contextlib.asynccontextmanager
async def running(
    home: Path,
    ear: Ear | None = None,
    *,
    texts: Sequence[str] = (),
    loaded: bool = True,
    lines: float = 0.5,
    **settings: object,
) -> AsyncIterator[Network]:
    """A server with a scripted ear and a humming mouth; the trainee Ann Other has a PIN."""
    chosen = make_settings(home, **settings)
    mouth = QuickMouth(seconds=lines)
    book = PinBook(chosen.database_url, chosen.home)
    book.set("Ann Other", PIN)
    book.close()
    async with contextlib.AsyncExitStack() as stack:
        engines = None
        if loaded:
            engines = await stack.enter_async_context(
                prepare(chosen, ear=ear or ScriptedEar(list(texts)), mouth=mouth)
            )
        app = create_app(chosen, engines)
        listener = socket.socket(
            socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
        )  # so asyncio sets TCP_NODELAY
        listener.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = make_server(app, "127.0.0.1", 0)
        serving = asyncio.create_task(server.serve([listener]))
        await until(lambda: server.started)
        try:
            async with httpx.AsyncClient(base_url=base) as http:
                yield Network(
                    base, app.state.phone, engines, mouth, http, lambda: setattr(server, "should_exit", True)
                )
        finally:
            server.should_exit = True
            await serving
