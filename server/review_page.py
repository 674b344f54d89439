"""What the page of a review shows: the case as this assessor may see it, verdict by verdict and row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scripts.events import Entry, Utterance
from scripts.force import Force
from scripts.marksheet import Marksheet, Result, Verdict
from server.records import CallRecord
from server.remarking import changes
from server.review_records import Review
from server.reviews import Decision, corrected, judged, points_for, standing, undecided
from server.transcript import transcript

Mode = Literal["open", "blind", "closed"]
"""`closed`: to read only, signed or somebody else's."""
ORDER: tuple[Result, ...] = ("unsure", "unmet", "partial", "met", "not_applicable")
"""What needs an assessor most comes first."""
RESULT_WORDS: dict[Result, str] = {
    "met": "met", "partial": "part", "unmet": "not met", "unsure": "unsure", "not_applicable": "n/a",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One call before one assessor. `rules`: the rules' first marksheet; `base`: theirs with the turns corrected."""

    record: CallRecord
    rules: Marksheet
    base: Marksheet
    mine: Review | None
    reviews: Sequence[Review]
    decisions: Mapping[str, Decision]
    mode: Mode
    notice: str = ""

    @property
    def waiting(self) -> list[Verdict]:
        return undecided(self.base, self.decisions)

    def final(self, force: Force) -> Marksheet:
        return judged(self.base, self.decisions, force)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one hand said of a verdict: the rules, an assessor, or the final word."""

    who: str
    result: Result
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One criterion on the page. Blind, `rule` and `marks` are empty: what is not here cannot get into the HTML."""

    criterion: str
    title: str
    of: float
    critical: str
    rule: Verdict | None
    decision: Decision | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One line of the transcript, or a comment beside it. `heard`: what the recogniser had where it was corrected."""

    at: float
    who: Literal["caller", "trainee", "call", "comment"]
    text: str
    heard: str = ""
    editable: bool = False


def case(record: CallRecord, rules: Marksheet, mine: Review | None, reviews: Sequence[Review], notice: str) -> Case:
    """The case as it stands. Without `mine` it is to read only, and `notice` says why."""
    base = mine.turns[-1].marksheet if mine and mine.turns else rules
    decisions = standing((decision for _, decision in mine.decisions), base) if mine else {}
    mode: Mode = "closed" if mine is None or mine.signed else "blind" if mine.blind else "open"
    return Case(record, rules, base, mine, reviews, decisions, mode, notice)


def of_record(rules: Marksheet, review: Review, force: Force) -> Marksheet:
    """The marksheet that a signed review made, with its reasons; also where the rules have marked anew since."""
    base = review.turns[-1].marksheet if review.turns else rules
    reasons = {one.criterion: one.reason for _, one in review.decisions if one.reason}
    changed = {
        verdict.criterion: Decision(
            "change", verdict.criterion, result, points_for(verdict, result), "", reasons.get(verdict.criterion, "")
        )
        for verdict in base.verdicts
        if (result := review.verdicts.get(verdict.criterion, verdict.result)) != verdict.result
    }
    return judged(base, changed, force).model_copy(update={"score": review.score, "outcome": review.outcome})


def verdict_rows(shown: Case) -> list[VerdictRow]:
    """The verdicts: blind in the script's order, else what needs an assessor first."""
    rows = [_row(shown, verdict) for verdict in shown.base.verdicts]
    if shown.mode == "blind":
        return rows
    return sorted(
        rows, key=lambda row: (not row.rule.critical, ORDER.index(row.rule.result)) if row.rule else (True, 0)
    )


def _row(shown: Case, verdict: Verdict) -> VerdictRow:
    blind = shown.mode == "blind"
    return VerdictRow(
        verdict.criterion,
        verdict.title,
        verdict.of,
        verdict.critical_name,
        None if blind else verdict,
        shown.decisions.get(verdict.criterion),
        () if blind else tuple(marks_on(shown, verdict)),
    )


def marks_on(shown: Case, verdict: Verdict) -> Iterator[Mark]:
    """Every word on it, side by side: the rules' first, then each signed mark, the one of record named as final."""
    before = next((one for one in shown.rules.verdicts if one.criterion == verdict.criterion), verdict)
    yield Mark("rules", before.result)
    if before.result != verdict.result:
        yield Mark("rules, turn corrected", verdict.result)
    for review in shown.reviews:
        result = review.verdicts.get(verdict.criterion)
        if result is None:
            continue
        reasons = [one.reason for _, one in review.decisions if one.criterion == verdict.criterion and one.reason]
        yield Mark(review.assessor, result, reasons[-1] if reasons else "", review.signed)
        if not review.blind:
            yield Mark("final", result, "", review.signed)


def talk_rows(log: Sequence[Entry], shown: Case) -> list[TalkRow]:
    """The transcript as it was said, with the assessor's comments at their moments."""
    turns = shown.mine.corrections if shown.mine else {}
    spoken = {round(entry.began, 2): entry.text for entry in log if isinstance(entry, Utterance)}
    rows = []
    for row in transcript(corrected(log, turns)):
        heard = spoken.get(round(row.at, 2), "") if row.who == "trainee" else ""
        rows.append(
            TalkRow(row.at, row.who, row.text, heard if heard != row.text else "", editable=row.who == "trainee")
        )
    open_reviews = [shown.mine] if shown.mine and not shown.mine.signed else shown.reviews
    for review in open_reviews:
        rows += [TalkRow(one.moment, "comment", f"{review.assessor}: {one.text}") for one in review.comments]
    return sorted(rows, key=lambda row: row.at)


def turn_changes(shown: Case) -> list[str]:
    """What the last corrected turn changed. Blind it stays untold: it would give the rules' verdicts away."""
    if shown.mode == "blind" or shown.mine is None or not shown.mine.turns:
        return []
    *before, last = shown.mine.turns
    return list(changes(before[-1].marksheet if before else shown.rules, last.marksheet))
