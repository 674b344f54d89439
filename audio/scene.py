"""What is heard behind a caller, and the single sounds a caller or a place makes.

All of it is synthesised here from chance, so nobody's recording is needed and no two calls sound alike. Scenes
loop without a click. They lie about 30 dB under full scale, so that the voice over them stays clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, TypeVar

from audio.codec import TELEPHONE_RATE, resample, ulaw_decode, ulaw_encode
from audio.frame import FRAME_SECONDS, SAMPLE_BYTES, Frame
from audio.pcm import decibels, floats, frame_of

if TYPE_CHECKING:
    from audio.pcm import Floats
    from audio.synthesis import Chance

Made = TypeVar("Made")

SCENE_LEVEL = -30.0
"""dBFS, root mean square."""
LOUDEST = 0.6
"""Peak of a scene: -4.4 dBFS."""
KNEE = 0.8
"""Where soft clipping begins."""
TELEPHONE_BAND = (300.0, 3400.0)
"""Hz (ITU-T G.712)."""

SCENES: dict[str, float] = {
    "street": 0, "rain": 0, "crowd": 0, "car": 0, "siren": 2, "baby": 0, "television": -2, "wind": 0,
    "house": -12, "motorway": 2,
}  # fmt: skip
"""The names of all scenes, with their dB over or under `SCENE_LEVEL`."""

EFFECTS: dict[str, float] = {
    "tap": 0.3, "taps_two": 0.3, "cough": 0.4, "glass": 0.5, "door": 0.55, "bang": 0.65, "bark": 0.5,
    "breathing": 0.08, "sob": 0.3, "laugh": 0.35, "scream": 0.6, "keys_55": 0.2,
}  # fmt: skip
"""The names of all single sounds, with their peak."""


def background(name: str, seconds: float, rate: int, random: Random) -> Frame:
    """A scene that may be looped. Raises ValueError, naming what there is."""
    from audio.scenery import SCENERY
    from audio.synthesis import levelled

    wave = _made(name, SCENERY, "scene")(round(seconds * rate), rate, _chance(random))
    wave = levelled(wave) * decibels(SCENE_LEVEL + SCENES[name])
    return frame_of(LOUDEST * _softly(wave / LOUDEST), rate)


def effect(name: str, rate: int, random: Random) -> Frame:
    """A single sound, made anew each time. Raises ValueError, naming what there is."""
    import numpy as np

    from audio.noises import NOISES

    wave = _made(name, NOISES, "sound")(rate, _chance(random))
    return frame_of(wave * (EFFECTS[name] / float(np.abs(wave).max())), rate)


def mix(voice: Frame, under: Frame, gain_db: float = 0.0) -> Frame:
    """The voice with a sound under it, as long as the voice; a shorter sound ends earlier.

    Loud sums are clipped softly. Raises ValueError for unequal rates.
    """
    if voice.rate != under.rate:
        raise ValueError(f"expected a sound at {voice.rate} Hz under the voice, got one at {under.rate} Hz")
    both = floats(voice)
    beneath = floats(under)[: both.size]
    both[: beneath.size] += decibels(gain_db) * beneath
    return frame_of(_softly(both), voice.rate)


def telephone_band(frame: Frame) -> Frame:
    """The frame as a telephone would bring it: 300 to 3400 Hz, through mu-law at 8 kHz, at its own rate again."""
    import numpy as np

    from audio.synthesis import band, shaped

    if not frame.samples:
        return frame
    padding = np.zeros(frame.rate // 10)  # so that the end does not ring into the start
    narrow = shaped(np.concatenate([floats(frame), padding]), frame.rate, band(*TELEPHONE_BAND, slope=6))
    line = ulaw_decode(ulaw_encode(resample(frame_of(narrow, frame.rate), TELEPHONE_RATE)))
    size = len(frame.samples)
    return Frame(resample(line, frame.rate).samples[:size].ljust(size, b"\0"), frame.rate)


class Background:
    """Runs a scene round and round, a step at a time."""

    def __init__(self, loop: Frame) -> None:
        if not loop.samples:
            raise ValueError("a background needs a loop of some length")
        self._loop = loop
        self._at = 0

    def next(self, seconds: float = FRAME_SECONDS) -> Frame:
        """The next step."""
        size = SAMPLE_BYTES * round(seconds * self._loop.rate)
        samples = self._loop.samples[self._at : self._at + size]
        while len(samples) < size:
            samples += self._loop.samples[: size - len(samples)]
        self._at = (self._at + size) % len(self._loop.samples)
        return Frame(samples, self._loop.rate)


def _made(name: str, makers: Mapping[str, Made], what: str) -> Made:
    if name not in makers:
        raise ValueError(f"there is no {what} {name!r}; there are {', '.join(makers)}")
    return makers[name]


def _chance(random: Random) -> Chance:
    import numpy as np

    return np.random.default_rng(random.getrandbits(64))


def _softly(wave: Floats) -> Floats:
    """Untouched below `KNEE`, bent towards full scale above it."""
    import numpy as np

    over = np.abs(wave) - KNEE
    if over.size == 0 or over.max() <= 0:
        return wave
    bent = KNEE + (1 - KNEE) * np.tanh(np.maximum(over, 0) / (1 - KNEE))
    return np.where(over > 0, np.copysign(bent, wave), wave)
