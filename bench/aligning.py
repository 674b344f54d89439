"""Labelled sentences of `bench/corpus`, their words shared out among their labels: spans to train on.

The columns are `utterance,asks,acts,decision,agency,grade`, as `bench.understanding` reads them; where one row has
several labels, the words of each are found by forced alignment with a model trained on the sentence patterns.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from itertools import product
from pathlib import Path

from bench.grammar import Span
from scripts.phrases import written

CORPUS = Path(__file__).parent / "corpus"
Row = dict[str, str]


def rows(folder: Path = CORPUS) -> list[Row]:
    """Every row once, in the order of the files' names."""
    found: dict[str, Row] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(" ".join(written(row["utterance"])), row)
    return [row for text, row in found.items() if text]


def wanted(row: Row, labels: Collection[str]) -> list[list[str]]:
    """The sets of the model's labels that would mean what the row says."""
    acts = [act for act in row["acts"].split() if act != "decide"]
    decisions = [_decision(kind, row) for kind in row["decision"].split()]
    plain = [*row["asks"].split(), *acts, *decisions] or ["chatter"]
    joined = [f"{one}+{other}" for one, other in product(plain, plain) if f"{one}+{other}" in labels]
    sets = [plain] + [[label for label in plain if label not in both.split("+")] + [both] for both in joined]
    return [one for one in sets if set(one) <= set(labels)]


def _decision(kind: str, row: Row) -> str:
    more = row["agency"] if kind == "refer" else row["grade"] if kind == "deploy" else ""
    return f"{kind}.{more}" if more else kind


def words(text: str) -> list[str]:
    """The written words of a text, each with the stop after it, which is never the last."""
    raw = written(text)
    return [word + mark for word, mark in zip(raw, [*raw.marks[1:], ""], strict=True)]


def spans(said: list[str], cuts: list[tuple[int, str]]) -> Iterator[Span]:
    """The words from each cut (a word's number and a label) to the next."""
    begins = [0, *(at for at, _ in cuts[1:]), len(said)]
    for (_, label), start, end in zip(cuts, begins, begins[1:], strict=False):
        yield label, said[start:end]
