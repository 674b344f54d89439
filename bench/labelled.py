"""How well labelled utterances are understood and details are told captured.

LABELLED=FOLDER names a folder with `development.csv` and `details.csv`; without it, the held-out sets of the tests
are used: written apart from the training patterns, though what they showed has since been learnt from, so that a
set that nobody has looked at is the honest measure. `python -m bench.labelled` prints every label and confusion.
"""

from __future__ import annotations

import contextlib
import csv
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.captured import judge_rows, report
from bench.figure import Figure
from bench.understanding import score

DATA = Path(__file__).parent.parent / "tests" / "data"
COLUMNS = ("utterance", "asks", "acts", "decision", "agency", "grade")


def figures() -> Iterator[Figure]:
    where = "LABELLED" if _folder() else "held out"
    with contextlib.redirect_stdout(sys.stderr):
        scored = score(utterances())
    yield Figure(f"asks, micro-F1, {where}", scored["asks_f1"], "", 0.93, at_least=True)
    yield Figure(f"acts, micro-F1, {where}", scored["acts_f1"], "", 0.92, at_least=True)
    yield Figure(f"decision exact, {where}", scored["decision_exact"], "", 0.94, at_least=True)
    judged = judge_rows(details())
    right = sum(row.right for row in judged) / len(judged)
    negatives = [row for row in judged if not row.label]
    accepted = sum(row.answer for row in negatives) / max(1, len(negatives))
    yield Figure(f"captured, accuracy, {where}", right, "", 0.96, at_least=True)
    yield Figure(f"captured, false accepts, {where}", 100 * accepted, "%", 3)


def utterances() -> list[dict[str, str]]:
    """The labelled utterances, in the columns of `bench.understanding`."""
    if folder := _folder():
        return _csv(folder / "development.csv")
    return [dict(zip(COLUMNS, row, strict=True)) for row in _data("understanding_heldout.toml")["rows"]]


def details() -> list[dict[str, str]]:
    """The labelled read-backs, in the columns of `bench.captured`."""
    if folder := _folder():
        return _csv(folder / "details.csv")
    return [
        {"kind": kind, "truth": truth, "utterance": utterance, "captured": "yes" if label else "no"}
        for kind, rows in _data("details_heldout.toml").items()
        for truth, utterance, label in rows
    ]


def _folder() -> Path | None:
    named = os.environ.get("LABELLED", "")
    return Path(named) if named else None


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    score(utterances())
    sys.stdout.write("\n" + report(judge_rows(details())) + "\n")
