"""Groups of trainees, and calls assigned to them: the trainers' pages, and the taking of what was assigned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import RedirectResponse, Response

from server.accounts import Account
from server.assignment_records import NOT_YOURS, Assignments
from server.assignments import STATES, Assignment, AssignmentError, Task, check_new, due, parse_deadline
from server.call_scripts import call_script
from server.calls import LARGEST_SEED
from server.desk_page import OUTCOMES
from server.engines import read_force
from server.web_base import Asked, Asking, Web, pages_router

Text = Annotated[str, Form(max_length=300)]
Many = Annotated[list[str], Form(default_factory=list, max_length=600)]
SHOWN = 50
"""Of all assignments, the newest."""
USUALLY = timedelta(days=7)
"""How far ahead the deadline of a new assignment is, until somebody says otherwise."""


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/assignments")(overview)
    routes.post("/assignments")(assign)
    routes.get("/assignments/{assignment_id}")(one_assignment)
    routes.post("/assignments/{assignment_id}/deadline")(extend)
    routes.post("/assignments/{assignment_id}/withdraw")(withdraw)
    routes.post("/assignments/{assignment_id}/people")(add_people)
    routes.post("/assignments/{assignment_id}/another-try")(another_try)
    routes.post("/assignments/{assignment_id}/take")(take)
    routes.get("/groups")(groups)
    routes.post("/groups")(make_group)
    routes.post("/groups/{group_id}")(change_group)
    routes.post("/groups/{group_id}/remove")(remove_group)
    return routes


# --- assignments ----------------------------------------------------------------------------------------------------


def overview(asked: Asked) -> Response:
    return _overview(asked, {})


def _overview(asked: Asking, given: dict[str, object], error: str = "") -> Response:
    """All assignments and the form for a new one, filled in with what was `given` when that had a mistake."""
    web, book, now = asked.web, Assignments(asked.web.records), datetime.now(UTC)
    found = book.all(SHOWN)
    tasks = book.tasks(found, now)
    rows = [(one, _summary(tasks[one.assignment_id]), due(one.deadline, now)) for one in found]
    usual = (now + USUALLY).astimezone().replace(hour=17, minute=0)
    given = {
        "title": "", "scripts": [], "people": [], "groups": [], "deadline": f"{usual:%Y-%m-%dT%H:%M}", "seed": "",
        "examination": "", **given,
    }  # fmt: skip
    return web.page(
        asked, "assignments.html", status=422 if error else 200, error=error, rows=rows, given=given, now=now,
        scripts=web.scripts.on(web.shelf())[0], trainees=trainees(web), groups=book.groups(), largest=LARGEST_SEED,
        most=SHOWN,
    )  # fmt: skip


def _summary(tasks: list[Task]) -> dict[str, int]:
    return {
        "all": len(tasks),
        "done": sum(one.state in ("done", "sealed") for one in tasks),
        "late": sum(one.state in ("overdue", "closed") for one in tasks),
    }


def assign(
    asked: Asked,
    scripts: Many,
    people: Many,
    groups: Many,
    title: Text = "",
    deadline: Text = "",
    seed: Text = "",
    examination: Text = "",
) -> Response:
    """Make an assignment. Whoever is in a group now is assigned; who joins it later is not."""
    web, book = asked.web, Assignments(asked.web.records)
    on_shelf = {one.id: one.title for one in web.scripts.on(web.shelf())[0]}
    names = _people(web, book, people, groups)
    try:
        check_new(title, scripts, names, on_shelf)
        at = parse_deadline(deadline, datetime.now(UTC))
        fixed = _seed(seed)
    except AssignmentError as error:
        given: dict[str, object] = {
            "title": title, "scripts": scripts, "people": people, "groups": groups, "deadline": deadline,
            "seed": seed, "examination": examination,
        }  # fmt: skip
        return _overview(asked, given, str(error))
    named = " ".join(title.split()) or _title([on_shelf[one] for one in scripts])
    made = book.make(
        named, scripts, names, deadline=at, examination=bool(examination), seed=fixed, by=asked.visitor.name
    )
    kind = "examination" if examination else "practice"
    _note(asked, "assigned calls", f"{made}: {named}, {kind}, {len(scripts)} calls to {', '.join(names)}")
    return RedirectResponse(f"/assignments/{made}", 303)


def _people(web: Web, book: Assignments, people: list[str], groups: list[str]) -> list[str]:
    """The trainees that were named, each by itself or by a group, once; only those that there are."""
    there = {one.name for one in trainees(web)}
    named = {*people, *(one for group in book.groups() if str(group.group_id) in groups for one in group.members)}
    return sorted(named & there)


def _title(titles: list[str]) -> str:
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return f"{titles[0][:100]}{more}"


def _seed(text: str) -> int | None:
    if not text.strip():
        return None
    if text.strip().isdecimal() and text.isascii() and 1 <= int(text) <= LARGEST_SEED:
        return int(text)
    raise AssignmentError(f"A seed is a number from 1 to {LARGEST_SEED}, or nothing for new details in each call")


def one_assignment(asked: Asked, assignment_id: int) -> Response:
    return _assignment_page(asked, assignment_id)


def _assignment_page(asked: Asking, assignment_id: int, error: str = "") -> Response:
    web, book, now = asked.web, Assignments(asked.web.records), datetime.now(UTC)
    found = _get(book, assignment_id)
    titles = {one.id: one.title for one in web.scripts.on(web.shelf())[0]}
    tasks: dict[str, list[Task]] = {}
    for one in book.tasks([found], now)[assignment_id]:
        tasks.setdefault(one.trainee, []).append(one)
    return web.page(
        asked, "assignment.html", status=422 if error else 200, error=error, one=found, tasks=tasks, titles=titles,
        names={account.name: account.full_name for account in web.accounts.all()}, states=STATES, outcomes=OUTCOMES,
        due=due(found.deadline, now), over=found.over(now),
        summary=_summary([one for row in tasks.values() for one in row]),
        deadline=f"{found.deadline.astimezone():%Y-%m-%dT%H:%M}",
        others=[account for account in trainees(web) if account.name not in found.people],
    )  # fmt: skip


def extend(asked: Asked, assignment_id: int, deadline: Text) -> Response:
    book = Assignments(asked.web.records)
    found = _get(book, assignment_id)
    try:
        at = parse_deadline(deadline, datetime.now(UTC))
    except AssignmentError as error:
        return _assignment_page(asked, assignment_id, str(error))
    book.extend(assignment_id, at)
    _note(asked, "moved a deadline", f"{assignment_id}: {found.title}, from {found.deadline} to {at}")
    return RedirectResponse(f"/assignments/{assignment_id}", 303)


def withdraw(asked: Asked, assignment_id: int, undo: Text = "") -> Response:
    """Take an assignment back; with `undo`, give it again as it was."""
    book = Assignments(asked.web.records)
    found = _get(book, assignment_id)
    book.withdraw(assignment_id, undo=bool(undo))
    _note(asked, "assigned calls again" if undo else "withdrew an assignment", f"{assignment_id}: {found.title}")
    return RedirectResponse(f"/assignments/{assignment_id}", 303)


def add_people(asked: Asked, assignment_id: int, people: Many) -> Response:
    book = Assignments(asked.web.records)
    found = _get(book, assignment_id)
    names = _people(asked.web, book, people, [])
    if not names:
        return _assignment_page(asked, assignment_id, "Choose whom else to assign it to")
    book.add_people(assignment_id, names)
    _note(asked, "assigned calls", f"{assignment_id}: {found.title}, also to {', '.join(names)}")
    return RedirectResponse(f"/assignments/{assignment_id}", 303)


def another_try(asked: Asked, assignment_id: int, call_id: Text) -> Response:
    """Let a trainee take an examination's call again: the line was lost, say. The try before stays on record."""
    book = Assignments(asked.web.records)
    _get(book, assignment_id)
    try:
        gone = book.allow_another(call_id)
    except AssignmentError as error:
        return _assignment_page(asked, assignment_id, str(error))
    _note(asked, "allowed another try", f"{assignment_id}: {gone.script_id} by {gone.trainee}, instead of {call_id}")
    return RedirectResponse(f"/assignments/{assignment_id}", 303)


