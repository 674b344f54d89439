"""One-time tokens: what connects a media socket to the call that was let in by PIN.

A token is made when the trainee has been let in, goes out in our own TwiML, and comes back in the socket's first
message. It is good for one call, once, and not for long. Kept in memory: socket and webhook meet in one process.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

LIFETIME = 60.0
"""Seconds: Twilio opens the socket within one or two of being told to."""
MOST = 1000
"""Tokens waiting at once; beyond that the oldest goes."""

Grant = TypeVar("Grant")


@dataclass(frozen=True, slots=True)
class _Issued(Generic[Grant]):
    call: str
    until: float
    grant: Grant


class Tokens(Generic[Grant]):
    """The tokens of one process; each stands for a `Grant`. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._issued: OrderedDict[str, _Issued[Grant]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._issued)

    def issue(self, call: str, grant: Grant, now: float) -> str:
        """A token for that call (its id on the line), of 43 letters."""
        while self._issued and (len(self._issued) >= MOST or next(iter(self._issued.values())).until <= now):
            self._issued.popitem(last=False)
        token = secrets.token_urlsafe(32)
        self._issued[token] = _Issued(call, now + LIFETIME, grant)
        return token

    def redeem(self, token: str, call: str, now: float) -> Grant | None:
        """What the token stands for; None if it is unknown, used, late or another call's. Uses it up."""
        issued = self._issued.pop(token, None)
        if issued is None or issued.until <= now or issued.call != call:
            return None
        return issued.grant
