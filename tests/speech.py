"""Real synthetic speech for tests that hear: flite's voices, and what a telephone makes of them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from audio.codec import resample, ulaw_decode, ulaw_encode
from audio.frame import Frame, join, silence

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed: no test speech")


@lru_cache(maxsize=256)
def speech(text: str, voice: str = "rms", rate: int = 16_000) -> Frame:
    """The text as a flite voice speaks it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", path], check=True)
        with wave.open(str(path)) as file:
            spoken = Frame(file.readframes(file.getnframes()), file.getframerate())
    return resample(spoken, rate)


def telephone(sound: Frame) -> Frame:
    """The sound after an 8 kHz mu-law line."""
    return ulaw_decode(ulaw_encode(resample(sound, 8000)))


def call(*parts: Frame | float, rate: int = 16_000) -> Frame:
    """Sounds and pauses (seconds) one after the other."""
    return join((silence(part, rate) if isinstance(part, float | int) else part for part in parts), rate)


def noise(seconds: float, rate: int, level: float = -50, seed: int = 1) -> Frame:
    """White noise at `level` dB below full scale."""
    sound = np.random.default_rng(seed).normal(0, 32768 * 10 ** (level / 20), round(seconds * rate))
    return Frame(sound.clip(-32768, 32767).astype("<i2").tobytes(), rate)


def mixed(sound: Frame, other: Frame) -> Frame:
    """Both at once, as long as the first."""
    below = np.frombuffer(other.samples, "<i2").astype(int)[: sound.count]
    both = np.frombuffer(sound.samples, "<i2").astype(int)
    both[: len(below)] += below
    return Frame(both.clip(-32768, 32767).astype("<i2").tobytes(), sound.rate)


def louder(sound: Frame, gain: float) -> Frame:
    """The sound `gain` dB louder."""
    samples = np.frombuffer(sound.samples, "<i2") * 10 ** (gain / 20)
    return Frame(samples.clip(-32768, 32767).astype("<i2").tobytes(), sound.rate)


def cough(rate: int, seed: int = 1) -> Frame:
    """A burst of noise that dies away within 0.25 s."""
    time = np.arange(round(0.25 * rate)) / rate
    shape = np.exp(-time / 0.1) * np.minimum(1, time / 0.005)
    sound = np.random.default_rng(seed).normal(0, 9000, len(time)) * shape
    return Frame(sound.clip(-32768, 32767).astype("<i2").tobytes(), rate)
