"""The records: one row for each call, in any database that SQLAlchemy knows; SQLite by default.

All methods block on the database: the conductor calls them on a thread. The sound and the log are files
(`server.call_files`); a row can be made again from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import Literal, Self

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Engine, Row, case, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from server.call_files import CallFiles
from server.database import UnusableDatabaseError, address_of, open_database
from server.schema import calls

State = Literal["in_progress", "finished", "interrupted"]


class RecordsError(Exception):
    """The database cannot be reached or written; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. Times are UTC; `seconds` counts from the answer; score and what follows are None until marked.

    `outcome` is the marksheet's (passed, failed, needs_assessor), `rating` that of the disposition.
    """

    call_id: str
    script_id: str
    script_version: int
    title: str
    seed: int
    handset: str
    trainee: str
    started: datetime
    ended: datetime | None = None
    seconds: float | None = None
    state: State = "in_progress"
    ended_by: str | None = None
    score: float | None = None
    outcome: str | None = None
    rating: str | None = None


class Records:
    """The database of one site. `url` is SQLAlchemy's; `files` tells which calls are alive. Raises RecordsError."""

    def __init__(self, url: str, files: CallFiles) -> None:
        self._files = files
        self._name = "the database"
        with self.explained():
            address = address_of(url)
            self._name = address.render_as_string(hide_password=True)
            self._engine = open_database(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def engine(self) -> Engine:
        """The database itself, for what must tell its errors apart."""
        return self._engine

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()

    def begin(self, record: CallRecord) -> None:
        """Store a call that begins. Raises RecordsError."""
        with self.writing() as connection:
            connection.execute(insert(calls).values(**_row(record)))

    def end(self, call_id: str, *, seconds: float, ended_by: str, state: State = "finished") -> None:
        """Note that the call is over. Raises RecordsError."""
        now = datetime.now(UTC).replace(tzinfo=None)
        # Not before it began, though the clock was set back meanwhile.
        ended = case((calls.c.started > now, calls.c.started), else_=now)
        self._set(call_id, ended=ended, seconds=seconds, ended_by=ended_by, state=state)

    def mark(self, call_id: str, *, score: float, outcome: str, rating: str | None) -> None:
        """Note how the call was marked. Raises RecordsError."""
        self._set(call_id, score=score, outcome=outcome, rating=rating)

    def call(self, call_id: str) -> CallRecord | None:
        """One call, or None. Raises RecordsError."""
        self._notice_interrupted()
        with self.reading() as connection:
            row = connection.execute(select(calls).where(calls.c.call_id == call_id)).one_or_none()
        return record_of(row) if row else None

    def calls(
        self, *, limit: int = 50, script_id: str | None = None, trainee: str | None = None
    ) -> Sequence[CallRecord]:
        """The newest calls first. Raises RecordsError."""
        self._notice_interrupted()
        wanted = select(calls).order_by(calls.c.started.desc(), calls.c.call_id.desc()).limit(limit)
        if script_id is not None:
            wanted = wanted.where(calls.c.script_id == script_id)
        if trainee is not None:
            wanted = wanted.where(calls.c.trainee == trainee)
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(wanted)]

    def some(self, *conditions: ColumnElement[bool]) -> Sequence[CallRecord]:
        """The calls for which all conditions on `schema.calls` hold, newest first. Raises RecordsError."""
        self._notice_interrupted()
        wanted = select(calls).where(*conditions).order_by(calls.c.started.desc(), calls.c.call_id.desc())
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(wanted)]

    def count(self, *conditions: ColumnElement[bool]) -> int:
        """How many calls there are for which all conditions on `schema.calls` hold. Raises RecordsError."""
        with self.reading() as connection:
            return connection.scalar(select(func.count()).select_from(calls).where(*conditions)) or 0

    def _notice_interrupted(self) -> None:
        """Calls in progress whose conductor is gone were interrupted. Calls of another machine are left alone."""
        with self.reading() as connection:
            open_calls = connection.scalars(select(calls.c.call_id).where(calls.c.state == "in_progress")).all()
        for call_id in open_calls:
            if self._files.folder(call_id).exists() and not self._files.alive(call_id):
                self._set(call_id, state="interrupted")

    def _set(self, call_id: str, **values: object) -> None:
        with self.writing() as connection:
            connection.execute(update(calls).where(calls.c.call_id == call_id).values(**values))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, for this and for what else keeps its tables here. Raises RecordsError."""
        with self.explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from. Raises RecordsError."""
        with self.explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Say what the database refuses as a RecordsError."""
        try:
            yield
        except UnusableDatabaseError as error:
            raise RecordsError(f"the records in {self._name} cannot be used: {error}") from error
        except (SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise RecordsError(
                f"the records in {self._name} cannot be used: {cause}. Check that the place exists, has space and "
                "may be written, or name another by RIGHTCALL_DATABASE"
            ) from error


def _row(record: CallRecord) -> dict[str, object]:
    return {name: _plain(getattr(record, name)) for name in CallRecord.__slots__}


def _plain(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def record_of(row: Row[tuple[object, ...]]) -> CallRecord:
    """A row of `calls` as a record."""
    values = {
        key: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for key, value in row._mapping.items()  # noqa: SLF001 - SQLAlchemy's public name for it
    }
    return _adapter().validate_python(values)


@cache
def _adapter() -> TypeAdapter[CallRecord]:
    """Made once: making one takes longer than reading a hundred rows."""
    return TypeAdapter(CallRecord)
