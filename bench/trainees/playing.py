"""A measuring trainee in a call: keeps asking, listening and deciding until everything meant is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from bench.trainees.behaviour import Behaviour, Done, Intent, stock
from bench.trainees.plan import QUIET, Thing, Words, before_deciding, decide_by, decision, things
from scripts.events import Entry, Happened, LineCut, LineFinished, Say, Understood, Utterance
from scripts.rehearsal import TrainedTurn, TypedCall
from scripts.script import Criterion, Fact, Script

ASKS_FIRST = 4
"""Questions after the location before somebody who decides soon decides."""
ENOUGH = 0.5
"""The share of the time for a decision after which it is taken, whatever is still to be asked."""
OVER = 0.8
"""Seconds into the caller's line at which an impatient trainee begins to speak."""

NewCall = Callable[[Script, int, float], TypedCall]


@dataclass(frozen=True, slots=True)
class Performance:
    """One call with all that was meant in it."""

    script: Script
    behaviour: Behaviour
    seed: int
    done: tuple[Done, ...]
    log: list[Entry]


def perform(script: Script, behaviour: Behaviour, seed: int, wording: int, new: NewCall = TypedCall) -> Performance:
    """Play the call with the cast of `seed`, in the words of `wording`."""
    player = _Player(script, behaviour, new(script, seed, behaviour.rang_for), Random(f"{script.id}:{wording}"))
    player.take_call()
    return Performance(script, behaviour, seed, tuple(player.done), player.call.log)


