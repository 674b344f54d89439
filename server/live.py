"""The calls in progress in this process, as a board shows them, and who listens in. On the event loop alone.

Nothing here can hold a call up. A board asks for the state as it is now: a slow one misses states, none are queued.
A listener has a queue of one second: of what does not get out in time the oldest is left out (`left_out`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from audio.frame import Frame
from audio.pcm import added
from scripts.events import (
    Answered,
    Ended,
    Entry,
    FormChanged,
    HoldChanged,
    ReadBack,
    Recorded,
    Understood,
    Utterance,
)  # fmt: skip
from scripts.force import Force
from scripts.script import Script
from server.conductor import View
from server.debrief import targets
from server.transcript import decision, row_of

QUEUE_FRAMES = 50
"""One second: later it would be no listening in."""
LAST_LINES = 4
Phase = Literal["ringing", "talking", "on hold", "finishing the form"]


@runtime_checkable
class Told(Protocol):
    """A view whose trainee can be told who listens."""

    def listened(self, names: list[str]) -> None:
        """These listen in now; empty for nobody."""


class Listener:
    """One who listens in. `get` waits for the next 20 ms of both sides; None once the call is over."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.left_out = 0
        self._frames: deque[bytes] = deque(maxlen=QUEUE_FRAMES)
        self._there = asyncio.Event()
        self._over = False

    def put(self, sound: bytes) -> None:
        """Hand over sound; never waits."""
        self.left_out += len(self._frames) == QUEUE_FRAMES
        self._frames.append(sound)
        self._there.set()

    def close(self) -> None:
        self._over = True
        self._there.set()

    async def get(self) -> bytes | None:
        while not self._frames:
            if self._over:
                return None
            self._there.clear()
            await self._there.wait()
        return self._frames.popleft()


@dataclass
class LiveCall:
    """One call. It is the conductor's view, and passes everything on to the one that it stands before."""

    call_id: str
    script: Script
    trainee: str
    handset: str
    rate: int
    force: Force
    view: View
    phase: Phase = "ringing"
    now: float = 0.0
    rows: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    decided: str = ""
    clocks: dict[str, float] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = {fact.id for fact in self.script.facts if "location" in fact.topics}
        self._targets = targets(self.script, self.force)

    # --- as the conductor's view -----------------------------------------------------------------------------

    def entry(self, entry: Entry) -> None:
        match entry:
            case Answered():
                self.phase, self.clocks["answer"] = "talking", entry.rang_for
            case HoldChanged():
                self.phase = "on hold" if entry.on else "talking"
            case Recorded():
                self.decided = decision(entry, self.force)
                self.clocks.setdefault("decision", entry.at)
            case FormChanged() if entry.field == "location" and entry.value.strip():
                self.clocks.setdefault("location", entry.at)
            case Understood() if any(map(self._is_place, entry.read_backs)):
                self.clocks.setdefault("location", entry.at)
            case Ended():
                self.phase = "finishing the form"
                self.over()
        row = row_of(entry)
        if row is not None and (row.who != "call" or isinstance(entry, Utterance | Recorded)):
            self.rows.append(row.as_json())
        self.view.entry(entry)

    def partial(self, text: str) -> None:
        self.view.partial(text)

    def notice(self, text: str) -> None:
        self.view.notice(text)

    def time(self, now: float) -> None:
        self.now = now
        self.view.time(now)

    def _is_place(self, back: ReadBack) -> bool:
        return back.right and back.fact in self._places

    # --- listening in ----------------------------------------------------------------------------------------

    @property
    def tells(self) -> bool:
        """Whether the trainee's page shows who listens; a telephone has no page."""
        return isinstance(self.view, Told)

    def listen(self, name: str) -> Listener:
        """Somebody listens in, and the trainee is told."""
        made = Listener(name)
        self.listeners.append(made)
        self._tell()
        return made

    def leave(self, listener: Listener) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)
            self._tell()

    def sound(self, trainee: Frame, caller: Frame) -> None:
        """The next 20 ms of both sides. Costs nothing while nobody listens."""
        if self.listeners:
            both = added(trainee, caller).samples
            for listener in self.listeners:
                listener.put(both)

    def over(self) -> None:
        """Nothing more is to be heard."""
        for listener in self.listeners:
            listener.close()
        if self.listeners:
            self.listeners.clear()
            self._tell()

    def _tell(self) -> None:
        if isinstance(self.view, Told):
            self.view.listened([listener.name for listener in self.listeners])

    # --- as a board shows it ---------------------------------------------------------------------------------

    def as_json(self) -> dict[str, object]:
        """The state now: of each clock its name, seconds so far, whether it stopped, whether it is late."""
        return {
            "call_id": self.call_id, "title": self.script.title, "line": self.script.line, "trainee": self.trainee,
            "handset": self.handset, "phase": self.phase, "now": int(self.now), "decided": self.decided,
            "rows": list(self.rows), "listeners": [listener.name for listener in self.listeners],
            "tells": self.tells, "clocks": [self._clock(name) for name in ("answer", "location", "decision")],
        }  # fmt: skip

    def _clock(self, name: str) -> dict[str, object]:
        took, target = self.clocks.get(name), self._targets.get(name)
        seconds = self.now if took is None else took
        late = target is not None and seconds > target
        return {"name": name, "seconds": int(seconds), "stopped": took is not None, "late": late}


@dataclass
class LiveCalls:
    """The calls in progress of one process."""

    calls: dict[str, LiveCall] = field(default_factory=dict)

    @contextlib.contextmanager
    def shown(self, call: LiveCall) -> Iterator[LiveCall]:
        """Show the call while it lasts."""
        self.calls[call.call_id] = call
        try:
            yield call
        finally:
            del self.calls[call.call_id]
            call.over()
