"""From script and log to a marksheet. Nothing else is read, so any stored call can be marked again.

A log made with an older understanding is understood afresh first: every utterance again, with its read-backs and
the decisions that it spoke. Clocks, keys, the form and what the caller said stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scripts.cast import Cast, draw
from scripts.criteria import KINDS
from scripts.criteria_facts import state_of
from scripts.disposition import rate, standing
from scripts.events import Answered, Entry, Recorded, Understood, Utterance
from scripts.evidence import MATTERS, WHY_IT_MATTERS, Call, Finding
from scripts.force import Force
from scripts.interpretation import interpret, spoken_decisions
from scripts.ledger import Ledger, fold
from scripts.marksheet import FactState, Marksheet, Outcome, Result, Verdict
from scripts.script import Criterion, CriterionKind, Dimension, Script
from scripts.understanding import UNDERSTANDING_VERSION, Understanding

DIMENSIONS: tuple[Dimension, ...] = ("location", "risk", "decision", "advice", "manner", "time")

TITLES: dict[CriterionKind, str] = {
    "captured": "Detail captured", "asked": "Asked", "asked_before": "Asked in order",
    "asked_within": "Asked in time", "said": "Said", "never_said": "Never said", "advised": "Advice given",
    "reassured": "Reassurance", "decided": "Disposition and grade", "decided_within": "Decided in time",
    "regraded": "Decided again", "answered_within": "Answered in time", "no_dead_air": "No long silences",
    "did_not_interrupt": "Let the caller speak", "no_monologue": "No long speeches", "order": "In order",
    "summary_given": "Summed up",
    "closed_properly": "Closed properly",
}  # fmt: skip
"""What a criterion is called when its script does not say."""


class MarkingError(Exception):
    """A log that cannot be marked; says what is missing."""


def mark(script: Script, log: Sequence[Entry], force: Force, *, afresh: bool = False) -> Marksheet:
    """Mark one call. Raises MarkingError for a log that does not say with which seed the call was answered.

    `afresh` understands every utterance again even when the log's understanding is of today's version: for a
    script whose facts were corrected since.
    """
    answered = next((entry for entry in log if isinstance(entry, Answered)), None)
    if answered is None:
        raise MarkingError("the log has no answer in it, so the call's seed is unknown: it broke off before it began")
    cast = draw(script, answered.seed)
    old = any(isinstance(entry, Understood) and entry.version != UNDERSTANDING_VERSION for entry in log)
    entries = understood_afresh(cast, log) if old or afresh else log
    call = Call(fold(cast, entries), entries, force)
    verdicts = tuple(_verdict(criterion, call) for criterion in script.criteria)
    score = _capped(share_of(verdicts), verdicts, force)
    return Marksheet(
        script=script.id,
        script_version=script.version,
        script_title=script.title,
        force=force.id,
        seed=answered.seed,
        score=score,
        outcome=_outcome(verdicts, score, force),
        disposition=rate(call, standing(call)),
        critical=tuple(dict.fromkeys(verdict.critical_name for verdict in verdicts if verdict.critical)),
        unsure=sum(verdict.result == "unsure" for verdict in verdicts),
        dimensions={name: share_of(v for v in verdicts if v.dimension == name) for name in DIMENSIONS},
        facts={fact.id: _fact(call, fact.id) for fact in script.facts},
        verdicts=verdicts,
        understanding_version=UNDERSTANDING_VERSION,
    )


# --- one verdict ---------------------------------------------------------------------------------------------


def _verdict(criterion: Criterion, call: Call) -> Verdict:
    finding = KINDS[criterion.kind](criterion, call)
    result = _result(criterion, finding)
    weight = call.force.marking.weights.get(criterion.dimension, 1.0) if criterion.dimension else 1.0
    worth = round(criterion.points * weight, 4)
    why = finding.why if result in ("met", "not_applicable") else _with_reason(finding.why, criterion, call)
    why += f" An assessor should decide: {finding.unsure}." if result == "unsure" else ""
    return Verdict(
        criterion=criterion.id,
        title=criterion.title or TITLES[criterion.kind],
        kind=criterion.kind,
        dimension=criterion.dimension,
        result=result,
        points=0.0 if result in ("unsure", "not_applicable") else round(worth * (finding.share or 0.0), 4),
        of=worth,
        why=why,
        evidence=finding.evidence or call.nothing("it did not come up"),
        critical=result == "unmet" and bool(criterion.critical) and not finding.harmless,
        critical_name=criterion.critical or "",
        advice=criterion.advice,
    )


def _with_reason(why: str, criterion: Criterion, call: Call) -> str:
    """What happened and why it matters: what the criterion is about says so, or else its kind."""
    facts = [fact for fact in map(call.fact, (criterion.fact, *criterion.facts)) if fact is not None]
    topics = [criterion.topic, *criterion.topics, *(fact.topics[0] for fact in facts)]
    known = [WHY_IT_MATTERS[topic] for topic in topics if topic in WHY_IT_MATTERS]
    if any(reason in why for reason in known):
        return why
    about_topics = criterion.kind in ("captured", "asked", "asked_within") and bool(known)
    return f"{why} This matters because {known[0] if about_topics else MATTERS[criterion.kind]}."


def _result(criterion: Criterion, finding: Finding) -> Result:
    """Doubt counts only where a machine's mistake would fail somebody: on a critical failure."""
    if finding.share is None:
        return "not_applicable"
    if finding.share >= 1:
        return "met"
    if finding.share > 0:
        return "partial"
    return "unsure" if finding.unsure and criterion.critical and not finding.harmless else "unmet"


