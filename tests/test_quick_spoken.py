from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.quick import ANSWERS, Answer
from scripts.quick_spoken import spoken_answer


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ("Deploy.", "deploy"), ("I'd deploy", "deploy"), ("one", "deploy"), ("Number one.", "deploy"),
        ("Resolve", "resolve"), ("two", "resolve"), ("Too.", "resolve"),
        ("Refer.", "refer"), ("Um, refer", "refer"), ("three", "refer"), ("press 3", "refer"),
        ("No action.", "none"), ("None", "none"), ("four", "none"), ("For", "none"),
    ],
)  # fmt: skip
def test_the_word_on_a_key_or_its_number_is_that_key_and_claims_no_grade(said: str, decision: str) -> None:
    assert spoken_answer(said) == Answer.model_validate({"decision": decision})


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Officers are on their way to you as an emergency.", Answer(decision="deploy", grade="emergency")),
        ("Deploy, priority", Answer(decision="deploy", grade="priority")),
        ("I'm putting you through to the ambulance service", Answer(decision="refer", agency="ambulance")),
        ("Refer to the council", Answer(decision="refer", agency="council")),
        ("That's one for trading standards", Answer(decision="refer", agency="trading_standards")),
        ("I'll record that and give you a crime number", Answer(decision="resolve")),
        ("This isn't a police matter", Answer(decision="none")),
    ],
)
def test_a_sentence_is_understood_as_one_to_a_caller_is(said: str, answer: Answer) -> None:
    assert spoken_answer(said) == answer


@pytest.mark.parametrize(
    ("said", "decision"),
    [("Deplife.", "deploy"), ("Depolloi.", "deploy"), ("Sand officers.", "deploy"), ("Resulve", "resolve")],
)
def test_what_a_recogniser_makes_of_a_lone_command_is_still_that_command(said: str, decision: str) -> None:
    assert spoken_answer(said) == Answer.model_validate({"decision": decision})


@pytest.mark.parametrize(
    "said",
    ["Goodbye", "Reply", "Yes please", "Oh dear", "", "Hello?", "What's your address?", "Is anybody hurt?", "hmm"],
)
def test_what_decides_nothing_is_no_answer(said: str) -> None:
    assert spoken_answer(said) is None


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_whatever_was_heard_is_an_answer_or_none(said: str) -> None:
    answer = spoken_answer(said)
    assert answer is None or answer.decision in ANSWERS.values()
