"""The same labelled rows, spoken by flite's voices over an 8 kHz mu-law line and heard by the real ear.

`python -m bench.spoken FILE.csv...`: files of `bench.understanding` or of `bench.captured`, told by their columns.
Needs the `flite` program. Each row is spoken by one voice, the voices taking turns; synthetic voices flatter no one.
As a part of `python -m bench` it speaks the rows that `bench.labelled` reads, `MOST` of each kind at even distances.
"""

from __future__ import annotations

import contextlib
import csv
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import labelled
from bench.captured import judge_rows, report
from bench.figure import Figure
from bench.recognition import BANDS, VOICES, _on, _spoken, _whole
from bench.understanding import score
from voice.choice import choose_ear
from voice.ear import Ear

MOST = 150
Row = dict[str, str]


def heard(rows: Sequence[Row], ear: Ear | None = None, voices: Sequence[str] = VOICES) -> Iterator[Row]:
    """The rows with what the ear made of each utterance in place of what was said."""
    if shutil.which("flite") is None:
        sys.exit("The spoken figures need the flite program: apt-get install flite")
    ear = ear or choose_ear("moonshine", None, Path())
    for at, row in enumerate(rows):
        sound = _on(BANDS[1], _spoken(row["utterance"], voices[at % len(voices)]))
        yield {**row, "utterance": _whole(ear, sound)}


def figures() -> Iterator[Figure]:
    """The figures of `bench.labelled` through the line and the ear."""
    ear = choose_ear("moonshine", None, Path())
    said, details = labelled.utterances(), labelled.details()
    with contextlib.redirect_stdout(sys.stderr):
        scored = score(list(heard(_some(said), ear)))
    judged = judge_rows(heard(_some(details), ear))
    negatives = [row for row in judged if not row.label]
    yield Figure("asks, micro-F1, spoken", scored["asks_f1"], "", 0.83, at_least=True)
    yield Figure("acts, micro-F1, spoken", scored["acts_f1"], "", 0.82, at_least=True)
    yield Figure("decision exact, spoken", scored["decision_exact_all"], "", 0.84, at_least=True)
    yield Figure(
        "captured, accuracy, spoken", sum(row.right for row in judged) / len(judged), "", 0.86, at_least=True
    )
    yield Figure(
        "captured, false accepts, spoken", 100 * sum(row.answer for row in negatives) / len(negatives), "%", 4
    )


def _some(rows: Sequence[Row]) -> list[Row]:
    step = max(1, len(rows) // MOST)
    return list(rows[::step])[:MOST]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main(paths: list[str]) -> None:
    for path in map(Path, paths):
        rows = list(heard(read(path)))
        if "captured" in rows[0]:
            sys.stdout.write(report(judge_rows(rows)) + "\n")
        else:
            score(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