def take(asked: Asked, assignment_id: int, script: Text) -> Response:
    """The trainee begins an assigned call. An examination's try that waits or runs is taken up, not made anew."""
    web, book, trainee = asked.web, Assignments(asked.web.records), asked.visitor.name
    found = book.get(assignment_id)
    if found is None or found.withdrawn or trainee not in found.people or script not in found.scripts:
        raise HTTPException(404, NOT_YOURS)
    if script not in web.shelf().paths():
        raise HTTPException(404, "This call is not on the shelf any more: ask your trainer")
    last = book.open_try(found, script, trainee) if found.examination else None
    waiting = web.calls.get(last.call_id) if last else None
    if waiting is not None and not waiting.over:
        return RedirectResponse(f"/calls/{waiting.call_id}/console", 303)
    made = web.calls.make(
        call_script(script, web.settings.scripts),
        trainee,
        found.seed,
        force=read_force(web.settings),
        examination=found.examination,
    )
    if found.examination:
        try:
            book.begin_try(found, script, trainee, made.call_id)
        except AssignmentError as error:
            web.calls.forget(made.call_id)
            raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/calls/{made.call_id}/console", 303)


def _get(book: Assignments, assignment_id: int) -> Assignment:
    found = book.get(assignment_id)
    if found is None:
        raise HTTPException(404, "There is no such assignment")
    return found


# --- groups ---------------------------------------------------------------------------------------------------------


def groups(asked: Asked) -> Response:
    return _groups(asked)


def _groups(asked: Asking, error: str = "") -> Response:
    web = asked.web
    return web.page(
        asked, "groups.html", status=422 if error else 200, error=error, groups=Assignments(web.records).groups(),
        trainees=trainees(web),
    )  # fmt: skip


def make_group(asked: Asked, members: Many, name: Text = "") -> Response:
    return _put_group(asked, name, members, None)


def change_group(asked: Asked, group_id: int, members: Many, name: Text = "") -> Response:
    return _put_group(asked, name, members, group_id)


def _put_group(asked: Asking, name: str, members: list[str], group_id: int | None) -> Response:
    there = {one.name for one in trainees(asked.web)}
    chosen = sorted(set(members) & there)
    try:
        Assignments(asked.web.records).put_group(name, chosen, group_id)
    except AssignmentError as error:
        return _groups(asked, str(error))
    _note(asked, "made a group" if group_id is None else "changed a group", f"{name}: {', '.join(chosen)}")
    return RedirectResponse("/groups", 303)


def remove_group(asked: Asked, group_id: int) -> Response:
    book = Assignments(asked.web.records)
    gone = next((one for one in book.groups() if one.group_id == group_id), None)
    if gone is None:
        return _groups(asked, "There is no such group")
    book.remove_group(group_id)
    _note(asked, "removed a group", f"{gone.name}: {', '.join(gone.members)}")
    return RedirectResponse("/groups", 303)


def trainees(web: Web) -> list[Account]:
    """Everybody who may be assigned calls."""
    return [one for one in web.accounts.all() if one.active and "trainee" in one.roles]


def _note(asked: Asking, did: str, what: str) -> None:
    asked.web.accounts.note(asked.visitor.name, did, what)
