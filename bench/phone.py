"""The telephone line's figures, through real sockets: the network of `rightcall line`, a server in another process.

`make bench-phone` runs it, in about five minutes; `CALLS_IN_A_ROW` (100) makes the last part longer.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench.figure import Figure
from bench.phone_server import place_of, settings_of
from scripts.shelf import Shelf
from server.call_files import CallFiles
from server.call_scripts import call_script
from server.line import Plan, place_calls
from server.line_measures import LineMeasures, rows
from server.line_network import Place, Weather
from server.line_twilio import signature
from server.measures import percentile
from server.records import CallRecord, Records
from server.settings import Settings

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

SCRIPT = "burglary-in-progress"
TOGETHER, TURNS = 16, 6
DEMOS = 10
BAD_LINE = Weather(loss=0.02, jitter=0.06)
CROWDS = (50, 100, 200)
CROWD_SECONDS, CROWD_RAMP = 8.0, 0.1
LATE = 0.04
IN_A_ROW = int(os.environ.get("CALLS_IN_A_ROW", "100"))
SIDE_BY_SIDE = 10
WARM_SHARE = 0.5
"""Of the calls in a row: those before memory is first looked at."""
START_SECONDS = 90.0
FRAME = 0.02
SILENCE = base64.b64encode(b"\xff" * 160).decode()


@dataclass
class Running:
    """A server in another process."""

    place: Place
    settings: Settings
    process: int

    @property
    def memory(self) -> float:
        """What it holds, in kB; 0 where the system does not say."""
        status = Path(f"/proc/{self.process}/status")
        found = status.read_text().splitlines() if status.exists() else []
        return next((float(row.split()[1]) for row in found if row.startswith("VmRSS:")), 0.0)

    @property
    def processor(self) -> float:
        """Seconds of a core that it has used; 0 where the system does not say."""
        status = Path(f"/proc/{self.process}/stat")
        if not status.exists():
            return 0.0
        fields = status.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def files(self) -> int:
        """What it has open."""
        folder = Path(f"/proc/{self.process}/fd")
        return len(list(folder.iterdir())) if folder.exists() else 0


def figures() -> Iterator[Figure]:
    """One call, sixteen, ten over a bad line; then a crowd with nothing but transport, and calls in a row."""
    with tempfile.TemporaryDirectory(prefix="rightcall-bench-") as folder:
        yield from asyncio.run(_measure(Path(folder)))


async def _measure(home: Path) -> list[Figure]:
    found: list[Figure] = []
    async with _server(home / "spoken") as server:
        found += await _spoken(server)
    async with _server(home / "scripted", "--scripted") as server:
        found += await _crowd(server)
        found += await _in_a_row(server)
    return found


@contextlib.asynccontextmanager
async def _server(home: Path, *flags: str) -> AsyncIterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = settings_of(home, port)
    words = [sys.executable, "-m", "bench.phone_server", str(home), str(port), *flags]
    process = await asyncio.to_thread(subprocess.Popen, words, stderr=subprocess.DEVNULL)
    try:
        place = place_of(settings, port)
        await _answering(place, process)
        yield Running(place, settings, process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _answering(place: Place, process: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient(base_url=place.base) as http, asyncio.timeout(START_SECONDS):
        while process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get("/health")).json()["status"] == "ok":
                    return
            await asyncio.sleep(0.2)
    raise RuntimeError("the server did not start")


# --- calls with real ears -------------------------------------------------------------------------------------


async def _spoken(server: Running) -> list[Figure]:
    names = sorted(Shelf().paths())
    many = [call_script(name) for name in names]
    alone = await _calls(server, Plan([call_script(SCRIPT)], turns=TURNS, interrupt=True, name="alone"))
    plan = Plan(many, calls=TOGETHER, ramp=0.3, turns=TURNS, interrupt=True, name="together")
    together = await _calls(server, plan)
    demos = many[:DEMOS]
    clear = Plan(demos, calls=DEMOS, ramp=0.5, turns=TURNS, name="clear")
    bad = Plan(demos, calls=DEMOS, ramp=0.5, turns=TURNS, name="bad", weather=BAD_LINE)
    pairs = await asyncio.gather(_calls(server, clear), _calls(server, bad))
    every = [*alone, *together, *pairs[0], *pairs[1]]
    with Records(server.settings.database_url, CallFiles(server.settings.calls_folder)) as records:
        stored = records.calls(limit=1000)
    return [
        *_turns("phone, one call", alone, _own(server, stored, "alone"), (0.5, 0.8)),
        *_turns(f"phone, {TOGETHER} calls", together, _own(server, stored, "together"), (0.6, 1.0)),
        Figure("phone: voice after clear", float(sum(call.leaked for call in every)), "frames", 0),
        Figure("phone: webhook, p95", _p95([one for call in every for one in call.webhooks]), "s", 0.05),
        Figure("phone, bad line: calls lost", float(sum(_failed(call) for call in pairs[1])), "", 0),
        Figure("phone, bad line: calls marked the same", float(_same(stored)), f"of {DEMOS}", 9, at_least=True),
        Figure("phone: this load's own lateness", max(call.own_delay for call in every), "s"),
    ]


async def _calls(server: Running, plan: Plan) -> list[LineMeasures]:
    return await place_calls(plan, server.place, server.settings, lambda _text: None)


def _turns(
    name: str, calls: Sequence[LineMeasures], own: Sequence[float], must: tuple[float, float]
) -> Iterator[Figure]:
    """What the trainee's ear found, with its limits; and the middle of what the server found."""
    nothing = float("nan")
    gap, cut, *_ = rows(calls)
    yield Figure(f"{name}: turn gap at the ear, p50", gap.p50 or nothing, "s", must[0])
    yield Figure(f"{name}: turn gap at the ear, p95", gap.p95 or nothing, "s", must[1])
    yield Figure(f"{name}: turn gap by the server, p50 of calls", percentile(own, 50) or nothing, "s")
    yield Figure(f"{name}: onset to clear, p50", cut.p50 or nothing, "s", 0.2)
    yield Figure(f"{name}: onset to clear, p95", cut.p95 or nothing, "s", 0.32)
    yield Figure(f"{name}: not stopped", float(sum(call.not_stopped for call in calls)), "turns")


