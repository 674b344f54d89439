"""Which calls a trainer has switched off for this site. Blocks on the database and raises RecordsError."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select

from scripts.shelf import NOTED
from server.records import Records
from server.schema import switched_off

ALL_NOTED = NOTED
"""Switches off every call with a content note, those to come too."""


class ShelfChoices:
    """The choices of one site, beside those in its settings."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def off(self) -> Mapping[str, str]:
        """What is switched off, and by whom: names of calls, or `ALL_NOTED`."""
        with self._records.reading() as connection:
            rows = connection.execute(select(switched_off.c.script_id, switched_off.c.who)).all()
        return {row.script_id: row.who for row in rows}

    def switch(self, script_id: str, who: str, *, on: bool) -> None:
        """Put a call on the shelf or take it off."""
        with self._records.writing() as connection:
            connection.execute(delete(switched_off).where(switched_off.c.script_id == script_id))
            if not on:
                now = datetime.now(UTC).replace(tzinfo=None)
                connection.execute(insert(switched_off).values(script_id=script_id, who=who[:60], at=now))
