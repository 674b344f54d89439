"""Typed calls: a trainee's turns written down, played against a session on a clock of its own.

A rehearsal file has the name of its script and holds trainees (`good`, `middling`, `dangerous`) with their
turns and the verdicts that they must get. Turns may name details of the cast (`{address}`), so that the same
rehearsal fits every seed; the demonstration speaks the very same turns.
"""

from __future__ import annotations

import math
import tomllib
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from scripts.cast import Cast
from scripts.events import (
    Action,
    Answered,
    Entry,
    Event,
    FormChanged,
    HoldChanged,
    HungUp,
    KeyPressed,
    LineCut,
    LineFinished,
    Say,
    SpeechBegan,
    StopSaying,
    Tick,
    Utterance,
)  # fmt: skip
from scripts.parsing import Problem, ScriptError, place
from scripts.script import Identifier, Part, Script, Seconds
from scripts.session import CallSession, Phase

WORDS_A_SECOND = 2.8
"""How fast both speak when nobody really does: about 170 words a minute, everyday conversation."""

REPLY_GAP = 0.6
"""Seconds from the end of the caller's line to the trainee's first word, and of listening after the last."""

RING_SECONDS = 3.0

LONGEST_CALL = 1800.0
"""Seconds after which a rehearsal is ended, so that a script cannot make it endless."""


class TrainedTurn(Part):
    """One thing the trainee does, in the order: wait, then say, press, type, hold or hang up."""

    say: str = ""
    """What the trainee says; `{detail}` fills in a drawn one."""
    wait: Seconds = 0.0
    """Seconds of silence first."""
    over: float | None = None
    """Begins to speak so many seconds into the caller's line instead of after it."""
    key: Annotated[str, Field(pattern=r"^[0-9*#]*$")] = ""
    """Keys pressed."""
    field: str = ""
    """A field of the incident form: a fact or a topic."""
    value: str = ""
    """What is typed into it."""
    hold: bool | None = None
    """true puts the caller on hold, false takes the call up again."""
    hang_up: bool = False
    """Ends the call."""

    @model_validator(mode="before")
    @classmethod
    def plain_text_is_said(cls, data: object) -> object:
        return {"say": data} if isinstance(data, str) else data


class Trainee(Part):
    """A trainee's turns, and what marking must make of them."""

    rang_for: Seconds = RING_SECONDS
    """Seconds it rang before the trainee answered."""
    turns: list[TrainedTurn]
    """What the trainee does, one after the other."""
    score: tuple[float, float] = (0, 100)
    """The lowest and the highest score that it may get."""
    passed: bool | None = None
    """Whether it passes."""
    disposition: Literal["right", "acceptable", "over_cautious", "unsafe", "wrong"] | None = None
    """How the decision is rated."""
    critical: tuple[str, ...] = ()
    """Ids of the criteria that must be critical failures; no others may be."""
    met: tuple[str, ...] = ()
    """Ids of criteria that must be met."""
    unmet: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """Facts that the caller must have told."""


class Rehearsal(Part):
    """All rehearsed trainees of one script."""

    seed: int = 1
    """The details that `rightcall check` plays it with."""
    good: Trainee
    """Does it well."""
    middling: Trainee
    """Does some of it."""
    dangerous: Trainee
    """Must never pass."""
    also: dict[Identifier, Trainee] = Field(default_factory=dict)
    """More trainees, for what the three leave untried; `rightcall cover` says what that is."""

    @property
    def trainees(self) -> dict[str, Trainee]:
        """The three that every script has."""
        return {"good": self.good, "middling": self.middling, "dangerous": self.dangerous}

    @property
    def everyone(self) -> dict[str, Trainee]:
        """The three and the others, by the place that they have in the file."""
        return {**self.trainees, **{f"also.{name}": trainee for name, trainee in self.also.items()}}


def parse_rehearsal(text: str, name: str) -> Rehearsal:
    """Read a rehearsal. Raises ScriptError with every mistake."""
    try:
        return Rehearsal.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ScriptError([Problem(name, "", f"not readable as TOML: {error}")]) from error
    except ValidationError as error:
        raise ScriptError([Problem(name, place(row["loc"]), row["msg"]) for row in error.errors()]) from error


