from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.wording import find

SAID = [
    ("lock the door", "Right, lock the door now."),
    ("lock ... door", "lock the back kitchen door"),
    ("lock|bolt the door*", "Bolt the doors, love"),
    ("don't hang up", "please do not hang up"),
    ("don't hang up", "dont hang up"),
    ("do not hang up", "don't hang up"),
    ("stay where you are", "STAY, where you are!"),
    ("lock", "don't worry, lock the door"),
    ("lock", "don't worry lock the door"),
    ("lock", "don't hang up and lock the door"),
    ("lock", "you mustn't open it, lock it"),
    ("go ... downstairs", "can you go and have a look downstairs"),
    ("have a look", "why don't you have a look"),
    ("go ... downstairs", "I need you to go downstairs"),
    ("go ... downstairs", "I'm going to ask you to go downstairs"),
    ("café", "the CAFE on the corner"),
]
DENIED = [
    ("go ... downstairs", "don't go downstairs"),
    ("go ... downstairs", "go, don't go downstairs"),
    ("go ... downstairs", "whatever you do never go downstairs"),
    ("go ... downstairs", "there's no need to go downstairs"),
    ("lock", "do not lock the door"),
    ("confront", "I don't want you to go and confront him"),
    ("confront", "don't go out or confront him"),
    ("open the door", "stay in without going to open the door"),
]
OF_OTHERS = [
    ("have a look", "officers will have a look round"),
    ("have a look", "we'll get someone to have a look"),
    ("have a look", "did you have a look"),
]
ABSENT = [
    ("lock", "have you locked it"),
    ("lock the door", "lock. The door is open."),
    ("lock ... door", "lock it and then go to the back door"),
    ("go ... downstairs", "go. He is downstairs"),
    ("knife", "knives"),
    ("fight", ""),
]


@pytest.mark.parametrize(("phrase", "text"), SAID)
def test_a_phrase_is_found_where_it_is_said_outright(phrase: str, text: str) -> None:
    found = find([phrase], text)
    assert found is not None
    assert found.plain
    assert not found.near
    assert text[found.start : found.end] == found.words


@pytest.mark.parametrize(("phrase", "text"), DENIED)
def test_a_denied_phrase_is_found_as_negated(phrase: str, text: str) -> None:
    found = find([phrase], text)
    assert found is not None
    assert found.negated


@pytest.mark.parametrize(("phrase", "text"), OF_OTHERS)
def test_what_others_do_is_not_told_to_the_caller(phrase: str, text: str) -> None:
    found = find([phrase], text)
    assert found is not None
    assert not found.negated
    assert not found.plain


@pytest.mark.parametrize(("phrase", "text"), ABSENT)
def test_a_phrase_that_was_not_said_is_not_found(phrase: str, text: str) -> None:
    assert find([phrase], text) is None


def test_a_recognisers_slip_in_a_long_word_is_near() -> None:
    found = find(["barricade"], "baricade the door")
    assert found is not None
    assert found.near


def test_a_slip_in_a_short_word_is_another_word() -> None:
    assert find(["lock"], "look at the door") is None


def test_exact_words_win_over_near_ones_and_outright_over_denied() -> None:
    found = find(["fight him"], "don't fight him. You right him and fight him.")
    assert found is not None
    assert (found.words, found.near, found.negated) == ("fight him", False, False)
    assert found.start > 20


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=200))
def test_any_phrase_and_any_text_are_taken(phrases: list[str], text: str) -> None:
    found = find(phrases, text)
    assert found is None or text[found.start : found.end] == found.words


def test_words_of_one_meaning_stand_for_each_other_only_where_asked() -> None:
    assert find(["don't touch"], "Please don't disturb anything.") is None
    found = find(["don't touch"], "Please don't disturb anything.", wide=True)
    assert found is not None
    assert found.words == "don't disturb"
    assert not found.negated


def test_a_negation_that_the_phrase_itself_names_denies_nothing() -> None:
    for phrase, text in (("don't ... touch", "Don't you touch it."), ("nobody ... out", "Nobody is to go out.")):
        found = find([phrase], text)
        assert found is not None
        assert not found.negated
    denied = find(["go ... downstairs"], "Go on, but not downstairs.")
    assert denied is not None
    assert denied.negated
