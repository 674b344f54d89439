"""One test a mistake: a good script with one thing wrong, and the problem that must name it."""

from __future__ import annotations

import pytest

from logs import script
from scripts.check import problems
from scripts.parsing import Problem
from scripts.rehearsal import Rehearsal, parse_rehearsal
from scripts.shelf import Shelf

GOOD = """
title = "A noise in the loft"
summary = "A man hears somebody moving about in his loft."
aims = ["Find out where"]
model_answer = "Ask where he is and send officers."

[cast.address]
kind = "address"

[cast.other]
kind = "address"
same_as = "address"

[caller]
sex = "male"
age = 50

[lines]
opening = "There's somebody in my loft."

[[facts]]
id = "noise"
topic = "emergency"
say = "I can hear steps. It's the police I want."

[[facts]]
id = "address"
topic = "location"
kind = "address"
value = "{address}"
say = "It's {address:street}, in {address:town}."

[[facts]]
id = "weapons"
topic = "weapons"
say = "He's got a hammer."
needs = { told = ["noise"], after = "crash" }

[[events]]
id = "crash"
at = 30
say = "Something's come down!"

[[events]]
id = "quiet"
after_event = "crash"
delay = 10
mood = 5

[[outcomes]]
decision = "deploy"
grade = "emergency"
rating = "right"
why = "He is inside."

[[outcomes]]
decision = "deploy"
rating = "acceptable"
why = "Somebody comes."

[[criteria]]
id = "decision"
kind = "decided"
critical = "under-graded"

[[criteria]]
id = "location"
kind = "captured"
fact = "address"
full = "read_back"

[[criteria]]
id = "early"
kind = "asked_within"
topic = "location"
seconds = 15
"""

REHEARSAL = """
[good]
turns = ["Where are you?", "So that's {address}?", "Officers are coming."]
met = ["location"]
told = ["address"]

[middling]
turns = []
unmet = ["location"]

[dangerous]
turns = []
critical = ["decision"]
"""


def rehearsal(text: str = REHEARSAL) -> Rehearsal:
    return parse_rehearsal(text, "loft.toml")


def found(text: str, rehearsed: str | None = REHEARSAL) -> list[Problem]:
    return problems(script(text, "loft.toml"), rehearsal(rehearsed) if rehearsed is not None else None)


def test_a_good_script_has_no_problems() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize("name", Shelf().paths())
def test_every_script_on_the_shelf_is_good(name: str) -> None:
    shelf = Shelf()
    assert [str(problem) for problem in problems(shelf.script(name), shelf.rehearsal(name))] == []


