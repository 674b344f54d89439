"""What the trainee's keys mean: 1 deploy, 2 resolve, 3 refer, 4 no action, then a grade or an agency; 5 5 too.

A decision that needs a completion waits for it a few seconds and is taken without it when none comes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scripts.vocabulary import GRADES, Agency, Decision, Grade

COMPLETION_SECONDS = 6.0
"""How long a first key waits for its second: time to read nine agencies."""

DECISION_KEYS: dict[str, Decision] = {"1": "deploy", "2": "resolve", "3": "refer", "4": "none"}
GRADE_KEYS: dict[str, Grade] = dict(zip("123", GRADES, strict=True))
AGENCY_KEYS: dict[str, Agency] = {
    "1": "ambulance", "2": "fire", "3": "council", "4": "fraud_reporting", "5": "highways", "6": "health_advice",
    "7": "utility", "8": "housing", "9": "animal_welfare", "0": "other",
}  # fmt: skip
SILENT_PROMPT_WORDS = "if you cannot speak press 55 or tap the phone"
"""What pressing 5 5 stands for: the recorded prompt of the silent solution."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision given by keys."""

    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A completion is awaited; `options` are one text a key."""

    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SilentPrompt:
    """5 5: the trainee offers a silent caller a way to answer."""


Given = Choice | Waiting | SilentPrompt | None


class Keypad:
    """The keys pressed so far that wait for more."""

    def __init__(self) -> None:
        self._first: str | None = None
        self.completes_at = math.inf
        """When what waits is taken as it is, in seconds since the answer."""

    def press(self, key: str, at: float) -> Given:
        """Take one key; keys that mean nothing here give None."""
        first, self._first, self.completes_at = self._first, None, math.inf
        match first:
            case "1" if key in GRADE_KEYS:
                return Choice("deploy", grade=GRADE_KEYS[key])
            case "3" if key in AGENCY_KEYS:
                return Choice("refer", agency=AGENCY_KEYS[key])
            case "5" if key == "5":
                return SilentPrompt()
        if key in "24" and key:
            return Choice(DECISION_KEYS[key])
        if key in ("1", "3", "5"):
            self._first, self.completes_at = key, at + COMPLETION_SECONDS
            return _asking_for(key)
        return None

    def pass_time(self, now: float) -> Given:
        """Give what has waited long enough."""
        return self.give_up() if now >= self.completes_at else None

    def give_up(self) -> Given:
        """Give what waits, without its completion."""
        first, self._first, self.completes_at = self._first, None, math.inf
        return Choice(DECISION_KEYS[first]) if first in ("1", "3") else None


def _asking_for(key: str) -> Waiting | None:
    if key == "1":
        return Waiting("Deploy at which grade?", tuple(f"{number} {grade}" for number, grade in GRADE_KEYS.items()))
    if key == "3":
        names = tuple(f"{number} {agency.replace('_', ' ')}" for number, agency in AGENCY_KEYS.items())
        return Waiting("Refer to whom?", names)
    return None
