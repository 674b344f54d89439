"""One AudioSocket connection's sound, on a clock that is turned by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.frame import FRAME_SECONDS, Frame, silence
from fakes import hum
from server.audiosocket import KeyHeard, Reader, Sound
from server.exchange_circuit import LEAD, QUIET_AFTER, ExchangeCircuit
from server.exchange_identity import Packed, pack, unpack
from server.handset import Gesture, HandsetLost, HangUp, Press
from server.inbox import MOST_WAITING

CALL = UUID(int=7)
TONE = Frame(hum(1.0, 8000).samples[:320], 8000)


@dataclass
class Line:
    """A circuit, its clock, and what it wants written."""

    rate: int = 8000
    now: float = 100.0
    sent: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.circuit = ExchangeCircuit(CALL, self.rate, lambda: self.now)
        self.reader = Reader()

    def go(self, seconds: float, *, speaking: bool = False) -> None:
        """Ask for what is due every 20 ms; the caller's telephone sends packets only while `speaking`."""
        for _ in range(round(seconds / FRAME_SECONDS)):
            for message in self.circuit.due():
                for sound in self.reader.feed(message):
                    assert isinstance(sound, Sound)
                    self.sent.append(sound.frame)
            if speaking:
                self.circuit.take(Sound(silence(FRAME_SECONDS, self.rate)))
            self.now += FRAME_SECONDS

    async def came(self) -> list[Frame | Gesture]:
        """All that has been taken in."""
        found: list[Frame | Gesture] = []
        self.circuit.ended("no more", hung_up=False)
        try:
            while True:
                found.append(await self.circuit.receive())
        except HandsetLost:
            return found


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_silence_is_sent_every_20_ms_while_there_is_nothing_to_say(rate: int) -> None:
    line = Line(rate)
    line.go(1.0)
    assert {frame.samples for frame in line.sent} == {bytes(2 * rate // 50)}
    assert {frame.rate for frame in line.sent} == {rate}
    assert 50 <= len(line.sent) <= 53


def test_sound_leaves_at_most_three_frames_before_it_is_due() -> None:
    line = Line()
    for _ in range(100):
        line.circuit.play(TONE)
    for step in range(1, 60):
        line.go(FRAME_SECONDS)
        assert len(line.sent) <= step + 2
    assert [frame for frame in line.sent if any(frame.samples)] == line.sent


def test_a_stalled_machine_sends_no_burst_afterwards() -> None:
    line = Line()
    for _ in range(100):
        line.circuit.play(TONE)
    line.go(0.2)
    before = len(line.sent)
    line.now += 1.0
    line.go(FRAME_SECONDS)
    assert len(line.sent) - before <= 3


def test_barge_in_is_to_stop_and_what_was_sent_counts_as_heard() -> None:
    line = Line()
    for _ in range(20):
        line.circuit.play(TONE)
    line.go(0.1)
    spoken = len(line.sent)
    unheard = line.circuit.flush()
    assert unheard == pytest.approx((20 - spoken) * FRAME_SECONDS)
    line.go(0.5)
    assert not any(any(frame.samples) for frame in line.sent[spoken:])
    assert line.circuit.proven_seconds == pytest.approx(spoken * FRAME_SECONDS)
    assert line.circuit.ahead_seconds == 0.0


@given(st.lists(st.sampled_from(["play", "go", "flush", "stall"]), max_size=60))
def test_never_more_is_heard_than_was_given_and_it_never_goes_back(acts: list[str]) -> None:
    line = Line()
    before = given_seconds = 0.0
    for act in acts:
        if act == "play":
            line.circuit.play(TONE)
            given_seconds += FRAME_SECONDS
        elif act == "flush":
            given_seconds -= line.circuit.flush()
        elif act == "stall":
            line.now += 0.3
        else:
            line.go(FRAME_SECONDS)
        heard = line.circuit.proven_seconds
        assert before - 1e-6 <= heard <= given_seconds + 1e-6
        assert heard + line.circuit.ahead_seconds >= given_seconds - 1e-6
        before = heard


@pytest.mark.parametrize("packet", [80, 160, 240, 276, 320, 480])
async def test_packets_of_any_size_become_frames_of_20_ms(packet: int) -> None:
    line = Line()
    for number in range(40):
        line.circuit.take(Sound(Frame(bytes([1 + number % 100]) * 2 * packet, 8000)))
    came = await line.came()
    assert len(came) == 40 * packet // 160
    assert all(isinstance(frame, Frame) and frame.count == 160 for frame in came)


async def test_a_muted_telephone_is_silent_and_not_lost() -> None:
    line = Line()
    line.go(8.0)
    came = await line.came()
    assert len(came) * FRAME_SECONDS == pytest.approx(8.0 - QUIET_AFTER, abs=0.05)


async def test_no_time_is_lost_when_a_muted_caller_speaks_again() -> None:
    line = Line()
    for _ in range(4):
        line.go(0.6)
        line.go(0.6, speaking=True)
    came = await line.came()
    assert len(came) * FRAME_SECONDS == pytest.approx(4.8, abs=0.05)


async def test_a_telephone_that_changes_its_rate_is_still_heard() -> None:
    line = Line()
    for _ in range(10):
        line.circuit.take(Sound(silence(FRAME_SECONDS, 8000)))
        line.circuit.take(Sound(silence(FRAME_SECONDS, 16_000)))
    came = await line.came()
    assert {frame.rate for frame in came if isinstance(frame, Frame)} == {8000}
    assert 17 <= len(came) <= 20


async def test_keys_come_in_their_order_and_hanging_up_is_told_once() -> None:
    line = Line()
    for key in "12#":
        line.circuit.take(KeyHeard(key))
    line.circuit.ended("the trainee hung up", hung_up=True)
    line.circuit.ended("the call is over", hung_up=False)
    assert await line.came() == [Press("1"), Press("2"), Press("#"), HangUp()]
    assert line.circuit.over == "the trainee hung up"


def test_nobody_taking_sound_makes_nothing_grow() -> None:
    line = Line()
    for _ in range(3 * MOST_WAITING):
        line.circuit.take(Sound(silence(FRAME_SECONDS, 8000)))
        line.circuit.play(TONE)
    assert line.circuit.over == "the exchange takes no more sound"
    assert len(line.circuit._outbox) <= MOST_WAITING
    assert len(line.circuit._inbox) <= MOST_WAITING + 1


def test_on_a_line_that_is_gone_time_goes_on() -> None:
    line = Line()
    line.circuit.ended("the trainee hung up", hung_up=True)
    for _ in range(10):
        line.circuit.play(TONE)
    assert line.circuit.ahead_seconds == pytest.approx(0.2)
    line.now += 1.0
    assert line.circuit.proven_seconds == pytest.approx(0.2)


def test_the_lead_is_one_to_three_frames() -> None:
    assert FRAME_SECONDS <= LEAD <= 3 * FRAME_SECONDS


@given(st.integers(0, 999_999), st.integers(0, 999_999), st.none() | st.integers(1, 9999))
def test_a_uuid_holds_what_was_packed_into_it(pin: int, number: int, seed: int | None) -> None:
    packed = Packed(f"{pin:06}", number, seed)
    assert unpack(pack(packed)) == packed


@given(st.uuids(version=4))
def test_a_random_uuid_holds_nothing(call: UUID) -> None:
    assert unpack(call) is None


def test_the_uuid_of_the_dialplan_in_the_readme_is_understood() -> None:
    assert unpack(UUID("00000000-0000-4000-8000-000000004711")) == Packed("004711")
