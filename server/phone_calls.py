"""The telephone calls that are on the line now, from the first ring to the last end, by Twilio's call id.

A call ends three ways, in any order and any number of times: `stop` on the socket, the socket closing, the status
callback. Bounded: callers who never come back are forgotten.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from server.phone_handset import Circuit
from server.pins import Attempts
from server.tokens import Tokens

CALL_SID = re.compile(r"CA[0-9a-f]{32}", re.ASCII)
MOST_VISITS = 1000
FORGOTTEN_AFTER = 2 * 3600.0
"""Seconds without a word from a call that is not connected."""
MOST_TRIES = 3
MOST_DIALLED = 500
"""Calls whose way is remembered after they were placed."""
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""Twilio's call statuses after which there is nothing more."""


@dataclass
class Visit:
    """Somebody on the line. `trainee` is None until they are let in."""

    call: str
    number: str
    trainee: str | None = None
    script: str | None = None
    """The call they are to take; None for their next."""
    seed: int | None = None
    """What its details are drawn from; None for any."""
    tries: int = 0
    """Wrong PINs, or answers of a menu that meant nothing."""
    served: bool = False
    """Whether the reception came to its own end."""
    machine: bool = False
    """Whether an answering machine took the call."""
    circuit: Circuit | None = None
    seen: float = 0.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for: who trains, which script (None: their next), its details' seed (None: any).

    `quick`: they play ten quick calls first.
    """

    trainee: str
    script: str | None
    seed: int | None = None
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Dialled:
    """A call that was placed from here: by whom (an account's name), for which trainee, with which script."""

    call: str
    script: str
    trainee: str
    by: str


@dataclass
class PhoneCalls:
    """One server's. Times are seconds of a steady clock."""

    tokens: Tokens[Grant] = field(default_factory=Tokens)
    attempts: Attempts = field(default_factory=Attempts)
    refused: int = 0
    """Callers sent away because the lines were busy."""
    forged: int = 0
    """Requests whose signature was wrong."""
    _visits: OrderedDict[str, Visit] = field(default_factory=OrderedDict)
    _dialled: OrderedDict[str, Dialled] = field(default_factory=OrderedDict)
    _statuses: OrderedDict[str, list[str]] = field(default_factory=OrderedDict)

    @property
    def connected(self) -> int:
        """Calls with an open socket."""
        return sum(visit.circuit is not None for visit in self._visits.values())

    def arrive(self, call: str, number: str, now: float) -> Visit:
        """A call that begins; the same one again if Twilio asks again."""
        visit = self._visits.setdefault(call, Visit(call, number))
        visit.seen = now
        self._visits.move_to_end(call)
        self._forget(now)
        return visit

    def find(self, call: str, now: float) -> Visit | None:
        """A call that is known."""
        visit = self._visits.get(call)
        if visit is not None:
            visit.seen = now
            self._visits.move_to_end(call)
        return visit

    def placed(self, dialled: Dialled) -> None:
        """A call was placed from here."""
        self._dialled[dialled.call] = dialled
        while len(self._dialled) > MOST_DIALLED:
            self._dialled.popitem(last=False)

    def dialled(self, call: str) -> Dialled | None:
        """A call that was placed from here, if it is still remembered."""
        return self._dialled.get(call)

    def statuses(self, call: str) -> list[str]:
        """What the network told of a call, in the order in which it came."""
        return list(self._statuses.get(call, ()))

    def note(self, call: str, status: str) -> None:
        """The network tells of a call; its first words may come before it has answered that it was placed."""
        told = self._statuses.setdefault(call, [])
        if status and status not in told:
            told.append(status)
        while len(self._statuses) > MOST_VISITS:
            self._statuses.popitem(last=False)

    def end(self, call: str) -> None:
        """The network says that the call is over."""
        visit = self._visits.pop(call, None)
        if visit is not None and visit.circuit is not None:
            visit.circuit.ended("the trainee hung up", hung_up=True)

    def _forget(self, now: float) -> None:
        for call, visit in list(self._visits.items()):
            too_many = len(self._visits) > MOST_VISITS
            if not too_many and now - visit.seen < FORGOTTEN_AFTER:
                return
            if visit.circuit is None:
                del self._visits[call]
