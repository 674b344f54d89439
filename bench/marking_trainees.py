"""How justly calls are marked: synthetic trainees who know what they meant take every call of the shelf, typed.

`make bench-marking` runs it and shows its progress; `--wrong` lists every verdict that was not right.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from bench.figure import Figure
from bench.trainees.behaviour import behaviours
from bench.trainees.measuring import Held, by_kind, hold, spread, wrong_verdicts
from bench.trainees.measuring import figures as measured
from bench.trainees.playing import perform
from scripts.force import default_force
from scripts.shelf import Shelf

CASTS = (1, 2, 3)
"""Each in the same words, to see what casting does."""
WORDINGS = (2, 3)
"""More ways to say the same, with a cast each."""


def figures() -> Iterator[Figure]:
    """Some 2600 calls; progress and what goes with the figures are told on standard error."""
    began = time.perf_counter()
    cast, worded = [], []
    force = default_force()
    scripts = list(Shelf().scripts())
    for place, script in enumerate(scripts, start=1):
        for behaviour in behaviours():
            cast += [hold(perform(script, behaviour, seed, 1), force) for seed in CASTS]
            worded += [hold(perform(script, behaviour, seed, seed), force) for seed in WORDINGS]
        tell(f"{place:2}/{len(scripts)} {script.id}")
    rows: list[Held] = [*cast, *worded]
    tell(by_kind(rows))
    if "--wrong" in sys.argv:
        for line in wrong_verdicts(rows):
            tell(line)
    yield from measured(rows, "typed", 0.97)
    yield from spread(cast)
    yield Figure("calls taken and marked twice", len(rows) / (time.perf_counter() - began), "calls/s")


def tell(text: str) -> None:
    """Say how far it is, beside the figures."""
    print(text, file=sys.stderr, flush=True)


def show(part: str, found: list[Figure]) -> None:
    """Print the figures as a table, keep them with the others, and leave with 1 when one misses its limit."""
    from rich.console import Console

    from bench.__main__ import RESULT, Part, as_json, table

    done = [Part(part, found)]
    Console().print(table(done))
    RESULT.write_text(as_json(done) + "\n", encoding="utf-8")
    sys.exit(int(any(figure.good is False for figure in found)))


if __name__ == "__main__":
    show("marking_trainees", list(figures()))
