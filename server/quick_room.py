"""Quick calls as the pages play them: rounds in progress here, their callers' sounds, and what they came to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import SystemRandom

from audio.frame import SAMPLE_BYTES, Frame
from scripts.quick import QuickCall, deal, quick_calls
from server.browser_wire import RATE
from server.engines import Engines
from server.quick_rounds import NotNow, Playing, QuickRounds
from server.quick_scores import QuickScores
from server.quick_voice import QuickSounds
from server.quick_wire import LARGEST_SEED
from server.settings import Settings
from voice.mouth import MouthError

READ_A_SECOND = 3.0
"""Words: 180 a minute, unhurried silent reading."""

log = logging.getLogger(__name__)


@dataclass
class QuickRoom:
    """One site's. `scores` are for trainees with a name; a guest's are the browser's own affair."""

    settings: Settings
    scores: QuickScores
    clock: Callable[[], float] = time.monotonic
    _sounds: dict[str, QuickSounds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rounds = QuickRounds(self.now)
        self.off: Callable[[], Collection[str]] = frozenset
        """What a trainer has switched off beside what the settings hide."""

    def now(self) -> float:
        """Seconds on the clock of all rounds."""
        return self.clock()

    def calls(self) -> tuple[QuickCall, ...]:
        """The quick calls that this site offers. Reads the disk."""
        return quick_calls((*self.settings.hide, *self.off()), soft=self.settings.soften_swearing)

    async def begin(self, player: str, trainee: str, seed: int | None, *, clocked: bool) -> Playing:
        """A new round of that seed or of any. Raises NotNow where the site offers no calls."""
        seed = SystemRandom().randint(1, LARGEST_SEED) if seed is None else seed
        round_ = deal(await asyncio.to_thread(self.calls), seed)
        if round_.current is None:
            raise NotNow("every quick call is switched off at this site")
        playing = self.rounds.begin(player, round_, clocked=clocked)
        if trainee:
            await asyncio.to_thread(self.scores.begin, playing.round_id, trainee, round_, "browser")
        self._forget()
        return playing

    async def ring(self, playing: Playing, place: int, engines: Engines) -> Frame:
        """Let that caller speak; what is still to be heard of it now. Raises NotNow.

        A caller whom the mouth cannot speak is shown instead: no sound, and time to read.
        """
        sounds = self._sounds.get(playing.round_id)
        if sounds is None:
            sounds = self._sounds[playing.round_id] = QuickSounds(playing.round, engines.lines, engines.voices, RATE)
        playing.check(place)
        try:
            whole = await sounds.get(place)
        except MouthError:
            log.exception("a quick call's caller cannot be spoken")
            playing.ring(place, len(playing.round.calls[place].says.split()) / READ_A_SECOND, self.now())
            return Frame(b"", RATE)
        past = playing.ring(place, whole.seconds, self.now())
        return Frame(whole.samples[SAMPLE_BYTES * round(past * RATE) :], RATE)

    async def keep(self, playing: Playing) -> None:
        """Take down what a round came to, once it is over."""
        if playing.over and not playing.kept:
            playing.kept = True
            await asyncio.to_thread(self.scores.end, playing.round_id, playing.round)

    def _forget(self) -> None:
        for round_id in [key for key in self._sounds if not self.rounds.knows(key)]:
            self._sounds.pop(round_id).close()

    def close(self) -> None:
        """Make no more sounds."""
        for sounds in self._sounds.values():
            sounds.close()
