"""What the telephone network is told to do, as TwiML built by Twilio's own library.

Each function gives one document. `origin` is the public origin; the library is loaded when first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twilio.twiml.voice_response import VoiceResponse

LANGUAGE = "en-GB"
KEY_SECONDS = 6
"""Seconds without a key that end the asking."""

WELCOME = "Right Call. Training line."
ASK_PIN = "Please key in your six digit PIN."
WRONG_PIN = "That PIN is not known. Please try again."
NO_MORE_PINS = "That PIN is not known. Goodbye."
MENU = "For your next call, press 1. To choose a call by its number, press 2. For ten quick calls, press 3."
ASK_CALL_NUMBER = "Key in the number of the call, then hash."
DURING_CALL = "To end a call and hear how it went, press hash."
BEING_RUNG = "This is the Right Call training line, with a practice call. To take it, press any key."
BUSY = "All training lines are busy. Please ring again in a few minutes. Goodbye."
STARTING = "The training line is starting. Please ring again in a minute. Goodbye."
OUT_OF_ORDER = "The training line is out of order. Please tell your trainer. Goodbye."
NOBODY_THERE = "No key was pressed. Goodbye."
INTERRUPTED = "Sorry. The training line was interrupted, and this call has ended. What was said is kept. Goodbye."


def ask_pin(origin: str, before: str) -> str:
    """Say something, then ask for six keys; they go to `/phone/pin`."""
    return _ask(f"{origin}/phone/pin", f"{before} {ASK_PIN}", digits=6)


def menu(origin: str, before: str = "") -> str:
    """Offer the calls; the key goes to `/phone/menu`."""
    return _ask(f"{origin}/phone/menu", f"{before} {MENU} {DURING_CALL}", digits=1)


def ask_call_number(origin: str, before: str = "") -> str:
    """Ask for a call's number; it goes to `/phone/choose`."""
    return _ask(f"{origin}/phone/choose", f"{before} {ASK_CALL_NUMBER}")


def being_rung(origin: str) -> str:
    """Greet somebody who was rung; any key goes to `/phone/accept`. No answering machine presses one."""
    return _ask(f"{origin}/phone/accept", f"{BEING_RUNG} {DURING_CALL}", digits=1)


def connect(origin: str, token: str) -> str:
    """Connect the call to `/phone/media`; when the socket closes, `/phone/after` says what comes then."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    stream = response.connect().stream(url=f"{socket_origin(origin)}/phone/media")
    stream.parameter(name="token", value=token)
    response.redirect(f"{origin}/phone/after", method="POST")
    return str(response)


def say_goodbye(text: str) -> str:
    """Say it and hang up."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    response.say(text, language=LANGUAGE)
    response.hangup()
    return str(response)


def hang_up() -> str:
    """Hang up without a word."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    response.hangup()
    return str(response)


def nothing() -> str:
    """An answer to a message that asks for none."""
    from twilio.twiml.voice_response import VoiceResponse

    return str(VoiceResponse())


def socket_origin(origin: str) -> str:
    """The same place for a socket: `wss` for `https`, which is also what Twilio signs."""
    scheme, _, place = origin.partition("://")
    return f"{'ws' if scheme == 'http' else 'wss'}://{place}"


def _ask(action: str, text: str, digits: int | None = None) -> str:
    """Ask for keys, which may come while it is still being said; none at all are an answer too."""
    from twilio.twiml.voice_response import VoiceResponse

    response: VoiceResponse = VoiceResponse()
    how = {"finish_on_key": "#"} if digits is None else {"finish_on_key": "", "num_digits": digits}
    gather = response.gather(
        input="dtmf", action=action, method="POST", timeout=KEY_SECONDS, action_on_empty_result=True, **how
    )
    gather.say(text.strip(), language=LANGUAGE)
    return str(response)
