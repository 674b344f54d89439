"""One shift, from going on duty to its end: events go in, actions come out; no clock, no network, no sound.

The rules:

1.  `handle` is the only door, and nothing that comes through it raises: an event that does not fit (a contact taken
    that does not wait, a time that is no number or runs backwards) changes nothing but, at most, the clock.
2.  A contact is PLANNED, then WAITING until it is taken or gives up (GONE; some come back). Taken it is OPEN or, if a
    call, HELD; when it is over it is DONE.
3.  One voice at a time: whoever takes or takes up a call puts the one that is open on hold. Chats and reports lie
    beside it.
4.  News about a contact comes some time after that contact is over, and only of one that was graded.
5.  After the planned end nobody else arrives or gives up. The shift closes when the last open contact is over, and
    at the latest `OVERTIME` later.
6.  The session is also the fold of its own log: `replay` gives marking everything that happened.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from scripts.shift_events import (
    Abandoned,
    Arrived,
    Began,
    Closed,
    Finished,
    Graded,
    Held,
    Left,
    NewsCame,
    Passed,
    PutOnHold,
    Read,
    ShiftAction,
    ShiftEntry,
    ShiftEvent,
    Taken,
    Why,
)  # fmt: skip
from scripts.shift_plan import RANK, VOICE, Contact, News, Plan

OVERTIME = 300.0
"""Seconds after the planned end for which an open contact may still be finished."""
NEVER = math.inf
_EVENTS = (Began, Taken, Held, Graded, Finished, Read, Passed, Left)


class State(Enum):
    """Where a contact stands."""

    PLANNED = "planned"
    WAITING = "waiting"
    OPEN = "open"
    HELD = "held"
    GONE = "gone"
    DONE = "done"


@dataclass(slots=True)
class Waiting:
    """One stretch of waiting; `until` and `gave_up` are set when it ends."""

    since: float
    until: float | None = None
    gave_up: bool = False


@dataclass(slots=True)
class Holding:
    """One stretch on hold. `for_` is the contact for whose sake it was, where there was one."""

    since: float
    until: float | None = None
    for_: str = ""
    lost: bool = False
    """The caller rang off meanwhile."""


@dataclass(slots=True)
class Incident:
    """One contact and all that became of it."""

    contact: Contact
    state: State = State.PLANNED
    waits: list[Waiting] = field(default_factory=list)
    holds: list[Holding] = field(default_factory=list)
    decisions: list[Graded] = field(default_factory=list)
    call: str = ""
    taken_at: float | None = None
    over_at: float | None = None

    @property
    def since(self) -> float:
        """Since when it has waited this time."""
        return self.waits[-1].since

    @property
    def gives_up_at(self) -> float:
        patience = self.contact.patience
        return self.since + patience if self.state is State.WAITING and patience is not None else NEVER

    @property
    def comes_at(self) -> float:
        """When it comes, or comes again; infinity for never."""
        if self.state is State.PLANNED:
            return self.contact.at
        if self.state is State.GONE and len(self.waits) == 1 and self.contact.returns_after is not None:
            return (self.waits[0].until or 0.0) + self.contact.returns_after
        return NEVER


@dataclass(frozen=True, slots=True)
class Choice:
    """The trainee took one contact while these others waited, each with the seconds that it had."""

    at: float
    contact: str
    waited: float
    others: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Heard:
    """One piece of news: when it came and when it was opened."""

    news: News
    at: float
    read_at: float | None = None


class ShiftSession:
    """One shift. See the rules above."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = 0.0
        self.began = False
        self.closed: Closed | None = None
        self.incidents = {contact.id: Incident(contact) for contact in plan.contacts}
        self.choices: list[Choice] = []
        self.news: dict[str, Heard] = {}
        self._actions: list[ShiftAction] = []

    @property
    def waiting(self) -> list[Incident]:
        """Who waits, the one to take first in front."""
        found = [one for one in self.incidents.values() if one.state is State.WAITING]
        return sorted(found, key=lambda one: (RANK[one.contact.kind], one.since))

    @property
    def working(self) -> list[Incident]:
        """The open contacts and those on hold."""
        return [one for one in self.incidents.values() if one.state in (State.OPEN, State.HELD)]

    @property
    def next_tick_at(self) -> float:
        """When the session next wants to be woken; infinity for never."""
        if self.closed or not self.began:
            return NEVER
        ends_at = self.plan.seconds + (OVERTIME if self.working else 0.0)
        if self.now >= self.plan.seconds:
            return ends_at
        due = [min(one.comes_at, one.gives_up_at) for one in self.incidents.values()]
        return min([ends_at, self.plan.seconds, *due, *(self._news_at(news) for news in self.plan.news)])

    def handle(self, event: ShiftEvent) -> list[ShiftAction]:
        """Take in one event and return what is to be done now."""
        if self.closed or not isinstance(event, _EVENTS):
            return []
        self._actions = []
        if math.isfinite(event.at):
            self.now = max(self.now, event.at)
        if isinstance(event, Began):
            self.began = True
        if self.began:
            self._react(event)
            self._let_time_pass()
        return self._actions

    def _react(self, event: ShiftEvent) -> None:
        match event:
            case Taken():
                self._take(event)
            case Held():
                self._hold(event)
            case Graded() if event.contact in self.incidents:
                incident = self.incidents[event.contact]
                if incident.taken_at is not None:
                    incident.decisions.append(event)
            case Finished():
                self._finish(event)
            case Read() if event.news in self.news:
                heard = self.news[event.news]
                heard.read_at = self.now if heard.read_at is None else heard.read_at
            case Left():
                self._close(event.why)
            case _:
                pass

    def _do(self, action: ShiftAction) -> None:
        self._actions.append(action)

    # --- what the trainee does -------------------------------------------------------------------------------

    def _take(self, event: Taken) -> None:
        incident = self.incidents.get(event.contact)
        if incident is None or incident.state is not State.WAITING:
            return
        others = tuple((one.contact.id, self.now - one.since) for one in self.waiting if one is not incident)
        self.choices.append(Choice(self.now, incident.contact.id, self.now - incident.since, others))
        incident.waits[-1].until = self.now
        incident.state, incident.taken_at, incident.call = State.OPEN, self.now, event.call
        if incident.contact.kind in VOICE:
            self._quiet_for(incident)

    def _hold(self, event: Held) -> None:
        incident = self.incidents.get(event.contact)
        if incident is None or incident.contact.kind not in VOICE:
            return
        if event.on and incident.state is State.OPEN:
            incident.state = State.HELD
            incident.holds.append(Holding(self.now))
        elif not event.on and incident.state is State.HELD:
            incident.state = State.OPEN
            incident.holds[-1].until = self.now
            self._quiet_for(incident)

    def _quiet_for(self, incident: Incident) -> None:
        """Put every other open call on hold."""
        for other in self.incidents.values():
            if other is not incident and other.state is State.OPEN and other.contact.kind in VOICE:
                other.state = State.HELD
                other.holds.append(Holding(self.now, for_=incident.contact.id))
                self._do(PutOnHold(self.now, other.contact.id))

    def _finish(self, event: Finished) -> None:
        incident = self.incidents.get(event.contact)
        if incident is None or incident.state not in (State.OPEN, State.HELD):
            return
        if incident.state is State.HELD:
            incident.holds[-1].until = self.now
            incident.holds[-1].lost = event.by == "caller"
        incident.state, incident.over_at = State.DONE, self.now

    # --- time ------------------------------------------------------------------------------------------------

    def _let_time_pass(self) -> None:
        if self.closed:
            return
        if self.now < self.plan.seconds:
            for incident in self.incidents.values():
                self._come_or_go(incident)
            for news in self.plan.news:
                if self.now >= self._news_at(news):
                    self.news[news.id] = Heard(news, self.now)
                    self._do(NewsCame(self.now, news.id))
        elif not self.working or self.now >= self.plan.seconds + OVERTIME:
            self._close("time")

    def _come_or_go(self, incident: Incident) -> None:
        if self.now >= incident.comes_at:
            again = incident.state is State.GONE
            urgent = incident.contact.kind == "999"
            breaks_in = urgent and any(one.contact.kind != "999" for one in self.working)
            incident.state = State.WAITING
            incident.waits.append(Waiting(self.now))
            self._do(Arrived(self.now, incident.contact.id, again, breaks_in))
        elif self.now >= incident.gives_up_at:
            incident.state = State.GONE
            incident.waits[-1].until, incident.waits[-1].gave_up = self.now, True
            self._do(Abandoned(self.now, incident.contact.id, round(self.now - incident.since, 1)))

    def _news_at(self, news: News) -> float:
        """When it comes, as things stand; infinity while its contact is not over and graded, and once it came."""
        incident = self.incidents.get(news.about)
        if incident is None or news.id in self.news or incident.over_at is None or not incident.decisions:
            return NEVER
        return max(incident.over_at, incident.decisions[0].at) + news.after

    def _close(self, why: Why) -> None:
        for incident in self.incidents.values():
            if incident.state is State.HELD:
                incident.holds[-1].until = self.now
        self.closed = Closed(self.now, why)
        self._do(self.closed)


def replay(plan: Plan, log: Iterable[ShiftEntry]) -> ShiftSession:
    """The session after all events of a log; its actions are made anew."""
    session = ShiftSession(plan)
    for entry in log:
        if isinstance(entry, _EVENTS):
            session.handle(entry)
    return session
