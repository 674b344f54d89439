"""What rehearsals reach of a script, and what they leave untried."""

from __future__ import annotations

import pytest

from logs import script as parsed
from scripts.cover import AREAS, Coverage, cover
from scripts.force import default_force
from scripts.rehearsal import Rehearsal, parse_rehearsal
from scripts.script import Script
from scripts.shelf import Shelf

TEXT = """
title = "A hammering"
summary = "A man hears hammering at the door, and will not say who it is at first."
aims = ["Calm him"]
model_answer = "Calm him and ask who it is."

[cast.address]
kind = "address"

[caller]
sex = "male"
age = 50
mood = 50

[lines]
opening = "Somebody's hammering at my door."
thanks = "Thank you, thank you."

[[facts]]
id = "address"
topic = "location"
kind = "address"
value = "{address}"
say = "It's {address}."
again = "{address}, I said."
correct = "No. It's {address}."

[[facts]]
id = "who"
topic = "relationship"
say = "It's my brother."
withheld = "I'd rather not say."
needs = { reassured = true }

[[reactions]]
to = "deploy"
say = "Good. Be quick."

[[events]]
id = "louder"
at = 30
say = "He's kicking it now!"
unless_decided = "deploy"

[[outcomes]]
decision = "deploy"
rating = "right"
why = "He is frightened."

[[outcomes]]
decision = "none"
rating = "unsafe"
why = "Nobody comes."

[[criteria]]
id = "decision"
kind = "decided"

[[criteria]]
id = "location"
kind = "captured"
fact = "address"
"""

IDLE = "turns = [{ hang_up = true }]"


def covered(good: str, also: str = "", text: str = TEXT) -> Coverage:
    rehearsal = f"[good]\nturns = {good}\n[middling]\n{IDLE}\n[dangerous]\n{IDLE}\n{also}"
    return cover(parsed(text, "hammering.toml"), parse_rehearsal(rehearsal, "hammering.toml"), default_force(), [1])


def burglary() -> tuple[Script, Rehearsal]:
    shelf = Shelf()
    rehearsal = shelf.rehearsal("burglary-in-progress")
    assert rehearsal is not None
    return shelf.script("burglary-in-progress"), rehearsal


def test_what_no_trainee_tries_is_named_at_its_place() -> None:
    script, rehearsal = burglary()
    found = cover(script, rehearsal, default_force(), seeds=[1])
    assert not any(place == "facts[1]" for place, _ in found.untried), "the address is told"
    assert found.tried == found.all - len(found.untried)
    assert 0.3 < found.share <= 1


def test_trainees_who_do_nothing_try_nothing_that_needs_doing() -> None:
    script, rehearsal = burglary()
    idle = rehearsal.dangerous.model_copy(update={"turns": []})
    nothing = rehearsal.model_copy(update={"good": idle, "middling": idle, "dangerous": idle, "also": {}})
    found = cover(script, nothing, default_force(), seeds=[1])
    assert found.share < cover(script, rehearsal, default_force(), seeds=[1]).share
    assert ("facts[1]", "'address' is never told to any trainee") in found.untried


def test_a_trainee_who_does_everything_reaches_everything_but_the_wrong_decision() -> None:
    everything = """[
        "What's the address?", "What was the address again?", "So that's ninety nine Mill Lane in London?",
        "Who is it, how do you know him?", "You're doing really well, I'm here with you.",
        "Who is it, how do you know him?", { wait = 40.0 }, "I'm sending officers now on blue lights.",
        { key = "4" }]"""
    prevented = '["I\'m sending officers now on blue lights.", { wait = 60.0 }]'
    found = covered(everything, f"[also.quick]\nturns = {prevented}\n[also.refuser]\nturns = [{{ key = '4' }}]")
    assert [place for place, _ in found.untried] == ["lines.thanks"], "a reaction takes its place"


def test_every_kind_of_thing_is_counted_by_itself() -> None:
    found = covered('["What\'s the address?"]')
    assert found.areas() == {
        "facts": (1, 2), "lines": (2, 9), "conditions": (0, 3),
        "events": (0, 1), "criteria": (3, 4), "outcomes": (0, 2),
    }  # fmt: skip
    assert tuple(found.areas()) == AREAS


def test_a_condition_that_never_fails_is_untried() -> None:
    calmed_first = '["You\'re doing really well, I\'m here with you.", "Who is it, how do you know him?"]'
    untried = covered(calmed_first).untried
    assert ("facts[1].needs", "'who' is never asked for before its needs hold") in untried
    assert ("facts[1].needs", "what 'who' waits for never comes about") not in untried


def test_a_condition_that_never_holds_is_untried() -> None:
    untried = covered('["Who is it, how do you know him?"]').untried
    assert ("facts[1].needs", "what 'who' waits for never comes about") in untried
    assert ("facts[1].needs", "'who' is never asked for before its needs hold") not in untried
    assert "facts[1].withheld" not in [place for place, _ in untried]


@pytest.mark.parametrize("name", Shelf().paths())
def test_the_rehearsals_of_every_script_reach_all_of_it(name: str) -> None:
    shelf = Shelf()
    script, rehearsal = shelf.script(name), shelf.rehearsal(name)
    assert rehearsal is not None
    found = cover(script, rehearsal, default_force(), seeds=[rehearsal.seed])
    assert found.untried == (), f"write trainees for it, or begin with `rightcall cover {name} --suggest`"
