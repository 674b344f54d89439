"""Building blocks of made-up sound: shaped noise, voices, struck things. Whole arrays of floats, nothing live.

What is made for a scene is periodic in its own length, so that it can run round without a click: noise is shaped
by its spectrum, and single sounds are added around the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from audio.pcm import Floats

Chance = np.random.Generator
Shape = Callable[["Floats"], "Floats"]
"""The gain for each frequency in Hz."""

Formant = tuple[float, float, float]
"""A resonance of a throat or box: centre in Hz, width in Hz, gain."""

AH: tuple[Formant, ...] = ((730, 90, 1.0), (1200, 110, 0.6), (2600, 160, 0.3))
UH: tuple[Formant, ...] = ((520, 90, 1.0), (1190, 110, 0.4), (2390, 160, 0.15))
EH: tuple[Formant, ...] = ((530, 80, 1.0), (1840, 120, 0.5), (2480, 160, 0.3))
OO: tuple[Formant, ...] = ((300, 70, 1.0), (870, 100, 0.3), (2240, 160, 0.05))
"""Vowels: the first three formants of a man's (Peterson and Barney 1952)."""


def band(low: float, high: float, slope: int = 2) -> Shape:
    """Passes from `low` to `high` Hz, falling off by 6 dB an octave times `slope`."""

    def gain(hertz: Floats) -> Floats:
        safe = np.maximum(hertz, 1.0)
        return 1 / np.sqrt((1 + (low / safe) ** (2 * slope)) * (1 + (safe / high) ** (2 * slope)))

    return gain


def throat(formants: Sequence[Formant]) -> Shape:
    """Passes the resonances given."""

    def gain(hertz: Floats) -> Floats:
        total: Floats = np.zeros_like(hertz)
        for centre, width, weight in formants:
            total += weight / (1 + ((hertz - centre) / width) ** 2)
        return total

    return gain


def shaped(wave: Floats, rate: int, shape: Shape) -> Floats:
    """The wave through a filter, periodic in its length."""
    hertz = np.asarray(np.fft.rfftfreq(wave.size, 1 / rate), dtype=np.float64)
    return np.fft.irfft(np.fft.rfft(wave) * shape(hertz), wave.size)


def noise(count: int, rate: int, shape: Shape, chance: Chance) -> Floats:
    """Shaped noise of unit power, periodic."""
    return levelled(shaped(chance.standard_normal(count), rate, shape))


def levelled(wave: Floats) -> Floats:
    """At unit root mean square."""
    power = float(np.sqrt(np.mean(wave**2)))
    return wave / power if power > 0 else wave


def swell(count: int, rate: int, per_second: float, chance: Chance) -> Floats:
    """A slow periodic course between 0 and 1 that turns about so many times a second."""
    cycles = max(1, round(count / rate * per_second))
    spectrum = np.zeros(count // 2 + 1, dtype=complex)
    spectrum[1 : cycles + 1] = chance.standard_normal(cycles) + 1j * chance.standard_normal(cycles)
    course = np.fft.irfft(spectrum, count)
    low, high = float(course.min()), float(course.max())
    return (course - low) / (high - low)


def voiced(pitch: Floats, rate: int, formants: Sequence[Formant], breath: float, chance: Chance) -> Floats:
    """A throat sounding at `pitch` (Hz for each sample) with a share of breath, at unit power."""
    phase = np.cumsum(pitch) / rate
    buzz = 1 - 2 * (phase % 1.0)
    source = buzz + breath * chance.standard_normal(pitch.size)
    return levelled(shaped(source, rate, throat(formants)))


def struck(seconds: float, rate: int, partials: Sequence[tuple[float, float, float]]) -> Floats:
    """Something hit: partials of Hz, seconds of decay to a third, gain; those too high for the rate are left out."""
    at = np.arange(round(seconds * rate)) / rate
    total: Floats = np.zeros(at.size)
    for hertz, decay, gain in partials:
        if hertz < 0.48 * rate:
            total += gain * np.exp(-at / decay) * np.sin(2 * np.pi * hertz * at)
    return total


def burst(seconds: float, rate: int, attack: float, decay: float) -> Floats:
    """An envelope that rises in `attack` and falls to a third in each `decay` seconds."""
    at = np.arange(round(seconds * rate)) / rate
    return np.minimum(at / attack, 1.0) * np.exp(-np.maximum(at - attack, 0) / decay)


def bell(count: int) -> Floats:
    """An envelope from 0 up to 1 and down to 0."""
    return np.sin(np.pi * np.arange(count) / count) ** 2


def glide(count: int, points: Sequence[float]) -> Floats:
    """A course through the points at equal steps."""
    return np.interp(np.linspace(0, len(points) - 1, count), np.arange(len(points)), points)


def place(canvas: Floats, sound: Floats, at: int, gain: float = 1.0) -> None:
    """Add the sound to the canvas, running on at its start when it meets its end."""
    start = at % canvas.size
    while sound.size:
        room = min(sound.size, canvas.size - start)
        canvas[start : start + room] += gain * sound[:room]
        sound, start = sound[room:], 0
