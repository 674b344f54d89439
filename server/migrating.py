"""Bringing a database up to this program's tables, by the steps in `server.migrations`.

Alembic is imported only where a step has to be taken: opening a database that is up to date costs one query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from server import migrations

FOLDER = Path(migrations.__file__).parent
STEP = re.compile(r"v(\d{4})_\w+\.py")
LOCK = 0x52494748
"""PostgreSQL's advisory lock that whoever migrates holds; any number that no other program takes."""


class NewerDatabaseError(Exception):
    """The database belongs to a newer version of this program; the message says so."""


@cache
def newest() -> str:
    """The last step that this program knows."""
    return max(found[1] for path in (FOLDER / "versions").iterdir() if (found := STEP.fullmatch(path.name)))


def step_of(connection: Connection) -> str | None:
    """The last step that the database has taken; None for a new one and for one from before there were steps."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    step: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return step


def migrate(engine: Engine, to: str = "head") -> bool:
    """Take the steps `to` one that this database has not taken; returns whether there were any.

    Safe for several processes at once: one takes the steps, the others wait. Raises NewerDatabaseError.
    """
    with engine.connect() as connection:
        if _up_to_date(connection):
            return False
    with _alone(engine) as connection:
        if _up_to_date(connection):
            return False
        _take_steps(connection, to)
        return True


def _up_to_date(connection: Connection) -> bool:
    step = step_of(connection)
    if step is not None and step > newest():
        raise NewerDatabaseError(
            f"a newer version of Right Call wrote it (its step is {step}, this program's last is {newest()}). "
            "Use that version, or restore a backup from before it"
        )
    return step == newest()


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction in which no other process migrates."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            # sqlite3 would begin a transaction only at the first row that is written, after tables were made.
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")  # noqa: PLW2901 - the same one
        with connection.begin():
            if sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection


def _take_steps(connection: Connection, to: str) -> None:
    from alembic.command import upgrade
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    upgrade(config, to)
