"""Groups, assignments and examinations: the rules, and what each role finds on its pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from server.assignment_records import Assignments
from server.assignments import Assignment, AssignmentError, check_new, counting, due, parse_deadline, task, used
from server.records import CallRecord
from server.remarking import stored_marksheet
from server.review_records import ReviewRecords
from server.schema import audit, tables
from training_room import PASSWORD, SCRIPT, Room, csrf, room, store_call

if TYPE_CHECKING:
    import httpx

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OTHER_SCRIPT = "silent-call"


def assignment(*, examination: bool = False, seed: int | None = None, days: float = 1) -> Assignment:
    return Assignment(
        1, "Week one", (SCRIPT,), ("ann",), NOW + timedelta(days=days), examination, seed, "tess", NOW
    )  # fmt: skip


def call(call_id: str, minutes: float, score: float | None = 80, *, seed: int = 1, seconds: float = 60) -> CallRecord:
    started = NOW + timedelta(minutes=minutes)
    return CallRecord(
        call_id, SCRIPT, 1, "t", seed, "phone", "ann", started, started, seconds, "finished", "trainee", score,
        "passed",
    )  # fmt: skip


# --- the rules ------------------------------------------------------------------------------------------------------


def test_practice_counts_from_when_it_was_assigned_and_the_best_call_stands() -> None:
    calls = [call("before", -5, 95), call("bad", 5, 40), call("good", 10, 82), call("rang", 15, None, seconds=0)]
    mine = counting(assignment(), SCRIPT, "ann", calls, [])
    found = task(assignment(), SCRIPT, "ann", mine, sealed=False, now=NOW)
    assert (found.state, found.tries) == ("done", 2)
    assert found.call is calls[2]


def test_with_a_fixed_seed_only_calls_with_those_details_count() -> None:
    calls = [call("another", 5, 90, seed=2), call("this", 10, 50, seed=7)]
    assert counting(assignment(seed=7), SCRIPT, "ann", calls, []) == [calls[1]]


@pytest.mark.parametrize(
    ("examination", "days", "state"),
    [(False, 1, "to_do"), (False, -1, "overdue"), (True, 1, "to_do"), (True, -1, "closed")],
)
def test_practice_can_be_late_and_an_examination_cannot(*, examination: bool, days: float, state: str) -> None:
    one = assignment(examination=examination, days=days)
    assert task(one, SCRIPT, "ann", [], sealed=False, now=NOW).state == state


def test_a_call_that_only_rang_is_no_try() -> None:
    assert not used(None)
    assert not used(call("rang", 1, None, seconds=0))
    assert used(call("short", 1, None, seconds=0.5))


def test_deadlines_are_told_in_days_by_the_clock_on_the_wall() -> None:
    noon = datetime(2026, 11, 21, 12, 0).astimezone()
    assert due(noon + timedelta(hours=5), noon) == "due today 17:00"
    assert due(noon + timedelta(days=1), noon) == "due tomorrow 12:00"
    assert due(noon + timedelta(days=4), noon) == "due Wed 25 Nov"
    assert due(noon - timedelta(days=1), noon) == "overdue since 20 Nov"
    assert due(noon - timedelta(hours=2), noon) == "overdue since 10:00"


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01T10:00", "2020-01-01T10:00", "2999-01-01T10:00", "9" * 300]
)
def test_a_deadline_that_is_none_is_explained(text: str) -> None:
    with pytest.raises(AssignmentError):
        parse_deadline(text, NOW)


def test_a_deadline_is_by_the_sites_own_clock() -> None:
    assert parse_deadline("2026-11-30T17:00", NOW) == datetime(2026, 11, 30, 17, 0).astimezone()


@pytest.mark.parametrize(("scripts", "people"), [([], ["ann"]), ([SCRIPT], []), (["../etc"], ["ann"])])
def test_an_assignment_needs_calls_that_there_are_and_people(scripts: list[str], people: list[str]) -> None:
    with pytest.raises(AssignmentError):
        check_new("", scripts, people, [SCRIPT])


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("assigning"), "trainer", "assessor", "ann", "ben") as made:
        made.web.accounts.add("both", "Both", PASSWORD, ["trainee", "assessor"])
        yield made


@pytest.fixture
def site(served: Room) -> Room:
    """The site with nothing assigned and no calls taken."""
    with served.web.records.writing() as connection:
        for table in reversed(tables.sorted_tables):
            if table.name not in ("accounts", "sessions"):
                connection.execute(delete(table))
    return served


@pytest.fixture(scope="module")
def browsers(served: Room) -> dict[str, httpx.Client]:
    return {name: served.signed_in(name) for name in ("trainer", "assessor", "ann", "ben", "both")}


@pytest.fixture
def tess(browsers: dict[str, httpx.Client], site: Room) -> httpx.Client:  # noqa: ARG001 - after it is cleared
    return browsers["trainer"]


@pytest.fixture
def ann(browsers: dict[str, httpx.Client], site: Room) -> httpx.Client:  # noqa: ARG001 - after it is cleared
    return browsers["ann"]


@pytest.fixture
def ben(browsers: dict[str, httpx.Client], site: Room) -> httpx.Client:  # noqa: ARG001 - after it is cleared
    return browsers["ben"]


def post(browser: httpx.Client, path: str, data: dict[str, object], page: str = "/") -> httpx.Response:
    token = csrf(browser.get(page).text)
    return browser.post(path, data={"csrf": token, **data})


def in_days(days: float) -> str:
    return f"{datetime.now() + timedelta(days=days):%Y-%m-%dT%H:%M}"  # noqa: DTZ005 - as the page's field gives it


def assign(tess: httpx.Client, **given: object) -> int:
    data: dict[str, object] = {"scripts": [SCRIPT], "people": ["ann"], "deadline": in_days(3), **given}
    answer = post(tess, "/assignments", data)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rsplit("/", 1)[1])


def take(ann: httpx.Client, number: int, script: str = SCRIPT) -> httpx.Response:
    return post(ann, f"/assignments/{number}/take", {"script": script})


def hold(site: Room, call_id: str, trainee: str = "ann") -> None:
    """The call was taken: its record as a conductor leaves it."""
    site.web.calls.forget(call_id)
    store_call(site.web, trainee, call_id)


def try_of(ann: httpx.Client, number: int) -> str:
    answer = take(ann, number)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/")[2]


def audited(site: Room) -> list[str]:
    with site.web.records.reading() as connection:
        return list(connection.scalars(select(audit.c.did).order_by(audit.c.entry_id)))


def test_a_trainer_assigns_to_a_group_and_sees_who_has_done_what(
    site: Room, tess: httpx.Client, ann: httpx.Client
) -> None:
    assert post(tess, "/groups", {"name": "Course 7", "members": ["ann", "ben", "trainer"]}).status_code == 303
    (group,) = Assignments(site.web.records).groups()
    assert group.members == ("ann", "ben"), "a trainer is no trainee"
    number = assign(tess, people=[], groups=[str(group.group_id)], title="Week one")
    desk = ann.get("/").text
    assert desk.index("Assigned to you") < desk.index("Calls on the shelf")
    assert "Week one" in desk
    call_id = try_of(ann, number)
    hold(site, call_id)
    page = tess.get(f"/assignments/{number}").text
    assert f'href="/calls/{call_id}"' in page
    assert "1 of 2 done" in page
    assert {"made a group", "assigned calls"} <= set(audited(site))


def test_an_examination_is_one_try_and_says_nothing_until_it_is_signed(
    site: Room, tess: httpx.Client, ann: httpx.Client, browsers: dict[str, httpx.Client]
) -> None:
    number = assign(tess, examination="yes")
    call_id = try_of(ann, number)
    assert take(ann, number).headers["location"].endswith(f"{call_id}/console"), "the try that waits is taken up"
    console = ann.get(f"/calls/{call_id}/console").text
    assert "This is an examination" in console
    assert 'id="transcript"' not in console
    hold(site, call_id)
    refused = take(ann, number)
    assert refused.status_code == 409
    assert "one try" in refused.text
    debrief = ann.get(f"/calls/{call_id}").text
    assert "Handed in" in debrief
    for shown in (debrief, ann.get("/").text, ann.get("/calls").text):
        assert "not passed" not in shown
        assert "What a good handler" not in shown
    for part in ("timeline", "recording", "print", "marksheet.pdf"):
        assert ann.get(f"/calls/{call_id}/{part}").status_code == 403, part
    assert tess.get(f"/calls/{call_id}").status_code == 200, "who may assess it sees it"
    assert call_id in browsers["assessor"].get("/queue").text, "it waits for an assessor"
    sign(site, call_id)
    assert "What a good handler" in ann.get(f"/calls/{call_id}").text
    assert ann.get(f"/calls/{call_id}/timeline").status_code == 200


def sign(site: Room, call_id: str) -> None:
    book = ReviewRecords(site.web.records)
    record = site.web.records.call(call_id)
    assert record is not None
    sheet = stored_marksheet(site.web.files, call_id)
    assert sheet is not None
    review = book.begin(book.for_assessor(call_id, "assessor"))
    book.sign(review, record.script_id, sheet, sheet)


def test_the_deadline_opens_an_examinations_result_and_closes_its_door(
    site: Room, tess: httpx.Client, ann: httpx.Client
) -> None:
    number = assign(tess, examination="yes", scripts=[SCRIPT, OTHER_SCRIPT])
    call_id = try_of(ann, number)
    hold(site, call_id)
    Assignments(site.web.records).extend(number, datetime.now(UTC) - timedelta(minutes=1))
    assert "What a good handler" in ann.get(f"/calls/{call_id}").text
    answer = take(ann, number, OTHER_SCRIPT)
    assert answer.status_code == 409
    assert "closed" in answer.text
    assert post(tess, f"/assignments/{number}/deadline", {"deadline": in_days(1)}).status_code == 303
    assert take(ann, number, OTHER_SCRIPT).status_code == 303


def test_a_trainer_can_allow_another_try(site: Room, tess: httpx.Client, ann: httpx.Client) -> None:
    number = assign(tess, examination="yes")
    first = try_of(ann, number)
    hold(site, first)
    assert post(tess, f"/assignments/{number}/another-try", {"call_id": first}).status_code == 303
    second = try_of(ann, number)
    assert second != first
    assert ann.get(f"/calls/{first}/timeline").status_code == 403, "the try before stays sealed"
    assert "allowed another try" in audited(site)


def test_what_is_being_examined_cannot_be_practised(
    site: Room, tess: httpx.Client, ann: httpx.Client, ben: httpx.Client
) -> None:
    number = assign(tess, examination="yes")
    answer = post(ann, "/calls", {"script": SCRIPT})
    assert answer.status_code == 403
    assert "examination" in answer.text
    assert f'name="script" value="{SCRIPT}"><button aria-label="Take the call' not in ann.get("/").text
    shift = post(ann, "/shift", {"seed": "7"}).headers["location"].rsplit("/", 1)[1]
    run = site.web.shifts.get(shift)
    assert run is not None
    assert SCRIPT not in {contact.script for contact in run.sheet.plan.contacts}, "nor does it come in a shift"
    hold(site, try_of(ann, number))
    assert post(ann, "/calls", {"script": SCRIPT}).status_code == 303
    assert post(ben, "/calls", {"script": SCRIPT}).status_code == 303


def test_an_older_console_of_an_examination_cannot_begin_beside_the_newer(
    site: Room, tess: httpx.Client, ann: httpx.Client
) -> None:
    number = assign(tess, examination="yes")
    book = Assignments(site.web.records)
    first = try_of(ann, number)
    site.web.calls.forget(first)  # as for another server beside this one
    second = try_of(ann, number)
    assert book.refusal(second) is None
    assert "another tab" in (book.refusal(first) or "")
    hold(site, second)
    assert "one try" in (book.refusal(second) or "")


def test_a_withdrawn_assignment_is_gone_from_the_desk_and_can_be_given_again(
    site: Room, tess: httpx.Client, ann: httpx.Client
) -> None:
    number = assign(tess)
    assert post(tess, f"/assignments/{number}/withdraw", {}).status_code == 303
    assert "Assigned to you" not in ann.get("/").text
    assert take(ann, number).status_code == 404
    post(tess, f"/assignments/{number}/withdraw", {"undo": "yes"})
    assert "Assigned to you" in ann.get("/").text
    assert audited(site).count("withdrew an assignment") == 1


def test_nobody_takes_what_was_assigned_to_others(tess: httpx.Client, ben: httpx.Client) -> None:
    number = assign(tess)
    mine, none = take(ben, number), take(ben, 999)
    assert (mine.status_code, none.status_code) == (404, 404)
    assert csrf_free(mine.text) == csrf_free(none.text)


def csrf_free(page: str) -> str:
    return page.replace(csrf(page), "")


def test_a_new_assignment_with_a_mistake_loses_nothing_that_was_chosen(site: Room, tess: httpx.Client) -> None:
    answer = post(
        tess, "/assignments", {"scripts": [SCRIPT], "people": ["ann"], "deadline": "soon", "title": "Kept <b>"}
    )
    assert answer.status_code == 422
    assert "Kept &lt;b&gt;" in answer.text
    assert f'value="{SCRIPT}" checked' in answer.text
    assert Assignments(site.web.records).all() == []


def test_going_available_brings_what_is_due_first(site: Room, tess: httpx.Client, ann: httpx.Client) -> None:
    assign(tess, scripts=[OTHER_SCRIPT], deadline=in_days(9))
    assign(tess, scripts=[SCRIPT], deadline=in_days(1))
    call_id = post(ann, "/calls", {}).headers["location"].split("/")[2]
    made = site.web.calls.get(call_id)
    assert made is not None
    assert made.script.id == SCRIPT


def test_an_assessor_who_is_examined_sees_no_result_either(
    site: Room, tess: httpx.Client, browsers: dict[str, httpx.Client]
) -> None:
    number = assign(tess, people=["both"], examination="yes")
    both = browsers["both"]
    call_id = try_of(both, number)
    hold(site, call_id, "both")
    assert "Handed in" in both.get(f"/calls/{call_id}").text
    assert both.get(f"/calls/{call_id}/recording").status_code == 403
    assert both.get(f"/review/{call_id}").status_code == 403


def test_groups_are_renamed_emptied_and_removed(site: Room, tess: httpx.Client) -> None:
    post(tess, "/groups", {"name": "A", "members": ["ann"]})
    post(tess, "/groups", {"name": "B", "members": []})
    assert post(tess, "/groups", {"name": "A", "members": []}).status_code == 422
    first, second = Assignments(site.web.records).groups()
    assert post(tess, f"/groups/{second.group_id}", {"name": "C", "members": ["ben"]}).status_code == 303
    assert post(tess, f"/groups/{first.group_id}/remove", {}).status_code == 303
    assert [(one.name, one.members) for one in Assignments(site.web.records).groups()] == [("C", ("ben",))]


def test_a_trainer_who_is_examined_reads_no_score_on_the_assignments_page(site: Room, tess: httpx.Client) -> None:
    web = site.web
    if "tom" not in {one.name for one in web.accounts.all()}:
        web.accounts.add("tom", "Tom", PASSWORD, ["trainee", "trainer"])
    tom = site.signed_in("tom")
    number = assign(tess, people=["tom"], examination="yes")
    call_id = try_of(tom, number)
    hold(site, call_id, "tom")
    assert "handed in: your own" in tom.get(f"/assignments/{number}").text
    assert f"/calls/{call_id}" in tess.get(f"/assignments/{number}").text