# --- the score -----------------------------------------------------------------------------------------------


def share_of(verdicts: Iterable[Verdict]) -> float | None:
    """Points over applicable points, 0 to 100 with one decimal; None where nothing applies.

    What waits for an assessor counts neither way.
    """
    counted = [verdict for verdict in verdicts if verdict.result not in ("unsure", "not_applicable")]
    of = sum(verdict.of for verdict in counted)
    return round(100 * sum(verdict.points for verdict in counted) / of, 1) if of else None


def _capped(score: float | None, verdicts: Iterable[Verdict], force: Force) -> float:
    cap = force.marking.cap if any(verdict.critical for verdict in verdicts) else 100.0
    return min(score or 0.0, cap)


def _outcome(verdicts: Sequence[Verdict], score: float, force: Force) -> Outcome:
    """Passed, failed, or for an assessor, when what is unsure could still turn a fail into a pass or back."""
    if any(verdict.critical for verdict in verdicts):
        return "failed"
    unsure = [verdict for verdict in verdicts if verdict.result == "unsure"]
    best = share_of(
        verdict.model_copy(update={"result": "met", "points": verdict.of}) if verdict in unsure else verdict
        for verdict in verdicts
    )
    if (best or 0.0) < force.marking.pass_mark:
        return "failed"
    if unsure:
        return "needs_assessor"
    return "passed" if score >= force.marking.pass_mark else "failed"


def _fact(call: Call, id_: str) -> FactState:
    history = call.ledger.facts[id_]

    def times(places: Iterable[int]) -> tuple[float, ...]:
        return tuple(round(call.turn(place).utterance.began, 1) for place in places)

    return FactState(
        state=state_of(call, call.script.fact(id_)),
        asked=times(history.asked),
        told=tuple(round(at, 1) for at in history.told),
        read_back_right=times(history.right),
        read_back_wrong=times(history.wrong),
        recorded=tuple(round(at, 1) for at, _, right in history.recorded if right),
    )


# --- understanding afresh ------------------------------------------------------------------------------------


def understood_afresh(cast: Cast, log: Iterable[Entry]) -> list[Entry]:
    """The log with every utterance understood by today's rules, and the spoken decisions that follow from it."""
    ledger = Ledger(cast)
    entries: list[Entry] = []
    pending: Utterance | None = None
    for entry in log:
        if isinstance(entry, Recorded) and entry.how == "voice":
            continue  # follows from what was understood, below
        new: list[Entry] = [entry]
        if isinstance(entry, Utterance) and entry.text.strip():
            pending = entry
        elif isinstance(entry, Understood):
            new, pending = _again(ledger, entry), None
        for one in new:
            entries.append(one)
            ledger.apply(one)
    if pending is not None:  # torn off between the words and what was made of them
        entries += _again(ledger, Understood(pending.at, pending.text, Understanding(), (), ""))
    return entries


def _again(ledger: Ledger, entry: Understood) -> list[Entry]:
    understood = interpret(ledger, entry.text, entry.at)
    return [understood, *spoken_decisions(understood)]
