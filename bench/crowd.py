"""`python -m bench.crowd SERVER`: many telephone calls at once that do nothing but listen, in a process of their own.

SERVER is JSON (`Crowd`). Each call is placed by signed webhooks, connected, and fed silence every 20 ms; it plays
what comes at the pace of the world and sends marks back, as the network does. The network's end is written against
the bare socket, in a fraction of what a library's takes: else this load, not the server, would be what is measured.
Prints one JSON object (`Found`).
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

import httpx

from server.line_network import IDLE_SECONDS, Place
from server.line_twilio import signature

FRAME = 0.02
SLOTS = 20
"""Moments of one frame at which calls send: they are not in step with each other."""
LATE = 0.04
MASK = b"\x00\x00\x00\x00"
"""A client must mask what it sends; this mask changes nothing, so that a message is made once for all."""
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
FIN, MASKED, LONG = 0x80, 0x80, 126
GOODBYE = 10.0
"""Seconds in which the server closes the socket after the call."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many calls, a `ramp` of seconds between two, each for `seconds` after the last has begun."""

    base: str
    origin: str
    account: str
    token: str
    script: str
    size: int
    seconds: float
    ramp: float


@dataclass
class Found:
    """What the calls measured together."""

    late: int = 0
    """Calls whose line ran dry for more than 40 ms while something was being played."""
    gaps: int = 0
    """How often."""
    longest: float = 0.0
    failed: int = 0
    own_delay: float = 0.0
    """The longest that this program itself was late."""
    processor: float = 0.0
    """Seconds of a core that this program used."""
    webhooks: list[float] = field(default_factory=list)


def message(text: str, opcode: int = TEXT) -> bytes:
    """A message of less than 64 kB, as a client sends it."""
    data = text.encode()
    size = bytes([MASKED | len(data)]) if len(data) < LONG else bytes([MASKED | LONG]) + len(data).to_bytes(2, "big")
    return bytes([FIN | opcode]) + size + MASK + data


SILENCE = message(json.dumps({"event": "media", "media": {"payload": base64.b64encode(b"\xff" * 160).decode()}}))
STOP = message(json.dumps({"event": "stop", "stop": {}}))


