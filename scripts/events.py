"""What can happen in a call (events, into the session) and what is to be done about it (actions, out of it).

Both are plain values and both go into the call's log, so that a stored call replays exactly. All times (`at`,
`began`, `ended`) are seconds since the handset answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from scripts.understanding import Understanding
from scripts.vocabulary import Agency, Decision, Grade

Means = Literal["voice", "keys", "form"]
"""How a decision was given."""

Ender = Literal["trainee", "caller", "line"]
"""Who ended a call; `line` when it was lost."""

# --- events: the world to the session ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered:
    """The trainee took the call after it had rung for `rang_for` seconds; `seed` casts it and drives its chance."""

    at: float
    seed: int
    rang_for: float = 0.0
    kind: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The trainee began to speak."""

    at: float
    kind: Literal["speech_began"] = "speech_began"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the trainee said in one turn, as the ear wrote it down; `at` is when the words were known.

    `confidence` is 0 to 1, or None where the engine gives none.
    """

    at: float
    began: float
    ended: float
    text: str
    confidence: float | None = None
    kind: Literal["utterance"] = "utterance"


@dataclass(frozen=True, slots=True)
class LineFinished:
    """The caller's line was heard to its end."""

    at: float
    line: str
    kind: Literal["line_finished"] = "line_finished"


@dataclass(frozen=True, slots=True)
class LineCut:
    """The caller's line was stopped; `heard` is the share of it (0 to 1) that reached the trainee's ear."""

    at: float
    line: str
    heard: float
    kind: Literal["line_cut"] = "line_cut"


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The trainee pressed one key of 0-9, * or #."""

    at: float
    key: str
    kind: Literal["key_pressed"] = "key_pressed"


@dataclass(frozen=True, slots=True)
class FormChanged:
    """The trainee typed into the incident form."""

    at: float
    field: str
    value: str
    kind: Literal["form_changed"] = "form_changed"


@dataclass(frozen=True, slots=True)
class Decided:
    """The trainee chose a disposition without saying so: by form or by a page's button."""

    at: float
    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None
    kind: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The trainee put the caller on hold, or took the call up again."""

    at: float
    on: bool
    kind: Literal["hold_changed"] = "hold_changed"


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; sent no later than the session's `next_tick_at`."""

    at: float
    kind: Literal["tick"] = "tick"


@dataclass(frozen=True, slots=True)
class HungUp:
    """The trainee ended the call, or the line was lost."""

    at: float
    by: Literal["trainee", "line"] = "trainee"
    kind: Literal["hung_up"] = "hung_up"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed around the call (a recogniser, a device); recorded so that marks can be judged fairly."""

    at: float
    what: str
    kind: Literal["trouble"] = "trouble"


Event = (
    Answered | SpeechBegan | Utterance | LineFinished | LineCut | KeyPressed | FormChanged | Decided
    | HoldChanged | Tick | HungUp | Trouble
)  # fmt: skip


# --- actions: the session to the world -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """The caller speaks `text` (or makes the named `sound`).

    `line` names this saying of it. `tells` pairs each fact with the share of the line that must be heard for it.
    `mood` (0 frantic to 100 calm) shapes the voice. `interrupts`: said even while the trainee speaks.
    """

    at: float
    line: str
    text: str
    spoken: str
    mood: int
    tells: tuple[tuple[str, float], ...] = ()
    about: str = ""
    sound: str | None = None
    interrupts: bool = False
    kind: Literal["say"] = "say"


@dataclass(frozen=True, slots=True)
class StopSaying:
    """Drop whatever the caller has yet to say."""

    at: float
    kind: Literal["stop_saying"] = "stop_saying"


@dataclass(frozen=True, slots=True)
class Play:
    """A sound from the caller's side, under or between the words; `scene` replaces the background."""

    at: float
    sound: str
    scene: bool = False
    kind: Literal["play"] = "play"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The trainee repeated a fact: rightly or wrongly, as `heard`."""

    fact: str
    right: bool
    heard: str
    why: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What the session made of an utterance. `version` names the understanding, so that marking knows its age."""

    at: float
    text: str
    meaning: Understanding
    read_backs: tuple[ReadBack, ...]
    version: str
    kind: Literal["understood"] = "understood"


@dataclass(frozen=True, slots=True)
class Happened:
    """A timeline event of the script took place."""

    at: float
    event: str
    kind: Literal["happened"] = "happened"


@dataclass(frozen=True, slots=True)
class Prompt:
    """Keys wait for a completion (a grade or an agency): shown to the trainee, never spoken by the caller."""

    at: float
    text: str
    options: tuple[str, ...] = field(default=())
    kind: Literal["prompt"] = "prompt"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision that was taken, however it was given."""

    at: float
    decision: Decision
    grade: Grade | None
    agency: Agency | None
    how: Means
    words: str = ""
    kind: Literal["recorded"] = "recorded"


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over."""

    at: float
    by: Ender
    why: str = ""
    kind: Literal["ended"] = "ended"


Action = Say | StopSaying | Play | Understood | Happened | Prompt | Recorded | Ended

Entry = Event | Action
"""One row of a call's log."""
