"""What trainers ask of trainees: calls to take before a deadline, for practice or as an examination. No database.

Practice: any marked call of that script counts that was begun after the assignment was made, also one by telephone,
and with a fixed seed only one with that seed. The best one stands. It can be done late.

Examination: one try, in the browser. It is used up when the call is answered; a trainer can allow another. There is
no transcript, and until an assessor has signed the call or the deadline has passed the trainee sees no result,
hears no recording and reads no debrief (the call is sealed). While it is open and not taken, the same call cannot be
practised. It cannot be begun after the deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from server.records import CallRecord

LONGEST_TITLE = 120
MOST_SCRIPTS = 60
MOST_PEOPLE = 500
LATEST = timedelta(days=730)
"""How far ahead a deadline may be: further is a slip of the pen."""

TaskState = Literal["to_do", "overdue", "closed", "running", "sealed", "done"]
STATES: dict[TaskState, str] = {
    "to_do": "to do",
    "overdue": "overdue",
    "closed": "missed: closed",
    "running": "in progress",
    "sealed": "handed in",
    "done": "done",
}


class AssignmentError(Exception):
    """An assignment cannot be made, changed or begun; the message is for the person at the page."""


@dataclass(frozen=True, slots=True)
class Group:
    """Trainees that are assigned together; `members` are account names."""

    group_id: int
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Calls for some trainees. Times are UTC with their zone; `seed` None draws new details for each call."""

    assignment_id: int
    title: str
    scripts: tuple[str, ...]
    people: tuple[str, ...]
    deadline: datetime
    examination: bool
    seed: int | None
    made_by: str
    made: datetime
    withdrawn: datetime | None = None

    def over(self, now: datetime) -> bool:
        return now >= self.deadline


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an examination's call; `void` where a trainer took it out of the count."""

    call_id: str
    assignment_id: int
    script_id: str
    trainee: str
    number: int
    void: bool


@dataclass(frozen=True, slots=True)
class Task:
    """One call that one trainee is to take, and how far it is. `call` is the one that stands, of so many `tries`."""

    assignment: Assignment
    script_id: str
    trainee: str
    state: TaskState
    call: CallRecord | None = None
    tries: int = 0

    @property
    def open(self) -> bool:
        """Whether something is left to do that can still be done."""
        return self.state in ("to_do", "overdue", "running")


def used(call: CallRecord | None) -> bool:
    """Whether a try was answered: one that only rang, or never began, is no try."""
    return call is not None and (call.state != "finished" or bool(call.seconds))


def task(
    assignment: Assignment,
    script_id: str,
    trainee: str,
    calls: Iterable[CallRecord],
    sealed: bool,
    now: datetime,
) -> Task:
    """How far a trainee is with one call. `calls` are those that may count (`counting`)."""
    tries = [call for call in calls if used(call)]
    running = next((call for call in tries if call.state == "in_progress"), None)
    marked = [call for call in tries if call.score is not None]
    if assignment.examination:
        last = max(tries, key=lambda call: call.started, default=None)
        state: TaskState = "to_do" if last is None else "running" if running else "sealed" if sealed else "done"
        if last is None and assignment.over(now):
            state = "closed"
        return Task(assignment, script_id, trainee, state, last, len(tries))
    best = max(marked, key=lambda call: (call.score or 0.0, call.started), default=None)
    if best is not None:
        return Task(assignment, script_id, trainee, "done", best, len(tries))
    state = "running" if running else "overdue" if assignment.over(now) else "to_do"
    return Task(assignment, script_id, trainee, state, running, len(tries))


def counting(
    assignment: Assignment,
    script_id: str,
    trainee: str,
    calls: Iterable[CallRecord],
    attempts: Iterable[Attempt],
) -> list[CallRecord]:
    """Those of the calls that may count for the task."""
    mine = [call for call in calls if call.trainee == trainee and call.script_id == script_id]
    if assignment.examination:
        ids = {
            attempt.call_id
            for attempt in attempts
            if attempt.assignment_id == assignment.assignment_id and not attempt.void
        }
        return [call for call in mine if call.call_id in ids]
    return [
        call
        for call in mine
        if call.started >= assignment.made and (assignment.seed is None or call.seed == assignment.seed)
    ]


def by_urgency(tasks: Iterable[Task]) -> list[Task]:
    """What can be done first, the nearest deadline before others; then the rest, the newest deadline first."""
    left = list(tasks)
    todo = sorted((one for one in left if one.open), key=lambda one: one.assignment.deadline)
    rest = sorted((one for one in left if not one.open), key=lambda one: one.assignment.deadline, reverse=True)
    return [*todo, *rest]


def due(deadline: datetime, now: datetime) -> str:
    """When something is due, in words: `due tomorrow 17:00`, `overdue since 20 Nov`. By the site's own clock."""
    there, here = deadline.astimezone(), now.astimezone()
    days = (there.date() - here.date()).days
    if now >= deadline:
        return f"overdue since {there:%H:%M}" if days == 0 else f"overdue since {there.day} {there:%b}"
    if days == 0:
        return f"due today {there:%H:%M}"
    if days == 1:
        return f"due tomorrow {there:%H:%M}"
    return f"due {there:%a} {there.day} {there:%b}"


def parse_deadline(text: str, now: datetime) -> datetime:
    """A deadline as a page's field gives it (`2026-11-30T17:00`), by the site's clock. Raises AssignmentError."""
    try:
        given = datetime.fromisoformat(text.strip())
        deadline = (given if given.tzinfo else given.astimezone()).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise AssignmentError("A deadline is a day and a time, such as 2026-11-30 17:00") from error
    if deadline <= now:
        raise AssignmentError("The deadline lies in the past: choose a later one")
    if deadline > now + LATEST:
        raise AssignmentError("The deadline lies more than two years ahead: choose an earlier one")
    return deadline


def check_new(title: str, scripts: Sequence[str], people: Sequence[str], on_shelf: Iterable[str]) -> None:
    """Raises AssignmentError saying what is missing or not there."""
    unknown = sorted(set(scripts) - set(on_shelf))
    if unknown:
        raise AssignmentError(f"There is no call {unknown[0][:60]} on the shelf")
    if not scripts:
        raise AssignmentError("Choose at least one call")
    if not people:
        raise AssignmentError("Choose at least one trainee, or a group that has members")
    if len(title) > LONGEST_TITLE or len(scripts) > MOST_SCRIPTS or len(people) > MOST_PEOPLE:
        raise AssignmentError(f"That is too much for one assignment: {MOST_SCRIPTS} calls, {MOST_PEOPLE} people")
