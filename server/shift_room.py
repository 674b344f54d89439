"""Shifts that are on: the pure shift on the real clock, its open contacts, its pages, its log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scripts.events import Ended, Entry, HoldChanged, Recorded
from scripts.shift import ShiftSession, State
from scripts.shift_events import (
    Began,
    Finished,
    Graded,
    Held,
    Left,
    Passed,
    PutOnHold,
    Read,
    ShiftEvent,
    Taken,
    Why,
    encode,
)  # fmt: skip
from server.call_files import CallFilesError, new_call_id
from server.call_scripts import CallScript
from server.log_keeping import LogKeeper
from server.shift_contacts import OpenContact, take
from server.shift_files import ShiftFiles, ShiftSheet
from server.shift_marks import mark_stored
from server.shift_page import state_of
from server.shift_site import ShiftSite
from server.shift_wire import (
    EndContact,
    GoOnDuty,
    Grading,
    HoldContact,
    Leave,
    Note,
    ReadNews,
    ShiftMessage,
    Take,
    Write,
)  # fmt: skip
from server.written_calls import Message

LOOK_EVERY = 1.0
"""Seconds between two looks at whether calls have ended and anybody is there."""
ALONE = 180.0
"""Seconds without a page after which a shift ends by itself."""
FORGOTTEN_AFTER = 3600.0
"""Seconds after which a shift that nobody began, or that is over, leaves the memory."""
WORSE = 15
"""Points of mood that a caller who gave up and comes again has lost."""
MOST_UNSENT = 2000
"""Messages for a page that does not read; then its socket is given up."""

Outgoing = asyncio.Queue[str | None]
log = logging.getLogger(__name__)


@dataclass
class ShiftRun:
    """One shift, from its page's opening to its marks."""

    site: ShiftSite
    files: ShiftFiles
    sheet: ShiftSheet
    calls: dict[str, CallScript]
    """The script of each contact with its text, by the contact's id."""
    clock: Callable[[], float] = time.monotonic
    alone_after: float = ALONE
    task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.session = ShiftSession(self.sheet.plan)
        self.open: dict[str, OpenContact] = {}
        self.made = self._seen = self.clock()
        self._began = 0.0
        self._keeper = LogKeeper(self.files.log(self.sheet.shift_id))
        self._pages: set[Outgoing] = set()
        self._wake = asyncio.Event()

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return round(self.clock() - self._began, 3) if self.session.began else 0.0

    @property
    def over(self) -> bool:
        return self.task is not None and self.task.done()

    # --- pages -----------------------------------------------------------------------------------------------

    def attach(self) -> Outgoing:
        """A page is there: the queue of what to send it, everything so far in front."""
        page: Outgoing = asyncio.Queue(MOST_UNSENT)
        self._pages.add(page)
        page.put_nowait(json.dumps(self._state()))
        for contact, one in self.open.items():
            whole = one.whole()
            if whole is not None:
                told = {"type": "contact", "contact": contact, "message": whole, "over": one.over}
                page.put_nowait(json.dumps(told, ensure_ascii=False))
        return page

    def detach(self, page: Outgoing) -> None:
        """That page is gone."""
        self._pages.discard(page)
        self._seen = self.clock()

    def _state(self) -> Message:
        told = state_of(self.session, self.now, self.calls, self.site.force)
        return {"type": "shift", **told, "trouble": self._keeper.broken or ""}

    def _show(self) -> None:
        self._send(self._state())

    def _send(self, message: Message) -> None:
        text = json.dumps(message, ensure_ascii=False)
        for page in tuple(self._pages):
            try:
                page.put_nowait(text)
            except asyncio.QueueFull:
                self._pages.discard(page)  # it does not read: its socket is left to fail

    # --- what the page says ----------------------------------------------------------------------------------

    def tell(self, message: ShiftMessage | None) -> None:
        """What the trainee did; what is no message, or fits nothing, changes nothing."""
        match message:
            case GoOnDuty() if self.task is None:
                self.task = asyncio.create_task(self._run(), name=f"shift {self.sheet.shift_id}")
            case Take():
                self._take(message.contact)
            case Grading():
                self._decide(message)
            case ReadNews():
                self._handle(Read(self.now, message.news))
            case Leave() if self.session.began:
                self.leave("trainee")
            case Write() | Note() | HoldContact() | EndContact():
                self._tell_contact(message)
            case _:
                pass

    def leave(self, why: Why) -> None:
        """End the shift before its time."""
        self._handle(Left(self.now, why))
        self._wake.set()

    def _take(self, contact: str) -> None:
        incident = self.session.incidents.get(contact)
        if incident is None or incident.state is not State.WAITING or self.session.closed:
            return
        call = coming_again(self.calls[contact], len(incident.waits) - 1)
        opened = take(
            self.site, incident.contact, call, self.sheet.trainee, self.now - incident.since,
            lambda told: self._send({"type": "contact", "contact": contact, "message": told}),
            lambda entry: self._happened(contact, entry), self.clock,
        )  # fmt: skip
        self.open[contact] = opened
        self._handle(Taken(self.now, contact, opened.call_id))

    def _decide(self, message: Grading) -> None:
        opened = self.open.get(message.contact)
        incident = self.session.incidents.get(message.contact)
        if opened is not None and incident is not None and incident.state in (State.OPEN, State.HELD):
            opened.decide(message.decision, message.grade, message.agency)  # its log is the first to know
        else:
            self._handle(Graded(self.now, message.contact, message.decision, message.grade, message.agency))

    def _tell_contact(self, message: Write | Note | HoldContact | EndContact) -> None:
        opened = self.open.get(message.contact)
        if opened is None or opened.over:
            return
        match message:
            case Write():
                opened.write(message.text)
            case Note():
                opened.note(message)
            case HoldContact():
                opened.hold(on=message.on)
            case EndContact():
                opened.end()

    # --- what the contacts say -------------------------------------------------------------------------------

    def _happened(self, contact: str, entry: Entry) -> None:
        match entry:
            case Recorded():
                self._handle(Graded(self.now, contact, entry.decision, entry.grade, entry.agency))
            case HoldChanged():
                self._handle(Held(self.now, contact, entry.on))
            case Ended():
                self._handle(Finished(self.now, contact, entry.by))
            case _:
                pass

    # --- the shift -------------------------------------------------------------------------------------------

    def _handle(self, event: ShiftEvent) -> None:
        """Let the session handle it, keep it, and do as it says."""
        if self.session.closed or not (self.session.began or isinstance(event, Began)):
            return
        actions = self.session.handle(event)
        for entry in (event, *actions):
            self._keeper.add(encode(entry))
        for action in actions:
            if isinstance(action, PutOnHold) and action.contact in self.open:
                self.open[action.contact].hold(on=True)
        if actions or not isinstance(event, Passed):
            self._show()

    async def _run(self) -> None:
        try:
            alive = await asyncio.to_thread(self.files.create, self.sheet)
        except CallFilesError as error:
            self._send({"type": "failed", "why": str(error)})
            return
        keeping = asyncio.create_task(self._keeper.run())
        try:
            self._began = self._seen = self.clock()
            self._handle(Began(0.0))
            while self.session.closed is None:
                await self._next()
        except Exception:
            log.exception("the shift %s broke off", self.sheet.shift_id)
            self.leave("stopped")
        except asyncio.CancelledError:
            self.leave("stopped")  # used up: what follows must still be saved
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
        finally:
            await asyncio.gather(*(one.close() for one in self.open.values()), return_exceptions=True)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._keeper.close()
            alive.release()
        await asyncio.to_thread(mark_stored, self.site, self.files, self.sheet)
        self._send({"type": "marked", "url": f"/shift/{self.sheet.shift_id}"})

    async def _next(self) -> None:
        """Wait for whatever comes first: what the session waits for, or the next look round."""
        wait = max(0.0, min(LOOK_EVERY, self.session.next_tick_at - self.now))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), wait)
        self._wake.clear()
        if self.now >= self.session.next_tick_at:
            self._handle(Passed(self.now))
        for contact, one in self.open.items():
            if one.over and self.session.incidents[contact].state in (State.OPEN, State.HELD):
                failed = {"type": "failed", "why": one.failure or "It broke off."}
                self._send({"type": "contact", "contact": contact, "message": failed})
                self._handle(Finished(self.now, contact, "line"))
        if not self._pages and self.clock() - self._seen > self.alone_after:
            self.leave("alone")


