"""The call script: one TOML file as typed, frozen values. What each key means is said here, once.

`{name}` in any text the caller says stands for a detail drawn by the cast (`scripts/cast.py`), written as a
person would write it and spoken as a person would say it; `{name:spelled}` has it spelled out slowly.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from scripts.vocabulary import Agency, Decision, DetailKind, Grade, Topic

Band = Literal["calm", "upset", "frantic"]
"""How a caller is: mood 60 and more, 30 to 59, below 30."""

Wording = str | list[str] | dict[Band, str | list[str]]
"""What is said: one way, several ways to draw from, or ways for each state of mind (missing bands use the next)."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Seconds = Annotated[float, Field(ge=0, le=3600)]
Points = Annotated[float, Field(ge=0, le=100)]
Mood = Annotated[int, Field(ge=0, le=100)]
Change = Annotated[int, Field(ge=-100, le=100)]

Manner = Literal[
    "frightened", "angry", "drunk", "elderly", "child", "whispering", "yes_no_only", "silent",
    "limited_english", "repeat_caller", "hoax", "pocket_call", "professional", "upset", "plain",
]  # fmt: skip

Accent = Literal["rp", "north", "midlands", "scotland", "wales", "london", "caribbean", "foreign"]

Dimension = Literal["location", "risk", "decision", "advice", "manner", "time"]
"""The headline dimensions beside the score: risk is risk and vulnerability."""


class Part(BaseModel):
    """A part of a script: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, use_attribute_docstrings=True)


class Detail(Part):
    """One random detail of the cast. Give a `kind` that the cast can draw, or `choose`, or a `range` of numbers."""

    kind: DetailKind | Literal["surname", "first_name", "town", "street", "age"] | None = None
    """What is drawn: an address, a name, a number."""
    choose: list[str] | None = Field(default=None, min_length=2)
    """One of these is drawn."""
    range: tuple[int, int] | None = None
    """A whole number from the first to the second is drawn."""
    sex: Literal["female", "male"] | None = None
    """For names."""
    network: Literal["mobile", "landline"] = "mobile"
    """For telephone numbers."""
    earliest: str | None = None
    """For times: HH:MM; the draw is between `earliest` and `latest` in steps of five minutes."""
    latest: str | None = None
    same_as: Identifier | None = None
    """For addresses and postcodes: in the town of another detail. For names: the surname of another detail."""

    @model_validator(mode="after")
    def says_how_it_is_drawn(self) -> Detail:
        if (self.kind is not None) + (self.choose is not None) + (self.range is not None) != 1:
            raise ValueError("give exactly one of kind, choose and range")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError("the range must go from a smaller to a larger number")
        return self


class MoodChanges(Part):
    """What moves the caller's mood, in points of 100 (positive calms)."""

    reassured: Change = 10
    answered: Change = 0
    """The caller could tell something."""
    dismissed: Change = -20
    """Belittled, blamed or sent away."""
    ignored: Change = -6
    """Each prompt that nobody answered."""
    repeated: Change = -4
    """Asked again for what was told."""
    interrupted: Change = -3
    """Talked over."""
    held: Change = -5
    deployed: Change = 15
    """Officers will come."""
    refused: Change = -10
    """No police will come: resolve, refer or none."""


class Caller(Part):
    """Who rings."""

    sex: Literal["female", "male"]
    age: Annotated[int, Field(ge=4, le=105)]
    """In years; with `sex` and `accent` it chooses the voice."""
    accent: Accent = "rp"
    manner: Manner = "plain"
    """How they speak; it brings a stock of ordinary lines."""
    mood: Mood = 60
    """At the start, from 0 (frantic) to 100 (calm)."""
    scene: str | None = None
    """A background of `audio/scene.py`."""
    patience: Annotated[float, Field(ge=2, le=60)] = 7.0
    """Seconds of silence before the caller prompts the trainee."""
    gives_up_after: Annotated[int, Field(ge=1, le=20)] = 4
    """How many prompts in a row without an answer before the caller hangs up."""
    mood_changes: MoodChanges = MoodChanges()


class Display(Part):
    """What the console shows while the call rings; it can be wrong or missing, as real displays are."""

    number: str = ""
    """The number shown; `{detail}` fills in a drawn one."""
    network: str = ""
    """Such as mobile, landline or withheld."""
    address: str = ""
    """The subscriber's address, for a landline."""


