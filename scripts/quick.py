"""Ten quick calls: a caller heard once, four answers, a falling clock, a streak. Data, dealing and scoring; no clock.

A quick call is judged by its decision alone. Whoever plays it (terminal, telephone, page) says the line of
`QuickCall.cast`, shows or reads out the four answers of `ANSWERS`, and gives `Round.answer` what came and how long
it took.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from random import Random
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from scripts.cast import Cast, draw
from scripts.force import Force
from scripts.keypad import DECISION_KEYS
from scripts.lines import Line, LineBook
from scripts.parsing import Problem, ScriptError, place
from scripts.script import Caller, Detail, Identifier, Part, Script
from scripts.shelf import NOTED
from scripts.softening import soften
from scripts.vocabulary import Agency, Decision, Grade

CALLS = 10
"""In one round."""
OTHERS = 3
"""Of ten, how many are not for the police."""
SECONDS = 12.0
"""On the clock, from the caller's last word: long enough to think of a reason, too short to look one up."""
RIGHT = 100
"""Points for the right answer at once; it falls to SLOW_SHARE of that as the clock runs out."""
SLOW_SHARE = 0.6
STREAK_BONUS, MOST_BONUS = 10, 50
"""Points more for each right answer in a row after the first, and the most of them for one call."""

ANSWERS: Mapping[str, Decision] = DECISION_KEYS
"""The four answers by their keys: those of every call."""

Rating = Literal["right", "acceptable", "wrong", "late"]
VERDICTS: Mapping[Rating, str] = {
    "right": "Right.", "acceptable": "That will do.", "wrong": "No.", "late": "Too late.",
}  # fmt: skip
"""What is said first of an answer; `debrief` says the rest."""


class Answer(Part):
    """A disposition; a grade or an agency of None is any."""

    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None

    def fits(self, other: Answer) -> bool:
        """Whether the other decides this, as far as it says."""
        return (
            self.decision == other.decision
            and (None in (self.grade, other.grade) or self.grade == other.grade)
            and (None in (self.agency, other.agency) or self.agency == other.agency)
        )


class QuickCall(Part):
    """One caller and one decision."""

    id: Identifier
    title: Annotated[str, StringConstraints(min_length=3, max_length=60)]
    line: Literal["999", "101"] = "999"
    difficulty: Annotated[int, Field(ge=1, le=3)]
    content_note: str = ""
    caller: Caller
    cast: dict[Identifier, Detail] = Field(default_factory=dict)
    says: Annotated[str, StringConstraints(min_length=40, max_length=400)]
    """All that is heard; `{detail}` stands for one of the cast."""
    right: Answer
    acceptable: list[Answer] = []  # noqa: RUF012 - a pydantic field, copied for each
    why: Annotated[str, StringConstraints(min_length=20, max_length=200)]
    """One or two sentences for the debrief."""

    @model_validator(mode="after")
    def decides_whole(self) -> QuickCall:
        if self.right.decision == "deploy" and self.right.grade is None:
            raise ValueError("right: a deployment needs its grade")
        if self.right.decision == "refer" and self.right.agency is None:
            raise ValueError("right: a referral needs its agency")
        return self

    @property
    def for_police(self) -> bool:
        return self.right.decision in ("deploy", "resolve")

    def rate(self, answer: Answer | None) -> Rating:
        """How good the answer is; None is no answer in time."""
        if answer is None:
            return "late"
        if self.right.fits(answer):
            return "right"
        return "acceptable" if any(other.fits(answer) for other in self.acceptable) else "wrong"

    def script(self) -> Script:
        """The call as a script of one line, so that casting and voices are those of every call."""
        return Script.model_validate(
            {
                "id": self.id, "title": self.title, "summary": "A quick call.", "aims": ["Decide"],
                "model_answer": self.why.ljust(10), "caller": self.caller, "cast": self.cast, "line": self.line,
                "lines": {"opening": self.says},
                "facts": [{"id": "story", "topic": "emergency", "say": self.says}],
                "outcomes": [{"decision": self.right.decision, "rating": "right", "why": self.why}],
                "criteria": [{"id": "decision", "kind": "decided"}],
            }
        )  # fmt: skip

    def heard(self, seed: int) -> tuple[Cast, Line]:
        """The cast for that seed, and the one line that its caller says."""
        cast = draw(self.script(), seed)
        return cast, LineBook(cast).pick("opening", self.caller.mood, Random(seed))


@dataclass(frozen=True, slots=True)
class Given:
    """One call answered: `answer` None for none in time, `streak` right answers in a row up to here."""

    call: QuickCall
    answer: Answer | None
    rating: Rating
    points: int
    streak: int


