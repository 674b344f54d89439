"""The telephone's own sounds: ringing, disconnect, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audio.frame import Frame, join, silence
from audio.pcm import frame_of

if TYPE_CHECKING:
    from audio.pcm import Floats

AMPLITUDE = 0.1
"""Of full scale, for each frequency: about -23 dBFS, under the voice that follows."""
FADE_SECONDS = 0.005
"""At both ends of a tone; shorter ones click."""

RING = (400.0, 450.0)
RING_CADENCE = (0.4, 0.2, 0.4, 2.0)
"""Seconds on, off, on, off: the United Kingdom's ring tone (BT SIN 350; ITU-T E.180 Supplement 2)."""

DISCONNECTED = 400.0
"""Continuous: what a line gives after the other side has hung up (number unobtainable, BT SIN 350)."""

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")
"""ITU-T Q.23: a key sounds its row's and its column's frequency together."""
KEY_SECONDS = 0.1
KEY_GAP = 0.1
"""Between two keys; Q.24 asks receivers to tell keys apart from 40 ms on."""


def ring(seconds: float, rate: int) -> Frame:
    """What a caller hears while it rings, for so many seconds, starting with a ring."""
    on, gap, again, pause = RING_CADENCE
    cycle = [tone(RING, on, rate), silence(gap, rate), tone(RING, again, rate), silence(pause, rate)]
    cycles = int(seconds / sum(RING_CADENCE)) + 1
    return _first(join(cycle * cycles, rate), seconds)


def disconnected(seconds: float, rate: int) -> Frame:
    """What is left of a line after the other side has hung up."""
    return tone((DISCONNECTED,), seconds, rate)


def key(name: str, rate: int, seconds: float = KEY_SECONDS) -> Frame:
    """One key of a telephone: 0 to 9, `*`, `#`, A to D. Raises ValueError for another."""
    for row, names in zip(ROWS, KEYS, strict=True):
        if len(name) == 1 and name in names:
            return tone((row, COLUMNS[names.index(name)]), seconds, rate)
    raise ValueError(f"a telephone has no key {name!r}, only 0 to 9, *, # and A to D")


def keys(names: str, rate: int) -> Frame:
    """Several keys, one after the other."""
    parts = [part for name in names for part in (key(name, rate), silence(KEY_GAP, rate))]
    return join(parts, rate)


def tone(frequencies: tuple[float, ...], seconds: float, rate: int) -> Frame:
    """Frequencies in Hz sounding together, each at `AMPLITUDE`, faded in and out."""
    import numpy as np

    at = np.arange(round(seconds * rate)) / rate
    wave: Floats = np.zeros(at.size)
    for hertz in frequencies:
        wave += AMPLITUDE * np.sin(2 * np.pi * hertz * at)
    fade = np.minimum(1, np.minimum(at, seconds - at) / FADE_SECONDS)
    return frame_of(wave * fade, rate)


def _first(frame: Frame, seconds: float) -> Frame:
    return Frame(frame.samples[: len(silence(seconds, frame.rate).samples)], frame.rate)
