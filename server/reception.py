"""A trainee who was let in on a telephone line: calls, how they went, and what next, until somebody hangs up.

Written against a `Line` of sound and keys, so it serves Twilio's network and the control room's own exchange.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Protocol

from audio import tones
from audio.codec import resample
from audio.frame import Frame, cut
from scripts.cast import draw
from scripts.events import Entry
from scripts.parsing import ScriptError
from server import assistant
from server.call_files import CallFilesError
from server.call_scripts import CallScript, call_script
from server.caller_voice import CallerVoice
from server.calls import CallResult, any_seed, run_call
from server.engines import Busy, Engines
from server.handset import Gesture, Handset, HandsetLost, HangUp, Press
from server.records import RecordsError
from server.shelving import Catalogue, taken_by
from voice.mouth import MouthError

LEAD = 0.2
GONE_SECONDS = 0.7
"""Of the tone of a dead line, after the caller has gone."""
MENU_SECONDS = 8.0
"""Without a key; then the menu is said once more, and then goodbye."""
DIGIT_SECONDS = 5.0
MOST_DIGITS = 4

log = logging.getLogger(__name__)


class Line(Protocol):
    """What the reception needs of a telephone circuit; it carries one call after the other."""

    rate: int
    over: str | None

    async def receive(self) -> Frame | Gesture: ...
    def play(self, frame: Frame) -> None: ...
    def flush(self) -> float: ...
    @property
    def ahead_seconds(self) -> float: ...
    async def heard(self) -> None:
        """Wait until all is played."""

    def handset(self) -> Handset:
        """A handset for one call, which rings at once."""


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


@dataclass
class Reception:
    """One trainee on one line."""

    engines: Engines
    line: Line
    trainee: str
    catalogue: Catalogue
    calls: list[CallResult] = field(default_factory=list)
    """The calls that were held."""

    def __post_init__(self) -> None:
        self._voice = assistant.assistant_voice("", "male", self.engines.voices)

    async def serve(self, script: str | None = None) -> None:
        """Hold calls, beginning with that script or the trainee's next, until the trainee has had enough.

        Never raises for the world's sake: a lost line ends it, what cannot be done is said.
        """
        try:
            wanted: str | None = script or await self._next()
            while wanted is not None:
                wanted = await self._hold(wanted)
            await self._say(assistant.GOODBYE)
            await self.line.heard()
        except HandsetLost:
            return
        except Busy:
            await self._apologise(assistant.BUSY)
        except (ScriptError, MouthError, CallFilesError, RecordsError):
            log.exception("a telephone call could not be held")
            await self._apologise(assistant.OUT_OF_ORDER)

    async def _hold(self, name: str) -> str | None:
        """One call and what is said after it; the script of the next, or None."""
        call = await asyncio.to_thread(call_script, name, self.engines.settings.scripts)
        seed = any_seed()
        self._choose_voice(call, seed)
        handset = self.line.handset()
        try:
            result = await run_call(self.engines, call, handset, Unwatched(), seed=seed, trainee=self.trainee)
        finally:
            await handset.close()
        self.calls.append(result)
        if self.line.over is not None or result.stopped:
            raise HandsetLost(self.line.over or "the server is stopping")
        for part in cut(tones.disconnected(GONE_SECONDS, self.line.rate)):
            await self._give(part)
        return await self._after(result)

    async def _after(self, result: CallResult) -> str | None:
        """How it went, and the menu: two tellings without a key are enough."""
        told = self._told(result)
        for text in (f"{told} {assistant.AGAIN}", assistant.AGAIN):
            key = await self._ask(text)
            while key == "*":
                key = await self._ask(f"{told} {assistant.AGAIN}")
            if key == "1":
                return await self._next()
            if key == "2" and (chosen := await self._choose()):
                return chosen
        return None

    def _told(self, result: CallResult) -> str:
        if not result.saved:
            return assistant.NOT_KEPT
        return assistant.feedback(result.marksheet) if result.marksheet else assistant.NOT_ANSWERED

    async def _choose(self) -> str | None:
        """A call by its number; two tries."""
        offered = await asyncio.to_thread(self.catalogue.offered)
        for text in (assistant.KEY_IN_NUMBER, f"{assistant.NO_SUCH_CALL} {assistant.KEY_IN_NUMBER}"):
            number = await self._digits(text)
            if number.isdigit() and 1 <= int(number) <= len(offered):
                return offered[int(number) - 1]
        return None

    async def _next(self) -> str:
        offered = await asyncio.to_thread(self.catalogue.offered)
        return assistant.next_call(offered, await asyncio.to_thread(taken_by, self.engines.records, self.trainee))

    # --- speaking and listening ------------------------------------------------------------------------------

    async def _apologise(self, text: str) -> None:
        try:
            await self._say(text)
            await self.line.heard()
        except (HandsetLost, MouthError):
            return

    async def _ask(self, text: str) -> str | None:
        """Say it and wait for a key, which may come before all is said."""
        return await self._say(text) or await self._key(MENU_SECONDS)

    async def _digits(self, text: str) -> str:
        """Say it and take keys up to hash."""
        digits = ""
        key = await self._ask(text)
        while key not in (None, "#") and len(digits) < MOST_DIGITS:
            digits += key or ""
            key = await self._key(DIGIT_SECONDS)
        return digits

    async def _say(self, text: str) -> str | None:
        """Speak, sentence by sentence, until a key is pressed; that key. Raises HandsetLost or MouthError."""
        for sentence in _sentences(text):
            words = await self.engines.lines.fetch(assistant.speech(sentence, self._voice))
            for part in cut(resample(words, self.line.rate)):
                key = await self._give(part)
                if key is not None:
                    self.line.flush()
                    return key
        return None

    async def _give(self, part: Frame) -> str | None:
        """Play a part, at most a little ahead; a key that came meanwhile."""
        self.line.play(part)
        return await self._key(self.line.ahead_seconds - LEAD)

    async def _key(self, seconds: float) -> str | None:
        """The next key within so many seconds; speech is not listened to. Raises HandsetLost."""
        if seconds <= 0:
            return None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    given = await self.line.receive()
                    if isinstance(given, Press):
                        return given.key
                    if isinstance(given, HangUp):
                        raise HandsetLost("the trainee hung up")
        except TimeoutError:
            return None

    def _choose_voice(self, call: CallScript, seed: int) -> None:
        caller = CallerVoice(self.engines.lines, draw(call.script, seed), self.line.rate, self.engines.voices)
        self._voice = assistant.assistant_voice(caller.voice, call.script.caller.sex, self.engines.voices)


def _sentences(text: str) -> list[str]:
    """Sentences one by one: the first is heard while the next is still being rendered; fixed ones are kept."""
    parts = [part.strip() for part in text.split(". ") if part.strip()]
    return [part if part[-1] in ".?!" else f"{part}." for part in parts]
