"""PINs: who may train over the telephone. A trainee has one PIN, and may have a number that needs none.

PINs are kept as scrypt digests. One salt serves the whole site, in a file beside the database: a PIN is all that is
keyed in, so it must be found by its digest, with one digest's work however many trainees there are. With the
database alone a PIN cannot be guessed. (A hash that salts each PIN would have to be tried for every trainee.)
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, delete, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from server.call_files import write_whole
from server.database import UnusableDatabaseError, address_of, open_database
from server.schema import pins

PIN = re.compile(r"\d{6}", re.ASCII)
NUMBER = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)
"""E.164, as Twilio writes a caller's number."""
SALT_FILE = "pins.salt"
SALT_BYTES = 32
COST = {"n": 2**12, "r": 8, "p": 1}
"""scrypt's work: about 15 ms and 4 MB, which a webhook has time for."""
MOST_FAILURES = 6
FAILURE_SECONDS = 900.0
"""So many wrong PINs from one number in so many seconds lock it out for as long."""
MOST_FAILURES_OF_ALL = 60
"""And so many from all numbers lock out every number: who guesses can also forge numbers."""
NUMBERS_WATCHED = 2000


class PinError(Exception):
    """A PIN cannot be set or looked up; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Trainee:
    """Who may train over the telephone; `number` is let in without a PIN, None where a PIN is always asked."""

    name: str
    number: str | None


class PinBook:
    """The PINs of one site. All methods block: on the database, and for a digest's work. Raise PinError."""

    def __init__(self, database_url: str, home: Path) -> None:
        self._salt_path = home / SALT_FILE
        with _explained():
            home.mkdir(parents=True, exist_ok=True)
            self._salt = self._read_salt()
            self._engine = open_database(address_of(database_url))

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()

    def set(self, trainee: str, pin: str | None = None, number: str | None = None) -> str:
        """Give the trainee a PIN (drawn if None) in place of any before, and maybe a number; returns the PIN."""
        if not trainee.strip():
            raise PinError("a PIN needs a trainee's name")
        if pin is not None and not PIN.fullmatch(pin):
            raise PinError("a PIN has six digits")
        if number is not None and not NUMBER.fullmatch(number):
            raise PinError(f"{number[:20]!r} is no telephone number: write it with its country, as +447700900123")
        chosen = pin or f"{secrets.randbelow(10**6):06}"
        row = {"trainee": trainee.strip(), "digest": self._digest(chosen), "number": number}
        taken = or_(pins.c.digest == row["digest"], pins.c.number == number if number else pins.c.digest == "")
        with _explained(), self._engine.begin() as connection:
            holder = connection.scalar(select(pins.c.trainee).where(taken, pins.c.trainee != row["trainee"]))
            if holder is None:
                connection.execute(delete(pins).where(pins.c.trainee == row["trainee"]))
                connection.execute(insert(pins).values(**row))
                return chosen
        if pin is None and number is None:
            return self.set(trainee)  # the drawn one was taken
        raise PinError("that PIN or number is another trainee's: choose another")

    def set_number(self, trainee: str, number: str | None) -> None:
        """Give the trainee another number, or none; the PIN stays."""
        if number is not None and not NUMBER.fullmatch(number):
            raise PinError(f"{number[:20]!r} is no telephone number: write it with its country, as +447700900123")
        same = pins.c.trainee == trainee
        with _explained(), self._engine.begin() as connection:
            if number and connection.scalar(select(pins.c.trainee).where(pins.c.number == number, ~same)):
                raise PinError("that number is another trainee's")
            if not connection.execute(update(pins).where(same).values(number=number)).rowcount:
                raise PinError("a number needs a PIN first")

    def rename(self, trainee: str, to: str) -> None:
        """The PIN of that name belongs to another name."""
        with _explained(), self._engine.begin() as connection:
            if connection.scalar(select(pins.c.trainee).where(pins.c.trainee == to)):
                raise PinError(f"{to} has a PIN already: remove one of the two first")
            if not connection.execute(update(pins).where(pins.c.trainee == trainee).values(trainee=to)).rowcount:
                raise PinError(f"{trainee[:60]} has no PIN")

    def remove(self, trainee: str) -> bool:
        """Take a trainee's PIN away; whether there was one."""
        with _explained(), self._engine.begin() as connection:
            return connection.execute(delete(pins).where(pins.c.trainee == trainee)).rowcount > 0

    def trainees(self) -> Sequence[Trainee]:
        """Everybody who has a PIN, by name."""
        with _explained(), self._engine.connect() as connection:
            rows = connection.execute(select(pins.c.trainee, pins.c.number).order_by(pins.c.trainee))
            return [Trainee(row.trainee, row.number) for row in rows]

    def by_pin(self, pin: str) -> Trainee | None:
        """Whose PIN it is. Takes as long for a wrong one as for a right one."""
        return self._one(pins.c.digest, self._digest(pin))

    def by_number(self, number: str) -> Trainee | None:
        """Whose number it is."""
        return self._one(pins.c.number, number) if number else None

    def _one(self, column: Column[str], value: str) -> Trainee | None:
        with _explained(), self._engine.connect() as connection:
            row = connection.execute(select(pins.c.trainee, pins.c.number).where(column == value)).one_or_none()
        return Trainee(row.trainee, row.number) if row else None

    def _digest(self, pin: str) -> str:
        return hashlib.scrypt(pin.encode(), salt=self._salt, dklen=32, **COST).hex()

    def _read_salt(self) -> bytes:
        if not self._salt_path.exists():
            write_whole(self._salt_path, secrets.token_bytes(SALT_BYTES))  # made for its owner alone to read
        salt = self._salt_path.read_bytes()
        if len(salt) != SALT_BYTES:
            raise PinError(
                f"{self._salt_path} is damaged: bring it back from a backup, or delete it and set all PINs"
            )
        return salt


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (OSError, SQLAlchemyError, UnusableDatabaseError) as error:
        cause = getattr(error, "orig", None) or error
        raise PinError(f"the PINs cannot be used: {cause}. Check RIGHTCALL_HOME and RIGHTCALL_DATABASE") from error


class Attempts:
    """Wrong PINs within the last quarter of an hour. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=MOST_FAILURES_OF_ALL)

    def locked(self, number: str, now: float) -> bool:
        """Whether this number has to wait."""
        recent = self._failures.get(number, deque())
        return _count(recent, now) >= MOST_FAILURES or _count(self._all, now) >= MOST_FAILURES_OF_ALL

    def failed(self, number: str, now: float) -> None:
        """Note a wrong PIN."""
        self._failures.setdefault(number, deque(maxlen=MOST_FAILURES)).append(now)
        self._failures.move_to_end(number)
        self._all.append(now)
        while len(self._failures) > NUMBERS_WATCHED:
            self._failures.popitem(last=False)


def _count(failures: deque[float], now: float) -> int:
    return sum(at > now - FAILURE_SECONDS for at in failures)
