"""What the trainee decided in the end, and how the script's outcomes rate it.

The last of deploy, resolve and none stands, but that what is only said to be dealt with ("I'm recording this as a
crime") calls no officers off; agencies add up; a grade said by itself belongs to the deployment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from scripts.events import Recorded
from scripts.evidence import Call
from scripts.ledger import Turn
from scripts.lexicons import lexicon
from scripts.marksheet import Disposition, Evidence
from scripts.script import Outcome, Rating
from scripts.vocabulary import GRADES, Agency, Decision, Grade
from scripts.wording import find


@dataclass
class Standing:
    """The decision that stands at some moment; `entries` and `turns` are what it rests on."""

    lead: Decision | None = None
    """deploy, resolve or none: whichever came last."""
    referred: bool = False
    grade: Grade | None = None
    agencies: list[Agency] = field(default_factory=list)
    entries: list[Recorded] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        lead: tuple[Decision, ...] = (self.lead,) if self.lead else ()
        return (*lead, "refer") if self.referred else lead

    def take(self, recorded: Recorded) -> None:
        """Let one more decision change what stands."""
        if recorded.decision == "refer":
            self.referred = True
            if recorded.agency and recorded.agency not in self.agencies:
                self.agencies.append(recorded.agency)
            self.entries.append(recorded)
            return
        if self.lead == "deploy" and recorded.decision == "resolve" and not _calls_off(recorded):
            return
        said_before = self.grade if self.lead in (None, "deploy") else None
        self.grade = (recorded.grade or said_before) if recorded.decision == "deploy" else None
        self.lead = recorded.decision
        self.entries = [entry for entry in self.entries if entry.decision in ("refer", recorded.decision)]
        self.entries.append(recorded)

    def evidence(self, call: Call) -> tuple[Evidence, ...]:
        """What was said, pressed or typed for it, in order."""
        spoken = {piece.utterance.at: call.said(piece) for piece in self.turns}
        typed = {entry.at: call.decision(entry) for entry in self.entries}
        pieces = tuple(piece for _, piece in sorted({**typed, **spoken}.items()))
        return pieces or call.nothing("nothing was decided")

    def in_words(self, call: Call) -> str:
        """The disposition in the force's words."""
        parts: list[str] = []
        if self.lead == "deploy":
            parts.append(f"Deploy, {call.force.grade(self.grade)}" if self.grade else "Deploy without a grade")
        elif self.lead:
            parts.append({"resolve": "Resolve without deployment", "none": "No police action"}[self.lead])
        if self.referred:
            names = " and ".join(map(call.force.agency, self.agencies)) or "somebody else"
            parts.append(f"{'refer' if parts else 'Refer'} to {names}")
        return " and ".join(parts) or "No decision"


def _calls_off(recorded: Recorded) -> bool:
    """Whether a decision to resolve takes a deployment back: by keys or form always, by voice where it says so."""
    return recorded.how != "voice" or find(lexicon("conduct")["called_off"]["phrases"], recorded.words) is not None


def standing(call: Call, until: float = math.inf) -> Standing:
    """What stands after everything decided up to `until`, in seconds since the answer."""
    result = Standing()
    steps: list[tuple[float, int, Recorded | Turn]] = []
    steps += [(turn.utterance.at, 0, turn) for turn in call.ledger.turns if turn.meaning.grade]
    steps += [(recorded.at, 1, recorded) for recorded in call.ledger.decisions]
    for at, _, moment in sorted(steps, key=lambda one: one[:2]):
        if at > until:
            break
        if isinstance(moment, Recorded):
            result.take(moment)
        elif result.lead in (None, "deploy") and not moment.meaning.decision:
            result.grade = moment.meaning.grade
            result.turns.append(moment)
    decided = {entry.at for entry in result.entries if entry.how == "voice"}
    result.turns += [turn for turn in call.ledger.turns if turn.utterance.at in decided]
    return result


def moments(call: Call) -> list[float]:
    """When what stands may have changed, in order."""
    graded = [turn.utterance.at for turn in call.ledger.turns if turn.meaning.grade]
    return sorted({*graded, *(recorded.at for recorded in call.ledger.decisions)})


def rate(call: Call, what: Standing, at: float = math.inf) -> Disposition:
    """Rate it, given what had happened by `at`: by the first outcome that fits, else by what is right."""
    outcomes = [outcome for outcome in call.script.outcomes if _holds(outcome, call, at)]
    fitting = next((outcome for outcome in outcomes if _fits(outcome, what)), None)
    if fitting is not None:
        rating: Rating | None = fitting.rating
        why = fitting.why
    else:
        rating, why = _unlisted(what, [outcome for outcome in outcomes if outcome.rating == "right"])
    return Disposition(
        decisions=what.decisions, grade=what.grade, agencies=tuple(what.agencies), rating=rating, why=why
    )


def _holds(outcome: Outcome, call: Call, at: float) -> bool:
    happened = {event for event, when in call.ledger.happened.items() if when <= at}
    return (outcome.after is None or outcome.after in happened) and (
        outcome.before is None or outcome.before not in happened
    )


def _fits(outcome: Outcome, what: Standing) -> bool:
    """Officers lead: what is decided beside them does not make it another outcome, and nothing else outranks them."""
    if outcome.decision not in what.decisions or (what.lead == "deploy" and outcome.decision != "deploy"):
        return False
    graded = outcome.grade in (None, what.grade)
    return graded and (outcome.agency is None or outcome.agency in what.agencies)


def _unlisted(what: Standing, right: Sequence[Outcome]) -> tuple[Rating | None, str]:
    """A rating for what the script has no word on, from what it calls right."""
    sends = [outcome for outcome in right if outcome.decision == "deploy"]
    if not what.decisions:
        if sends:
            return "unsafe", "Nothing was decided, so nobody came to a caller who needed officers."
        return None, "Nothing was decided, so the caller does not know what happens next."
    if not sends:
        over: Rating = "over_cautious" if what.lead == "deploy" else "wrong"
        return over, "Officers were not needed here." if what.lead == "deploy" else _expected(right)
    if what.lead != "deploy":
        urgent = any(outcome.grade in ("emergency", "priority", None) for outcome in sends)
        return ("unsafe" if urgent else "wrong"), "Officers were needed and none were sent."
    return _graded(what.grade, [outcome.grade for outcome in sends if outcome.grade])


def _graded(grade: Grade | None, right: Sequence[Grade]) -> tuple[Rating, str]:
    """Deploying at a grade that is not listed: too slow costs more than too fast."""
    if grade is None or not right:
        return "acceptable", "Officers were sent, but how soon was never said."
    slowest = max(map(GRADES.index, right))
    if GRADES.index(grade) < slowest:
        return "over_cautious", "Officers were sent faster than this call needed."
    urgent = "emergency" in right or GRADES.index(grade) - slowest > 1
    return ("unsafe" if urgent else "wrong"), "Officers were sent too slowly for this call."


def _expected(right: Sequence[Outcome]) -> str:
    return right[0].why if right else "That does not answer this call."
