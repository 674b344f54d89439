"""The calls that wait for an assessor: those with unsure verdicts, a random sample of all, and second marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, exists, func, insert, select

from server.call_files import CallFiles, CallFilesError
from server.records import Records
from server.remarking import stored_marksheet
from server.reviews import sampled
from server.schema import calls, examination_tries, review_queue, reviews
from server.schema_assessing import disputes

Show = Literal["due", "second", "all", "signed"]
SHOWS: dict[Show, str] = {
    "due": "To review", "second": "Blind second marks", "all": "All marked calls", "signed": "Signed",
}  # fmt: skip
MOST_ROWS = 200
DRAWN_AT_ONCE = 500
"""Calls considered in one page: a site with years of calls is drawn in a few."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the assessor wants to see; an empty word is no wish."""

    show: Show = "due"
    trainee: str = ""
    script: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the queue. Blind, `score`, `outcome` and `unsure` are None: they would tell the first mark."""

    call_id: str
    title: str
    trainee: str
    started: datetime
    seconds: float | None
    score: float | None
    outcome: str | None
    unsure: int | None
    sampled: bool
    examined: bool
    disputed: bool
    blind: bool
    assessor: str | None
    signed: datetime | None

    @property
    def why(self) -> str:
        if self.disputed:
            return "disputed"
        if self.blind:
            return "second mark"
        if self.unsure:
            return f"{self.unsure} unsure"
        if self.examined:
            return "examination"
        return "sample" if self.sampled else ""


def draw(records: Records, files: CallFiles, percent: float, seed: int) -> int:
    """Consider the calls that were marked since the last time; returns how many."""
    with records.reading() as connection:
        marked = connection.scalar(select(func.count()).select_from(calls).where(calls.c.score.is_not(None)))
        if marked == connection.scalar(select(func.count()).select_from(review_queue)):
            return 0
        fresh = connection.scalars(
            select(calls.c.call_id)
            .outerjoin(review_queue, review_queue.c.call_id == calls.c.call_id)
            .where(calls.c.score.is_not(None), review_queue.c.call_id.is_(None))
            .order_by(calls.c.started.desc())
            .limit(DRAWN_AT_ONCE)
        ).all()
    with records.writing() as connection:
        known = set(connection.scalars(select(review_queue.c.call_id).where(review_queue.c.call_id.in_(fresh))))
        rows = [
            {"call_id": call_id, "unsure": _unsure(files, call_id), "sampled": sampled(call_id, percent, seed)}
            for call_id in fresh
            if call_id not in known
        ]
        if rows:
            connection.execute(insert(review_queue), rows)
    return len(rows)


def waiting(records: Records, assessor: str, wish: Filter, limit: int = MOST_ROWS) -> list[Waiting]:
    """The calls of that view for that assessor, never their own: disputed and unsure ones first, then the oldest.

    The view's calls are found first, each in an index's order so that the database stops at the limit; what is shown
    of them is looked up afterwards.
    """
    with records.reading() as connection:
        ids = list(dict.fromkeys(_ids(connection, assessor, wish, limit)))[:limit]
        rows = {row["call_id"]: row for row in connection.execute(_shown(assessor, ids)).mappings()}
    return [_waiting(rows[call_id], assessor) for call_id in ids]


def _ids(connection: Connection, assessor: str, wish: Filter, limit: int) -> Iterator[str]:
    """The calls of a view in its order; some may come twice. A call's id sorts by its time."""
    queued = review_queue.c.call_id
    fits = calls.c.trainee != assessor, *_wishes(wish)
    both = select(calls.c.call_id).join(review_queue, queued == calls.c.call_id).where(*fits).limit(limit)
    view = both.order_by(calls.c.started.desc())
    if wish.show == "due":
        view = both.order_by(review_queue.c.unsure.desc(), calls.c.started)
    elif wish.show == "second":
        view = view.where(review_queue.c.second_by.is_not(None), _signed(calls.c.call_id), ~_signed_by(assessor))
    elif wish.show == "signed":
        first = reviews.c.signed.is_not(None), ~reviews.c.blind
        view = both.join(reviews, reviews.c.call_id == queued).where(*first).order_by(reviews.c.call_id.desc())
    disputed = view.join(disputes, disputes.c.call_id == calls.c.call_id).where(disputes.c.answered.is_(None))
    yield from connection.scalars(disputed)
    yield from _due(connection, both, limit) if wish.show == "due" else connection.scalars(view)


