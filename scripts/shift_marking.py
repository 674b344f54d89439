"""From a shift's plan, log and the marksheets of its contacts to the marks of the whole shift.

Each verdict quotes the moments that it rests on and says why in one sentence. The same input gives the same marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field

from scripts.force import Force
from scripts.marksheet import Marksheet, Outcome, Result, Sheet
from scripts.shift import Heard, Holding, Incident, ShiftSession, State, replay
from scripts.shift_events import Graded, ShiftEntry
from scripts.shift_plan import RANK, Kind, Plan, Right

Section = Literal["answering", "priority", "waiting", "news", "contacts"]
SECTIONS: Mapping[Section, str] = {
    "answering": "Answer times", "priority": "Order of priority", "waiting": "Waiting and hold", "news": "Late news",
    "contacts": "The contacts themselves",
}  # fmt: skip
ANSWER_POINTS: Mapping[Kind, float] = {"999": 8, "101": 4, "chat": 4, "report": 2}
ORDER_POINTS, ABANDONED_POINTS, HOLD_POINTS, NEWS_POINTS, CONTACT_POINTS = 15.0, 15.0, 10.0, 10.0, 10.0
COST: Mapping[Kind, float] = {"999": 1.0, "101": 0.4, "chat": 0.4, "report": 0.0}
"""The share of the points for abandoned contacts that each costs."""
LONGEST_HOLD = 120.0
"""Seconds for which a caller may be held at a stretch without word; a training value, as forces differ."""
REGRADE_WITHIN = 90.0
"""Seconds from the news to the incident graded afresh; a training value."""
FAIRNESS = 10.0
"""Seconds by which one contact must have waited longer than another of its rank to go first."""
NAMES: Mapping[Kind, str] = {"999": "999 call", "101": "101 call", "chat": "web chat", "report": "online report"}


class Moment(Sheet):
    """What happened, `at` seconds after the shift began, and with which contact."""

    at: float
    contact: str
    text: str


class ShiftVerdict(Sheet):
    """What became of one thing that is marked. `contact` is empty where it is about the whole shift."""

    id: str
    section: Section
    title: str
    contact: str = ""
    result: Result
    points: float
    of: float
    why: str
    evidence: tuple[Moment, ...]
    critical_name: str = ""


class ShiftMarks(Sheet):
    """All of it. `score` is 0 to 100 with one decimal, capped after a critical failure."""

    seed: int
    minutes: int
    force: str
    score: float
    outcome: Outcome
    critical: tuple[str, ...]
    sections: Mapping[Section, float | None]
    verdicts: tuple[ShiftVerdict, ...] = Field(default=())


def mark_shift(plan: Plan, log: Iterable[ShiftEntry], sheets: Mapping[str, Marksheet], force: Force) -> ShiftMarks:
    """Mark a shift; `sheets` has the marksheet of each contact that was answered and marked, by the contact's id."""
    shift = replay(plan, log)
    verdicts = tuple(_verdicts(shift, sheets, force))
    critical = tuple(dict.fromkeys(verdict.critical_name for verdict in verdicts if verdict.critical_name))
    score = _share(verdicts) or 0.0
    score = min(score, force.marking.cap) if critical else score
    unsure = any(sheet.unsure for sheet in sheets.values())
    passed = score >= force.marking.pass_mark and not critical
    outcome: Outcome = "failed" if not passed else "needs_assessor" if unsure else "passed"
    return ShiftMarks(
        seed=plan.seed, minutes=plan.minutes, force=force.id, score=score, outcome=outcome, critical=critical,
        sections={name: _share(each for each in verdicts if each.section == name) for name in SECTIONS},
        verdicts=verdicts,
    )  # fmt: skip


def named(incident: Incident) -> str:
    """`999 call c4`: what a contact is called in a sentence."""
    return f"{NAMES[incident.contact.kind]} {incident.contact.id.removeprefix('c')}"


def _verdicts(shift: ShiftSession, sheets: Mapping[str, Marksheet], force: Force) -> Iterator[ShiftVerdict]:
    came = [incident for incident in shift.incidents.values() if incident.waits]
    for incident in came:
        yield _answered(shift, incident, force)
    yield _order(shift)
    yield _abandoned(came)
    yield _held(shift, came)
    for heard in shift.news.values():
        yield _news(shift, heard)
    for incident in came:
        if incident.contact.id in sheets:
            yield _contact(incident, sheets[incident.contact.id])


def _verdict(
    id_: str, section: Section, title: str, share: float | None, of: float, why: str, evidence: Sequence[Moment],
    contact: str = "", critical: str = "",
) -> ShiftVerdict:  # fmt: skip
    result: Result = (
        "not_applicable" if share is None else "met" if share >= 1 else "partial" if share > 0 else "unmet"
    )
    return ShiftVerdict(
        id=id_, section=section, title=title, contact=contact, result=result, points=round(of * (share or 0.0), 2),
        of=of, why=why, evidence=tuple(evidence), critical_name=critical,
    )  # fmt: skip


