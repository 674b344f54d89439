"""A call on disk: stereo WAV, trainee left and caller right, on one sample clock.

Every write goes straight to the operating system, and the header is mended once a second: after `kill -9` a
reader that follows the file's length misses nothing that was written, one that trusts the header misses at
most the last second. All calls block on the disk: the conductor makes them on its writer thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from audio.frame import SAMPLE_BYTES, Frame
from audio.wav import HEADER_BYTES, WavError, read_wav_channels, wav_header

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECORDING_RATE = 16000
CHANNELS = 2
BLOCK = SAMPLE_BYTES * CHANNELS
HEADER_EVERY = 1.0
"""Seconds of sound between two mendings of the header: what a crash may cost a strict reader."""

Peaks = list[list[tuple[float, float]]]


class RecordingError(Exception):
    """The recording cannot go on; what was recorded so far plays. The message says how to mend it."""


class Recording:
    """Writes one call. After a `RecordingError` it stays quiet: the call matters more than its recording."""

    def __init__(self, path: Path, rate: int = RECORDING_RATE) -> None:
        """Start the file, replacing none. Raises RecordingError where it cannot be made."""
        self.path = path
        self.rate = rate
        self.broken = False
        self._frames = 0
        self._next_header = round(HEADER_EVERY * rate)
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o640)
        except OSError as error:
            raise RecordingError(f"{path} cannot be made: {os.strerror(error.errno or 0)}") from error
        self._guarded(lambda: self._write_all(wav_header(0, rate, CHANNELS)))

    @property
    def seconds(self) -> float:
        """How much has been recorded: the place in the recording that the log notes."""
        return self._frames / self.rate

    def write(self, trainee: Frame, caller: Frame) -> None:
        """Add what both sides said in one and the same step.

        Raises ValueError for frames of unequal length or another rate, and RecordingError, once, when the
        disk refuses.
        """
        if trainee.rate != self.rate or caller.rate != self.rate or trainee.count != caller.count:
            raise ValueError(
                f"expected two frames of equal length at {self.rate} Hz, got {trainee.count} samples at "
                f"{trainee.rate} Hz and {caller.count} at {caller.rate} Hz"
            )
        if self.broken:
            return
        self._guarded(lambda: self._write_all(_interleave(trainee, caller)))
        self._frames += trainee.count
        if self._frames >= self._next_header:
            self._next_header = self._frames + round(HEADER_EVERY * self.rate)
            self._guarded(self._mend_header)

    def close(self) -> None:
        """Mend the header a last time and see the file safely on the disk. Closing twice does no harm."""
        if self._file < 0:
            return
        try:
            if not self.broken:
                self._guarded(self._finish)
        finally:
            os.close(self._file)
            self._file = -1

    def _finish(self) -> None:
        self._mend_header()
        os.fsync(self._file)

    def _write_all(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._file, left) :]

    def _mend_header(self) -> None:
        os.lseek(self._file, 0, os.SEEK_SET)
        self._write_all(wav_header(self._frames * BLOCK, self.rate, CHANNELS))
        os.lseek(self._file, 0, os.SEEK_END)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do it; when the disk refuses, leave a file that plays and say so."""
        try:
            work()
        except OSError as error:
            self.broken = True
            _mend(self._file, self.rate)
            raise RecordingError(
                f"recording stopped after {self.seconds:.0f} s, {self.path}: {os.strerror(error.errno or 0)}. "
                "The call goes on and what was recorded plays; free some space on that disk before the next call"
            ) from error


def repair(path: Path) -> float:
    """Make a recording whole that a crash left behind; returns its seconds. Raises WavError for another file."""
    left, right = _both_sides(path)
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        _mend(descriptor, left.rate)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return min(left.seconds, right.seconds)


def peaks(path: Path, columns: int) -> Peaks:
    """The waveform for drawing: for each channel `columns` pairs of lowest and highest sample, from -1 to 1.

    A recording shorter than `columns` samples has fewer pairs. Raises WavError.
    """
    return [_channel_peaks(frame, columns) for frame in read_wav_channels(path)]


def _mend(descriptor: int, rate: int) -> None:
    """Cut off a half-written sample and write the sizes that the file's length tells. Needs no free space."""
    length = os.fstat(descriptor).st_size
    if length < HEADER_BYTES:
        return
    whole = (length - HEADER_BYTES) // BLOCK * BLOCK
    os.ftruncate(descriptor, HEADER_BYTES + whole)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, wav_header(whole, rate, CHANNELS))
    os.lseek(descriptor, 0, os.SEEK_END)


def _both_sides(path: Path) -> tuple[Frame, Frame]:
    channels = read_wav_channels(path)
    if len(channels) != CHANNELS:
        raise WavError(f"{path} has {len(channels)} channel: a call's recording has two, so this is another file")
    return channels[0], channels[1]


def _interleave(trainee: Frame, caller: Frame) -> bytes:
    import numpy as np

    both = np.empty(CHANNELS * trainee.count, dtype="<i2")
    both[0::2] = np.frombuffer(trainee.samples, dtype="<i2")
    both[1::2] = np.frombuffer(caller.samples, dtype="<i2")
    return both.tobytes()


def _channel_peaks(frame: Frame, columns: int) -> list[tuple[float, float]]:
    import numpy as np

    samples: NDArray[np.int16] = np.frombuffer(frame.samples, dtype="<i2")
    if not samples.size:
        return []
    starts = np.linspace(0, samples.size, min(columns, samples.size), endpoint=False).astype(int)
    lows = np.minimum.reduceat(samples, starts) / 32768
    highs = np.maximum.reduceat(samples, starts) / 32768
    return list(zip(lows.round(4).tolist(), highs.round(4).tolist(), strict=True))
