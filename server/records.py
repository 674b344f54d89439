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
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from pydantic import TypeAdapter
from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, insert, make_url, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from server.call_files import CallFiles
from server.migrating import NewerDatabaseError, migrate
from server.schema import calls

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

State = Literal["in_progress", "finished", "interrupted"]
BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up: a backup can hold a database for seconds."""


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
        address = _with_driver(make_url(url))
        self._name = address.render_as_string(hide_password=True)
        with self._explained():
            self._engine = _engine(address)
            migrate(self._engine)

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
        self._set(call_id, ended=now, seconds=seconds, ended_by=ended_by, state=state)

    def mark(self, call_id: str, *, score: float, outcome: str, rating: str | None) -> None:
        """Note how the call was marked. Raises RecordsError."""
        self._set(call_id, score=score, outcome=outcome, rating=rating)

    def call(self, call_id: str) -> CallRecord | None:
        """One call, or None. Raises RecordsError."""
        self._notice_interrupted()
        with self.reading() as connection:
            row = connection.execute(select(calls).where(calls.c.call_id == call_id)).one_or_none()
        return _record(row) if row else None

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
            return [_record(row) for row in connection.execute(wanted)]

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
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from. Raises RecordsError."""
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except NewerDatabaseError as error:
            raise RecordsError(f"the records in {self._name} cannot be used: {error}") from error
        except (SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise RecordsError(
                f"the records in {self._name} cannot be used: {cause}. Check that the place exists, has space and "
                "may be written, or name another by RIGHTCALL_DATABASE"
            ) from error


def _with_driver(address: URL) -> URL:
    """The driver that we ship for PostgreSQL, where the address names none."""
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _engine(address: URL) -> Engine:
    if address.get_backend_name() != "sqlite":
        try:
            return create_engine(address, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise RecordsError(
                f"records in {address.get_backend_name()} need {error.name}, which is not installed. "
                "For PostgreSQL: pip install 'rightcall[postgres]'"
            ) from error
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    else:
        engine = create_engine(address, poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _safe_sqlite)
    return engine


def _safe_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Write-ahead log, so that readers never wait; FULL, so that what was committed survives a power cut."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _row(record: CallRecord) -> dict[str, object]:
    return {name: _plain(getattr(record, name)) for name in CallRecord.__slots__}


def _plain(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _record(row: Row[tuple[object, ...]]) -> CallRecord:
    values = {
        key: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for key, value in row._mapping.items()  # noqa: SLF001 - SQLAlchemy's public name for it
    }
    return _adapter().validate_python(values)


@cache
def _adapter() -> TypeAdapter[CallRecord]:
    """Made once: making one takes longer than reading a hundred rows."""
    return TypeAdapter(CallRecord)
