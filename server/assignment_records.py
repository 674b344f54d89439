"""Groups, assignments and the tries of examinations in the database; all blocks on it and raises RecordsError."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.assignments import (
    Assignment,
    AssignmentError,
    Attempt,
    Group,
    Task,
    by_urgency,
    counting,
    task,
    used,
)  # fmt: skip
from server.records import CallRecord, Records
from server.schema import (
    assignment_people,
    assignment_scripts,
    assignments,
    calls,
    examination_tries,
    group_members,
    reviews,
    trainee_groups,
)

ANOTHER_TAB = "This examination was begun in another tab: go to your desk"
USED_UP = "You have taken this examination: there is one try. Your trainer can allow another"
CLOSED = "This examination is closed: its deadline has passed. Your trainer can extend it"
NOT_YOURS = "There is no such assignment, or it is not yours"


class Assignments:
    """What trainers of one site have assigned."""

    def __init__(self, records: Records) -> None:
        self._records = records

    # --- groups ----------------------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """Every group by its name."""
        members: dict[int, list[str]] = defaultdict(list)
        with self._records.reading() as connection:
            for row in connection.execute(select(group_members).order_by(group_members.c.trainee)):
                members[row.group_id].append(row.trainee)
            rows = connection.execute(select(trainee_groups).order_by(trainee_groups.c.name)).all()
        return [Group(row.group_id, row.name, tuple(members[row.group_id])) for row in rows]

    def put_group(self, name: str, members: Iterable[str], group_id: int | None = None) -> int:
        """Make a group, or change the one of that id. Raises AssignmentError."""
        name = " ".join(name.split())[:60]
        if not name:
            raise AssignmentError("A group needs a name")
        try:
            with self._records.engine.begin() as connection:
                group_id = _named_group(connection, name, group_id)
                connection.execute(delete(group_members).where(group_members.c.group_id == group_id))
                rows = [{"group_id": group_id, "trainee": one} for one in sorted(set(members))]
                if rows:
                    connection.execute(insert(group_members), rows)
        except IntegrityError as error:
            raise AssignmentError(f"There is a group {name} already") from error
        return group_id

    def remove_group(self, group_id: int) -> None:
        """Take a group away; what was assigned to its members stays theirs."""
        with self._records.writing() as connection:
            connection.execute(delete(group_members).where(group_members.c.group_id == group_id))
            connection.execute(delete(trainee_groups).where(trainee_groups.c.group_id == group_id))

    # --- assignments -----------------------------------------------------------------------------------------

    def make(
        self,
        title: str,
        scripts: Sequence[str],
        people: Iterable[str],
        *,
        deadline: datetime,
        examination: bool = False,
        seed: int | None = None,
        by: str = "",
    ) -> int:
        """Assign; returns the assignment's id. What is given was checked by `assignments.check_new`."""
        row = {
            "title": title, "deadline": _plain(deadline), "examination": examination, "seed": seed, "made_by": by,
            "made": _plain(datetime.now(UTC)),
        }  # fmt: skip
        with self._records.writing() as connection:
            key = cast("tuple[int]", connection.execute(insert(assignments).values(**row)).inserted_primary_key)[0]
            connection.execute(
                insert(assignment_scripts),
                [
                    {"assignment_id": key, "place": at, "script_id": one}
                    for at, one in enumerate(dict.fromkeys(scripts))
                ],
            )
            connection.execute(
                insert(assignment_people), [{"assignment_id": key, "trainee": one} for one in sorted(set(people))]
            )
        return key

    def all(self, limit: int = 200) -> list[Assignment]:
        """The newest assignments, those that were withdrawn too."""
        return self._found(limit=limit)

    def get(self, assignment_id: int) -> Assignment | None:
        return next(iter(self._found(assignments.c.assignment_id == assignment_id)), None)

    def of(self, trainee: str) -> list[Assignment]:
        """What that trainee was assigned and was not withdrawn."""
        if not trainee:
            return []
        mine = select(assignment_people.c.assignment_id).where(assignment_people.c.trainee == trainee)
        return self._found(assignments.c.assignment_id.in_(mine), assignments.c.withdrawn.is_(None))

    def extend(self, assignment_id: int, deadline: datetime) -> None:
        """Set another deadline."""
        self._set(assignment_id, deadline=_plain(deadline))

    def withdraw(self, assignment_id: int, *, undo: bool = False) -> None:
        """Take an assignment back from everybody, or give it again; calls that were taken stay."""
        self._set(assignment_id, withdrawn=None if undo else _plain(datetime.now(UTC)))

    def add_people(self, assignment_id: int, people: Iterable[str]) -> None:
        """Assign it to more trainees."""
        with self._records.writing() as connection:
            there = set(
                connection.scalars(
                    select(assignment_people.c.trainee).where(assignment_people.c.assignment_id == assignment_id)
                )
            )
            rows = [{"assignment_id": assignment_id, "trainee": one} for one in sorted(set(people) - there)]
            if rows:
                connection.execute(insert(assignment_people), rows)

    # --- who has done what -----------------------------------------------------------------------------------

    def tasks(self, found: Sequence[Assignment], now: datetime | None = None) -> dict[int, list[Task]]:
        """Everybody's tasks of each assignment (by its id), by trainee and in the order of its calls."""
        tasks: dict[int, list[Task]] = {one.assignment_id: [] for one in found}
        everybody = sorted({name for one in found for name in one.people})
        for each in self._tasks(found, everybody, now):
            tasks[each.assignment.assignment_id].append(each)
        return tasks

    def desk(self, trainee: str, now: datetime | None = None) -> list[Task]:
        """What one trainee is to do and has done, the most urgent first."""
        return by_urgency(self._tasks(self.of(trainee), [trainee], now))

    def examined(self, trainee: str, now: datetime | None = None) -> frozenset[str]:
        """The scripts that this trainee must not practise now: an examination of them is open and not taken."""
        tasks = self.desk(trainee, now)
        return frozenset(one.script_id for one in tasks if one.assignment.examination and one.open)

    def _tasks(self, found: Sequence[Assignment], people: Sequence[str], now: datetime | None) -> list[Task]:
        if not found:
            return []
        now = now or datetime.now(UTC)
        taken: dict[tuple[str, str], list[CallRecord]] = defaultdict(list)
        for call in self._calls(found, people):
            taken[call.trainee, call.script_id].append(call)
        tries: dict[int, list[Attempt]] = defaultdict(list)
        for attempt in self._attempts(examination_tries.c.assignment_id.in_([one.assignment_id for one in found])):
            tries[attempt.assignment_id].append(attempt)
        sealed, wanted = self.sealed(people, now), frozenset(people)
        return [
            self._task(one, script, trainee, taken[trainee, script], tries[one.assignment_id], sealed, now)
            for one in found
            for trainee in one.people
            if trainee in wanted
            for script in one.scripts
        ]

    def _task(
        self,
        one: Assignment,
        script: str,
        trainee: str,
        taken: list[CallRecord],
        tries: list[Attempt],
        sealed: frozenset[str],
        now: datetime,
    ) -> Task:
        mine = counting(one, script, trainee, taken, tries)
        return task(one, script, trainee, mine, any(call.call_id in sealed for call in mine), now)

    def _calls(self, found: Sequence[Assignment], people: Sequence[str]) -> Sequence[CallRecord]:
        scripts = sorted({script for one in found for script in one.scripts})
        since = min(one.made for one in found)
        return self._records.some(
            calls.c.script_id.in_(scripts), calls.c.trainee.in_(people), calls.c.started >= _plain(since)
        )

    # --- examinations ----------------------------------------------------------------------------------------

    def sealed(self, people: Sequence[str], now: datetime | None = None) -> frozenset[str]:
        """The calls of these trainees whose result they must not see yet."""
        signed = (
            select(reviews.c.review_id)
            .where(reviews.c.call_id == examination_tries.c.call_id, reviews.c.signed.is_not(None), ~reviews.c.blind)
            .exists()
        )
        wanted = (
            select(examination_tries.c.call_id)
            .join(assignments)
            .where(
                examination_tries.c.trainee.in_(people),
                assignments.c.deadline > _plain(now or datetime.now(UTC)),
                ~signed,
            )
        )
        with self._records.reading() as connection:
            return frozenset(connection.scalars(wanted))

    def examination_of(self, call_id: str) -> Assignment | None:
        """The examination that a call is a try of."""
        found = self._attempts(examination_tries.c.call_id == call_id)
        return self.get(found[0].assignment_id) if found else None

    def examinations(self, call_ids: Sequence[str]) -> frozenset[str]:
        """Those of the calls that are tries of examinations."""
        return frozenset(one.call_id for one in self._attempts(examination_tries.c.call_id.in_(call_ids)))

    def open_try(self, assignment: Assignment, script_id: str, trainee: str) -> Attempt | None:
        """The try that was made last and is not void, whatever became of it."""
        found = [one for one in self._tries(assignment, script_id, trainee) if not one.void]
        return found[-1] if found else None

    def begin_try(self, assignment: Assignment, script_id: str, trainee: str, call_id: str) -> None:
        """Note that this call is to be the try. Raises AssignmentError where there can be none (any more)."""
        self._check_try(assignment, script_id, trainee)
        number = len(self._tries(assignment, script_id, trainee)) + 1
        row = {
            "call_id": call_id, "assignment_id": assignment.assignment_id, "script_id": script_id,
            "trainee": trainee, "number": number, "void": False,
        }  # fmt: skip
        try:
            with self._records.engine.begin() as connection:
                connection.execute(insert(examination_tries).values(**row))
        except IntegrityError as error:
            raise AssignmentError(ANOTHER_TAB) from error

    def refusal(self, call_id: str, now: datetime | None = None) -> str | None:
        """Why this call may not begin (any more), asked at the moment it would ring; None for any other call."""
        found = self._attempts(examination_tries.c.call_id == call_id)
        if not found:
            return None
        mine, assignment = found[0], self.get(found[0].assignment_id)
        if assignment is None or assignment.withdrawn or mine.void:
            return "This examination was withdrawn"
        if mine.number < max(one.number for one in self._tries(assignment, mine.script_id, mine.trainee)):
            return ANOTHER_TAB
        try:
            self._check_try(assignment, mine.script_id, mine.trainee, now)
        except AssignmentError as error:
            return str(error)
        return None

    def allow_another(self, call_id: str) -> Attempt:
        """Take a try out of the count, so that the trainee can take the call again. Raises AssignmentError."""
        found = self._attempts(examination_tries.c.call_id == call_id)
        if not found:
            raise AssignmentError("That call is no try of an examination")
        with self._records.writing() as connection:
            connection.execute(
                update(examination_tries).where(examination_tries.c.call_id == call_id).values(void=True)
            )
        return found[0]

    def _check_try(self, assignment: Assignment, script_id: str, trainee: str, now: datetime | None = None) -> None:
        if assignment.withdrawn or trainee not in assignment.people or script_id not in assignment.scripts:
            raise AssignmentError(NOT_YOURS)
        ids = [one.call_id for one in self._tries(assignment, script_id, trainee) if not one.void]
        if any(used(call) for call in self._records.some(calls.c.call_id.in_(ids))):
            raise AssignmentError(USED_UP)
        if assignment.over(now or datetime.now(UTC)):
            raise AssignmentError(CLOSED)

    def _tries(self, assignment: Assignment, script_id: str, trainee: str) -> list[Attempt]:
        return self._attempts(
            examination_tries.c.assignment_id == assignment.assignment_id,
            examination_tries.c.script_id == script_id,
            examination_tries.c.trainee == trainee,
        )

    def _attempts(self, *conditions: ColumnElement[bool]) -> list[Attempt]:
        with self._records.reading() as connection:
            rows = connection.execute(
                select(examination_tries).where(*conditions).order_by(examination_tries.c.number)
            ).all()
        return [
            Attempt(row.call_id, row.assignment_id, row.script_id, row.trainee, row.number, row.void) for row in rows
        ]

    # --- inside ----------------------------------------------------------------------------------------------

    def _set(self, assignment_id: int, **values: object) -> None:
        with self._records.writing() as connection:
            connection.execute(
                update(assignments).where(assignments.c.assignment_id == assignment_id).values(**values)
            )

    def _found(self, *conditions: ColumnElement[bool], limit: int = 500) -> list[Assignment]:
        wanted = select(assignments).where(*conditions).order_by(assignments.c.assignment_id.desc()).limit(limit)
        with self._records.reading() as connection:
            rows = connection.execute(wanted).all()
            ids = [row.assignment_id for row in rows]
            scripts, people = defaultdict(list), defaultdict(list)
            for row in connection.execute(
                select(assignment_scripts)
                .where(assignment_scripts.c.assignment_id.in_(ids))
                .order_by(assignment_scripts.c.place)
            ):
                scripts[row.assignment_id].append(row.script_id)
            for row in connection.execute(
                select(assignment_people)
                .where(assignment_people.c.assignment_id.in_(ids))
                .order_by(assignment_people.c.trainee)
            ):
                people[row.assignment_id].append(row.trainee)
        return [_assignment(row, scripts[row.assignment_id], people[row.assignment_id]) for row in rows]


def _named_group(connection: Connection, name: str, group_id: int | None) -> int:
    if group_id is None:
        made = connection.execute(insert(trainee_groups).values(name=name)).inserted_primary_key
        return cast("tuple[int]", made)[0]
    same = trainee_groups.c.group_id == group_id
    if not connection.execute(update(trainee_groups).where(same).values(name=name)).rowcount:
        raise AssignmentError("There is no such group")
    return group_id


def _assignment(row: Row[tuple[object, ...]], scripts: list[str], people: list[str]) -> Assignment:
    return Assignment(
        row.assignment_id, row.title, tuple(scripts), tuple(people), _aware(row.deadline), row.examination, row.seed,
        row.made_by, _aware(row.made), _aware(row.withdrawn) if row.withdrawn else None,
    )  # fmt: skip


def _plain(at: datetime) -> datetime:
    """UTC without a zone, as every database has it."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
