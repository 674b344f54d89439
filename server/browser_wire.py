"""What the call page and the server say to each other beside the sound. No I/O; nothing that comes in can raise.

Sound is binary, both ways: 20 ms of 16-bit samples (little-endian, mono) at 16 kHz, 640 bytes. All else is JSON.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from audio.frame import FRAME_SECONDS, SAMPLE_BYTES
from scripts.vocabulary import Agency, Decision, Grade

RATE = 16_000
FRAME_BYTES = round(FRAME_SECONDS * RATE) * SAMPLE_BYTES
MOST_BYTES = 65_536
"""Of one message; a page that sends more is cut off."""
LONGEST_VALUE = 8_000
"""Characters of one field of the incident form."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(_Message):
    """The trainee took the call up."""

    type: Literal["answer"]


class Played(_Message):
    """The loudspeaker has taken `samples` since the flush that began `epoch`: the proof of hearing."""

    type: Literal["played"]
    epoch: Annotated[int, Field(ge=0)]
    samples: Annotated[int, Field(ge=0, le=2**40)]


class Key(_Message):
    """A key of the keypad."""

    type: Literal["key"]
    key: Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]


class Holding(_Message):
    """The caller was put on hold, or taken up again."""

    type: Literal["hold"]
    on: bool


class FormField(_Message):
    """A field of the incident form now holds `value`; `n` is the page's own number of the change."""

    type: Literal["form"]
    field: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
    value: Annotated[str, StringConstraints(max_length=LONGEST_VALUE)]
    n: Annotated[int, Field(ge=0, le=2**31)]


class Decide(_Message):
    """A disposition was chosen."""

    type: Literal["decide"]
    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None


class Over(_Message):
    """The trainee rang off."""

    type: Literal["hang_up"]


class Done(_Message):
    """The incident form is finished, after the call."""

    type: Literal["done"]


Message = Answer | Played | Key | Holding | FormField | Decide | Over | Done

_MESSAGES: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def read(text: str) -> Message | None:
    """One message of the page; None for what is none."""
    try:
        return _MESSAGES.validate_json(text)
    except (ValidationError, ValueError):
        return None
