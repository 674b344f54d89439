"""The right verdict on every criterion, from what a trainee meant to do and what the caller was heard to say.

Nothing of the trainee's words is read here, so that it can be held against what marking understood of them. Where
what was meant leaves it open (a question for one fact may be about several topics), there is no right verdict: both
readings, the strict and the generous one, are made, and only where they agree is a verdict held to them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.trainees.behaviour import Decided, Done
from bench.trainees.playing import Performance, told
from scripts.events import Ended, Happened, Say
from scripts.force import Force
from scripts.marksheet import Marksheet, Result
from scripts.script import Criterion, Fact, Outcome
from scripts.vocabulary import GRADES, Agency, Topic

RATES = {"right": 1.0, "acceptable": 0.8, "over_cautious": 0.5, "unsafe": 0.0, "wrong": 0.0}
DEFENSIBLE = ("right", "acceptable", "over_cautious")
AGENCY_OF: dict[str, Agency] = {
    "ambulance": "ambulance", "fire": "fire", "highways": "highways", "gas-line": "utility", "council": "council",
    "samaritans": "samaritans", "social-care": "other",
}  # fmt: skip
"""Criteria whose sentences name an agency."""
PEOPLES_TURN = 0.6
"""Seconds of silence before a trainee without pauses speaks."""


@dataclass(frozen=True, slots=True)
class Right:
    """The share of the points that is right (None: does not apply), and whether it is a critical failure."""

    share: float | None
    critical: bool = False

    @property
    def result(self) -> Result:
        if self.share is None:
            return "not_applicable"
        return "met" if self.share >= 1 else "partial" if self.share > 0 else "unmet"


def truths(performance: Performance, force: Force) -> dict[str, Right]:
    """What is right for each criterion where that is known."""
    strict, generous = (_Reading(performance, force, generous=way) for way in (False, True))
    found = {}
    for criterion in performance.script.criteria:
        one, other = strict.of(criterion), generous.of(criterion)
        if one.result == other.result:
            found[criterion.id] = one
    return found


def score(known: dict[str, Right], sheet: Marksheet, force: Force) -> tuple[float, bool]:
    """The score that is right and whether it passes; where no verdict is known, the marked one stands."""
    earned = of = 0.0
    for verdict in sheet.verdicts:
        right = known.get(verdict.criterion)
        share = right.share if right else verdict.points / verdict.of if verdict.of else 0.0
        if right is None and verdict.result == "not_applicable":
            share = None
        if share is not None:
            earned, of = earned + share * verdict.of, of + verdict.of
    failed = any(right.critical for right in known.values())
    full = 100 * earned / of if of else 0.0
    return (min(full, force.marking.cap) if failed else full), full >= force.marking.pass_mark and not failed


class _Reading:
    """One reading of what was done; the generous one counts what may have been meant as well."""

    def __init__(self, performance: Performance, force: Force, *, generous: bool) -> None:
        self.script, self.done = performance.script, performance.done
        self.behaviour, self.force, self.generous = performance.behaviour, force, generous
        self.told = told(performance.log)
        self.happened = {entry.event: entry.at for entry in performance.log if isinstance(entry, Happened)}
        self.ended = next((entry for entry in performance.log if isinstance(entry, Ended)), None)
        self.answers = {done.ended for done in self.done}
        self.nudged = any(
            isinstance(entry, Say) and entry.about in ("nudge", "gives_up") for entry in performance.log
        )

    def of(self, criterion: Criterion) -> Right:
        if criterion.kind == "decided":
            return self._decided(criterion)
        judge: Callable[[Criterion], float | None] = getattr(self, f"_{criterion.kind}")
        share = judge(criterion)
        return Right(share, critical=share == 0 and bool(criterion.critical))

    # --- questions -------------------------------------------------------------------------------------------

    def _things(self, criterion: Criterion) -> list[Topic | Fact]:
        facts = [self.script.fact(name) for name in filter(None, [criterion.fact, *criterion.facts])]
        topics = [topic for topic in (criterion.topic, *criterion.topics) if topic]
        return [*topics, *(fact for fact in facts if self._could_be(fact))]

    def _could_be(self, fact: Fact) -> bool:
        return fact.needs.after is None or fact.needs.after in self.happened

    def _asks(self, thing: Topic | Fact) -> list[Done]:
        found = [done for done in self.done if self._is_about(done, thing)]
        return found if self.generous else [done for done in found if self._in_time(done, thing)]

    def _in_time(self, done: Done, thing: Topic | Fact) -> bool:
        """Whether the fact was so when it was asked about."""
        if not isinstance(thing, Fact):
            return True
        after, before = thing.needs.after, thing.needs.before
        begun = after is None or self.happened.get(after, math.inf) <= done.ended
        return begun and (before is None or self.happened.get(before, math.inf) >= done.ended)

    def _is_about(self, done: Done, thing: Topic | Fact) -> bool:
        intent = done.intent
        if isinstance(thing, Fact):
            loose = self.generous and (intent.topic in thing.topics or self._shares(intent.fact, thing.topics))
            return intent.fact == thing.id or loose
        return intent.topic == thing or (self.generous and self._shares(intent.fact, (thing,)))

    def _shares(self, fact: str, topics: Sequence[Topic]) -> bool:
        return bool(fact) and not set(topics).isdisjoint(self.script.fact(fact).topics)

    def _facts(self, thing: Topic | Fact) -> set[str]:
        if isinstance(thing, Fact):
            return {thing.id}
        return {fact.id for fact in self.script.facts if thing in fact.topics}

    def _unasked(self, thing: Topic | Fact) -> list[float]:
        """When it was told without an event in mid-call giving it away."""
        facts = self._facts(thing)
        return [end for fact, began, end, about in self.told if fact in facts and self._freely(began, about)]

    def _freely(self, began: float, about: str) -> bool:
        """Whether a line came without a question; what answers another question may count, or not."""
        if about.startswith("event:"):
            return False
        return self.generous or about.startswith(("opening", "reaction:")) or began not in self.answers

    def _asked(self, criterion: Criterion) -> float | None:
        wanted = self._things(criterion)
        if not wanted:
            return None
        return sum(bool(self._asks(thing) or self._unasked(thing)) for thing in wanted) / len(wanted)

    def _first(self, thing: Topic | Fact) -> float:
        facts = self._facts(thing)
        read = [done.began for done in self.done if facts.intersection(done.intent.reads_back)]
        return min([done.began for done in self._asks(thing)] + read + self._unasked(thing), default=math.inf)

    def _asked_within(self, criterion: Criterion) -> float | None:
        wanted = self._things(criterion)
        if not wanted or not criterion.seconds:
            return None
        return _falling(max(map(self._first, wanted)), criterion.seconds)

    def _asked_before(self, criterion: Criterion) -> float | None:
        wanted = self._things(criterion)
        if not wanted or criterion.before is None:
            return None
        if criterion.before == "decision":
            limit = min((done.ended for done in self.done if done.intent.decided), default=math.inf)
        else:
            limit = min((done.began for done in self._asks(criterion.before)), default=math.inf)
        return sum(self._first(thing) < limit for thing in wanted) / len(wanted)

    def _order(self, criterion: Criterion) -> float | None:
        moments = [self._first(thing) for thing in self._things(criterion)]
        if len(moments) < 2:
            return None
        good = [one <= other < math.inf for one, other in pairwise(moments)]
        return sum(good) / len(good)

    # --- facts -----------------------------------------------------------------------------------------------

    def _captured(self, criterion: Criterion) -> float | None:
        fact = self.script.fact(criterion.fact or "")
        if not self._could_be(fact):
            return None
        steps = {"asked": bool(self._asks(fact)), "told": any(name == fact.id for name, *_ in self.told)}
        steps["read_back"] = any(fact.id in done.intent.reads_back for done in self.done)
        rank = max((place for place, name in enumerate(("", *steps)) if name and steps[name]), default=0)
        needed = dict(zip(("asked", "told", "read_back", "recorded"), range(1, 5), strict=True))
        if rank >= needed[criterion.full]:
            return 1.0
        return 0.5 if criterion.part and rank >= needed[criterion.part] else 0.0

    def _summary_given(self, criterion: Criterion) -> float | None:
        count = max((len(done.intent.reads_back) for done in self.done), default=0)
        return 1.0 if count >= criterion.count else 0.5 if count and 2 * count >= criterion.count else 0.0

    # --- what was said ---------------------------------------------------------------------------------------

    def _said(self, criterion: Criterion) -> float | None:
        times = sum(done.intent.does == criterion.id for done in self.done)
        if self.generous:  # another sentence may do it too: an agency that was named, other advice, a near miss
            times += sum(bool(d.intent.does or d.intent.act in ("near", "advise", "close")) for d in self.done)
            times += sum(bool(d.intent.decided and d.intent.decided.agency) for d in self.done)
            times += sum(d.intent.greets for d in self.done) if criterion.kind == "said" else 0
        return min(1.0, times / criterion.count)

    def _advised(self, criterion: Criterion) -> float | None:
        return self._said(criterion)

    def _reassured(self, criterion: Criterion) -> float | None:
        times = sum(done.intent.act == "reassure" for done in self.done)
        if self.generous:
            times += sum(bool(done.intent.does) or done.intent.act in ("near", "promise") for done in self.done)
            times += sum(done.intent.act == "close" for done in self.done) if self.behaviour.warm else 0
        return min(1.0, times / criterion.count)

    def _never_said(self, criterion: Criterion) -> float | None:
        broken = {done.intent.breaks or done.intent.act for done in self.done}
        if (criterion.act or criterion.id) in broken:
            return 0.0
        others = {done.intent.breaks for done in self.done} - {""} or broken & {"promise", "dismiss"}
        return 0.0 if self.generous and others else 1.0

    # --- decisions -------------------------------------------------------------------------------------------

    def _rating(self, until: float = math.inf) -> str | None:
        taken = [what for done in self.done if done.ended <= until for what in self._meant(done)]
        return rating(self.script.outcomes, {e for e, at in self.happened.items() if at <= until}, taken)

    def _meant(self, done: Done) -> list[Decided]:
        """What was decided; a promise of officers, or advice that names an agency, may have been a decision too."""
        if done.intent.decided:
            return [done.intent.decided]
        agency = AGENCY_OF.get(done.intent.does)
        if not self.generous:
            return []
        promised = [Decided("deploy")] if done.intent.act == "promise" else []
        return [Decided("refer", None, agency)] if agency else promised

    def _moments(self) -> list[float]:
        return [done.ended for done in self.done if self._meant(done)]

    def _decided(self, criterion: Criterion) -> Right:
        how = self._rating()
        return Right(RATES.get(how or "", 0.0), critical=how == "unsafe" and bool(criterion.critical))

    def _decided_within(self, criterion: Criterion) -> float | None:
        good = [at for at in self._moments() if self._rating(at) in DEFENSIBLE]
        return _falling(good[0], criterion.seconds or 0.0) if good else 0.0

    def _regraded(self, criterion: Criterion) -> float | None:
        at = self.happened.get(criterion.event or "")
        if at is None:
            return None
        if any(moment <= at for moment in self._moments()) and self._rating(at) == "right":
            return 1.0
        later = [moment for moment in self._moments() if moment >= at and self._rating(moment) == "right"]
        if later:
            return _falling(later[0] - at, criterion.seconds) if criterion.seconds else 1.0
        by_trainee = self.ended is not None and (
            self.ended.by == "trainee" or self.ended.why == "the call was closed"
        )
        soon = self.ended is not None and self.ended.at - at < (criterion.seconds or 0.0)
        return None if soon and not by_trainee else 0.0

    # --- manner and time -------------------------------------------------------------------------------------

    def _answered_within(self, criterion: Criterion) -> float | None:
        target = criterion.seconds or self.force.answer_within.get(self.script.line, 10.0)
        return _falling(self.behaviour.rang_for, target)

    def _no_dead_air(self, criterion: Criterion) -> float | None:
        target = criterion.seconds or self.force.marking.dead_air
        longest = self.behaviour.pause + 2 * PEOPLES_TURN
        return 0.0 if self.generous and self.nudged else _falling(longest, target)

    def _did_not_interrupt(self, criterion: Criterion) -> float | None:
        times = sum(done.cut for done in self.done)
        return 1.0 if times <= criterion.count else 0.5 if times <= 2 * criterion.count else 0.0

    def _no_monologue(self, criterion: Criterion) -> float | None:
        target = criterion.seconds or self.force.marking.monologue
        return _falling(max((done.ended - done.began for done in self.done), default=0.0), target)

    def _closed_properly(self, _criterion: Criterion) -> float | None:
        if self.ended is None or self.ended.by == "line":
            return None
        if not self._moments():
            return 0.0
        if any(done.intent.act == "close" for done in self.done[-3:]):
            return 1.0
        if self.ended.by == "caller":
            return 0.0
        advised = any(done.intent.does or done.intent.act == "advise" for done in self.done)
        loosely = self.generous and any(done.intent.breaks or done.intent.act == "near" for done in self.done)
        return 1.0 if advised or loosely else 0.5


def rating(outcomes: Sequence[Outcome], happened: set[str], taken: Sequence[Decided]) -> str | None:
    """How the decisions together are rated, by what the script's outcomes say; None where nothing rates them."""
    holding = [o for o in outcomes if (o.after is None or o.after in happened) and o.before not in happened]
    lead = next((one for one in reversed(taken) if one.decision != "refer"), None)
    agencies = {one.agency for one in taken if one.decision == "refer"}
    officers = lead is not None and lead.decision == "deploy"
    for outcome in holding:
        meant = {lead.decision} if lead and (officers or not agencies) else {lead.decision if lead else "", "refer"}
        if not taken or outcome.decision not in meant:
            continue
        grade = lead.grade if lead else None
        if outcome.grade in (None, grade) and (outcome.agency is None or outcome.agency in agencies):
            return outcome.rating
    return _unlisted([o for o in holding if o.rating == "right" and o.decision == "deploy"], taken, lead)


def _unlisted(sends: list[Outcome], taken: Sequence[Decided], lead: Decided | None) -> str | None:
    if not sends:
        return None if not taken else "over_cautious" if lead and lead.decision == "deploy" else "wrong"
    if lead is None or lead.decision != "deploy":
        return "unsafe" if not taken or any(outcome.grade != "scheduled" for outcome in sends) else "wrong"
    grades = [GRADES.index(outcome.grade) for outcome in sends if outcome.grade]
    if lead.grade is None or not grades:
        return "acceptable"
    late = GRADES.index(lead.grade) - max(grades)
    if late < 0:
        return "over_cautious"
    return "unsafe" if 0 in grades or late > 1 else "wrong"


def _falling(seconds: float, target: float) -> float:
    return 1.0 if seconds <= target else max(0.0, round(2 - seconds / target, 4)) if target else 0.0
