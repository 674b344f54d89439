"""One call as the official paper: what was said, how it was marked and by whom, and the score of record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from scripts.events import Entry, Utterance
from scripts.force import Force
from scripts.marksheet import Marksheet, Result, Verdict
from server.accounts import Account, Accounts
from server.call_files import CallFiles
from server.desk_page import DIMENSIONS, OUTCOMES
from server.disputes import Dispute, Disputes, sheet_of_record
from server.engines import read_force
from server.marksheet_view import decided
from server.records import CallRecord, Records
from server.review_page import Case, Mark, case, marks_on
from server.review_records import Review, ReviewRecords
from server.reviews import corrected
from server.settings import Settings
from server.transcript import clock, transcript

RESULTS: dict[Result, str] = {
    "met": "met", "partial": "part met", "unmet": "not met", "unsure": "unsure", "not_applicable": "not applicable",
}  # fmt: skip


class Part(BaseModel):
    """Words for the paper, ready to be set."""

    model_config = ConfigDict(frozen=True)


class Quote(Part):
    """Evidence: when (mm:ss since the answer), whose, the words."""

    at: str
    who: str
    text: str


class Word(Part):
    """What one hand said of a verdict, with when and why where that is known."""

    who: str
    result: str
    when: str = ""
    reason: str = ""


class Criterion(Part):
    """One verdict of record with its evidence and everybody's word on it."""

    title: str
    result: str
    kind: Result
    points: str
    critical: bool
    why: str
    evidence: tuple[Quote, ...]
    marks: tuple[Word, ...]
    advice: str


class Spoken(Part):
    """One line of the transcript; `heard` is what the recogniser had where an assessor corrected it."""

    at: str
    who: str
    text: str
    heard: str = ""


class Remark(Part):
    """An assessor's comment at a moment of the call."""

    at: str
    who: str
    when: str
    text: str


class PrintedCall(Part):
    """All of it. `seal` tells this log and marksheet from any other: SHA-256 over both files."""

    call_id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    score: str
    outcome: str
    kind: str
    of_record: str
    dispute: str
    critical: tuple[str, ...]
    decided: str
    decision_why: str
    dimensions: tuple[tuple[str, str], ...]
    criteria: tuple[Criterion, ...]
    remarks: tuple[Remark, ...]
    talk: tuple[Spoken, ...]
    seal: str
    printed: str


def printed_call(
    record: CallRecord,
    rules: Marksheet,
    log: Sequence[Entry],
    reviews: Sequence[Review],
    force: Force,
    *,
    dispute: Dispute | None = None,
    names: Iterable[Account] = (),
    seal: str = "",
    by: str = "",
    now: datetime | None = None,
) -> PrintedCall:
    """The paper of a marked call. `reviews` are the signed ones, `names` the accounts whose full names it may use."""
    known = {one.name: one.full_name for one in names}
    first = next((review for review in reviews if not review.blind), None)
    sheet = sheet_of_record(rules, first, dispute, force)
    now = now or datetime.now(UTC)
    return PrintedCall(
        call_id=record.call_id,
        title=record.title,
        facts=tuple(_facts(record, sheet, known)),
        score=f"{sheet.score:.0f}",
        outcome=OUTCOMES[sheet.outcome],
        kind=sheet.outcome,
        of_record=_of_record(first, known),
        dispute=_disputed(dispute, known) if dispute else "",
        critical=sheet.critical,
        decided=decided(sheet),
        decision_why=sheet.disposition.why,
        dimensions=_dimensions(sheet),
        criteria=tuple(_criteria(case(record, rules, None, reviews, ""), first, sheet, known)),
        remarks=tuple(_remarks(reviews, known)),
        talk=tuple(_talk(log, first)),
        seal=seal,
        printed=f"{full_time(now)}{f' by {named(by, known)}' if by else ''}",
    )


def _dimensions(sheet: Marksheet) -> tuple[tuple[str, str], ...]:
    return tuple(
        (DIMENSIONS[key], "–" if value is None else f"{value:.0f}") for key, value in sheet.dimensions.items()
    )


def stored_paper(
    records: Records, files: CallFiles, record: CallRecord, rules: Marksheet, settings: Settings, by: str = ""
) -> PrintedCall:
    """The paper of a stored call. Raises RecordsError and CallFilesError."""
    signed = [one for one in ReviewRecords(records).of(record.call_id) if one.signed]
    return printed_call(
        record, rules, files.entries(record.call_id), signed, read_force(settings),
        dispute=Disputes(records).of(record.call_id), names=Accounts(records).all(),
        seal=seal(files, record.call_id), by=by,
    )  # fmt: skip


