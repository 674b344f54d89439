"""The browser as a handset: sound over a WebSocket, taken up again when the network was away.

The handset outlives its socket. While there is none, nothing counts as played; when the page is back, what was not
proven to be heard is sent again. If it stays away, the conductor hears nothing for ten seconds and gives the line up.
Knows no network: messages go into the queue that `attach` returns, and come in by `sound` and `tell`.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable

from audio.frame import Frame
from server.browser_wire import (
    FRAME_BYTES,
    RATE,
    Answer,
    Decide,
    Done,
    FormField,
    Holding,
    Key,
    Message,
    Over,
    Played,
)  # fmt: skip
from server.handset import Choose, Finish, Gesture, HandsetLost, HangUp, Hold, Press, Type

RINGS_FOR = 60.0
"""Seconds after which a call that nobody answers is given up."""
PROOF_DELAY = 0.2
"""Seconds that the proof of hearing may lag behind the ear before the sound counts as held up on its way."""
MOST_WAITING = 250
"""Frames that may wait to be taken in: five seconds. A page that sends more than the world's pace loses them."""
GESTURES_AT_ONCE = 100
GESTURES_A_SECOND = 20.0
"""What a person with a form can do, and what a page may catch up with after the network was away; more is a flood."""
MOST_UNSENT = 1500
"""Messages for a page that does not read: half a minute. Then the socket is given up."""

Outgoing = asyncio.Queue[bytes | str | None]
"""What goes to the page; None closes the socket."""


class BrowserHandset:
    """One call's handset. `clock` is in seconds, from anywhere; `wrap_up` as the protocol."""

    name = "browser"
    rate = RATE
    open_speaker = False
    real_time = True

    def __init__(self, clock: Callable[[], float], wrap_up: float = 0.0) -> None:
        self._clock, self.wrap_up = clock, wrap_up
        self._incoming: asyncio.Queue[Frame | Gesture] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._outgoing: Outgoing | None = None
        self._unproven: deque[tuple[int, Frame]] = deque()
        self._given = self._played = self._base = self._epoch = 0
        self._ends_at = 0.0
        self._allowance, self._acted_at = float(GESTURES_AT_ONCE), clock()
        self.ringing = False
        self.waited = 0.0
        """Seconds that the caller had waited elsewhere (in a shift's queue) before this rang."""
        self.strange = 0
        """Messages that were none."""
        self.changes: deque[int] = deque()
        """The page's numbers of changes to the form, in order, for whoever tells it that they are saved."""

    # --- the page --------------------------------------------------------------------------------------------

    @property
    def attached(self) -> bool:
        return self._outgoing is not None

    def attach(self) -> Outgoing:
        """A page is there, instead of any before; returns the queue of what to send it."""
        if self._outgoing is not None:
            self._outgoing.put_nowait(None)
        self._outgoing = asyncio.Queue(MOST_UNSENT)
        self._begin_epoch()
        for _, frame in self._unproven:
            self._send(frame.samples)
        return self._outgoing

    def detach(self, outgoing: Outgoing) -> None:
        """That page is gone; nothing happens when another has taken its place."""
        if outgoing is self._outgoing:
            self._outgoing = None

    def tell_page(self, message: dict[str, object]) -> None:
        """Send a message, if a page is there."""
        self._send(json.dumps(message, ensure_ascii=False))

    def sound(self, data: bytes) -> None:
        """Twenty milliseconds from the microphone; anything else is passed over."""
        if len(data) != FRAME_BYTES:
            self.strange += 1
        elif self._answered.is_set() and self._incoming.qsize() < MOST_WAITING:
            self._incoming.put_nowait(Frame(data, RATE))

    def tell(self, message: Message | None) -> None:
        """What the trainee did on the page, or None for a message that was none."""
        match message:
            case None:
                self.strange += 1
            case Played():
                self._proved(message)
            case Answer():
                self._answered.set()
            case _ if self._may_act():
                if isinstance(message, FormField):
                    self.changes.append(message.n)
                self._incoming.put_nowait(_gesture(message))
            case _:
                self.strange += 1

    def _may_act(self) -> bool:
        now = self._clock()
        self._allowance = min(GESTURES_AT_ONCE, self._allowance + (now - self._acted_at) * GESTURES_A_SECOND)
        self._acted_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _proved(self, message: Played) -> None:
        if message.epoch != self._epoch:
            return
        self._played = max(self._played, min(self._given, self._base + message.samples))
        while self._unproven and self._unproven[0][0] <= self._played:
            self._unproven.popleft()

    def _begin_epoch(self) -> None:
        """From here on the page counts from nothing."""
        self._epoch += 1
        self._base = self._given - sum(frame.count for _, frame in self._unproven)
        self._ends_at = self._clock() + (self._given - self._base) / RATE
        self.tell_page({"type": "flush", "epoch": self._epoch})

    def _send(self, message: bytes | str) -> None:
        if self._outgoing is None:
            return
        try:
            self._outgoing.put_nowait(message)
        except asyncio.QueueFull:
            self._outgoing = None  # the page does not read: its socket is left to fail, the call waits for another

    # --- the conductor ---------------------------------------------------------------------------------------

    async def ring(self) -> float:
        """Ring until the page answers. Raises HandsetLost after a minute."""
        began = self._clock()
        self.ringing = True
        self.tell_page({"type": "ringing"})
        try:
            await asyncio.wait_for(self._answered.wait(), RINGS_FOR)
        except TimeoutError:
            raise HandsetLost(f"nobody answered within {RINGS_FOR:.0f} seconds") from None
        finally:
            self.ringing = False
        return round(self.waited + self._clock() - began, 2)

    async def receive(self) -> Frame | Gesture:
        return await self._incoming.get()

    def play(self, frame: Frame) -> None:
        self._given += frame.count
        self._unproven.append((self._given, frame))
        self._ends_at = max(self._clock(), self._ends_at) + frame.seconds
        self._send(frame.samples)

    def flush(self) -> float:
        """As the protocol; what sounded since the last proof counts as not heard."""
        dropped = self._given - self._played
        self._given = self._played
        self._unproven.clear()
        self._begin_epoch()
        return dropped / RATE

    @property
    def played_seconds(self) -> float:
        return self._played / RATE

    @property
    def ahead_seconds(self) -> float:
        unproven = (self._given - self._played) / RATE
        if self._outgoing is None:
            return unproven
        by_clock = max(0.0, self._ends_at - self._clock())
        return min(unproven, max(by_clock, unproven - PROOF_DELAY))

    async def close(self) -> None:
        """Tell the page that the line is dead."""
        self.tell_page({"type": "over"})


def _gesture(message: Key | Holding | FormField | Decide | Over | Done) -> Gesture:
    match message:
        case Key():
            return Press(message.key)
        case Holding():
            return Hold(message.on)
        case FormField():
            return Type(message.field, message.value)
        case Decide():
            return Choose(message.decision, message.grade, message.agency)
        case Over():
            return HangUp()
        case Done():
            return Finish()
