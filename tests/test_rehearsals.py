"""Every script on the shelf plays as its rehearsal says, for several casts."""

from __future__ import annotations

import pytest

from scripts.events import Understood
from scripts.force import default_force
from scripts.log import decode_all, encode
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.rehearsal import Trainee, play
from scripts.session import CallSession
from scripts.shelf import Shelf

SHELF = Shelf()
SEEDS = (1, 2, 3)
ROLES = ("good", "middling", "dangerous")
EVENTS = (
    "answered", "speech_began", "utterance", "line_finished", "line_cut", "key_pressed", "form_changed", "decided",
    "hold_changed", "tick", "hung_up", "trouble",
)  # fmt: skip
CASES = [(name, role) for name in SHELF.paths() for role in ROLES]


def rehearsed(name: str, role: str) -> Trainee:
    rehearsal = SHELF.rehearsal(name)
    assert rehearsal is not None, f"{name} has no rehearsal: write scripts/rehearsals/{name}.toml"
    return rehearsal.trainees[role]


def disagreements(trainee: Trainee, marked: Marksheet) -> list[str]:
    """Where the marksheet is not what the rehearsal says, in words."""
    low, high = trainee.score
    critical = {verdict.criterion for verdict in marked.verdicts if verdict.critical}
    found = [] if low <= marked.score <= high else [f"score {marked.score}, not {low} to {high}"]
    if trainee.passed is not None and marked.passed != trainee.passed:
        found.append(f"outcome {marked.outcome}")
    if trainee.disposition is not None and marked.disposition.rating != trainee.disposition:
        found.append(f"disposition {marked.disposition}")
    if critical != set(trainee.critical):
        found.append(f"critical {sorted(critical)}, not {sorted(trainee.critical)}")
    for result, criteria in (("met", trainee.met), ("unmet", trainee.unmet)):
        verdicts = [marked.verdict(criterion) for criterion in criteria]
        found += [
            f"{one.criterion} {one.result}, not {result}: {one.why}" for one in verdicts if one.result != result
        ]
    return found + [f"{fact} was not told" for fact in trainee.told if not marked.facts[fact].told]


@pytest.mark.parametrize(("name", "role"), CASES)
def test_every_rehearsed_trainee_is_marked_as_the_rehearsal_says(name: str, role: str) -> None:
    trainee = rehearsed(name, role)
    script = SHELF.script(name)
    for seed in SEEDS:
        marked = mark(script, play(script, seed, trainee), default_force())
        assert not disagreements(trainee, marked), f"seed {seed}"


@pytest.mark.parametrize("name", SHELF.paths())
def test_a_rehearsals_further_trainees_are_marked_as_it_says(name: str) -> None:
    rehearsal, script = SHELF.rehearsal(name), SHELF.script(name)
    assert rehearsal is not None
    for place, trainee in rehearsal.also.items():
        marked = mark(script, play(script, rehearsal.seed, trainee), default_force())
        assert not disagreements(trainee, marked), place


@pytest.mark.parametrize("name", SHELF.paths())
def test_a_stored_log_replays_to_the_same_actions_and_the_same_marksheet(name: str) -> None:
    script = SHELF.script(name)
    log = play(script, 1, rehearsed(name, "middling"))
    stored, _ = decode_all([encode(entry) for entry in log])
    session = CallSession(script)
    again = []
    for entry in stored:
        if entry.kind in EVENTS:
            again.append(entry)
            again += session.handle(entry)  # type: ignore[arg-type]  # only events, by their kind
    assert [encode(entry) for entry in again] == [encode(entry) for entry in log]
    first, second = (mark(script, one, default_force()).model_dump_json() for one in (log, again))
    assert first == second


@pytest.mark.parametrize("name", SHELF.paths())
def test_taking_away_what_the_trainee_said_changes_the_mark(name: str) -> None:
    script = SHELF.script(name)
    trainee = rehearsed(name, "good")
    whole = mark(script, play(script, 1, trainee), default_force())
    muted = trainee.model_copy(
        update={"turns": [turn.model_copy(update={"say": "", "wait": turn.wait + 3}) for turn in trainee.turns]}
    )
    log = play(script, 1, muted)
    assert not any(isinstance(entry, Understood) and "if you cannot speak" not in entry.text for entry in log)
    assert mark(script, log, default_force()).score < whole.score - 20
