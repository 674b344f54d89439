"""Erasing a trainee on request: files, rows, account; and saying which copies elsewhere still hold them.

What that person did in another role stays, under a word in place of the name; so does the audit trail.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, update

from server.accounts import Accounts
from server.call_files import LETTERS, CallFiles
from server.copying import whole_change
from server.personal_data import STAFF, about, call_folders, shift_folders
from server.records import Records
from server.schema import accounts, audit, calls, reviews, sessions, tables
from server.settings import Settings
from server.shift_files import ShiftFiles
from server.trainee_export import stored_about


class ErasureError(Exception):
    """A trainee cannot be erased now; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What is gone, by table and folder; and what this program cannot reach: copies made earlier."""

    word: str
    """What stands in place of the name in what stays."""
    counts: dict[str, int]
    account_stays: bool
    """It has other roles than trainee."""
    copies: tuple[str, ...]


def erase_trainee(settings: Settings, records: Records, name: str, who: str) -> Erased:
    """Erase all that is stored about a trainee. Cut short, it may be given again.

    Raises NobodyError, ErasureError, RecordsError and OSError.
    """
    with records.reading() as connection:
        found = stored_about(connection, settings, name)
        folders = call_folders(connection, settings.calls_folder, name)
        shifts = list(shift_folders(settings.home / "shifts", name))
        stays = _has_other_roles(connection, name)
        copies = tuple(_copies(connection, settings.home, name))
    files = CallFiles(settings.calls_folder)
    playing = ShiftFiles(settings.home / "shifts")
    alive = [folder.name for folder in folders if files.alive(folder.name)]
    alive += [folder.name for folder in shifts if playing.alive(folder.name)]
    if alive:
        raise ErasureError(f"{name} is on a call or a shift ({alive[0]}): try again once it is over")
    for folder in (*folders, *shifts):
        shutil.rmtree(folder)
    word = f"erased-{''.join(secrets.choice(LETTERS) for _ in range(6))}"
    with records.explained(), whole_change(records.engine) as connection:
        _erase_rows(connection, name, word, account_stays=stays)
    _leave_no_trace(records)
    Accounts(records).note(
        who, "erased a trainee", f"{word}: {', '.join(f'{n} {what}' for what, n in found.items())}"
    )
    return Erased(word, found, stays, copies)


def _has_other_roles(connection: Connection, name: str) -> bool:
    roles = connection.scalar(select(accounts.c.roles).where(accounts.c.name == name))
    return roles is not None and set(roles.split()) != {"trainee"}


def _copies(connection: Connection, home: Path, name: str) -> Iterable[str]:
    """Backups made since that trainee's first call, and what a restore put aside."""
    first: datetime | None = connection.scalar(select(func.min(calls.c.started)).where(calls.c.trainee == name))
    made = select(audit.c.what).where(audit.c.did == "made a backup").order_by(audit.c.entry_id)
    yield from connection.scalars(made.where(audit.c.at >= first) if first else made)
    yield from (str(path) for path in sorted(home.glob("before-restore-*")))


def _erase_rows(connection: Connection, name: str, word: str, *, account_stays: bool) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    looked_at = (reviews, calls, accounts)  # by the other tables' conditions
    for table in [one for one in reversed(tables.sorted_tables) if one not in looked_at] + list(looked_at):
        condition = about(table, name)
        if condition is not None and not (account_stays and table in (accounts, sessions)):
            connection.execute(delete(table).where(condition))
    if not account_stays:
        _rename(connection, name, word)


def _rename(connection: Connection, name: str, word: str) -> None:
    for table, columns in STAFF.items():
        for column in columns:
            of = tables.tables[table]
            connection.execute(update(of).where(of.c[column] == name).values({column: word}))
    named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])(?!\.\w)")
    told = select(audit.c.entry_id, audit.c.what).where(audit.c.what.contains(name, autoescape=True))
    for entry_id, what in connection.execute(told).all():
        connection.execute(update(audit).where(audit.c.entry_id == entry_id).values(what=named.sub(word, what)))


def _leave_no_trace(records: Records) -> None:
    """SQLite keeps deleted text in its free pages and its log: write the file anew. PostgreSQL: let it clear up."""
    with records.explained(), records.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("VACUUM")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
