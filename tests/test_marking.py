from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logs import SCRIPT, Log, script
from scripts import marksheet
from scripts.cast import draw
from scripts.events import Entry, ReadBack, Recorded, Say, Understood, Utterance
from scripts.force import default_force
from scripts.log import decode_all, encode
from scripts.marking import MarkingError, mark
from scripts.rehearsal import TrainedTurn, Trainee, play
from scripts.script import Script
from scripts.shelf import Shelf
from scripts.understanding import UNDERSTANDING_VERSION

FORCE = default_force()
CRITERIA = """
[[criteria]]
id = "weapons"
kind = "asked"
topic = "weapons"
points = 10
dimension = "risk"
critical = "weapon unasked"

[[criteria]]
id = "later"
kind = "regraded"
event = "door"
points = 30
dimension = "time"
"""


def door() -> Script:
    return script(SCRIPT + CRITERIA)


def rehearsed(name: str = "burglary-in-progress", trainee: str = "good") -> tuple[Script, list[Entry]]:
    shelf = Shelf()
    rehearsal = shelf.rehearsal(name)
    assert rehearsal is not None
    return shelf.script(name), play(shelf.script(name), 1, rehearsal.trainees[trainee])


REHEARSED = rehearsed()


def test_the_score_is_points_over_the_points_that_apply() -> None:
    marked = mark(
        door(), Log().asks("Armed, is he?", "weapons", "leading").decides("deploy", "emergency").ends().entries, FORCE
    )
    assert marked.score == 75.0
    assert marked.outcome == "passed"
    assert marked.dimensions["risk"] == 50.0
    assert marked.dimensions["decision"] == 100.0
    assert marked.dimensions["time"] is None
    assert marked.verdict("later").result == "not_applicable"


def test_a_critical_failure_caps_the_score_and_fails_the_call() -> None:
    log = Log().trainee("Hello").decides("deploy", "emergency").ends().entries
    marked = mark(door(), log, FORCE)
    assert (marked.score, marked.outcome, marked.critical) == (49.0, "failed", ("weapon unasked",))
    lenient = FORCE.model_copy(update={"marking": FORCE.marking.model_copy(update={"cap": 20})})
    assert mark(door(), log, lenient).score == 20


def test_an_unsure_verdict_counts_neither_way_and_calls_for_an_assessor() -> None:
    log = Log().trainee("mumble", confidence=0.1).decides("deploy", "emergency").ends().entries
    marked = mark(door(), log, FORCE)
    assert (marked.score, marked.outcome, marked.unsure) == (100.0, "needs_assessor", 1)
    assert "An assessor should decide" in marked.verdict("weapons").why


def test_a_call_that_fails_whatever_the_assessor_says_has_failed() -> None:
    log = Log().trainee("mumble", confidence=0.1).decides("resolve").ends().entries
    assert mark(door(), log, FORCE).outcome == "failed"


def test_an_engine_without_confidence_is_trusted() -> None:
    log = Log().trainee("mumble").decides("deploy", "emergency").ends().entries
    assert mark(door(), log, FORCE).unsure == 0


def test_a_force_may_weigh_dimensions() -> None:
    log = Log().asks("Armed, is he?", "weapons", "leading").decides("deploy", "emergency").ends().entries
    rules = FORCE.marking.model_copy(update={"weights": {"risk": 3.0}})
    weighed = mark(door(), log, FORCE.model_copy(update={"marking": rules}))
    assert weighed.verdict("weapons").of == 30
    assert weighed.score == 62.5


def test_a_log_torn_before_its_answer_cannot_be_marked_and_says_so() -> None:
    with pytest.raises(MarkingError, match="seed is unknown"):
        mark(door(), [], FORCE)


def test_a_call_marks_wherever_its_log_is_torn() -> None:
    script_, log = rehearsed()
    for length in range(1, len(log), 7):
        marked = mark(script_, log[:length], FORCE)
        assert len(marked.verdicts) == len(script_.criteria)


