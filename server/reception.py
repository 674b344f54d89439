"""A trainee on a telephone line: who they are, calls, how they went, and what next, until somebody hangs up.

Written against a `Line` of sound and keys, so it serves Twilio's network and the control room's own exchange.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from audio import tones
from scripts.cast import draw
from scripts.events import Entry
from scripts.parsing import ScriptError
from server import assistant
from server.announcer import Announcer, Line
from server.assignment_records import Assignments
from server.call_files import CallFilesError
from server.call_scripts import CallScript, call_script
from server.caller_voice import CallerVoice
from server.calls import CallResult, any_seed, run_call
from server.engines import Busy, Engines
from server.handset import HandsetLost
from server.pins import PIN, Attempts, PinBook
from server.quick_line import QuickLine
from server.records import RecordsError
from server.shelving import Catalogue, taken_by
from voice.mouth import MouthError

GONE_SECONDS = 0.7
"""Of the tone of a dead line, after the caller has gone."""
MOST_DIGITS = 4
"""Of a call's number."""
MOST_TRIES = 3
NOTE_TRIES = 2
"""Times that a content note is told to somebody who presses neither key; then the call is left."""

log = logging.getLogger(__name__)


class Unwatched:
    """The view of a call that nobody watches: what went wrong goes into the log, never what was said."""

    def entry(self, entry: Entry) -> None:
        pass

    def partial(self, text: str) -> None:
        pass

    def notice(self, text: str) -> None:
        log.warning("during a telephone call: %s", text.partition(". It was:")[0])

    def time(self, now: float) -> None:
        pass


async def let_in(
    announcer: Announcer, pins: PinBook, attempts: Attempts, number: str, clock: Callable[[], float]
) -> str | None:
    """Ask for a PIN over the line itself; the trainee's name, or None after three wrong ones or for a locked number.

    A known number is not asked. Raises HandsetLost, MouthError or PinError.
    """
    known = await asyncio.to_thread(pins.by_number, number)
    if known is not None:
        return known.name
    text = assistant.ASK_PIN
    for _ in range(MOST_TRIES):
        if attempts.locked(number, clock()):
            break
        keyed = await announcer.digits(text, most=6)
        found = await asyncio.to_thread(pins.by_pin, keyed) if PIN.fullmatch(keyed) else None
        if found is not None:
            return found.name
        if keyed:
            attempts.failed(number, clock())
            text = assistant.WRONG_PIN
    await announcer.say(assistant.NO_MORE_PINS)
    await announcer.line.heard()
    return None