def _own(server: Running, stored: Sequence[CallRecord], name: str) -> list[float]:
    files = CallFiles(server.settings.calls_folder)
    sheets = [files.sheet(call.call_id) for call in stored if call.trainee == name]
    found = [sheet.figures.turn_gap_p50 for sheet in sheets if sheet.figures]
    return [gap for gap in found if gap is not None]


def _same(stored: Sequence[CallRecord]) -> int:
    """How many scripts were marked the same over both lines: the points and what became of the call."""
    marks = {(call.trainee, call.script_id): (call.score, call.outcome, call.rating) for call in stored}
    names = {script for trainee, script in marks if trainee == "clear"}
    return sum(marks["clear", name] == marks.get(("bad", name)) for name in names)


def _failed(call: LineMeasures) -> bool:
    return call.ended.startswith("failed")


def _p95(values: Sequence[float]) -> float:
    return percentile(values, 95) or float("nan")


# --- transport alone ------------------------------------------------------------------------------------------


@dataclass
class Ear:
    """One socket of a crowd: says nothing, plays what comes, and notes when it ran dry. As little work as can be."""

    socket: ClientConnection
    call: str
    late: int = 0
    own_delay: float = 0.0
    _queue: deque[str | None] = field(default_factory=deque)
    _dry_since: float | None = None
    _begun: bool = False

    async def run(self, token: str, seconds: float) -> None:
        start = {
            "streamSid": "MZ1",
            "callSid": self.call,
            "accountSid": "AC" + "0" * 32,
            "customParameters": {"token": token},
        }
        await self.socket.send(json.dumps({"event": "start", "start": start}))
        reading = asyncio.create_task(self._read())
        due = until = time.monotonic()
        until += seconds
        text = json.dumps({"event": "media", "media": {"payload": SILENCE}})
        while due < until:
            await self._play(time.monotonic())
            await self.socket.send(text)
            due += FRAME
            self.own_delay = max(self.own_delay, time.monotonic() - due)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await self.socket.send(json.dumps({"event": "stop", "stop": {}}))
        await asyncio.wait({reading}, timeout=10)
        reading.cancel()

    async def _play(self, now: float) -> None:
        while self._queue and (name := self._queue[0]) is not None:
            self._queue.popleft()
            await self._return(name)
        if self._queue:
            self._queue.popleft()
            if self._dry_since is not None and now - self._dry_since > LATE:
                self.late += 1
            self._dry_since = None
        elif self._begun and self._dry_since is None:
            self._dry_since = now

    async def _return(self, name: str) -> None:
        await self.socket.send(json.dumps({"event": "mark", "mark": {"name": name}}))

    async def _read(self) -> None:
        from websockets.exceptions import ConnectionClosed

        with contextlib.suppress(ConnectionClosed):
            async for text in self.socket:
                if text.startswith('{"event": "media"'):  # type: ignore[arg-type] # only text is sent
                    self._queue.append(None)
                    self._begun = True
                elif text.startswith('{"event": "mark"'):  # type: ignore[arg-type] # as above
                    self._queue.append(json.loads(text)["mark"]["name"])
                else:
                    waiting = [name for name in self._queue if name is not None]
                    self._queue.clear()
                    self._begun, self._dry_since = False, None
                    for name in waiting:
                        await self._return(name)