@settings(max_examples=60, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_a_damaged_log_still_marks(chance: Random) -> None:
    script_, log = REHEARSED
    kept = [entry for entry in log[1:] if chance.random() < 0.7]
    if chance.random() < 0.5:
        chance.shuffle(kept)
    marked = mark(script_, [log[0], *kept], FORCE, afresh=chance.random() < 0.1)
    assert 0 <= marked.score <= 100
    assert mark(door(), [log[0], *kept], FORCE).script == "door"


def test_a_log_of_an_older_script_marks_without_what_is_gone() -> None:
    script_, log = rehearsed()
    younger = script_.model_copy(
        update={"facts": [fact for fact in script_.facts if fact.id not in ("address", "child")], "events": []}
    )
    marked = mark(younger, log, FORCE)
    assert marked.verdict("location").result == "not_applicable"
    assert "address" not in marked.facts


def test_the_same_log_gives_the_same_marksheet_to_the_byte() -> None:
    script_, log = rehearsed()
    stored, torn = decode_all([encode(entry) for entry in log])
    assert not torn
    first, second = (mark(script_, one, FORCE).model_dump_json() for one in (log, stored))
    assert first == second


def test_every_verdict_has_a_sentence_and_evidence() -> None:
    for trainee in ("good", "middling", "dangerous"):
        for verdict in mark(*rehearsed(trainee=trainee), FORCE).verdicts:
            assert verdict.why.endswith(".")
            assert verdict.evidence
            assert all(piece.quote for piece in verdict.evidence)


def test_a_log_of_an_older_understanding_is_understood_afresh() -> None:
    script_, log = rehearsed()
    expected = mark(script_, log, FORCE)
    old: list[Entry] = []
    for entry in log:
        if isinstance(entry, Understood):
            nothing = replace(entry.meaning, asks=(), acts=(), decision=(), grade=None)
            old.append(replace(entry, version="ancient", meaning=nothing, read_backs=()))
        elif not isinstance(entry, Recorded):
            old.append(entry)
    assert mark(script_, old, FORCE) == expected


def test_words_torn_off_from_their_understanding_are_understood_when_marked_afresh() -> None:
    script_, log = rehearsed()
    end = next(n for n, entry in enumerate(log) if isinstance(entry, Understood))
    assert mark(script_, log[:end], FORCE).facts["address"].state == "not_asked"
    assert mark(script_, log[:end], FORCE, afresh=True).facts["address"].state == "asked"


def test_a_corrected_script_is_marked_from_the_same_log() -> None:
    address = draw(script(), 1).values["address"]
    log = Log().caller(f"{address}.", "address", about="fact:address").trainee(f"So that's {address}?").ends().entries
    marked = mark(script(), log, FORCE, afresh=True)
    assert marked.facts["address"].state == "read_back_right"
    assert mark(script(), log, FORCE).facts["address"].state == "told"


def test_the_facts_states_and_their_times() -> None:
    wrong = ReadBack("address", right=False, heard="9 Elm Row", why="")
    right = ReadBack("address", right=True, heard="", why="")
    log = Log().asks("Where?", "location").caller("It's", "address").trainee("9 Elm Row", backs=[wrong])
    assert mark(script(), log.entries, FORCE).facts["address"].state == "read_back_wrong"
    log.trainee("So it's", backs=[right]).types("address", draw(script(), 1).values["address"])
    facts = mark(script(), log.ends().entries, FORCE).facts
    assert facts["address"].state == "recorded"
    assert facts["address"].asked == (0.0,)
    assert facts["address"].told == (4.0,)
    assert (facts["address"].read_back_wrong, facts["address"].read_back_right) == ((4.0,), (6.0,))
    assert facts["knife"].state == "not_asked"


def test_a_trainee_who_says_nothing_fails_where_one_who_speaks_passes() -> None:
    script_, log = rehearsed()
    silent = mark(script_, play(script_, 1, Trainee(turns=[TrainedTurn(wait=120)])), FORCE)
    assert silent.score < 35
    assert set(silent.critical) == {"no usable location", "life risk under-graded"}
    assert mark(script_, log, FORCE).score > 85


def test_with_the_roles_swapped_the_same_call_earns_little() -> None:
    script_, log = rehearsed()
    callers = iter([entry.text for entry in log if isinstance(entry, Say)] * 3)
    trainees = iter([entry.text for entry in log if isinstance(entry, Utterance)] * 3)
    swapped: list[Entry] = []
    for entry in log:
        if isinstance(entry, Utterance):
            words = next(callers)
            swapped.append(replace(entry, text=words))
        elif isinstance(entry, Understood):
            swapped.append(replace(entry, text=words, version="swapped"))
        elif isinstance(entry, Say):
            swapped.append(replace(entry, text=next(trainees), tells=()))
        else:
            swapped.append(entry)
    assert mark(script_, swapped, FORCE).score < mark(script_, log, FORCE).score - 30


def test_a_marksheet_has_its_published_shape_and_the_schema_is_current() -> None:
    published = Path(marksheet.__file__).with_name("marksheet.schema.json").read_text(encoding="utf-8")
    schema = json.loads(published)
    assert schema == marksheet.json_schema(), "write marksheet.json_schema() to scripts/marksheet.schema.json"
    marked = mark(*rehearsed(), FORCE)
    jsonschema.validate(marked.as_dict(), schema)
    assert marked.understanding_version == UNDERSTANDING_VERSION


def test_an_unknown_criterion_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        mark(door(), Log().entries, FORCE).verdict("nothing")
