"""What the pages of a shift show: who waits and who is open while it is on, and everything in lanes afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scripts.cast import draw
from scripts.force import Force
from scripts.shift import Incident, ShiftSession, State
from scripts.shift_events import Graded
from scripts.shift_marking import NAMES
from scripts.shift_plan import RANK, VOICE, Contact
from scripts.vocabulary import Agency, Decision, Grade
from server.call_scripts import CallScript

State_ = dict[str, object]


def state_of(session: ShiftSession, now: float, calls: Mapping[str, CallScript], force: Force) -> State_:
    """Everything that the page of a shift that is on needs, as JSON values."""
    return {
        "began": session.began,
        "now": now,
        "seconds": session.plan.seconds,
        "closed": session.closed.why if session.closed else None,
        "contacts": [
            _contact(one, calls[one.contact.id], force)
            for one in session.incidents.values()
            if one.state is not State.PLANNED
        ],
        "waiting": [one.contact.id for one in session.waiting],
        "news": [
            {
                "id": heard.news.id, "about": heard.news.about, "from": heard.news.sender, "text": heard.news.text,
                "at": heard.at, "read": heard.read_at is not None,
            }
            for heard in session.news.values()
        ],
    }  # fmt: skip


def _contact(incident: Incident, call: CallScript, force: Force) -> State_:
    contact = incident.contact
    return {
        "id": contact.id,
        "number": contact.id[1:],
        "kind": contact.kind,
        "name": NAMES[contact.kind],
        "voice": contact.kind in VOICE,
        "rank": RANK[contact.kind],
        "state": incident.state.value,
        "since": incident.since,
        "again": len(incident.waits) > 1,
        "target": force.answers(contact.kind),
        "held_since": incident.holds[-1].since if incident.state is State.HELD else None,
        "call": incident.call,
        "display": display(contact, call),
        "grades": [graded(one, force) for one in incident.decisions],
    }


def display(contact: Contact, call: CallScript) -> dict[str, str]:
    """What is shown of a contact before it is taken; a caller's can be wrong or missing, as real displays are."""
    if contact.kind not in VOICE:
        return {"number": "", "network": "", "address": ""}
    cast = draw(call.script, contact.seed)
    return {name: cast.written(text) for name, text in call.script.display.model_dump().items()}


def graded(one: Graded, force: Force) -> str:
    """`Deploy, Immediate`: a decision in the force's words."""
    return disposition(one.decision, one.grade, one.agency, force)


def disposition(decision: Decision, grade: Grade | None, agency: Agency | None, force: Force) -> str:
    """A decision in the force's words."""
    word = {"deploy": "Deploy", "resolve": "Resolve", "refer": "Refer", "none": "No action"}[decision]
    detail = force.grade(grade) if grade else force.agency(agency) if agency else ""
    return f"{word}, {detail}" if detail else word


# --- afterwards -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of one lane: `kind` is waiting, open, held or lost; places are shares of the whole, 0 to 100."""

    kind: str
    left: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A moment of one lane."""

    kind: str
    left: float
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One contact in the debrief's timeline."""

    contact: Contact
    name: str
    call: str
    bars: Sequence[Bar]
    dots: Sequence[Dot]
    ending: str


ENDINGS = {
    State.GONE: "gave up", State.WAITING: "handed on", State.DONE: "finished", State.OPEN: "broken off",
    State.HELD: "broken off",
}  # fmt: skip


def lanes(session: ShiftSession, force: Force) -> list[Lane]:
    """Every contact that came, in the order of arrival."""
    whole = max(session.now, 1.0)
    return [_lane(one, session, whole, force) for one in session.incidents.values() if one.waits]


def _lane(one: Incident, session: ShiftSession, whole: float, force: Force) -> Lane:
    def bar(kind: str, since: float, until: float | None) -> Bar:
        end = session.now if until is None else until
        text = f"{kind} {clock(since)} to {clock(end)}"
        return Bar(kind, round(100 * since / whole, 2), round(100 * (end - since) / whole, 2), text)

    bars = [bar("waiting", wait.since, wait.until) for wait in one.waits]
    if one.taken_at is not None:
        bars.append(bar("open", one.taken_at, one.over_at))
    bars += [bar("held", hold.since, hold.until) for hold in one.holds]
    dots = [
        Dot("graded", round(100 * each.at / whole, 2), f"{clock(each.at)} {graded(each, force)}")
        for each in one.decisions
    ]
    dots += [
        Dot("gone", round(100 * (wait.until or 0) / whole, 2), f"{clock(wait.until or 0)} gave up")
        for wait in one.waits
        if wait.gave_up
    ]
    dots += [
        Dot("news", round(100 * heard.at / whole, 2), f"{clock(heard.at)} {heard.news.sender}: {heard.news.text}")
        for heard in session.news.values()
        if heard.news.about == one.contact.id
    ]
    dots.sort(key=lambda dot: dot.left)
    name = NAMES[one.contact.kind]
    return Lane(
        one.contact, f"{name[0].upper()}{name[1:]} {one.contact.id[1:]}", one.call, bars, dots, ENDINGS[one.state]
    )


def clock(seconds: float) -> str:
    """Seconds as mm:ss."""
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
