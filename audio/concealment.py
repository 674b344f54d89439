"""Packet-loss concealment: sound for what a network lost, so that an ear stumbles less.

After the idea of ITU-T G.711 Appendix I, written anew: a voice repeats itself with its pitch, so what is missing is
made of its last period again and again, fainter as time goes on and silent after 60 ms; where sound returns, both are
blended. Unlike there nothing is held back: a loss is known only when the next packet has come.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from audio.frame import SAMPLE_BYTES, Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

HISTORY_SECONDS = 0.05
"""What is remembered: three periods of the lowest voice and a little (Appendix I: 48.75 ms)."""
LOWEST, HIGHEST = 66.0, 200.0
"""Hz in which a pitch is looked for (Appendix I: periods of 5 to 15 ms)."""
WHOLE_SECONDS = 0.01
"""At full loudness, before it fades (Appendix I)."""
SILENT_AFTER = 0.06
"""Seconds of loss after which nothing is made up any more (Appendix I)."""
BLEND_SECONDS = 0.004
"""Over which the sound that returns is blended in."""
FAINTEST = 1e-9


class Concealment:
    """One live stream of 16-bit mono at `rate` samples a second, in frames."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._most = SAMPLE_BYTES * round(HISTORY_SECONDS * rate)
        self._history = b""

    def came(self, frame: Frame) -> None:
        """A frame came, or was blended by `fill`."""
        self._history = (self._history + frame.samples)[-self._most :]

    def fill(self, missing: int, frame: Frame) -> list[Frame]:
        """`missing` frames of the length of `frame` were lost before it: those, and it, blended into them."""
        import numpy as np

        step = frame.count
        blend = round(BLEND_SECONDS * self._rate)
        made = self._repeated(missing * step + blend)
        after = np.frombuffer(frame.samples, dtype="<i2").astype(np.float32)
        rising = np.linspace(0, 1, blend, dtype=np.float32)
        after[:blend] = made[-blend:] * (1 - rising) + after[:blend] * rising
        whole = np.concatenate((made[:-blend], after)).astype("<i2").tobytes()
        size = SAMPLE_BYTES * step
        frames = [Frame(whole[start : start + size], self._rate) for start in range(0, len(whole), size)]
        for each in frames:
            self.came(each)
        return frames

    def _repeated(self, count: int) -> Wave:
        """The last period, over and over, fading; silence where too little is remembered."""
        import numpy as np

        past = np.frombuffer(self._history, dtype="<i2").astype(np.float32)
        loudness = _fading(count, self._rate)
        if past.size * SAMPLE_BYTES < self._most:
            return np.zeros(count, dtype=np.float32)
        period = past[-_period(past, self._rate) :]
        return np.resize(period, count) * loudness


def _period(past: Wave, rate: int) -> int:
    """The lag, in samples, at which the end of `past` is most like what came before."""
    import numpy as np

    shortest, longest = round(rate / HIGHEST), round(rate / LOWEST)
    size = past.size - longest
    end = past[-size:]
    windows = np.lib.stride_tricks.sliding_window_view(past, size)[past.size - size - longest :][
        : longest - shortest + 1
    ]
    energy = np.sqrt(np.einsum("ij,ij->i", windows, windows)) + FAINTEST
    return longest - int(np.argmax(windows @ end / energy))


@lru_cache(maxsize=16)
def _fading(count: int, rate: int) -> Wave:
    """Loudness (0 to 1) of each sample since the loss: whole, then falling evenly to silence."""
    import numpy as np

    at = np.arange(count, dtype=np.float32) / rate
    return np.clip((SILENT_AFTER - at) / (SILENT_AFTER - WHOLE_SECONDS), 0, 1).astype(np.float32)
