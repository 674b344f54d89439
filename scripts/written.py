"""Contacts in writing: a web chat and an online report, from the same scripts and with the same marking as calls.

`as_written` says what of a script can be so in writing; `WrittenContact` gives the caller fingers: a line takes the
time to type it, and counts as told when it is sent. A report tells everything at once and answers no more.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Literal

from scripts.events import Action, Answered, Entry, Event, LineCut, LineFinished, Say, StopSaying, Tick
from scripts.lines import ways_of
from scripts.script import Criterion, CriterionKind, Fact, Needs, Script
from scripts.session import CallSession, Phase
from scripts.vocabulary import Topic

Writing = Literal["chat", "report"]
WRITING: frozenset[str] = frozenset({"chat", "report"})

THINKS = 1.5
"""Seconds before a caller begins to type."""
WORDS_A_SECOND = 2.5
"""How fast they type: three times as fast as most people, so that a training shift is not all waiting."""
SLOWER = 2.0
"""How much longer the clocks of a chat run than a call's: everything is typed."""
PATIENCE = 4.0
"""How much longer somebody waits for a written answer than for a spoken one."""
MOST_PATIENCE = 60.0

BY_VOICE: frozenset[CriterionKind] = frozenset(
    {"answered_within", "no_dead_air", "did_not_interrupt", "no_monologue"}
)
"""What is marked of a voice alone; how long a written contact waited is marked by the shift."""
IN_A_REPORT: frozenset[CriterionKind] = frozenset(
    {"captured", "decided", "decided_within", "said", "never_said", "advised"}
)
"""What is left to do right with a report: read it, note it down, decide, and write back."""

LABELS: Mapping[Topic, str] = {
    "name": "Your name", "phone": "Your telephone number", "location": "Where did it happen?",
    "location_detail": "More about the place", "emergency": "What happened?", "when": "When?",
    "ongoing": "Is it still going on?", "injuries": "Is anybody hurt?", "weapons": "Were there weapons?",
    "threats": "Were there threats?", "people": "Who was involved?", "description": "What do they look like?",
    "vehicle": "Vehicles", "direction": "Where did they go?", "property": "What was taken or damaged?",
    "evidence": "Is there evidence?", "children": "Are children involved?", "relationship": "Do you know them?",
    "vulnerability": "Does anybody need extra help?", "history": "Has it happened before?",
    "alcohol_drugs": "Drink or drugs", "wishes": "What would you like us to do?",
}  # fmt: skip
"""The questions of the public's form, in its order."""


def as_written(script: Script, writing: Writing) -> Script:
    """The script as a chat or a report: its caller, its outcomes, and those criteria that apply in writing."""
    return _report(script) if writing == "report" else _chat(script)


def as_taken(script: Script, handset: str) -> Script:
    """The script as a contact that came by that handset was held and is marked; by voice it is what it is."""
    match handset:
        case "chat":
            return _chat(script)
        case "report":
            return _report(script)
        case _:
            return script


def _chat(script: Script) -> Script:
    caller = script.caller
    patient = caller.model_copy(update={"patience": min(MOST_PATIENCE, caller.patience * PATIENCE)})
    events = [
        event.model_copy(
            update={"at": None if event.at is None else event.at * SLOWER, "delay": event.delay * SLOWER}
        )
        for event in script.events
    ]
    criteria = [_slower(criterion) for criterion in script.criteria if criterion.kind not in BY_VOICE]
    return script.model_copy(update={"caller": patient, "events": events, "criteria": criteria})


def _report(script: Script) -> Script:
    rows = list(_rows(script))
    text = "\n".join(f"{label}{' ' if label.endswith('?') else ': '}{template}" for label, template, _ in rows)
    lines = script.lines.model_copy(update={"opening": text, "opening_tells": [fact.id for *_, fact in rows]})
    caller = script.caller.model_copy(update={"patience": MOST_PATIENCE, "gives_up_after": 20, "mood": 60})
    criteria = [_in_report(criterion, script) for criterion in script.criteria if criterion.kind in IN_A_REPORT]
    return script.model_copy(update={"lines": lines, "caller": caller, "events": [], "criteria": criteria})


