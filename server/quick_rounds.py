"""Rounds of quick calls that are being played on pages: whose they are, and what the clock of each call says.

The clock is the server's alone. It starts a moment after the caller must have been heard to the end, which follows
from when the sound was handed out and how long it lasts; nothing that a page says of time is asked for or believed.
Pure but for the clock it is given: no network, no disk.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from scripts.quick import SECONDS, Answer, Given, Round

ON_ITS_WAY = 0.8
"""Seconds for the sound to get to the ear and the answer back, given to everybody."""
FORGIVEN = 0.5
"""An answer that was on its way when the clock ran out still counts, for what the last moment is worth."""
SETTLED_AFTER = 5.0
"""Seconds after which a call that nobody answered is late by itself: a spoken answer may be in the recogniser."""
FORGOTTEN_AFTER = 3600.0
MOST_ROUNDS = 500


class NotNow(Exception):  # noqa: N818 - a state of the round, not a mistake
    """What was asked for does not fit the round as it stands; the page should look at it again."""


@dataclass
class Playing:
    """One player's round. `rung` is when the current caller began to speak, `speaks` for how many seconds."""

    round_id: str
    player: str
    round: Round
    clocked: bool
    seen: float
    rung: float | None = None
    speaks: float = 0.0
    kept: bool = False
    """Whether the result was taken down."""

    @property
    def place(self) -> int:
        """How many calls are answered: the place of the current one."""
        return len(self.round.given)

    @property
    def over(self) -> bool:
        return self.round.current is None

    def clock(self, now: float) -> float | None:
        """Seconds on the clock, below 0 while the caller still speaks; None before the call or without a clock."""
        if self.rung is None or not self.clocked:
            return None
        return now - self.rung - self.speaks - ON_ITS_WAY

    def speaking(self, now: float) -> bool:
        """Whether the caller still speaks."""
        return self.rung is not None and now < self.rung + self.speaks

    def ring(self, place: int, speaks: float, now: float) -> float:
        """The caller begins, once; returns how many seconds of what is said are past. Raises NotNow."""
        self.check(place)
        if self.rung is None:
            self.rung, self.speaks = now, speaks
        return now - self.rung

    def answer(self, place: int, answer: Answer | None, now: float, at: float | None = None) -> Given:
        """What came of a call's answer, given `at` (None: now); of one that is answered, what came of the first.

        Raises NotNow before the caller was heard to the end, and for a call that has not come yet.
        """
        if 0 <= place < self.place:
            return self.round.given[place]
        self.check(place)
        if self.rung is None or self.speaking(now):
            raise NotNow("the caller has not been heard yet")
        seconds = self.clock(now if at is None else min(at, now))
        if seconds is not None and seconds <= SECONDS + FORGIVEN:
            seconds = min(SECONDS, max(0.0, seconds))
        self.round, self.rung = self.round.answer(answer, seconds), None
        return self.round.given[place]

    def settle(self, now: float) -> None:
        """A call whose clock ran out with nobody there is answered too late."""
        past = self.clock(now)
        if past is not None and past > SECONDS + SETTLED_AFTER:
            self.answer(self.place, None, now)

    def check(self, place: int) -> None:
        """Raises NotNow unless that call is the current one."""
        if place != self.place or self.over:
            raise NotNow("that call is not the one on the line")


@dataclass
class QuickRounds:
    """The rounds of one process by id, bounded; `clock` is steady, in seconds."""

    clock: Callable[[], float]
    _rounds: OrderedDict[str, Playing] = field(default_factory=OrderedDict)

    def begin(self, player: str, round_: Round, *, clocked: bool) -> Playing:
        """A new round for the player, instead of any before."""
        now = self.clock()
        self._forget(player, now)
        made = Playing(secrets.token_hex(8), player, round_, clocked, now)
        self._rounds[made.round_id] = made
        return made

    def get(self, round_id: str, player: str) -> Playing | None:
        """The player's round of that id, as it now stands."""
        found = self._rounds.get(round_id)
        return self._now(found) if found is not None and found.player == player else None

    def of(self, player: str) -> Playing | None:
        """The player's latest round."""
        return next((self._now(one) for one in reversed(self._rounds.values()) if one.player == player), None)

    @property
    def newest(self) -> Playing:
        """The round that was begun last. Raises IndexError before the first."""
        return list(self._rounds.values())[-1]

    def knows(self, round_id: str) -> bool:
        """Whether that round is still kept."""
        return round_id in self._rounds

    def _now(self, one: Playing) -> Playing:
        one.seen = self.clock()
        one.settle(one.seen)
        return one

    def _forget(self, player: str, now: float) -> None:
        gone = [key for key, one in self._rounds.items() if one.player == player or one.seen < now - FORGOTTEN_AFTER]
        for key in gone:
            del self._rounds[key]
        while len(self._rounds) >= MOST_ROUNDS:
            self._rounds.popitem(last=False)
