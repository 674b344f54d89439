"""How each scene is made: `count` samples at `rate`, periodic, at any level."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from audio.synthesis import (
    AH,
    EH,
    OO,
    Chance,
    band,
    bell,
    burst,
    glide,
    levelled,
    noise,
    place,
    shaped,
    struck,
    swell,
    voiced,
)  # fmt: skip

if TYPE_CHECKING:
    from audio.pcm import Floats

VOWELS = (AH, EH, OO)
TALK_RATE = 8000


def street(count: int, rate: int, chance: Chance) -> Floats:
    """A town's rumble, cars passing, somebody's steps."""
    total = noise(count, rate, band(40, 250, 1), chance) + 0.15 * noise(count, rate, band(400, 2500, 1), chance)
    for start in (0.1, 0.55):
        _pass_by(total, rate, start + 0.1 * chance.random(), 2.6, 1.6, chance)
    heel = burst(0.05, rate, 0.002, 0.01)
    for step in range(int(count / rate / 0.56)):
        sound = heel * noise(heel.size, rate, band(300, 1800), chance)
        place(total, sound, round((0.3 + step * 0.56) * rate), 0.9)
    return total


def rain(count: int, rate: int, chance: Chance) -> Floats:
    """Steady hiss and nearer drops."""
    total = noise(count, rate, band(900, 6500, 1), chance) * (0.85 + 0.3 * swell(count, rate, 0.5, chance))
    for _ in range(round(45 * count / rate)):
        hertz = chance.uniform(1400, 3400)
        drop = struck(0.03, rate, [(hertz, 0.004, 1.0), (1.6 * hertz, 0.002, 0.5)])
        place(total, drop, int(chance.integers(count)), chance.uniform(1, 5))
    return total


def crowd(count: int, rate: int, chance: Chance) -> Floats:
    """Many voices, none to be understood."""
    total = 0.5 * noise(count, rate, band(250, 1200), chance)
    for pitch in (110, 130, 195, 225):
        talk = _talk(count, rate, pitch * chance.uniform(0.93, 1.07), chance)
        for _ in range(3):  # the same voice at three places of the loop is three people
            total += np.roll(talk, chance.integers(count)) * chance.uniform(0.3, 1)
    return total


def car(count: int, rate: int, chance: Chance) -> Floats:
    """Inside a car that drives: engine, road, wind."""
    drift = 1 + 0.08 * (swell(count, rate, 0.3, chance) - 0.5)
    firing = _closed(56 * drift, rate)
    engine: Floats = np.zeros(count)
    for order, gain in ((0.5, 0.5), (1, 1.0), (2, 0.7), (3, 0.35), (4, 0.25), (6, 0.12)):
        engine += gain * np.sin(2 * np.pi * 2 * order * firing)
    road = noise(count, rate, band(60, 350, 1), chance) + 0.2 * noise(count, rate, band(500, 2500, 1), chance)
    return levelled(engine) + 1.2 * road


def siren(count: int, rate: int, chance: Chance) -> Floats:
    """A police car's wail over a street: up and down between 650 and 1500 Hz in about two and a half seconds."""
    wails = max(1, round(count / rate / 2.6))
    sweep = 650 + 850 * bell(count // wails)
    phase = _closed(np.resize(sweep, count), rate)
    horn = np.tanh(2.5 * np.sin(2 * np.pi * phase))
    distance = 0.5 + 0.5 * swell(count, rate, 0.25, chance)
    echoes = horn + 0.35 * np.roll(horn, round(0.11 * rate)) + 0.2 * np.roll(horn, round(0.23 * rate))
    return 1.2 * levelled(shaped(echoes, rate, band(500, 2600))) * distance + 0.5 * street(count, rate, chance)


def baby(count: int, rate: int, chance: Chance) -> Floats:
    """A baby crying in the next room: falling cries, with a breath between."""
    total = 0.04 * noise(count, rate, band(60, 300, 1), chance)
    at = 0.2
    while at < count / rate - 1.3:
        length = chance.uniform(0.7, 1.1)
        size = round(length * rate)
        tremble = 1 + 0.02 * np.sin(2 * np.pi * 7 * np.arange(size) / rate)
        pitch = chance.uniform(0.92, 1.08) * glide(size, [380, 500, 520, 480, 380]) * tremble
        cry = voiced(pitch, rate, ((1100, 250, 1.0), (2900, 450, 0.8)), 0.15, chance) * bell(size) ** 0.4
        place(total, cry, round(at * rate))
        gasp = 0.25 * noise(round(0.18 * rate), rate, band(900, 3000), chance) * bell(round(0.18 * rate))
        place(total, gasp, round((at + length + 0.08) * rate))
        at += length + chance.uniform(0.4, 0.8)
    return total


def television(count: int, rate: int, chance: Chance) -> Floats:
    """A set in the same room: one voice at a time, and some music."""
    first, second = _talk(count, rate, 115, chance), _talk(count, rate, 205, chance)
    turn = _gate(swell(count, rate, 0.4, chance), 0.5)
    chord: Floats = np.zeros(count)
    at = np.arange(count)
    for hertz in (220.0, 277.2, 329.6, 440.0):
        whole = round(hertz * count / rate)  # whole waves in the loop
        chord += np.sin(2 * np.pi * whole * at / count) + 0.4 * np.sin(4 * np.pi * whole * at / count)
    music = levelled(chord) * swell(count, rate, 0.6, chance) ** 3
    room = turn * first + (1 - turn) * second + 0.6 * music + 0.05 * noise(count, rate, band(200, 2000), chance)
    return shaped(room + 0.3 * np.roll(room, round(0.03 * rate)), rate, band(200, 3500))


def wind(count: int, rate: int, chance: Chance) -> Floats:
    """Gusts over a microphone, and a whistle that comes and goes."""
    gust = swell(count, rate, 0.6, chance)
    total = noise(count, rate, band(30, 220, 1), chance) * (0.3 + gust**2)
    for centre in (420, 560, 750):
        total += (
            0.35
            * noise(count, rate, band(0.93 * centre, 1.07 * centre, 4), chance)
            * (gust * swell(count, rate, 0.5, chance))
        )
    return total


def house(count: int, rate: int, chance: Chance) -> Floats:
    """Almost nothing: a refrigerator and a clock."""
    at = np.arange(count) / count
    hum: Floats = np.zeros(count)
    for hertz, gain in ((50, 0.4), (100, 1.0), (150, 0.3), (200, 0.35), (300, 0.15)):
        hum += gain * np.sin(2 * np.pi * round(hertz * count / rate) * at)
    total = levelled(hum) + 0.4 * noise(count, rate, band(80, 1500, 1), chance)
    seconds = max(1, round(count / rate))
    for tick in range(seconds):
        pitch = 2300 if tick % 2 else 1900
        sound = struck(0.03, rate, [(pitch, 0.004, 1.0), (1.9 * pitch, 0.002, 0.6), (700, 0.006, 0.5)])
        place(total, sound, round((tick + 0.25) * count / seconds), 5.0)
    return total


def motorway(count: int, rate: int, chance: Chance) -> Floats:
    """The hard shoulder: an unbroken roar, and what rushes past."""
    total = noise(count, rate, band(70, 900, 1), chance) + 0.3 * noise(count, rate, band(700, 2200, 1), chance)
    for passing in range(max(1, round(count / rate / 1.6))):
        _pass_by(total, rate, (passing + 0.6 * chance.random()) * 1.6 * rate / count, 1.1, 2.2, chance)
    return total


SCENERY: dict[str, Callable[[int, int, Chance], Floats]] = {
    "street": street, "rain": rain, "crowd": crowd, "car": car, "siren": siren, "baby": baby,
    "television": television, "wind": wind, "house": house, "motorway": motorway,
}  # fmt: skip


def _pass_by(total: Floats, rate: int, start: float, seconds: float, gain: float, chance: Chance) -> None:
    """A vehicle: noise that swells and sinks, brighter while it comes than when it goes. `start` is a share."""
    size = min(total.size, round(seconds * rate))
    shape = bell(size)
    coming = noise(size, rate, band(150, 1600, 1), chance) * glide(size, [1, 1, 0.2])
    going = noise(size, rate, band(80, 700, 1), chance) * glide(size, [0.2, 1, 1])
    place(total, (coming + going) * shape**1.5, round(start * total.size), gain)


def _talk(count: int, rate: int, pitch: float, chance: Chance) -> Floats:
    """One voice that says nothing: syllables at about four a second, with pauses, changing vowels."""
    if rate > TALK_RATE:  # no formant lies higher, and half the samples take half the time
        coarse = _talk(count // 2, rate // 2, pitch, chance)
        return np.fft.irfft(np.fft.rfft(coarse), count) * (count / coarse.size)
    course = pitch * (0.85 + 0.35 * swell(count, rate, 1.2, chance))
    wheel = swell(count, rate, 3.0, chance)
    total: Floats = np.zeros(count)
    source = 1 - 2 * (_closed(course, rate) % 1.0) + 0.2 * chance.standard_normal(count)
    spectrum, hertz = np.fft.rfft(source), np.fft.rfftfreq(count, 1 / rate)
    for number, vowel in enumerate(VOWELS):
        near = np.clip(1 - 3 * np.abs(wheel - (number + 0.5) / 3), 0, 1)
        gain = sum(weight / (1 + ((hertz - centre) / width) ** 2) for centre, width, weight in vowel)
        total += near * np.fft.irfft(spectrum * gain, count)
    syllables = np.clip(2 * swell(count, rate, 4.5, chance) - 0.7, 0, 1)
    return levelled(total * syllables * _gate(swell(count, rate, 0.5, chance), 0.3))


def _gate(course: Floats, threshold: float) -> Floats:
    """0 below the threshold, 1 above it, and no click between."""
    return np.clip(20 * (course - threshold) + 0.5, 0, 1)


def _closed(hertz: Floats, rate: int) -> Floats:
    """The phase, in turns, of a tone of changing pitch that ends where it began."""
    phase = np.cumsum(hertz) / rate
    turns = float(phase[-1])
    return phase * (max(1, round(turns)) / turns)
