"""Calls taken in the browser, from "Go available" to the debrief, while they are in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from scripts.cast import draw
from scripts.events import HungUp
from scripts.force import Force
from scripts.script import Script
from server.browser_handset import BrowserHandset
from server.browser_view import BrowserView
from server.call_files import CallFiles, new_call_id
from server.call_scripts import CallScript
from server.calls import CallResult, any_seed, run_call
from server.debrief import waveform
from server.engines import Engines

WAITS_FOR = 3600.0
"""Seconds after which a call that nobody went available for is forgotten."""


@dataclass
class BrowserCall:
    """One call, waiting for its trainee, in progress, or just over."""

    call_id: str
    call: CallScript
    seed: int
    trainee: str
    handset: BrowserHandset
    view: BrowserView
    made: float
    tab: str = ""
    """The page that has the call."""
    task: asyncio.Task[None] | None = None
    result: CallResult | None = None
    failure: str = ""
    examination: bool = False
    """No transcript is sent to the page."""

    @property
    def script(self) -> Script:
        return self.call.script

    @property
    def over(self) -> bool:
        return self.task is not None and self.task.done()

    def takes(self, tab: str) -> bool:
        """Whether the page may have the call: the one that had it, or any while none is there."""
        return tab == self.tab or not self.handset.attached

    def display(self) -> dict[str, str]:
        """What the console shows of the caller; it can be wrong or missing, as real displays are."""
        cast = draw(self.script, self.seed)
        return {name: cast.written(text) for name, text in self.script.display.model_dump().items()}

    def start(self, engines: Engines) -> None:
        """Let it ring; once."""
        if self.task is None:
            self.task = asyncio.create_task(self._run(engines), name=f"browser call {self.call_id}")

    async def _run(self, engines: Engines) -> None:
        saving = asyncio.create_task(self.view.tell_what_is_saved())
        try:
            self.result = await run_call(
                engines, self.call, self.handset, self.view, seed=self.seed, trainee=self.trainee,
                call_id=self.call_id,
            )  # fmt: skip
            await asyncio.to_thread(note_interruption, engines, self.result)
            await asyncio.to_thread(waveform, engines.files.recording(self.call_id))
        except Exception as error:  # noqa: BLE001 - whatever it is, the trainee must be told, and other calls go on
            self.failure = str(error)
            self.handset.tell_page({"type": "failed", "why": self.failure})
        else:
            self.handset.tell_page({"type": "marked", "url": f"/calls/{self.call_id}"})
        finally:
            saving.cancel()


def note_interruption(engines: Engines, result: CallResult) -> None:
    """A call whose line was lost was interrupted, however complete what is stored of it."""
    if any(isinstance(entry, HungUp) and entry.by == "line" for entry in result.log):
        seconds = max((entry.at for entry in result.log), default=0.0)
        engines.records.end(result.call_id, seconds=seconds, ended_by="line", state="interrupted")


@dataclass
class BrowserCalls:
    """The browser's calls of this process by id. Held by the app; a stored call needs none of this."""

    files: CallFiles
    wrap_up: float = 0.0
    """Seconds after a call in which its form can be finished."""
    clock: Callable[[], float] = time.monotonic
    _calls: dict[str, BrowserCall] = field(default_factory=dict)

    def make(
        self, call: CallScript, trainee: str, seed: int | None = None, *, force: Force, examination: bool = False
    ) -> BrowserCall:
        """A call that waits until its trainee goes available."""
        self._forget()
        call_id = new_call_id()
        handset = BrowserHandset(self.clock, self.wrap_up)
        view = BrowserView(handset, call.script, self.files.log(call_id), force, examination=examination)
        made = BrowserCall(
            call_id, call, any_seed() if seed is None else seed, trainee, handset, view, self.clock(),
            examination=examination,
        )  # fmt: skip
        self._calls[call_id] = made
        return made

    def get(self, call_id: str) -> BrowserCall | None:
        return self._calls.get(call_id)

    def forget(self, call_id: str) -> None:
        """Drop a call that never rang."""
        call = self._calls.get(call_id)
        if call is not None and call.task is None:
            del self._calls[call_id]

    def in_progress(self) -> list[BrowserCall]:
        """Every call that rings or runs."""
        return [call for call in self._calls.values() if call.task is not None and not call.over]

    async def close(self) -> None:
        """End every call as a lost line, with all of it saved."""
        tasks = [call.task for call in self.in_progress() if call.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self) -> None:
        """Drop calls that are over and those that nobody came for: what is stored stays."""
        old = self.clock() - WAITS_FOR
        gone = [call_id for call_id, call in self._calls.items() if call.made < old and (call.over or not call.task)]
        for call_id in gone:
            del self._calls[call_id]
