"""What the assistant says after a telephone call, and which call it offers next."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.rehearsal import play
from scripts.shelf import OWN_CALLS, Shelf
from server.assistant import assistant_voice, feedback, most_missed, next_call
from server.shelving import Catalogue
from voice.voices import Voice


def marked(trainee: str) -> Marksheet:
    shelf = Shelf()
    rehearsal = shelf.rehearsal("burglary-in-progress")
    assert rehearsal is not None
    script = shelf.script("burglary-in-progress")
    return mark(script, play(script, 1, rehearsal.trainees[trainee]), default_force())


GOOD, DANGEROUS = marked("good"), marked("dangerous")


def test_a_dangerous_call_hears_its_critical_failures_first() -> None:
    first, second = most_missed(DANGEROUS)
    assert first.critical
    assert second.critical or len(DANGEROUS.critical) == 1
    said = feedback(DANGEROUS)
    assert said.startswith(f"You scored {round(DANGEROUS.score)} out of 100. That is not a pass.")
    assert first.critical_name in said
    assert "right" not in said.split("Two things")[0]


def test_a_good_call_hears_that_it_passed_and_at_most_two_things() -> None:
    said = feedback(GOOD)
    assert said.startswith(f"You scored {round(GOOD.score)} out of 100. You passed. Your decision was right.")
    assert len(most_missed(GOOD)) <= 2


def test_what_costs_most_comes_first_and_doubt_is_not_held_against_anybody() -> None:
    missed = most_missed(DANGEROUS, most=100)
    costs = [verdict.of - verdict.points for verdict in missed if not verdict.critical]
    assert costs == sorted(costs, reverse=True)
    assert not any(verdict.result == "unsure" for verdict in missed)


def test_the_assistant_never_has_the_callers_voice() -> None:
    for sex in ("female", "male"):
        own = assistant_voice("", "male" if sex == "female" else "female", [])
        assert assistant_voice(own, sex, []) != own
    installed = [Voice("daniel", "Daniel", "en-GB", "male"), Voice("alex", "Alex", "en-US", "male")]
    assert assistant_voice("daniel", "male", installed) == "alex"


def test_the_next_call_is_one_never_taken_then_the_one_taken_longest_ago() -> None:
    shelf = ["a", "b", "c"]
    assert next_call(shelf, []) == "a"
    assert next_call(shelf, ["a"]) == "b"
    assert next_call(shelf, ["c", "a", "b", "a"]) == "b"
    assert next_call(shelf, ["gone", "c", "b", "a", "c"]) == "a"
    with pytest.raises(ValueError, match="no calls"):
        next_call([], ["a"])


def test_calls_are_numbered_from_the_easiest_and_one_with_mistakes_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("title = 1\n")
    catalogue = Catalogue([tmp_path])
    offered = catalogue.offered()
    assert set(offered) == set(Shelf().paths())
    difficulties = [Shelf().script(name).difficulty for name in offered]
    assert difficulties == sorted(difficulties)


def test_a_script_that_was_mended_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("title = 1\n")
    catalogue = Catalogue([tmp_path])
    assert "mine" not in catalogue.offered()
    path.write_bytes((OWN_CALLS / "noise-complaint.toml").read_bytes())
    os.utime(path, (1, 1))
    assert "mine" in catalogue.offered()
