"""Ten quick calls on a telephone line: by virtual time on a line of plain values, then over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from audio.codec import resample, ulaw_encode
from audio.frame import Frame, silence
from fakes import ScriptedEar, voice
from scripts.quick import ANSWERS, CALLS, SECONDS, VERDICTS, Answer, QuickCall, Round, deal, quick_calls
from scripts.shelf import NOTED
from server import quick_words
from server.announcer import Announcer
from server.engines import Engines, prepare
from server.handset import Gesture, Handset, HandsetLost, HangUp, Press
from server.quick_line import QuickLine
from server.quick_scores import QuickScores
from server.schema import quick_rounds
from speech import call as sounds
from speech import needs_flite, speech
from telephone import PIN, MediaSocket, Network, QuickMouth, again_until, make_settings, running, until
from test_exchange import Person, on_the_line
from test_exchange import room as exchange_room
from voice.choice import choose_ear

SHELF = quick_calls()
KEYS = {decision: key for key, decision in ANSWERS.items()}
SEED = 7
Act = tuple[float, Gesture] | None
"""What is done in a call, and how many seconds after the caller was heard; None for nothing."""


class VirtualLine:
    """A line on which time passes as frames are taken, and everything played is heard at once."""

    rate = 8000
    over: str | None = None
    ahead_seconds = 0.0

    def __init__(self, acts: Sequence[Act]) -> None:
        self.now = 0.0
        self._acts = list(acts)
        self._due: Act = None
        self.played = 0.0

    def clock(self) -> float:
        return self.now

    async def receive(self) -> Frame | Gesture:
        await asyncio.sleep(0)
        if self._due is not None and self.now >= self._due[0]:
            act, self._due = self._due[1], None
            return act
        self.now += 0.02
        return silence(0.02, self.rate)

    def play(self, frame: Frame) -> None:
        self.played += frame.seconds

    def flush(self) -> float:
        return 0.0

    async def heard(self) -> None:
        """A caller was heard to the end: what is done then counts from now."""
        act = self._acts.pop(0) if self._acts else None
        self._due = (self.now + act[0], act[1]) if act else None

    def handset(self) -> Handset:
        raise AssertionError("no whole call was expected")


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Engines]:
    async with prepare(make_settings(tmp_path), ear=ScriptedEar([]), mouth=QuickMouth(seconds=0.1)) as made:
        yield made


def said(engines: Engines) -> str:
    assert isinstance(engines.mouth, QuickMouth)
    return " ".join(engines.mouth.rendered)


async def play(engines: Engines, acts: Sequence[Act], seed: int = SEED) -> str:
    line = VirtualLine(acts)
    announcer = Announcer(line, engines.lines, "a voice")
    return await QuickLine(engines, line, announcer, "Ann Other", line.clock, seed).play()


def right(call: QuickCall) -> Press:
    return Press(KEYS[call.right.decision])


async def test_ten_right_keys_score_by_the_clock_and_the_best_is_kept(engines: Engines) -> None:
    round_ = deal(SHELF, SEED)
    told = await play(engines, [(3.0, right(call)) for call in round_.calls])
    expected = round_
    for call in round_.calls:
        expected = expected.answer(call.right.decision, 3.0)
        assert call.why.split(". ")[0].rstrip(".") in said(engines)
    assert told.startswith(f"{expected.score} points. 10 of 10 right.")
    assert "That is your best so far." in told
    assert QuickScores(engines.records).best("Ann Other") == expected.score


async def test_the_clock_runs_out_and_other_keys_mean_nothing(engines: Engines) -> None:
    round_ = deal(SHELF, SEED)
    acts: list[Act] = [None, (1.0, Press("9")), (SECONDS + 2.0, right(round_.calls[2])), (1.0, Press("#"))]
    told = await play(engines, acts)
    assert told == "0 points. 0 of 3 right."
    assert "Too late." in said(engines)
    assert QuickScores(engines.records).best("Ann Other") is None, "a round that was left is no result"


async def test_who_hangs_up_is_gone(engines: Engines) -> None:
    with pytest.raises(HandsetLost):
        await play(engines, [(1.0, HangUp())])
    assert engines.load.calls == 0


async def test_a_content_note_is_told_before_its_caller(engines: Engines) -> None:
    noted = next(call for call in SHELF if call.content_note)
    seed = next(seed for seed in range(1, 999) if noted in deal(SHELF, seed).calls[:CALLS])
    await play(engines, [(0.5, Press("1"))] * CALLS, seed)
    assert f"Content note. {noted.content_note}" in said(engines)


async def test_a_site_that_hides_every_quick_call_says_so(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, hide=(NOTED, *(call.id for call in SHELF)))
    async with prepare(settings, ear=ScriptedEar([]), mouth=QuickMouth(seconds=0.1)) as engines:
        assert await play(engines, []) == quick_words.NONE_HERE


# --- over the networks' sockets -------------------------------------------------------------------------------


def began(network: Network) -> Round | None:
    """The round that was last begun, as the records know it."""
    assert network.engines
    with network.engines.records.reading() as connection:
        seed = connection.scalar(select(quick_rounds.c.seed).order_by(quick_rounds.c.began.desc()))
    return deal(SHELF, seed) if seed else None


def explained(network: Network, call: QuickCall) -> bool:
    """Whether the assistant has said why."""
    return any(call.why.split(". ")[0].rstrip(".") in text for text in network.mouth.rendered)


async def test_on_the_telephone_by_key_and_by_voice_and_then_back_to_the_menu(tmp_path: Path) -> None:
    async with running(tmp_path, texts=["resolve"], lines=0.1) as network:
        async with network.dial(menu="3") as trainee:
            await until(lambda: began(network))
            round_ = began(network)
            assert round_ is not None
            await _press_until(trainee, right(round_.calls[0]), lambda: "Call 2." in network.mouth.rendered)
            assert "Right." in network.mouth.rendered
            words = ulaw_encode(sounds(resample(voice(1.2), 8000), 1.5, rate=8000))  # and silent for as long
            await _say_until(trainee, words, lambda: explained(network, round_.calls[1]))
            assert VERDICTS[round_.calls[1].rate(Answer(decision="resolve"))] in network.mouth.rendered
            assert "Too late." not in network.mouth.rendered
            await _press_until(
                trainee, Press("#"), lambda: any("of 2 right" in one for one in network.mouth.rendered)
            )
            await until(lambda: any("For another call, press 1." in text for text in network.mouth.rendered))
            await trainee.hang_up()
            await until(lambda: trainee.closed)
        assert network.engines
        assert network.engines.records.calls() == [], "quick calls are no whole calls"


@needs_flite
async def test_a_decision_over_an_eight_kilohertz_line_is_understood(tmp_path: Path) -> None:
    """The program's own recogniser."""
    says = ulaw_encode(sounds(resample(speech("No action."), 8000), 2.0, rate=8000))
    async with (
        running(tmp_path, choose_ear(None, None, tmp_path), lines=0.1) as network,
        network.dial(menu="3") as trainee,
    ):
        await until(lambda: began(network))
        round_ = began(network)
        assert round_ is not None
        await _say_until(trainee, says, lambda: explained(network, round_.calls[0]))
        assert VERDICTS[round_.calls[0].rate(Answer(decision="none"))] in network.mouth.rendered
        await trainee.hang_up()
        await until(lambda: trainee.closed)


