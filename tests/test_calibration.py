"""Calibration: everybody marks blind, nothing shows before its time, and then all stand side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from reviewing import FIRST, OTHER, store_rehearsed
from scripts.marksheet import Marksheet
from server.calibration import Calibrations
from server.calibration_view import by_criterion, pairs
from server.remarking import stored_marksheet
from server.schema_assessing import (
    calibration_calls,
    calibration_decisions,
    calibration_markers,
    calibration_notes,
    calibration_signatures,
    calibrations,
)
from training_room import PASSWORD, Room, csrf, room

if TYPE_CHECKING:
    import httpx

OWN = "20261121-101700-cccc"
TABLES = (
    calibration_notes, calibration_signatures, calibration_decisions, calibration_markers, calibration_calls,
    calibrations,
)  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), "assessor", "trainer", "trainee") as made:
        made.web.accounts.add("second", "Second Assessor", PASSWORD, ["assessor"])
        store_rehearsed(made.web, "trainee", FIRST, role="dangerous", confidence=0.2)
        store_rehearsed(made.web, "trainee", OTHER)
        store_rehearsed(made.web, "second", OWN)
        yield made


@pytest.fixture
def site(opened: Room) -> Iterator[Room]:
    yield opened
    with opened.web.records.writing() as connection:
        for table in TABLES:
            connection.execute(delete(table))


@pytest.fixture(scope="module")
def ann(opened: Room) -> httpx.Client:
    return opened.signed_in("assessor")


@pytest.fixture(scope="module")
def ben(opened: Room) -> httpx.Client:
    return opened.signed_in("second")


@pytest.fixture(scope="module")
def trainer(opened: Room) -> httpx.Client:
    return opened.signed_in("trainer")


def post(browser: httpx.Client, path: str, **form: str | list[str]) -> httpx.Response:
    token = csrf(browser.get("/calibrations").text)
    return browser.post(path, data={"csrf": token, **form}, headers={"accept": "*/*"})


def open_session(browser: httpx.Client, *calls: str, markers: tuple[str, ...] = ("assessor", "second")) -> str:
    answer = post(browser, "/calibrations", title="November", calls=list(calls), markers=list(markers))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def sheet(site: Room, call: str = FIRST) -> Marksheet:
    found = stored_marksheet(site.web.files, call)
    assert found is not None
    return found


def mark_all(browser: httpx.Client, site: Room, session: str, result: str, call: str = FIRST) -> httpx.Response:
    for verdict in sheet(site, call).verdicts:
        done = post(
            browser, f"{session}/calls/{call}/decisions", criterion=verdict.criterion, kind="change", result=result
        )
        assert done.status_code == 303, done.text
    return post(browser, f"{session}/calls/{call}/sign")


def test_a_session_goes_from_blind_marks_to_an_agreed_verdict(
    site: Room, ann: httpx.Client, ben: httpx.Client, trainer: httpx.Client
) -> None:
    session = open_session(trainer, FIRST)
    page = ann.get(f"{session}/calls/{FIRST}").text
    work = page[page.index('id="verdict-pane"') :]
    for verdict in sheet(site).verdicts:
        assert verdict.why not in page
        assert f'tag {verdict.result}"' not in work
    assert mark_all(ann, site, session, "met").headers["location"] == session
    assert ann.get(f"{session}/calls/{FIRST}").headers["location"] == session, "not before the others have marked"
    assert "Who agrees with whom" not in ann.get(session).text
    page = ben.get(f"{session}/calls/{FIRST}").text
    assert "✓ You" not in page, "another's marks do not show"
    mark_all(ben, site, session, "partial")

    page = ann.get(session).text
    assert "assessor and second" in page
    assert "rules and assessor" in page
    page = trainer.get(f"{session}/calls/{FIRST}").text
    assert page.count("people differ") == len(sheet(site).verdicts)
    note = {"criterion": "location", "text": "She said it at 00:20", "result": "partial"}
    assert post(trainer, f"{session}/calls/{FIRST}/notes", **note).status_code == 303
    page = ben.get(f"{session}/calls/{FIRST}").text
    assert "She said it at 00:20" in page
    assert re.search(r"trainer, .* agreed: <strong>part</strong>", page)
    record = site.web.records.call(FIRST)
    assert record is not None
    assert record.score == sheet(site).score, "no call's score changes by it"


def test_whoever_marks_blind_sees_the_rules_verdicts_nowhere_else(site: Room, ann: httpx.Client) -> None:
    session = open_session(ann, FIRST)
    place = f"{session}/calls/{FIRST}"
    for path in (f"/calls/{FIRST}", f"/calls/{FIRST}/print", f"/calls/{FIRST}/marksheet.pdf", f"/review/{FIRST}"):
        assert ann.get(path).headers["location"] == place, path
    assert ann.get(f"/calls/{FIRST}/timeline").json()["facts"] == []
    assert post(ann, f"/review/{FIRST}/rest").status_code == 409
    row = next(line for line in ann.get("/queue?show=all").text.split("<tr>") if FIRST in line)
    assert "hidden" in row
    assert "unsure" not in row
    row = next(line for line in ann.get("/calls.csv").text.splitlines() if line.startswith(FIRST))
    assert "failed" not in row
    mark_all(ann, site, session, "met")
    assert ann.get(f"/review/{FIRST}").status_code == 200
    offered = ann.get(f"/calibrations?call={FIRST}").text
    assert f'value="{FIRST}" checked' in offered


@pytest.mark.usefixtures("site")
def test_only_those_who_take_part_see_a_session(ann: httpx.Client, trainer: httpx.Client) -> None:
    session = open_session(ann, FIRST)
    assert trainer.get(session).status_code == 404
    assert trainer.get(f"{session}/calls/{FIRST}").status_code == 404
    assert session not in trainer.get("/calibrations").text
    assert f'href="{session}"' in ann.get("/calibrations").text
    assert ann.get("/calibrations/999").status_code == 404
    assert ann.get(f"{session}/calls/{OTHER}").status_code == 404, "a call that is not in it"


@pytest.mark.usefixtures("site")
def test_the_owner_closes_it_and_half_marks_are_compared(
    ann: httpx.Client, ben: httpx.Client, trainer: httpx.Client
) -> None:
    session = open_session(trainer, FIRST, OTHER)
    post(ann, f"{session}/calls/{FIRST}/decisions", criterion="number", kind="change", result="met")
    assert post(ann, f"{session}/close").status_code == 403
    assert post(trainer, f"{session}/close").status_code == 303
    assert "not signed" in ann.get(session).text
    assert "rules and assessor" in ann.get(session).text
    late = post(ben, f"{session}/calls/{FIRST}/decisions", criterion="number", kind="change", result="met")
    assert late.status_code == 409
    assert "session is over" in late.text


def test_a_mark_can_be_taken_back_until_it_is_signed(site: Room, ann: httpx.Client) -> None:
    session = open_session(ann, FIRST, OTHER)
    base = f"{session}/calls/{FIRST}"
    assert post(ann, f"{base}/undo").status_code == 409
    post(ann, f"{base}/decisions", criterion="number", kind="change", result="met")
    assert "1 of 18" in ann.get(base).text
    assert post(ann, f"{base}/sign").status_code == 409
    assert post(ann, f"{base}/undo").status_code == 303
    assert "0 of 18" in ann.get(base).text
    assert post(ann, f"{base}/decisions", criterion="number", kind="agree").status_code == 409
    assert post(ann, f"{base}/notes", criterion="number", text="hm").status_code == 409, "not before comparing"
    assert mark_all(ann, site, session, "unmet").headers["location"] == f"{session}/calls/{OTHER}"
    assert post(ann, f"{base}/undo").status_code == 409


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"calls": [], "markers": ["assessor", "second"]}, "Choose the calls"),
        ({"calls": [FIRST], "markers": ["assessor"]}, "two people at least"),
        ({"calls": [FIRST], "markers": ["assessor", "trainee"]}, "no assessor or trainer"),
        ({"calls": ["20261121-101500-zzzz"], "markers": ["assessor", "second"]}, "no marked call"),
        ({"calls": [OWN], "markers": ["assessor", "second"]}, "second took"),
    ],
)
def test_a_session_that_cannot_be_is_explained(
    site: Room, ann: httpx.Client, form: dict[str, list[str]], said: str
) -> None:
    answer = post(ann, "/calibrations", **form)
    assert answer.status_code == 422
    assert said in answer.text
    assert Calibrations(site.web.records).of("assessor") == []


def test_kappa_over_pairs_of_hands(site: Room) -> None:
    rules = sheet(site)
    met = {verdict.criterion: "met" for verdict in rules.verdicts}
    mixed = {name: "met" if place % 2 else "unmet" for place, name in enumerate(met)}
    compared = [(rules, {"ann": mixed, "ben": mixed, "cat": met})]
    found = {(pair.first, pair.second): pair.agreement for pair in pairs(compared)}  # type: ignore[arg-type] # words
    assert found["ann", "ben"].kappa == 1.0
    assert found["ann", "cat"].kappa == 0.0
    assert [pair.first for pair in pairs(compared)][:3] == ["rules"] * 3  # type: ignore[arg-type] # as above
    rows = by_criterion(compared)  # type: ignore[arg-type] # as above
    assert {one.n for _, _, one in rows} == {3}
    assert rows[0][2].agreed == pytest.approx(1 / 3)
