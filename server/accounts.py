"""Who may sign in: accounts with argon2 passwords, sessions kept in the database, lockout, the audit trail.

Everything here blocks on the database or, on purpose, on the password's hash: call it on a thread. The browser
holds a random token, the database only its hash: a stolen database opens no session.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.records import Records
from server.schema import accounts, audit, sessions

Role = Literal["trainee", "assessor", "trainer", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}", re.ASCII)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
"""Longer ones would only keep the hash busy."""
FAILURES_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)
HASHES_AT_ONCE = 2
"""Each takes 64 MB and a core for a moment: strangers at the door must not starve the calls."""
SESSION_LASTS = timedelta(hours=12)
"""A shift, whatever is done in it."""
IDLE_AFTER = timedelta(hours=2)
"""Without a page or a call in that time, one signs in again."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly a session's last use is known: not every page writes to the database."""


class AccountError(Exception):
    """An account cannot be made, changed or entered; the message is for the person at the page."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person. `name` is what they sign in with and how their calls are stored."""

    account_id: int
    name: str
    full_name: str
    roles: frozenset[Role]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. `account` is None for whoever practises on this machine without accounts."""

    token: str
    csrf: str
    account: Account | None


class Accounts:
    """The accounts of one site. Methods raise RecordsError when the database fails; `now` is UTC without zone."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._hasher = PasswordHasher()
        self._hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)

    def exist(self) -> bool:
        """Whether this site has been set up."""
        with self._records.reading() as connection:
            return bool(connection.scalar(select(func.count()).select_from(accounts)))

    def all(self) -> Sequence[Account]:
        """Every account by name."""
        with self._records.reading() as connection:
            return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]

    def add(self, name: str, full_name: str, password: str, roles: Sequence[str]) -> Account:
        """Make an account. Raises AccountError saying what is wrong with what was given."""
        name = name.strip().lower()
        if not NAME.fullmatch(name):
            raise AccountError("A name to sign in with has 2 to 60 letters, digits, dots or dashes")
        values = {
            "name": name,
            "full_name": " ".join(full_name.split())[:120] or name,
            "password": self._hash(password),
            "roles": _roles(roles),
            "active": True,
            "failures": 0,
            "created": _now(),
        }
        try:
            with self._records.engine.begin() as connection:
                connection.execute(insert(accounts).values(**values))
        except IntegrityError as error:
            raise AccountError(f"There is an account {name} already") from error
        return self._by_name(name)

    def change(self, name: str, *, roles: Sequence[str] | None = None, active: bool | None = None) -> Account:
        """Give other roles, or close or open an account; its sessions end. Raises AccountError."""
        account = self._by_name(name)
        values: dict[str, object] = {} if roles is None else {"roles": _roles(roles)}
        values |= {} if active is None else {"active": active}
        stays = (account.active if active is None else active) and "administrator" in (
            account.roles if roles is None else roles
        )
        if not stays and not any(
            one != account and one.active and "administrator" in one.roles for one in self.all()
        ):
            raise AccountError("Somebody must remain who may administer this site")
        with self._records.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.name == account.name).values(**values))
            connection.execute(delete(sessions).where(sessions.c.account_id == account.account_id))
        return self._by_name(account.name)

    def set_password(self, name: str, password: str) -> None:
        """Set another password, open a locked account and end its sessions. Raises AccountError."""
        account = self._by_name(name)
        hashed = self._hash(password)
        with self._records.writing() as connection:
            connection.execute(
                update(accounts)
                .where(accounts.c.account_id == account.account_id)
                .values(password=hashed, failures=0, locked_until=None)
            )
            connection.execute(delete(sessions).where(sessions.c.account_id == account.account_id))

    def check(self, name: str, password: str, now: datetime | None = None) -> Account:
        """The account of whoever knows its password. Raises AccountError, the same for every wrong pair.

        After `FAILURES_ALLOWED` wrong passwords the account is locked for `LOCKED_FOR`.
        """
        now = now or _now()
        name = name.strip().lower()
        with self._records.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
        right = self._verify(row.password if row else "", password)
        if row is not None and _locked(row.locked_until, now):
            raise AccountError("Too many wrong passwords: this account is locked. Try again in a quarter of an hour")
        if row is None or not right or not row.active:
            self._failed(name, now)
            raise AccountError("The name or the password is wrong")
        with self._records.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.name == name).values(failures=0, locked_until=None))
        return _account(row)

    # --- sessions --------------------------------------------------------------------------------------------

    def open_session(self, account: Account | None, now: datetime | None = None) -> Session:
        """Begin a session with a fresh token; old ones are cleared away."""
        now = now or _now()
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), account)
        with self._records.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.created < now - SESSION_LASTS))
            connection.execute(
                insert(sessions).values(
                    token=_digest(session.token),
                    account_id=account.account_id if account else None,
                    csrf=session.csrf,
                    created=now,
                    seen=now,
                )
            )
        return session

    def session(self, token: str, now: datetime | None = None) -> Session | None:
        """The session of that token while it lasts."""
        now = now or _now()
        wanted = select(sessions, accounts).join(accounts, isouter=True).where(sessions.c.token == _digest(token))
        with self._records.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None or not _lasts(row, now):
            return None
        account = _account(row) if row.name is not None else None
        if account is not None and not account.active:
            return None
        if now - row.seen > SEEN_EVERY:
            with self._records.writing() as connection:
                connection.execute(update(sessions).where(sessions.c.token == _digest(token)).values(seen=now))
        return Session(token, row.csrf, account)

    def close_session(self, token: str) -> None:
        """Sign out."""
        with self._records.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.token == _digest(token)))

    # --- the audit trail -------------------------------------------------------------------------------------

    def note(self, who: str, did: str, what: str = "") -> None:
        """Add to the audit trail."""
        with self._records.writing() as connection:
            connection.execute(insert(audit).values(at=_now(), who=who[:60], did=did[:40], what=what[:2000]))

    def note_once(self, who: str, did: str, what: str, within: timedelta) -> None:
        """Add to the audit trail unless the same stands there already from that time: one hearing asks many times."""
        same = (audit.c.who == who[:60], audit.c.did == did[:40], audit.c.what == what[:2000])
        with self._records.reading() as connection:
            if connection.scalar(select(audit.c.entry_id).where(audit.c.at > _now() - within, *same).limit(1)):
                return
        self.note(who, did, what)

    # --- inside ----------------------------------------------------------------------------------------------

    def _by_name(self, name: str) -> Account:
        with self._records.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
        if row is None:
            raise AccountError(f"There is no account {name[:60]}")
        return _account(row)

    def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise AccountError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
        with self._hashing:
            return self._hasher.hash(password)

    def _verify(self, hashed: str, password: str) -> bool:
        """Takes as long for a name that there is not."""
        try:
            with self._hashing:
                return self._hasher.verify(hashed or _NOBODY, password[:LONGEST_PASSWORD]) and bool(hashed)
        except (VerificationError, InvalidHashError):
            return False

    def _failed(self, name: str, now: datetime) -> None:
        with self._records.writing() as connection:
            same = accounts.c.name == name
            connection.execute(update(accounts).where(same).values(failures=accounts.c.failures + 1))
            failures = connection.scalar(select(accounts.c.failures).where(same)) or 0
            if failures >= FAILURES_ALLOWED:
                connection.execute(update(accounts).where(same).values(failures=0, locked_until=now + LOCKED_FOR))


_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$5l3oTQS6T6eQxBSGvYMJvpdVWiZ7gYQkxwnbGQyZPvY"
"""The hash of a password that nobody knows."""


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _lasts(row: Row[tuple[object, ...]], now: datetime) -> bool:
    age: timedelta = now - row.created
    idle: timedelta = now - row.seen
    return timedelta(0) <= age + SEEN_EVERY and age < SESSION_LASTS and idle < IDLE_AFTER


def _locked(until: datetime | None, now: datetime) -> bool:
    """Never for longer than `LOCKED_FOR`: a clock that was set back would lock somebody out for as long."""
    return until is not None and until - LOCKED_FOR <= now < until


def _roles(wanted: Sequence[str]) -> str:
    unknown = sorted(set(wanted) - set(ROLES))
    if unknown or not wanted:
        raise AccountError(
            f"There is no role {unknown[0][:30] if unknown else '(none)'}; there are {', '.join(ROLES)}"
        )
    return " ".join(role for role in ROLES if role in wanted)


def _account(row: Row[tuple[object, ...]]) -> Account:
    roles = frozenset(role for role in ROLES if role in row.roles.split())
    return Account(row.account_id, row.name, row.full_name, roles, row.active)
