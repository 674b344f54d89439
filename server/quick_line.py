"""Ten quick calls on a telephone line: each caller heard once, keys or speech against the clock, and why.

Nothing here counts the line's frames as time: the clock is a steady one, and starts when the caller was heard.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom

from audio import tones
from audio.frame import Frame, cut
from scripts.quick import ANSWERS, SECONDS, Answer, Round, deal, quick_calls
from server import quick_words
from server.announcer import Announcer, Line
from server.engines import Engines
from server.handset import Gesture, HandsetLost, HangUp, Press
from server.quick_hearing import Answered, Began, QuickHearing
from server.quick_rounds import FORGIVEN
from server.quick_scores import QuickScores
from server.quick_voice import QuickSounds
from server.quick_wire import LARGEST_SEED

LEAD = 0.2
"""Seconds of a caller that are sent ahead."""
LEAVE = "#"
LOOK = 0.1
"""Seconds between two looks at the clock on a line that brings nothing."""
PIP = 0.25
"""Seconds of the tone that the clock's end is told with."""
STILL_HEARING = 3.0
"""Seconds after the clock in which words begun before its end may still be understood."""


class Left(Exception):  # noqa: N818 - what the player does, not a mistake
    """The player has had enough of the round, and stays on the line."""


@dataclass
class QuickLine:
    """One trainee's round on one line."""

    engines: Engines
    line: Line
    announcer: Announcer
    trainee: str
    clock: Callable[[], float] = time.monotonic
    seed: int | None = None
    _round: Round = field(init=False)

    def __post_init__(self) -> None:
        settings = self.engines.settings
        seed = self.seed or SystemRandom().randint(1, LARGEST_SEED)
        self._round = deal(quick_calls(settings.hide, soft=settings.soften_swearing), seed)
        self._sounds = QuickSounds(self._round, self.engines.lines, self.engines.voices, self.line.rate)
        self._scores = QuickScores(self.engines.records)
        self._id = secrets.token_hex(8)

    async def play(self) -> str:
        """The round, to its end or until hash; returns what is to be said of it.

        Raises HandsetLost, Busy, MouthError or RecordsError.
        """
        if self._round.current is None:
            return quick_words.NONE_HERE
        with self.engines.load.admitted():
            self._sounds.prepare(0)
            await asyncio.to_thread(self._scores.begin, self._id, self.trainee, self._round, "phone")
            try:
                await self._say(quick_words.RULES)
                while self._round.current is not None:
                    await self._call()
            except Left:
                return quick_words.left(self._round)
            finally:
                self._sounds.close()
        await asyncio.to_thread(self._scores.end, self._id, self._round)
        best = await asyncio.to_thread(self._scores.best, self.trainee)
        return quick_words.result(self._round, self.engines.force, best)

    async def _call(self) -> None:
        place = len(self._round.given)
        call = self._round.calls[place]
        await self._say(quick_words.announced(place + 1, call.content_note))
        await self._hear(await self._sounds.get(place))
        answer, seconds = await self._answer()
        self._round = self._round.answer(answer, seconds)
        await self._say(quick_words.debriefed(self._round.given[-1], self.engines.force))

    async def _say(self, text: str) -> None:
        """The assistant says it; any key goes on, hash leaves."""
        if await self.announcer.say(text) == LEAVE:
            raise Left

    async def _hear(self, caller: Frame) -> None:
        """The caller, to the end; keys that come meanwhile come too soon."""
        for part in cut(caller):
            self.line.play(part)
            due = self.clock() + self.line.ahead_seconds - LEAD
            while (wait := due - self.clock()) > 0:
                if await self.announcer.key(wait) == LEAVE:
                    self.line.flush()
                    raise Left
        await self.line.heard()

    async def _answer(self) -> tuple[Answer | None, float]:
        """What was decided by key or voice, None in time for nothing; and the seconds that it took."""
        hearing = QuickHearing(self.engines, self.line.rate)
        try:
            return await self._decided(hearing)
        finally:
            await hearing.close()

    async def _decided(self, hearing: QuickHearing) -> tuple[Answer | None, float]:
        began = self.clock()
        speaking = False
        while self.clock() - began < SECONDS + (STILL_HEARING if speaking else FORGIVEN):
            came = await self._next()
            if isinstance(came, Press) and came.key in ANSWERS:
                return Answer(decision=ANSWERS[came.key]), _counted(self.clock() - began)
            for heard in hearing.step(came, self.clock()) if isinstance(came, Frame) else ():
                if isinstance(heard, Answered):
                    return heard.answer, _counted(heard.at - began)
                speaking = isinstance(heard, Began)
        await self.announcer.play(tones.tone((480.0,), PIP, self.line.rate))
        return None, SECONDS

    async def _next(self) -> Frame | Gesture | None:
        """What comes next, or None for a look at the clock. Raises Left or HandsetLost."""
        try:
            async with asyncio.timeout(LOOK):
                came = await self.line.receive()
        except TimeoutError:
            return None
        if isinstance(came, HangUp):
            raise HandsetLost("the trainee hung up")
        if came == Press(LEAVE):
            raise Left
        return came


def _counted(seconds: float) -> float:
    """The time of an answer; one that was being given as the clock ran out came with its last second."""
    return min(SECONDS, max(0.0, seconds)) if seconds <= SECONDS + FORGIVEN else seconds
