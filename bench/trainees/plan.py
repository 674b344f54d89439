"""What a measuring trainee wants to ask, say and decide in one call: read off the script, as its trainer would."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from bench.trainees.behaviour import Behaviour, Decided, Intent, own, stock
from scripts.script import Criterion, Fact, Outcome, Script
from scripts.vocabulary import Agency, Topic

RANK: tuple[Topic, ...] = (
    "location", "emergency", "injuries", "weapons", "ongoing", "safety", "threats", "children", "people",
    "vulnerability", "direction", "vehicle", "when", "last_seen", "location_detail", "description",
)  # fmt: skip
"""In which order a sensible handler asks, where the script has no word on it."""
VITAL: frozenset[Topic] = frozenset({"location", "emergency", "injuries", "weapons", "ongoing", "safety"})
BOOK: tuple[Topic, ...] = (
    "location", "name", "phone", "emergency", "when", "injuries", "weapons", "description", "vehicle", "history",
)  # fmt: skip
NOBODYS: tuple[Agency, ...] = ("trading_standards", "environment", "animal_welfare", "coastguard")
"""Agencies that are wrong for nearly every call."""
QUIET = ("silent", "yes_no_only", "pocket_call")
ASKING = ("captured", "asked", "asked_within", "asked_before", "order")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to find out: a topic, or a fact."""

    topic: Topic
    fact: str = ""

    @property
    def rank(self) -> int:
        return RANK.index(self.topic) if self.topic in RANK else len(RANK)


def things(script: Script, behaviour: Behaviour) -> list[Thing]:
    """What this trainee asks about, in order."""
    if behaviour.asks == "none":
        return [Thing("emergency")]
    if behaviour.asks == "generic":
        return [Thing(topic) for topic in BOOK]
    found = _ordered(script)
    if behaviour.asks == "vital":
        found = [thing for thing in found if thing.topic in VITAL][:5]
    if behaviour.location == "last":
        found.sort(key=lambda thing: thing.topic == "location")
    return found


def _ordered(script: Script) -> list[Thing]:
    known = list(
        dict.fromkeys([*_located(script), *(thing for c in script.criteria for thing in _wanted(c, script))])
    )
    alone = {script.fact(thing.fact).topics for thing in known if thing.fact}
    known = [thing for thing in known if thing.fact or (thing.topic,) not in alone]
    due = {
        thing: c.seconds or 0.0 for c in script.criteria if c.kind == "asked_within" for thing in _wanted(c, script)
    }
    known.sort(key=lambda thing: (thing.topic != "location", due.get(thing, 999.0), thing.rank))
    for criterion in script.criteria:
        for first, second in _pairs(criterion, script):
            _move_before(known, first, second)
    return known


def _located(script: Script) -> list[Thing]:
    fact = next((fact for fact in script.facts if fact.topics[0] == "location"), None)
    return [Thing("location", fact.id)] if fact else []


def _wanted(criterion: Criterion, script: Script) -> Iterator[Thing]:
    if criterion.kind not in ASKING:
        return
    for topic in (criterion.topic, *criterion.topics):
        if topic is not None:
            yield Thing(topic)
    for name in filter(None, [criterion.fact, *criterion.facts]):
        yield Thing(script.fact(name).topics[0], name)


def _pairs(criterion: Criterion, script: Script) -> Iterator[tuple[Thing, Thing]]:
    wanted = list(_wanted(criterion, script))
    if criterion.kind == "order":
        yield from pairwise(wanted)
    elif criterion.kind == "asked_before" and criterion.before is not None and criterion.before != "decision":
        yield from ((thing, Thing(criterion.before)) for thing in wanted)


def _move_before(known: list[Thing], first: Thing, second: Thing) -> None:
    """Put whatever asks about `first` before whatever asks about `second`."""
    places = [place for place, thing in enumerate(known) if thing == second or thing.topic == second.topic]
    earlier = [thing for thing in known if thing == first or thing.topic == first.topic]
    if not places or not earlier or second.topic == first.topic:
        return
    for thing in earlier:
        if known.index(thing) > places[0]:
            known.remove(thing)
            known.insert(places[0], thing)


