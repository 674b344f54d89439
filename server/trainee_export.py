"""Everything that is stored about one trainee, in one file of open formats: JSON, JSON Lines, TOML in JSON, WAV."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Table, select

from server.accounts import Accounts
from server.archive import add_folder, new_archive
from server.personal_data import SECRETS, about, call_folders, counts, shift_folders
from server.records import Records
from server.schema import audit, tables
from server.settings import Settings

ABOUT = """Everything that Right Call stores about {name}, taken out on {now}.

tables/     rows of the database that are about {name} or a call of theirs, one file of JSON for each table;
            times are UTC. Passwords, PINs and sessions are left out: only their hashes are stored
audit.json  what {name} did, as the audit trail has it
calls/      each call: recording.wav (trainee left, caller right), log.jsonl (every event with its time in
            seconds since the answer), call.json (the script as it was), marksheet.json
shifts/     each shift, in the same manner; its calls are in calls/
"""


class NobodyError(Exception):
    """Nothing is stored under that name; the message says so."""


def export_trainee(settings: Settings, records: Records, name: str, place: Path, who: str) -> dict[str, int]:
    """Write all that is stored about a trainee to a new file; returns how many rows and folders there are of each.

    Raises NobodyError, ArchiveError, RecordsError and OSError.
    """
    with records.reading() as connection:
        found = stored_about(connection, settings, name)
        with new_archive(place) as (archive, _):
            archive.writestr("about.txt", ABOUT.format(name=name, now=f"{datetime.now(UTC):%d %B %Y}"))
            for table in tables.sorted_tables:
                rows = _rows(connection, table, name)
                if rows:
                    archive.writestr(f"tables/{table.name}.json", _json(rows))
            did = connection.execute(select(audit).where(audit.c.who == name).order_by(audit.c.entry_id)).mappings()
            archive.writestr("audit.json", _json([dict(row) for row in did]))
            for folder in call_folders(connection, settings.calls_folder, name):
                add_folder(archive, folder, f"calls/{folder.name}")
            for folder in shift_folders(settings.home / "shifts", name):
                add_folder(archive, folder, f"shifts/{folder.name}")
    Accounts(records).note(who, "took out a trainee's data", name)
    return found


def stored_about(connection: Connection, settings: Settings, name: str) -> dict[str, int]:
    """How much there is about that trainee: rows by table, and folders. Raises NobodyError."""
    found = counts(connection, name)
    found["call folders"] = len(call_folders(connection, settings.calls_folder, name))
    found["shifts"] = len(list(shift_folders(settings.home / "shifts", name)))
    if not any(found.values()):
        raise NobodyError(f"nothing is stored about a trainee called {name[:60]!r}")
    return {what: n for what, n in found.items() if n}


def _rows(connection: Connection, table: Table, name: str) -> list[dict[str, object]]:
    condition = about(table, name)
    if condition is None:
        return []
    columns = [column for column in table.c if column.name not in SECRETS]
    return [dict(row) for row in connection.execute(select(*columns).where(condition)).mappings()]


def _json(rows: list[dict[str, object]]) -> str:
    return json.dumps(rows, indent=1, ensure_ascii=False, default=lambda value: value.isoformat())
