"""How the caller answers one turn: which lines, in which order, and how the turn moves their mood.

Pure decisions over the ledger. The session owns time and the floor; this module owns character.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from scripts.ledger import Ledger, Turn
from scripts.lines import Line, LineBook
from scripts.script import Fact, Needs, Reaction
from scripts.vocabulary import Act, Agency, Decision, Grade

MOST_ANSWERS = 4
"""More questions than this in one breath and the caller has forgotten the first."""

MEANINGFUL_WORDS = 3
"""Shorter remarks ("okay", "right then") that ask nothing need no "what?"."""

MOST_CONFUSIONS = 2
"""How often in a row the caller asks what was meant, before letting it pass."""

ACKNOWLEDGED: dict[Act, str] = {
    "promise": "promised",
    "silent": "yes",
    "advise": "obey",
    "reference": "obey",
    "reassure": "comforted",
    "decide": "thanks",
}
"""The line that answers an act when nothing else was asked; the first that fits."""


@dataclass(slots=True)
class Caller:
    """The state of mind that a call moves: `mood` is 0 (frantic) to 100 (calm)."""

    ledger: Ledger
    book: LineBook
    chance: Random
    mood: int
    confusions: int = 0
    reacted: list[tuple[Decision, Grade | None, Agency | None]] = field(default_factory=list)
    """The decisions that the caller has answered: hearing one again is no news."""
    said: list[Line] = field(default_factory=list)
    """The lines of the last answer, for "say that again"."""

    def feel(self, change: int) -> None:
        """Move the mood, within its bounds."""
        self.mood = min(100, max(0, self.mood + change))

    def line(self, key: str) -> Line:
        """One way to say what the key stands for, in the present mood."""
        return self.book.pick(key, self.mood, self.chance)

    def reply(self, turn: Turn, decided: list[Decision]) -> list[Line]:
        """All lines that answer one turn, in order; empty when there is nothing to say."""
        self._take_in(turn)
        lines = self._confirm(turn)
        lines += self._answer(turn)
        lines += self.to_decision(decided, turn.meaning.grade, turn.meaning.agency) or self._acknowledge(
            turn, already=bool(lines)
        )
        if self.ledger.closes(turn):
            lines.append(self.line("goodbye"))
        lines = lines or self._otherwise(turn)
        self.said = lines or self.said
        return lines

    def volunteer(self) -> list[Line]:
        """The next fact that comes unasked, if one is left that can be told."""
        for fact in self.ledger.script.facts:
            if self._comes_unasked(fact):
                self.feel(fact.mood)
                return [self.line(f"fact:{fact.id}")]
        return []

    def _take_in(self, turn: Turn) -> None:
        """Let the tone of the turn move the mood."""
        changes = self.ledger.script.caller.mood_changes
        acts = turn.meaning.acts
        if "reassure" in acts:
            self.feel(changes.reassured)
        if "dismiss" in acts:
            self.feel(changes.dismissed)
        if "hold" in acts:
            self.feel(changes.held)

    def _confirm(self, turn: Turn) -> list[Line]:
        """Wrong read-backs are put right, each; right ones are confirmed once, when nothing else is asked."""
        wrong = [back.fact for back in turn.read_backs if not back.right]
        if wrong:
            return [self.line(f"correct:{fact}") for fact in wrong if f"correct:{fact}" in self.book]
        if turn.read_backs and ("readback" in turn.meaning.acts or turn.meaning.asks):
            return [self.line("yes")]
        return []

    def _answer(self, turn: Turn) -> list[Line]:
        lines: list[Line] = []
        settled = {back.fact for back in turn.read_backs}
        unknown = False
        asked = self.ledger.asked_for(turn.meaning, turn.utterance.text)
        for topic in turn.meaning.topics:
            one_topic = [fact for fact in asked if topic in fact.topics and fact.id not in settled]
            confirmed = any(topic in self.ledger.script.fact(fact).topics for fact in settled)
            fact = self._best(one_topic, turn)
            if fact is not None:
                settled |= {fact.id, *fact.also_tells}
                lines += self._tell(fact, turn)
            elif not confirmed and not any(topic in known.topics for known in asked):
                unknown = True
        if unknown and not lines and "greeting" not in turn.meaning.acts:
            lines.append(self.line("unknown"))
        return lines[: MOST_ANSWERS + 1]

    def _best(self, facts: list[Fact], turn: Turn) -> Fact | None:
        """The first fact not told yet and ready to be told; else one to be withheld; else one to repeat."""
        fresh = [fact for fact in facts if not self.ledger.detailed(fact.id)]
        ready = [fact for fact in fresh if self._holds(fact.needs, fact, turn)]
        told = [fact for fact in facts if self.ledger.detailed(fact.id)]
        told.sort(key=lambda fact: self.ledger.facts[fact.id].told[-1])
        return next(iter(ready), None) or next(iter(told[-1:] if told else fresh), None)

    def _tell(self, fact: Fact, turn: Turn) -> list[Line]:
        changes = self.ledger.script.caller.mood_changes
        if self.ledger.detailed(fact.id):
            self.feel(changes.repeated)
            if f"again:{fact.id}" in self.book:
                return [self.line(f"again:{fact.id}")]
            return [self.line("told_already"), self.line(f"fact:{fact.id}")]
        if not self._holds(fact.needs, fact, turn):
            key = f"withheld:{fact.id}"
            return [self.line(key if key in self.book else "withheld")]
        self.feel(changes.answered + fact.mood)
        return [self.line(f"fact:{fact.id}")]

    def has_more(self) -> bool:
        """Whether a fact is left that would come unasked."""
        return any(self._comes_unasked(fact) for fact in self.ledger.script.facts)

    def to_decision(self, decided: list[Decision], grade: Grade | None, agency: Agency | None) -> list[Line]:
        """What the caller says to a decision, however it was given; empty without one."""
        changes = self.ledger.script.caller.mood_changes
        news = [decision for decision in decided if self._is_news(decision, grade, agency)]
        if not news:
            return []
        self.reacted += [(decision, grade, agency) for decision in news]
        self.feel(changes.deployed if "deploy" in news else changes.refused)
        for place, reaction in enumerate(self.ledger.script.reactions):
            if reaction.to in news and self._fits(reaction, grade, agency):
                self.feel(reaction.mood)
                return [self.line(f"reaction:{place}")]
        return [self.line("thanks" if "deploy" in news else "refused")]

    def _is_news(self, decision: Decision, grade: Grade | None, agency: Agency | None) -> bool:
        """Whether the decision, its grade or its agency was not heard before."""
        return not any(
            decision == known
            and (decision != "deploy" or grade in (None, known_grade))
            and (decision != "refer" or agency in (None, known_agency))
            for known, known_grade, known_agency in self.reacted
        )

    def _fits(self, reaction: Reaction, grade: Grade | None, agency: Agency | None) -> bool:
        return (
            reaction.grade in (None, grade)
            and reaction.agency in (None, agency)
            and (reaction.after is None or reaction.after in self.ledger.happened)
        )

    def _acknowledge(self, turn: Turn, *, already: bool) -> list[Line]:
        """Short answers to what is neither a question nor a decision."""
        acts = turn.meaning.acts
        if "dismiss" in acts:
            return [self.line("hurt")]
        if "hold" in acts:
            return [self.line("on_hold")]
        if already or self.ledger.closes(turn):
            return []
        if "repeat" in acts and self.said:
            return list(self.said)
        for act, key in ACKNOWLEDGED.items():
            if act in acts:
                return [self.line("refused" if self._refused_again(act) else key)]
        return []

    def _refused_again(self, act: Act) -> bool:
        """Whether a decision that brings nobody was said once more."""
        return act == "decide" and not any(decision == "deploy" for decision, _, _ in self.reacted)

    def _otherwise(self, turn: Turn) -> list[Line]:
        """Nothing was asked or done: go on telling, or say that it was not understood."""
        words = turn.utterance.text.split()
        if turn.meaning.asks or turn.meaning.acts or len(words) < MEANINGFUL_WORDS:
            self.confusions = 0
            return self.volunteer() if words else []
        self.confusions += 1
        if self.confusions > MOST_CONFUSIONS:
            return self.volunteer()
        return [self.line("confused")]

    def _comes_unasked(self, fact: Fact) -> bool:
        return fact.volunteered and not self._tried(fact) and self._holds(fact.needs, fact, None)

    def _tried(self, fact: Fact) -> bool:
        """Whether the fact was told, or a line that tells it is on its way."""
        return self.ledger.told(fact.id) or any(
            fact.id == told for say in self.ledger.playing for told, _ in say.tells
        )

    def _holds(self, needs: Needs, fact: Fact, turn: Turn | None) -> bool:
        """Whether all conditions hold; `turn` is the question, None when the caller volunteers."""
        ledger = self.ledger
        asks = [ask for ask in turn.meaning.asks if ask.topic in fact.topics] if turn else []
        return all(
            (
                needs.mood is None or self.mood >= needs.mood,
                not needs.closed or any(ask.form != "open" for ask in asks),
                not needs.direct or any(ask.form != "leading" for ask in asks),
                turn is None or len(ledger.facts[fact.id].asked) >= needs.times,
                all(ledger.told(told) for told in needs.told),
                all(ledger.asked_about(topic) for topic in needs.asked),
                not needs.reassured or bool(ledger.did("reassure")),
                not needs.prompted or bool(ledger.did("silent")),
                needs.after is None or needs.after in ledger.happened,
                needs.before is None or needs.before not in ledger.happened,
            )
        )
