"""The account with Twilio, over its REST interface: check it, point the number at this server, place a call.

For the command line: everything here blocks. The library is loaded when first needed. A refusal is a
PhoneAdminError that says what to do; a request that was told to wait (429) is repeated as told, a call that may
have been placed never is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from server.phone_problems import line_problems
from server.pins import NUMBER
from server.settings import Settings

if TYPE_CHECKING:
    from twilio.rest import Client
    from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance

API = "https://api.twilio.com"
ANSWER_SECONDS = 10.0
"""That a request may take."""
RETRIES = 3
BACKOFF = 0.5
"""Seconds, doubling, between two tries where the answer names no time to wait."""
RING_SECONDS = 30
"""That a telephone rings before the call is given up: about six rings, before most answering machines."""
EVENTS = ["initiated", "ringing", "answered", "completed"]
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

MENDS: dict[int, str] = {
    20003: "the account SID or the auth token is wrong: compare RIGHTCALL_TWILIO_ACCOUNT_SID and "
    "RIGHTCALL_TWILIO_AUTH_TOKEN with the console's first page",
    20429: "too many requests at once: try again in a minute",
    21210: "the line's own number is not one of this account: correct RIGHTCALL_TWILIO_NUMBER",
    21211: "that is not a telephone number: write it with its country, as +447700900123",
    21215: "the account may not ring that country: allow it in the console, Voice, Geo permissions",
    21219: "a trial account rings verified numbers only: verify it in the console, Verified Caller IDs",
    21608: "a trial account reaches verified numbers only: verify it in the console, Verified Caller IDs",
}
"""Twilio's error codes (its "Error and Warning Dictionary") and what to do about each."""


class PhoneAdminError(Exception):
    """Twilio refused or cannot be reached; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting of the number: what it is and what it should be."""

    name: str
    now: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What pointing the number at this server takes."""

    number_sid: str
    account: str
    """The account's name and state."""
    changes: tuple[Change, ...]


class PhoneAdmin:
    """One account. Raises PhoneAdminError where the settings are not complete."""

    def __init__(self, settings: Settings, api: str = "") -> None:
        problems = line_problems(settings)
        if problems:
            raise PhoneAdminError("\n".join(f"{problem.what}: {problem.mend}" for problem in problems))
        self._settings = settings
        self._client = _client(settings, api or API)

    def plan(self) -> Setup:
        """What would have to be changed; nothing is."""
        with _explained():
            account = self._client.api.v2010.accounts(self._settings.twilio_account_sid).fetch()
            found = self._client.incoming_phone_numbers.list(phone_number=self._settings.twilio_number, limit=1)
        if not found:
            raise PhoneAdminError(
                f"the account has no number {self._settings.twilio_number}: buy it in the console, or correct "
                "RIGHTCALL_TWILIO_NUMBER"
            )
        wanted = self._wanted()
        changes = [
            Change(name, _told(found[0], name), value)
            for name, value in wanted.items()
            if _told(found[0], name) != value
        ]
        return Setup(found[0].sid, f"{account.friendly_name} ({account.status})", tuple(changes))

    def apply(self, setup: Setup) -> None:
        """Point the number at this server."""
        with _explained():
            self._client.incoming_phone_numbers(setup.number_sid).update(**self._wanted())

    def dial(self, number: str, script: str, trainee: str = "", seed: int | None = None) -> str:
        """Ring that number with that call, drawn from `seed`; the call's id. It rings before this returns."""
        if not NUMBER.fullmatch(number):
            raise PhoneAdminError(f"{number[:20]!r}: {MENDS[21211]}")
        origin = self._settings.public_origin
        told = {"script": script, "trainee": trainee, "seed": seed}
        asked = urlencode({name: value for name, value in told.items() if value})
        with _explained("it may or may not ring; look before dialling again"):
            call = self._client.calls.create(
                to=number, from_=self._settings.twilio_number, url=f"{origin}/phone/outgoing?{asked}", method="POST",
                timeout=RING_SECONDS, status_callback=f"{origin}/phone/status", status_callback_event=EVENTS,
                machine_detection="Enable", async_amd="true", async_amd_status_callback=f"{origin}/phone/status",
            )  # fmt: skip
        return str(call.sid)

    def progress(self, call: str) -> str:
        """How a placed call goes on: queued, ringing, in-progress, or one of `OVER`."""
        with _explained():
            return str(self._client.calls(call).fetch().status)

    def _wanted(self) -> dict[str, str]:
        origin = self._settings.public_origin
        return {
            "voice_url": f"{origin}/phone/incoming", "voice_method": "POST",
            "voice_fallback_url": f"{origin}/phone/fallback", "voice_fallback_method": "POST",
            "status_callback": f"{origin}/phone/status", "status_callback_method": "POST",
        }  # fmt: skip


def _told(number: IncomingPhoneNumberInstance, name: str) -> str:
    return str(getattr(number, name) or "")


def _client(settings: Settings, api: str) -> Client:
    """Twilio's client with a time limit, which waits as long as a 429 says and repeats nothing else."""
    from requests.adapters import HTTPAdapter
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client
    from urllib3.util import Retry

    http = TwilioHttpClient(timeout=ANSWER_SECONDS)
    patience = Retry(
        RETRIES, connect=0, read=0, redirect=0, status=RETRIES, status_forcelist=[429], allowed_methods=None,
        backoff_factor=BACKOFF, raise_on_status=False,
    )  # fmt: skip
    for scheme in ("https://", "http://"):
        http.session.mount(scheme, HTTPAdapter(max_retries=patience))
    token = settings.twilio_auth_token.get_secret_value()
    client = Client(settings.twilio_account_sid, token, http_client=http, environment={})
    client.api.base_url = api
    return client


@contextlib.contextmanager
def _explained(if_late: str = "try again") -> Iterator[None]:
    """Whatever goes wrong with a request, as one sentence that holds no secret."""
    from requests import RequestException, Timeout
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        yield
    except TwilioRestException as error:
        mend = MENDS.get(error.code or 0, "see https://www.twilio.com/docs/api/errors" + f"/{error.code}")
        raise PhoneAdminError(f"Twilio refused ({error.status}, {error.code}): {error.msg}. {mend}") from None
    except Timeout:
        raise PhoneAdminError(f"Twilio did not answer within {ANSWER_SECONDS:.0f} seconds: {if_late}") from None
    except (RequestException, TwilioException) as error:
        kind = type(error).__name__
        raise PhoneAdminError(
            f"Twilio cannot be reached from here ({kind}): check the network and {if_late}"
        ) from None
