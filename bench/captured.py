"""`python -m bench.captured FILE.csv`: how well captured details are judged against labelled rows.

The file has the columns `kind,truth,utterance,captured` (yes or no). A false accept is a row labelled no that is
captured.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from scripts.matching import captured
from scripts.vocabulary import DetailKind


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled row, and what the matcher made of it."""

    kind: str
    truth: str
    utterance: str
    label: bool
    answer: bool
    milliseconds: float

    @property
    def right(self) -> bool:
        return self.label == self.answer


def judge(path: Path) -> list[Row]:
    """Run every row of a labelled file."""
    with path.open(encoding="utf-8", newline="") as file:
        return judge_rows(csv.DictReader(file))


def judge_rows(rows: Iterable[dict[str, str]]) -> list[Row]:
    """Run every row, its cells as the file names them."""
    return [_row(cells) for cells in rows]


def _row(cells: dict[str, str]) -> Row:
    kind = cast("DetailKind", cells["kind"])
    start = time.thread_time()
    answer = captured(kind, cells["truth"], cells["utterance"]).captured
    took = (time.thread_time() - start) * 1000
    return Row(kind, cells["truth"], cells["utterance"], cells["captured"] == "yes", answer, took)


def report(rows: Iterable[Row]) -> str:
    """Accuracy, false accepts, accuracy by kind, time per call, and every row judged otherwise than labelled."""
    rows = list(rows)
    negatives = [row for row in rows if not row.label]
    accepts = sum(row.answer for row in negatives)
    totals, right = Counter(row.kind for row in rows), Counter(row.kind for row in rows if row.right)
    times = sorted(row.milliseconds for row in rows)
    lines = [
        f"{'no ' if row.label else 'YES'} {row.kind}: {row.truth!r} <- {row.utterance!r}"
        for row in rows
        if not row.right
    ]
    lines += [f"{kind:22} {right[kind]}/{totals[kind]}" for kind in totals]
    lines.append(f"accuracy {sum(right.values()) / len(rows):.3f} of {len(rows)}")
    lines.append(f"false accepts {accepts}/{len(negatives)} = {accepts / max(1, len(negatives)):.3f}")
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    lines.append(f"time p50 {p50:.2f} ms, p95 {p95:.2f} ms, worst {times[-1]:.2f} ms")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report(judge(Path(sys.argv[1]))) + "\n")
