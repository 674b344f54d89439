"""Quick calls: what comes with the program, how a round is dealt and scored, and the game in the terminal."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audio.pcm import level as speech_level
from command_line import RunCommand, runner
from scripts.cast import draw
from scripts.check_words import words
from scripts.force import default_force
from scripts.parsing import ScriptError
from scripts.quick import (
    ANSWERS,
    CALLS,
    MOST_BONUS,
    RIGHT,
    SECONDS,
    Answer,
    QuickCall,
    Round,
    deal,
    debrief,
    parse_quick,
    quick_calls,
)  # fmt: skip
from scripts.shelf import NOTED
from scripts.softening import soften
from server.cli_quick import Left, Player
from sound_card import SoundCard, heard, running_sound_card

__all__ = ["running_sound_card"]  # the fixture `sound_card`

SHELF = quick_calls()
NAMES = [call.id for call in SHELF]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "home"))
    return runner(monkeypatch, capsys)


def played(round_: Round, seconds: float | None = 0.0) -> Round:
    """The round with every call answered right."""
    while round_.current is not None:
        round_ = round_.answer(round_.current.right, seconds)
    return round_


def key(call: QuickCall) -> str:
    return next(key for key, decision in ANSWERS.items() if decision == call.right.decision)


# --- the calls ------------------------------------------------------------------------------------------------


def test_forty_quick_calls_come_with_the_program_a_third_of_them_not_for_the_police() -> None:
    assert len(SHELF) >= 40
    assert len(set(NAMES)) == len(SHELF)
    others = sum(not call.for_police for call in SHELF)
    assert 0.3 <= others / len(SHELF) <= 0.4
    assert {call.right.decision for call in SHELF} == set(ANSWERS.values())
    assert {call.caller.accent for call in SHELF} >= {"rp", "north", "midlands", "scotland", "wales", "london"}


@pytest.mark.parametrize("call", SHELF, ids=NAMES)
def test_a_quick_call_can_be_said_and_names_nobodys_details(call: QuickCall) -> None:
    assert list(words(call.script())) == []
    assert call.cast, "something is drawn anew each time"
    heard = {call.heard(seed)[1].spoken for seed in range(20)}
    assert len(heard) > 1
    assert all("{" not in spoken for spoken in heard)


@pytest.mark.parametrize("call", SHELF, ids=NAMES)
def test_a_quick_call_is_short_enough_to_be_kept_in_mind(call: QuickCall) -> None:
    """Sixty words are twenty seconds of unhurried speech; the clock starts after the last of them."""
    assert max(len(call.heard(seed)[1].spoken.split()) for seed in range(20)) <= 60


@pytest.mark.parametrize("call", SHELF, ids=NAMES)
def test_the_right_answer_is_right_and_every_acceptable_one_acceptable(call: QuickCall) -> None:
    assert call.rate(call.right) == "right"
    assert [call.rate(answer) for answer in call.acceptable] == ["acceptable"] * len(call.acceptable)
    assert call.rate(None) == "late"
    by_key = [call.rate(Answer(decision=decision)) for decision in ANSWERS.values()]
    assert by_key.count("right") == 1
    assert "wrong" in by_key


def test_a_wrong_grade_is_not_right_where_grades_are_given() -> None:
    call = next(call for call in SHELF if call.id == "petrol-at-the-letterbox")
    assert call.rate(Answer(decision="deploy", grade="scheduled")) == "wrong"
    assert call.rate(Answer(decision="deploy")) == "right"


def test_noted_and_named_calls_can_be_hidden() -> None:
    noted = {call.id for call in SHELF if call.content_note}
    assert noted
    assert {call.id for call in quick_calls([NOTED])} == set(NAMES) - noted
    assert {call.id for call in quick_calls(["pineapple"])} == set(NAMES) - {"pineapple"}


def test_softened_calls_are_the_same_calls() -> None:
    assert [call.id for call in quick_calls(soft=True)] == NAMES
    assert all(soften(call.says) == call.says for call in quick_calls(soft=True))


def test_the_debrief_speaks_as_the_force_does() -> None:
    right = {given.call.id: debrief(given, default_force()) for given in played(deal(SHELF, 1, len(SHELF))).given}
    assert right["petrol-at-the-letterbox"].startswith("A smell of petrol: deploy, immediate. ")
    assert right["tablets-till-monday"].startswith("None left till Monday: refer to NHS 111. ")
    assert right["pineapple"].startswith("He said no pineapple: no police action. ")
    assert right["pump-four"].startswith("Pump four: resolve by telephone. ")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("calls = ", "not readable as TOML"),
        ("[[calls]]\nid = 'x'", "x.toml: calls[0].title: "),
        ("[[calls]]\nright = { decision = 'shoot' }", "x.toml: calls[0].right.decision: "),
    ],
)
def test_a_quick_call_with_a_mistake_is_named_at_its_place(text: str, complaint: str) -> None:
    with pytest.raises(ScriptError) as told:
        parse_quick(text, "x.toml")
    assert complaint in str(told.value)


# --- a round --------------------------------------------------------------------------------------------------


def test_a_round_is_ten_different_calls_of_all_kinds_the_easier_first() -> None:
    for seed in range(50):
        calls = deal(SHELF, seed).calls
        assert len({call.id for call in calls}) == CALLS
        assert sum(not call.for_police for call in calls) == 3
        assert [call.difficulty for call in calls] == sorted(call.difficulty for call in calls)


def test_the_same_seed_deals_and_casts_the_same_round() -> None:
    one, other = deal(SHELF, 7), deal(SHELF, 7)
    assert one == other
    assert [call.heard(7)[1].text for call in one.calls] == [call.heard(7)[1].text for call in other.calls]
    assert deal(SHELF, 8).calls != one.calls
    assert draw(one.calls[0].script(), 7).values == draw(other.calls[0].script(), 7).values


def test_few_calls_make_a_short_round() -> None:
    assert len(deal(SHELF[:4], 1).calls) == 4
    assert deal([], 1).current is None


def test_everything_right_at_once_scores_the_most() -> None:
    perfect = played(deal(SHELF, 1))
    assert perfect.score == perfect.most
    assert (perfect.right, perfect.best_streak, perfect.current) == (CALLS, CALLS, None)


def test_a_later_answer_scores_less_and_one_after_the_clock_nothing() -> None:
    first = deal(SHELF, 1)
    assert first.current is not None
    points = [first.answer(first.current.right, seconds).score for seconds in (0, 3, 6, 9, SECONDS)]
    assert points == sorted(points, reverse=True)
    assert len(set(points)) == len(points)
    late = first.answer(first.current.right, SECONDS + 0.1)
    assert (late.score, late.given[0].rating) == (0, "late")


def test_without_a_clock_an_answer_counts_as_one_in_half_the_time() -> None:
    assert played(deal(SHELF, 1), None).score == played(deal(SHELF, 1), SECONDS / 2).score


def test_a_streak_earns_a_bonus_up_to_a_bound_and_a_wrong_answer_ends_it() -> None:
    perfect = played(deal(SHELF, 1))
    bonuses = [given.points - RIGHT for given in perfect.given]
    assert bonuses == [0, 10, 20, 30, 40, MOST_BONUS, MOST_BONUS, MOST_BONUS, MOST_BONUS, MOST_BONUS]
    broken = deal(SHELF, 1)
    for number in range(CALLS):
        assert broken.current is not None
        broken = broken.answer(None if number == 4 else broken.current.right, 0)
    assert [given.streak for given in broken.given] == [1, 2, 3, 4, 0, 1, 2, 3, 4, 5]
    assert broken.best_streak == 5


def test_an_acceptable_answer_is_worth_half_and_keeps_the_streak() -> None:
    call = next(call for call in SHELF if call.id == "alarm-in-the-flat-above")
    round_ = Round(1, (call, call)).answer(call.right, 0).answer("deploy", 0)
    assert [(given.rating, given.points, given.streak) for given in round_.given] == [
        ("right", 100, 1), ("acceptable", 50, 1),
    ]  # fmt: skip


def test_a_round_that_is_over_takes_no_more_answers() -> None:
    with pytest.raises(IndexError):
        played(deal(SHELF, 1)).answer("deploy")


# --- in the terminal ------------------------------------------------------------------------------------------


def test_ten_right_keys_from_a_pipe_are_ten_right_answers(command: RunCommand) -> None:
    round_ = deal(SHELF, 7)
    done = command("quick", "--seed", "7", typed="".join(f"{key(call)}\n" for call in round_.calls))
    assert (done.code, done.err) == (0, "")
    assert f"{played(round_, None).score} of {round_.most} points" in done.out
    assert "10 of 10 right, best streak 10" in done.out
    for call in round_.calls:
        assert call.heard(7)[1].text in done.out, "without a voice the caller is shown"
        assert call.why in done.out


def test_a_wrong_key_is_asked_again_and_the_end_of_the_input_ends_the_round(command: RunCommand) -> None:
    done = command("quick", "--seed", "7", typed="9\n" + key(deal(SHELF, 7).calls[0]) + "\n")
    assert done.code == 0
    assert done.out.count("Press 1, 2, 3 or 4") == 1
    assert "1 of 1 right" in done.out


def test_a_site_that_hides_everything_is_told(command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_HIDE", NOTED)
    out = command("quick", "--seed", "7", typed="").out
    assert "Content note" not in out


async def test_a_key_in_time_is_the_answer_and_other_keys_are_passed_over() -> None:
    player = Player(clock=True)
    answering = asyncio.create_task(player.answer())
    await asyncio.sleep(0)  # let it throw away what came too soon
    for pressed in "x93":
        player.keys.put_nowait(pressed)
    decision, seconds = await answering
    assert decision == "refer"
    assert seconds is not None
    assert 0 <= seconds < SECONDS


SPEAK = """
import asyncio, sys
from pathlib import Path
from scripts.quick import Round, quick_calls
from server.quick_voice import quick_voice
from server.settings import load

