"""The player against an outlet whose playing is turned by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.frame import FRAME_SECONDS, Frame
from fakes import RATE, hum
from scripts.events import Say
from server.player import BREATH, LINE_LEAD, Ending, Player
from server.scenery import Scenery


@dataclass
class Outlet:
    """Plays what it was given when told to."""

    rate: int = RATE
    waiting: list[Frame] = field(default_factory=list)
    played: list[Frame] = field(default_factory=list)

    def play(self, frame: Frame) -> None:
        self.waiting.append(frame)

    def flush(self) -> float:
        seconds = len(self.waiting) * FRAME_SECONDS
        self.waiting.clear()
        return seconds

    @property
    def played_seconds(self) -> float:
        return len(self.played) * FRAME_SECONDS

    @property
    def ahead_seconds(self) -> float:
        return len(self.waiting) * FRAME_SECONDS

    def turn(self) -> None:
        if self.waiting:
            self.played.append(self.waiting.pop(0))


def say(line: str, *, interrupts: bool = False) -> Say:
    return Say(0.0, line, "words", "words", 50, interrupts=interrupts)


def player() -> tuple[Player, Outlet]:
    outlet = Outlet()
    return Player(outlet, Scenery(RATE)), outlet


def run(player: Player, outlet: Outlet, seconds: float, *, wait: bool = False) -> list[Ending]:
    endings = []
    for _ in range(round(seconds / FRAME_SECONDS)):
        endings += player.step(wait=wait)
        outlet.turn()
    return endings


def loud(frame: Frame) -> bool:
    return bool(np.abs(np.frombuffer(frame.samples, "<i2").astype(int)).max() > 1000)


def test_a_line_ends_when_all_of_it_was_heard() -> None:
    caller, outlet = player()
    caller.add(say("1"), hum(1.0))
    assert run(caller, outlet, 1.0) == []
    assert run(caller, outlet, 0.04) == [Ending("1", 1.0)]


def test_no_more_than_the_lead_is_ever_handed_over() -> None:
    caller, outlet = player()
    caller.add(say("1"), hum(3.0))
    for _ in range(100):
        caller.step()
        assert len(outlet.waiting) * FRAME_SECONDS <= LINE_LEAD + 1e-9
        outlet.turn()


def test_lines_follow_each_other_with_a_breath_between() -> None:
    caller, outlet = player()
    caller.add(say("1"), hum(0.5))
    caller.add(say("2"), hum(0.5))
    endings = run(caller, outlet, 2.0)
    assert [ending.line for ending in endings] == ["1", "2"]
    quiet = [not loud(frame) for frame in outlet.played[:62]]
    assert sum(quiet) * FRAME_SECONDS == pytest.approx(BREATH, abs=0.03)


def test_a_paused_line_is_silent_at_once_and_plays_on_from_what_was_heard() -> None:
    caller, outlet = player()
    caller.add(say("1"), hum(2.0))
    run(caller, outlet, 1.0)
    caller.pause()
    assert not any(map(loud, outlet.waiting))
    before = sum(map(loud, outlet.played))
    run(caller, outlet, 1.0)
    assert sum(map(loud, outlet.played)) == before
    assert not caller.speaking
    caller.resume()
    assert run(caller, outlet, 1.2) == [Ending("1", 1.0)]
    assert sum(map(loud, outlet.played)) * FRAME_SECONDS == pytest.approx(2.0, abs=0.03)


def test_a_cut_line_counts_by_what_was_heard_and_those_behind_it_not_at_all() -> None:
    caller, outlet = player()
    caller.add(say("1"), hum(2.0))
    caller.add(say("2"), hum(2.0))
    run(caller, outlet, 0.5)
    first, second = caller.cut()
    assert first.line == "1"
    assert first.heard == pytest.approx(0.25, abs=0.02)
    assert second == Ending("2", 0.0)
    assert not outlet.waiting
    assert not caller.busy


def test_a_line_that_is_not_ready_holds_back_those_behind_it() -> None:
    caller, outlet = player()
    caller.add(say("1"), None)
    caller.add(say("2"), hum(0.2))
    run(caller, outlet, 1.0)
    assert not any(map(loud, outlet.played))
    caller.ready("1", hum(0.2))
    assert [ending.line for ending in run(caller, outlet, 1.0)] == ["1", "2"]


def test_a_line_that_cannot_be_spoken_makes_way() -> None:
    caller, outlet = player()
    caller.add(say("1"), None)
    caller.add(say("2"), hum(0.2))
    assert caller.fail("1") == [Ending("1", 0.0)]
    assert run(caller, outlet, 1.0) == [Ending("2", 1.0)]


def test_no_line_begins_while_the_trainee_speaks_unless_it_breaks_in() -> None:
    caller, outlet = player()
    caller.add(say("1"), hum(0.2))
    run(caller, outlet, 0.5, wait=True)
    assert not any(map(loud, outlet.played))
    caller.cut()
    caller.add(say("2", interrupts=True), hum(0.2))
    assert run(caller, outlet, 0.5, wait=True) == [Ending("2", 1.0)]


def test_a_line_without_sound_is_over_at_once() -> None:
    caller, _ = player()
    caller.add(say("1"), Frame(b"", RATE))
    assert caller.step() == [Ending("1", 1.0)]


def test_the_recording_holds_what_was_heard_and_not_what_was_taken_back() -> None:
    caller, outlet = player()
    caller.add(say("1"), hum(1.0))
    recorded = []
    for step in range(60):
        if step == 20:
            caller.pause()
        if step == 30:
            caller.resume()
        caller.step()
        outlet.turn()
        recorded.append(caller.recorded())
    assert sum(map(loud, recorded)) == sum(map(loud, outlet.played))


@given(st.lists(st.sampled_from(["step", "turn", "pause", "resume", "cut", "add"]), max_size=200))
def test_whatever_happens_no_line_is_credited_with_more_than_was_played(deeds: list[str]) -> None:
    caller, outlet = player()
    credited = 0.0
    added = 0
    for deed in deeds:
        match deed:
            case "step":
                credited += sum(ending.heard for ending in caller.step()) * 0.3
            case "turn":
                outlet.turn()
            case "pause":
                caller.pause()
            case "resume":
                caller.resume()
            case "cut":
                credited += sum(ending.heard for ending in caller.cut()) * 0.3
            case _:
                added += 1
                caller.add(say(str(added)), hum(0.3))
        assert credited <= sum(map(loud, outlet.played)) * FRAME_SECONDS + 0.001 * added + 1e-6
