"""The telephone as a handset, on a clock that is turned by hand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.frame import FRAME_SECONDS, Frame
from fakes import hum
from server.handset import HandsetLost, HangUp, Press
from server.inbox import MOST_WAITING
from server.phone_handset import IDLE_MARK_EVERY, MARK_EVERY, MOST_FILLED, RING_SECONDS, Circuit, PhoneHandset
from server.phone_wire import KeyHeard, MarkReturned, MediaFrame

STREAM = "MZ" + "1" * 32
TONE = Frame(hum(1.0, 8000).samples[:320], 8000)
SILENCE = b"\xff" * 160


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Wire:
    """A circuit, its clock, and what it has sent."""

    clock: Clock = field(default_factory=Clock)
    sent: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.circuit = Circuit(STREAM, self.clock)

    async def go(self, frames: int = 0) -> None:
        """Play so many frames and let all be sent."""
        for _ in range(frames):
            self.circuit.play(TONE)
        sending = asyncio.create_task(self.circuit.send_all(self._send))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    @property
    def kinds(self) -> list[object]:
        return [message["event"] for message in self.sent]

    def returned(self, number: int) -> None:
        self.circuit.take(MarkReturned(str(number)))


@pytest.fixture
def wire() -> Wire:
    return Wire()


async def test_sound_goes_out_in_order_with_a_mark_after_each_phrase(wire: Wire) -> None:
    await wire.go(2 * MARK_EVERY)
    assert wire.kinds == [*["media"] * MARK_EVERY, "mark"] * 2


async def test_where_nothing_is_said_marks_are_rare_and_one_proves_where_the_line_ended(wire: Wire) -> None:
    await wire.go(MARK_EVERY + 3)
    wire.clock.now += (MARK_EVERY + 1) * FRAME_SECONDS
    for _ in range(IDLE_MARK_EVERY):
        await wire.go(1)
        wire.clock.now += FRAME_SECONDS
    line, tail, idle = ["media"] * MARK_EVERY, ["media"] * 3, ["media"] * IDLE_MARK_EVERY
    assert wire.kinds == [*line, "mark", *tail, "mark", *idle, "mark"]
    wire.returned(2)
    assert wire.circuit.proven_seconds >= (MARK_EVERY + 3) * FRAME_SECONDS - 1e-6


async def test_what_is_still_to_be_played_is_known_by_the_clock(wire: Wire) -> None:
    await wire.go(10)
    assert wire.circuit.ahead_seconds == pytest.approx(0.2)
    wire.clock.now += 0.15
    assert wire.circuit.ahead_seconds == pytest.approx(0.05)
    wire.clock.now += 1.0
    assert wire.circuit.ahead_seconds == 0.0


async def test_nothing_is_proven_as_heard_before_a_mark_comes_back(wire: Wire) -> None:
    await wire.go(10)
    wire.clock.now += 5.0
    assert wire.circuit.proven_seconds == 0.0
    wire.returned(1)
    assert wire.circuit.proven_seconds == pytest.approx(0.1)


async def test_between_two_marks_credit_grows_with_the_clock_but_never_past_the_next(wire: Wire) -> None:
    await wire.go(10)
    wire.clock.now += 0.12
    wire.returned(1)
    wire.clock.now += 0.04
    assert wire.circuit.proven_seconds == pytest.approx(0.14)
    wire.clock.now += 5.0
    assert wire.circuit.proven_seconds == pytest.approx(0.2)


async def test_a_mark_cannot_prove_more_than_can_have_been_played(wire: Wire) -> None:
    await wire.go(10)
    wire.clock.now += 0.03
    wire.returned(2)
    assert wire.circuit.proven_seconds == pytest.approx(0.03)


async def test_a_gap_in_the_sound_ends_the_credit_by_clock(wire: Wire) -> None:
    await wire.go(5)
    wire.clock.now += 0.1
    wire.returned(1)
    wire.clock.now += 3.0
    await wire.go(5)
    wire.clock.now += 0.1
    assert wire.circuit.proven_seconds == pytest.approx(0.1)
    wire.returned(2)
    assert wire.circuit.proven_seconds == pytest.approx(0.2)


async def test_a_flush_clears_what_was_sent_also_when_all_of_it_was(wire: Wire) -> None:
    await wire.go(10)
    wire.clock.now += 0.12
    wire.returned(1)
    assert wire.circuit.flush() == pytest.approx(0.1)
    await wire.go()
    assert wire.kinds[-1] == "clear"
    assert wire.circuit.ahead_seconds == 0.0


async def test_after_a_clear_nothing_of_the_old_line_is_sent(wire: Wire) -> None:
    for _ in range(10):
        wire.circuit.play(TONE)
    wire.circuit.flush()
    await wire.go()
    assert wire.kinds == ["clear"]


async def test_a_flush_with_nothing_unheard_sends_nothing(wire: Wire) -> None:
    assert wire.circuit.flush() == 0.0
    await wire.go(5)
    wire.clock.now += 0.2
    wire.returned(1)
    assert wire.circuit.flush() == 0.0
    await wire.go()
    assert "clear" not in wire.kinds


async def test_a_mark_that_comes_back_because_it_was_cleared_proves_nothing(wire: Wire) -> None:
    await wire.go(10)
    wire.clock.now += 0.12
    wire.returned(1)
    wire.circuit.flush()
    wire.returned(2)
    wire.clock.now += 1.0
    assert wire.circuit.proven_seconds == pytest.approx(0.1)
    await wire.go(5)
    wire.clock.now += 0.1
    wire.returned(2)
    assert wire.circuit.proven_seconds == pytest.approx(0.1)
    wire.returned(3)
    assert wire.circuit.proven_seconds == pytest.approx(0.2)


async def test_a_lost_mark_shifts_no_other(wire: Wire) -> None:
    await wire.go(15)
    wire.clock.now += 0.4
    wire.returned(3)
    assert wire.circuit.proven_seconds == pytest.approx(0.3)
    wire.returned(1)
    assert wire.circuit.proven_seconds == pytest.approx(0.3)


async def test_payloads_of_any_length_become_frames_of_20_ms(wire: Wire) -> None:
    for chunk, length in enumerate((100, 100, 400, 40), 1):
        wire.circuit.take(MediaFrame(b"\xff" * length, chunk))
    frames = [await wire.circuit.receive() for _ in range(4)]
    assert [frame.seconds for frame in frames if isinstance(frame, Frame)] == [FRAME_SECONDS] * 4


async def test_repeated_and_overtaken_chunks_are_dropped(wire: Wire) -> None:
    for chunk in (1, 2, 2, 4, 3, 5):
        wire.circuit.take(MediaFrame(SILENCE, chunk))
    wire.circuit.take(KeyHeard("9"))
    came = [await wire.circuit.receive() for _ in range(6)]
    assert came[-1] == Press("9"), "chunks 1, 2, 4 and 5, and what stands for 3"


async def test_lost_chunks_are_filled_in_as_far_as_a_call_waits_for_them(wire: Wire) -> None:
    for chunk in (1, 2, 5, 10**12):
        wire.circuit.take(MediaFrame(SILENCE, chunk))
    wire.circuit.take(KeyHeard("9"))
    came = 0
    while isinstance(await wire.circuit.receive(), Frame):
        came += 1
    assert came == 2 + 2 + 1 + MOST_FILLED + 1


async def test_what_nobody_takes_is_bounded_and_counted(wire: Wire) -> None:
    for chunk in range(MOST_WAITING + 100):
        wire.circuit.take(MediaFrame(SILENCE, chunk))
    assert wire.circuit.left_out == 100


async def test_a_network_that_takes_no_sound_ends_the_line(wire: Wire) -> None:
    for _ in range(MOST_WAITING + 1):
        wire.circuit.play(TONE)
    assert wire.circuit.over is not None


async def test_on_a_line_that_is_gone_time_goes_on_and_nothing_is_sent(wire: Wire) -> None:
    wire.circuit.ended("the trainee hung up", hung_up=True)
    await wire.go(10)
    assert wire.circuit.ahead_seconds == pytest.approx(0.2), "who plays only so far ahead would play for ever"
    assert wire.sent == []


async def test_three_ends_in_any_order_are_one(wire: Wire) -> None:
    wire.circuit.take(MediaFrame(SILENCE, 1))
    wire.circuit.ended("the trainee hung up", hung_up=True)
    wire.circuit.ended("the telephone line was cut", hung_up=False)
    wire.circuit.ended("the trainee hung up", hung_up=True)
    wire.circuit.take(MediaFrame(SILENCE, 2))
    assert isinstance(await wire.circuit.receive(), Frame)
    assert await wire.circuit.receive() == HangUp()
    with pytest.raises(HandsetLost, match="hung up"):
        await wire.circuit.receive()


async def test_a_cut_line_is_no_hanging_up(wire: Wire) -> None:
    waiting = asyncio.create_task(wire.circuit.receive())
    await asyncio.sleep(0)
    wire.circuit.ended("the telephone line was cut", hung_up=False)
    with pytest.raises(HandsetLost, match="cut"):
        await waiting


async def test_it_rings_and_then_time_counts_from_the_answer(wire: Wire) -> None:
    handset = PhoneHandset(wire.circuit)
    ringing = asyncio.create_task(handset.ring())
    while not ringing.done():
        await asyncio.sleep(0)
        wire.clock.now += 0.1
    assert await ringing == RING_SECONDS
    assert handset.played_seconds == 0.0
    await wire.go()
    assert wire.kinds[-1] == "clear", "the bell stops when the line answers"
    await handset.close()


async def test_who_hangs_up_while_it_rings_is_gone(wire: Wire) -> None:
    handset = PhoneHandset(wire.circuit)
    wire.circuit.ended("the trainee hung up", hung_up=True)
    with pytest.raises(HandsetLost):
        await handset.ring()


async def test_hash_ends_the_call_and_other_keys_are_keys(wire: Wire) -> None:
    handset = PhoneHandset(wire.circuit)
    await handset.close()
    for key in "1#":
        wire.circuit.take(KeyHeard(key))
    assert [await handset.receive(), await handset.receive()] == [Press("1"), HangUp()]
    assert wire.circuit.over is None


steps = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(1, 12)),
        st.tuples(st.just("wait"), st.integers(1, 400)),
        st.tuples(st.just("mark"), st.integers(0, 40)),
        st.tuples(st.just("flush"), st.just(0)),
        st.tuples(st.just("media"), st.integers(0, 2000)),
        st.tuples(st.just("send"), st.just(0)),
    ),
    max_size=60,
)


@given(steps)
def test_whatever_happens_no_more_is_credited_than_was_given_and_could_be_played(done: list[tuple[str, int]]) -> None:
    clock = Clock()
    circuit = Circuit(STREAM, clock)
    given_seconds, before = 0.0, 0.0
    for what, number in done:
        if what == "play" and circuit.ahead_seconds < 0.2:
            for _ in range(number):
                circuit.play(TONE)
            given_seconds += number * FRAME_SECONDS
        elif what == "wait":
            clock.now += number / 1000
        elif what == "mark":
            circuit.take(MarkReturned(str(number)))
        elif what == "flush":
            unheard = circuit.flush()
            assert unheard >= 0
            given_seconds -= unheard
        elif what == "media":
            circuit.take(MediaFrame(b"\xff" * (number % 700 + 1), number))
        else:
            circuit._outbox.clear()
        proven = circuit.proven_seconds
        assert before - 1e-9 <= proven <= given_seconds - circuit.ahead_seconds + 1e-9
        assert len(circuit._inbox) <= MOST_WAITING
        before = proven
