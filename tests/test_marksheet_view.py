"""A marksheet in the terminal."""

from __future__ import annotations

import io

from rich.console import Console

from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.rehearsal import Trainee, play
from server.marksheet_view import show
from small_script import small_script


def shown(sheet: Marksheet, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    show(sheet, console)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def sheet_of(*turns: str) -> Marksheet:
    script = small_script()
    trainee = Trainee.model_validate({"turns": turns})
    return mark(script, play(script, 1, trainee), default_force())


def test_a_good_call_shows_score_decision_and_the_words_that_prove_it() -> None:
    sheet = sheet_of("Where are you?", "So that is {address}?", "I'm sending officers now on blue lights.", "Bye.")
    text = shown(sheet)
    assert text.startswith("PASSED  100 of 100   Lost dog at the bus station")
    assert "Decision: deploy (emergency) is right. A loose dog by a road." in text
    assert "trainee: “I'm sending officers now on blue lights.”" in text
    assert "Critical failure" not in text


def test_a_critical_failure_is_named_at_the_top_and_its_verdict_comes_first() -> None:
    text = shown(sheet_of("Hello.", "We won't be sending anyone. Bye."))
    lines = text.splitlines()
    assert lines[0].startswith("NOT PASSED")
    assert lines[1] == "Critical failure: no usable location"
    header = next(number for number, line in enumerate(lines) if "What was marked" in line)
    assert lines[header + 1].split() == ["no", "0/5", "Detail", "captured"]


def test_results_are_words_and_not_colours_alone() -> None:
    text = shown(sheet_of("Where are you?", "Bye."))
    assert " no " in text
    assert " yes " in text


def test_it_fits_a_narrow_terminal() -> None:
    text = shown(sheet_of("Where are you?", "I'm sending officers now.", "Bye."), width=60)
    assert max(map(len, text.splitlines())) <= 60
