"""What a script uses that a force does not have: grades and agencies that were dropped from the force's file."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scripts.force import Force
from scripts.parsing import Problem
from scripts.script import Script


def dropped(script: Script, force: Force) -> Iterator[Problem]:
    """Every grade and agency that the script decides by and the force has no name for.

    A force that names no grades at all has them all, under their plain names; the same goes for agencies.
    """
    for part, rows in (("outcomes", script.outcomes), ("reactions", script.reactions)):
        for place, row in enumerate(rows):
            for key, known in (("grade", force.grades), ("agency", force.agencies)):
                used = getattr(row, key)
                if used is not None and known and used not in known:
                    yield _problem(script, force, f"{part}[{place}].{key}", used, known)


def _problem(script: Script, force: Force, place: str, used: str, known: Collection[str]) -> Problem:
    message = f"{force.name} has no {place.rpartition('.')[2]} {used!r}: name it in {force.id}.toml, or use one of"
    return Problem(f"{script.id}.toml", place, f"{message} {', '.join(sorted(known))}")
