"""Asterisk's AudioSocket messages as values, and back. No I/O; nothing that comes in can make it raise or grow.

A message is one byte of kind, two of length (big-endian) and so many of content; sound is 16-bit little-endian mono.
The kinds are those of Asterisk's `res_audiosocket.h`. What splits and joins messages on the way is TCP's business:
the reader takes bytes as they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from audio.frame import SAMPLE_BYTES, Frame

HEADER_BYTES = 3
HANG_UP, IDENTITY, KEY, FAILED = 0x00, 0x01, 0x03, 0xFF
SOUND = {0x10: 8000, 0x12: 16_000}
"""Kinds that carry sound, with their rates. Asterisk knows more; no telephone of a control room speaks them."""
KIND_OF_RATE = {rate: kind for kind, rate in SOUND.items()}
KEYS = frozenset("0123456789*#")
GOODBYE = bytes(HEADER_BYTES)
"""Three zero bytes: hang up. Some versions keep a channel whose socket is closed without them."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The first message of a call: the UUID that the dialplan gave it."""

    call: UUID


@dataclass(frozen=True, slots=True)
class Sound:
    """As many samples as the caller's telephone put into a packet: 20 ms, or 10, or 60, or a file's odd end."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """A key of 0-9, * or #; told when it is released."""

    key: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The exchange says goodbye, or that it failed. Usually it says nothing: the stream just ends."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message of a kind that means nothing to a call."""

    kind: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A message whose content its kind cannot have; `why` holds nothing that was said."""

    why: str


Message = Identified | Sound | KeyHeard | Closed | Ignored | Broken


class Reader:
    """One connection's bytes, as messages. Holds at most one message that is not complete: 65,538 bytes."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def held(self) -> int:
        """Bytes of a message whose end has not come."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Message]:
        """Every message that `data` completes, in order."""
        self._held += data
        found: list[Message] = []
        at = 0
        while (end := self._end(at)) is not None:
            found.append(read_message(self._held[at], bytes(self._held[at + HEADER_BYTES : end])))
            at = end
        del self._held[:at]
        return found

    def _end(self, start: int) -> int | None:
        """Where the message that starts there ends; None while it is not complete."""
        if len(self._held) < start + HEADER_BYTES:
            return None
        end = start + HEADER_BYTES + int.from_bytes(self._held[start + 1 : start + HEADER_BYTES], "big")
        return end if len(self._held) >= end else None


def read_message(kind: int, content: bytes) -> Message:
    """One message. Never raises: what cannot be is `Broken`."""
    if kind in SOUND:
        if not content or len(content) % SAMPLE_BYTES:
            return Broken(f"sound of {len(content)} bytes, where each sample has two")
        return Sound(Frame(content, SOUND[kind]))
    if kind == IDENTITY:
        return Identified(UUID(bytes=content)) if len(content) == 16 else Broken("an identity without 16 bytes")
    if kind == KEY:
        key = content.decode("latin-1")
        return KeyHeard(key) if key in KEYS else Broken("a key that no telephone has")
    return Closed() if kind in (HANG_UP, FAILED) else Ignored(kind)


def write_identity(call: UUID) -> bytes:
    """The exchange's first message."""
    return _message(IDENTITY, call.bytes)


def write_sound(frame: Frame) -> bytes:
    """Sound of 8000 or 16,000 samples a second. To be written at once: a pause inside ends the call."""
    return _message(KIND_OF_RATE[frame.rate], frame.samples)


def write_key(key: str) -> bytes:
    """A key, from the exchange. It takes none from us: that ends the call."""
    return _message(KEY, key.encode("ascii"))


def _message(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + len(content).to_bytes(2, "big") + content
