"""A trainee asks once to look at a verdict again; it comes first; the answer and what was before both stay."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from reviewing import FIRST, OTHER, store_rehearsed
from scripts.force import default_force
from server.call_scripts import call_script
from server.outbox import Outbox
from server.remarking import remark
from server.schema import review_queue, tables
from server.schema_assessing import statements
from server.xapi import Author
from training_room import PASSWORD, SCRIPT, Room, csrf, room

if TYPE_CHECKING:
    import httpx

ASK = {"criterion": "number", "reason": "I asked for it at 00:20"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), "trainee", "assessor", "trainer") as made:
        made.web.accounts.add("second", "Second Assessor", PASSWORD, ["assessor"])
        yield made


@pytest.fixture(scope="module")
def trainee(opened: Room) -> httpx.Client:
    return opened.signed_in("trainee")


@pytest.fixture(scope="module")
def assessor(opened: Room) -> httpx.Client:
    return opened.signed_in("assessor")


@pytest.fixture(scope="module")
def second(opened: Room) -> httpx.Client:
    return opened.signed_in("second")


@pytest.fixture(autouse=True)
def site(opened: Room) -> Iterator[Room]:
    store_rehearsed(opened.web, "trainee", FIRST, role="dangerous")
    yield opened
    keep = {"accounts", "sessions", "audit"}
    with opened.web.records.writing() as connection:
        for table in reversed(tables.sorted_tables):
            if table.name not in keep:
                connection.execute(delete(table))
    shutil.rmtree(opened.web.settings.calls_folder)


def post(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    token = csrf(browser.get("/calls").text)
    return browser.post(path, data={"csrf": token, **form}, headers={"accept": "*/*"})


def ask(browser: httpx.Client) -> httpx.Response:
    return post(browser, f"/calls/{FIRST}/dispute", **ASK)


def answer(browser: httpx.Client, result: str, text: str = "I heard it too") -> httpx.Response:
    return post(browser, f"/review/{FIRST}/dispute", result=result, answer=text)


def sign(browser: httpx.Client) -> None:
    for step in ("rest", "sign"):
        assert post(browser, f"/review/{FIRST}/{step}").status_code == 303


def score(site: Room) -> float:
    record = site.web.records.call(FIRST)
    assert record is not None
    assert record.score is not None
    return record.score


def test_a_request_comes_first_in_the_queue_and_its_answer_changes_the_score_of_record(
    site: Room, trainee: httpx.Client, assessor: httpx.Client
) -> None:
    store_rehearsed(site.web, "trainee", OTHER, role="dangerous", confidence=0.2)
    before = score(site)
    assert "Ask to look again" in trainee.get(f"/calls/{FIRST}").text
    assert ask(trainee).status_code == 303
    page = trainee.get(f"/calls/{FIRST}").text
    assert "waits for an assessor" in page
    assert "Ask to look again" not in page
    queue = assessor.get("/queue").text
    assert queue.index(f"/review/{FIRST}") < queue.index(f"/review/{OTHER}"), "before one with unsure verdicts"
    assert ">disputed<" in queue
    assert assessor.get("/queue/next").headers["location"] == f"/review/{FIRST}"
    assert ASK["reason"] in assessor.get(f"/review/{FIRST}").text

    assert answer(assessor, "met").status_code == 303
    after = score(site)
    assert after > before
    page = trainee.get(f"/calls/{FIRST}").text
    for said in (ASK["reason"], "I heard it too", "it is now “yes”"):
        assert said in page
    assert re.search(rf'<span class="big figures">{after:.0f}</span>', page)
    assert f"/review/{FIRST}" not in assessor.get("/queue").text
    assert "I heard it too" in trainee.get(f"/calls/{FIRST}/print").text
    remark(site.web.files, site.web.records, FIRST, call_script(SCRIPT).script, default_force())
    assert score(site) == after, "marking again takes nothing back"


def test_a_verdict_that_stands_leaves_the_score(site: Room, trainee: httpx.Client, assessor: httpx.Client) -> None:
    sign(assessor)
    before = score(site)
    ask(trainee)
    assert f"/review/{FIRST}" in assessor.get("/queue").text, "a signed call comes back"
    assert answer(assessor, "unmet", "She was not asked").status_code == 303
    assert score(site) == before
    page = trainee.get(f"/calls/{FIRST}").text
    assert "it stands" in page
    assert "She was not asked" in page


def test_an_answer_to_a_signed_call_is_the_record_and_the_signed_mark_stays(
    site: Room, trainee: httpx.Client, assessor: httpx.Client, second: httpx.Client
) -> None:
    sign(assessor)
    before = score(site)
    ask(trainee)
    answer(second, "partial")
    assert score(site) > before
    page = second.get(f"/review/{FIRST}").text
    assert re.search(r"second, .*: now part</strong>", page)
    assert f"assessor <strong>{before:.0f}</strong>" in page, "the first mark"


def test_a_review_signed_after_the_answer_is_the_later_word(
    site: Room, trainee: httpx.Client, assessor: httpx.Client
) -> None:
    ask(trainee)
    answer(assessor, "met")
    changed = score(site)
    sign(assessor)
    assert score(site) < changed
    shown = re.search(r'<span class="big figures">(\d+)</span>', trainee.get(f"/calls/{FIRST}").text)
    assert shown
    assert int(shown[1]) == round(score(site))


@pytest.mark.usefixtures("site")
def test_asking_twice_without_a_reason_or_about_nothing_is_refused(trainee: httpx.Client) -> None:
    path = f"/calls/{FIRST}/dispute"
    assert post(trainee, path, criterion="number", reason="  ").status_code == 409
    assert post(trainee, path, criterion="no-such", reason="x").status_code == 409
    assert post(trainee, path, criterion="number", reason="x" * 2001).status_code == 422
    assert ask(trainee).status_code == 303
    again = ask(trainee)
    assert again.status_code == 409
    assert "once for each call" in again.text


def test_what_is_met_in_full_cannot_be_asked_about(site: Room, trainee: httpx.Client) -> None:
    store_rehearsed(site.web, "trainee", OTHER)
    answer = post(trainee, f"/calls/{OTHER}/dispute", criterion="number", reason="x")
    assert "nothing to gain" in answer.text


def test_only_the_trainee_asks_and_only_another_answers(
    site: Room, trainee: httpx.Client, assessor: httpx.Client, second: httpx.Client
) -> None:
    assert ask(assessor).status_code == 404
    assert answer(assessor, "met").status_code == 409, "nobody has asked"
    ask(trainee)
    assert answer(trainee, "met").status_code == 403
    store_rehearsed(site.web, "second", OTHER, role="dangerous")
    assert post(second, f"/calls/{OTHER}/dispute", **ASK).status_code == 303
    own = post(second, f"/review/{OTHER}/dispute", result="met", answer="x")
    assert (own.status_code, "your own" in own.text) == (403, True)
    assert answer(assessor, "unsure").status_code == 409
    assert answer(assessor, "met", "").status_code == 409
    assert answer(assessor, "met").status_code == 303
    assert "meanwhile" in answer(assessor, "unmet").text


def test_the_store_hears_of_the_change(site: Room, trainee: httpx.Client, assessor: httpx.Client) -> None:
    box = Outbox(site.web.records, Author("https://training.example.org"))
    sign(assessor)
    ask(trainee)
    answer(assessor, "met")
    while box.gather(datetime.now(UTC)):
        pass
    with site.web.records.reading() as connection:
        told = list(connection.scalars(select(statements.c.about).order_by(statements.c.made)))
    assert told == ["completed", "review", "void review", "dispute"]


def test_a_blind_marker_learns_nothing_of_a_dispute(
    site: Room, trainee: httpx.Client, assessor: httpx.Client, second: httpx.Client
) -> None:
    sign(assessor)
    post(assessor, f"/review/{FIRST}/second")
    ask(trainee)
    assert ASK["reason"] not in second.get(f"/review/{FIRST}").text
    assert answer(second, "met").status_code == 409
    with site.web.records.reading() as connection:
        assert connection.scalar(select(review_queue.c.second_by)) == "assessor"
