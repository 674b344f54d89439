"""What a round of quick calls says of its player, on the page and on the telephone."""

from __future__ import annotations

import pytest

from scripts.force import default_force
from scripts.quick import CALLS, SECONDS, Answer, QuickCall, Round, quick_calls
from scripts.quick_advice import HABITS, MOST, advice
from scripts.vocabulary import Decision
from server import quick_words

SHELF = {call.id: call for call in quick_calls()}
FORCE = default_force()


def played(*answers: tuple[str, Answer | Decision | None]) -> Round:
    round_ = Round(1, tuple(SHELF[name] for name, _ in answers))
    for _, answer in answers:
        round_ = round_.answer(answer, 1.0)
    return round_


@pytest.mark.parametrize(
    ("habit", "call", "answer"),
    [
        ("danger", "petrol-at-the-letterbox", "resolve"),
        ("danger", "petrol-at-the-letterbox", Answer(decision="deploy", grade="scheduled")),
        ("kept away", "back-at-the-salon", "none"),
        ("not ours", "fountain-on-the-corner", "deploy"),
        ("whose", "mum-on-the-landing", "none"),
        ("over-sent", "trolley-rash", "deploy"),
        ("turned away", "trolley-rash", "none"),
        ("late", "pump-four", None),
    ],
)
def test_each_habit_has_its_advice(habit: str, call: str, answer: Answer | Decision | None) -> None:
    assert advice(played((call, answer)), FORCE)[0] == HABITS[habit][1]


def test_the_habit_that_cost_most_calls_comes_first_and_not_all_are_told() -> None:
    round_ = played(
        ("petrol-at-the-letterbox", "none"),
        ("pump-four", None),
        ("trolley-rash", None),
        ("parcel-off-the-porch", "deploy"),
    )
    assert advice(round_, FORCE) == [HABITS["late"][1], HABITS["danger"][1]]
    assert len(advice(round_, FORCE)) == MOST


def test_whose_calls_they_were_is_named_in_the_forces_words() -> None:
    round_ = played(
        ("fountain-on-the-corner", "deploy"), ("seal-by-the-slipway", "deploy"), ("bins-since-easter", "resolve")
    )
    named = "the gas or electricity emergency line, the animal welfare charity and the council"
    assert advice(round_, FORCE)[-1] == f"This time it was for {named}."


def test_nothing_wrong_is_praised() -> None:
    perfect = played(("petrol-at-the-letterbox", "deploy"))
    assert "All right." in advice(perfect, FORCE)[0]
    assert "No wrong decision" in advice(played(("alarm-in-the-flat-above", "deploy")), FORCE)[0]


@pytest.mark.parametrize("call", SHELF.values(), ids=SHELF)
def test_every_wrong_answer_to_every_call_has_a_habit(call: QuickCall) -> None:
    for decision in ("deploy", "resolve", "refer", "none"):
        round_ = Round(1, (call,)).answer(decision, 1.0)
        if round_.given[0].rating == "wrong":
            assert any(fits(round_.given[0]) for fits, _ in HABITS.values())


def test_the_assistant_says_what_an_answer_was_worth_and_why() -> None:
    round_ = played(("pump-four", "resolve"), ("petrol-at-the-letterbox", "deploy"), ("pineapple", "deploy"))
    first, second, third = (quick_words.debriefed(given, FORCE) for given in round_.given)
    assert first.startswith("Right. 97 points. Pump four: resolve by telephone. ")
    assert second.startswith("Right. 107 points. 2 in a row. A smell of petrol: deploy, immediate. ")
    assert third.startswith("No. He said no pineapple: no police action. ")
    assert quick_words.left(round_) == "204 points. 2 of 3 right."
    assert "Your best is 900. To train next. Not for the police" in quick_words.result(round_, FORCE, 900)
    assert "That is your best so far." in quick_words.result(round_, FORCE, 204)


def test_the_rules_say_every_key_and_the_clock() -> None:
    assert all(f"{key} " in quick_words.RULES for key in "1234")
    assert f"{SECONDS:.0f} seconds" in quick_words.RULES
    assert CALLS == 10
    assert quick_words.announced(3, "") == "Call 3."
    assert quick_words.announced(3, "Blood.") == "Call 3. Content note. Blood."
