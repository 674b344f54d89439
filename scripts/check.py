"""Whether a script makes sense: every mistake with its place and how to mend it.

Shape (keys, types, closed words) is for `scripts/parsing.py`. Here: names that lead nowhere (`check_names`), things
that can never happen or never be marked (`check_sense`), and words that should not be spoken (`check_words`).
"""

from __future__ import annotations

from scripts.check_names import names, rehearsal_names
from scripts.check_sense import sense
from scripts.check_words import words
from scripts.parsing import Problem
from scripts.rehearsal import Rehearsal
from scripts.script import Script


def problems(script: Script, rehearsal: Rehearsal | None) -> list[Problem]:
    """Every mistake of the script and its rehearsal; an empty list is a good script."""
    file = f"{script.id}.toml"
    found = [*names(script), *sense(script), *words(script), *_rehearsed(script, rehearsal)]
    return [Problem(file, place, message) for place, message in dict.fromkeys(found)]


def _rehearsed(script: Script, rehearsal: Rehearsal | None) -> list[tuple[str, str]]:
    if rehearsal is not None:
        return list(rehearsal_names(script, rehearsal))
    return [
        ("", f"has no rehearsal; write rehearsals/{script.id}.toml with a good, a middling and a dangerous trainee")
    ]
