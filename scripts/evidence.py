"""One call as a criterion sees it: script, ledger, log and force, and how its moments are quoted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from scripts.events import Entry, LineCut, ReadBack, Recorded, Say, StopSaying
from scripts.force import Force
from scripts.ledger import FactHistory, Ledger, Spoken, Turn
from scripts.marksheet import Evidence
from scripts.script import CriterionKind, Fact, Script
from scripts.sounds import alike
from scripts.tokens import tokens
from scripts.vocabulary import Topic

HANDLED_TURNS = 3
"""Turns with a question, advice or a read-back without which a call that decides nothing was not handled."""

CUT_TOGETHER = 0.3
"""Seconds within which cut lines are one interruption: whatever else the caller had to say is cut with the first."""

RHYMES = ("bcdegptv3", "ajk8", "fsx", "mn", "iy5", "59", "qu", "0o")
"""Letters and digits that a telephone line makes alike."""

_TEENS = {
    "thirteen": "thirty", "fourteen": "forty", "fifteen": "fifty", "sixteen": "sixty", "seventeen": "seventy",
    "eighteen": "eighty", "nineteen": "ninety", "13": "30", "14": "40", "15": "50", "16": "60", "17": "70",
    "18": "80", "19": "90",
}  # fmt: skip


WHY_IT_MATTERS: dict[Topic, str] = {
    "location": "if the line drops, officers still need somewhere to go",
    "location_detail": "officers lose minutes looking for the right door",
    "phone": "a call that is cut off can only be picked up again with a number",
    "name": "officers need to know who they are looking for, and a name steadies a caller",
    "weapons": "officers must know what they are walking into",
    "injuries": "someone may need an ambulance now",
    "ongoing": "what is still happening decides how fast officers must come",
    "safety": "the caller may still be in danger",
    "children": "a child or somebody else in the place changes the risk",
    "people": "officers must know how many people they will meet",
    "vulnerability": "what makes a person vulnerable changes the response",
    "description": "officers on the way can look for nobody without a description",
    "direction": "officers on the way may cross their path",
    "vehicle": "a vehicle can be looked for at once",
    "relationship": "who they are to each other changes the risk",
    "history": "what happened before is the best sign of what comes next",
    "threats": "threats show what may happen next",
    "last_seen": "a search begins where somebody was last seen",
    "evidence": "evidence that nobody asks about is lost",
}
"""Why a handler asks, by what the question is about."""


MATTERS: dict[CriterionKind, str] = {
    "captured": "a detail that nobody made sure of is lost when the call ends",
    "asked": "what nobody asks, nobody on the way will know",
    "asked_before": "what comes first is what is known if the call is cut off, and what a decision rests on",
    "asked_within": "what comes late may come too late for whoever is on the way",
    "said": "the caller has to hear it to go by it",
    "never_said": "such words put a caller at risk, or off ringing again",
    "advised": "until help comes, what the caller does depends on what you say",
    "reassured": "a calmer caller tells more, and stays on the line",
    "decided": "whoever is sent, or not sent, goes by it",
    "decided_within": "help cannot set out before somebody decides",
    "regraded": "a decision is right only for as long as the facts are",
    "answered_within": "whoever rings does not know whether anybody will answer",
    "no_dead_air": "a caller left in silence thinks that the line is dead",
    "did_not_interrupt": "what a caller cannot finish may be what you need most",
    "no_monologue": "while you talk, the caller cannot tell you what has changed",
    "order": "what comes first is what is known if the call is cut off",
    "summary_given": "it is the last chance to put a wrong detail right",
    "closed_properly": "a caller has to know what happens next, and when to ring again",
}
"""Why a kind of criterion matters, where what it is about does not say."""


TOPIC_NAMES: dict[Topic, str] = {
    "emergency": "what is happening", "location_detail": "how to find the place", "name": "the name",
    "phone": "a number to ring back", "location": "the location", "when": "when it happened",
    "ongoing": "whether it is still going on", "people": "who is involved", "description": "what they look like",
    "direction": "which way they went", "vehicle": "the vehicle", "relationship": "who they are to the caller",
    "alcohol_drugs": "drink or drugs", "children": "children or others there", "safety": "the caller's safety",
    "property": "what was taken or damaged", "history": "what happened before",
    "last_seen": "when they were last seen", "wishes": "what the caller wants",
}  # fmt: skip
"""A topic in a sentence, where its own name does not do."""


@dataclass(frozen=True)
class Finding:
    """What became of a criterion: the share of its points (0 to 1; None when it does not apply) and why.

    `unsure` says why a machine should not fail anyone on this. `harmless`: not met, yet no critical failure.
    """

    share: float | None
    why: str
    evidence: tuple[Evidence, ...] = ()
    unsure: str = ""
    harmless: bool = False


class Call:
    """One call to mark. `ledger` is the fold of `log`; nothing here changes either."""

    def __init__(self, ledger: Ledger, log: Sequence[Entry], force: Force) -> None:
        self.script: Script = ledger.script
        self.ledger = ledger
        self.log = log
        self.force = force

    # --- facts -------------------------------------------------------------------------------------------

    def fact(self, id_: str | None) -> Fact | None:
        """The fact of that id, or None when the script has none (any more)."""
        return next((fact for fact in self.script.facts if fact.id == id_), None)

    def history(self, fact: Fact) -> FactHistory:
        return self.ledger.facts[fact.id]

    def truth(self, fact: Fact) -> str:
        """The true detail as it is compared."""
        return self.ledger.cast.value(fact.value)

    def written(self, fact: Fact) -> str:
        """The true detail as a person would write it."""
        return self.ledger.cast.written(fact.value)

    def could_be(self, fact: Fact) -> bool:
        """Whether the fact could be told at all: what it waits for did happen."""
        return fact.needs.after is None or fact.needs.after in self.ledger.happened

    def unasked(self, fact: Fact) -> Spoken | None:
        """The line that told the fact without being asked, but for what an event in mid-call gave away."""
        history = self.history(fact)
        for at, place in zip(history.told, history.told_in, strict=True):
            spoken = self.ledger.spoken[place]
            asked_before = any(self.turn(turn).utterance.began <= at for turn in history.asked)
            if not asked_before and not spoken.say.about.startswith("event:"):
                return spoken
        return None

    # --- moments -----------------------------------------------------------------------------------------

    def turn(self, place: int) -> Turn:
        return self.ledger.turns[place]

    @property
    def end(self) -> float:
        """When the call ended, or the last thing that the log knows of it."""
        return self.ledger.ended.at if self.ledger.ended else self.ledger.last_at

    @property
    def length(self) -> str:
        """How long the call was, in a sentence."""
        return f"in the {clock(self.end)} of the call"

    @property
    def handled(self) -> bool:
        """Whether the trainee did any of the work, so that it can be marked what the trainee did not do wrong."""
        useful = sum(
            bool(turn.meaning.asks or turn.read_backs) or "advise" in turn.meaning.acts for turn in self.ledger.turns
        )
        return bool(self.ledger.decisions) or useful >= HANDLED_TURNS

    @property
    def lost(self) -> bool:
        """Whether the call broke off, so that what is missing may not be the trainee's doing."""
        ended = self.ledger.ended
        return ended is None or (ended.by == "line" and ended.why not in self.ledger.happened)

    @cached_property
    def interruptions(self) -> list[tuple[float, Say]]:
        """When the trainee talked the caller down, and the line that was cut."""
        playing: dict[str, Say] = {}
        stopped: set[str] = set()
        found: list[tuple[float, Say]] = []
        for entry in self.log:
            if isinstance(entry, Say):
                playing[entry.line] = entry
            elif isinstance(entry, StopSaying):
                stopped |= playing.keys()  # the session's own doing: an event, or an answer to a later question
            elif isinstance(entry, LineCut):
                say = playing.pop(entry.line, None)
                again = bool(found) and entry.at - found[-1][0] <= CUT_TOGETHER
                if say is not None and entry.line not in stopped and not again:
                    found.append((entry.at, say))
        return found

    # --- doubt -------------------------------------------------------------------------------------------

    def doubt(self, turns: Iterable[Turn]) -> str:
        """Why these turns should fail nobody by machine; empty when they were heard well enough."""
        for turn in turns:
            sure = turn.utterance.confidence
            if sure is not None and sure < self.force.marking.confidence:
                return f"the recogniser was only {sure:.0%} sure of “{turn.utterance.text}”"
        return ""

    def doubt_all(self) -> str:
        """Why something not found may yet have been said: half the turns or more were poorly heard."""
        poor = [turn for turn in self.ledger.turns if self.doubt([turn])]
        if poor and 2 * len(poor) >= len(self.ledger.turns):
            return f"the recogniser was unsure of {len(poor)} of {len(self.ledger.turns)} turns"
        return "the call broke off before its end" if self.lost else ""

    # --- quotes ------------------------------------------------------------------------------------------

    def said(self, turn: Turn) -> Evidence:
        return Evidence(at=round(turn.utterance.began, 1), who="trainee", quote=turn.utterance.text)

    def heard(self, spoken: Spoken) -> Evidence:
        return Evidence(at=round(spoken.say.at, 1), who="caller", quote=spoken.say.text)

    def clock(self, note: str, at: float | None = None) -> Evidence:
        return Evidence(at=round(self.end if at is None else at, 1), who="clock", quote=note)

    def nothing(self, what: str) -> tuple[Evidence, ...]:
        """Evidence of an absence: how long the call ran, and in how many turns it was not there."""
        turns = len(self.ledger.turns)
        note = f"the call ran {clock(self.end)} with {turns} {'turn' if turns == 1 else 'turns'}; {what}"
        return (self.clock(note),)

    def decision(self, recorded: Recorded) -> Evidence:
        """The words, keys or form that decided."""
        if recorded.how == "voice":
            return Evidence(at=round(recorded.at, 1), who="trainee", quote=recorded.words)
        return Evidence(at=round(recorded.at, 1), who=recorded.how, quote=self.in_words(recorded))

    def in_words(self, recorded: Recorded) -> str:
        """A decision in the force's words."""
        extra = self.force.grade(recorded.grade) if recorded.grade else ""
        extra = self.force.agency(recorded.agency) if recorded.agency else extra
        return f"{recorded.decision}: {extra}" if extra else recorded.decision


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds: 73.4 is 1:13."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def about(thing: Topic | Fact) -> str:
    """A topic, or what a fact is about, in a sentence."""
    topic = thing.topics[0] if isinstance(thing, Fact) else thing
    return TOPIC_NAMES.get(topic, topic.replace("_", " "))


