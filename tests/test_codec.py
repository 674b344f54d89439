"""Telephone coding and rates, measured against the standard's own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from audio.codec import Resampler, resample, ulaw_decode, ulaw_encode
from audio.frame import Frame, cut, silence
from audio.pcm import QUIETEST, floats, frame_of, level

if TYPE_CHECKING:
    from audio.pcm import Floats


def sine(hertz: float, rate: int, seconds: float = 1.0, amplitude: float = 0.5) -> Frame:
    return frame_of(amplitude * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate), rate)


def through(resampler: Resampler, frame: Frame) -> Floats:
    parts = [resampler.feed(step.samples) for step in cut(frame)]
    return floats(Frame(b"".join([*parts, resampler.flush()]), 1))


def rms(wave: Floats) -> float:
    return float(np.sqrt(np.mean(wave**2)))


def test_the_ends_and_the_middle_of_ulaw_are_those_of_the_standard() -> None:
    loudest_silence_softest = np.array([32767, 0, -32768], dtype="<i2").tobytes()
    assert ulaw_encode(Frame(loudest_silence_softest, 8000)) == bytes([0x80, 0xFF, 0x00])
    assert np.frombuffer(ulaw_decode(bytes([0x80, 0xFF, 0x00])).samples, "<i2").tolist() == [32124, 0, -32124]


def test_every_ulaw_code_survives_a_round_trip() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)  # 0x7F is the second way to write zero
    assert ulaw_encode(ulaw_decode(codes)) == codes


def test_ulaw_keeps_every_sample_within_half_a_step() -> None:
    samples = np.arange(-32635, 32636, dtype="<i2")
    back = np.frombuffer(ulaw_decode(ulaw_encode(Frame(samples.tobytes(), 8000))).samples, "<i2")
    error = np.abs(back.astype(int) - samples)
    step = 8 * 2 ** np.maximum(0, np.floor(np.log2(np.abs(samples.astype(int)) + 132)) - 7)
    assert (error <= step / 2).all()


@pytest.mark.parametrize(("from_rate", "to_rate"), [(8000, 16000), (16000, 8000), (44100, 16000), (16000, 48000)])
@pytest.mark.parametrize("hertz", [300, 1000, 3400])
def test_speech_frequencies_pass_a_change_of_rate_unharmed(from_rate: int, to_rate: int, hertz: int) -> None:
    got = through(Resampler(from_rate, to_rate), sine(hertz, from_rate))
    wanted = floats(sine(hertz, to_rate))
    assert len(got) == len(wanted)
    assert rms((got - wanted)[2000:-2000]) < 0.0005 * rms(wanted)


@pytest.mark.parametrize("hertz", [4400, 5200, 7000])
def test_what_the_lower_rate_cannot_carry_is_removed_and_not_folded_back(hertz: int) -> None:
    got = through(Resampler(16000, 8000), sine(hertz, 16000))
    assert rms(got[400:-400]) < 0.001


@pytest.mark.parametrize(("from_rate", "to_rate"), [(8000, 16000), (16000, 8000), (48000, 16000), (44100, 16000)])
def test_a_live_stream_is_held_back_by_five_milliseconds_at_most(from_rate: int, to_rate: int) -> None:
    resampler = Resampler(from_rate, to_rate)
    fed = got = 0.0
    for step in cut(sine(440, from_rate)):
        fed += step.seconds
        got += Frame(resampler.feed(step.samples), to_rate).seconds
        assert fed - got <= 0.0051


def test_the_size_of_the_steps_does_not_change_the_sound() -> None:
    whole, stepped = Resampler(16000, 44100), Resampler(16000, 44100)
    frame = sine(700, 16000, 0.5)
    uneven = b"".join(stepped.feed(frame.samples[at : at + 14]) for at in range(0, len(frame.samples), 14))
    assert whole.feed(frame.samples) + whole.flush() == uneven + stepped.flush()


def test_a_flushed_stream_starts_afresh() -> None:
    resampler = Resampler(8000, 16000)
    first = resampler.feed(sine(500, 8000).samples) + resampler.flush()
    assert resampler.feed(sine(500, 8000).samples) + resampler.flush() == first


def test_equal_rates_pass_bytes_untouched() -> None:
    assert Resampler(16000, 16000).feed(b"\1\2\3\4") == b"\1\2\3\4"


def test_a_whole_frame_keeps_its_length_and_pitch_at_another_rate() -> None:
    frame = resample(sine(1000, 22050), 16000)
    assert frame.rate == 16000
    assert frame.count == 16000
    assert np.argmax(np.abs(np.fft.rfft(floats(frame)))) == 1000


def test_level_reads_full_scale_sine_as_minus_three_and_silence_as_the_floor() -> None:
    assert level(sine(1000, 16000, amplitude=0.9999)) == pytest.approx(-3.01, abs=0.01)
    assert level(silence(0.1, 8000)) == QUIETEST
    assert level(Frame(b"", 8000)) == QUIETEST