class Needs(Part):
    """Conditions before a fact is told; all that are given must hold."""

    mood: Mood | None = None
    """At least this calm."""
    closed: bool = False
    """Only to a question that yes or no answers."""
    direct: bool = False
    """Not to a leading question."""
    times: Annotated[int, Field(ge=1, le=5)] = 1
    """Only when asked so many times."""
    told: list[Identifier] = []
    """These facts were told before."""
    asked: list[Topic] = []
    """These topics were asked about before (or in the same breath)."""
    reassured: bool = False
    """The trainee has reassured the caller."""
    prompted: bool = False
    """A silent caller was offered a way to answer (cough, tap, press 55)."""
    after: Identifier | None = None
    """This timeline event has happened."""
    before: Identifier | None = None
    """This timeline event has not happened yet."""


class Fact(Part):
    """One thing the caller knows."""

    id: Identifier
    """Its name in conditions, criteria and the incident form."""
    topic: Topic | list[Topic]
    """What a question must be about to bring it out."""
    say: Wording
    """What the caller says when telling it."""
    kind: DetailKind | None = None
    """How read-backs of `value` are compared; without one, by the words of `value`."""
    value: str = ""
    """The true detail, such as `{address}`: what must be captured."""
    keywords: list[str] = []
    """Words that make a question be about this fact rather than another of the same topic."""
    again: Wording | None = None
    """Said when asked once more; without it the caller says that they told you, and says it again."""
    correct: Wording | None = None
    """Said to a wrong read-back."""
    withheld: Wording | None = None
    """Said while the needs do not hold; without it, the caller's way of not answering."""
    sound: str | None = None
    """Made instead of speaking; `say` then describes it for the transcript, in square brackets."""
    needs: Needs = Needs()
    also_tells: list[Identifier] = []
    """Other facts that the same words give away."""
    volunteered: bool = False
    """Comes unasked when the trainee leaves a pause or says no more than "okay"."""
    mood: Change = 0
    """How telling it moves the caller."""

    @property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(self.topic) if isinstance(self.topic, list) else (self.topic,)


class Lines(Part):
    """What the caller says beside the facts. Whatever is missing comes from the manner's stock of lines."""

    opening: Wording
    """The caller's first words."""
    opening_tells: list[Identifier] = []
    """Facts that the opening gives away."""
    nudge: Wording | None = None
    """After silence: is anybody there?"""
    confused: Wording | None = None
    """To what could not be followed."""
    unknown: Wording | None = None
    """To a question that no fact answers."""
    told_already: Wording | None = None
    """Before a fact is told again."""
    withheld: Wording | None = None
    """When a fact's needs do not hold and it has no words of its own for that."""
    yes: Wording | None = None
    """To a right read-back."""
    thanks: Wording | None = None
    """To hearing that officers will come, where no reaction fits."""
    obey: Wording | None = None
    """To advice."""
    comforted: Wording | None = None
    """To reassurance."""
    refused: Wording | None = None
    """To hearing that nobody will come, where no reaction fits."""
    on_hold: Wording | None = None
    """To being put on hold."""
    hurt: Wording | None = None
    """To being dismissed."""
    promised: Wording | None = None
    """To a promise."""
    goodbye: Wording | None = None
    """The last words after the trainee's close."""
    gives_up: Wording | None = None
    """The last words of a caller whom nobody answers."""
    sound: str | None = None
    """Set for a caller who never speaks: made instead of `yes`."""


class Reaction(Part):
    """What the caller says to a decision; the first whose conditions hold is taken."""

    to: Decision
    """The decision that it answers."""
    grade: Grade | None = None
    """Only at this grade."""
    agency: Agency | None = None
    """Only to this agency."""
    after: Identifier | None = None
    """Only once this event has happened."""
    say: Wording
    mood: Change = 0
    tells: list[Identifier] = []
    """Facts that it gives away."""


class TimelineEvent(Part):
    """Something that happens in mid-call: at a time, or some seconds after a fact, an event or a decision."""

    id: Identifier
    """Its name in conditions."""
    at: Seconds | None = None
    """Seconds after the call was answered."""
    after_told: Identifier | None = None
    """Follows the telling of this fact."""
    after_event: Identifier | None = None
    """Follows this event."""
    after_decision: bool = False
    """Follows the first decision."""
    delay: Seconds = 0.0
    """Seconds after the fact, the event or the decision."""
    unless_decided: Decision | None = None
    """Does not happen when this was decided in time."""
    unless_told: Identifier | None = None
    """Does not happen when this fact was told in time."""
    say: Wording | None = None
    """What the caller says to it."""
    tells: list[Identifier] = []
    """Facts that its line gives away."""
    interrupts: bool = True
    """Said at once, even over the trainee."""
    sound: str | None = None
    """A single sound of `audio/scene.py`."""
    scene: str | None = None
    """A new background from then on."""
    mood: Change = 0
    """How it moves the caller."""
    ends_call: bool = False
    """The call ends with it."""

    @model_validator(mode="after")
    def says_when(self) -> TimelineEvent:
        triggers = [self.at is not None, self.after_told, self.after_event, self.after_decision]
        if sum(map(bool, triggers)) != 1:
            raise ValueError("give exactly one of at, after_told, after_event and after_decision")
        return self