@dataclass
class Shifts:
    """The shifts of this process by id. Held by the app; a stored shift needs none of this."""

    files: ShiftFiles
    clock: Callable[[], float] = time.monotonic
    _runs: dict[str, ShiftRun] = field(default_factory=dict)

    def make(self, site: ShiftSite, sheet: ShiftSheet, calls: dict[str, CallScript]) -> ShiftRun:
        """A shift that waits until its trainee goes on duty."""
        old = self.clock() - FORGOTTEN_AFTER
        for shift_id, run in list(self._runs.items()):
            if run.made < old and (run.task is None or run.over):
                del self._runs[shift_id]
        run = ShiftRun(site, self.files, sheet, calls, self.clock)
        self._runs[sheet.shift_id] = run
        return run

    def get(self, shift_id: str) -> ShiftRun | None:
        return self._runs.get(shift_id)

    def trainee(self, shift_id: str) -> str | None:
        """Whose shift it is; None where there is none of that id. Reads the disk."""
        run = self._runs.get(shift_id)
        sheet = run.sheet if run else self.files.sheet(shift_id)
        return sheet.trainee if sheet else None

    def of(self, trainee: str) -> ShiftRun | None:
        """The shift that this trainee is on, or None."""
        for run in tuple(self._runs.values()):
            if run.sheet.trainee == trainee and run.task is not None and not run.over:
                return run
        return None

    async def close(self) -> None:
        """End every shift, with all of it saved."""
        tasks = [run.task for run in self._runs.values() if run.task is not None and not run.over]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def coming_again(call: CallScript, times: int) -> CallScript:
    """The call of somebody who had given up so many times before: in a worse mood for each."""
    caller = call.script.caller
    worse = caller.model_copy(update={"mood": max(0, caller.mood - WORSE * times)})
    return replace(call, script=call.script.model_copy(update={"caller": worse})) if times else call


def new_shift_id() -> str:
    """A fresh id that sorts by time."""
    return new_call_id()