def _due(connection: Connection, both: Select[str], limit: int) -> Iterator[str]:
    """Calls that are not signed: the most unsure verdicts first, then the sample and examinations."""
    unsure, queued = review_queue.c.unsure, review_queue.c.call_id
    still, found = both.where(~_signed(queued)).order_by(queued), 0
    for level in _levels(connection):
        some = connection.scalars(still.where(unsure == level)).all()
        yield from some
        found += len(some)
        if found >= limit:
            return
    certain = still.where(unsure == 0)
    rest = {one for why in (review_queue.c.sampled, _examined()) for one in connection.scalars(certain.where(why))}
    yield from sorted(rest)


def _levels(connection: Connection) -> Iterator[int]:
    """The numbers of unsure verdicts that calls have, the highest first: one look into the index for each."""
    highest = select(func.max(review_queue.c.unsure))
    level = connection.scalar(highest)
    while level:
        yield level
        level = connection.scalar(highest.where(review_queue.c.unsure < level))


def _signed(call_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the call has a mark of record."""
    return exists().where(reviews.c.call_id == call_id, reviews.c.signed.is_not(None), ~reviews.c.blind)


def _signed_by(assessor: str) -> ColumnElement[bool]:
    mine = reviews.alias("theirs")
    return exists().where(mine.c.call_id == calls.c.call_id, mine.c.assessor == assessor, mine.c.signed.is_not(None))


def _shown(assessor: str, ids: Sequence[str]) -> Select[tuple[object, ...]]:
    """What the page says of those calls."""
    first = (
        select(
            reviews.c.call_id,
            func.max(reviews.c.signed).label("signed"),
            func.max(reviews.c.assessor).label("assessor"),
        )
        .where(~reviews.c.blind, reviews.c.call_id.in_(ids))
        .group_by(reviews.c.call_id)
        .subquery()
    )
    mine = reviews.alias("mine")
    return (
        select(
            calls.c.call_id, calls.c.title, calls.c.trainee, calls.c.started, calls.c.seconds, calls.c.score,
            calls.c.outcome, review_queue.c.unsure, review_queue.c.sampled, review_queue.c.second_by,
            _examined().label("examined"),
            first.c.assessor, first.c.signed, mine.c.signed.label("own"),
            disputes.c.call_id.is_not(None).label("disputed"),
        )
        .join(review_queue, review_queue.c.call_id == calls.c.call_id)
        .outerjoin(disputes, and_(disputes.c.call_id == calls.c.call_id, disputes.c.answered.is_(None)))
        .outerjoin(first, first.c.call_id == calls.c.call_id)
        .outerjoin(mine, and_(mine.c.call_id == calls.c.call_id, mine.c.assessor == assessor))
        .where(calls.c.call_id.in_(ids))
    )  # fmt: skip


def next_after(records: Records, assessor: str, call_id: str) -> str | None:
    """The call to review next, other than that one; second marks come last. None when nothing waits."""
    for show in ("due", "second"):
        rows = waiting(records, assessor, Filter(show), 2)
        for row in rows:
            if row.call_id != call_id:
                return row.call_id
    return None


def _examined() -> ColumnElement[bool]:
    """Whether the call is an examination: its trainee waits for the signature."""
    same = examination_tries.c.call_id == calls.c.call_id
    return exists(examination_tries.c.call_id).where(same, ~examination_tries.c.void)


def _wishes(wish: Filter) -> list[ColumnElement[bool]]:
    columns = {calls.c.trainee: wish.trainee, calls.c.script_id: wish.script, calls.c.outcome: wish.result}
    return [column == value for column, value in columns.items() if value]


def _waiting(row: RowMapping, assessor: str) -> Waiting:
    blind = bool(row["second_by"] and row["signed"] and not row["own"] and row["assessor"] != assessor)
    shown = {name: value for name, value in row.items() if name in Waiting.__slots__}
    if blind:
        shown |= dict.fromkeys(("score", "outcome", "unsure"))
    return _adapter().validate_python({**shown, "blind": blind, "started": row["started"].replace(tzinfo=UTC)})


@cache
def _adapter() -> TypeAdapter[Waiting]:
    return TypeAdapter(Waiting)


def _unsure(files: CallFiles, call_id: str) -> int:
    try:
        sheet = stored_marksheet(files, call_id)
    except (OSError, CallFilesError):
        return 0  # its files were taken away: nothing to hear, nothing to decide
    return sheet.unsure if sheet else 0
