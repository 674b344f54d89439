"""One value for sound, used everywhere: a run of mono samples with its rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FRAME_SECONDS = 0.02
"""The step in which live sound moves: 20 ms, the packet time of every telephone network."""

SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """A run of sound of any length: `samples` are 16-bit signed mono, `rate` is samples a second."""

    samples: bytes
    rate: int

    @property
    def count(self) -> int:
        """How many samples the frame holds."""
        return len(self.samples) // SAMPLE_BYTES

    @property
    def seconds(self) -> float:
        """How long the frame lasts."""
        return self.count / self.rate


def silence(seconds: float, rate: int) -> Frame:
    """Digital silence of the given length."""
    return Frame(bytes(SAMPLE_BYTES * round(seconds * rate)), rate)


def join(frames: Iterable[Frame], rate: int) -> Frame:
    """All frames as one. Raises ValueError when one has another rate: joining them would change its pitch."""
    parts = []
    for frame in frames:
        if frame.rate != rate:
            raise ValueError(f"expected a frame at {rate} Hz, got one at {frame.rate} Hz")
        parts.append(frame.samples)
    return Frame(b"".join(parts), rate)


def cut(frame: Frame, seconds: float = FRAME_SECONDS) -> Iterator[Frame]:
    """The frame in steps of `seconds`; the last step is filled up with silence."""
    step = SAMPLE_BYTES * round(seconds * frame.rate)
    for start in range(0, len(frame.samples), step):
        yield Frame(frame.samples[start : start + step].ljust(step, b"\0"), frame.rate)
