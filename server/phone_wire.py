"""Twilio's media messages as values, and back. No I/O, no state, and nothing that comes in can make it raise.

The shapes are those of Twilio's "Media Streams - WebSocket Messages": JSON text, numbers as strings, the call's
sound as headerless mu-law at 8000 Hz in base64.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import cast

MOST_CHARACTERS = 65_536
"""Of one message: Twilio's own hold a few hundred."""
FORMAT = ("audio/x-mulaw", 8000, 1)
"""Twilio's one encoding, its rate and channels."""
KEYS = frozenset("0123456789*#")

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class MediaStarted:
    """The stream begins: whose it is, and the `<Parameter>`s of our own TwiML."""

    stream: str
    call: str
    account: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """Mu-law sound of the trainee, usually 160 bytes; `chunk` counts from 1, None where it is missing."""

    sound: bytes
    chunk: int | None


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """The trainee pressed a key of 0-9, * or #."""

    key: str


@dataclass(frozen=True, slots=True)
class MarkReturned:
    """What was sent before the mark of that name was played, or thrown away by a `clear`."""

    name: str


@dataclass(frozen=True, slots=True)
class MediaStopped:
    """The stream is over: somebody hung up."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A sound message that means nothing to a call."""

    what: str


@dataclass(frozen=True, slots=True)
class Broken:
    """No message of this protocol; `why` holds nothing that was said."""

    why: str


Message = MediaStarted | MediaFrame | KeyHeard | MarkReturned | MediaStopped | Ignored | Broken


def read_twilio(text: str) -> Message:
    """One text message from Twilio. Never raises: what cannot be read is `Broken`."""
    if len(text) > MOST_CHARACTERS:
        return Broken(f"a message of {len(text)} characters, {MOST_CHARACTERS} are allowed")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return Broken("not JSON")
    if not isinstance(message, dict):
        return Broken("not a JSON object")
    event = message.get("event")
    part = message.get(event) if isinstance(event, str) else None
    match event:
        case "media" | "start" | "dtmf" | "mark" if not isinstance(part, dict):
            return Broken(f"{event} without its content")
        case "media":
            return _media(cast("Json", part))
        case "mark":
            name = _text(cast("Json", part), "name")
            return MarkReturned(name) if name else Broken("mark without a name")
        case "dtmf":
            key = _text(cast("Json", part), "digit")
            return KeyHeard(key) if key in KEYS else Ignored("a key that no telephone has")
        case "start":
            return _start(cast("Json", part))
        case "stop":
            return MediaStopped()
    return Ignored("connected" if event == "connected" else "an event of another kind")


def _media(part: Json) -> Message:
    if part.get("track", "inbound") != "inbound":
        return Ignored("sound of another track")
    try:
        sound = base64.b64decode(_text(part, "payload"), validate=True)
    except ValueError:
        return Broken("media whose payload is not base64")
    return MediaFrame(sound, _number(part, "chunk")) if sound else Broken("media without sound")


def _start(part: Json) -> Message:
    stream, call, account = (_text(part, name) for name in ("streamSid", "callSid", "accountSid"))
    if not (stream and call):
        return Broken("start without streamSid or callSid")
    coding = part.get("mediaFormat")
    if isinstance(coding, dict):
        told = (coding.get("encoding"), _number(coding, "sampleRate"), _number(coding, "channels"))
        if told != FORMAT:
            return Broken("start with another format than 8000 Hz mu-law")
    given = part.get("customParameters")
    parameters = given if isinstance(given, dict) else {}
    return MediaStarted(stream, call, account, {key: _text(parameters, key) for key in parameters})


def _text(part: Json, key: str) -> str:
    value = part.get(key)
    return value if isinstance(value, str) else ""


def _number(part: Json, key: str) -> int | None:
    """A whole number, which Twilio writes as a string."""
    value = part.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def write_media(stream: str, sound: bytes) -> str:
    """Mu-law sound, to be played after all that was sent before."""
    payload = base64.b64encode(sound).decode()  # the commonest message: base64 needs no escaping
    return f'{{"event": "media", "streamSid": {json.dumps(stream)}, "media": {{"payload": "{payload}"}}}}'


def write_mark(stream: str, name: str) -> str:
    """A mark, to come back when what was sent before it has been played."""
    return _message(stream, "mark", {"name": name})


def write_clear(stream: str) -> str:
    """Throw away whatever has not been played."""
    return json.dumps({"event": "clear", "streamSid": stream})


def _message(stream: str, event: str, content: dict[str, str]) -> str:
    return json.dumps({"event": event, "streamSid": stream, event: content})