class TypedCall:
    """A call without sound: the caller's lines take the time of their words, and so does the trainee."""

    def __init__(self, script: Script, seed: int, rang_for: float = RING_SECONDS) -> None:
        self.session = CallSession(script)
        self.now = 0.0
        self.log: list[Entry] = []
        self._queue: list[Say] = []
        self._waiting: list[Event] = []
        self._line_began = 0.0
        self._handle(Answered(0.0, seed, rang_for))

    @property
    def cast(self) -> Cast:
        return self.session.cast

    @property
    def over(self) -> bool:
        return self.session.phase is Phase.ENDED

    def say(self, text: str) -> None:
        """Let the caller finish, then say the text (details of the cast filled in) and hear the answer out."""
        self.listen()
        self._speak(text)
        self.listen()

    def take(self, turn: TrainedTurn) -> None:
        """Do what the turn says."""
        interrupts = turn.over is not None and bool(self._queue)
        if interrupts:
            self._advance(min(self.now + (turn.over or 0.0), self._line_ends_at))
            self._handle(SpeechBegan(self.now))  # as on a telephone: first the voice is heard, then the line stops
            self._cut()
        else:
            self.listen()
        self._advance(self.now + turn.wait)
        if turn.say:
            self._speak(turn.say, begun=interrupts)
        for key in turn.key:
            self._handle(KeyPressed(self.now, key))
        if turn.field:
            self._handle(FormChanged(self.now, turn.field, self.cast.written(turn.value)))
        if turn.hold is not None:
            self._handle(HoldChanged(self.now, turn.hold))
        if turn.hang_up:
            self.hang_up()

    def hang_up(self) -> None:
        self._handle(HungUp(self.now))

    def listen(self) -> None:
        """Let time pass until the caller has said what there is to say, and a breath more."""
        while self._queue and not self.over:
            self._advance(min(self._line_ends_at, self.session.next_tick_at))
        self._advance(self.now + REPLY_GAP)

    def _speak(self, text: str, *, begun: bool = False) -> None:
        spoken = self.cast.spoken(text)
        began = self.now
        if not begun:
            self._handle(SpeechBegan(began))
        self._advance(began + len(spoken.split()) / WORDS_A_SECOND)
        self._handle(Utterance(self.now, began, self.now, spoken))

    @property
    def _line_ends_at(self) -> float:
        return self._line_began + max(0.4, len(self._queue[0].spoken.split()) / WORDS_A_SECOND)

    def _advance(self, until: float) -> None:
        """Move the clock, waking the session and ending the caller's lines on the way."""
        while not self.over:
            line_end = self._line_ends_at if self._queue else math.inf
            soonest = min(line_end, self.session.next_tick_at, LONGEST_CALL)
            if soonest > until:
                break
            self.now = max(self.now, soonest)
            if soonest == LONGEST_CALL:
                self._handle(HungUp(self.now, "line"))
            elif soonest == line_end:
                self._handle(LineFinished(self.now, self._drop().line))
            else:
                self._handle(Tick(self.now))
        self.now = max(self.now, until)

    def _drop(self) -> Say:
        self._line_began = self.now
        return self._queue.pop(0)

    def _cut(self) -> None:
        """Stop the caller: the first line is cut where it is, the others were not begun."""
        if not self._queue:
            return
        heard = min(1.0, (self.now - self._line_began) / (self._line_ends_at - self._line_began))
        cut, self._queue = self._queue, []
        self._line_began = self.now
        for number, say in enumerate(cut):
            self._handle(LineCut(self.now, say.line, 0.0 if number else round(heard, 3)))

    def _handle(self, event: Event) -> None:
        """Let the session handle the event; what comes of obeying it is handled next, as a handset's reports are."""
        self._waiting.append(event)
        if len(self._waiting) > 1:
            return
        while self._waiting:
            self.log.append(self._waiting[0])
            actions = self.session.handle(self._waiting[0])
            self.log.extend(actions)
            for action in actions:
                self._obey(action)
            self._waiting.pop(0)

    def _obey(self, action: Action) -> None:
        if isinstance(action, StopSaying):
            self._cut()
        elif isinstance(action, Say):
            if not self._queue:
                self._line_began = self.now
            self._queue.append(action)


def play(script: Script, seed: int, trainee: Trainee) -> list[Entry]:
    """The whole log of one rehearsed call; a trainee with no more turns hangs up."""
    call = TypedCall(script, seed, trainee.rang_for)
    for turn in trainee.turns:
        if call.over:
            break
        call.take(turn)
    if not call.over:
        call.listen()
    if not call.over:
        call.hang_up()
    return call.log