def because(topics: Sequence[Topic]) -> str:
    """Why the first of the topics matters, as the end of a sentence."""
    return f", and {WHY_IT_MATTERS[topics[0]]}" if topics[0] in WHY_IT_MATTERS else ""


def asks_of(turn: Turn, topics: Iterable[Topic]) -> list[str]:
    """The forms (open, closed, leading) of the turn's questions about any of the topics."""
    wanted = tuple(topics)
    return [ask.form for ask in turn.meaning.asks if ask.topic in wanted]


def falling(seconds: float, target: float) -> float:
    """A clock's share: all up to the target, falling evenly to none at twice the target."""
    if seconds <= target:
        return 1.0
    return round(max(0.0, 2 - seconds / target), 4) if target > 0 else 0.0


def misheard(truth: str, back: ReadBack) -> bool:
    """Whether a wrong read-back is one known mishearing away from the written truth: forty for fourteen, B for P."""
    true, heard = tokens(truth), tokens(back.heard)
    apart = [(one, other) for one, other in zip(true, heard, strict=False) if one != other]
    if len(true) >= len(heard) and len(apart) == 1 and _sound_alike(*apart[0]):
        return True
    one, other = "".join(true), "".join(heard)  # codes: as one run of letters and digits
    swapped = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) == len(other) and len(swapped) == 1 and _rhyme(*swapped[0])


def _sound_alike(one: str, other: str) -> bool:
    if _TEENS.get(one) == other or _TEENS.get(other) == one:
        return True
    if one.isdigit() or other.isdigit():
        return _rhyme(one, other)
    return _rhyme(one, other) or alike(one, other)


def _rhyme(one: str, other: str) -> bool:
    return len(one) == len(other) == 1 and any(one in rhyme and other in rhyme for rhyme in RHYMES)
