"""Telephone coding and sampling rates.

Live sound goes through `Resampler`, our own short polyphase filter: soxr's stream works in large blocks and
was measured to hold back 61 to 115 ms between 8 and 16 kHz at any quality that keeps aliases out, this one
holds back 5 ms. Whole frames, where delay means nothing, go through soxr.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, gcd
from typing import TYPE_CHECKING

from audio.frame import SAMPLE_BYTES, Frame
from audio.pcm import level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Resampler", "level", "resample", "ulaw_decode", "ulaw_encode"]

TELEPHONE_RATE = 8000

ULAW_BIAS = 0x84
"""ITU-T G.711 mu-law: added to a magnitude so that each segment starts at a power of two (16-bit scale)."""
ULAW_LOUDEST = 32635

CROSSINGS = 40
"""Zero crossings of the filter on either side: 5 ms of delay at 8 kHz, flat to about 0.9 of the band."""
KAISER_BETA = 8.0
"""About 80 dB between the band and its aliases."""


def ulaw_encode(frame: Frame) -> bytes:
    """The frame in G.711 mu-law, one byte a sample, at the frame's own rate."""
    import numpy as np

    samples = np.frombuffer(frame.samples, dtype="<i2")
    return _encode_table()[samples.view(np.uint16)].tobytes()


def ulaw_decode(data: bytes, rate: int = TELEPHONE_RATE) -> Frame:
    """G.711 mu-law bytes as a frame. Every byte is valid."""
    low, high = _decode_table()
    samples = bytearray(SAMPLE_BYTES * len(data))  # for the few bytes of a packet faster than an array
    samples[0::2], samples[1::2] = data.translate(low), data.translate(high)
    return Frame(bytes(samples), rate)


@lru_cache(maxsize=1)
def _decode_table() -> tuple[bytes, bytes]:
    """The low and the high byte of the sample that each code stands for."""
    import numpy as np

    code = ~np.arange(256, dtype=np.uint8)
    segment = (code >> 4) & 7
    step = (code & 15).astype(np.int32)
    magnitude = (((step << 3) + ULAW_BIAS) << segment) - ULAW_BIAS
    samples = np.where(code & 0x80, -magnitude, magnitude).astype("<i2").view(np.uint8)
    return samples[0::2].tobytes(), samples[1::2].tobytes()


@lru_cache(maxsize=1)
def _encode_table() -> NDArray[np.uint8]:
    import numpy as np

    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    biased = np.minimum(np.abs(samples), ULAW_LOUDEST) + ULAW_BIAS
    segment = np.floor(np.log2(biased)).astype(np.int32) - 7
    step = (biased >> (segment + 3)) & 15
    sign = np.where(samples < 0, 0x80, 0)
    return np.asarray(~(sign | (segment << 4) | step) & 0xFF, dtype=np.uint8)


def resample(frame: Frame, rate: int) -> Frame:
    """The whole frame at another rate, in high quality and without delay."""
    if rate == frame.rate or not frame.samples:
        return Frame(frame.samples, rate)
    import numpy as np
    import soxr

    samples = np.frombuffer(frame.samples, dtype="<i2")
    resampled: NDArray[np.int16] = soxr.resample(samples, frame.rate, rate, quality="HQ")
    return Frame(resampled.tobytes(), rate)


class Resampler:
    """One live stream from one rate to another. Delay: 40 samples of the lower rate (5 ms at 8 kHz)."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        shared = gcd(from_rate, to_rate)
        self._up = to_rate // shared
        self._down = from_rate // shared
        self._half = ceil(CROSSINGS * max(1.0, from_rate / to_rate))
        self._restart()

    def _restart(self) -> None:
        """Sample 0 of the held input lies `half - 1` before the stream's first: silence came before it."""
        self._held = b"" if self._up == self._down else bytes(SAMPLE_BYTES * (self._half - 1))
        self._held_from = 0
        self._made = 0
        self._taken = 0

    def feed(self, samples: bytes) -> bytes:
        """What can be told of the output once `samples` (16-bit mono) have come in."""
        if self._up == self._down:
            return samples
        self._taken += len(samples) // SAMPLE_BYTES
        self._held += samples
        known = self._held_from + len(self._held) // SAMPLE_BYTES - 2 * self._half
        return self._make(last=known)

    def flush(self) -> bytes:
        """The rest of the output; the stream then starts afresh."""
        if self._up == self._down:
            return b""
        self._held += bytes(SAMPLE_BYTES * (self._half + 1))
        made = self._make(last=self._taken - 1)
        self._restart()
        return made

    def _make(self, last: int) -> bytes:
        """Every output sample that lies at or after input sample 0 .. `last` and before `last + 1`."""
        import numpy as np
        from numpy.lib.stride_tricks import sliding_window_view

        until = -(-(last + 1) * self._up // self._down)
        if until <= self._made:
            return b""
        at = np.arange(self._made, until) * self._down
        held = np.frombuffer(self._held, dtype="<i2").astype(np.float32)
        windows = sliding_window_view(held, 2 * self._half)[at // self._up - self._held_from]
        wave: NDArray[np.float32] = np.einsum(
            "ij,ij->i", windows, _filter_bank(self._up, self._down, self._half)[at % self._up]
        )
        self._made = until
        self._forget(until * self._down // self._up)
        return np.clip(np.rint(wave), -32768, 32767).astype("<i2").tobytes()

    def _forget(self, needed_from: int) -> None:
        gone = min(needed_from - self._held_from, len(self._held) // SAMPLE_BYTES)
        self._held = self._held[SAMPLE_BYTES * gone :]
        self._held_from += gone


@lru_cache(maxsize=16)
def _filter_bank(up: int, down: int, half: int) -> NDArray[np.float32]:
    """One row of a Kaiser-windowed sinc for each of the `up` places an output may have between inputs."""
    import numpy as np

    narrowest = min(1.0, up / down)
    cutoff = 0.94 * narrowest
    place = np.arange(up)[:, None] / up
    distance = np.arange(-half + 1, half + 1)[None, :] - place
    inside = np.clip(1 - (distance / half) ** 2, 0, 1)
    bank = cutoff * np.sinc(cutoff * distance) * np.i0(KAISER_BETA * np.sqrt(inside)) / np.i0(KAISER_BETA)
    normal = bank / bank.sum(axis=1, keepdims=True)
    return np.asarray(normal, dtype=np.float32)
