"""A trainee made up turn by turn, against the very call that the turns will be played in.

The explorer knows the script and looks at what the call has come to: it asks until a fact is told, waits until an
event happens, and decides what is to be tried. What it did is an ordinary list of turns, and plays the same again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from scripts.keypad import AGENCY_KEYS, GRADE_KEYS
from scripts.ledger import Ledger
from scripts.lexicons import lexicon
from scripts.matching import captured
from scripts.rehearsal import REPLY_GAP, RING_SECONDS, TrainedTurn, Trainee, TypedCall
from scripts.script import Fact, Needs, Outcome, Reaction, Script, TimelineEvent
from scripts.timeline import due_at
from scripts.understanding import Form, Understanding, understand
from scripts.vocabulary import Act, Topic

COMFORTS = 8
"""How often the explorer calms a caller who will tell nothing before."""
LINE_HEARD = 0.1
"""Seconds to wait for: a turn begins when the caller has finished."""
CUT_AFTER = 0.2
"""Seconds into a line after which it is talked down."""
A_BREATH = 0.6
"""Seconds after an event is due at which it is looked for."""
FACTS_BEFORE = 6
"""How often something is asked again: other facts of its topic come first."""
LONGEST_WAIT = 600.0
"""Seconds that the explorer waits for anything."""
UNGRADED = 7.0
"""Seconds after which a decision by key stands without its grade."""


class Explorer:
    """One call in the making."""

    def __init__(self, script: Script, seed: int, rang_for: float = RING_SECONDS) -> None:
        self.script, self.rang_for = script, rang_for
        self.turns: list[TrainedTurn] = []
        self._call = TypedCall(script, seed, rang_for)

    @property
    def trainee(self) -> Trainee:
        """What was done so far, with nothing expected of it."""
        return Trainee(rang_for=self.rang_for, turns=self.turns)

    @property
    def over(self) -> bool:
        return self._call.over

    @property
    def _ledger(self) -> Ledger:
        return self._call.session.ledger

    def do(self, turn: TrainedTurn) -> None:
        """Do one thing, if the call goes on."""
        if not self._call.over:
            self.turns.append(turn)
            self._call.take(turn)

    def say(self, text: str) -> None:
        self.do(TrainedTurn(say=text))

    def phrase(self, key: str, act: Act | None = None) -> None:
        """Say a sentence of that name: one that is understood as nothing but the act, where one is."""
        ways = lexicon("suggesting")["phrases"][key]
        self.say(next((text for text in ways if act and _only(act, _meaning(text))), ways[0]))

    # --- facts -----------------------------------------------------------------------------------------------

    def get_told(self, fact: Fact) -> None:
        """Bring about what the fact needs, and ask until its line is said."""
        self._prepare(fact)
        self._ask_until_told(fact)

    def hear_it_asked(self, fact: Fact) -> None:
        """As `get_told`, but talk down the event that would give the fact away."""
        for event in self.script.events:
            if event.id == fact.needs.after and fact.id in event.tells:
                self._talk_down(event, fact)
        self.get_told(fact)

    def _talk_down(self, event: TimelineEvent, fact: Fact) -> None:
        self.bring_about(event, listen=False)
        question = self._question(fact, "open")
        if question is not None:
            self.do(TrainedTurn(say=question, over=CUT_AFTER))
        self.do(TrainedTurn(hold=False))

    def leave_after(self, event: TimelineEvent) -> None:
        """Talk the event down without hearing what it tells, and ask nothing more."""
        self.bring_about(event, listen=False)
        odd = lexicon("suggesting")["phrases"]["odd"][0]
        self.do(TrainedTurn(say=odd, over=CUT_AFTER))
        self.do(TrainedTurn(hang_up=True))

    def _ask_until_told(self, fact: Fact) -> None:
        tries = fact.needs.times + sum(not set(fact.topics).isdisjoint(one.topics) for one in self.script.facts)
        while tries and not self._said(f"fact:{fact.id}") and not self.over:
            question = self._question(fact, "closed" if fact.needs.closed else "open")
            if question is None:
                return
            self.say(question)
            tries -= 1

    def _prepare(self, fact: Fact) -> None:
        needs = fact.needs
        for event in self.script.events:
            if event.id == needs.after:
                self.bring_about(event)
        for told in needs.told:
            self.get_told(self.script.fact(told))
        for topic in needs.asked:
            self.say(lexicon("suggesting")["questions"][topic][0])
        if needs.prompted:
            self.do(TrainedTurn(key="55"))
        for _ in range(COMFORTS):
            if self._call.session.mood < (needs.mood or 0) or (needs.reassured and not self._ledger.did("reassure")):
                self.phrase("comfort")

    def ask_in_vain(self, fact: Fact) -> None:
        """Ask while the fact's needs do not hold: too soon, or in words that they do not answer."""
        for event in self.script.events:
            if event.id == fact.needs.before:
                self.bring_about(event)
        form: Form = "leading" if fact.needs.direct else "open"
        question = self._question(fact, form, now=fact.needs.after is None and fact.needs.before is None)
        if question is not None:
            self.say(question)

    def ask_again(self, fact: Fact) -> None:
        """Ask for what was told."""
        self.get_told(fact)
        self._ask_more(fact, f"again:{fact.id}")

    def read_back_wrong(self, fact: Fact) -> None:
        """Repeat another detail than the fact's."""
        self.get_told(fact)
        if fact.kind:
            ways = lexicon("suggesting")["wrong"][fact.kind]
            truth = self._ledger.cast.value(fact.value)
            self.say(next((way for way in ways if captured(fact.kind, truth, way).wrong), ways[0]))

    def read_back(self, fact: Fact) -> None:
        """Repeat the fact's detail rightly."""
        self.get_told(fact)
        self.say(f"So that's {fact.value}, is that right?")

    def ask_until_told_already(self) -> None:
        """Ask again for facts that have no words of their own for that."""
        for fact in self.script.facts:
            if fact.again is None and fact.needs == Needs() and not self._said("told_already"):
                self.get_told(fact)
                self._ask_more(fact, "told_already")

    def _ask_more(self, fact: Fact, key: str) -> None:
        """Ask for the fact until a line of that key is said, as often as there may be others to be had first."""
        for _ in range(FACTS_BEFORE):
            question = self._question(fact, "closed" if fact.needs.closed else "open")
            if question is None or self._said(key):
                return
            self.say(question)

    def _said(self, key: str) -> bool:
        return any(spoken.say.about == key for spoken in self._ledger.spoken)

    def _question(self, fact: Fact, form: Form, *, now: bool = True) -> str | None:
        """The question that is most about this fact alone; `now`: where it could be answered as things stand."""
        found = []
        for topic in fact.topics:
            for text in _questions(topic, tuple(fact.keywords)):
                meaning = _meaning(text)
                if topic not in meaning.topics:
                    continue
                asked = [one for one in self._ledger.asked_for(meaning, text) if topic in one.topics]
                named = any(f" {word.lower()}" in f" {text.lower()}" for word in fact.keywords)
                if (now and fact not in asked) or not (now or named or not fact.keywords):
                    continue
                form_fits = any(ask.topic == topic and ask.form == form for ask in meaning.asks)
                fresh = [one for one in asked if not self._said(f"fact:{one.id}")]
                found.append((not form_fits, len(meaning.topics), len(fresh), len(asked), text))
        return min(found)[-1] if found else None

    # --- events and decisions --------------------------------------------------------------------------------

    def bring_about(self, event: TimelineEvent, *, listen: bool = True) -> None:
        """Do what the event follows, and wait for it with the caller on hold; stay so unless to `listen` to it."""
        if event.id in self._ledger.happened or self.over:
            return
        if event.after_told:
            self.get_told(self.script.fact(event.after_told))
        for before in self.script.events:
            if before.id == event.after_event:
                self.bring_about(before)
        if event.after_decision and not self._ledger.decisions:
            self.decide(_decision_for(self.script, event))
        self.do(TrainedTurn(wait=LINE_HEARD))
        wait = due_at(event, self._ledger) + A_BREATH - self._call.now
        if 0 < wait < LONGEST_WAIT:
            self.do(TrainedTurn(hold=True))
            wait = due_at(event, self._ledger) + A_BREATH - self._call.now
            self.do(TrainedTurn(wait=max(0.1, round(wait - REPLY_GAP, 1))))
            if listen:
                self.do(TrainedTurn(hold=False))

    def decide(self, what: Outcome | Reaction) -> None:
        """Decide by keys, or by voice where there is no key."""
        decision = what.to if isinstance(what, Reaction) else what.decision
        if what.agency and what.agency not in AGENCY_KEYS.values():
            self.say(lexicon("suggesting")["referrals"][what.agency][0])
        elif decision == "refer" or what.agency:
            key = next((key for key, agency in AGENCY_KEYS.items() if agency == what.agency), "")
            self.do(TrainedTurn(key=f"3{key}", wait=0.0))
            if not key:
                self.do(TrainedTurn(wait=UNGRADED))
        if decision == "deploy":
            grade = next((key for key, grade in GRADE_KEYS.items() if grade == what.grade), "")
            self.do(TrainedTurn(key=f"1{grade}"))
            if not grade:
                self.do(TrainedTurn(wait=UNGRADED))
        elif decision != "refer":
            self.do(TrainedTurn(key={"resolve": "2", "none": "4"}[decision]))

    def reach(self, what: Outcome | Reaction) -> None:
        """Decide once what it waits for has happened."""
        for event in self.script.events:
            if event.id == what.after:
                self.bring_about(event)
        self.decide(what)


def _decision_for(script: Script, event: TimelineEvent) -> Outcome:
    """The best decision that does not keep the event away."""
    known = [outcome for outcome in script.outcomes if outcome.decision != event.unless_decided and not outcome.after]
    return next((outcome for outcome in known if outcome.rating == "right"), (known or script.outcomes)[0])


def _questions(topic: Topic, keywords: tuple[str, ...]) -> Iterator[str]:
    for table in ("questions", "closed", "leading"):
        for question in lexicon("suggesting")[table].get(topic, ()):
            yield question
            for keyword in keywords:
                yield f"{question} I mean the {keyword.strip()}."


@lru_cache(maxsize=8192)
def _meaning(text: str) -> Understanding:
    return understand(text)


def _only(act: Act, meaning: Understanding) -> bool:
    return meaning.acts == (act,) and not meaning.asks and not meaning.decision
