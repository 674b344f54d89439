"""What comes after a mark is kept the same way in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from reviewing import FIRST, OTHER, rehearsed_log
from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from server.accounts import Accounts
from server.calibration import CalibrationError, Calibrations
from server.call_files import CallFiles
from server.call_scripts import call_script
from server.disputes import DisputeError, Disputes, sheet_of_record
from server.outbox import Outbox
from server.records import CallRecord, Records
from server.review_queue import Filter, waiting
from server.reviews import decide, judged
from server.schema import review_queue
from server.sessions_out import HEADER, Chosen, rows
from server.xapi import Author
from training_room import PASSWORD, SCRIPT

AT = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def sheet() -> Marksheet:
    return mark(call_script(SCRIPT).script, rehearsed_log(role="dangerous"), default_force())


@pytest.fixture
def records(database: str, tmp_path: Path, sheet: Marksheet) -> Iterator[Records]:
    with Records(database, CallFiles(tmp_path / "calls")) as made:
        Accounts(made).add("sian", "Siân", PASSWORD, ["trainee"])
        for place, call_id in enumerate((FIRST, OTHER)):
            made.begin(
                CallRecord(
                    call_id, SCRIPT, 1, "Someone is downstairs", 1, "browser", "sian", AT + timedelta(minutes=place),
                    AT, 40.0, "finished", "trainee", sheet.score, sheet.outcome, "unsafe",
                )
            )  # fmt: skip
        with made.writing() as connection:
            queued = {"unsure": 0, "sampled": False}
            connection.execute(insert(review_queue), [{"call_id": one, **queued} for one in (FIRST, OTHER)])
        yield made


def test_a_dispute_comes_first_changes_the_score_and_voids_what_was_sent(records: Records, sheet: Marksheet) -> None:
    book, box = Disputes(records), Outbox(records, Author("https://training.example.org"))
    assert waiting(records, "ann", Filter()) == []
    assert {row[-1] for row in rows(records, Chosen())} == {None}
    book.ask(FIRST, "sian", sheet.verdict("number"), "I did ask")
    assert {row[0]: row[-1] for row in rows(records, Chosen())} == {FIRST: "open", OTHER: None}
    with pytest.raises(DisputeError, match="once for each call"):
        book.ask(FIRST, "sian", sheet.verdict("number"), "I did ask")
    assert [(row.call_id, row.why) for row in waiting(records, "ann", Filter())] == [(FIRST, "disputed")]
    asked = book.of(FIRST)
    assert asked is not None
    done = book.answer(asked, "ann", "met", "So you did", sheet, default_force())
    assert done.changed
    assert {row[0]: row[-1] for row in rows(records, Chosen())} == {FIRST: "changed", OTHER: None}
    assert waiting(records, "ann", Filter()) == []
    record = records.call(FIRST)
    assert record is not None
    assert record.score == done.score == sheet_of_record(sheet, None, done, default_force()).score
    assert box.gather(AT) == 2
    assert box.gather(AT) == 1
    assert box.gather(AT) == 0
    assert box.counts() == {"waiting": 3, "sent": 0, "refused": 0}
    first = box.first()
    assert first is not None
    assert first.about == "completed"
    box.later(first, "away", AT + timedelta(hours=1))
    again = box.first()
    assert again is not None
    assert (again.statement_id, again.tries, again.due) == (first.statement_id, 1, AT + timedelta(hours=1))
    box.settle(again, "sent", "204", AT)
    assert box.again(AT) == 2


def test_a_calibration_keeps_everybodys_marks(records: Records, sheet: Marksheet) -> None:
    book = Calibrations(records)
    number = book.open("November", "tom", [FIRST, OTHER], ["ann", "ben"])
    session = book.get(number)
    assert session is not None
    assert book.hidden_from("ann") == {FIRST: number, OTHER: number}
    found = [decide(verdict, "change", "met", blind=True) for verdict in sheet.verdicts]
    for one in found:
        book.decide(session, FIRST, "ann", one)
    book.sign(session, FIRST, "ann", judged(sheet, {one.criterion: one for one in found}, default_force()))
    assert book.hidden_from("ann") == {OTHER: number}
    with pytest.raises(CalibrationError, match="final"):
        book.decide(session, FIRST, "ann", found[0])
    assert book.decisions(number, FIRST, "ann") == found
    book.close(number)
    closed = book.get(number)
    assert closed is not None
    assert closed.revealed
    book.note(closed, FIRST, "number", "tom", "Part, we say", "partial")
    assert [(note.who, note.result) for note in book.notes(number, FIRST)] == [("tom", "partial")]
    assert book.scores(number, FIRST)["ann"][1] == "passed"
    assert [one.calibration_id for one in book.of("ben")] == [number]


def test_sessions_come_out_newest_first_and_by_days(records: Records) -> None:
    found = list(rows(records, Chosen(since=date(2026, 11, 20), until=date(2026, 11, 23)), "ann"))
    assert [row[0] for row in found] == [OTHER, FIRST]
    assert dict(zip(HEADER, found[0], strict=True))["full_name"] == "Siân"
    assert list(rows(records, Chosen(group=1))) == []
    assert list(rows(records, Chosen(until=date(2026, 11, 19)))) == []
