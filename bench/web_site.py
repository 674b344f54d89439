"""A site with years of calls, made of rows and small files: what the pages are measured on. Drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, Table, insert

from scripts.events import Answered, Ended, HungUp
from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet, Result
from scripts.shelf import Shelf
from server.call_files import LETTERS
from server.records import Records
from server.reviews import sampled
from server.schema import audit, calls, review_queue, review_verdicts, reviews

SCRIPTS = ("burglary-in-progress", "noise-complaint", "missing-grandfather", "child-caller")
TRAINEES, ASSESSORS = 100, 6
YEARS = timedelta(days=730)
REVIEWED = 0.2
"""The share of calls that an assessor has signed."""
TWICE = 0.1
"""The share of those that a second one has marked blind."""
AT_ONCE = 5000
RESULTS: tuple[Result, ...] = ("met", "met", "met", "partial", "unmet", "not_applicable")


def call_id(number: int, began: datetime) -> str:
    letters = "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(4))
    return f"{began:%Y%m%d-%H%M%S}-{letters}"


def trainee(number: int) -> str:
    return f"trainee{number % TRAINEES:03}"


def fill(records: Records, folder: Path, count: int, now: datetime, *, with_files: bool) -> list[str]:
    """Store so many calls of the last two years, a fifth of them reviewed; returns their ids, the newest last."""
    chance = Random(1)
    marksheets = {name: _marksheet(name) for name in SCRIPTS}
    rows: dict[Table, list[dict[str, object]]] = {calls: [], review_queue: [], reviews: [], review_verdicts: []}
    ids = []
    for number in range(count):
        began = now - YEARS + YEARS * (number / count)
        one = call_id(number, began)
        ids.append(one)
        sheet = marksheets[SCRIPTS[number % len(SCRIPTS)]]
        _rows_of_call(rows, one, number, began, sheet, chance)
        if with_files:
            (folder / one).mkdir(parents=True)
            (folder / one / "marksheet.json").write_text(sheet.model_dump_json())
    with records.writing() as connection:
        for table, made in rows.items():
            _insert(connection, table, made)
        _insert(connection, audit, list(_trail(count, now, ids)))
    return ids


def _marksheet(name: str) -> Marksheet:
    """Marks of a call that was hung up on: every criterion is there."""
    return mark(
        Shelf().script(name), [Answered(0.0, 1, 2.0), HungUp(8.0), Ended(8.0, "trainee", "")], default_force()
    )


def _rows_of_call(
    rows: dict[Table, list[dict[str, object]]], one: str, number: int, began: datetime, sheet: Marksheet,
    chance: Random,
) -> None:  # fmt: skip
    at = began.astimezone(UTC).replace(tzinfo=None)
    score = float(chance.randrange(101))
    rows[calls].append(
        {
            "call_id": one, "script_id": SCRIPTS[number % len(SCRIPTS)], "script_version": 1, "title": sheet.script,
            "seed": 1, "handset": "browser", "trainee": trainee(number), "started": at,
            "ended": at + timedelta(minutes=4), "seconds": 240.0, "state": "finished", "ended_by": "caller",
            "score": score, "outcome": "passed" if score >= 70 else "failed", "rating": "right",
        }
    )  # fmt: skip
    unsure = chance.choice((0, 0, 0, 0, 0, 0, 0, 1, 2, 5))
    reviewed = chance.random() < REVIEWED
    twice = reviewed and chance.random() < TWICE
    second = f"assessor{number % ASSESSORS}" if twice else None
    rows[review_queue].append(
        {"call_id": one, "unsure": unsure, "sampled": sampled(one, 2, 1), "second_by": second,
         "second_at": at if twice else None}
    )  # fmt: skip
    for blind in [False, True][: reviewed + twice]:
        _rows_of_review(rows, one, number, at, sheet, chance, blind=blind)


def _rows_of_review(
    rows: dict[Table, list[dict[str, object]]], one: str, number: int, at: datetime, sheet: Marksheet, chance: Random,
    *, blind: bool,
) -> None:  # fmt: skip
    review_id = len(rows[reviews]) + 1
    signed = at + timedelta(days=1)
    rows[reviews].append(
        {
            "review_id": review_id, "call_id": one, "assessor": f"assessor{(number + blind) % ASSESSORS}",
            "blind": blind, "began": signed, "signed": signed, "score": 80.0, "outcome": "passed", "rule_score": 75.0,
        }
    )  # fmt: skip
    for verdict in sheet.verdicts:
        rule = chance.choice(RESULTS)
        rows[review_verdicts].append(
            {
                "review_id": review_id, "criterion": verdict.criterion, "call_id": one,
                "script_id": SCRIPTS[number % len(SCRIPTS)], "title": verdict.title[:120], "signed": signed,
                "rule_result": rule, "result": rule if chance.random() < 0.9 else chance.choice(RESULTS),
            }
        )  # fmt: skip


def _trail(count: int, now: datetime, ids: list[str]) -> Iterator[dict[str, object]]:
    for number in range(count):
        at = (now - YEARS + YEARS * (number / count)).astimezone(UTC).replace(tzinfo=None)
        who = f"assessor{number % ASSESSORS}"
        yield {"at": at, "who": who, "did": "heard a recording", "what": ids[number]}


def _insert(connection: Connection, table: Table, made: list[dict[str, object]]) -> None:
    for start in range(0, len(made), AT_ONCE):
        connection.execute(insert(table), made[start : start + AT_ONCE])
