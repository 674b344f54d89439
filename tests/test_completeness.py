import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.completeness import finished


@pytest.mark.parametrize(
    "text",
    [
        "Police emergency, what's the address of the emergency?",
        "where are you",
        "okay and where are you calling from",
        "are there any weapons",
        "is he still there",
        "what's happening",
        "can you tell me your name",
        "tell me exactly what happened",
        "yes",
        "officers are on their way",
        "stay on the line",
        "thank you, goodbye",
        "is that right",
    ],
)
def test_a_whole_question_answer_or_closing_is_finished(text: str) -> None:
    assert finished(text) == "finished"


@pytest.mark.parametrize(
    "text",
    [
        "and",
        "okay um",
        "what's the name of the",
        "i'm sending officers and",
        "we're going to",
        "my name",
        "my name is",
        "okay can you",
        "stay where you are because",
        "is there a",
        "i will just...",
        "so that's oh seven seven double oh nine",
        "07700 900",
    ],
)
def test_what_must_go_on_is_open(text: str) -> None:
    assert finished(text) == "open"


@pytest.mark.parametrize("text", ["", "  ", "okay", "flat twenty two", "number 10", "he lives on his own", "..?"])
def test_what_may_or_may_not_go_on_is_unknown(text: str) -> None:
    assert finished(text) == "unknown"


def test_a_telephone_number_is_open_until_its_last_digit() -> None:
    number = "zero seven seven zero zero nine zero zero one two three"
    words = number.split()
    answers = [finished(" ".join(words[:count])) for count in range(1, 12)]
    assert answers == ["unknown"] * 2 + ["open"] * 8 + ["unknown"]


def test_double_and_triple_count_their_digits() -> None:
    assert finished("oh double seven double oh nine double oh one two") == "open"
    assert finished("oh double seven double oh nine double oh one two three") == "unknown"


def test_short_numbers_are_not_half_a_telephone_number() -> None:
    assert finished("ring nine nine nine") == "unknown"


def test_a_question_tag_does_not_keep_the_floor() -> None:
    assert finished("you have not been hurt have you") != "open"


def test_a_question_may_end_in_a_preposition() -> None:
    assert finished("who is he with") == "finished"
    assert finished("i will put you through to") == "open"


def test_a_comma_at_the_end_is_the_recognisers_whim() -> None:
    assert finished("Are there any children in the house,") == "finished"


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    assert finished(text) in ("finished", "open", "unknown")


def test_punctuation_capitals_and_curly_apostrophes_change_nothing() -> None:
    assert finished("What\N{RIGHT SINGLE QUOTATION MARK}s Happening?") == finished("what's happening")
