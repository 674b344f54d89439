"""One call, from the answer to the end: events go in, actions come out. This is the file to read first.

The rules, all of them:

1.  Nothing here reads a clock, draws from the world or touches anything outside. Time is the `at` of each event,
    chance comes from the seed in `Answered`. The same events give the same actions, always.
2.  `handle` is the only door. It takes one event and returns what is to be done, in order. Between events the
    session wants to hear from the world again no later than `next_tick_at`, with a `Tick`.
3.  Phases: RINGING until `Answered`; then OPEN; after `Ended` nothing is ever said again and late events are
    passed over. What happens on which event is `_REACTIONS`, a table.
4.  Who may interrupt whom: the trainee may stop any line (the handset reports `LineCut`); the caller waits while
    the trainee speaks, but for timeline lines marked to interrupt.
    On hold nobody hears anybody: a line is cut off, what happens meanwhile is told when the call is taken up
    again, and the caller loses heart from time to time and at last rings off.
5.  A line counts by what was heard of it, never by what was sent. Lines that were cut can be asked for again.
6.  The ledger folds every event and action in order. The session decides from the ledger and from nothing else
    but the caller's mood, the keys that wait for completion, and when it was last loud.
7.  A trainee's mistake is never an exception: it is a verdict, later. `CallError` is for programs that break the
    rules: an event before `Answered`, a second `Answered`, time that is not a number or runs backwards.
"""

from __future__ import annotations

import math
from enum import Enum
from random import Random

from scripts import keypad
from scripts.caller import Caller
from scripts.cast import Cast, draw
from scripts.events import (
    Action,
    Answered,
    Decided,
    Ended,
    Ender,
    Event,
    FormChanged,
    HoldChanged,
    HungUp,
    KeyPressed,
    LineCut,
    LineFinished,
    Means,
    Play,
    Prompt,
    Recorded,
    Say,
    SpeechBegan,
    StopSaying,
    Tick,
    Trouble,
    Utterance,
)  # fmt: skip
from scripts.interpretation import interpret, spoken_decisions
from scripts.ledger import Ledger, Turn
from scripts.lines import Line, LineBook
from scripts.script import Script
from scripts.timeline import Timeline
from scripts.vocabulary import Agency, Decision, Grade

VOLUNTEER_AFTER = 2.5
"""Seconds of quiet after which a caller who has more to tell goes on: long enough for a trainee to ask first."""

HOLD_STRETCH = 4.0
"""How many times the patience passes on hold before a caller loses heart: who was asked to wait, waits longer."""

NEVER = math.inf


class CallError(Exception):
    """The program broke a rule of the session; says what was expected and what came."""


class Phase(Enum):
    """Where the call stands."""

    RINGING = "ringing"
    OPEN = "open"
    ENDED = "ended"


