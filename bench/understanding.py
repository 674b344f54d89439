"""How well utterances are understood: `python -m bench.understanding FILE.csv [--errors]`.

The file has the columns `utterance,asks,acts,decision,agency,grade`, several values of a cell separated by spaces.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from scripts.understanding import Understanding, understand

Row = dict[str, str]
Tally = dict[str, list[int]]
"""Right, spurious and missed, by label."""


def run(development: Path) -> dict[str, float]:
    """Print precision, recall and F1 by label, confusions and timing; return the headline figures."""
    with development.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return score(rows)


def score(rows: list[Row], *, errors: bool = False) -> dict[str, float]:
    understand("")
    seconds: list[float] = []
    found: list[tuple[Row, Understanding]] = []
    for row in rows:
        begun = time.perf_counter()
        understood = understand(row["utterance"])
        seconds.append(time.perf_counter() - begun)
        found.append((row, understood))
    figures: dict[str, float] = {}
    for name in ("asks", "acts"):
        figures[f"{name}_f1"] = _report(name, [(row[name].split(), _labels(name, u)) for row, u in found])
    decided = [(row, u) for row, u in found if row["decision"] or u.decision]
    figures["decision_exact"] = _share(_decision_right(row, u) for row, u in decided)
    figures["decision_exact_all"] = _share(_decision_right(row, u) for row, u in found)
    figures["exact"] = _share(_right(row, u) for row, u in found)
    milliseconds = sorted(1000 * second for second in seconds)
    for percent in (50, 95, 100):
        figures[f"ms_p{percent}"] = milliseconds[max(0, len(milliseconds) * percent // 100 - 1)]
    if errors:
        _print_errors(found)
    for name, value in figures.items():
        print(f"{name:20} {value:.3f}")
    return figures


def _labels(name: str, understood: Understanding) -> list[str]:
    return [*understood.topics] if name == "asks" else [*understood.acts]


def _report(name: str, pairs: list[tuple[list[str], list[str]]]) -> float:
    tally: Tally = {}
    confused: Counter[tuple[str, str]] = Counter()
    for true, guess in pairs:
        for label in {*true, *guess}:
            place = 0 if label in true and label in guess else 1 if label in guess else 2
            tally.setdefault(label, [0, 0, 0])[place] += 1
        confused.update((t, g) for t in set(true) - set(guess) for g in (set(guess) - set(true)) or {"-"})
    print(f"\n{name:18} precision recall    f1     n")
    for label, counts in sorted(tally.items()):
        said = counts[0] + counts[2]
        print(f"  {label:18} {_precision(counts):7.2f} {_recall(counts):6.2f} {_f1(counts):6.2f} {said:4}")
    print("  confused:", ", ".join(f"{t}>{g} {n}" for (t, g), n in confused.most_common(12)))
    return _f1([sum(counts[i] for counts in tally.values()) for i in range(3)])


def _precision(counts: list[int]) -> float:
    return counts[0] / max(1, counts[0] + counts[1])


def _recall(counts: list[int]) -> float:
    return counts[0] / max(1, counts[0] + counts[2])


def _f1(counts: list[int]) -> float:
    return 2 * counts[0] / max(1, 2 * counts[0] + counts[1] + counts[2])


def _share(right: Iterable[bool]) -> float:
    all_right = [*right]
    return sum(all_right) / max(1, len(all_right))


def _decision_right(row: Row, understood: Understanding) -> bool:
    return (set(row["decision"].split()), row["agency"], row["grade"]) == (
        {*understood.decision},
        understood.agency or "",
        understood.grade or "",
    )


def _right(row: Row, u: Understanding) -> bool:
    return {*row["asks"].split()} == {*u.topics} and {*row["acts"].split()} == {*u.acts} and _decision_right(row, u)


def _print_errors(found: list[tuple[Row, Understanding]]) -> None:
    for row, u in found:
        if not _right(row, u):
            want = " ".join(filter(None, [row["asks"], row["acts"], row["decision"], row["agency"], row["grade"]]))
            got = " ".join(filter(None, [*u.topics, *u.acts, *u.decision, u.agency, u.grade]))
            print(f"  {row['utterance']!r}\n      wanted {want or '-'}; got {got or '-'}")


def main() -> None:
    paths = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    if not paths:
        sys.exit("Name a CSV file: python -m bench.understanding FILE.csv [--errors]")
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            score(list(csv.DictReader(file)), errors="--errors" in sys.argv)


if __name__ == "__main__":
    main()
