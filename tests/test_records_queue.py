"""The assessors' queue as the database gives it, on SQLite and PostgreSQL: which calls, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bench.web_site import fill
from server.call_files import CallFiles
from server.records import Records
from server.review_queue import Filter, Show, draw, next_after, waiting
from server.schema import assignments, calls, examination_tries, review_queue, reviews
from server.schema_assessing import disputes
from server.web_agreement import rows_of

BEGAN = datetime(2026, 11, 21, 10, 0)  # noqa: DTZ001 - as stored
CALLS: dict[str, tuple[str, int, bool]] = {
    "a": ("sam", 0, False), "b": ("sam", 2, False), "c": ("ann", 5, False), "d": ("sam", 0, True),
    "e": ("sam", 2, False), "f": ("alex", 1, False), "g": ("sam", 0, False), "h": ("sam", 3, True),
    "i": ("sam", 0, False),
}  # fmt: skip
"""Whose call, how many unsure verdicts, whether drawn; by the last letter of the id, the oldest first."""


def named(letter: str) -> str:
    return f"20261121-10{'abcdefghi'.index(letter):02}00-aaa{letter}"


@pytest.fixture
def records(database: str, tmp_path: Path) -> Iterator[Records]:
    """Of the calls, g is an examination, h and i are signed, h is wanted twice, i disputed, b only begun."""
    with Records(database, CallFiles(tmp_path / "calls")) as made:
        with made.writing() as connection:
            for place, (letter, (trainee, unsure, drawn)) in enumerate(CALLS.items()):
                at = BEGAN + timedelta(minutes=place)
                connection.execute(
                    insert(calls).values(
                        call_id=named(letter), script_id="small", script_version=1, title="Lost dog", seed=1,
                        handset="desk", trainee=trainee, started=at, state="finished", score=80.0, outcome="passed",
                    )
                )  # fmt: skip
                connection.execute(
                    insert(review_queue).values(
                        call_id=named(letter),
                        unsure=unsure,
                        sampled=drawn,
                        second_by="ann" if letter == "h" else None,
                    )
                )
            for letter, who, signed in (("h", "ann", BEGAN), ("i", "ann", BEGAN), ("b", "bob", None)):
                connection.execute(
                    insert(reviews).values(
                        call_id=named(letter), assessor=who, blind=False, began=BEGAN, signed=signed
                    )
                )
            connection.execute(
                insert(assignments).values(
                    assignment_id=1, title="Test", deadline=BEGAN, examination=True, made_by="boss", made=BEGAN
                )
            )
            connection.execute(
                insert(examination_tries).values(
                    call_id=named("g"), assignment_id=1, script_id="small", trainee="sam", number=1, void=False
                )
            )
            connection.execute(
                insert(disputes).values(
                    call_id=named("i"), criterion="x", title="X", trainee="sam", asked=BEGAN, reason="?", was="unmet"
                )
            )
        yield made


@pytest.mark.parametrize(
    ("show", "assessor", "seen"),
    [
        ("due", "ann", "i befdg"),
        ("due", "bob", "i cbefdg"),
        ("all", "bob", "i hgfedcba"),
        ("signed", "bob", "i h"),
        ("second", "bob", "h"),
        ("second", "ann", ""),
    ],
)
def test_each_view_has_its_calls_in_its_order(records: Records, show: Show, assessor: str, seen: str) -> None:
    rows = waiting(records, assessor, Filter(show))
    assert "".join(row.call_id[-1] for row in rows) == seen.replace(" ", "")
    few = waiting(records, assessor, Filter(show), 2)
    assert [row.call_id for row in few] == [row.call_id for row in rows[:2]]


def test_a_row_says_why_it_is_there(records: Records) -> None:
    why = {row.call_id[-1]: row.why for row in waiting(records, "bob", Filter("due"))}
    assert why == {
        "i": "disputed", "c": "5 unsure", "b": "2 unsure", "e": "2 unsure", "f": "1 unsure", "d": "sample",
        "g": "examination",
    }  # fmt: skip


def test_narrowing_narrows_every_view(records: Records) -> None:
    assert [row.call_id[-1] for row in waiting(records, "bob", Filter("due", trainee="ann"))] == ["c"]
    assert len(waiting(records, "bob", Filter("all", result="passed"))) == 9
    assert not waiting(records, "bob", Filter("due", script="other"))


def test_the_next_call_is_another_one(records: Records) -> None:
    assert next_after(records, "bob", "") == named("i")
    assert next_after(records, "bob", named("i")) == named("c")
    assert draw(records, CallFiles(Path("nowhere")), 2, 1) == 0


def test_agreement_is_counted_in_either_database(database: str, tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    with Records(database, CallFiles(tmp_path / "calls")) as made:
        fill(made, tmp_path / "calls", 300, now, with_files=False)
        for between in ("rules", "assessors"):
            whole, *rows = rows_of(made, between, 3000, now)
            assert whole.all.n == sum(row.all.n for row in rows) > 0
            assert whole.all.agreed is not None
            assert (0.8 < whole.all.agreed < 1.0) is (between == "rules")
