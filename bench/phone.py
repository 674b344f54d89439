"""The telephone line's figures, through real sockets: the network of `rightcall line`, a server in another process.

`make bench-phone` runs it, in about twelve minutes; `CALLS_IN_A_ROW` (500) makes the last part shorter.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.crowd import in_a_process
from bench.figure import Figure
from bench.phone_server import place_of, settings_of
from scripts.shelf import Shelf
from server.call_files import CallFiles
from server.call_scripts import CallScript, call_script
from server.line import Plan, Port, place_calls
from server.line_measures import LineMeasures, rows
from server.line_network import Place, Weather
from server.measures import percentile
from server.pins import PinBook
from server.records import CallRecord, Records
from server.settings import Settings

SCRIPT = "burglary-in-progress"
TOGETHER, TURNS = 16, 6
DEMOS = 10
BAD_LINE = Weather(loss=0.02, jitter=0.06)
CROWDS = (50, 100, 200)
CROWD_SECONDS, CROWD_RAMP = 8.0, 0.1
IN_A_ROW = int(os.environ.get("CALLS_IN_A_ROW", "500"))
SIDE_BY_SIDE, WARM, ROW_SECONDS = 10, 50, 3.0
"""Calls that are on the line together, those before memory is first looked at, and how long each listens."""
SETTLE_SECONDS = 20.0
START_SECONDS = 90.0


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
    def threads(self) -> int:
        """How many threads it has."""
        folder = Path(f"/proc/{self.process}/task")
        return len(list(folder.iterdir())) if folder.exists() else 0

    @property
    def files(self) -> int:
        """What it has open."""
        folder = Path(f"/proc/{self.process}/fd")
        return len(list(folder.iterdir())) if folder.exists() else 0


def figures() -> Iterator[Figure]:
    """One call, sixteen, ten over a bad line, sixteen by an exchange; then bare transport, and calls in a row."""
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
    port, exchange = _free_ports()
    settings = settings_of(home, port, exchange)
    words = [sys.executable, "-m", "bench.phone_server", str(home), str(port), str(exchange), *flags]
    process = await asyncio.to_thread(subprocess.Popen, words, stderr=subprocess.DEVNULL)
    try:
        place = place_of(settings, port)
        await _answering(place, process)
        yield Running(place, settings, process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


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
    weathers = {"clear": Weather(), "bad": BAD_LINE, "again": Weather()}
    held = {
        name: await _calls(server, Plan(demos, calls=DEMOS, ramp=0.5, turns=TURNS, name=name, weather=weather))
        for name, weather in weathers.items()
    }
    every = [*alone, *together, *(call for calls in held.values() for call in calls)]
    exchange = await _by_exchange(server, many)
    with Records(server.settings.database_url, CallFiles(server.settings.calls_folder)) as records:
        stored = records.calls(limit=1000)
    return [
        *_turns("phone, one call", alone, _own(server, stored, "alone"), (0.5, 0.8)),
        *_turns(f"phone, {TOGETHER} calls", together, _own(server, stored, "together"), (0.6, 1.0)),
        *_turns(f"exchange, {TOGETHER} calls", exchange, _own(server, stored, "exchange"), (0.6, 1.0)),
        Figure("exchange: calls lost", float(sum(_failed(call) for call in exchange)), "", 0),
        Figure("phone: voice after clear", float(sum(call.leaked for call in every)), "frames", 0),
        Figure("phone: webhook, p95", _p95([one for call in every for one in call.webhooks]), "s", 0.05),
        Figure("phone, bad line: calls lost", float(sum(_failed(call) for call in held["bad"])), "", 0),
        Figure(
            "phone, bad line: calls marked the same", float(_same(stored, "bad")), f"of {DEMOS}", 9, at_least=True
        ),
        Figure("phone, a clear line again: calls marked the same", float(_same(stored, "again")), f"of {DEMOS}"),
        Figure("phone: this load's own lateness", max(call.own_delay for call in every), "s"),
    ]


async def _by_exchange(server: Running, scripts: Sequence[CallScript]) -> list[LineMeasures]:
    """As many calls through the control room's own exchange; an exchange tells who trains by a PIN."""
    book = PinBook(server.settings.database_url, server.settings.home)
    try:
        pin = await asyncio.to_thread(book.set, "exchange")
    finally:
        book.close()
    plan = Plan(scripts, calls=TOGETHER, ramp=0.3, turns=TURNS, interrupt=True, pin=pin)
    port = Port("127.0.0.1", server.settings.exchange_port)
    return await place_calls(plan, port, server.settings, lambda _text: None)


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


def _same(stored: Sequence[CallRecord], other: str) -> int:
    """How many scripts were marked the same over a clear and the other line: points and what became of the call."""
    marks = {(call.trainee, call.script_id): (call.score, call.outcome, call.rating) for call in stored}
    names = {script for trainee, script in marks if trainee == "clear"}
    return sum(marks["clear", name] == marks.get((other, name)) for name in names)


def _failed(call: LineMeasures) -> bool:
    return call.ended.startswith("failed")


def _p95(values: Sequence[float]) -> float:
    return percentile(values, 95) or float("nan")


# --- transport alone ------------------------------------------------------------------------------------------


async def _crowd(server: Running) -> list[Figure]:
    """The largest crowd in which no frame came late, and what a call costs either side."""
    best, share, own, late, first = 0, float("nan"), float("nan"), 0.0, 1
    await in_a_process(server.place, SCRIPT, 2, CROWD_SECONDS, CROWD_RAMP)  # lines and tables are made once
    for size in CROWDS:
        first += 1000
        before = server.processor
        found = await in_a_process(server.place, SCRIPT, size, CROWD_SECONDS, CROWD_RAMP, first)
        spoken = size * (CROWD_SECONDS + size * CROWD_RAMP / 2)
        share, own = 100 * (server.processor - before) / spoken, 100 * found.processor / spoken
        late = max(late, found.own_delay)
        if found.late or found.failed:
            break
        best = size
    return [
        Figure("phone, transport: calls without a late frame", float(best), "", CROWDS[-1], at_least=True),
        Figure("phone, transport: of a core for each call", share, "%"),
        Figure("phone, transport: of a core for each call, this load's own", own, "%"),
        Figure("phone, transport: this load's own lateness", late, "s"),
    ]


async def _in_a_row(server: Running) -> list[Figure]:
    """Memory and open files of the server: after the first fifty calls, and after all of them."""
    memory, files, threads, webhooks = 0.0, 0, 0, list[float]()
    for first in range(0, IN_A_ROW, SIDE_BY_SIDE):
        if first == WARM:
            memory, files, threads = server.memory, server.files, server.threads
        row = await in_a_process(server.place, SCRIPT, SIDE_BY_SIDE, ROW_SECONDS, CROWD_RAMP, 100_000 + first)
        webhooks += row.webhooks
    await _settled(lambda: server.files <= files)
    growth = 100 * (server.memory / memory - 1) if memory else float("nan")
    name = f"phone, {IN_A_ROW} calls in a row"
    return [
        Figure(f"{name}: memory grown", growth, "%", 5),
        Figure(f"{name}: files left open", float(max(0, server.files - files)), "", 0),
        Figure(f"{name}: threads left", float(max(0, server.threads - threads)), "", 0),
        Figure(f"{name}: webhook, p95", _p95(webhooks), "s", 0.05),
    ]


async def _settled(holds: Callable[[], bool]) -> None:
    """Until what a call leaves to be done after it is done: marking, the last write."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_SECONDS):
            while not holds():  # noqa: ASYNC110 - of another process: nothing here could set an event
                await asyncio.sleep(0.1)
