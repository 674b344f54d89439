"""Reviews in the database: the queue of calls that wait for an assessor, and what each assessor did.

Everything blocks on the database and raises RecordsError. Rows of decisions, turns and comments are added, never
changed; a review is changed once, when it is signed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Row, Select, Table, insert, select, update

from scripts.marksheet import Marksheet, Result
from server.records import CallRecord, Records
from server.reviews import Decision, ReviewError
from server.schema import (
    calls,
    review_comments,
    review_decisions,
    review_queue,
    review_turns,
    review_verdicts,
    reviews,
)
from server.schema_assessing import disputes

HELD_FOR = timedelta(hours=12)
"""How long a review that was begun keeps its call from others: nobody's holiday blocks the queue."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What an assessor remarked at a moment of the call (seconds since the answer)."""

    at: datetime
    moment: float
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A corrected turn: what was heard, what was said, and the marksheet that follows from it and those before."""

    at: datetime
    moment: float
    heard: str
    text: str
    marksheet: Marksheet


@dataclass(frozen=True, slots=True)
class Review:
    """One assessor's work on one call, everything in its order. `signed` is when it became final."""

    review_id: int
    call_id: str
    assessor: str
    blind: bool
    began: datetime
    signed: datetime | None = None
    score: float | None = None
    outcome: str | None = None
    rule_score: float | None = None
    decisions: tuple[tuple[datetime, Decision], ...] = ()
    comments: tuple[Comment, ...] = ()
    turns: tuple[Turn, ...] = ()
    verdicts: Mapping[str, Result] = field(default_factory=dict)
    """By criterion, once signed."""

    @property
    def corrections(self) -> dict[float, str]:
        """The corrected turns as they stand, by the moment that each began."""
        return {turn.moment: turn.text for turn in self.turns}


class ReviewRecords:
    """The reviews of one site."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def of(self, call_id: str) -> list[Review]:
        """All reviews of a call, the first begun first."""
        with self._records.reading() as connection:
            rows = connection.execute(
                select(reviews).where(reviews.c.call_id == call_id).order_by(reviews.c.review_id)
            ).all()
            return [_review(connection, row) for row in rows]

    def of_record(self, call_id: str) -> Review | None:
        """The signed review that is the call's mark of record; None where no assessor has signed it."""
        return next((review for review in self.of(call_id) if review.signed and not review.blind), None)

    def is_blind(self, record: CallRecord, assessor: str) -> bool:
        """Whether that assessor may yet have to mark the call without knowing its verdicts."""
        if record.trainee == assessor or not self.second_wanted(record.call_id):
            return False
        review = self.for_assessor(record.call_id, assessor)
        return review.blind and review.signed is None

    def for_assessor(self, call_id: str, assessor: str) -> Review:
        """That assessor's review of the call; a new one is stored only by its first decision (`begin`).

        It is blind where a second mark was asked for. Raises ReviewError where somebody else has the call.
        """
        others = []
        for review in self.of(call_id):
            if review.assessor == assessor:
                return review
            others.append(review)
        firsts = [review for review in others if not review.blind and _holds(review)]
        if firsts and not self.second_wanted(call_id):
            raise ReviewError(_taken(firsts[0]))
        return Review(0, call_id, assessor, bool(firsts), datetime.now(UTC))

    def second_wanted(self, call_id: str) -> bool:
        """Whether somebody asked for a blind second mark."""
        with self._records.reading() as connection:
            wanted = select(review_queue.c.second_by).where(review_queue.c.call_id == call_id)
            return connection.scalar(wanted) is not None

    def begin(self, review: Review) -> Review:
        """The review, stored if it was not. Raises ReviewError where the same assessor began it in another tab."""
        if review.review_id:
            return review
        row = {"call_id": review.call_id, "assessor": review.assessor, "blind": review.blind, "began": _now()}
        with self._records.writing() as connection:
            mine = reviews.c.call_id == review.call_id, reviews.c.assessor == review.assessor
            made = connection.scalar(select(reviews.c.review_id).where(*mine))
            if made is not None:
                raise ReviewError("You began this review in another tab: reload the page")
            key = connection.execute(insert(reviews).values(**row)).inserted_primary_key
        return replace(review, review_id=cast("tuple[int]", key)[0])

    def decide(self, review: Review, *decisions: Decision) -> None:
        """Add what was decided. Raises ReviewError once the review is signed."""
        with self._open(review) as connection:
            for one in decisions:
                connection.execute(
                    insert(review_decisions).values(
                        review_id=review.review_id, at=_now(), kind=one.kind, criterion=one.criterion,
                        result=one.result, points=one.points, seen=one.seen, reason=one.reason,
                    )
                )  # fmt: skip

    def comment(self, review: Review, moment: float, text: str) -> None:
        """Add a remark. Raises ReviewError once the review is signed."""
        with self._open(review) as connection:
            connection.execute(
                insert(review_comments).values(review_id=review.review_id, at=_now(), moment=moment, text=text)
            )

    def correct(self, review: Review, moment: float, heard: str, text: str, marksheet: Marksheet) -> None:
        """Add a corrected turn. Raises ReviewError once the review is signed."""
        with self._open(review) as connection:
            connection.execute(
                insert(review_turns).values(
                    review_id=review.review_id, at=_now(), moment=moment, heard=heard, text=text,
                    marksheet=marksheet.model_dump_json(),
                )
            )  # fmt: skip

    def sign(self, review: Review, script_id: str, rules: Marksheet, final: Marksheet) -> None:
        """Make the review final; unless it is blind, its score becomes the call's. Raises ReviewError when it is."""
        now = _now()
        first = {verdict.criterion: verdict.result for verdict in rules.verdicts}
        with self._open(review) as connection:
            if not review.blind and connection.execute(_signed(review.call_id)).first() is not None:
                raise ReviewError("Somebody else has signed this call meanwhile: theirs is the mark of record")
            for verdict in final.verdicts:
                connection.execute(
                    insert(review_verdicts).values(
                        review_id=review.review_id, criterion=verdict.criterion, call_id=review.call_id,
                        script_id=script_id, title=verdict.title[:120], signed=now, result=verdict.result,
                        rule_result=first.get(verdict.criterion, "unsure"),
                    )
                )  # fmt: skip
            signed = {"signed": now, "score": final.score, "outcome": final.outcome, "rule_score": rules.score}
            connection.execute(update(reviews).where(reviews.c.review_id == review.review_id).values(**signed))
            if not review.blind:
                connection.execute(
                    update(calls).where(calls.c.call_id == review.call_id)
                    .values(score=final.score, outcome=final.outcome)
                )  # fmt: skip

    def ask_for_second(self, call_id: str, who: str) -> None:
        """Ask for a blind mark by somebody else."""
        with self._records.writing() as connection:
            connection.execute(
                update(review_queue).where(review_queue.c.call_id == call_id).values(second_by=who, second_at=_now())
            )

    @contextmanager
    def _open(self, review: Review) -> Iterator[Connection]:
        """A transaction on a review that is not yet signed."""
        with self._records.writing() as connection:
            signed = select(reviews.c.signed).where(reviews.c.review_id == review.review_id)
            if connection.scalar(signed) is not None:
                raise ReviewError("This review is signed, and so it is final")
            yield connection


