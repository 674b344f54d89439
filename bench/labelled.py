"""How well labelled utterances are understood and details are told captured.

LABELLED=FOLDER names a folder with `development.csv` and `details.csv`; without it, the held-out sets of the tests
are used: written apart from the training patterns, though what they showed has since been learnt from, so that a
set that nobody has looked at is the honest measure.
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

from bench.captured import Row as Judged
from bench.captured import _row as judge_row
from bench.captured import judge
from bench.figure import Figure
from bench.understanding import score

DATA = Path(__file__).parent.parent / "tests" / "data"
COLUMNS = ("utterance", "asks", "acts", "decision", "agency", "grade")


def figures() -> Iterator[Figure]:
    folder = os.environ.get("LABELLED", "")
    where = "LABELLED" if folder else "held out"
    with contextlib.redirect_stdout(sys.stderr):
        scored = score(_utterances(Path(folder) if folder else None))
    yield Figure(f"asks, micro-F1, {where}", scored["asks_f1"], "", 0.85, at_least=True)
    yield Figure(f"acts, micro-F1, {where}", scored["acts_f1"], "", 0.85, at_least=True)
    yield Figure(f"decision exact, {where}", scored["decision_exact"], "", 0.90, at_least=True)
    judged = _details(Path(folder) if folder else None)
    right = sum(row.right for row in judged) / len(judged)
    negatives = [row for row in judged if not row.label]
    accepted = sum(row.answer for row in negatives) / max(1, len(negatives))
    yield Figure(f"captured, accuracy, {where}", right, "", 0.93, at_least=True)
    yield Figure(f"captured, false accepts, {where}", 100 * accepted, "%", 4)


def _utterances(folder: Path | None) -> list[dict[str, str]]:
    if folder is None:
        return [dict(zip(COLUMNS, row, strict=True)) for row in _data("understanding_heldout.toml")["rows"]]
    with (folder / "development.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _details(folder: Path | None) -> list[Judged]:
    if folder is not None:
        return judge(folder / "details.csv")
    return [
        judge_row({"kind": kind, "truth": truth, "utterance": utterance, "captured": "yes" if label else "no"})
        for kind, rows in _data("details_heldout.toml").items()
        for truth, utterance, label in rows
    ]


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))
