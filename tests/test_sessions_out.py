"""Sessions as a spreadsheet: whose calls, no formulas, nothing that a blind marker may not know."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from reviewing import FIRST, OTHER, store_rehearsed
from server.assignment_records import Assignments
from server.call_files import CallFiles
from server.records import Records
from server.schema import calls
from server.sessions_out import AT_ONCE, HEADER, Chosen, rows
from server.spreadsheet import lines, plain
from training_room import PASSWORD, Room, csrf, room

if TYPE_CHECKING:
    import httpx


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by its mark"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), "assessor", "trainer", "administrator", "other") as made:
        made.web.accounts.add("trainee", "=Siân +Łukasz", PASSWORD, ["trainee"])
        made.web.accounts.add("second", "Second Assessor", PASSWORD, ["assessor"])
        store_rehearsed(made.web, "trainee", FIRST, role="dangerous")
        store_rehearsed(made.web, "other", OTHER)
        yield made


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_what_looks_like_a_formula_is_led_by_an_apostrophe(text: str) -> None:
    assert plain(text) == f"'{text}"


def test_numbers_and_ordinary_text_stay_as_they_are() -> None:
    assert [plain(cell) for cell in (-1, -1.23456, None, "Siân", "a=b")] == [-1, -1.2346, None, "Siân", "a=b"]


def test_a_table_comes_in_pieces_and_with_every_row() -> None:
    pieces = list(lines(("n",), ([n] for n in range(1000))))
    assert len(pieces) > 3
    assert "".join(pieces).split() == ["\ufeffn", *map(str, range(1000))]


@pytest.mark.parametrize(("who", "found"), [("trainee", {FIRST}), ("other", {OTHER}), ("trainer", {FIRST, OTHER})])
def test_trainees_take_out_their_own_calls_and_trainers_everybodys(site: Room, who: str, found: set[str]) -> None:
    browser = site.signed_in(who)
    assert {row["call_id"] for row in table(browser.get("/calls.csv"))} == found
    narrowed = {row["call_id"] for row in table(browser.get("/calls.csv?trainee=other"))}
    assert narrowed == (found if who == "trainee" else {OTHER}), "a trainee's wish for another's calls is not heard"


def test_a_row_has_the_result_and_a_name_that_no_spreadsheet_runs(site: Room) -> None:
    (row,) = table(site.signed_in("trainee").get("/calls.csv"))
    assert tuple(row) == HEADER
    assert row["full_name"] == "'=Siân +Łukasz"
    assert row["outcome"] == "failed"
    assert float(row["score"]) < 50
    assert row["started_utc"].startswith("2026-11-21 10:")


def test_calls_of_a_group_and_of_some_days(site: Room) -> None:
    group = Assignments(site.web.records).put_group("Course 1", ["other"])
    trainer = site.signed_in("trainer")
    assert [row["call_id"] for row in table(trainer.get(f"/calls.csv?group={group}&since=&until="))] == [OTHER]
    assert table(trainer.get(f"/calls.csv?group={group + 1}")) == []
    for wish, found in {
        "since=2026-11-21&until=2026-11-22": 2, "until=2026-11-19": 0, "since=2026-11-23": 0, "since=9999-12-31": 0,
        "until=0001-01-01": 0, "until=9999-12-31": 2,
    }.items():  # fmt: skip
        assert len(table(trainer.get(f"/calls.csv?{wish}"))) == found, wish
    assert trainer.get("/calls.csv?since=yesterday").status_code == 422
    assert 'name="group"' in trainer.get("/calls").text
    assert "Everybody's calls" not in site.signed_in("other").get("/calls").text


def test_a_call_to_mark_blind_comes_without_its_mark(site: Room) -> None:
    first, second = site.signed_in("assessor"), site.signed_in("second")
    token = {"csrf": csrf(first.get("/queue").text)}
    for step in ("rest", "sign", "second"):
        assert first.post(f"/review/{FIRST}/{step}", data=token).status_code == 303
    shown = {row["call_id"]: row for row in table(second.get("/calls.csv"))}
    assert (shown[FIRST]["score"], shown[FIRST]["assessor"], shown[FIRST]["outcome"]) == ("", "", "")
    assert shown[OTHER]["score"] != ""
    mine = {row["call_id"]: row for row in table(first.get("/calls.csv"))}
    assert (mine[FIRST]["assessor"], mine[FIRST]["signed_utc"] != "") == ("assessor", True)


def stored(number: int) -> dict[str, object]:
    return {
        "call_id": f"20261121-101500-{number:04}", "script_id": "s", "script_version": 1, "title": "t", "seed": 1,
        "handset": "browser", "trainee": "ann", "state": "finished",
        "started": datetime(2026, 11, 21, tzinfo=UTC).replace(tzinfo=None) + timedelta(seconds=number // 300),
    }  # fmt: skip


def test_many_calls_come_each_once_though_several_began_at_one_moment(tmp_path: Path) -> None:
    many = AT_ONCE * 2 + 7
    with Records(f"sqlite:///{tmp_path}/r.db", CallFiles(tmp_path)) as records:
        with records.writing() as connection:
            connection.execute(insert(calls), [stored(number) for number in range(many)])
        found = [row[0] for row in rows(records, Chosen(since=date(2026, 1, 1)))]
        assert len(found) == len(set(found)) == many
        assert len(list(rows(records, Chosen(trainee="ben")))) == 0