async def _crowd(server: Running) -> list[Figure]:
    """The largest crowd in which no frame came late."""
    best, delay, share = 0, 0.0, float("nan")
    async with httpx.AsyncClient(base_url=server.place.base, timeout=30) as http:
        await _listen(http, server, 0, CROWD_SECONDS)  # lines and tables are made once
    for size in CROWDS:
        before = server.processor
        async with httpx.AsyncClient(base_url=server.place.base, timeout=30) as http:
            spans = ((number, CROWD_SECONDS + size * CROWD_RAMP) for number in range(size))
            ears = await asyncio.gather(*(_listen(http, server, number, span) for number, span in spans))
        delay = max(ear.own_delay for ear in ears)
        share = 100 * (server.processor - before) / (size * (CROWD_SECONDS + size * CROWD_RAMP / 2))
        if any(ear.late for ear in ears):
            break
        best = size
    return [
        Figure("phone, transport: calls without a late frame", float(best), "", CROWDS[-1], at_least=True),
        Figure("phone, transport: of a core for each call", share, "%"),
        Figure("phone, transport: this load's own lateness", delay, "s"),
    ]


async def _listen(http: httpx.AsyncClient, server: Running, number: int, seconds: float) -> Ear:
    from websockets.asyncio.client import connect

    await asyncio.sleep(number * CROWD_RAMP)
    call = f"CA{number:032x}"
    place = server.place
    await _webhook(http, place, call, f"/phone/outgoing?script={SCRIPT}&seed=7", To="+447700900123")
    document = await _webhook(http, place, call, "/phone/accept", Digits="1")
    token = document.partition('name="token" value="')[2].partition('"')[0]
    signed = signature(place.token, f"{place.origin.replace('http', 'ws')}/phone/media", {})
    address = f"{place.base.replace('http', 'ws')}/phone/media"
    async with connect(
        address, additional_headers={"X-Twilio-Signature": signed}, compression=None, open_timeout=30
    ) as media:
        ear = Ear(media, call)
        await ear.run(token, seconds - number * CROWD_RAMP)
    await _webhook(http, place, call, "/phone/status", CallStatus="completed")
    return ear


async def _webhook(http: httpx.AsyncClient, place: Place, call: str, path: str, **fields: str) -> str:
    form = {"CallSid": call, **fields}
    headers = {"X-Twilio-Signature": signature(place.token, f"{place.origin}{path}", form)}
    answer = await http.post(path, data=form, headers=headers)
    return answer.raise_for_status().text


async def _in_a_row(server: Running) -> list[Figure]:
    """Memory and open files of the server: after a quarter of the calls, and after all of them."""
    batches = max(4, IN_A_ROW // SIDE_BY_SIDE)
    warm = max(1, round(batches * WARM_SHARE))
    memory, files = 0.0, 0
    async with httpx.AsyncClient(base_url=server.place.base, timeout=30) as http:
        for batch in range(batches):
            if batch == warm:
                memory, files = server.memory, server.files
            spans = ((number, 2.6 + number * CROWD_RAMP) for number in range(SIDE_BY_SIDE))
            await asyncio.gather(*(_listen(http, server, number, span) for number, span in spans))
    await asyncio.sleep(1.0)
    growth = 100 * (server.memory / memory - 1) if memory else float("nan")
    name = f"phone, {batches * SIDE_BY_SIDE} calls in a row"
    return [
        Figure(f"{name}: memory grown", growth, "%", 5),
        Figure(f"{name}: files left open", float(max(0, server.files - files)), "", 0),
    ]
