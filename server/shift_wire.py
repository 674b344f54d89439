"""What the shift's page says to the server. No I/O; nothing that comes in can raise."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from scripts.vocabulary import Agency, Decision, Grade
from server.browser_wire import LONGEST_VALUE

LONGEST_MESSAGE = 2_000
"""Characters of one message in a chat."""
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][0-9]{1,3}$")]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoOnDuty(_Message):
    """The page is ready: the shift begins."""

    type: Literal["begin"]


class Take(_Message):
    """Take a waiting contact."""

    type: Literal["take"]
    contact: Id


class Write(_Message):
    """Send a message in a chat, or an answer to a report."""

    type: Literal["write"]
    contact: Id
    text: Annotated[str, StringConstraints(max_length=LONGEST_MESSAGE)]


class Note(_Message):
    """A field of a written contact's incident form now holds `value`; `n` is the page's number of the change."""

    type: Literal["form"]
    contact: Id
    field: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
    value: Annotated[str, StringConstraints(max_length=LONGEST_VALUE)]
    n: Annotated[int, Field(ge=0, le=2**31)]


class Grading(_Message):
    """A decision about an incident, during its contact or afterwards."""

    type: Literal["decide"]
    contact: Id
    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None


class HoldContact(_Message):
    """Put a caller on hold, or take the call up again."""

    type: Literal["hold"]
    contact: Id
    on: bool


class EndContact(_Message):
    """Ring off, or close a written contact."""

    type: Literal["end"]
    contact: Id


class ReadNews(_Message):
    """A piece of news was opened."""

    type: Literal["read"]
    news: Id


class Leave(_Message):
    """End the shift."""

    type: Literal["leave"]


ShiftMessage = GoOnDuty | Take | Write | Note | Grading | HoldContact | EndContact | ReadNews | Leave

_MESSAGES: TypeAdapter[ShiftMessage] = TypeAdapter(Annotated[ShiftMessage, Field(discriminator="type")])


def read(text: str) -> ShiftMessage | None:
    """One message of the page; None for what is none."""
    try:
        return _MESSAGES.validate_json(text)
    except (ValidationError, ValueError):
        return None