def before_deciding(script: Script) -> set[Topic]:
    """Topics that must be asked about before anything is decided."""
    criteria = [c for c in script.criteria if c.kind == "asked_before" and c.before == "decision"]
    return {thing.topic for c in criteria for thing in _wanted(c, script)}


def decide_by(script: Script) -> float:
    """Seconds by which a decision is due."""
    return min((c.seconds or 0.0 for c in script.criteria if c.kind == "decided_within"), default=180.0)


def right(script: Script, happened: Collection[str]) -> Outcome:
    """What the script calls right, as things stand."""
    fitting = (
        outcome
        for outcome in script.outcomes
        if outcome.rating in ("right", "acceptable")
        and (outcome.after is None or outcome.after in happened)
        and outcome.before not in happened
    )
    return min(fitting, key=lambda outcome: outcome.rating != "right")


def decision(script: Script, behaviour: Behaviour, happened: Collection[str]) -> tuple[Decided, ...]:
    """What this trainee decides, as things stand; an agency beside officers comes second."""
    best = right(script, happened)
    graded = Decided(best.decision, best.grade, best.agency if best.decision == "refer" else None)
    if behaviour.decision == "agency":
        good = {o.agency for o in script.outcomes if o.rating in ("right", "acceptable")}
        return (Decided("refer", None, next(agency for agency in NOBODYS if agency not in good)),)
    if behaviour.decision == "under":
        return (_under(graded),)
    if behaviour.decision == "over" and (best.decision != "deploy" or best.grade != "emergency"):
        return (Decided("deploy", "emergency"),)
    beside = best.agency if best.decision == "deploy" else None
    return (graded, Decided("refer", None, beside)) if beside else (graded,)


def _under(best: Decided) -> Decided:
    if best.decision == "deploy" and best.grade != "scheduled":
        return Decided("deploy", "scheduled")
    return Decided("none")


# --- words ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one trainee in one call, drawn by `chance`."""

    script: Script
    chance: Random

    def act(self, name: str, times: int = 1) -> list[str]:
        ways = stock()["acts"][name]
        return self.chance.sample(ways, min(times, len(ways)))

    def questions(self, thing: Thing) -> list[Intent]:
        """Ways to ask about the thing."""
        texts = list(self.sentences("ask").get(thing.fact, []))
        one_topic = not thing.fact or len(self.script.fact(thing.fact).topics) == 1
        meant = thing.topic if one_topic or not texts else None
        if not texts:
            closed = stock()["closed"] if self.script.caller.manner in QUIET else {}
            texts = list(closed.get(thing.topic) or stock()["ask"][thing.topic])
        self.chance.shuffle(texts)
        return [Intent(text, meant, thing.fact) for text in texts]

    def sentences(self, kind: str) -> dict[str, list[str]]:
        """The call's own sentences of a kind: to ask by fact; do, bad and near by criterion."""
        return {name: list(texts) for name, texts in own().get(self.script.id, {}).get(kind, {}).items()}

    def decided(self, what: Decided) -> Intent:
        graded = f"{what.decision} {what.grade}" if what.grade else what.decision
        ways = stock()["refer"][what.agency or "other"] if what.decision == "refer" else stock()["decide"][graded]
        return Intent(self.chance.choice(ways), decided=what)

    def read_back(self, fact: Fact) -> Intent:
        frame = self.chance.choice(stock()["read_back"][fact.kind or "other"])
        return Intent(frame.replace("VALUE", fact.value), reads_back=(fact.id,))

    def summary(self, facts: list[Fact]) -> Intent:
        labels = stock()["summary"]
        listed = ", ".join(f"{labels.get(fact.kind or '', [''])[0]}{fact.value}" for fact in facts)
        return Intent(
            f"{self.chance.choice(stock()['read_back']['summary'])}{listed}.",
            reads_back=tuple(fact.id for fact in facts),
        )