def _share(verdicts: Iterable[ShiftVerdict]) -> float | None:
    counted = [verdict for verdict in verdicts if verdict.result != "not_applicable"]
    of = sum(verdict.of for verdict in counted)
    return round(100 * sum(verdict.points for verdict in counted) / of, 1) if of else None


def _falling(took: float, target: float) -> float:
    """All up to the target, none at twice as much."""
    return max(0.0, min(1.0, 2 - took / target))


# --- answering ------------------------------------------------------------------------------------------------


def _answered(shift: ShiftSession, incident: Incident, force: Force) -> ShiftVerdict:
    kind, id_ = incident.contact.kind, incident.contact.id
    target = force.answers(kind)
    first, wait = incident.waits[0], incident.waits[-1]
    came = [
        Moment(at=one.since, contact=id_, text="came in" if one is first else "came again") for one in incident.waits
    ]
    until = wait.until if wait.until is not None else shift.now
    waited = until - wait.since
    share: float | None
    if incident.taken_at is not None:
        share = _falling(waited, target)
        why = f"The {named(incident)} was answered after {_seconds(waited)}; the target is {_seconds(target)}."
        came.append(Moment(at=incident.taken_at, contact=id_, text="answered"))
    elif incident.state is State.GONE:
        share, why = 0.0, f"The {named(incident)} was never answered: it gave up after {_seconds(waited)}."
        came.append(Moment(at=until, contact=id_, text="gave up"))
    else:
        share = None if waited <= target else _falling(waited, target)
        why = f"The {named(incident)} still waited when the shift ended, after {_seconds(waited)}."
        came.append(Moment(at=shift.now, contact=id_, text="handed on to the next shift"))
    return _verdict(
        f"answer-{id_}",
        "answering",
        f"{NAMES[kind].capitalize()} answered",
        share,
        ANSWER_POINTS[kind],
        why,
        came,
        id_,
    )


# --- the order ------------------------------------------------------------------------------------------------


def _order(shift: ShiftSession) -> ShiftVerdict:
    """Every choice between several contacts was for the one that comes first."""
    between = [choice for choice in shift.choices if choice.others]
    wrong: list[Moment] = []
    for choice in between:
        better = _better(shift, choice.contact, choice.waited, choice.others)
        if better is not None:
            taken, left = shift.incidents[choice.contact], shift.incidents[better[0]]
            text = f"took the {named(taken)} while the {named(left)} had waited {_seconds(better[1])}"
            wrong.append(Moment(at=choice.at, contact=choice.contact, text=text))
    title = "Took first what comes first"
    if not between:
        return _verdict(
            "order", "priority", title, None, ORDER_POINTS, "There was never more than one to choose.", []
        )
    right = len(between) - len(wrong)
    why = f"{right} of {len(between)} choices between several contacts were for the one that comes first."
    if wrong:
        why += f" Worst: at {_clock(wrong[0].at)} the trainee {wrong[0].text}."
    seen = wrong or [Moment(at=one.at, contact=one.contact, text="taken first, rightly") for one in between]
    return _verdict("order", "priority", title, right / len(between), ORDER_POINTS, why, seen)


def _better(
    shift: ShiftSession, taken: str, waited: float, others: Iterable[tuple[str, float]]
) -> tuple[str, float] | None:
    """The contact that should have been taken instead, with what it had waited; None where the choice was right."""

    def first(one: tuple[str, float]) -> tuple[int, float]:
        return RANK[shift.incidents[one[0]].contact.kind], -one[1]

    best = min([(taken, waited), *others], key=first)
    same_rank = first(best)[0] == first((taken, waited))[0]
    return None if best[0] == taken or (same_rank and best[1] - waited < FAIRNESS) else best


# --- waiting --------------------------------------------------------------------------------------------------


def _abandoned(came: Sequence[Incident]) -> ShiftVerdict:
    gone = [(incident, wait) for incident in came for wait in incident.waits if wait.gave_up]
    title = "Nobody gave up waiting"
    if not any(incident.contact.patience for incident in came):
        return _verdict("abandoned", "waiting", title, None, ABANDONED_POINTS, "Nobody came who could give up.", [])
    evidence = [
        Moment(
            at=wait.until or wait.since,
            contact=incident.contact.id,
            text=_gave_up(incident, wait.until or 0.0, wait.since),
        )
        for incident, wait in gone
    ]
    lost = [incident for incident, _ in gone if incident.contact.kind == "999" and incident.taken_at is None]
    share = max(0.0, 1 - sum(COST[incident.contact.kind] for incident, _ in gone))
    why = (
        "Everybody was answered in time."
        if not gone
        else f"{len(gone)} gave up: {'; '.join(one.text for one in evidence)}."
    )
    critical = "an emergency call was never answered" if lost else ""
    return _verdict("abandoned", "waiting", title, share, ABANDONED_POINTS, why, evidence, critical=critical)