@dataclass
class Reception:
    """One trainee on one line."""

    engines: Engines
    line: Line
    trainee: str
    catalogue: Catalogue
    calls: list[CallResult] = field(default_factory=list)
    """The calls that were held."""
    _left: set[str] = field(default_factory=set)
    """Those whose content note was told and that were left: they are nobody's next call on this line."""

    def __post_init__(self) -> None:
        voice = assistant.assistant_voice("", "male", self.engines.voices)
        self._announcer = Announcer(self.line, self.engines.lines, voice)

    async def serve(self, script: str | None = None, seed: int | None = None) -> None:
        """Hold calls, beginning with that script or the trainee's next, until the trainee has had enough.

        `seed`: what the first call's details are drawn from, where it must be known.
        Never raises for the world's sake: a lost line ends it, what cannot be done is said.
        """

        async def first() -> str | None:
            return script or await self._next()

        await self._serve(first, seed)

    async def offer(self) -> None:
        """Offer the calls first, as the menu on the network does, then serve."""

        async def first() -> str | None:
            return await self._menu(assistant.MENU, assistant.MENU)

        await self._serve(first)

    async def play(self) -> None:
        """Ten quick calls first, then as `offer`."""

        async def first() -> str | None:
            return await self._menu(f"{await self._quick()} {assistant.AGAIN}", assistant.AGAIN)

        await self._serve(first)

    async def _serve(self, first: Callable[[], Awaitable[str | None]], seed: int | None = None) -> None:
        try:
            wanted = await first()
            while wanted is not None:
                wanted, seed = await self._hold(wanted, seed or any_seed()), None
            await self._apologise(assistant.GOODBYE)
        except HandsetLost:
            return
        except Busy:
            await self._apologise(assistant.BUSY)
        except (ScriptError, MouthError, CallFilesError, RecordsError):
            log.exception("a telephone call could not be held")
            await self._apologise(assistant.OUT_OF_ORDER)

    async def _hold(self, name: str, seed: int) -> str | None:
        """One call and what is said after it; the script of the next, or None."""
        call = await asyncio.to_thread(call_script, name, self.engines.settings.scripts)
        self._choose_voice(call, seed)
        if call.script.content_note and not await self._accepts(call.script.content_note):
            self._left.add(name)
            return await self._menu(assistant.AGAIN, assistant.AGAIN)
        handset = self.line.handset()
        try:
            result = await run_call(self.engines, call, handset, Unwatched(), seed=seed, trainee=self.trainee)
        finally:
            await handset.close()
        self.calls.append(result)
        if self.line.over is not None or result.stopped:
            raise HandsetLost(self.line.over or "the server is stopping")
        await self._announcer.play(tones.disconnected(GONE_SECONDS, self.line.rate))
        return await self._menu(f"{_told(result)} {assistant.AGAIN}", assistant.AGAIN)

    async def _accepts(self, note: str) -> bool:
        """Tell what is in a call that may distress; whether the trainee takes it. No key is no."""
        for _ in range(NOTE_TRIES):
            key = await self._announcer.ask(assistant.warning(note))
            if key in ("1", "2"):
                return key == "1"
        return False

    async def _menu(self, text: str, again: str) -> str | None:
        """Say what can be done, a second time where no key came; the script that was chosen, or None."""
        left = [text, again]
        while left:
            key = await self._announcer.ask(left.pop(0))
            while key == "*":
                key = await self._announcer.ask(text)
            if key == "3":
                text = f"{await self._quick()} {assistant.AGAIN}"
                left = [text, again]
            if key == "1":
                return await self._next()
            if key == "2" and (chosen := await self._choose()):
                return chosen
        return None

    async def _quick(self) -> str:
        """Ten quick calls; what is said of them."""
        return await QuickLine(self.engines, self.line, self._announcer, self.trainee).play()

    async def _choose(self) -> str | None:
        """A call by its number; two tries."""
        offered = await asyncio.to_thread(self.catalogue.offered)
        for text in (assistant.KEY_IN_NUMBER, f"{assistant.NO_SUCH_CALL} {assistant.KEY_IN_NUMBER}"):
            number = await self._announcer.digits(text, MOST_DIGITS)
            chosen = offered[int(number) - 1] if number.isdigit() and 1 <= int(number) <= len(offered) else None
            if chosen is not None and chosen not in await asyncio.to_thread(self._examined):
                return chosen
        return None

    def _examined(self) -> frozenset[str]:
        """The calls that this trainee is to take as an examination, and therefore cannot practise. Blocks."""
        return Assignments(self.engines.records).examined(self.trainee)

    async def _next(self) -> str:
        offered = await asyncio.to_thread(self.catalogue.offered)
        examined = await asyncio.to_thread(self._examined)
        offered = [name for name in offered if name not in examined] or offered
        offered = [name for name in offered if name not in self._left] or offered
        return assistant.next_call(offered, await asyncio.to_thread(taken_by, self.engines.records, self.trainee))

    async def _apologise(self, text: str) -> None:
        """Say the last words, if they can be said."""
        try:
            await self._announcer.say(text)
            await self.line.heard()
        except (HandsetLost, MouthError):
            return

    def _choose_voice(self, call: CallScript, seed: int) -> None:
        caller = CallerVoice(self.engines.lines, draw(call.script, seed), self.line.rate, self.engines.voices)
        self._announcer.voice = assistant.assistant_voice(caller.voice, call.script.caller.sex, self.engines.voices)


def _told(result: CallResult) -> str:
    if not result.saved:
        return assistant.NOT_KEPT
    return assistant.feedback(result.marksheet) if result.marksheet else assistant.NOT_ANSWERED
