"""What a trainee sees during a call: the caller's display, three clocks, the talk, what the keys wait for.

Fed with the log as it grows; pure but for Rich's shapes. The caller's mood is not shown: it is to be heard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from scripts.cast import Cast
from scripts.events import Answered, Ended, Entry, LineCut, Prompt, Recorded, Understood
from server.transcript import clock, row_of

SHOWN = 14
"""Rows of talk that fit a small terminal beside the rest."""
KEYS = "1 deploy  2 resolve  3 refer  4 no action  5 5 silent caller  o hold  h hang up  q stop"
STYLES = {"caller": "cyan", "trainee": "bold", "call": "dim"}
HIDDEN = ("event: ", "[", "key ")
"""Rows that would give the script away, or that the trainee has just done."""


@dataclass
class Board:
    """The state of one call's display."""

    cast: Cast
    now: float = 0.0
    answered: bool = False
    ended: Ended | None = None
    located: float | None = None
    decided: float | None = None
    decision: str = ""
    prompt: str = ""
    hearing: str = ""
    notices: list[str] = field(default_factory=list)
    rows: deque[Text] = field(default_factory=lambda: deque(maxlen=SHOWN))

    def entry(self, entry: Entry) -> None:
        """Something went into the log."""
        match entry:
            case Answered():
                self.answered = True
            case Understood():
                self.hearing = ""
                if self.located is None and "location" in entry.meaning.topics:
                    self.located = entry.at
            case Recorded():
                self.prompt = ""
                self.decided = self.decided or entry.at
            case Prompt():
                self.prompt = f"{entry.text}: {'  '.join(entry.options)}"
            case Ended():
                self.ended = entry
            case LineCut() if self.rows and entry.heard > 0:
                self.rows.append(Text("       (you spoke over the caller)", "dim"))
        self._talk(entry)

    def _talk(self, entry: Entry) -> None:
        row = None if isinstance(entry, Prompt) else row_of(entry)  # what keys wait for stands below
        if row is None or row.text.startswith(HIDDEN):
            return
        who = {"caller": "caller", "trainee": "you", "call": ""}[row.who]
        self.rows.append(Text(f"{clock(row.at)}  {who:7} {row.text}", STYLES[row.who]))

    def view(self) -> RenderableType:
        """The whole of it."""
        parts: list[RenderableType] = [self._head(), self._clocks()]
        if self.answered:
            talk = (
                [*self.rows, Text(f"       you     {self.hearing}...", "italic dim")] if self.hearing else self.rows
            )
            parts.append(Panel(Group(*talk) if talk else Text("The line is open."), height=SHOWN + 2))
        else:
            parts.append(Panel(Text("The telephone is ringing. Press Enter, or speak, to answer.", "bold yellow")))
        parts += [Text(notice, "yellow") for notice in self.notices[-2:]]
        parts.append(Text(self.prompt or KEYS, "bold magenta" if self.prompt else "dim"))
        return Group(*parts)

    def _head(self) -> RenderableType:
        script = self.cast.script
        shown = [self.cast.written(part) for part in (script.display.number, script.display.address) if part]
        number = ", ".join(shown) or "number withheld"
        return Text.assemble((f" {script.line} ", "bold reverse"), "  from ", (number, "bold"))

    def _clocks(self) -> RenderableType:
        table = Table.grid(padding=(0, 3))
        table.add_row(
            Text.assemble("since answer ", (clock(self.now), "bold")),
            self._clock("location asked", self.located, self._target("asked_within", "location")),
            self._clock("decision", self.decided, self._target("decided_within", None)),
        )
        return table

    def _clock(self, name: str, done: float | None, target: float | None) -> Text:
        at = self.now if done is None else done
        late = target is not None and at > target
        style = "red" if late else "green" if done is not None else "bold"
        of = f" of {clock(target)}" if target is not None else ""
        return Text.assemble(f"{name} ", (clock(at) if self.answered else "--:--", style), of)

    def _target(self, kind: str, topic: str | None) -> float | None:
        for criterion in self.cast.script.criteria:
            if criterion.kind == kind and criterion.topic == topic:
                return criterion.seconds
        return None
