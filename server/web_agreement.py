"""The page that says whether the marks can be trusted: rules against assessors, and assessors against each other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlalchemy import case, func, select
from starlette.responses import Response

from scripts.marksheet import Result
from server.agreement import ENOUGH, Agreement, Table, agreement, drift, together
from server.records import Records
from server.schema import review_verdicts, reviews
from server.spreadsheet import DESCRIBED, plain
from server.web_base import Asked, pages_router

Between = Literal["rules", "assessors"]
BETWEEN: dict[Between, str] = {"rules": "Rules against assessors", "assessors": "Assessors against each other"}
DAYS = 90
LATELY = timedelta(days=30)
COLUMNS = (
    "script", "criterion", "title", "n", "agreement", "kappa", "kappa_low", "kappa_high", "first_met",
    "false_passes", "left_unsure", "drift",
)  # fmt: skip


@dataclass
class Counts:
    """One criterion's verdicts, those of the last thirty days apart."""

    script: str
    criterion: str
    title: str
    before: dict[tuple[Result, Result], int] = field(default_factory=dict)
    lately: dict[tuple[Result, Result], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page."""

    script: str
    criterion: str
    title: str
    all: Agreement
    drift: float | None


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/agreement")(page)
    routes.get("/agreement.csv", response_class=Response, responses=DESCRIBED)(as_csv)
    return routes


def page(
    asked: Asked, between: Annotated[str, Query(max_length=20)] = "rules", days: Annotated[int, Query(ge=1)] = DAYS
) -> Response:
    chosen = _between(between)
    rows = list(rows_of(asked.web.records, chosen, days))
    return asked.web.page(
        asked,
        "agreement.html",
        rows=rows[1:],
        whole=rows[0],
        between=chosen,
        choices=BETWEEN,
        days=days,
        enough=ENOUGH,
    )


def as_csv(
    asked: Asked, between: Annotated[str, Query(max_length=20)] = "rules", days: Annotated[int, Query(ge=1)] = DAYS
) -> Response:
    """The same as comma separated values; shares from 0 to 1."""
    chosen = _between(between)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows_of(asked.web.records, chosen, days):
        one = row.all
        numbers = (
            one.n,
            one.agreed,
            one.kappa,
            one.low,
            one.high,
            one.passed,
            one.false_passes,
            one.unsure,
            row.drift,
        )
        rounded = (round(number, 4) if isinstance(number, float) else number for number in numbers)
        writer.writerow([*map(plain, (row.script, row.criterion, row.title)), *rounded])
    name = f'attachment; filename="agreement-{chosen}.csv"'
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers={"content-disposition": name})


def rows_of(records: Records, between: Between, days: int, now: datetime | None = None) -> Iterable[Row]:
    """All criteria as one, then each with the least agreement first."""
    now = now or datetime.now(UTC)
    found = _counts(records, between, now - timedelta(days=min(days, 36_500)), now - LATELY)
    yield _row(
        Counts("", "all", "All criteria"), together(one.before for one in found), together(o.lately for o in found)
    )
    rows = [_row(one, one.before, one.lately) for one in found]
    yield from sorted(rows, key=lambda row: (2.0 if row.all.agreed is None else row.all.agreed, -row.all.n))


def _row(one: Counts, before: Table, lately: Table) -> Row:
    return Row(one.script, one.criterion, one.title, agreement(together((before, lately))), drift(before, lately))


def _counts(records: Records, between: Between, since: datetime, lately: datetime) -> list[Counts]:
    """Counted in the database: a site has millions of verdicts."""
    table, other = review_verdicts, review_verdicts.alias("other")
    first, second = table.c.rule_result, table.c.result
    wanted = [table.c.signed >= _plain_time(since)]
    if between == "assessors":
        first, second = table.c.result, other.c.result
        wanted += [
            # By way of the call's reviews: few calls have two, and the verdicts of the others are not looked at.
            reviews.c.call_id == table.c.call_id, reviews.c.review_id > table.c.review_id,
            other.c.review_id == reviews.c.review_id, other.c.criterion == table.c.criterion,
        ]  # fmt: skip
    recent = case((table.c.signed >= _plain_time(lately), 1), else_=0)
    columns = [table.c.script_id, table.c.criterion, *(first.label("first"), second.label("second"))]
    columns.append(recent.label("recent"))
    numbers = func.max(table.c.title).label("title"), func.count().label("n")
    query = select(*columns, *numbers).where(*wanted).group_by(*columns)
    made: dict[tuple[str, str], Counts] = {}
    with records.reading() as connection:
        for row in connection.execute(query):
            one = made.setdefault((row.script_id, row.criterion), Counts(row.script_id, row.criterion, row.title))
            (one.lately if row.recent else one.before)[row.first, row.second] = row.n
    return list(made.values())


def _between(word: str) -> Between:
    return "assessors" if word == "assessors" else "rules"


def _plain_time(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
