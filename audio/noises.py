"""How each single sound is made: at `rate`, at any level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from audio.pcm import floats
from audio.synthesis import AH, UH, Chance, Formant, band, bell, burst, glide, noise, place, struck, voiced
from audio.tones import keys

if TYPE_CHECKING:
    from audio.pcm import Floats


def tap(rate: int, chance: Chance) -> Floats:
    """A fingernail on the handset."""
    body = chance.uniform(0.95, 1.05)
    partials = [(240 * body, 0.012, 1.0), (620 * body, 0.008, 0.9), (1450 * body, 0.005, 0.7), (2600, 0.002, 0.6)]
    return struck(0.12, rate, partials)


def taps_two(rate: int, chance: Chance) -> Floats:
    return _sequence(rate, [(0.0, tap(rate, chance), 1.0), (0.32, tap(rate, chance), 0.9)])


def cough(rate: int, chance: Chance) -> Floats:
    """Two coughs: the burst, then some voice."""
    return _sequence(rate, [(at, _cough(rate, chance), gain) for at, gain in ((0.0, 1.0), (0.38, 0.7))])


def glass(rate: int, chance: Chance) -> Floats:
    """A pane breaks: the blow, then splinters that ring and fall."""
    crash = 1.5 * burst(0.5, rate, 0.001, 0.06)
    parts = [(0.0, crash * noise(crash.size, rate, band(1500, 7000), chance), 0.5)]
    for _ in range(40):
        hertz = chance.uniform(1800, min(7000, 0.45 * rate))
        splinter = struck(0.4, rate, [(hertz, 0.05, 1.0), (1.47 * hertz, 0.03, 0.6)])
        parts.append((float(chance.exponential(0.22)), splinter, float(chance.uniform(0.15, 0.7))))
    return _sequence(rate, parts)


def door(rate: int, chance: Chance) -> Floats:
    """A door slams: latch, thud, the frame's rattle."""
    thud = struck(0.6, rate, [(70, 0.09, 1.0), (115, 0.06, 0.8), (190, 0.04, 0.5), (340, 0.02, 0.3)])
    slam = burst(0.35, rate, 0.002, 0.04)
    rattle = slam * noise(slam.size, rate, band(150, 1800, 1), chance)
    return _sequence(rate, [(0.0, tap(rate, chance), 0.3), (0.06, thud, 1.0), (0.06, rattle, 0.35)])


def bang(rate: int, chance: Chance) -> Floats:
    """One loud report and what comes back from the houses."""
    report = burst(0.9, rate, 0.0008, 0.07)
    crack = report * noise(report.size, rate, band(120, 5000, 1), chance)
    echo = burst(0.9, rate, 0.02, 0.2) * noise(report.size, rate, band(80, 900, 1), chance)
    return _sequence(rate, [(0.0, crack, 1.0), (0.12, echo, 0.18)])


def bark(rate: int, chance: Chance) -> Floats:
    """A dog, twice or three times."""
    size = round(0.17 * rate)
    parts = []
    for number in range(int(chance.integers(2, 4))):
        pitch = chance.uniform(0.92, 1.08) * glide(size, [330, 520, 430, 250])
        voice = voiced(pitch, rate, ((750, 200, 1.0), (1500, 300, 0.7), (2700, 500, 0.3)), 0.5, chance)
        parts.append((0.42 * number + chance.uniform(0, 0.06), voice * bell(size) ** 0.6, chance.uniform(0.8, 1.0)))
    return _sequence(rate, parts)


def breathing(rate: int, chance: Chance) -> Floats:
    """Somebody close to the mouthpiece: in and out, twice."""
    drawn = [(0.0, 0.7, band(900, 3000), 0.7), (0.85, 0.9, band(350, 1700), 1.0)]
    parts = []
    for start in (0.0, 2.2):
        for at, length, shape, gain in drawn:
            size = round(length * chance.uniform(0.9, 1.1) * rate)
            parts.append((start + at, bell(size) * noise(size, rate, shape, chance), gain))
    return _sequence(rate, parts)


def sob(rate: int, chance: Chance) -> Floats:
    """Weeping: broken falling sounds, then a shaky breath in."""
    parts = []
    for number in range(4):
        top = chance.uniform(300, 350) - 12 * number
        parts.append((0.26 * number, _voice(rate, 0.17, [top, top * 1.06, 0.75 * top], UH, 0.5, chance), 1.0))
    size = round(0.55 * rate)
    shaking = 0.6 + 0.4 * np.sin(2 * np.pi * 9 * np.arange(size) / rate)
    parts.append((1.15, bell(size) * shaking * noise(size, rate, band(800, 3200), chance), 0.5))
    return _sequence(rate, parts)


def laugh(rate: int, chance: Chance) -> Floats:
    """Ha ha ha, falling."""
    parts = []
    for number in range(5):
        pitch, at = (230 - 14 * number) * chance.uniform(0.97, 1.03), 0.2 * number
        size = round(0.06 * rate)
        parts.append((at, bell(size) * noise(size, rate, band(700, 3000), chance), 0.35))
        parts.append((at + 0.04, _voice(rate, 0.12, [pitch, 1.05 * pitch, 0.9 * pitch], AH, 0.2, chance), 1.0))
    return _sequence(rate, parts)


def scream(rate: int, chance: Chance) -> Floats:
    """A woman screams."""
    high = chance.uniform(0.95, 1.1)
    course = [high * hertz for hertz in (620, 980, 1050, 1020, 1000, 780)]
    return _voice(rate, 1.1, course, ((1100, 250, 1.0), (1700, 300, 0.7), (2900, 400, 0.6)), 0.4, chance)


def keys_55(rate: int, _chance: Chance) -> Floats:
    """Two fives on the keypad: how a caller who cannot speak asks for help (the UK's Silent Solution)."""
    return floats(keys("55", rate))


NOISES: dict[str, Callable[[int, Chance], Floats]] = {
    "tap": tap, "taps_two": taps_two, "cough": cough, "glass": glass, "door": door, "bang": bang, "bark": bark,
    "breathing": breathing, "sob": sob, "laugh": laugh, "scream": scream, "keys_55": keys_55,
}  # fmt: skip


def _cough(rate: int, chance: Chance) -> Floats:
    blow = burst(0.3, rate, 0.006, 0.05)
    air = blow * noise(blow.size, rate, band(450, 2800, 1), chance)
    voice = _voice(rate, 0.2, [150, 120, 95], UH, 0.8, chance)
    return _sequence(rate, [(0.0, air, 1.0), (0.05, voice, 0.4)])


def _voice(
    rate: int, seconds: float, course: Sequence[float], formants: Sequence[Formant], breath: float, chance: Chance
) -> Floats:
    size = round(seconds * rate)
    return voiced(glide(size, course), rate, formants, breath, chance) * bell(size) ** 0.5


def _sequence(rate: int, parts: Sequence[tuple[float, Floats, float]]) -> Floats:
    """Sounds that start at so many seconds with such a gain, on a canvas that holds them all."""
    size = max(round(at * rate) + sound.size for at, sound, _ in parts)
    canvas: Floats = np.zeros(size)
    for at, sound, gain in parts:
        place(canvas, sound, round(at * rate), gain)
    return canvas
