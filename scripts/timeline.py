"""When the events of a script's timeline are due."""

from __future__ import annotations

import math

from scripts.events import Happened
from scripts.ledger import Ledger
from scripts.script import Script, TimelineEvent


class Timeline:
    """The events of one call that have yet to happen; each happens once, or is called off for good."""

    def __init__(self, script: Script) -> None:
        self._events = {event.id: event for event in script.events}
        self._called_off: set[str] = set()

    def event(self, id_: str) -> TimelineEvent:
        return self._events[id_]

    def next_at(self, ledger: Ledger) -> float:
        """When the next event is due as things stand; infinity for none."""
        return min((due_at(event, ledger) for event in self._waiting(ledger)), default=math.inf)

    def due(self, ledger: Ledger, now: float) -> list[str]:
        """The events to happen now, soonest first; those that a decision or a fact prevents are called off."""
        due = sorted((due_at(event, ledger), event.id) for event in self._waiting(ledger))
        happening = []
        for at, id_ in due:
            if at > now:
                break
            if prevented(self._events[id_], ledger):
                self._called_off.add(id_)
            else:
                happening.append(id_)
        return happening

    @staticmethod
    def happened(id_: str, now: float) -> Happened:
        return Happened(now, id_)

    def _waiting(self, ledger: Ledger) -> list[TimelineEvent]:
        gone = self._called_off | set(ledger.happened)
        return [event for event in self._events.values() if event.id not in gone]


def due_at(event: TimelineEvent, ledger: Ledger) -> float:
    """When the event is due; infinity while what it follows has not come about."""
    if event.at is not None:
        return event.at
    start: float | None = None
    if event.after_told:
        start = next(iter(ledger.facts[event.after_told].told), None)
    elif event.after_event:
        start = ledger.happened.get(event.after_event)
    elif ledger.decisions:
        start = ledger.decisions[0].at
    return math.inf if start is None else start + event.delay


def prevented(event: TimelineEvent, ledger: Ledger) -> bool:
    """Whether a decision or a fact came in time to keep the event from happening."""
    decided = any(decision.decision == event.unless_decided for decision in ledger.decisions)
    return decided or bool(event.unless_told and ledger.told(event.unless_told))