class _Player:
    def __init__(self, script: Script, behaviour: Behaviour, call: TypedCall, chance: Random) -> None:
        self.script, self.behaviour, self.call = script, behaviour, call
        self.words = Words(script, chance)
        self.done: list[Done] = []
        self.decided: tuple[object, ...] = ()
        self.asked = 0
        self.comfort = self.words.act("reassure", 4)
        self.cuts = behaviour.interrupts

    # --- the whole call --------------------------------------------------------------------------------------

    def take_call(self) -> None:
        self._begin()
        wanted = things(self.script, self.behaviour)
        early = before_deciding(self.script)
        later = [thing for thing in wanted if self._out_of_time(thing)]
        while wanted and not self.call.over:
            if not self._out_of_time(wanted[0]):
                self._ask(wanted[0])
                later = [thing for thing in later if thing != wanted[0]]
            wanted.pop(0)
            waits = early & {thing.topic for thing in wanted} if self.behaviour.asks == "all" else set()
            if not waits and self._time_to_decide():
                self._decide()
            if self.behaviour.warm and self.asked in (2, 5, 9):
                self._comfort()
            self._adapt()
        self._decide()
        self._advise()
        for thing in later:
            if not self._out_of_time(thing):
                self._ask(thing)
        self._misbehave()
        self._adapt()
        self._end()

    def _out_of_time(self, thing: Thing) -> bool:
        """Whether what it is about has not come up yet, or is over."""
        if not thing.fact:
            return False
        needs, happened = self.script.fact(thing.fact).needs, self._happened()
        return needs.before in happened or (needs.after is not None and needs.after not in happened)

    def _begin(self) -> None:
        greeting = self.words.chance.choice(stock()["greet"][self.script.line])
        if self.behaviour.greets:
            self._say(Intent(greeting))
        if self.script.caller.manner in QUIET and self.behaviour.advises:
            if self.script.caller.manner != "yes_no_only":
                self._say(Intent(self.words.act("silent")[0], act="silent"))
            self._do(("offered", "way-to-answer", "spoke-up", "yes-no", "told-quietly"))

    def _end(self) -> None:
        if self.behaviour.reads_back:
            self._sum_up()
        if self.behaviour.warm:
            self._comfort()
        name = "hang_up" if not self.behaviour.closes else "close" if self.behaviour.warm else "close_coldly"
        self._say(Intent(self.words.act(name)[0], act="close" if self.behaviour.closes else ""))
        self.call.listen()
        if not self.call.over:
            self.call.hang_up()

    # --- asking ----------------------------------------------------------------------------------------------

    def _ask(self, thing: Thing) -> None:
        fact = self.script.fact(thing.fact) if thing.fact else None
        ways = self.words.questions(thing)
        self._say(self._hedged(ways[0]), over=self._interrupts())
        self.asked += 1
        again = fact and self.behaviour.asks == "all" and not self._told(fact)
        if len(ways) > 1 and (self.behaviour.twice or again):
            self._say(self._hedged(ways[1]))
        if fact and self.behaviour.reads_back and self._to_read_back(fact):
            self._say(self.words.read_back(fact))

    def _hedged(self, intent: Intent) -> Intent:
        if not self.behaviour.hedges or self.words.chance.random() < 0.5:
            return intent
        return replace(intent, text=f"{self.words.chance.choice(stock()['hedge']['before'])} {intent.text}")

    def _interrupts(self) -> float | None:
        if self.asked in (1, 2, 3) and self.cuts:
            self.cuts -= 1
            return OVER
        return None

    def _to_read_back(self, fact: Fact) -> bool:
        wanted = any(c.fact == fact.id and c.full == "read_back" for c in self.script.criteria)
        return bool(fact.value) and self._told(fact) and (wanted or fact.kind == "address")

    def _sum_up(self) -> None:
        count = max((c.count for c in self.script.criteria if c.kind == "summary_given"), default=0)
        facts = [fact for fact in self.script.facts if fact.value and self._told(fact)]
        facts.sort(key=lambda fact: fact.kind not in ("address", "phone", "person_name", "time"))
        if count and facts:
            self._say(self.words.summary(facts[: count + 1]))

    # --- deciding --------------------------------------------------------------------------------------------

    def _time_to_decide(self) -> bool:
        if self.decided or self.behaviour.decides == "late":
            return False
        return self.asked > ASKS_FIRST or self.call.now > ENOUGH * decide_by(self.script)

    def _decide(self) -> None:
        if not self.decided:
            self._say_decision()

    def _adapt(self) -> None:
        """Decide again when what is right has changed."""
        if self.decided and self.behaviour.adapts:
            happened = self._happened()
            if decision(self.script, self.behaviour, happened) != self.decided:
                self._say_decision()

    def _say_decision(self) -> None:
        self.call.listen()
        what = decision(self.script, self.behaviour, self._happened())
        before = [done.intent.decided for done in self.done if done.intent.decided]
        for one in what:
            if one in before[-1:]:
                continue
            intent = self.words.decided(one)
            if one.decision in ("resolve", "none") and any(old and old.decision == "deploy" for old in before):
                intent = replace(intent, text=f"I'm cancelling the officers I'd sent. {intent.text}")
            self._say(intent)
        self.decided = what

    # --- what else is said -----------------------------------------------------------------------------------

    def _comfort(self) -> None:
        if self.comfort:
            self._say(Intent(self.comfort.pop(), act="reassure"))

    def _advise(self) -> None:
        if not self.behaviour.advises:
            return
        self._do(self.words.sentences("do"))
        if any(c.kind == "advised" and not c.words for c in self.script.criteria):
            self._say(Intent(self.words.act("advise")[0], act="advise"))
        for texts in self.words.sentences("near").values():
            self._say(Intent(self.words.chance.choice(texts), act="near"))

    def _do(self, names: object) -> None:
        said = {done.intent.does for done in self.done}
        for name, texts in self.words.sentences("do").items():
            criterion = next((c for c in self.script.criteria if c.id == name), None)
            if criterion and name not in said and name in names:  # type: ignore[operator]  # any collection of names
                self._say_for(criterion, texts)

    def _say_for(self, criterion: Criterion, texts: list[str]) -> None:
        for text in self.words.chance.sample(texts, min(criterion.count, len(texts))):
            self._say(Intent(text, does=criterion.id))

    def _misbehave(self) -> None:
        if self.behaviour.promises:
            self._say(Intent(self.words.act("promise")[0], act="promise"))
        if self.behaviour.dismisses:
            self._say(Intent(self.words.act("dismiss")[0], act="dismiss"))
        if self.behaviour.breaks:
            for name, texts in self.words.sentences("bad").items():
                self._say(Intent(self.words.chance.choice(texts), breaks=name))

    # --- the call --------------------------------------------------------------------------------------------

    def _say(self, intent: Intent, over: float | None = None) -> None:
        if self.call.over:
            return
        if over is None:
            self.call.listen()
            self.call.take(TrainedTurn(wait=self.behaviour.pause))
        if self.call.over:
            return
        logged = len(self.call.log)
        self.call.take(TrainedTurn(say=intent.text, over=over))
        new = self.call.log[logged:]
        said = next((entry for entry in new if isinstance(entry, Utterance)), None)
        if said is not None and (any(isinstance(entry, Understood) for entry in new) or not self.call.over):
            cut = over is not None and any(isinstance(entry, LineCut) for entry in new)
            self.done.append(Done(intent, said.began, said.ended, cut))
        self.call.listen()

    def _happened(self) -> set[str]:
        return {entry.event for entry in self.call.log if isinstance(entry, Happened)}

    def _told(self, fact: Fact) -> bool:
        return any(name == fact.id for name, *_ in told(self.call.log))


def told(log: list[Entry]) -> list[tuple[str, float, float, str]]:
    """What the caller was heard to tell: fact, when the line began and ended, and what the line is about."""
    lines = {entry.line: entry for entry in log if isinstance(entry, Say)}
    ends = [(entry, 1.0) for entry in log if isinstance(entry, LineFinished)]
    ends += [(entry, entry.heard) for entry in log if isinstance(entry, LineCut)]  # type: ignore[misc]  # both have a line
    return [
        (fact, lines[end.line].at, end.at, lines[end.line].about)
        for end, share in sorted(ends, key=lambda one: one[0].at)
        for fact, needed in lines[end.line].tells
        if share >= needed
    ]
