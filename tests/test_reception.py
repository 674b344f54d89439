"""A trainee on a line that is made of plain values, in real time but with short lines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audio.frame import Frame
from fakes import ScriptedEar
from server.announcer import Announcer
from server.assignment_records import Assignments
from server.assistant import ASK_PIN, GOODBYE, NO_MORE_PINS, NO_SUCH_CALL, WRONG_PIN
from server.call_scripts import call_script
from server.engines import Engines, prepare
from server.handset import Gesture, Handset, HandsetLost, HangUp, Press
from server.pins import Attempts, PinBook
from server.reception import Reception, let_in
from server.shelving import Catalogue
from telephone import CALLER, PIN, QuickMouth, make_settings, until

NOBODY = "+447700900999"
NOTED, OTHER = "covert-domestic-abuse", "child-caller"
"""Two calls that carry a content note."""
NO_KEY = ""
"""Among keys: for as long as is waited there, none."""


class Only(Catalogue):
    """So many calls on offer and no others."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names

    def offered(self) -> Sequence[str]:
        return self._names


@dataclass
class KeyLine:
    """A line with somebody who presses keys, each as soon as it is waited for, and plays at once."""

    keys: list[str] = field(default_factory=list)
    rate: int = 8000
    over: str | None = None
    ahead_seconds: float = 0.25
    played: int = 0
    """How much was played, in frames."""

    async def receive(self) -> Frame | Gesture:
        if self.keys and (key := self.keys.pop(0)) != NO_KEY:
            return Press(key)
        if self.over is not None and not self.keys:
            return HangUp()
        await asyncio.Event().wait()
        raise AssertionError

    def play(self, frame: Frame) -> None:
        self.played += frame.count > 0

    def flush(self) -> float:
        return 0.0

    async def heard(self) -> None:
        pass

    def handset(self) -> Handset:
        raise AssertionError("no call was expected")


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Engines]:
    async with prepare(make_settings(tmp_path), ear=ScriptedEar([]), mouth=QuickMouth(seconds=0.1)) as made:
        yield made


@pytest.fixture
def pins(tmp_path: Path) -> PinBook:
    book = PinBook(f"sqlite:///{tmp_path / 'pins.db'}", tmp_path)
    book.set("Ann Other", PIN, CALLER)
    return book


def said(engines: Engines) -> str:
    assert isinstance(engines.mouth, QuickMouth)
    return " ".join(engines.mouth.rendered)


async def admitted(engines: Engines, pins: PinBook, keys: str, number: str = NOBODY) -> str | None:
    announcer = Announcer(KeyLine(list(keys)), engines.lines, "a voice")
    return await let_in(announcer, pins, Attempts(), number, time.monotonic)


async def test_a_pin_may_be_keyed_in_on_the_line_itself(engines: Engines, pins: PinBook) -> None:
    assert await admitted(engines, pins, PIN) == "Ann Other"
    assert await admitted(engines, pins, f"000000{PIN}") == "Ann Other"
    assert WRONG_PIN.split(". ")[0] in said(engines)


async def test_three_wrong_pins_on_the_line_are_the_end(engines: Engines, pins: PinBook) -> None:
    assert await admitted(engines, pins, f"000000111111222222{PIN}") is None
    assert NO_MORE_PINS.split(". ")[0] in said(engines)


async def test_a_known_number_is_not_asked(engines: Engines, pins: PinBook) -> None:
    assert await admitted(engines, pins, "", CALLER) == "Ann Other"
    assert ASK_PIN.split(". ")[0] not in said(engines)


async def test_a_key_stops_what_is_being_said(engines: Engines) -> None:
    line = KeyLine(["7"])
    assert await Announcer(line, engines.lines, "a voice").say("One sentence. Another sentence") == "7"
    assert line.played == 1
    assert "Another sentence." not in said(engines)


async def test_who_hangs_up_while_it_speaks_is_gone(engines: Engines) -> None:
    with pytest.raises(HandsetLost):
        await Announcer(KeyLine(over="the trainee hung up"), engines.lines, "a voice").say("One sentence")


async def test_a_number_that_is_no_calls_is_asked_for_again_and_then_it_is_goodbye(engines: Engines) -> None:
    line = KeyLine(list("2" + "9999" + "9998" + "2" + "9999" + "9998"))
    await Reception(engines, line, "Ann Other", Catalogue()).offer()
    assert NO_SUCH_CALL in said(engines)
    assert GOODBYE.split(". ")[0] in said(engines)


async def test_a_call_that_is_an_examination_of_the_trainee_cannot_be_practised_by_telephone(
    engines: Engines,
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    Assignments(engines.records).make("", [NOTED], ["ann"], deadline=tomorrow, examination=True)
    await Reception(engines, KeyLine(list("2" + "1" + "1" + "2" + "1" + "1")), "ann", Only([NOTED])).offer()
    assert NO_SUCH_CALL in said(engines)


async def test_a_call_that_is_chosen_begins(engines: Engines) -> None:
    begun: list[str] = []

    class Ringing(KeyLine):
        def handset(self) -> Handset:
            begun.append("ringing")
            raise HandsetLost("that is enough")

    reception = asyncio.create_task(Reception(engines, Ringing(["1"]), "Ann Other", Catalogue()).offer())
    await until(reception.done)
    assert begun == ["ringing"]


@pytest.mark.parametrize(("key", "rings"), [("1", True), ("2", False)])
async def test_what_is_in_a_distressing_call_is_told_before_it_and_a_key_leaves_it(
    engines: Engines, key: str, rings: bool
) -> None:
    begun: list[str] = []

    class Ringing(KeyLine):
        def handset(self) -> Handset:
            begun.append("ringing")
            raise HandsetLost("that is enough")

    line = Ringing([key], over="the trainee hung up")
    await Reception(engines, line, "Ann Other", Catalogue()).serve(NOTED)
    assert "a note on what is in it" in said(engines)
    assert begun == (["ringing"] if rings else [])


async def test_a_call_that_was_left_is_not_the_next_one_offered(engines: Engines) -> None:
    line = KeyLine(["2", "1", *[NO_KEY] * 12], over="the trainee hung up")
    await Reception(engines, line, "Ann Other", Only([NOTED, OTHER])).serve(NOTED)
    assert call_script(OTHER).script.content_note.split(". ")[0] in said(engines)
