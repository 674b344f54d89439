"""Stored calls as rows for a spreadsheet: one for each, newest first, read a few hundred at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, RowMapping, Select, and_, or_, select, true, tuple_

from server.records import Records
from server.schema import accounts, calls, group_members, review_queue, reviews
from server.schema_assessing import disputes
from server.spreadsheet import Cell

AT_ONCE = 500
HEADER = (
    "call_id", "started_utc", "trainee", "full_name", "script", "script_version", "title", "handset", "state",
    "seconds", "ended_by", "score", "outcome", "decision", "rule_score", "assessor", "signed_utc",
    "dispute",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which calls; None or an empty word is no wish. `since` and `until` are whole days of this machine's zone."""

    trainee: str | None = None
    group: int | None = None
    script: str = ""
    result: str = ""
    since: date | None = None
    until: date | None = None

    def __str__(self) -> str:
        wishes = {name: getattr(self, name) for name in self.__slots__}
        return ", ".join(f"{name} {value}" for name, value in wishes.items() if value is not None and value != "")


def rows(
    records: Records, chosen: Chosen, assessor: str = "", hidden: frozenset[str] = frozenset()
) -> Iterator[Sequence[Cell]]:
    """The rows in HEADER's order. Raises RecordsError.

    The calls in `hidden`, and those that `assessor` has still to mark blind, come without their marks.

    Each few hundred are read by themselves: a long download holds no lock.
    """
    last: RowMapping | None = None
    while True:
        with records.reading() as connection:
            found = connection.execute(_query(chosen, assessor, last)).mappings().all()
        yield from (_row(row, hidden) for row in found)
        if len(found) < AT_ONCE:
            return
        last = found[-1]


def _row(row: RowMapping, hidden: frozenset[str]) -> Sequence[Cell]:
    blind = bool(row["second_by"] and row["signed"] and not row["own"]) or row["call_id"] in hidden
    mark: tuple[Cell, ...] = (
        row["score"], row["outcome"], row["rating"], row["rule_score"], row["assessor"], _time(row["signed"]),
        _dispute(row),
    )  # fmt: skip
    return (
        row["call_id"], _time(row["started"]), row["trainee"], row["full_name"], row["script_id"],
        row["script_version"], row["title"], row["handset"], row["state"], row["seconds"], row["ended_by"],
        *((None,) * len(mark) if blind else mark),
    )  # fmt: skip


def _query(chosen: Chosen, assessor: str, last: RowMapping | None) -> Select[tuple[object, ...]]:
    mine = reviews.alias("mine")
    own = or_(reviews.c.assessor == assessor, mine.c.signed.is_not(None)) if assessor else true()
    wanted = _wanted(chosen)
    if last is not None:
        wanted.append(tuple_(calls.c.started, calls.c.call_id) < (last["started"], last["call_id"]))
    return (
        select(
            calls, accounts.c.full_name, reviews.c.rule_score, reviews.c.assessor, reviews.c.signed,
            disputes.c.asked, disputes.c.answered, disputes.c.score.label("disputed_score"),
            review_queue.c.second_by, own.label("own"),
        )
        .outerjoin(accounts, accounts.c.name == calls.c.trainee)
        .outerjoin(disputes, disputes.c.call_id == calls.c.call_id)
        .outerjoin(review_queue, review_queue.c.call_id == calls.c.call_id)
        .outerjoin(
            reviews, and_(reviews.c.call_id == calls.c.call_id, ~reviews.c.blind, reviews.c.signed.is_not(None))
        )
        .outerjoin(mine, and_(mine.c.call_id == calls.c.call_id, mine.c.assessor == assessor, mine.c.blind))
        .where(*wanted)
        .order_by(calls.c.started.desc(), calls.c.call_id.desc())
        .limit(AT_ONCE)
    )  # fmt: skip


def _wanted(chosen: Chosen) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if chosen.trainee is not None:
        wanted.append(calls.c.trainee == chosen.trainee)
    if chosen.group is not None:
        members = select(group_members.c.trainee).where(group_members.c.group_id == chosen.group)
        wanted.append(calls.c.trainee.in_(members))
    if chosen.script:
        wanted.append(calls.c.script_id == chosen.script)
    if chosen.result:
        wanted.append(calls.c.outcome == chosen.result)
    if chosen.since:
        wanted.append(calls.c.started >= _midnight(chosen.since))
    if chosen.until and chosen.until < date.max:
        wanted.append(calls.c.started < _midnight(chosen.until + timedelta(days=1)))
    return wanted


def _midnight(day: date) -> datetime:
    """When that day begins on this machine, as the database has times."""
    if not date(1971, 1, 1) <= day <= date(9000, 1, 1):  # what every system's clock can place in a zone
        return datetime.combine(day, time())
    return datetime.combine(day, time()).astimezone().astimezone(UTC).replace(tzinfo=None)


def _dispute(row: RowMapping) -> str | None:
    if row["asked"] is None:
        return None
    return "open" if row["answered"] is None else "stands" if row["disputed_score"] is None else "changed"


def _time(at: datetime | None) -> str | None:
    return at.isoformat(" ", "seconds") if at else None
