"""The two kinds of contact that a shift has open, behind one face: by voice on its own socket, and in writing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from scripts.events import Entry
from scripts.shift_plan import VOICE, Contact
from scripts.vocabulary import Agency, Decision, Grade
from scripts.written import Writing
from server.browser_calls import BrowserCall
from server.browser_wire import Decide, Holding, Over
from server.call_files import new_call_id
from server.call_scripts import CallScript
from server.shift_site import ShiftSite
from server.shift_wire import Note
from server.written_calls import Message, WrittenCall

COMES_WITHIN = 30.0
"""Seconds for which a call that was taken waits for its page's sound."""


class OpenContact(Protocol):
    """What the shift does with a contact that is open."""

    call_id: str

    @property
    def over(self) -> bool:
        """Whether it has ended, and is stored and marked."""

    @property
    def failure(self) -> str:
        """Why it could not be held or stored; empty where it could."""

    def write(self, text: str) -> None: ...
    def note(self, noted: Note) -> None: ...
    def decide(self, decided: Decision, grade: Grade | None, agency: Agency | None) -> None: ...
    def hold(self, *, on: bool) -> None: ...
    def end(self) -> None: ...
    def whole(self) -> Message | None: ...
    async def close(self) -> None: ...


class VoiceContact:
    """A call: its sound, its form and its clocks go through its own socket, as in any browser call."""

    def __init__(
        self, site: ShiftSite, contact: Contact, call: CallScript, trainee: str, waited: float,
        happened: Callable[[Entry], None], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        made: BrowserCall = site.calls.make(call, trainee, contact.seed, force=site.force)
        made.handset.waited = waited
        made.view.told = happened
        self.call_id = made.call_id
        self._call, self._clock, self._made = made, clock, clock()

    @property
    def over(self) -> bool:
        never_came = self._call.task is None and self._clock() - self._made > COMES_WITHIN
        return self._call.over or never_came

    @property
    def failure(self) -> str:
        """Why it could not be held or stored; empty where it could."""
        return self._call.failure if self._call.task else "Its page opened no sound for it."

    def write(self, text: str) -> None:
        """Nobody types to a caller."""

    def note(self, noted: Note) -> None:
        """The call's own socket carries its form."""

    def decide(self, decided: Decision, grade: Grade | None, agency: Agency | None) -> None:
        self._call.handset.tell(Decide(type="decide", decision=decided, grade=grade, agency=agency))

    def hold(self, *, on: bool) -> None:
        self._call.handset.tell(Holding(type="hold", on=on))

    def end(self) -> None:
        self._call.handset.tell(Over(type="hang_up"))

    def whole(self) -> Message | None:
        """What was written of a call that is over; while it is open, its own socket tells its page."""
        return self._call.view.whole() if self._call.over else None

    async def close(self) -> None:
        """Break it off and wait until it is stored and marked."""
        if self._call.task is not None:
            self._call.task.cancel()
            await asyncio.gather(self._call.task, return_exceptions=True)


class WrittenOne:
    """A chat or a report."""

    def __init__(self, call: WrittenCall) -> None:
        self.call_id = call.call_id
        self._call = call
        self._task = asyncio.create_task(call.run(), name=f"written contact {call.call_id}")

    @property
    def over(self) -> bool:
        return self._task.done()

    @property
    def failure(self) -> str:
        """Why it could not be held or stored; empty where it could."""
        error = self._task.exception() if self._task.done() and not self._task.cancelled() else None
        return str(error) if error else ""

    def write(self, text: str) -> None:
        self._call.say(text)

    def note(self, noted: Note) -> None:
        self._call.note(noted.field, noted.value, noted.n)

    def decide(self, decided: Decision, grade: Grade | None, agency: Agency | None) -> None:
        self._call.decide(decided, grade, agency)

    def hold(self, *, on: bool) -> None:
        """A written contact waits anyway."""

    def end(self) -> None:
        self._call.end()

    def whole(self) -> Message | None:
        return self._call.whole()

    async def close(self) -> None:
        """Break it off and wait until it is stored and marked."""
        self._call.end("line")
        await asyncio.gather(self._task, return_exceptions=True)


def take(
    site: ShiftSite, contact: Contact, call: CallScript, trainee: str, waited: float,
    tell: Callable[[Message], None], happened: Callable[[Entry], None], clock: Callable[[], float],
) -> OpenContact:  # fmt: skip
    """Open a contact that had `waited` so long."""
    if contact.kind in VOICE:
        return VoiceContact(site, contact, call, trainee, waited, happened, clock)
    writing: Writing = "chat" if contact.kind == "chat" else "report"
    return WrittenOne(
        WrittenCall(
            site, new_call_id(), call, writing, contact.seed, trainee, round(waited, 2), tell, happened, clock
        )
    )  # fmt: skip
