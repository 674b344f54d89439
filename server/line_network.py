"""What a telephone network does to sound on its way: packets lost, and delayed by ever different times.

And the address of a running server as the network sees it. Pure but for the chance that is passed in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Generic, TypeVar

Packet = TypeVar("Packet")
IDLE_SECONDS = 1.0
"""That a connection for webhooks is kept for the next: well under what a server keeps it, or both meet half-way."""


@dataclass(frozen=True, slots=True)
class Weather:
    """`loss`: the share (0 to 1) of packets that never come; `jitter`: at most so many seconds of delay."""

    loss: float = 0.0
    jitter: float = 0.0


@dataclass
class Way(Generic[Packet]):
    """One direction of one call. Packets come out in the order they went in, as over a stream socket."""

    weather: Weather
    chance: Random
    lost: int = 0
    _under_way: deque[tuple[float, Packet]] = field(default_factory=deque)

    def enter(self, packet: Packet, now: float, *, safe: bool = False) -> None:
        """A packet of 20 ms sets out; a `safe` one (a key, which networks send several times) is not lost."""
        if not safe and self.chance.random() < self.weather.loss:
            self.lost += 1
            return
        due = now + self.chance.uniform(0.0, self.weather.jitter)
        before = self._under_way[-1][0] if self._under_way else due
        self._under_way.append((max(due, before), packet))

    def leave(self, now: float) -> list[Packet]:
        """What has arrived by now."""
        arrived = []
        while self._under_way and self._under_way[0][0] <= now:
            arrived.append(self._under_way.popleft()[1])
        return arrived


@dataclass(frozen=True, slots=True)
class Place:
    """A running server: `base` is where it is reached, `origin` what it calls itself to the network."""

    base: str
    origin: str
    account: str
    token: str
    number: str

    def here(self, address: str) -> str:
        """One of the server's own addresses, as reached from here."""
        for origin, base in ((self.origin, self.base), (_socket(self.origin), _socket(self.base))):
            if address.startswith(origin + "/"):
                return base + address.removeprefix(origin)
        raise LineError(f"the server sent the call to {address[:80]!r}, which is not at its own origin {self.origin}")


class LineError(Exception):
    """The call cannot be placed, or the server broke the network's rules; the message says which."""


def _socket(origin: str) -> str:
    scheme, _, place = origin.partition("://")
    return f"{'ws' if scheme == 'http' else 'wss'}://{place}"
