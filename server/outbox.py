"""Statements in the database: made once from the records, kept until the learning record store has them.

Nothing has to tell this of a call or a signature: what is missing is found in the records, also what happened while
no server ran. Everything blocks on the database and raises RecordsError.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from sqlalchemy import Connection, RowMapping, and_, func, insert, select, update

from server.records import Records, record_of
from server.schema import accounts, calls, reviews
from server.schema_assessing import disputes, statements
from server.xapi import About, Author, Mark, Statement

State = Literal["waiting", "sent", "refused"]
STATES: tuple[State, ...] = get_args(State)
AT_ONCE = 200
SHOWN = 100
STEP = timedelta(microseconds=1)
"""Between two statements: their order is the order of their making."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One statement to be sent. `tries` were in vain until now; times are UTC."""

    statement_id: str
    call_id: str
    about: str
    body: str
    tries: int
    due: datetime
    made: datetime
    state: State = "waiting"
    said: str = ""


class Outbox:
    """The statements of one site. Calls that began before `since` are not told."""

    def __init__(self, records: Records, author: Author, since: date | None = None) -> None:
        self._records = records
        self._author = author
        self._since = datetime.combine(since or date(1970, 1, 1), time())

    def gather(self, now: datetime) -> int:
        """Make the statements that are missing, some hundreds at most; returns how many."""
        with self._records.writing() as connection:
            fresh = [*self._completed(connection), *self._marked(connection)]
            last = connection.scalar(select(func.max(statements.c.made))) if fresh else None
            start = max(_plain(now), last + STEP) if last else _plain(now)
            rows = [
                {
                    "statement_id": body["id"], "call_id": call_id, "about": about,
                    "body": json.dumps(body, ensure_ascii=False), "made": start + place * STEP,
                    "state": "waiting", "tries": 0, "due": _plain(now), "said": "",
                }
                for place, (call_id, about, body) in enumerate(fresh)
            ]  # fmt: skip
            if rows:
                connection.execute(insert(statements), rows)
        return len(rows)

    def first(self) -> Waiting | None:
        """The one that has waited longest: they are sent in their order, a mark after its call."""
        with self._records.reading() as connection:
            found = select(statements).where(statements.c.state == "waiting").order_by(statements.c.made).limit(1)
            row = connection.execute(found).mappings().one_or_none()
        return _waiting(row) if row else None

    def settle(self, one: Waiting, state: State, said: str, now: datetime) -> None:
        """Note that the store has it, or will not have it."""
        self._set(one, state=state, said=said[:500], sent=_plain(now) if state == "sent" else None)

    def later(self, one: Waiting, said: str, due: datetime) -> None:
        """Note a try in vain, and when the next is due."""
        self._set(one, tries=one.tries + 1, said=said[:500], due=_plain(due))

    def again(self, now: datetime) -> int:
        """Let everything that was refused or is held back be tried at once; returns how many."""
        with self._records.writing() as connection:
            done = connection.execute(
                update(statements)
                .where(statements.c.state != "sent")
                .values(state="waiting", tries=0, due=_plain(now))
            )
        return done.rowcount

    def counts(self) -> dict[State, int]:
        """How many are in each state."""
        with self._records.reading() as connection:
            found = select(statements.c.state, func.count()).group_by(statements.c.state)
            told = {str(row[0]): int(row[1]) for row in connection.execute(found)}
        return {state: told.get(state, 0) for state in STATES}

    def unsent(self) -> Sequence[Waiting]:
        """Those that the store does not have: refused first, then as they wait."""
        wanted = (
            select(statements).where(statements.c.state != "sent").order_by(statements.c.state, statements.c.made)
        ).limit(SHOWN)
        with self._records.reading() as connection:
            return [_waiting(row) for row in connection.execute(wanted).mappings()]

    def _set(self, one: Waiting, **values: object) -> None:
        with self._records.writing() as connection:
            connection.execute(
                update(statements).where(statements.c.statement_id == one.statement_id).values(**values)
            )

    def _completed(self, connection: Connection) -> Iterator[tuple[str, About, Statement]]:
        """Calls of trainees with an account that came to their end and were marked."""
        told = and_(statements.c.call_id == calls.c.call_id, statements.c.about == "completed")
        wanted = (
            select(calls).join(accounts, accounts.c.name == calls.c.trainee).outerjoin(statements, told)
            .where(
                calls.c.state == "finished", calls.c.score.is_not(None), calls.c.started >= self._since,
                statements.c.statement_id.is_(None),
            )
            .order_by(calls.c.started).limit(AT_ONCE)
        )  # fmt: skip
        for row in connection.execute(wanted):
            call = record_of(row)
            yield call.call_id, "completed", self._author.completed(call)

    def _marked(self, connection: Connection) -> Iterator[tuple[str, About, Statement]]:
        """Marks of record of calls that are told; a later mark voids the one before."""
        for call_id in _calls_with_new_marks(connection):
            row = connection.execute(select(calls).where(calls.c.call_id == call_id)).one()
            told = set(connection.scalars(select(statements.c.about).where(statements.c.call_id == call_id)))
            before: Mark | None = None
            for mark in _marks(connection, call_id):
                if mark.about not in told:
                    if before:
                        void: About = "void review" if before.about == "review" else "void dispute"
                        yield call_id, void, self._author.voided(call_id, before.about, mark.assessor, mark.at)
                    yield call_id, mark.about, self._author.marked(record_of(row), mark)
                before = mark


def _calls_with_new_marks(connection: Connection) -> Sequence[str]:
    """Calls that are told, with a mark that is not."""
    found: dict[str, None] = {}
    for table, about, is_mark in (
        (reviews, "review", and_(reviews.c.signed.is_not(None), ~reviews.c.blind)),
        (disputes, "dispute", disputes.c.score.is_not(None)),
    ):
        told = statements.alias("told")
        wanted = (
            select(table.c.call_id)
            .join(statements, and_(statements.c.call_id == table.c.call_id, statements.c.about == "completed"))
            .outerjoin(told, and_(told.c.call_id == table.c.call_id, told.c.about == about))
            .where(is_mark, told.c.statement_id.is_(None))
            .limit(AT_ONCE)
        )
        found |= dict.fromkeys(connection.scalars(wanted))
    return list(found)


def _marks(connection: Connection, call_id: str) -> list[Mark]:
    """The call's marks of record in the order in which they came to be."""
    first = select(reviews).where(reviews.c.call_id == call_id, ~reviews.c.blind, reviews.c.signed.is_not(None))
    later = select(disputes).where(disputes.c.call_id == call_id, disputes.c.score.is_not(None))
    made = [
        Mark("review", row.score, row.outcome, row.assessor, row.signed, row.rule_score)
        for row in connection.execute(first)
    ]
    made += [Mark("dispute", row.score, row.outcome, row.assessor, row.answered) for row in connection.execute(later)]
    return sorted(made, key=lambda mark: mark.at)


def _waiting(row: RowMapping) -> Waiting:
    return Waiting(
        row["statement_id"], row["call_id"], row["about"], row["body"], row["tries"], row["due"].replace(tzinfo=UTC),
        row["made"].replace(tzinfo=UTC), row["state"], row["said"],
    )  # fmt: skip


def _plain(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