def _gave_up(incident: Incident, until: float, since: float) -> str:
    back = ", and was answered when it came again" if incident.taken_at is not None else ""
    return f"the {named(incident)} after {_seconds(until - since)}{back}"


def _held(shift: ShiftSession, came: Sequence[Incident]) -> ShiftVerdict:
    holds = [(incident, holding) for incident in came for holding in incident.holds]
    title = "Callers held fairly"
    if not holds:
        return _verdict("held", "waiting", title, None, HOLD_POINTS, "Nobody was put on hold.", [])
    faults = [_fault(shift, incident, holding) for incident, holding in holds]
    evidence = [
        Moment(
            at=holding.since,
            contact=incident.contact.id,
            text=fault or f"the {named(incident)} held for {_seconds(_length(shift, holding))}",
        )
        for (incident, holding), fault in zip(holds, faults, strict=True)
    ]
    bad = [fault for fault in faults if fault]
    why = f"{len(holds) - len(bad)} of {len(holds)} holds were fair."
    if bad:
        why = f"{why} {bad[0][0].upper()}{bad[0][1:]}."
    return _verdict("held", "waiting", title, 1 - len(bad) / len(holds), HOLD_POINTS, why, evidence)


def _length(shift: ShiftSession, holding: Holding) -> float:
    return (shift.now if holding.until is None else holding.until) - holding.since


def _fault(shift: ShiftSession, incident: Incident, holding: Holding) -> str:
    """What was wrong about one hold; empty where nothing was."""
    length = _length(shift, holding)
    if holding.lost:
        return f"the {named(incident)} rang off after {_seconds(length)} on hold"
    other = shift.incidents.get(holding.for_)
    if incident.contact.kind == "999" and other is not None and RANK[other.contact.kind] > RANK["999"]:
        return f"the {named(incident)} was put on hold for the {named(other)}"
    if length > LONGEST_HOLD:
        most = _seconds(LONGEST_HOLD)
        return f"the {named(incident)} was held for {_seconds(length)} without word; {most} is the most"
    return ""


# --- news and contacts ----------------------------------------------------------------------------------------


def _news(shift: ShiftSession, heard: Heard) -> ShiftVerdict:
    """The incident was graded to what the news made of it, in time."""
    news, incident = heard.news, shift.incidents[heard.news.about]
    title, id_ = f"Acted upon news of {named(incident)}", incident.contact.id
    evidence = [Moment(at=heard.at, contact=id_, text=f"{news.sender}: {news.text}")]
    acted = _fitting(incident.decisions, news.right, heard.at)
    if acted is not None:
        took = max(0.0, acted.at - heard.at)
        evidence.append(Moment(at=acted.at, contact=id_, text=f"graded {_graded(acted)}"))
        already = acted.at <= heard.at
        said = "It was graded so already" if already else f"It was graded afresh after {_seconds(took)}"
        share: float | None = _falling(took, REGRADE_WITHIN)
        why = f"{said}; the target is {_seconds(REGRADE_WITHIN)}. {news.why}"
    elif shift.now - heard.at < REGRADE_WITHIN:
        share, why = None, "The shift ended before there was time to act upon it."
    else:
        share, why = 0.0, f"It was not graded to {_graded(news.right)}. {news.why}"
    return _verdict(f"news-{news.id}", "news", title, share, NEWS_POINTS, why, evidence, id_)


def _fitting(decisions: Sequence[Graded], right: Right, came: float) -> Graded | None:
    """The decision by which the incident stands as it should; a referral beside it does not undo it."""
    standing = [one for one in decisions if one.decision != "refer"]
    before = [one for one in standing if one.at <= came][-1:]
    after = [one for one in standing if one.at > came]
    last = next(iter([*after[::-1], *before]), None)
    if last is None or last.decision != right.decision or right.grade not in (None, last.grade):
        return None
    same = [one for one in [*before, *after] if one.decision == last.decision and one.grade == last.grade]
    return same[0]


def _contact(incident: Incident, sheet: Marksheet) -> ShiftVerdict:
    """The contact's own marksheet, as one verdict of the shift."""
    id_ = incident.contact.id
    critical = f"{sheet.critical[0]} ({named(incident)})" if sheet.critical else ""
    said = f"“{sheet.script_title}” scored {sheet.score:g} of 100. {sheet.disposition.why}"
    evidence = [Moment(at=one.at, contact=id_, text=f"graded {_graded(one)}") for one in incident.decisions] or [
        Moment(at=incident.over_at or incident.since, contact=id_, text="never graded")
    ]
    return _verdict(
        f"contact-{id_}", "contacts", f"{NAMES[incident.contact.kind].capitalize()} handled", sheet.score / 100,
        CONTACT_POINTS, said, evidence, id_, critical,
    )  # fmt: skip


def _graded(what: Graded | Right) -> str:
    return " ".join(word.replace("_", " ") for word in (what.decision, what.grade, what.agency) if word)


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds <= 120 else f"{_clock(seconds)} min"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
