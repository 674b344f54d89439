"""The database's tables, and the named steps that bring an older database up to them.

A step runs once, in a transaction with its own record in `meta`; it is never changed after a release.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
)

tables = MetaData()

calls = Table(
    "calls",
    tables,
    Column("call_id", String(32), primary_key=True),
    Column("script_id", String(60), nullable=False, index=True),
    Column("script_version", Integer, nullable=False),
    Column("title", String(120), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("handset", String(20), nullable=False),
    Column("trainee", String(120), nullable=False, index=True),
    Column("started", DateTime, nullable=False, index=True),
    Column("ended", DateTime),
    Column("seconds", Float),
    Column("state", String(20), nullable=False),
    Column("ended_by", String(20)),
    Column("score", Float),
    Column("outcome", String(20)),
    Column("rating", String(20)),
)
"""Times are UTC without a zone, as every database has them."""

meta = Table("meta", tables, Column("step", String(80), primary_key=True))


def _first_tables(connection: Connection) -> None:
    calls.create(connection, checkfirst=True)


STEPS: dict[str, Callable[[Connection], None]] = {"2026-11-calls": _first_tables}


def migrate(engine: Engine) -> list[str]:
    """Take every step that this database has not taken; returns their names."""
    taken = []
    with engine.begin() as connection:
        if not inspect(connection).has_table("meta"):
            meta.create(connection, checkfirst=True)
    for name, step in STEPS.items():
        with engine.begin() as connection:
            if connection.scalar(select(meta.c.step).where(meta.c.step == name)) is None:
                step(connection)
                connection.execute(insert(meta).values(step=name))
                taken.append(name)
    return taken
