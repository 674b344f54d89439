"""What authors and trainees do that nobody planned for: it is named, or it fails the call, and nothing falls over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from command_line import runner
from logs import script as parsed
from scripts.check import problems
from scripts.check_force import dropped
from scripts.events import Entry, Recorded, Understood
from scripts.force import default_force, load_force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.parsing import ScriptError
from scripts.rehearsal import TrainedTurn, TypedCall, play
from scripts.script import Script
from scripts.shelf import Shelf
from small_script import TEXT
from test_check import GOOD, rehearsal

SHELF = Shelf()
NAMES = ("burglary-in-progress", "noise-complaint", "silent-call", "gnome-on-the-roof")
GRADES = '[grades.emergency]\nname = "Now"\n[grades.scheduled]\nname = "Later"\n'

ODD = {
    "breathes": [""] * 8,
    "swears": [
        "Oh for fuck's sake.", "Shit, shit, shit.", "Who the hell rings at this time?", "Piss off, you stupid sod.",
    ],
    "sings": [
        "La la la, la la la la.", "Row, row, row your boat, gently down the stream.",
        "Merrily, merrily, merrily, merrily, life is but a dream.",
        "Oranges and lemons, say the bells of St Clement's.",
    ],
    "speaks Welsh": [
        "Bore da, sut mae heddiw?", "Mae'n ddrwg gen i, dydw i ddim yn siarad Saesneg.",
        "Dw i'n hoffi coffi gyda llaeth a siwgr.", "Diolch yn fawr, hwyl fawr.",
    ],
    "reads the newspaper": [
        "The council has put off its vote on the new swimming baths until the spring, after a long meeting.",
        "Visitors to the flower show were treated to a record marrow on Saturday, in spite of the wet summer.",
        "In sport, the town lost by three goals to one at home, and the manager said that nobody was let down.",
        "Tomorrow will be mostly dry with sunny spells, and a light wind from the west.",
    ],
}  # fmt: skip


def took(script: Script, turns: list[str]) -> tuple[list[Entry], Marksheet]:
    """A call of somebody who says only that (nothing: five seconds of breath), and its marks."""
    call = TypedCall(script, 1)
    for said in turns:
        if not call.over:
            call.take(TrainedTurn(say=said, wait=0 if said else 5))
    if not call.over:
        call.listen()
    if not call.over:
        call.hang_up()
    return call.log, mark(script, call.log, default_force())


# --- scripts --------------------------------------------------------------------------------------------------


def test_an_event_before_the_call_is_refused_at_its_place() -> None:
    with pytest.raises(ScriptError) as told:
        parsed(GOOD.replace("at = 30", "at = -5"), "loft.toml")
    (problem,) = told.value.problems
    assert problem.place == "events[0].at"
    assert "greater than or equal to 0" in problem.message


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ('after = "crash" }', 'after = "crash", before = "crash" }', "facts[2].needs"),
        ('rating = "acceptable"', 'rating = "acceptable"\nafter = "crash"\nbefore = "crash"', "outcomes[1]"),
    ],
)
def test_what_is_after_an_event_and_before_it_contradicts_itself(right: str, wrong: str, place: str) -> None:
    assert right in GOOD
    found = problems(parsed(GOOD.replace(right, wrong, 1), "loft.toml"), rehearsal())
    assert [(each.place, each.message) for each in found] == [
        (place, "can never hold: after 'crash' it is no more before 'crash'")
    ]


def test_what_is_after_a_later_event_and_before_an_earlier_one_contradicts_itself() -> None:
    later = GOOD.replace(
        '[[events]]\nid = "quiet"', '[[events]]\nid = "bang"\nat = 60\nsay = "Again!"\n\n[[events]]\nid = "quiet"'
    )
    contradictory = later.replace('after = "crash" }', 'after = "bang", before = "crash" }')
    (found,) = problems(parsed(contradictory, "loft.toml"), rehearsal())
    assert (found.place, found.message) == (
        "facts[2].needs",
        "can never hold: after 'bang' it is no more before 'crash'",
    )
    possible = later.replace('after = "crash" }', 'after = "crash", before = "bang" }')
    assert problems(parsed(possible, "loft.toml"), rehearsal()) == []


def test_a_circle_of_facts_and_events_is_named_wherever_it_is_entered() -> None:
    circle = GOOD.replace('id = "crash"\nat = 30', 'id = "crash"\nafter_told = "weapons"')
    found = {problem.place: problem.message for problem in problems(parsed(circle, "loft.toml"), rehearsal())}
    assert "'weapons' can never be told: it waits for" in found["facts[2].needs"]
    assert "'crash' can never happen: it follows 'weapons'" in found["events[0]"]
    assert "'quiet' can never happen: it follows 'crash'" in found["events[1]"]


def test_a_grade_that_a_force_has_dropped_is_named_where_it_is_used() -> None:
    script = parsed(GOOD.replace('grade = "emergency"', 'grade = "priority"'), "loft.toml")
    (found,) = dropped(script, load_force(f'name = "Testshire Police"\n{GRADES}', "testshire.toml"))
    assert str(found) == (
        "loft.toml: outcomes[0].grade: Testshire Police has no grade 'priority': "
        "name it in testshire.toml, or use one of emergency, scheduled"
    )
    assert list(dropped(script, load_force('name = "Testshire Police"', "testshire.toml"))) == []
    assert list(dropped(script, default_force())) == []


def test_check_measures_by_the_sites_own_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    (tmp_path / "forces").mkdir()
    (tmp_path / "forces" / "testshire.toml").write_text('name = "T"\n[grades.scheduled]\nname = "L"\n')
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path))
    monkeypatch.setenv("RIGHTCALL_FORCE", "testshire")
    done = runner(monkeypatch, capsys)("check", "burglary-in-progress")
    assert done.code == 1
    assert "T has no grade 'emergency': name it in testshire.toml" in done.out


def test_a_call_is_marked_all_the_same_where_the_force_has_dropped_its_grade() -> None:
    script, force = SHELF.script("burglary-in-progress"), load_force(f'name = "T"\n{GRADES}', "t.toml")
    rehearsed = SHELF.rehearsal("burglary-in-progress")
    assert rehearsed is not None
    log = play(script, 1, rehearsed.good)
    assert mark(script, log, force).disposition.rating == mark(script, log, default_force()).disposition.rating


def test_a_log_of_an_older_version_is_marked_by_the_script_of_today() -> None:
    """Since the call a fact has another name, a detail and an event are new, one has gone, and one more is marked."""
    log = play(parsed(GOOD, "loft.toml"), 1, rehearsal().good)
    then = mark(parsed(GOOD, "loft.toml"), log, default_force())
    today = GOOD.replace("[caller]", '[cast.more]\nkind = "phone"\n\n[caller]')
    today = today.replace('id = "weapons"\ntopic = "weapons"', 'id = "hammer"\ntopic = "weapons"')
    today = today.replace('id = "quiet"\nafter_event', 'id = "silence"\nafter_event')
    today += '\n[[criteria]]\nid = "armed"\nkind = "asked"\ntopic = "weapons"\n'
    now = mark(parsed(today, "loft.toml"), log, default_force(), afresh=True)
    assert now.verdict("armed").result == "unmet"
    for criterion in ("decision", "location", "early"):
        assert now.verdict(criterion).result == then.verdict(criterion).result
    assert now.facts.keys() == {"noise", "address", "hammer"}
    assert now.facts["hammer"].state == "not_asked"


# --- trainees -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHELF.paths())
@pytest.mark.parametrize("habit", ODD)
def test_a_trainee_who_says_nothing_to_the_purpose_never_passes(name: str, habit: str) -> None:
    log, marked = took(SHELF.script(name), ODD[habit])
    assert marked.outcome == "failed"
    assert marked.score < 30
    assert [entry for entry in log if isinstance(entry, Recorded)] == [], "nobody decided anything"
    assert [fact for fact, state in marked.facts.items() if state.read_back_right] == []
    if habit == "breathes":
        earned = {verdict.kind for verdict in marked.verdicts if verdict.points}
        assert "never_said" not in earned, "who says nothing has kept from nothing"


def test_a_trainee_who_only_breathes_is_asked_whether_anybody_is_there_and_left() -> None:
    script = parsed(TEXT, "lost-dog.toml")
    log, _ = took(script, ODD["breathes"] * 4)
    said = [entry.about for entry in log if entry.kind == "say"]
    assert said.count("nudge") == script.caller.gives_up_after
    assert said[-1] == "gives_up"
    assert not any(isinstance(entry, Understood) for entry in log)
    assert log[-1].kind == "ended"
    assert log[-1].by == "caller"


def test_what_only_sounds_like_an_end_ends_no_call_in_which_nothing_is_decided() -> None:
    call = TypedCall(SHELF.script("covert-domestic-abuse"), 1)
    call.say("A yes or a no is all I need.")
    assert not call.over
    call.say("All right. Goodbye.")
    assert call.over


@pytest.mark.parametrize("name", NAMES)
def test_a_monologue_of_ten_minutes_is_one_utterance_that_the_call_survives(name: str) -> None:
    script = SHELF.script(name)
    newspaper = " ".join(ODD["reads the newspaper"])
    monologue = " ".join([newspaper] * 26)
    log, marked = took(script, [f"Where are you? {monologue}"])
    (said,) = [entry for entry in log if entry.kind == "utterance"]
    assert said.ended - said.began > 600
    assert marked.outcome != "passed"
    happened = {entry.event for entry in log if entry.kind == "happened"}
    timed = {event.id for event in script.events if event.at is not None and event.at < 600}
    assert timed - happened <= {event.id for event in script.events if event.unless_told or event.unless_decided}
    assert [entry.at for entry in log] == sorted(entry.at for entry in log)