class Ear(asyncio.Protocol):
    """One call's media socket. `step` every 20 ms."""

    def __init__(self, upgrade: bytes, start: bytes) -> None:
        self._upgrade, self._start = upgrade, start
        self._rest = b""
        self._queue: deque[bytes | None] = deque()
        self._dry_since: float | None = None
        self._begun = False
        self.open = False
        self.over = asyncio.get_running_loop().create_future()
        self.gaps: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's always is
        self._transport = transport
        transport.write(self._upgrade)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's
        self.open = False
        if not self.over.done():
            self.over.set_result(None)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        at = 0
        if not self.open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self._transport.close()
                return
            self.open = True
            self._transport.write(self._start)
        self._rest = data[self._read(data, at) :]

    def _read(self, data: bytes, at: int) -> int:
        """Every whole message from there on; where the first that is not begins."""
        while len(data) >= at + 4:
            size, begins = data[at + 1], at + 2
            if size == LONG:
                size, begins = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if len(data) < begins + size:
                break
            self._take(data[at] & 15, data[begins : begins + size])
            at = begins + size
        return at

    def _take(self, opcode: int, data: bytes) -> None:
        if opcode == TEXT:
            self._hear(data)
        elif opcode == PING:
            self._transport.write(message(data.decode("latin-1"), PONG))
        elif opcode == CLOSE:
            self._transport.close()

    def _hear(self, data: bytes) -> None:
        if data.startswith(b'{"event": "media"'):
            payload = len(data) - data.find(b'"payload": "') - len(b'"payload": "' + b'"}}')
            self._queue.extend([None] * max(1, payload * 3 // 4 // 160))
            self._begun = True
        elif data.startswith(b'{"event": "mark"'):
            self._queue.append(data)
        else:
            waiting = [mark for mark in self._queue if mark is not None]
            self._queue.clear()
            self._begun, self._dry_since = False, None
            for mark in waiting:
                self._return(mark)

    def step(self, now: float) -> None:
        """Twenty milliseconds: play, and send as much silence."""
        if not self.open:
            return
        while self._queue and (mark := self._queue[0]) is not None:
            self._queue.popleft()
            self._return(mark)
        if self._queue:
            self._queue.popleft()
            if self._dry_since is not None and now - self._dry_since > LATE:
                self.gaps.append(now - self._dry_since)
            self._dry_since = None
        elif self._begun and self._dry_since is None:
            self._dry_since = now
        self._transport.write(SILENCE)

    async def hang_up(self) -> None:
        """End the call and wait until the server has closed the socket."""
        if self.open:
            self._transport.write(STOP)
            await asyncio.wait({self.over}, timeout=GOODBYE)
        self._transport.close()

    def _return(self, mark: bytes) -> None:
        name = json.loads(mark)["mark"]["name"]
        self._transport.write(message(json.dumps({"event": "mark", "mark": {"name": name}})))


async def listen(crowd: Crowd, first: int = 0) -> Found:
    """Hold all the calls; `first`: the number of the first one's id."""
    found, ears, began = Found(), list[Ear](), time.process_time()
    pacing = asyncio.create_task(_pace(ears, found))
    limits = httpx.Limits(max_connections=20, keepalive_expiry=IDLE_SECONDS)
    async with httpx.AsyncClient(base_url=crowd.base, timeout=30, limits=limits) as http:

        async def call(number: int) -> None:
            await asyncio.sleep(number * crowd.ramp)
            sid = f"CA{first + number:032x}"
            try:
                ear = await _connect(http, crowd, sid, found)
            except (OSError, httpx.HTTPError):
                found.failed += 1
                return
            ears.append(ear)
            await asyncio.wait({ear.over}, timeout=crowd.seconds + (crowd.size - number) * crowd.ramp)
            found.failed += ear.over.done()
            await ear.hang_up()
            await _webhook(http, crowd, sid, "/phone/status", found, CallStatus="completed")

        await asyncio.gather(*map(call, range(crowd.size)))
    pacing.cancel()
    gaps = [gap for ear in ears for gap in ear.gaps]
    found.late = sum(bool(ear.gaps) for ear in ears)
    found.gaps, found.longest, found.processor = len(gaps), max(gaps, default=0.0), time.process_time() - began
    return found


async def _pace(ears: list[Ear], found: Found) -> None:
    """Step every call once in 20 ms, a part of them at a time."""
    due, slot = time.monotonic(), 0
    while True:
        now = time.monotonic()
        for ear in ears[slot::SLOTS]:
            ear.step(now)
        slot = (slot + 1) % SLOTS
        due += FRAME / SLOTS
        now = time.monotonic()
        found.own_delay = max(found.own_delay, now - due)
        await asyncio.sleep(max(0.0, due - now))


async def _connect(http: httpx.AsyncClient, crowd: Crowd, sid: str, found: Found) -> Ear:
    """Place one call, take it, and open its socket."""
    await _webhook(http, crowd, sid, f"/phone/outgoing?script={crowd.script}&seed=7", found, To="+447700900123")
    document = await _webhook(http, crowd, sid, "/phone/accept", found, Digits="1")
    token = document.partition('name="token" value="')[2].partition('"')[0]
    start = {
        "streamSid": "MZ1", "callSid": sid, "accountSid": crowd.account, "customParameters": {"token": token},
    }  # fmt: skip
    signed = signature(crowd.token, f"{crowd.origin.replace('http', 'ws')}/phone/media", {})
    place = urlsplit(crowd.base)
    upgrade = (
        f"GET /phone/media HTTP/1.1\r\nHost: {place.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
        f"X-Twilio-Signature: {signed}\r\n\r\n"
    )
    started = message(json.dumps({"event": "start", "start": start}))
    loop = asyncio.get_running_loop()
    _, ear = await loop.create_connection(
        lambda: Ear(upgrade.encode(), started), place.hostname or "", place.port or 80
    )
    return ear


async def _webhook(http: httpx.AsyncClient, crowd: Crowd, call: str, path: str, found: Found, **fields: str) -> str:
    form = {"CallSid": call, **fields}
    headers = {"X-Twilio-Signature": signature(crowd.token, f"{crowd.origin}{path}", form)}
    began = time.monotonic()
    answer = await http.post(path, data=form, headers=headers)
    found.webhooks.append(time.monotonic() - began)
    return answer.raise_for_status().text


async def in_a_process(place: Place, script: str, size: int, seconds: float, ramp: float, first: int = 0) -> Found:
    """The same, held by a process of its own. Raises RuntimeError where that failed."""
    crowd = Crowd(place.base, place.origin, place.account, place.token, script, size, seconds, ramp)
    told = json.dumps(asdict(crowd))
    words = [sys.executable, "-m", "bench.crowd", told, str(first)]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the crowd failed")
    return Found(**json.loads(said))


if __name__ == "__main__":
    gc.freeze()
    print(json.dumps(asdict(asyncio.run(listen(Crowd(**json.loads(sys.argv[1])), int(sys.argv[2]))))))
