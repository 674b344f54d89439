"""Twilio's signature on its webhooks and on the upgrade to its socket, checked by Twilio's own validator.

Checked against the *configured* public origin: what the request says of itself can be forged, and is rewritten by
proxies. The upgrade is signed for `wss`, though frameworks see it as https.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request, WebSocket

from server.settings import Settings
from server.twiml import socket_origin

HEADER = "x-twilio-signature"
MOST_BYTES = 65_536
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818 - the request's fault, not an error of ours
    """A request that Twilio did not sign."""


async def signed_form(request: Request, settings: Settings) -> dict[str, str]:
    """The fields of a webhook. Raises Refused for one that Twilio did not sign, HTTPException for another shape."""
    if HEADER not in request.headers:
        raise Refused
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"more than {MOST_BYTES} bytes")
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400, "not a form") from error
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"{settings.public_origin}{request.url.path}{query}"
    _check(address, dict(fields), request.headers.get(HEADER, ""), settings)
    return dict(fields)


def check_upgrade(socket: WebSocket, settings: Settings) -> None:
    """Raises Refused for a socket that Twilio did not sign."""
    address = f"{socket_origin(settings.public_origin)}{socket.url.path}"
    _check(address, {}, socket.headers.get(HEADER, ""), settings)


def load_validator() -> None:
    """Load Twilio's library, which takes longer than a webhook may."""
    import twilio.request_validator  # noqa: F401 - for the loading alone


def _check(address: str, fields: dict[str, str], signature: str, settings: Settings) -> None:
    token = settings.twilio_auth_token.get_secret_value()
    if not (token and settings.public_origin and signature):
        raise Refused
    from twilio.request_validator import RequestValidator

    if not RequestValidator(token).validate(address, fields, signature):
        raise Refused
