"""Reading the audit trail: narrowed by who, what and when, in pages from the newest back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, select

from server.records import Records
from server.schema import audit

ROWS = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail; `at` with this site's time zone."""

    entry_id: int
    at: datetime
    who: str
    did: str
    what: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; an empty word is no wish. Days are this site's; `before` is the first entry not wanted."""

    who: str = ""
    did: str = ""
    what: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None

    def query(self, before: int | None = None) -> str:
        """The same wish as a link's query, from that entry back."""
        asked = {"who": self.who, "did": self.did, "what": self.what, "since": self.since, "until": self.until}
        return urlencode({name: value for name, value in {**asked, "before": before}.items() if value})


def entries(records: Records, wish: Wish, limit: int = ROWS) -> list[Entry]:
    """The newest entries first, one more than `limit` where there are more. Raises RecordsError."""
    wanted = select(audit).where(*_conditions(wish)).order_by(audit.c.entry_id.desc()).limit(limit + 1)
    with records.reading() as connection:
        rows = connection.execute(wanted).all()
    return [Entry(row.entry_id, row.at.replace(tzinfo=UTC).astimezone(), row.who, row.did, row.what) for row in rows]


def deeds(records: Records) -> list[str]:
    """Every kind of thing that was done. Raises RecordsError."""
    with records.reading() as connection:
        return list(connection.scalars(select(audit.c.did).distinct().order_by(audit.c.did)))


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.who:
        found.append(audit.c.who == wish.who)
    if wish.did:
        found.append(audit.c.did == wish.did)
    if wish.what:
        found.append(audit.c.what.icontains(wish.what, autoescape=True))
    if wish.since:
        found.append(audit.c.at >= _midnight(wish.since))
    if wish.until:
        found.append(audit.c.at < _midnight(wish.until + timedelta(days=1)))
    if wish.before:
        found.append(audit.c.entry_id < wish.before)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone().astimezone(UTC).replace(tzinfo=None)