def seal(files: CallFiles, call_id: str) -> str:
    """SHA-256 over the call's log and its marksheet as they are stored; a file that is not there counts as empty."""
    made = hashlib.sha256()
    for path in (files.log(call_id), files.marksheet(call_id)):
        made.update(path.read_bytes() if path.is_file() else b"")
    return made.hexdigest()


def full_time(at: datetime) -> str:
    """A moment as it stands on paper, with its year: `21 November 2026, 14:02`."""
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone()
    return f"{local.day} {local:%B %Y, %H:%M}"


def named(name: str, known: dict[str, str]) -> str:
    """`Siân Price (sian)`; the bare name where there is no account of it."""
    full = known.get(name, name)
    return full if full == name else f"{full} ({name})"


def _facts(record: CallRecord, sheet: Marksheet, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield "Call handler", named(record.trainee, known) or "no name"
    yield "Taken", full_time(record.started)
    yield "Length", clock(record.seconds or 0)
    yield "By", record.handset
    if record.state == "interrupted":
        yield "State", "interrupted"
    yield "Call", f"{record.call_id}, {record.script_id} version {sheet.script_version}, seed {sheet.seed}"
    yield "Marked as", f"{sheet.force}, understanding {sheet.understanding_version}"


def _of_record(review: Review | None, known: dict[str, str]) -> str:
    if review is None or review.signed is None:
        return "Marked by the rules. No assessor has signed this call."
    gave = "" if review.rule_score is None else f" The rules had given {review.rule_score:.0f}."
    return f"Score of record, signed by {named(review.assessor, known)} on {full_time(review.signed)}.{gave}"


def _disputed(one: Dispute, known: dict[str, str]) -> str:
    asked = (
        f"{named(one.trainee, known)} asked on {full_time(one.asked)} to look again at “{one.title}” "
        f"(then {RESULTS[one.was]}): “{one.reason}” "
    )
    if one.answered is None or one.result is None:
        return f"{asked}No assessor has answered yet."
    became = f"it is now {RESULTS[one.result]}, and the score of record follows it" if one.changed else "it stands"
    return (
        f"{asked}{named(one.assessor or '', known)} answered on {full_time(one.answered)}: {became}. “{one.answer}”"
    )


def _criteria(shown: Case, first: Review | None, sheet: Marksheet, known: dict[str, str]) -> Iterator[Criterion]:
    """The verdicts of record, each with every word on it from what the rules made of the turns as corrected."""
    base = first.turns[-1].marksheet if first and first.turns else shown.rules
    heard = {one.criterion: one for one in base.verdicts}
    for verdict in sheet.verdicts:
        yield _criterion(verdict, marks_on(shown, heard.get(verdict.criterion, verdict)), known)


def _criterion(verdict: Verdict, marks: Iterable[Mark], known: dict[str, str]) -> Criterion:
    applies = verdict.result != "not_applicable"
    return Criterion(
        title=verdict.title,
        result=RESULTS[verdict.result],
        kind=verdict.result,
        points=f"{verdict.points:g}/{verdict.of:g}" if applies else "",
        critical=verdict.critical,
        why=verdict.why,
        evidence=tuple(
            Quote(at=clock(one.at), who=one.who, text=one.quote) for one in verdict.evidence if one.who != "clock"
        ),
        marks=tuple(
            Word(
                who=named(mark.who, known), result=RESULTS[mark.result],
                when=full_time(mark.at) if mark.at else "", reason=mark.reason,
            )
            for mark in marks if mark.who != "final"
        ),
        advice=verdict.advice if verdict.result in ("unmet", "partial") else "",
    )  # fmt: skip


def _remarks(reviews: Sequence[Review], known: dict[str, str]) -> Iterator[Remark]:
    for review in reviews:
        for one in review.comments:
            yield Remark(
                at=clock(one.moment), who=named(review.assessor, known), when=full_time(one.at), text=one.text
            )


def _talk(log: Sequence[Entry], review: Review | None) -> Iterator[Spoken]:
    heard = {round(entry.began, 2): entry.text for entry in log if isinstance(entry, Utterance)}
    for row in transcript(corrected(log, review.corrections if review else {})):
        was = heard.get(round(row.at, 2), "") if row.who == "trainee" else ""
        who = {"trainee": "handler", "call": ""}.get(row.who, row.who)
        yield Spoken(at=clock(row.at), who=who, text=row.text, heard=was if was != row.text else "")