async def _press_until(trainee: MediaSocket, key: Press, holds: Callable[[], bool]) -> None:
    """Press it again and again: too soon it means nothing, and while the assistant speaks it goes on."""
    await again_until(lambda: trainee.press(key.key), holds)


async def _say_until(trainee: MediaSocket, sound: bytes, holds: Callable[[], bool]) -> None:
    """Say it, and again once it is said."""

    async def say() -> None:
        if not trainee.speaking:
            trainee.say(sound)

    await again_until(say, holds)


async def test_on_the_control_rooms_own_exchange(tmp_path: Path) -> None:
    async with exchange_room(tmp_path, lines=0.1) as exchange:
        person = Person()
        rendered = exchange.network.mouth.rendered
        async with on_the_line(exchange.ring(person, uuid4())):
            await until(lambda: any("PIN" in text for text in rendered))
            for key in PIN:
                person.press(key)
            await until(lambda: any("press 3" in text for text in rendered))
            person.press("3")
            await until(lambda: began(exchange.network))
            round_ = began(exchange.network)
            assert round_ is not None
            right_key = KEYS[round_.calls[0].right.decision]

            async def press() -> None:
                person.press(right_key)

            await again_until(press, lambda: "Call 2." in rendered)
            person.hang_up()
        await until(lambda: not exchange.in_progress)