Rating = Literal["right", "acceptable", "over_cautious", "unsafe", "wrong"]


class Outcome(Part):
    """How one disposition is rated; the first that fits the trainee's final decision is taken.

    `decision` fits also when more was decided beside it (deploy with an ambulance); `agency` demands one.
    """

    decision: Decision
    grade: Grade | None = None
    """None fits any grade, also none at all."""
    agency: Agency | None = None
    rating: Rating
    """How good the decision is."""
    why: str
    """One sentence for the trainee."""
    after: Identifier | None = None
    """Only once this event has happened."""
    before: Identifier | None = None
    """Only while this event has not happened."""


CriterionKind = Literal[
    "captured", "asked", "asked_before", "asked_within", "said", "never_said", "advised", "reassured",
    "decided", "decided_within", "regraded", "answered_within", "no_dead_air", "did_not_interrupt",
    "no_monologue", "order", "summary_given", "closed_properly",
]  # fmt: skip


class Criterion(Part):
    """One thing that is marked. `kind` says which of the other keys it reads (see `scripts/marking.py`)."""

    id: Identifier
    kind: CriterionKind
    title: str = ""
    """Shown on the marksheet instead of the kind's own title."""
    points: Points = 5
    """What it is worth."""
    dimension: Dimension | None = None
    """The headline that it counts towards, if not the kind's own."""
    fact: Identifier | None = None
    facts: list[Identifier] = []
    topic: Topic | None = None
    topics: list[Topic] = []
    before: Topic | Literal["decision"] | None = None
    """For asked_before: what it must come before."""
    full: Literal["told", "read_back", "recorded"] = "told"
    """The state of a fact that earns all its points."""
    part: Literal["asked", "told"] | None = None
    """The state that earns half of them."""
    seconds: Seconds | None = None
    """A clock's target: all points up to it, falling to none at twice as much."""
    words: list[str] = []
    """Phrases, any of which counts (see `scripts/wording.py`)."""
    act: Literal["promise", "dismiss"] | None = None
    """For never_said: an act instead of words."""
    count: Annotated[int, Field(ge=1, le=20)] = 1
    """How often, or how many, for the kinds that count."""
    event: Identifier | None = None
    """For regraded: after this event."""
    critical: str | None = None
    """Names the critical failure that a criterion not met is."""
    advice: str = ""
    """What to say instead, for the trainee."""


class Script(Part):
    """One call: what the caller knows, says and wants, and how it is marked."""

    id: Identifier
    title: Annotated[str, StringConstraints(min_length=3, max_length=80)]
    """Shown in lists."""
    version: Annotated[int, Field(ge=1)] = 1
    """Raise it when a change makes older marks incomparable."""
    summary: Annotated[str, StringConstraints(min_length=10)]
    """For the trainee before the call: nothing that gives the answers away."""
    line: Literal["999", "101"] = "999"
    """The line that rings."""
    difficulty: Annotated[int, Field(ge=1, le=5)] = 3
    """1 easy to 5 hard."""
    aims: Annotated[list[str], Field(min_length=1)]
    """What the trainee should learn."""
    content_note: str = ""
    """What may distress a trainee; shown before the call."""
    model_answer: Annotated[str, StringConstraints(min_length=10)]
    """How a good handler takes it, for the debrief."""
    display: Display = Display()
    cast: dict[Identifier, Detail] = {}
    """Details drawn anew for each call."""
    caller: Caller
    lines: Lines
    facts: Annotated[list[Fact], Field(min_length=1)]
    """What the caller knows."""
    reactions: list[Reaction] = []
    """What the caller says to decisions."""
    events: list[TimelineEvent] = []
    """What happens in mid-call."""
    outcomes: Annotated[list[Outcome], Field(min_length=1)]
    """How each decision is rated."""
    criteria: Annotated[list[Criterion], Field(min_length=1)]
    """What is marked."""

    def fact(self, id_: str) -> Fact:
        """The fact of that id. Raises KeyError: ids are checked when a script is read."""
        for fact in self.facts:
            if fact.id == id_:
                return fact
        raise KeyError(id_)


def band(mood: int) -> Band:
    """Name the state of mind that a mood of 0 to 100 is."""
    return "calm" if mood >= 60 else "upset" if mood >= 30 else "frantic"
