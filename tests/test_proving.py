"""Rehearsals that come out otherwise than written are named, each at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.proving import problems_of
from small_script import TEXT

REHEARSAL = """
[good]
turns = ["Where are you?", "So that is {address}?", "I'm sending officers now on blue lights.", "Bye."]
score = [100, 100]
passed = true
disposition = "right"
met = ["place", "decision"]
told = ["address"]

[middling]
turns = ["Where are you?", "Bye."]
passed = false

[dangerous]
turns = ["Hello.", "We won't be sending anyone. Bye."]
passed = false
critical = ["place"]
unmet = ["place"]
"""


def problems(folder: Path, rehearsal: str | None, script: str = TEXT) -> list[str]:
    (folder / "rehearsals").mkdir()
    (folder / "lost-dog.toml").write_text(script, encoding="utf-8")
    if rehearsal is not None:
        (folder / "rehearsals" / "lost-dog.toml").write_text(rehearsal, encoding="utf-8")
    return list(map(str, problems_of(folder / "lost-dog.toml")))


def test_a_rehearsal_that_comes_out_as_written_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, REHEARSAL) == []


@pytest.mark.parametrize(
    ("written", "instead", "place", "said"),
    [
        ("score = [100, 100]", "score = [10, 20]", "good.score", "scores 100, not 10 to 20"),
        ("passed = true", "passed = false", "good.passed", "the outcome is passed"),
        ('disposition = "right"', 'disposition = "unsafe"', "good.disposition", "is right, not unsafe"),
        ('told = ["address"]', 'told = ["phone"]', "good.told", "the caller did not tell phone"),
        ('unmet = ["place"]', 'met = ["place"]', "dangerous.met", "place is unmet: "),
        ('critical = ["place"]', "", "dangerous.critical", "place is a critical failure as well: "),
        ("passed = true", 'critical = ["place"]', "good.critical", "place is no critical failure but met: "),
    ],
)
def test_what_came_out_otherwise_is_named_at_its_place(
    tmp_path: Path, written: str, instead: str, place: str, said: str
) -> None:
    assert written in REHEARSAL
    found = problems(tmp_path, REHEARSAL.replace(written, instead))
    assert [problem for problem in found if problem.startswith(f"lost-dog.toml: rehearsal.{place}: {said}")], found


def test_a_script_without_a_rehearsal_is_told_where_to_write_one(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, None)
    assert "rehearsals/lost-dog.toml" in found


def test_a_broken_script_or_rehearsal_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "good = 1")[:1]
    assert found.startswith("lost-dog.toml: ")
    (tmp_path / "lost-dog.toml").write_text("title = ", encoding="utf-8")
    (found,) = map(str, problems_of(tmp_path / "lost-dog.toml"))
    assert "not readable as TOML" in found