def mark_of_record(connection: Connection, call_id: str) -> tuple[float, str] | None:
    """Score and outcome of the call's mark of record; None where the rules' stands.

    Whichever came last: the signed review, or the answer to a dispute that changed a verdict.
    """
    changed = select(disputes.c.answered, disputes.c.score, disputes.c.outcome).where(
        disputes.c.call_id == call_id, disputes.c.score.is_not(None)
    )
    marks = [*connection.execute(_signed(call_id)), *connection.execute(changed)]
    last = max(marks, key=lambda row: row[0], default=None)
    return (last[1], last[2]) if last else None


def _signed(call_id: str) -> Select[tuple[datetime | None, float | None, str | None]]:
    """When, score and outcome of the signed review that is no second mark."""
    return select(reviews.c.signed, reviews.c.score, reviews.c.outcome).where(
        reviews.c.call_id == call_id, reviews.c.signed.is_not(None), ~reviews.c.blind
    )


def _holds(review: Review) -> bool:
    """Whether a first mark keeps the call to itself: signed, or begun not long ago."""
    return review.signed is not None or datetime.now(UTC) - review.began < HELD_FOR


def _taken(review: Review) -> str:
    if review.signed:
        return f"{review.assessor} has signed this call. Ask for a blind second mark if you want to mark it too"
    return (
        f"{review.assessor} is reviewing this call. It comes free twelve hours after that began, or when it is signed"
    )


def _review(connection: Connection, row: Row[tuple[object, ...]]) -> Review:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    mine = {"review_id": values["review_id"]}
    decisions = _rows(connection, review_decisions, review_decisions.c.decision_id, mine)
    comments = _rows(connection, review_comments, review_comments.c.comment_id, mine)
    verdicts = _rows(connection, review_verdicts, review_verdicts.c.criterion, mine)
    turns = _rows(connection, review_turns, review_turns.c.turn_id, mine)
    return _adapter(Review).validate_python(
        {
            **values,
            "began": _utc(values["began"]),
            "signed": _utc(values["signed"]),
            "decisions": [(_utc(one.pop("at")), _picked(one, Decision)) for one in decisions],
            "verdicts": {one["criterion"]: one["result"] for one in verdicts},
            "comments": [_picked(one, Comment) for one in comments],
            "turns": [{**_picked(one, Turn), "marksheet": json.loads(str(one["marksheet"]))} for one in turns],
        }
    )


def _rows(
    connection: Connection, table: Table, order: Column[int] | Column[str], mine: Mapping[str, object]
) -> list[dict[str, object]]:
    found = connection.execute(select(table).where(table.c.review_id == mine["review_id"]).order_by(order))
    return [dict(row) for row in found.mappings()]


def _picked(row: Mapping[str, object], shape: type[Decision | Comment | Turn]) -> dict[str, object]:
    return {name: _utc(row[name]) for name in shape.__slots__}


def _utc(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@cache
def _adapter(shape: type[Review]) -> TypeAdapter[Review]:
    return TypeAdapter(shape)
