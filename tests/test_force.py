from __future__ import annotations

from typing import get_args

import pytest

from scripts.force import default_force, load_force
from scripts.parsing import ScriptError
from scripts.vocabulary import AGENCIES, GRADES, Agency, Grade


def test_the_invented_force_names_every_grade_and_agency() -> None:
    force = default_force()
    assert set(force.grades) == set(get_args(Grade))
    assert set(force.agencies) == set(get_args(Agency))
    assert [force.grade(grade) for grade in GRADES] == ["Immediate", "Priority", "Scheduled"]
    assert force.agencies["samaritans"].number == "116 123"
    assert force.answer_within == {"999": 10, "101": 60, "chat": 60, "report": 600}


def test_a_force_may_leave_out_what_it_has_no_word_for() -> None:
    force = load_force('name = "Testshire Police"', "testshire.toml")
    assert force.id == "testshire"
    assert force.marking.pass_mark == 70
    assert [force.grade("emergency"), force.agency("animal_welfare")] == ["Emergency", "animal welfare"]
    assert all(force.agency(agency) for agency in AGENCIES)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("name = ", "", "not readable as TOML"),
        ('name = "A"\ncolour = "red"', "colour", "Extra inputs"),
        ('name = "A"\n[marking]\npass_mark = 120', "marking.pass_mark", "less than or equal to 100"),
        ('name = "A"\n[grades.urgent]\nname = "U"', "grades.urgent", "there are emergency, priority, scheduled"),
        ("id = 'x'", "name", "required"),
    ],
)
def test_a_mistake_in_a_forces_file_is_named_at_its_place(text: str, place: str, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        load_force(text, "bad.toml")
    problem = caught.value.problems[0]
    assert problem.place.startswith(place)
    assert message in problem.message
