from __future__ import annotations

from scripts.cover import cover
from scripts.force import default_force
from scripts.shelf import Shelf


def test_what_no_trainee_tries_is_named_at_its_place() -> None:
    shelf = Shelf()
    script, rehearsal = shelf.script("burglary-in-progress"), shelf.rehearsal("burglary-in-progress")
    assert rehearsal is not None
    found = cover(script, rehearsal, default_force(), seeds=[1])
    untried = dict(found.untried)
    place = [reaction.to for reaction in script.reactions].index("none")
    assert untried[f"reactions[{place}]"] == "nobody hears this reaction to 'none'"
    assert not any(place == "facts[1]" for place in untried), "the address is told"
    assert found.tried == found.all - len(found.untried)
    assert 0.5 < found.share < 1


def test_trainees_who_do_nothing_try_nothing_that_needs_doing() -> None:
    shelf = Shelf()
    script, rehearsal = shelf.script("burglary-in-progress"), shelf.rehearsal("burglary-in-progress")
    assert rehearsal is not None
    idle = rehearsal.dangerous.model_copy(update={"turns": []})
    nothing = rehearsal.model_copy(update={"good": idle, "middling": idle, "dangerous": idle})
    found = cover(script, nothing, default_force(), seeds=[1])
    assert found.share < cover(script, rehearsal, default_force(), seeds=[1]).share
    assert ("facts[1]", "'address' is never told to any trainee") in found.untried
