"""Scenes and single sounds: their levels, their loops, and what makes each of them what it is."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from audio.frame import Frame, join, silence
from audio.noises import NOISES
from audio.pcm import floats, frame_of, level
from audio.scene import EFFECTS, SCENES, Background, background, effect, mix, telephone_band
from audio.scenery import SCENERY

if TYPE_CHECKING:
    from audio.pcm import Floats

RATES = [8000, 16000]


def share(frame: Frame, low: float, high: float) -> float:
    """The part of the sound's power between two frequencies."""
    power = np.abs(np.fft.rfft(floats(frame))) ** 2
    hertz = np.fft.rfftfreq(frame.count, 1 / frame.rate)
    return float(power[(hertz >= low) & (hertz < high)].sum() / power.sum())


def loudness(frame: Frame, seconds: float) -> Floats:
    """Root mean square of each stretch of so many seconds."""
    size = round(seconds * frame.rate)
    wave = floats(frame)
    stretches: Floats = np.sqrt(np.mean(wave[: wave.size // size * size].reshape(-1, size) ** 2, axis=1))
    return stretches


def loudest_pitch(frame: Frame, low: float, high: float) -> list[float]:
    """The strongest frequency between two, for each 50 ms."""
    size = round(0.05 * frame.rate)
    hertz = np.fft.rfftfreq(4 * size, 1 / frame.rate)
    inside = (hertz >= low) & (hertz <= high)
    steps = floats(frame)[: frame.count // size * size].reshape(-1, size) * np.hanning(size)
    return [float(hertz[inside][np.argmax(np.abs(np.fft.rfft(step, 4 * size))[inside])]) for step in steps]


def test_every_name_has_its_maker() -> None:
    assert SCENES.keys() == SCENERY.keys()
    assert EFFECTS.keys() == NOISES.keys()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", SCENES)
def test_a_scene_lies_well_under_the_voice_and_never_peaks(name: str, rate: int) -> None:
    scene = background(name, 4.0, rate, Random(1))
    assert scene.seconds == 4.0
    assert level(scene) == pytest.approx(-30 + SCENES[name], abs=0.5)
    assert np.abs(floats(scene)).max() < 0.6


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_runs_round_without_a_click(name: str) -> None:
    wave = floats(background(name, 4.0, 16000, Random(2)))
    jumps = np.abs(np.diff(wave))
    assert abs(wave[0] - wave[-1]) <= max(np.percentile(jumps, 99.9), 2 / 32768)


@pytest.mark.parametrize("name", [*SCENES, *EFFECTS])
def test_the_same_seed_gives_the_same_sound(name: str) -> None:
    def made(seed: int) -> Frame:
        random = Random(seed)
        return background(name, 2.0, 8000, random) if name in SCENES else effect(name, 8000, random)

    assert made(1) == made(1)
    if name != "keys_55":
        assert made(1) != made(2)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", EFFECTS)
def test_an_effect_is_as_loud_as_it_should_be_and_starts_and_ends_at_rest(name: str, rate: int) -> None:
    wave = floats(effect(name, rate, Random(3)))
    assert np.abs(wave).max() == pytest.approx(EFFECTS[name], abs=0.01)
    assert abs(wave[0]) < 0.02
    assert abs(wave[-1]) < 0.02


def test_a_siren_wails_up_and_down() -> None:
    pitches = loudest_pitch(background("siren", 8.0, 16000, Random(1)), 600, 1600)
    assert np.percentile(pitches, 5) < 800
    assert np.percentile(pitches, 95) > 1350


def test_a_baby_cries_and_draws_breath() -> None:
    steps = loudness(background("baby", 8.0, 16000, Random(1)), 0.05)
    assert np.percentile(steps, 90) > 8 * np.percentile(steps, 10)


def test_a_motorway_roars_without_a_pause_and_a_crowd_never_falls_silent() -> None:
    for name in ("motorway", "crowd", "rain", "car"):
        steps = loudness(background(name, 8.0, 16000, Random(1)), 0.25)
        assert steps.min() > 0.25 * steps.max(), name


def test_rain_hisses_and_a_car_rumbles() -> None:
    assert share(background("rain", 4.0, 16000, Random(1)), 1000, 8000) > 0.8
    assert share(background("car", 4.0, 16000, Random(1)), 0, 400) > 0.6


def test_a_clock_ticks_once_a_second_in_a_quiet_house() -> None:
    steps = loudness(background("house", 8.0, 16000, Random(1)), 0.01)
    ticks = np.flatnonzero(steps > 1.5 * np.median(steps))
    starts = ticks[np.diff(ticks, prepend=-100) > 10]
    assert len(starts) == 8
    assert np.diff(starts) == pytest.approx(np.full(7, 100), abs=2)


def test_two_taps_are_two_and_a_pane_rings_high() -> None:
    steps = loudness(effect("taps_two", 8000, Random(1)), 0.02)
    knocks = np.flatnonzero(steps > 0.3 * steps.max())
    assert len(knocks[np.diff(knocks, prepend=-100) > 5]) == 2
    assert share(effect("glass", 16000, Random(1)), 1800, 8000) > 0.8
    assert share(effect("door", 16000, Random(1)), 0, 400) > 0.7


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no scene 'opera'; there are street, rain"):
        background("opera", 1.0, 8000, Random(1))
    with pytest.raises(ValueError, match="no sound 'opera'; there are tap"):
        effect("opera", 8000, Random(1))


def test_a_background_runs_on_for_ever_in_steps() -> None:
    loop = background("rain", 0.5, 8000, Random(1))
    running = Background(loop)
    steps = [running.next() for _ in range(60)]
    assert {step.count for step in steps} == {160}
    assert join(steps, 8000).samples == (loop.samples * 3)[: 60 * 320]


def test_a_background_shorter_than_a_step_still_fills_it() -> None:
    assert Background(Frame(b"\1\0\2\0\3\0", 8000)).next().samples == (b"\1\0\2\0\3\0" * 54)[:320]
    with pytest.raises(ValueError, match="a loop of some length"):
        Background(Frame(b"", 8000))


def test_a_mix_is_as_long_as_the_voice_and_keeps_quiet_sums_exact() -> None:
    voice, under = frame_of(np.full(400, 0.25), 8000), frame_of(np.full(300, 0.25), 8000)
    mixed = floats(mix(voice, under, -6.0206))
    assert mixed[:300] == pytest.approx(0.375, abs=1e-4)
    assert mixed[300:] == pytest.approx(0.25)


def test_loud_sums_bend_and_never_wrap_round() -> None:
    loud = frame_of(np.linspace(-0.99, 0.99, 400), 8000)
    mixed = floats(mix(loud, loud, 0.0))
    assert (np.diff(mixed) >= 0).all()
    assert mixed.max() < 1
    assert mixed.max() > 0.95


def test_unequal_rates_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="at 16000 Hz under the voice, got one at 8000 Hz"):
        mix(silence(0.1, 16000), silence(0.1, 8000))


@pytest.mark.parametrize("rate", RATES)
def test_the_telephone_carries_speech_and_neither_rumble_nor_hiss(rate: int) -> None:
    def gain(hertz: float) -> float:
        sine = frame_of(0.3 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate), rate)
        heard = telephone_band(sine)
        assert (heard.rate, heard.count) == (rate, rate)
        return level(heard) - level(sine)

    assert gain(1000) == pytest.approx(0, abs=0.5)
    assert gain(2500) == pytest.approx(0, abs=0.5)
    assert gain(100) < -30
    if rate == 16000:
        assert gain(5500) < -30


def test_nothing_through_the_telephone_is_nothing() -> None:
    assert telephone_band(Frame(b"", 16000)) == Frame(b"", 16000)
