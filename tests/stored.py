"""What a database holds, as whoever stole it would read it."""

from __future__ import annotations

from sqlalchemy import create_engine, select

from server.database import address_of
from server.schema import tables


def everything(database: str) -> str:
    """Every row of every table, as text."""
    engine = create_engine(address_of(database))
    with engine.connect() as connection:
        found = [str(row) for table in tables.sorted_tables for row in connection.execute(select(table))]
    engine.dispose()
    return "\n".join(found)
