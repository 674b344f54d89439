"""A trainee's one request to look at a verdict again, and an assessor's answer. Both stay.

Blocks on the database and raises RecordsError. The mark of record is whichever came last: a signed review, or an
answer that changed the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from scripts.force import Force
from scripts.marksheet import Marksheet, Result, Verdict
from server.records import Records
from server.review_page import of_record
from server.review_records import Review
from server.reviews import DECIDED, LONGEST_TEXT, Decision, judged, points_for
from server.schema import calls
from server.schema_assessing import disputes


class DisputeError(Exception):
    """A request or an answer that cannot be taken; the message is for the person at the page."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """One request. `was` is the verdict when it was made; `score` is None unless the answer changed it."""

    call_id: str
    criterion: str
    title: str
    trainee: str
    asked: datetime
    reason: str
    was: Result
    assessor: str | None = None
    answered: datetime | None = None
    result: Result | None = None
    points: float | None = None
    answer: str | None = None
    score: float | None = None
    outcome: str | None = None

    @property
    def changed(self) -> bool:
        return self.score is not None


class Disputes:
    """The requests of one site."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def of(self, call_id: str) -> Dispute | None:
        """The call's request, or None."""
        with self._records.reading() as connection:
            row = connection.execute(select(disputes).where(disputes.c.call_id == call_id)).mappings().one_or_none()
        return _dispute(row) if row else None

    def ask(self, call_id: str, trainee: str, verdict: Verdict, reason: str) -> None:
        """Ask for a verdict to be looked at again, once for each call. Raises DisputeError."""
        reason = _said(reason, "Say why: the assessor reads it beside the evidence")
        if verdict.result == "met":
            raise DisputeError("This verdict is met in full: there is nothing to gain")
        values = {
            "call_id": call_id, "criterion": verdict.criterion, "title": verdict.title[:120], "trainee": trainee,
            "asked": _now(), "reason": reason, "was": verdict.result,
        }  # fmt: skip
        try:
            with self._records.engine.begin() as connection:
                connection.execute(insert(disputes).values(**values))
        except IntegrityError as error:
            raise DisputeError("You have asked about this call already: once for each call") from error

    def answer(
        self, dispute: Dispute, assessor: str, result: str, answer: str, sheet: Marksheet, force: Force
    ) -> Dispute:
        """Answer a request: the verdict stands, or becomes another. `sheet` is the one of record before.

        A change makes a new score of record. Raises DisputeError, also where somebody has answered it meanwhile.
        """
        answer = _said(answer, "An answer needs a reason: the trainee will read it")
        verdict = next((one for one in sheet.verdicts if one.criterion == dispute.criterion), None)
        chosen = next((one for one in DECIDED if one == result), None)
        if verdict is None or chosen is None:
            raise DisputeError(f"Choose one of {', '.join(DECIDED).replace('_', ' ')}")
        values: dict[str, object] = {
            "assessor": assessor, "answered": _now(), "result": chosen, "points": verdict.points, "answer": answer,
        }  # fmt: skip
        if chosen != verdict.result:
            points = 0.0 if chosen == "not_applicable" else points_for(verdict, chosen)
            after = _changed(sheet, dispute.criterion, chosen, points, answer, force)
            values |= {"points": points, "score": after.score, "outcome": after.outcome}
        self._store_answer(dispute.call_id, values)
        found = self.of(dispute.call_id)
        assert found is not None  # noqa: S101 - just written
        return found

    def _store_answer(self, call_id: str, values: dict[str, object]) -> None:
        still_open = disputes.c.call_id == call_id, disputes.c.answered.is_(None)
        with self._records.writing() as connection:
            if connection.execute(update(disputes).where(*still_open).values(**values)).rowcount != 1:
                raise DisputeError("Somebody has answered this meanwhile: reload the page")
            if "score" in values:
                mark = {"score": values["score"], "outcome": values["outcome"]}
                connection.execute(update(calls).where(calls.c.call_id == call_id).values(**mark))


def sheet_of_record(rules: Marksheet, review: Review | None, dispute: Dispute | None, force: Force) -> Marksheet:
    """The marksheet of record: the rules', as the assessor signed it, as an answer changed it since."""
    sheet = of_record(rules, review, force) if review else rules
    if dispute is None or not dispute.changed or dispute.answered is None or dispute.result is None:
        return sheet
    if review and review.signed and review.signed > dispute.answered:
        return sheet
    answer = dispute.answer or ""
    changed = _changed(sheet, dispute.criterion, dispute.result, dispute.points or 0.0, answer, force)
    return changed.model_copy(update={"score": dispute.score, "outcome": dispute.outcome})


def _changed(sheet: Marksheet, criterion: str, result: Result, points: float, answer: str, force: Force) -> Marksheet:
    return judged(sheet, {criterion: Decision("change", criterion, result, points, "", answer)}, force)


def _said(text: str, otherwise: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise DisputeError(otherwise)
    if len(text) > LONGEST_TEXT:
        raise DisputeError(f"That is too long: {LONGEST_TEXT} characters at most")
    return text


def _dispute(row: RowMapping) -> Dispute:
    values = {name: row[name] for name in Dispute.__slots__}
    times = {name: values[name] and values[name].replace(tzinfo=UTC) for name in ("asked", "answered")}
    return Dispute(**(values | times))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
