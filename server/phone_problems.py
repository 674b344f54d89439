"""What is wrong with the telephone line, each problem with its mend. Reads settings and PINs; asks nobody."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from server.pins import NUMBER
from server.settings import Settings

ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps the telephone line from working; no secret is ever quoted."""

    what: str
    mend: str


def line_problems(settings: Settings) -> list[Problem]:
    """What keeps Twilio's line from working, as far as this machine can tell."""
    return [*_origin(settings.public_origin), *_account(settings)]


def _origin(origin: str) -> Iterator[Problem]:
    if not origin:
        yield Problem(
            "no public origin: the telephone network cannot find this server",
            "set RIGHTCALL_PUBLIC_ORIGIN to the https:// address by which it is reached from the internet",
        )
        return
    parts = urlsplit(origin)
    if parts.path or parts.query or not parts.hostname:
        yield Problem(
            f"the public origin {origin} is not a scheme and a host alone",
            "set RIGHTCALL_PUBLIC_ORIGIN as in https://training.example.org",
        )
    elif parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        yield Problem(
            f"the public origin begins with {parts.scheme}://, and Twilio's sockets need https",
            "put a server with a certificate in front and set RIGHTCALL_PUBLIC_ORIGIN to its https:// address",
        )


def _is_loopback(host: str) -> bool:
    """`rightcall line` may play the network on this machine, without a certificate."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _account(settings: Settings) -> Iterator[Problem]:
    if not ACCOUNT_SID.fullmatch(settings.twilio_account_sid):
        yield Problem(
            "the account SID is missing" if not settings.twilio_account_sid else "the account SID is not one",
            "set RIGHTCALL_TWILIO_ACCOUNT_SID to the AC... of your console's first page",
        )
    if not settings.twilio_auth_token.get_secret_value():
        yield Problem(
            "the auth token is missing, so no webhook can be told from a forged one",
            "set RIGHTCALL_TWILIO_AUTH_TOKEN; keep it out of files that others read",
        )
    if not NUMBER.fullmatch(settings.twilio_number):
        yield Problem(
            "the line's own number is missing" if not settings.twilio_number else "the line's own number is not one",
            "set RIGHTCALL_TWILIO_NUMBER with its country, as +441632960123",
        )