def _rows(script: Script) -> Iterator[tuple[str, str, Fact]]:
    """Label, template and fact of each line of the form: what anybody would write without being asked twice."""
    for topic, label in LABELS.items():
        for fact in script.facts:
            if fact.topics[0] == topic and fact.needs == Needs() and fact.sound is None and not fact.keywords:
                yield label, fact.value if fact.kind else ways_of(fact.say, "calm")[0], fact


def _slower(criterion: Criterion) -> Criterion:
    seconds = None if criterion.seconds is None else criterion.seconds * SLOWER
    return criterion.model_copy(update={"seconds": seconds})


def _in_report(criterion: Criterion, script: Script) -> Criterion:
    """A detail that stands in the report is captured once it is in the incident; nobody need write back."""
    changed: dict[str, object] = {}
    if criterion.kind == "captured" and criterion.fact and script.fact(criterion.fact).value:
        changed = {"full": "recorded", "part": "told", "critical": None}
    elif criterion.kind in ("said", "advised"):
        changed = {"critical": None}
    return _slower(criterion).model_copy(update=changed)


class WrittenContact:
    """One chat or report on a clock that is given to it; all times are seconds since it was taken."""

    def __init__(self, script: Script, writing: Writing) -> None:
        self.session = CallSession(as_written(script, writing))
        self._report = writing == "report"
        self._typing: deque[Say] = deque()
        self._due = math.inf
        self._log: list[Entry] = []

    @property
    def over(self) -> bool:
        return self.session.phase is Phase.ENDED

    @property
    def typing(self) -> bool:
        """Whether the other side can be seen to type."""
        return bool(self._typing) and not self._report

    @property
    def next_at(self) -> float:
        """When it next wants to be told the time; infinity for never."""
        if self.over:
            return math.inf
        return min(self._due, math.inf if self._report else self.session.next_tick_at)

    def answer(self, seed: int, waited: float) -> list[Entry]:
        """It is taken after it had `waited` so long; everything that this brings about, the event in front."""
        entries = self.handle(Answered(0.0, seed, waited))
        return entries + self.pass_time(0.0) if self._report else entries

    def handle(self, event: Event) -> list[Entry]:
        """Take in what the trainee did; the entries of the log that come of it, the event in front."""
        self._log = []
        self._take(event)
        return self._log

    def pass_time(self, now: float) -> list[Entry]:
        """Send what has been typed by `now` and let the session know the time."""
        self._log = []
        while not self.over and self.next_at <= now:
            if self._due <= now:
                sent = self._typing.popleft()
                self._begin_typing(max(0.0, now))
                self._take(LineFinished(now, sent.line))
            else:
                self._take(Tick(now))
        return self._log

    def _take(self, event: Event) -> None:
        self._log.append(event)
        for action in self.session.handle(event):
            self._log.append(action)
            self._obey(action, event.at)

    def _obey(self, action: Action, now: float) -> None:
        match action:
            case Say() if self._report and action.about != "opening":
                self._take(LineCut(now, action.line, 0.0))  # nobody sits at the other end any more
            case Say():
                self._typing.append(action)
                if len(self._typing) == 1:
                    self._begin_typing(now)
            case StopSaying():
                unsent, self._typing, self._due = list(self._typing), deque(), math.inf
                for say in unsent:
                    self._take(LineCut(now, say.line, 0.0))
            case _:
                pass

    def _begin_typing(self, now: float) -> None:
        if not self._typing:
            self._due = math.inf
        elif self._report:
            self._due = now
        else:
            self._due = now + THINKS + len(self._typing[0].text.split()) / WORDS_A_SECOND
