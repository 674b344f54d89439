"""`python -m bench [PART...]`: all measurements, as a table and in `bench.json`.

Each part runs in a process of its own, so that one that fails or is missing does not take the others with it,
and none measures what another left behind. A part is a module of this folder: with `figures()` its numbers go into
the table; without, what it prints is shown and stored as text.
"""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figure import Figure

HERE = Path(__file__).parent
RESULT = Path("bench.json")
NO_PARTS = {
    "__init__", "__main__", "figure", "captured", "understanding", "train_understanding", "naming", "grammar",
    "phone", "phone_server", "marking_by_telephone", "web", "web_site",
}  # fmt: skip
"""Not measured by themselves: `labelled` uses what judges utterances; `phone`, `web` and
`marking_by_telephone` take minutes, so they are asked for."""
LONGEST = 1800.0
"""Seconds after which a part is given up."""
FIGURES_ONLY = "--figures"


@dataclass(slots=True)
class Part:
    """What one part brought: figures, text, or what went wrong."""

    name: str
    figures: list[Figure] = field(default_factory=list)
    text: str = ""
    trouble: str = ""


def parts() -> Iterator[str]:
    """Every module here that measures something, by name."""
    for path in sorted(HERE.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if path.stem not in NO_PARTS and ("def figures(" in text or '__name__ == "__main__"' in text):
            yield path.stem


def run(name: str) -> Part:
    """Run one part in a process of its own."""
    has_figures = "def figures(" in (HERE / f"{name}.py").read_text(encoding="utf-8")
    command = (
        [sys.executable, "-m", "bench", FIGURES_ONLY, name]
        if has_figures
        else [sys.executable, "-m", f"bench.{name}"]
    )
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return Part(name, trouble=f"gave up after {LONGEST:.0f} s")
    if done.returncode:
        return Part(name, trouble=(done.stderr.strip().splitlines() or ["failed without a word"])[-1])
    if has_figures:
        return Part(name, [Figure(**row) for row in json.loads(done.stdout.splitlines()[-1])])
    return Part(name, text=done.stdout)


def table(done: list[Part]) -> Table:
    """All figures with their limits."""
    made = Table("figure", "measured", "must reach", "", title="Right Call's figures on this machine")
    for figure in (figure for part in done for figure in part.figures):
        must = "" if figure.must is None else f"{'>=' if figure.at_least else '<='} {figure.must:g} {figure.unit}"
        good = {None: "", True: "yes", False: "NO"}[figure.good]
        made.add_row(figure.name, f"{figure.value:.3g} {figure.unit}", must, good)
    return made


def as_json(done: list[Part]) -> str:
    """All figures; those of parts that were not measured now stay as they were."""
    rows = [
        {
            **asdict(figure),
            "value": figure.value if math.isfinite(figure.value) else None,
            "part": part.name,
            "good": figure.good,
        }
        for part in done
        for figure in part.figures
    ]
    texts = {part.name: part.text for part in done if part.text}
    troubles = {part.name: part.trouble for part in done if part.trouble}
    before = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    now = {part.name for part in done}
    kept = [row for row in before.get("figures", []) if row["part"] not in now]
    for told, old in ((texts, before.get("texts", {})), (troubles, before.get("troubles", {}))):
        told.update({name: text for name, text in old.items() if name not in now})
    return json.dumps({"figures": [*kept, *rows], "texts": texts, "troubles": troubles}, indent=2)


def main(wanted: list[str]) -> int:
    """Run the parts; 1 when a figure misses its limit or a part failed."""
    console = Console()
    done = []
    for name in wanted or list(parts()):
        console.print(f"measuring {name} ...")
        part = run(name)
        done.append(part)
        if part.text:
            console.print(part.text, markup=False, highlight=False)
        if part.trouble:
            console.print(f"  {name}: {part.trouble}", markup=False)
    console.print(table(done))
    RESULT.write_text(as_json(done) + "\n", encoding="utf-8")
    console.print(f"also in {RESULT}")
    return int(
        any(part.trouble for part in done) or any(figure.good is False for part in done for figure in part.figures)
    )


if __name__ == "__main__":
    if sys.argv[1:2] == [FIGURES_ONLY]:
        module = importlib.import_module(f"bench.{sys.argv[2]}")
        sys.stdout.write("\n" + json.dumps([asdict(figure) for figure in module.figures()]) + "\n")
    else:
        sys.exit(main(sys.argv[1:]))
