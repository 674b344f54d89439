"""What can happen in a shift (events, into its session) and what is to be done about it (actions, out of it).

All times are seconds since the shift began. Both go into the shift's log, one JSON line each, so that a stored shift
replays exactly; what was said in a contact is in that contact's own log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from scripts.events import Ender
from scripts.log import LogError
from scripts.vocabulary import Agency, Decision, Grade

Why = Literal["time", "trainee", "alone", "stopped"]
"""Why a shift ended: its time was up, the trainee left, nobody was there any more, or the program stopped."""

# --- events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The trainee went on duty."""

    at: float
    kind: Literal["began"] = "began"


@dataclass(frozen=True, slots=True)
class Taken:
    """The trainee took a waiting contact; `call` is the id that it is stored by."""

    at: float
    contact: str
    call: str = ""
    kind: Literal["taken"] = "taken"


@dataclass(frozen=True, slots=True)
class Held:
    """A caller was put on hold, or taken up again."""

    at: float
    contact: str
    on: bool
    kind: Literal["held"] = "held"


@dataclass(frozen=True, slots=True)
class Graded:
    """The trainee decided about an incident, during its contact or afterwards."""

    at: float
    contact: str
    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None
    kind: Literal["graded"] = "graded"


@dataclass(frozen=True, slots=True)
class Finished:
    """A contact that had been taken is over."""

    at: float
    contact: str
    by: Ender
    kind: Literal["finished"] = "finished"


@dataclass(frozen=True, slots=True)
class Read:
    """The trainee opened a piece of news."""

    at: float
    news: str
    kind: Literal["read"] = "read"


@dataclass(frozen=True, slots=True)
class Passed:
    """Time has passed; sent no later than the session's `next_tick_at`."""

    at: float
    kind: Literal["passed"] = "passed"


@dataclass(frozen=True, slots=True)
class Left:
    """The shift ends before its time."""

    at: float
    why: Why = "trainee"
    kind: Literal["left"] = "left"


ShiftEvent = Began | Taken | Held | Graded | Finished | Read | Passed | Left

# --- actions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    """A contact waits. `again`: it had given up before. `breaks_in`: a 999 call while something less is worked on."""

    at: float
    contact: str
    again: bool = False
    breaks_in: bool = False
    kind: Literal["arrived"] = "arrived"


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A contact gave up after it had `waited` so long."""

    at: float
    contact: str
    waited: float
    kind: Literal["abandoned"] = "abandoned"


@dataclass(frozen=True, slots=True)
class PutOnHold:
    """The trainee has one pair of ears: this caller goes on hold, because another was taken up."""

    at: float
    contact: str
    kind: Literal["put_on_hold"] = "put_on_hold"


@dataclass(frozen=True, slots=True)
class NewsCame:
    """Something became known about an incident that was graded."""

    at: float
    news: str
    kind: Literal["news_came"] = "news_came"


@dataclass(frozen=True, slots=True)
class Closed:
    """The shift is over; whoever still waits goes to the next."""

    at: float
    why: Why = "time"
    kind: Literal["closed"] = "closed"


ShiftAction = Arrived | Abandoned | PutOnHold | NewsCame | Closed

ShiftEntry = ShiftEvent | ShiftAction
"""One row of a shift's log."""


@cache
def _adapter() -> TypeAdapter[ShiftEntry]:
    return TypeAdapter(Annotated[ShiftEntry, Field(discriminator="kind")])


def encode(entry: ShiftEntry) -> str:
    """One entry as one line of JSON, without its line end."""
    return _adapter().dump_json(entry).decode()


def decode_all(lines: Iterable[bytes | str]) -> list[ShiftEntry]:
    """All entries; a torn last line is left out. Raises LogError for any other bad line."""
    rows = [line for line in lines if line.strip()]
    entries: list[ShiftEntry] = []
    for number, line in enumerate(rows, start=1):
        try:
            entries.append(_adapter().validate_json(line))
        except ValidationError as error:
            if number < len(rows):
                raise LogError(f"line {number}: {error.errors(include_url=False)[0]['msg']}") from error
    return entries
