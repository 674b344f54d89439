"""The pages of a site with years of calls, from a real server over a socket, and how heavy each page is.

A first page on 10,000 stored calls; the queue, agreement and audit pages on 100,000. Weight is the page with all that
it loads, as it goes over the line: styles, scripts, and the scripts that these import.
"""

from __future__ import annotations

import asyncio
import queue
import re
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx
from fastapi import FastAPI  # noqa: TC002 - as in the tests' own room

from bench.figure import Figure, percentile
from bench.web_site import fill, trainee
from server.app import create_app, server
from server.settings import Settings
from server.web_base import Web

ASKED = 60
FEW, MANY = 10_000, 100_000
FIRST_PAGE, BIG_PAGE = 0.1, 0.3
"""Seconds that a page may take at the 95th percentile."""
HEAVIEST = 300_000
"""Bytes."""
PASSWORD = "measured pages"  # noqa: S105 - of a site that lasts a minute
LOADED = re.compile(r"""(?:<script[^>]+src|<link[^>]+href)="(/static/[^"]+)\"""")
IMPORTED = re.compile(r"""(?:from|import|import\(|addModule\(|new Worker\(|new URL\()\s*["'](\.?/[\w./-]+\.js)["']""")
PAGES = ("/", "/calls", "/quick", "/shift", "/queue", "/agreement", "/accounts", "/audit", "/data", "/assignments")


@contextmanager
def site(home: Path) -> Iterator[tuple[Web, str]]:
    """A server of the pages alone, on a port of its own."""
    opened: queue.SimpleQueue[tuple[FastAPI, int]] = queue.SimpleQueue()
    stop = threading.Event()

    async def serve() -> None:
        app = create_app(Settings(home=home), None)
        app.state.site.running = _no_engines
        listener = socket.create_server(("127.0.0.1", 0))
        running = server(app, "127.0.0.1", 0)
        serving = asyncio.create_task(running.serve([listener]))
        while not running.started:  # noqa: ASYNC110 - uvicorn tells no other way
            await asyncio.sleep(0.01)
        opened.put((app, listener.getsockname()[1]))
        await asyncio.to_thread(stop.wait)
        running.should_exit = True
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    app, port = opened.get(timeout=60)
    try:
        yield app.state.web, f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        thread.join()


@asynccontextmanager
async def _no_engines() -> AsyncIterator[None]:
    yield


def figures() -> Iterator[Figure]:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as few, site(Path(few)) as (web, base):
        fill(web.records, web.settings.calls_folder, FEW, now, with_files=True)
        with _browser(web, base, trainee(0), ["trainee"]) as browser:
            yield from _timed(browser, "/", f"first page, {FEW:,} calls", FIRST_PAGE)
            yield from _timed(browser, "/calls", f"list of calls, {FEW:,} calls", BIG_PAGE)
    with tempfile.TemporaryDirectory() as many, site(Path(many)) as (web, base):
        ids = fill(web.records, web.settings.calls_folder, MANY, now, with_files=False)
        roles = ["trainee", "assessor", "trainer", "administrator"]
        with _browser(web, base, "assessor0", roles) as browser:
            for name, path in {
                "queue": "/queue",
                "queue, all marked calls": "/queue?show=all",
                "queue, signed": "/queue?show=signed",
                "queue, second marks": "/queue?show=second",
                "next call of the queue": f"/queue/next?after={ids[0]}",
                "agreement of 90 days": "/agreement",
                "agreement of assessors": "/agreement?between=assessors",
                "audit": "/audit",
                "audit, one call of all": f"/audit?what={ids[0]}",
            }.items():
                yield from _timed(browser, path, f"{name}, {MANY:,} calls", BIG_PAGE)
            for path in PAGES:
                yield Figure(f"weight of {path}", _weight(browser, path) / 1000, "kB", HEAVIEST / 1000)


@contextmanager
def _browser(web: Web, base: str, name: str, roles: list[str]) -> Iterator[httpx.Client]:
    web.accounts.add(name, name, PASSWORD, roles)
    with httpx.Client(base_url=base, headers={"accept": "text/html", "origin": base}, timeout=60) as browser:
        browser.post("/sign-in", data={"name": name, "password": PASSWORD})
        yield browser


def _timed(browser: httpx.Client, path: str, name: str, must: float) -> Iterator[Figure]:
    """From the request to the whole page, after one look that fills what a running server has at hand.

    The processor's share tells a slow page from a busy machine.
    """
    times, worked = [], []
    for number in range(ASKED + 1):
        began, busy = time.perf_counter(), time.process_time()
        answer = browser.get(path)
        if answer.is_error:
            answer.raise_for_status()
        if number:
            times.append(time.perf_counter() - began)
            worked.append(time.process_time() - busy)
    yield Figure(f"{name}, p95", percentile(times, 0.95) * 1000, "ms", must * 1000)
    yield Figure(f"{name}, of it processor, p50", percentile(worked, 0.5) * 1000, "ms")


def _weight(browser: httpx.Client, path: str) -> int:
    """Bytes of the page and of everything that it loads, each once."""
    page = browser.get(path)
    page.raise_for_status()
    waiting, seen, size = set(LOADED.findall(page.text)), set[str](), len(page.content)
    while waiting:
        place = waiting.pop()
        seen.add(place)
        part = browser.get(place)
        part.raise_for_status()
        size += len(part.content)
        if place.endswith(".js"):
            waiting |= {urljoin(place, name) for name in IMPORTED.findall(part.text)} - seen
    return size
