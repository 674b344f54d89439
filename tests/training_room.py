"""A site with its pages for tests: accounts of every role, one stored call, and browsers that are signed in."""

from __future__ import annotations

import asyncio
import queue
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from fastapi import FastAPI  # noqa: TC002 - a dataclass's field
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from audio.frame import Frame
from fakes import voice
from scripts.events import Answered, Decided, Ended, Entry, FormChanged, HungUp, LineFinished, Recorded, Say
from scripts.force import default_force
from scripts.log import encode
from server.accounts import ROLES
from server.app import create_app, server
from server.call_files import CallSheet
from server.call_scripts import call_script
from server.engines import Engines
from server.records import CallRecord
from server.remarking import remark
from server.settings import Settings, load
from server.web_base import Web

PASSWORD = "a long enough password"  # noqa: S105 - of these tests alone
CALL = "20261121-101500-abcd"
SCRIPT = "burglary-in-progress"
LOG: list[Entry] = [
    Answered(0.0, 1, 2.0),
    Say(0.1, "1:opening", "There's somebody in my house.", "There's somebody in my house.", 30, (("intruder", 0.5),)),
    LineFinished(2.0, "1:opening"),
    FormChanged(3.0, "location", "somewhere"),
    Decided(5.0, "deploy", "emergency"),
    Recorded(5.0, "deploy", "emergency", None, "form"),
    HungUp(8.0),
    Ended(8.0, "trainee", "hung up"),
]


@dataclass
class Room:
    """One site: its app, what its pages share, and the server's address."""

    app: FastAPI
    web: Web
    base: str
    browsers: list[httpx.Client] = field(default_factory=list)

    def browser(self, **headers: str) -> httpx.Client:
        """Somebody at this machine who is not signed in."""
        made = httpx.Client(
            base_url=self.base, headers={"accept": "text/html", "origin": self.base, **headers}, timeout=60
        )  # fmt: skip
        self.browsers.append(made)
        return made

    def signed_in(self, name: str, password: str = PASSWORD) -> httpx.Client:
        browser = self.browser()
        answer = browser.post("/sign-in", data={"name": name, "password": password})
        assert answer.status_code == 303, answer.text
        return browser

    def guest(self) -> httpx.Client:
        browser = self.browser()
        assert browser.post("/practise").status_code == 303
        return browser

    def line(self, browser: httpx.Client, call_id: str, tab: str = "one", **headers: str) -> ClientConnection:
        """The socket of a call's page, as that browser opens it. Raises InvalidStatus where the door stays shut."""
        return self.socket(browser, f"/calls/{call_id}/line?tab={tab}", **headers)

    def socket(self, browser: httpx.Client, path: str, **headers: str) -> ClientConnection:
        """Any page's socket, as `line`."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        origin = headers.pop("origin", self.base)
        return connect(
            f"{self.base.replace('http', 'ws')}{path}",
            origin=Origin(origin) if origin else None,
            additional_headers={"cookie": cookies, **headers},
            compression=None, proxy=None, max_size=None, legacy=True,
        )  # fmt: skip


@contextmanager
def room(
    home: Path,
    *roles: str,
    engines: Callable[[Settings], AbstractAsyncContextManager[Engines]] | None = None,
    wrap_up: float = 0.0,
) -> Iterator[Room]:
    """A real server of a site with an account for each role, called as the role is; others are trainees.

    Without `engines` it takes no calls. `wrap_up`: how long a form can be finished after its call.
    """
    settings = load(home).model_copy(update={"wrap_up": wrap_up})
    opened: queue.SimpleQueue[Room | BaseException] = queue.SimpleQueue()
    stop = threading.Event()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            made = await stack.enter_async_context(engines(settings)) if engines else None
            app = create_app(settings, made)
            if made is None:
                app.state.site.running = no_engines
            listener = socket.create_server(("127.0.0.1", 0))
            running = server(app, "127.0.0.1", 0)
            serving = asyncio.create_task(running.serve([listener]))
            while not running.started:  # noqa: ASYNC110 - uvicorn tells no other way
                await asyncio.sleep(0.005)
            opened.put(Room(app, app.state.web, f"http://127.0.0.1:{listener.getsockname()[1]}"))
            await asyncio.to_thread(stop.wait)
            running.should_exit = True
            await serving

    thread = threading.Thread(target=lambda: _told(opened, serve), name="training room")
    thread.start()
    made = opened.get(timeout=60)
    if isinstance(made, BaseException):
        raise made
    try:
        for role in roles:
            made.web.accounts.add(role, role.title(), PASSWORD, [role] if role in ROLES else ["trainee"])
        yield made
    finally:
        for browser in made.browsers:
            browser.close()
        stop.set()
        thread.join()


def _told(opened: queue.SimpleQueue[Room | BaseException], serve: Callable[[], Coroutine[None, None, None]]) -> None:
    try:
        asyncio.run(serve())
    except BaseException as error:  # noqa: BLE001 - told to the test, whatever it is
        opened.put(error)


@asynccontextmanager
async def no_engines() -> AsyncIterator[None]:
    yield


def store_call(web: Web, trainee: str, call_id: str = CALL) -> None:
    """A finished and marked call of that trainee, with a few seconds of sound."""
    call = call_script(SCRIPT)
    sheet = CallSheet(
        call_id=call_id, script_id=SCRIPT, script_version=call.script.version, script_text=call.text, seed=1,
        handset="browser", rate=16_000, trainee=trainee, started=datetime.now(UTC),
    )  # fmt: skip
    web.files.create(sheet).release()
    web.files.log(call_id).write_text("".join(encode(entry) + "\n" for entry in LOG))
    _record_sound(web.files.recording(call_id))
    web.records.begin(
        CallRecord(call_id, SCRIPT, call.script.version, call.script.title, 1, "browser", trainee, sheet.started)
    )
    web.records.end(call_id, seconds=8.0, ended_by="trainee")
    remark(web.files, web.records, call_id, call.script, default_force())


def _record_sound(path: Path) -> None:
    from audio.recording import Recording

    recording = Recording(path)
    said: Frame = voice(4.0)
    recording.write(said, Frame(bytes(len(said.samples)), said.rate))
    recording.close()


def csrf(page: str) -> str:
    """The token that a page's forms carry."""
    found = re.search(r'<meta name="csrf" content="([^"]*)"', page)
    assert found
    return found[1]
