"""A call as its page sees it: what is sent while it runs, and everything once more for a page that comes back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from scripts.events import Answered, Ended, Entry, FormChanged, HoldChanged, HungUp, Prompt, Recorded, Understood
from scripts.force import Force
from scripts.script import Script
from server.browser_handset import BrowserHandset
from server.transcript import decision, row_of

SAVING_TAKES_AT_MOST = 10.0
"""Seconds after which a change counts as not saved."""
LOOK_EVERY = 0.01


class BrowserView:
    """Follows one call's log and tells its page. `log` is the file that the call is kept in.

    In an examination the page gets no transcript, and no clock that stops for what was said.
    """

    def __init__(
        self, handset: BrowserHandset, script: Script, log: Path, force: Force, *, examination: bool = False
    ) -> None:
        self._force, self._examination = force, examination
        self._handset = handset
        self._places = {fact.id for fact in script.facts if "location" in fact.topics}
        self._log = log
        self.now = 0.0
        self.answered = False
        self.rang_for = 0.0
        self.on_hold = False
        self.form: dict[str, str] = {}
        self.rows: list[dict[str, object]] = []
        self.decisions: list[dict[str, object]] = []
        self.clocks: dict[str, float] = {}
        self.told: Callable[[Entry], None] = lambda _entry: None
        """Somebody else who follows the call: the shift that it belongs to."""
        self._entries = 0
        self._wrap_up_until: float | None = None
        self._lost = False
        self._listeners: list[str] = []
        self._to_save: asyncio.Queue[tuple[int, int]] = asyncio.Queue()

    def entry(self, entry: Entry) -> None:
        """Tell the page what it shows of this."""
        self._entries += 1
        match entry:
            case Answered():
                self.answered, self.rang_for = True, entry.rang_for
                self._tell({"type": "answered", "rang_for": entry.rang_for})
            case FormChanged():
                self.form[entry.field] = entry.value
                if self._handset.changes:
                    self._to_save.put_nowait((self._entries, self._handset.changes.popleft()))
                if entry.field == "location" and entry.value.strip():
                    self._stop_clock("location", entry.at)
            case Understood() if not self._examination and self._place_read_back(entry):
                self._stop_clock("location", entry.at)
            case Recorded():
                self.decisions.append({"at": entry.at, "text": decision(entry, self._force), "how": entry.how})
                self._tell({"type": "decided", **self.decisions[-1]})
                self._stop_clock("decision", entry.at)
            case HoldChanged():
                self.on_hold = entry.on
                self._tell({"type": "held", "on": entry.on})
            case HungUp() | Ended():
                self._ending(entry)
            case Prompt():
                self._tell({"type": "prompt", "text": entry.text, "options": list(entry.options)})
        self._row(entry)
        self.told(entry)

    def _ending(self, entry: HungUp | Ended) -> None:
        """The form can be finished, unless its page is gone or nobody took the call."""
        if isinstance(entry, HungUp):
            self._lost = entry.by == "line"
        elif self.answered and not self._lost:
            self._wrap_up_until = time.monotonic() + self._handset.wrap_up
            self._tell({"type": "wrap_up", "seconds": self._handset.wrap_up})

    def _place_read_back(self, entry: Understood) -> bool:
        return any(back.right and back.fact in self._places for back in entry.read_backs)

    def partial(self, text: str) -> None:
        if not self._examination:
            self._tell({"type": "partial", "text": text})

    def notice(self, text: str) -> None:
        self._tell({"type": "notice", "text": text})

    def listened(self, names: list[str]) -> None:
        """Tell the trainee who listens in now."""
        self._listeners = names
        self._tell({"type": "listened", "by": names})

    def time(self, now: float) -> None:
        self.now = now

    def whole(self) -> dict[str, object]:
        """Everything that a page needs that comes to the call late, or again."""
        return {
            "type": "state", "ringing": self._handset.ringing, "answered": self.answered, "now": round(self.now, 2),
            "rang_for": self.rang_for,
            "on_hold": self.on_hold, "form": self.form, "rows": self.rows, "decisions": self.decisions,
            "clocks": self.clocks, "wrap_up": self._wrap_up_left, "listened": self._listeners,
        }  # fmt: skip

    @property
    def _wrap_up_left(self) -> float | None:
        """Seconds left for the form; None while the call goes on."""
        return None if self._wrap_up_until is None else round(max(0.0, self._wrap_up_until - time.monotonic()), 1)

    async def tell_what_is_saved(self) -> None:
        """Until cancelled: tell the page of each change once the disk has it."""
        while True:
            entries, change = await self._to_save.get()
            with contextlib.suppress(asyncio.QueueEmpty):
                while True:
                    entries, change = self._to_save.get_nowait()
            saved = await asyncio.to_thread(on_disk, self._log, entries)
            at = f"{datetime.now().astimezone():%H:%M:%S}"
            self._tell({"type": "saved", "n": change, "at": at} if saved else {"type": "not_saved", "n": change})

    def _row(self, entry: Entry) -> None:
        row = None if self._examination else row_of(entry)
        if row is not None and row.who != "call":  # events and marks of the script are for the debrief
            self.rows.append(row.as_json())
            self._tell({"type": "row", **self.rows[-1]})

    def _stop_clock(self, name: str, at: float) -> None:
        if name not in self.clocks:
            self.clocks[name] = at
            self._tell({"type": "clock", "name": name, "at": at})

    def _tell(self, message: dict[str, object]) -> None:
        self._handset.tell_page(message)


def on_disk(log: Path, lines: int, wait: Callable[[float], None] = time.sleep) -> bool:
    """Wait until the log holds so many lines and the disk has them; False when that does not come about.

    Reads the file itself rather than believe its writer: what is told here survives a crash of the program, and
    as far as disks keep their word, of the machine.
    """
    seen, waited = 0, 0.0
    try:
        with log.open("rb", buffering=0) as file:
            while True:
                while data := file.read(65_536):
                    seen += data.count(b"\n")
                if seen >= lines:
                    os.fsync(file.fileno())
                    return True
                if waited >= SAVING_TAKES_AT_MOST:
                    return False
                wait(LOOK_EVERY)
                waited += LOOK_EVERY
    except OSError:
        return False
