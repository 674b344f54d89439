"""Between frames and numbers: the only place that knows how 16-bit samples become floats and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audio.frame import Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FULL_SCALE = 32768.0
LOUDEST = 32767
QUIETEST = -96.0
"""dBFS of digital silence: below one step of a 16-bit sample nothing can be told apart."""


def floats(frame: Frame) -> Floats:
    """The samples as numbers from -1 to 1."""
    import numpy as np

    return np.frombuffer(frame.samples, dtype="<i2").astype(np.float64) / FULL_SCALE


def frame_of(wave: Floats, rate: int) -> Frame:
    """Numbers from -1 to 1 as a frame; what is louder is clipped."""
    import numpy as np

    whole = np.clip(np.rint(wave * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    return Frame(whole.astype("<i2").tobytes(), rate)


def added(frame: Frame, shorter: Frame) -> Frame:
    """Both sounds at once, from their beginnings on, as long as the first; what is louder than can be is clipped."""
    import numpy as np

    both = np.frombuffer(frame.samples, dtype="<i2").astype(np.int32)
    both[: shorter.count] += np.frombuffer(shorter.samples, dtype="<i2")
    return Frame(np.clip(both, -LOUDEST - 1, LOUDEST).astype("<i2").tobytes(), frame.rate)


def level(frame: Frame) -> float:
    """Loudness as root mean square in dBFS: a full-scale sine is -3, digital silence `QUIETEST`."""
    import numpy as np

    if not frame.samples:
        return QUIETEST
    power = float(np.mean(floats(frame) ** 2))
    return max(QUIETEST, 10 * float(np.log10(power))) if power > 0 else QUIETEST


def decibels(gain: float) -> float:
    """The factor that a gain in dB stands for."""
    return float(10 ** (gain / 20))