@dataclass(frozen=True, slots=True)
class Round:
    """A round: the calls dealt, and what was given to them so far. Every answer makes a new one."""

    seed: int
    calls: tuple[QuickCall, ...]
    given: tuple[Given, ...] = ()

    @property
    def current(self) -> QuickCall | None:
        """The call that waits for its answer; None when all are answered."""
        return self.calls[len(self.given)] if len(self.given) < len(self.calls) else None

    @property
    def score(self) -> int:
        return sum(given.points for given in self.given)

    @property
    def most(self) -> int:
        """What all right answers given at once would score."""
        return sum(RIGHT + _bonus(number) for number in range(1, len(self.calls) + 1))

    @property
    def right(self) -> int:
        """How many answers were right."""
        return sum(given.rating == "right" for given in self.given)

    @property
    def streak(self) -> int:
        return self.given[-1].streak if self.given else 0

    @property
    def best_streak(self) -> int:
        return max((given.streak for given in self.given), default=0)

    def answer(self, answer: Answer | Decision | None, seconds: float | None = None) -> Round:
        """The round with the current call answered.

        `seconds` on the clock, None where there is none; an answer later than SECONDS is none. Raises IndexError
        where no call is left.
        """
        call = self.current
        if call is None:
            raise IndexError("every call of the round is answered")
        given = Answer(decision=answer) if isinstance(answer, str) else answer
        if seconds is not None and seconds > SECONDS:
            given = None
        rating = call.rate(given)
        streak = {"right": self.streak + 1, "acceptable": self.streak}.get(rating, 0)
        return replace(
            self, given=(*self.given, Given(call, given, rating, _points(rating, seconds, streak), streak))
        )


def deal(calls: Sequence[QuickCall], seed: int, count: int = CALLS) -> Round:
    """A round of so many calls, drawn by the seed: a third of them not for the police, the easier ones first."""
    chance = Random(f"quick:{seed}")
    ours = chance.sample([call for call in calls if call.for_police], k=sum(call.for_police for call in calls))
    others = chance.sample([call for call in calls if not call.for_police], k=len(calls) - len(ours))
    third = min(len(others), round(count * OTHERS / CALLS))
    chosen = [*others[:third], *ours, *others[third:]][:count]
    chance.shuffle(chosen)
    return Round(seed, tuple(sorted(chosen, key=lambda call: call.difficulty)))


def named(answer: Answer, force: Force) -> str:
    """The disposition as the force calls it: `deploy, immediate`."""
    if answer.decision == "deploy" and answer.grade:
        return f"deploy, {force.grade(answer.grade).lower()}"
    if answer.decision == "refer" and answer.agency:
        return f"refer to {force.agency(answer.agency)}"
    return {"none": "no police action", "resolve": "resolve by telephone"}.get(answer.decision, answer.decision)


def debrief(given: Given, force: Force) -> str:
    """What was right and why, to be shown or spoken after the answer."""
    call = given.call
    return f"{call.title}: {named(call.right, force)}. {call.why}"


def quick_calls(hide: Collection[str] = (), *, soft: bool = False) -> tuple[QuickCall, ...]:
    """The quick calls that come with the program, but those that a site hides (`scripts.shelf.Shelf`).

    `soft`: with swearing softened.
    """
    files = sorted(resources.files("scripts").joinpath("quick").iterdir(), key=lambda file: file.name)
    texts = [(file.name, file.read_text(encoding="utf-8")) for file in files if file.name.endswith(".toml")]
    found = [call for name, text in texts for call in parse_quick(text, name)]
    shown = [call for call in found if call.id not in hide and not (NOTED in hide and call.content_note)]
    return tuple(call.model_copy(update={"says": soften(call.says)}) if soft else call for call in shown)


def parse_quick(text: str, name: str) -> Iterable[QuickCall]:
    """Read a file of quick calls. Raises ScriptError with every mistake."""
    try:
        return _File.model_validate(tomllib.loads(text)).calls
    except tomllib.TOMLDecodeError as error:
        raise ScriptError([Problem(name, "", f"not readable as TOML: {error}")]) from error
    except ValidationError as error:
        raise ScriptError([Problem(name, place(row["loc"]), row["msg"]) for row in error.errors()]) from error


class _File(Part):
    calls: list[QuickCall]


def _points(rating: Rating, seconds: float | None, streak: int) -> int:
    """Acceptable is worth half. Without a clock, an answer counts as one given in half the time."""
    left = 0.5 if seconds is None else 1 - max(0.0, seconds) / SECONDS
    share = SLOW_SHARE + (1 - SLOW_SHARE) * left
    if rating == "right":
        return round(RIGHT * share) + _bonus(streak)
    return round(RIGHT * share / 2) if rating == "acceptable" else 0


def _bonus(streak: int) -> int:
    return min(MOST_BONUS, STREAK_BONUS * (streak - 1))
