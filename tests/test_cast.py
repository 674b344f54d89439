from __future__ import annotations

import re

import pytest

from scripts.cast import CastError, draw
from scripts.lines import LineBook
from scripts.shelf import Shelf
from small_script import TEXT, small_script

SHELF = Shelf()
SEEDS = range(20)


def test_the_same_seed_draws_the_same_details() -> None:
    assert draw(small_script(), 7).values == draw(small_script(), 7).values


def test_another_detail_leaves_the_others_as_they_were() -> None:
    more = small_script(TEXT.replace("[cast.dog]", '[cast.collar]\nchoose = ["red", "blue"]\n[cast.dog]'))
    before, after = draw(small_script(), 3).values, draw(more, 3).values
    assert {name: after[name] for name in before} == dict(before)


def test_a_template_with_an_unknown_detail_names_it() -> None:
    with pytest.raises(CastError, match="nothing called 'cat'"):
        draw(small_script(), 1).written("Where is {cat}?")


def test_a_number_is_written_in_groups_and_spoken_in_words() -> None:
    cast = draw(small_script(), 1)
    assert re.fullmatch(r"07700 900\d{3}", cast.written("{phone}"))
    assert not re.search(r"\d", cast.spoken("{phone}"))


def test_parts_of_a_detail_can_be_said_alone() -> None:
    cast = draw(small_script(), 1)
    first, last = cast.values["name"].split()
    assert cast.written("{name:first}, {name:last}") == f"{first}, {last}"


@pytest.mark.parametrize("name", SHELF.paths())
def test_every_number_and_plate_drawn_is_nobodys(name: str) -> None:
    script = SHELF.script(name)
    for seed in SEEDS:
        cast = draw(script, seed)
        for name, detail in script.cast.items():
            value = cast.values[name]
            if detail.kind == "phone":
                assert re.fullmatch(r"07700900\d{3}|01632960\d{3}", value)
            elif detail.kind == "vehicle_registration":
                assert re.fullmatch(r"[JTUX][A-Z]\d\d[A-Z]{3}", value)
            elif detail.kind == "postcode":
                assert value.startswith("WY")


@pytest.mark.parametrize("name", SHELF.paths())
def test_every_line_of_every_call_can_be_said_for_any_seed(name: str) -> None:
    script = SHELF.script(name)
    for seed in SEEDS:
        for _, line in LineBook(draw(script, seed)).all():
            assert line.text.strip()
            assert "{" not in line.text + line.spoken
            assert all(0 < share <= 1 for _, share in line.tells)
