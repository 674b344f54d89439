"""What has happened in a call so far, folded from its log: the session reads it live, marking reads it whole.

One fold for both, so that a mark can never disagree with what the caller went by. A fact counts as told only
when enough of its line was heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scripts.cast import Cast
from scripts.events import (
    Answered,
    Ended,
    Entry,
    FormChanged,
    Happened,
    HoldChanged,
    KeyPressed,
    LineCut,
    LineFinished,
    ReadBack,
    Recorded,
    Say,
    SpeechBegan,
    Trouble,
    Understood,
    Utterance,
)  # fmt: skip
from scripts.lexicons import lexicon
from scripts.matching import captured, mentions
from scripts.script import Fact, Script
from scripts.understanding import Understanding
from scripts.vocabulary import Act, Topic
from scripts.wording import find


@dataclass(slots=True)
class Turn:
    """One utterance of the trainee with what was made of it."""

    utterance: Utterance
    meaning: Understanding
    read_backs: tuple[ReadBack, ...]

    @property
    def says_goodbye(self) -> bool:
        """Whether it sounds like the end of the call: nobody rings off on a question."""
        return "close" in self.meaning.acts and not self.meaning.asks


@dataclass(slots=True)
class Spoken:
    """One line of the caller: when it ended, and the share of it that was heard; None while it plays."""

    say: Say
    ended: float | None = None
    heard: float | None = None


@dataclass(slots=True)
class FactHistory:
    """When the fact was asked for, told, read back and recorded, in seconds; turns by their place in `turns`."""

    asked: list[int] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    told_in: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    recorded: list[tuple[float, str, bool]] = field(default_factory=list)


class Ledger:
    """The fold. `apply` takes every entry of the log in its order; what it does not know it passes over."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.script: Script = cast.script
        self.answered: Answered | None = None
        self.turns: list[Turn] = []
        self.spoken: list[Spoken] = []
        self.facts: dict[str, FactHistory] = {fact.id: FactHistory() for fact in self.script.facts}
        self.decisions: list[Recorded] = []
        self.happened: dict[str, float] = {}
        self.form: dict[str, FormChanged] = {}
        self.holds: list[HoldChanged] = []
        self.keys: list[KeyPressed] = []
        self.cuts: list[LineCut] = []
        self.onsets: list[float] = []
        self.troubles: list[Trouble] = []
        self.ended: Ended | None = None
        self.last_at = 0.0
        self._pending: Utterance | None = None
        self._playing: dict[str, int] = {}

    def apply(self, entry: Entry) -> None:
        """Take in one entry."""
        self.last_at = max(self.last_at, entry.at)
        match entry:
            case Answered():
                self.answered = entry
            case Utterance():
                self._pending = entry
            case Understood():
                self._understood(entry)
            case Say():
                self._playing[entry.line] = len(self.spoken)
                self.spoken.append(Spoken(entry))
            case LineFinished():
                self._heard(entry.line, entry.at, 1.0)
            case LineCut():
                self._heard(entry.line, entry.at, entry.heard)
                self.cuts.append(entry)
            case FormChanged():
                self._form(entry)
            case _:
                self._apply_rest(entry)

    def _apply_rest(self, entry: Entry) -> None:
        match entry:
            case Recorded():
                self.decisions.append(entry)
            case Happened():
                self.happened[entry.event] = entry.at
            case HoldChanged():
                self.holds.append(entry)
            case KeyPressed():
                self.keys.append(entry)
            case SpeechBegan():
                self.onsets.append(entry.at)
            case Trouble():
                self.troubles.append(entry)
            case Ended():
                self.ended = entry
            case _:
                pass

    @property
    def playing(self) -> list[Say]:
        """The caller's lines that have not ended yet, in order."""
        return [self.spoken[place].say for place in self._playing.values()]

    def told(self, fact: str) -> bool:
        """Whether the fact was told and heard."""
        return bool(self.facts[fact].told)

    def detailed(self, fact: str) -> bool:
        """Whether the fact was told and heard in more than the opening line, which only touches on it."""
        return any(self.spoken[place].say.about != "opening" for place in self.facts[fact].told_in)

    def current(self, fact: Fact) -> bool:
        """Whether the fact can be so at this point of the timeline."""
        needs = fact.needs
        return needs.before not in self.happened and (needs.after is None or needs.after in self.happened)

    def asked_for(self, meaning: Understanding, text: str) -> list[Fact]:
        """The facts that an utterance asks for, in the order of its questions.

        Where some facts of a topic have a keyword in the utterance, it is about those; else about those that ask
        for no keyword, if there are any.
        """
        words = f" {text.lower()} "
        asked: dict[str, Fact] = {}
        for topic in meaning.topics:
            known = [fact for fact in self.script.facts if topic in fact.topics and self.current(fact)]
            named = [fact for fact in known if any(f" {keyword.lower()}" in words for keyword in fact.keywords)]
            general = [fact for fact in known if not fact.keywords]
            asked |= {fact.id: fact for fact in named or general or known}
        return list(asked.values())

    def closes(self, turn: Turn) -> bool:
        """Whether the turn ends the call; before anything is decided, only words of farewell do."""
        farewells = lexicon("conduct")["farewell"]["phrases"]
        return turn.says_goodbye and (bool(self.decisions) or find(farewells, turn.utterance.text) is not None)

    def asked_about(self, topic: Topic) -> list[Turn]:
        """The turns that asked about the topic."""
        return [turn for turn in self.turns if topic in turn.meaning.topics]

    def did(self, act: Act) -> list[Turn]:
        """The turns with that act."""
        return [turn for turn in self.turns if act in turn.meaning.acts]

    def _understood(self, entry: Understood) -> None:
        utterance = self._pending or Utterance(entry.at, entry.at, entry.at, entry.text)
        self._pending = None
        place = len(self.turns)
        self.turns.append(Turn(utterance, entry.meaning, entry.read_backs))
        for fact in self.asked_for(entry.meaning, entry.text):
            self.facts[fact.id].asked.append(place)
        for read_back in entry.read_backs:
            history = self.facts.get(read_back.fact)
            if history:
                (history.right if read_back.right else history.wrong).append(place)

    def _heard(self, line: str, at: float, share: float) -> None:
        place = self._playing.pop(line, None)
        if place is None:
            return  # a line this call never said, or one that ended before: a late report changes nothing
        spoken = self.spoken[place]
        spoken.ended, spoken.heard = at, share
        for fact, needed in spoken.say.tells:
            if share >= needed and fact in self.facts:
                self.facts[fact].told.append(at)
                self.facts[fact].told_in.append(place)

    def _form(self, entry: FormChanged) -> None:
        self.form[entry.field] = entry
        for fact in self.script.facts:
            if fact.value and (fact.id == entry.field or entry.field in fact.topics):
                right = _same(fact, self.cast.value(fact.value), entry.value)
                self.facts[fact.id].recorded.append((entry.at, entry.value, right))


def fold(cast: Cast, log: Iterable[Entry]) -> Ledger:
    """The ledger of a whole log."""
    ledger = Ledger(cast)
    for entry in log:
        ledger.apply(entry)
    return ledger


def _same(fact: Fact, truth: str, typed: str) -> bool:
    if truth.casefold() == typed.strip().casefold():
        return True
    if fact.kind is None:
        return mentions(truth, typed)
    return captured(fact.kind, truth, typed).captured