MISTAKES = {
    "a fact misspelt in a criterion": (
        'kind = "captured"\nfact = "address"', 'kind = "captured"\nfact = "adress"',
        "criteria[1].fact", "no fact called 'adress'; did you mean 'address'?",
    ),
    "a fact unknown to a need": (
        'told = ["noise"]', 'told = ["xyz"]', "facts[2].needs.told[0]", "there are address, noise, weapons",
    ),
    "an unknown event in a need": (
        'after = "crash"', 'after = "crush"', "facts[2].needs.after", "did you mean 'crash'",
    ),
    "an unknown event behind another": (
        'after_event = "crash"', 'after_event = "bang"', "events[1].after_event", "no event called 'bang'",
    ),
    "an unknown fact in the opening": (
        '[lines]', '[lines]\nopening_tells = ["noises"]', "lines.opening_tells[0]", "did you mean 'noise'",
    ),
    "an unknown event in an outcome": (
        'rating = "acceptable"', 'rating = "acceptable"\nafter = "x"', "outcomes[1].after", "no event called 'x'",
    ),
    "a detail that is not drawn": (
        "{address:street}", "{adress}", "facts[1].say", "did you mean 'address'? (details are drawn in [cast])",
    ),
    "a detail said in no known way": ("{address:town}", "{address:city}", "facts[1].say", "not 'city'"),
    "a detail not drawn in the value": ('"{address}"', '"{home}"', "facts[1].value", "no detail called 'home'"),
    "a detail like an unknown one": (
        'same_as = "address"', 'same_as = "house"', "cast.other.same_as", "no detail called 'house'",
    ),
    "a detail like itself": (
        'same_as = "address"', 'same_as = "other"', "cast.other.same_as", "leans on another detail itself",
    ),
    "two facts of one name": ('id = "weapons"', 'id = "noise"', "facts[2].id", "'noise' is there already"),
    "two criteria of one name": ('id = "early"', 'id = "location"', "criteria[2].id", "is there already"),
    "two events of one name": ('id = "quiet"', 'id = "crash"', "events[1].id", "is there already"),
    "two facts that no question tells apart": (
        'topic = "location"', 'topic = "emergency"', "facts[1]", "no question tells 'address' from 'noise'",
    ),
    "facts that wait for each other": (
        'told = ["noise"]', 'told = ["weapons"]', "facts[2].needs", "'weapons' can never be told: it waits",
    ),
    "events that wait for each other": (
        'id = "crash"\nat = 30', 'id = "crash"\nafter_event = "quiet"', "events[0]", "'crash' can never happen",
    ),
    "an event beyond every call": ("at = 30", "at = 2000", "events[0].at", "no call lasts 2000 seconds"),
    "no right outcome": ('rating = "right"', 'rating = "acceptable"', "outcomes", 'no outcome is rated "right"'),
    "an outcome behind a general one": (
        'grade = "emergency"\n', "", "outcomes[1]", "never reached: outcomes[0] takes every such decision",
    ),
    "no criterion for the decision": (
        'kind = "decided"', 'kind = "reassured"', "criteria", 'add a criterion of kind "decided"',
    ),
    "a criterion without what its kind reads": ('seconds = 15', "", "criteria[2]", "asked_within needs seconds"),
    "a criterion with what its kind does not read": (
        'kind = "decided"', 'kind = "decided"\nwords = ["x"]', "criteria[0].words", "decided does not read 'words'",
    ),
    "a question that no fact answers": (
        'topic = "location"\nseconds', 'topic = "vehicle"\nseconds',
        "criteria[2].topic", "no fact answers a question about 'vehicle'",
    ),
    "a read-back of nothing": (
        'fact = "address"\nfull', 'fact = "noise"\nfull', "criteria[1].fact", "'noise' has no value",
    ),
    "a summary of more than there is": (
        'kind = "captured"\nfact = "address"\nfull = "read_back"', 'kind = "summary_given"\ncount = 3',
        "criteria[1].count", "fewer facts than that",
    ),
    "a line that tells a detail without saying it": (
        "It's {address:street}, in {address:town}.", "Come quickly.",
        "facts[1].say", "tells 'address' without saying {address}",
    ),
    "a clock of no time": ("seconds = 15", "seconds = 0", "criteria[2].seconds", "nobody is that fast"),
    "a clock shorter than the opening line": (
        "seconds = 15", "seconds = 1", "criteria[2].seconds", "the opening line takes 2 seconds",
    ),
    "a silent caller who speaks": (
        'age = 50', 'age = 50\nmanner = "silent"', "lines.opening", "a silent caller does not speak",
    ),
    "somebody's telephone number": (
        "I can hear steps.", "Ring 07911 123456.", "facts[0].say", "'07911 123456' may be somebody's number",
    ),
    "somebody's plate": ("I can hear steps.", "It's AB12 CDE.", "facts[0].say", "'AB12 CDE' may be real"),
    "somebody's postcode": ("I can hear steps.", "It's SW1A 1AA.", "facts[0].say", "'SW1A 1AA' may be real"),
    "somebody's number on the display": (
        "[caller]", '[display]\nnumber = "07911 123456"\n\n[caller]', "display.number", "may be somebody's number",
    ),
    "a number that a voice cannot read": (
        "I can hear steps.", "Reference 4839201.", "facts[0].say", "one huge number",
    ),
    "capitals that a voice cannot read": ("I can hear steps.", "HELP me.", "facts[0].say", "mangle 'HELP'"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_its_place_with_its_mend(mistake: str) -> None:
    right, wrong, place, message = MISTAKES[mistake]
    assert right in GOOD
    named = found(GOOD.replace(right, wrong, 1))
    assert any(problem.place == place and message in problem.message for problem in named), list(map(str, named))
    assert all(problem.name == "loft.toml" for problem in named)


@pytest.mark.parametrize(
    "fine",
    ["Ring 07700 900123.", "The CCTV is on.", "[one tap]", "It was 22:30 in 2024.", "The A38, by the M5.", "I'm OK."],
)
def test_what_a_voice_can_say_is_left_alone(fine: str) -> None:
    assert found(GOOD.replace("I can hear steps.", fine)) == []


def test_points_that_add_up_to_nothing_are_a_problem() -> None:
    nothing = GOOD.replace('id = "decision"', 'id = "decision"\npoints = 0')
    nothing = nothing.replace('id = "location"\n', 'id = "location"\npoints = 0\n').replace(
        'id = "early"', 'id = "early"\npoints = 0'
    )
    assert [problem.message for problem in found(nothing)] == ["there is nothing to earn: give some criteria points"]


def test_facts_of_one_topic_may_be_told_apart_by_keywords_or_by_an_event() -> None:
    same = GOOD.replace('topic = "weapons"', 'topic = "emergency"')
    assert found(same) == []
    keyed = GOOD.replace('topic = "location"\n', 'topic = "emergency"\nkeywords = ["where"]\n', 1)
    assert not any("tells" in problem.message for problem in found(keyed))


def test_a_missing_rehearsal_is_a_problem() -> None:
    (problem,) = found(GOOD, None)
    assert "write rehearsals/loft.toml" in problem.message


@pytest.mark.parametrize(
    ("right", "wrong", "place", "message"),
    [
        ('met = ["location"]', 'met = ["locaton"]', "rehearsal.good.met[0]", "did you mean 'location'"),
        ('told = ["address"]', 'told = ["adress"]', "rehearsal.good.told[0]", "did you mean 'address'"),
        ("{address}", "{adress}", "rehearsal.good.turns[1]", "no detail called 'adress'"),
        (
            'critical = ["decision"]',
            'critical = ["early"]',
            "rehearsal.dangerous.critical[0]",
            "can be no critical failure",
        ),
    ],
)
def test_a_rehearsal_names_what_the_script_has(right: str, wrong: str, place: str, message: str) -> None:
    (problem,) = found(GOOD, REHEARSAL.replace(right, wrong, 1))
    assert problem.place == place
    assert message in problem.message
