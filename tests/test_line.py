"""`rightcall line`: the network's rules to the letter, the exchange's as measured, calls against a real server."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from audio import tones
from audio.frame import FRAME_SECONDS, Frame, cut, silence
from audio.wav import write_wav
from command_line import RunCommand, runner
from fakes import hum, voice
from scripts.events import Say
from scripts.rehearsal import TrainedTurn
from server.audiosocket import write_key, write_sound
from server.call_scripts import call_script
from server.handset import HangUp, Press
from server.line import Plan, Port, place_calls
from server.line_exchange import MOST_AHEAD, Incoming
from server.line_measures import LineMeasures, counts, rows
from server.line_media import Buffer
from server.line_network import LineError, Place, Way, Weather
from server.line_person import Trainee, by_loudness_alone, is_tone
from server.line_twilio import signature
from server.synthetic import PreparedTurn
from sound_card import ROOT, SoundCard, running_sound_card
from telephone import ACCOUNT, ORIGIN, PIN, SCRIPT, TOKEN, Network, running, until
from test_exchange import Room, free_port

__all__ = ["running_sound_card"]  # the fixture `sound_card`

QUIET = silence(FRAME_SECONDS, 8000)
LOUD = Frame(hum(1.0, 8000).samples[:320], 8000)


# --- the network's rules --------------------------------------------------------------------------------------


@given(st.dictionaries(st.text("abcXYZ_", min_size=1), st.text(max_size=10), max_size=5))
def test_what_is_signed_here_is_what_twilios_own_library_signs(fields: dict[str, str]) -> None:
    theirs = RequestValidator(TOKEN).compute_signature(f"{ORIGIN}/phone/pin?x=1", fields)
    assert signature(TOKEN, f"{ORIGIN}/phone/pin?x=1", fields) == theirs


def test_a_mark_comes_back_when_the_sound_before_it_has_been_played() -> None:
    buffer = Buffer()
    buffer.sound(bytes(320))
    assert buffer.mark("a") == []
    assert [buffer.step()[1] for _ in range(3)] == [[], [], ["a"]]


def test_a_mark_behind_nothing_comes_back_at_once() -> None:
    assert Buffer().mark("a") == ["a"]


def test_clear_throws_the_sound_away_and_returns_its_marks_too() -> None:
    buffer = Buffer()
    for name in "ab":
        buffer.sound(bytes(1600))
        buffer.mark(name)
    buffer.step()
    assert buffer.clear() == ["a", "b"]
    assert buffer.step() == (b"", [])


@given(st.lists(st.sampled_from(["sound", "mark", "step", "clear"]), max_size=80), st.integers(1, 500))
def test_every_mark_comes_back_once_in_its_order_and_no_sound_is_made_up(acts: list[str], size: int) -> None:
    buffer, sent, returned, given_bytes, played = Buffer(), 0, list[str](), 0, 0
    for act in [*acts, *["step"] * (size * len(acts) // 160 + 2)]:
        match act:
            case "sound":
                buffer.sound(bytes(size))
                given_bytes += size
            case "mark":
                sent += 1
                returned += buffer.mark(str(sent))
            case "clear":
                returned += buffer.clear()
            case _:
                sound, names = buffer.step()
                returned += names
                played += len(sound)
    assert returned == [str(number) for number in range(1, sent + 1)]
    assert played <= given_bytes
    assert played == given_bytes or "clear" in acts


def test_a_bad_line_loses_its_share_delays_and_keeps_the_order() -> None:
    way: Way[int] = Way(Weather(0.02, 0.06), Random(1))
    arrived: list[tuple[float, int]] = []
    for number in range(5000):
        way.enter(number, number * 0.02)
        arrived += [(number * 0.02, packet) for packet in way.leave(number * 0.02)]
    packets = [packet for _, packet in arrived]
    assert packets == sorted(packets)
    assert 60 <= way.lost <= 140
    assert all(0.0 <= at - packet * 0.02 < 0.08 for at, packet in arrived)


def test_keys_are_never_lost() -> None:
    way: Way[str] = Way(Weather(1.0), Random(1))
    way.enter("sound", 0.0)
    way.enter("key", 0.0, safe=True)
    assert way.leave(0.0) == ["key"]


# --- the exchange's rules -------------------------------------------------------------------------------------


def test_a_message_torn_for_5_ms_ends_the_call_and_for_3_does_not() -> None:
    message = write_sound(LOUD)
    incoming = Incoming(8000)
    incoming.feed(message[:100], 1.0)
    incoming.feed(message[100:], 1.003)
    assert len(incoming.frames) == 1
    incoming.feed(message[:100], 2.0)
    with pytest.raises(LineError, match="torn"):
        incoming.feed(message[100:], 2.006)


def test_a_split_header_is_tolerated() -> None:
    incoming = Incoming(8000)
    incoming.feed(write_sound(LOUD)[:2], 1.0)
    incoming.feed(write_sound(LOUD)[2:], 1.5)
    assert len(incoming.frames) == 1


@pytest.mark.parametrize(
    "message", [write_key("1"), b"\x01\x00\x10" + bytes(16), b"\x10\x00\x00", b"\x10\x00\x03abc", b"\xff\x00\x01\x01"]
)
def test_what_an_exchange_does_not_take_ends_the_call(message: bytes) -> None:
    with pytest.raises(LineError):
        Incoming(8000).feed(message, 0.0)


def test_what_comes_too_far_ahead_is_thrown_away() -> None:
    incoming = Incoming(8000)
    incoming.feed(write_sound(LOUD) * 50, 0.0)
    assert (len(incoming.frames), incoming.dropped) == (MOST_AHEAD, 50 - MOST_AHEAD)


def test_three_zero_bytes_are_a_goodbye_and_nothing_counts_after_it() -> None:
    incoming = Incoming(8000)
    incoming.feed(b"\0\0\0" + write_key("1"), 0.0)
    assert incoming.over


# --- who is at the telephone ----------------------------------------------------------------------------------


def test_a_telephones_tones_are_no_voice() -> None:
    bell = [frame for frame in cut(tones.ring(1.0, 8000)) if any(frame.samples)]
    assert all(map(is_tone, bell[1:-1]))
    assert all(map(is_tone, cut(tones.disconnected(0.5, 8000))))
    assert not is_tone(QUIET)
    assert by_loudness_alone(LOUD)


def test_a_voice_is_no_tone() -> None:
    heard = [is_tone(frame) for frame in cut(voice(2.0))]
    assert sum(heard) < 3


def said_by(trainee: Trainee, heard: Frame) -> list[object]:
    """What they do while they hear that."""
    done: list[object] = []
    for frame in cut(heard):
        said, gestures = trainee.step(frame)
        done += [*gestures, *(["speaks"] if said else [])]
    return done


def test_a_trainee_waits_while_it_rings_and_answers_the_caller() -> None:
    trainee = Trainee([PreparedTurn(TrainedTurn(say="Hello", key="1"), hum(0.1, 8000))])
    assert said_by(trainee, tones.ring(9.0, 8000)) == []
    assert said_by(trainee, hum(1.0, 8000)) == []
    assert said_by(trainee, silence(1.0, 8000)) == ["speaks"] * 5 + [Press("1")]
    assert said_by(trainee, silence(4.0, 8000))[-1:] == [HangUp()]


def test_a_trainee_hangs_up_a_line_that_has_gone_dead() -> None:
    trainee = Trainee([PreparedTurn(TrainedTurn(wait=60.0))])
    said_by(trainee, tones.ring(1.0, 8000))
    said_by(trainee, hum(1.0, 8000))
    assert HangUp() in said_by(trainee, tones.disconnected(1.0, 8000))


def test_a_caller_who_says_nothing_is_spoken_to_after_the_ring() -> None:
    trainee = Trainee([PreparedTurn(TrainedTurn(say="Hello"), hum(0.1, 8000))])
    said_by(trainee, tones.ring(1.0, 8000))
    assert "speaks" in said_by(trainee, silence(6.0, 8000))


# --- what is measured -----------------------------------------------------------------------------------------


def measured(*parts: tuple[float, str], clear_at: float | None = None) -> LineMeasures:
    """Seconds in which the trainee (t), the caller (c), both (b) or nobody (-) speaks."""
    measures, now = LineMeasures(), 0.0
    for seconds, who in parts:
        for _ in range(round(seconds / FRAME_SECONDS)):
            measures.step(LOUD if who in "tb" else None, LOUD if who in "cb" else QUIET, now)
            now = round(now + FRAME_SECONDS, 3)
            if clear_at is not None and now >= clear_at:
                measures.cleared(now)
                clear_at = None
    return measures


def test_the_turn_gap_is_from_the_trainees_last_sound_to_the_callers_first() -> None:
    measures = measured((1.0, "c"), (0.5, "-"), (1.0, "t"), (0.4, "-"), (1.0, "c"))
    assert measures.turn_gaps == [pytest.approx(0.4)]


def test_an_answer_that_comes_too_late_is_counted_as_none() -> None:
    measures = measured((1.0, "t"), (3.0, "-"), (1.0, "c"), (1.0, "-"), (1.0, "t"), (1.0, "-"), (1.0, "t"))
    assert (measures.turn_gaps, measures.unanswered) == ([], 2)


def test_barge_in_is_from_the_trainees_first_sound_to_clear() -> None:
    measures = measured((1.0, "c"), (0.3, "b"), (1.0, "t"), clear_at=1.2)
    assert measures.barge_ins == [pytest.approx(0.2)]


def test_a_caller_who_does_not_stop_is_counted() -> None:
    assert measured((1.0, "c"), (2.0, "b")).not_stopped == 1


def test_a_voice_right_after_clear_is_a_leak_and_later_is_not() -> None:
    measures = measured((1.0, "c"), (0.2, "b"), clear_at=1.2)
    measures.arrived(LOUD, 1.25)
    measures.arrived(QUIET, 1.26)
    measures.arrived(LOUD, 1.4)
    assert measures.leaked == 1


def test_a_line_that_runs_dry_for_more_than_40_ms_is_late() -> None:
    measures = LineMeasures()
    for number, dry in enumerate([False, True, False, True, True, True, False]):
        measures.fed(dry=dry, now=number * FRAME_SECONDS)
    assert measures.late == 1
    assert measures.longest_dry == pytest.approx(0.06)


def test_all_calls_together_have_their_percentiles() -> None:
    calls = [LineMeasures(turn_gaps=[0.1, 0.2]), LineMeasures(turn_gaps=[0.3], lost=2)]
    (gap, *_) = rows(calls)
    assert (gap.p50, gap.worst, gap.count) == (0.2, 0.3, 3)
    assert counts(calls)["lost"] == 2


# --- calls against a real server ------------------------------------------------------------------------------


def place(network: Network, **changed: str) -> Place:
    return replace(Place(network.base, ORIGIN, ACCOUNT, TOKEN, "+441632960123"), **changed)


def plan(path: Path, **more: object) -> Plan:
    """One call of a trainee who says one thing."""
    write_wav(path, voice(0.6))
    return replace(Plan([call_script(SCRIPT)], str(path)), **more)  # type: ignore[arg-type] # fields of any kind


async def test_a_call_is_placed_held_measured_and_stored_by_the_rehearsals_seed(tmp_path: Path) -> None:
    told: list[str] = []
    async with running(tmp_path, texts=["what's your address please"] * 9) as network:
        assert network.engines
        (call,) = await place_calls(
            plan(tmp_path / "one.wav"), place(network), network.phone.site.settings, told.append
        )
        (record,) = network.engines.records.calls()
    assert told == ["call 1: the trainee hung up"]
    assert call.answer is not None
    assert (len(call.webhooks), call.leaked, call.lost) == (3, 0, 0)
    assert (record.script_id, record.seed, record.trainee) == (SCRIPT, call_script(SCRIPT).rehearsal().seed, "line")
    assert (record.handset, record.state, record.ended_by) == ("phone", "finished", "trainee")


async def test_many_calls_ring_in_by_pin_over_a_bad_line_and_through_an_exchange_at_once(tmp_path: Path) -> None:
    port = free_port()
    async with running(tmp_path, exchange_port=port) as network:
        assert network.engines
        settings = network.phone.site.settings
        bad = plan(tmp_path / "one.wav", calls=3, pin=PIN, weather=Weather(0.05, 0.06))
        calls = await place_calls(bad, place(network), settings, lambda _text: None)
        calls += await place_calls(bad, Port("127.0.0.1", port), settings, lambda _text: None)
        records = network.engines.records.calls()
    assert [call.ended for call in calls] == ["the trainee hung up"] * 6
    assert all(call.lost for call in calls)
    assert (
        sorted((record.handset, record.trainee) for record in records)
        == [("exchange", "Ann Other")] * 3 + [("phone", "Ann Other")] * 3
    )


async def test_a_call_that_cannot_be_placed_says_why(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        settings = network.phone.site.settings
        one = plan(tmp_path / "one.wav")
        for where, why in (
            (place(network, token=TOKEN[::-1]), "auth token or public origin"),
            (place(network, base="http://127.0.0.1:1"), "does not answer"),
            (Port("127.0.0.1", 1), "refuses"),
        ):
            (call,) = await place_calls(one, where, settings, lambda _text: None)
            assert call.ended.startswith("failed")
            assert why in call.ended


async def test_a_server_without_room_is_obeyed_and_what_it_said_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        network.phone.site.failure = "no ear"
        told: list[str] = []
        await place_calls(plan(tmp_path / "one.wav"), place(network), network.phone.site.settings, told.append)
        assert "out of order" in told[0]


async def test_you_can_take_a_call_at_this_desk_through_an_exchange(sound_card: SoundCard, tmp_path: Path) -> None:
    port = free_port()
    async with running(tmp_path / "server", exchange_port=port) as network:
        assert network.engines
        words = ["line", "--trainee", "mic", "--exchange", "--pin", PIN, "--script", SCRIPT]
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.cli", *words, stdin=PIPE, cwd=ROOT,
            env={**sound_card.env, "RIGHTCALL_HOME": str(tmp_path), "RIGHTCALL_EXCHANGE_PORT": str(port)},
        )  # fmt: skip
        await until(lambda: Room(network, port).entries(Say))
        assert child.stdin
        child.stdin.write(b"#")
        await until(lambda: any("You scored" in text for text in network.mouth.rendered))
        child.stdin.write(b"h")
        assert await child.wait() == 0
        (record,) = network.engines.records.calls()
        assert (record.script_id, record.handset, record.state) == (SCRIPT, "exchange", "finished")


# --- the command ----------------------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path))
    return runner(monkeypatch, capsys)


def test_the_command_names_the_settings_that_are_missing(command: RunCommand) -> None:
    done = command("line")
    assert done.code == 1
    assert "RIGHTCALL_PUBLIC_ORIGIN" in done.err


def test_an_exchange_needs_a_pin(command: RunCommand) -> None:
    assert "--pin" in command("line", "--exchange").err


@pytest.mark.parametrize("words", [["--loss", "lots"], ["--jitter", "-5ms"], ["--ramp", "1h"]])
def test_an_amount_that_is_none_is_a_usage_error(command: RunCommand, words: list[str]) -> None:
    assert command("line", *words).code == 2


def test_a_server_that_is_not_there_is_told_and_figures_are_json_all_the_same(command: RunCommand) -> None:
    done = command("line", "--exchange", "--pin", PIN, "--loss", "2%", "--jitter", "60ms", "--ramp", "1s", "--json")
    assert done.code == 1
    assert json.loads(done.out)["calls"][0]["ended"].startswith("failed")
