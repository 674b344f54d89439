"""Opening a site's database: any that SQLAlchemy knows, brought up to this program's tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from server.migrating import NewerDatabaseError, migrate

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up: a backup can hold a database for seconds.

An address may name another time: `?timeout=5` for SQLite, `?options=-c%20lock_timeout=5s` for PostgreSQL.
"""


class UnusableDatabaseError(Exception):
    """This program cannot use that database, whatever its state; the message says why and what to do."""


def address_of(url: str) -> URL:
    """The database's address, with the driver that we ship for PostgreSQL where it names none.

    Raises UnusableDatabaseError.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise UnusableDatabaseError(
            "RIGHTCALL_DATABASE is no database's address; they look like sqlite:////srv/rightcall.db or "
            "postgresql://name:password@host/database"
        ) from error
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def open_database(address: URL) -> Engine:
    """The database with this program's tables. Raises UnusableDatabaseError, SQLAlchemyError and OSError."""
    engine = _engine(address)
    try:
        migrate(engine)
    except NewerDatabaseError as error:
        engine.dispose()
        raise UnusableDatabaseError(str(error)) from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    wait = {} if "options" in address.query else {"options": f"-c lock_timeout={BUSY_SECONDS}s"}
    try:
        return create_engine(address, pool_pre_ping=True, connect_args=wait if _psycopg(address) else {})
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise UnusableDatabaseError(
            f"what talks to {address.get_backend_name()} is not installed ({error}). "
            "For PostgreSQL: pip install 'rightcall[postgres]'"
        ) from error


def _psycopg(address: URL) -> bool:
    return address.get_driver_name() == "psycopg"


def _sqlite(address: URL) -> Engine:
    if address.database and address.database != ":memory:":
        if not address.database.startswith("file:"):
            Path(address.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(address.update_query_dict({"timeout": str(BUSY_SECONDS), **address.query}))
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
