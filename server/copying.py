"""Copying a whole database, between any two kinds: for backups, and for moving a site to another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text

from server.schema import sessions, tables

AT_ONCE = 1000
NOT_COPIED = frozenset({sessions.name})
"""Whoever is signed in signs in again: a copy that somebody finds must open no session."""


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is at this moment, whatever others write meanwhile."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as plain:
        # sqlite3 begins no transaction for reading; in one, its write-ahead log keeps the moment.
        connection = plain.execution_options(isolation_level="AUTOCOMMIT" if sqlite else "REPEATABLE READ")
        with connection.begin():
            if sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection


@contextmanager
def whole_change(engine: Engine) -> Iterator[Connection]:
    """One transaction that keeps other writers out from its beginning, and is undone by any error."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT") if sqlite else plain
        with connection.begin():
            if sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Put the source's rows in place of the target's, in all tables of this program; returns how many of each."""
    for table in reversed(tables.sorted_tables):
        target.execute(delete(table))
    copied = {table.name: _copy(table, source, target) for table in tables.sorted_tables if _goes_along(table)}
    if target.dialect.name == "postgresql":
        for table in tables.sorted_tables:
            _count_on(table, target)
    return copied


def _goes_along(table: Table) -> bool:
    return table.name not in NOT_COPIED


def _copy(table: Table, source: Connection, target: Connection) -> int:
    copied = 0
    rows = source.execute(select(table), execution_options={"yield_per": AT_ONCE}).mappings()
    for some in rows.partitions():
        target.execute(insert(table), [dict(row) for row in some])
        copied += len(some)
    return copied


def _count_on(table: Table, target: Connection) -> None:
    """PostgreSQL counts keys apart from its rows: go on after the highest."""
    key = table.autoincrement_column
    if key is None:
        return
    highest = target.scalar(select(func.max(key)))
    target.execute(
        text("SELECT setval(pg_get_serial_sequence(:table, :key), :next, false)"),
        {"table": table.name, "key": key.name, "next": (highest or 0) + 1},
    )