async def speak():
    calls = tuple(sorted(quick_calls(), key=lambda call: len(call.says)))[:1]
    async with quick_voice(Round(1, calls), load(Path(sys.argv[1])), print) as voice:
        await voice.speak(0)
        print("spoken")

asyncio.run(speak())
"""


def test_a_caller_is_heard_through_the_loudspeaker(sound_card: SoundCard, tmp_path: Path) -> None:
    with sound_card.record_loudspeaker(tmp_path / "heard.raw"):
        assert sound_card.run(SPEAK, str(tmp_path / "home")).splitlines()[-1] == "spoken"
    assert speech_level(heard(tmp_path / "heard.raw")) > -45


def test_without_a_loudspeaker_the_round_is_told_why_it_is_not_spoken(tmp_path: Path) -> None:
    code = SPEAK.replace("print) as", "print, loudspeaker='a trumpet') as").replace(
        "await voice.speak(0)", "assert not voice"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("The callers are shown, not spoken: ")
    assert done.stdout.endswith("spoken\n"), "the round goes on"


async def test_q_leaves_the_round() -> None:
    player = Player(clock=True)
    answering = asyncio.create_task(player.answer())
    await asyncio.sleep(0)
    player.keys.put_nowait("q")
    with pytest.raises(Left):
        await answering
