"""A web chat or an online report that is being dealt with: the pure contact on the real clock, stored like a call."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scripts.events import (
    Answered,
    Decided,
    Ended,
    Entry,
    Event,
    FormChanged,
    HungUp,
    LineFinished,
    Recorded,
    Say,
    Utterance,
)
from scripts.log import encode
from scripts.softening import softened
from scripts.vocabulary import Agency, Decision, Grade
from scripts.written import Writing, WrittenContact
from server.call_files import CallSheet
from server.call_scripts import CallScript
from server.log_keeping import LogKeeper
from server.records import CallRecord, Records
from server.remarking import remark
from server.shift_site import ShiftSite
from server.transcript import decision, row_of

Message = dict[str, object]
"""What the page is told, in the words of `server.browser_view`."""


@dataclass
class WrittenCall:
    """One contact, from being taken to its marks. `tell` has what its page is to know, `happened` each entry."""

    site: ShiftSite
    call_id: str
    call: CallScript
    writing: Writing
    seed: int
    trainee: str
    waited: float
    tell: Callable[[Message], None]
    happened: Callable[[Entry], None]
    clock: Callable[[], float] = time.monotonic
    rows: list[Message] = field(default_factory=list)
    decisions: list[Message] = field(default_factory=list)
    form: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        soft = self.site.settings.soften_swearing
        self._contact = WrittenContact(softened(self.call.script) if soft else self.call.script, self.writing)
        self._gestures: asyncio.Queue[Callable[[float], Event]] = asyncio.Queue()
        self._changes: list[int] = []
        self._unsent: dict[str, Say] = {}
        self._keeper = LogKeeper(self.site.files.log(self.call_id))
        self._began = 0.0
        self._typing = False
        self._wrap_up_until = 0.0
        self.ended: Ended | None = None

    @property
    def now(self) -> float:
        """Seconds since it was taken."""
        return round(self.clock() - self._began, 3)

    # --- the trainee -----------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Send a message."""
        if text.strip():
            self._gestures.put_nowait(lambda at: Utterance(at, at, at, text.strip()))

    def note(self, field_: str, value: str, change: int) -> None:
        """A field of the incident form holds this; `change` is the page's number for it."""
        self._changes.append(change)
        self._gestures.put_nowait(lambda at: FormChanged(at, field_, value))

    def decide(self, decided: Decision, grade: Grade | None, agency: Agency | None) -> None:
        self._gestures.put_nowait(lambda at: Decided(at, decided, grade, agency))

    def end(self, by: str = "trainee") -> None:
        """Close it; `line` where it broke off."""
        self._gestures.put_nowait(lambda at: HungUp(at, "line" if by == "line" else "trainee"))

    def whole(self) -> Message:
        """Everything that a page needs that comes late, or again."""
        return {
            "type": "state", "answered": True, "ringing": False, "now": self.now, "rang_for": self.waited,
            "on_hold": False, "form": self.form, "rows": self.rows, "decisions": self.decisions, "clocks": {},
            "typing": self._typing, "wrap_up": max(0.0, round(self._wrap_up_until - self.clock(), 1)),
        }  # fmt: skip

    # --- the contact -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Hold, store and mark it. Cancelled, it is broken off, and stored and marked all the same."""
        sheet = self._sheet()
        alive = await asyncio.to_thread(self.site.files.create, sheet)
        keeping = asyncio.create_task(self._keeper.run())
        try:
            await asyncio.to_thread(self.site.records.begin, _record(sheet, self.call.script.title))
            self._began = self.clock()
            self._take(self._contact.answer(self.seed, self.waited))
            with contextlib.suppress(asyncio.CancelledError):
                await self._talk()
                await self._wrap_up()
            if not self._contact.over:
                self._take(self._contact.handle(HungUp(self.now, "line")))
        finally:
            self.tell({"type": "over"})
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._keeper.close()
            alive.release()
        await asyncio.to_thread(self._put_away, self.site.records)

    async def _talk(self) -> None:
        while not self._contact.over:
            wait = min(60.0, max(0.0, self._contact.next_at - self.now))
            gesture = None
            with contextlib.suppress(TimeoutError):
                gesture = await asyncio.wait_for(self._gestures.get(), wait)
            self._take(self._contact.pass_time(self.now))
            if gesture is not None and not self._contact.over:
                self._take(self._contact.handle(gesture(self.now)))

    async def _wrap_up(self) -> None:
        """Who was left by the other side may finish the form for a while; what is typed is noted with its time."""
        if self.ended is None or self.ended.by != "caller":
            return
        self._wrap_up_until = self.clock() + self.site.settings.wrap_up
        self.tell({"type": "wrap_up", "seconds": self.site.settings.wrap_up})
        while (left := self._wrap_up_until - self.clock()) > 0:
            with contextlib.suppress(TimeoutError):
                event = (await asyncio.wait_for(self._gestures.get(), left))(self.now)
                if isinstance(event, HungUp):
                    return
                if isinstance(event, FormChanged):
                    self._take([event])

    def _take(self, entries: list[Entry]) -> None:
        for entry in entries:
            acknowledge = isinstance(entry, FormChanged) and self._changes
            self._keeper.add(encode(entry), self._saved(self._changes.pop(0)) if acknowledge else None)
            self._show(entry)
            self.happened(entry)
        if self._typing is not self._contact.typing:
            self._typing = self._contact.typing
            self.tell({"type": "typing", "on": self._typing})

    def _saved(self, change: int) -> Callable[[bool], None]:
        def told(saved: bool) -> None:
            at = f"{datetime.now().astimezone():%H:%M:%S}"
            self.tell({"type": "saved", "n": change, "at": at} if saved else {"type": "not_saved", "n": change})

        return told

    def _show(self, entry: Entry) -> None:
        """Tell the page: a line of the other side when it is sent, not while it is typed."""
        match entry:
            case Answered():
                self.tell({"type": "answered", "rang_for": entry.rang_for})
            case Say():
                self._unsent[entry.line] = entry
            case LineFinished() if entry.line in self._unsent:
                self._row(self._unsent.pop(entry.line), entry.at)
            case Utterance():
                self._row(entry, entry.at)
            case FormChanged():
                self.form[entry.field] = entry.value
            case Recorded():
                self.decisions.append({"at": entry.at, "text": decision(entry, self.site.force), "how": entry.how})
                self.tell({"type": "decided", **self.decisions[-1]})
            case Ended():
                self.ended = entry
            case _:
                pass

    def _row(self, entry: Entry, at: float) -> None:
        row = row_of(entry)
        if row is not None:
            self.rows.append({**row.as_json(), "at": at})
            self.tell({"type": "row", **self.rows[-1]})

    def _sheet(self) -> CallSheet:
        return CallSheet(
            call_id=self.call_id, script_id=self.call.script.id, script_version=self.call.script.version,
            script_text=self.call.text, seed=self.seed, handset=self.writing, rate=0, trainee=self.trainee,
            started=datetime.now(UTC),
        )  # fmt: skip

    def _put_away(self, records: Records) -> None:
        ended_by = self.ended.by if self.ended else "line"
        records.end(self.call_id, seconds=self.now, ended_by=ended_by)
        script = self.site.files.sheet(self.call_id).script()
        remark(self.site.files, records, self.call_id, script, self.site.force)


def _record(sheet: CallSheet, title: str) -> CallRecord:
    return CallRecord(
        sheet.call_id, sheet.script_id, sheet.script_version, title, sheet.seed, sheet.handset, sheet.trainee,
        sheet.started,
    )  # fmt: skip