class CallSession:
    """One call. See the rules above."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.phase = Phase.RINGING
        self._now = 0.0
        self._quiet_since = 0.0
        self._trainee_speaks = False
        self._on_hold = False
        self._lost_heart = 0
        self._untold: list[str] = []
        self._nudges = 0
        self._last_line: str | None = None
        self._keys = keypad.Keypad()
        self._actions: list[Action] = []
        self._lines = 0
        # Set by `Answered`, which brings the seed.
        self.cast: Cast
        self.ledger: Ledger
        self._caller: Caller
        self._timeline: Timeline

    @property
    def mood(self) -> int:
        """The caller's mood, 0 to 100."""
        return self._caller.mood if self.phase is not Phase.RINGING else self.script.caller.mood

    @property
    def on_hold(self) -> bool:
        """Whether the caller is on hold: what they say then is heard by nobody."""
        return self._on_hold

    @property
    def next_tick_at(self) -> float:
        """When the session next wants to be woken, in seconds since the answer; infinity for never."""
        if self.phase is not Phase.OPEN:
            return NEVER
        next_event = NEVER if self._last_line else self._timeline.next_at(self.ledger)
        return min(next_event, self._keys.completes_at, self._next_word_at)

    def handle(self, event: Event) -> list[Action]:
        """Take in one event and return what is to be done now. Raises CallError as rule 7 says."""
        self._check(event)
        if self.phase is Phase.ENDED:
            return []
        self._actions = []
        if isinstance(event, Answered):
            self._answered(event)
        else:
            self._now = event.at
            self.ledger.apply(event)
            self._react(event)
        if self.phase is Phase.OPEN:
            self._let_time_pass()
        return self._actions

    def _check(self, event: Event) -> None:
        if not math.isfinite(event.at) or event.at < self._now:
            raise CallError(f"expected a time of {self._now} or later, got {event!r}")
        if isinstance(event, Answered) is not (self.phase is Phase.RINGING):
            raise CallError(f"{type(event).__name__} while {self.phase.name}")

    def _react(self, event: Event) -> None:
        match event:
            case Utterance():
                self._utterance(event)
            case SpeechBegan():
                self._trainee_speaks = True
            case LineFinished() | LineCut():
                self._line_ended(event)
            case KeyPressed():
                self._keys_gave(self._keys.press(event.key, event.at))
            case Decided():
                self._decide(event.decision, event.grade, event.agency, "form")
                self._reply_to_decision([event.decision])
            case HoldChanged():
                self._held(on=event.on)
            case HungUp():
                self._end(event.by, "hung up")
            case Tick() | FormChanged() | Trouble() | Answered():
                pass

    def _do(self, action: Action) -> None:
        self._actions.append(action)
        self.ledger.apply(action)

    # --- the answer and the end ------------------------------------------------------------------------------

    def _answered(self, event: Answered) -> None:
        self.cast = draw(self.script, event.seed)
        self.ledger = Ledger(self.cast)
        chance = Random(f"{self.script.id}:{event.seed}:caller")
        self._caller = Caller(self.ledger, LineBook(self.cast), chance, self.script.caller.mood)
        self._timeline = Timeline(self.script)
        self.phase = Phase.OPEN
        self._now = self._quiet_since = event.at
        self.ledger.apply(event)
        self._say([self._caller.line("opening")])

    def _end(self, by: Ender, why: str) -> None:
        if self.ledger.playing:
            self._do(StopSaying(self._now))
        self._keys_gave(self._keys.give_up())
        self._do(Ended(self._now, by, why))
        self.phase = Phase.ENDED

    # --- what the trainee says -------------------------------------------------------------------------------

    def _utterance(self, event: Utterance) -> None:
        self._trainee_speaks = False
        self._quiet_since = event.at
        if not event.text.strip():
            return  # a cough or a breath: nothing was said
        self._nudges = 0
        understood = interpret(self.ledger, event.text, event.at)
        self._do(understood)
        for recorded in spoken_decisions(understood):
            self._do(recorded)
        self._reply(self.ledger.turns[-1], list(understood.meaning.decision))

    def _reply(self, turn: Turn, decided: list[Decision]) -> None:
        lines = self._caller.reply(turn, decided)
        news = any(say.about.startswith("event:") for say in self.ledger.playing)
        if lines and self.ledger.playing and not news:
            self._do(StopSaying(self._now))  # an answer is for what was asked last; news is said to its end
        self._say(lines)
        if self.ledger.closes(turn):
            self._last_line = self.ledger.spoken[-1].say.line if lines else None

    # --- decisions, keys, hold -------------------------------------------------------------------------------

    def _decide(
        self, decision: Decision, grade: Grade | None, agency: Agency | None, how: Means, words: str = ""
    ) -> None:
        self._do(Recorded(self._now, decision, grade, agency, how, words))

    def _keys_gave(self, given: keypad.Given) -> None:
        match given:
            case keypad.Choice():
                self._decide(given.decision, given.grade, given.agency, "keys")
                self._reply_to_decision([given.decision])
            case keypad.Waiting():
                self._do(Prompt(self._now, given.text, given.options))
            case keypad.SilentPrompt():
                self._utterance(Utterance(self._now, self._now, self._now, keypad.SILENT_PROMPT_WORDS))
            case None:
                pass

    def _reply_to_decision(self, decided: list[Decision]) -> None:
        if self.phase is not Phase.OPEN:
            return
        last = self.ledger.decisions[-1]
        self._say(self._caller.to_decision(decided, last.grade, last.agency))

    def _held(self, *, on: bool) -> None:
        changed = on is not self._on_hold
        self._on_hold = on
        self._quiet_since = self._now
        if changed and on:
            self._lost_heart = 0
            self._caller.feel(self.script.caller.mood_changes.held)
            if self.ledger.playing:
                self._do(StopSaying(self._now))
        elif changed:
            self._taken_up()

    def _taken_up(self) -> None:
        """The caller tells what happened meanwhile, or asks whether anybody is there after a long wait."""
        news, self._untold = [self._caller.line(f"event:{id_}") for id_ in self._untold], []
        self._say(news or ([self._caller.line("nudge")] if self._lost_heart else []))

    def _lose_heart(self) -> None:
        self._lost_heart += 1
        self._quiet_since = self._now
        self._caller.feel(self.script.caller.mood_changes.ignored)
        if self._lost_heart > self.script.caller.gives_up_after:
            self._end("caller", "gave up on hold")

    # --- what the caller says --------------------------------------------------------------------------------

    def _say(self, lines: list[Line]) -> None:
        for line in lines:
            self._lines += 1
            self._do(
                Say(
                    self._now, f"{self._lines}:{line.key}", line.text, line.spoken, self._caller.mood,
                    line.tells, line.key, line.sound, line.interrupts,
                )
            )  # fmt: skip

    def _line_ended(self, event: LineFinished | LineCut) -> None:
        self._quiet_since = self._now
        if isinstance(event, LineCut) and self._trainee_speaks:
            self._caller.feel(self.script.caller.mood_changes.interrupted)
        if event.line == self._last_line:
            self._end("caller", "the call was closed")

    # --- time ------------------------------------------------------------------------------------------------

    @property
    def _next_word_at(self) -> float:
        """When the caller breaks the silence: with what is left to tell, or by asking whether anyone is there."""
        if self._trainee_speaks or self.ledger.playing:
            return NEVER
        if self._on_hold:
            return self._quiet_since + self.script.caller.patience * HOLD_STRETCH
        wait = VOLUNTEER_AFTER if self._nudges == 0 and self._caller.has_more() else self.script.caller.patience
        return self._quiet_since + wait

    def _let_time_pass(self) -> None:
        self._keys_gave(self._keys.pass_time(self._now))
        # After the goodbye nothing more happens.
        for event in [] if self._last_line else self._timeline.due(self.ledger, self._now):
            self._happen(event)
            if self.phase is not Phase.OPEN:
                return
        if self._now >= self._next_word_at:
            self._lose_heart() if self._on_hold else self._break_silence()

    def _happen(self, id_: str) -> None:
        event = self._timeline.event(id_)
        self._do(self._timeline.happened(id_, self._now))
        self._caller.feel(event.mood)
        if event.scene:
            self._do(Play(self._now, event.scene, scene=True))
        if event.sound and event.say is None:
            self._do(Play(self._now, event.sound))
        if event.say is not None and self._on_hold:
            self._untold.append(event.id)
        elif event.say is not None:
            if event.interrupts and self.ledger.playing:
                self._do(StopSaying(self._now))
            self._say([self._caller.line(f"event:{event.id}")])
        if event.ends_call and (event.say is None or self._on_hold):
            self._end("line" if event.say is None else "caller", event.id)
        elif event.ends_call:
            self._last_line = self.ledger.spoken[-1].say.line

    def _break_silence(self) -> None:
        lines = self._caller.volunteer() if self._nudges == 0 else []
        if not lines:
            self._nudges += 1
            self._caller.feel(self.script.caller.mood_changes.ignored)
            giving_up = self._nudges > self.script.caller.gives_up_after
            lines = [self._caller.line("gives_up" if giving_up else "nudge")]
        self._say(lines)
        if self._nudges > self.script.caller.gives_up_after:
            self._last_line = self.ledger.spoken[-1].say.line
