"""An open loudspeaker: telling the trainee's voice from the caller's own, come back through the microphone.

No echo is cancelled here; a microphone step counts only where it is clearly louder than the echo can be. The
room's coupling is learned while the caller speaks. A headset needs none of this and is better.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from audio.frame import FRAME_SECONDS


@dataclass(frozen=True, slots=True)
class EchoSettings:
    """How careful the gate is."""

    tail: float = 0.3
    """Seconds for which played sound may still come back: about 0.15 of the sound card's buffers, and the
    room's own 0.15."""
    margin: float = 6.0
    """dB by which a voice must exceed the likely echo: what an echo varies by from step to step."""
    first_guess: float = 0.0
    """dB from loudspeaker to microphone before anything is known: louder than any room gives back, so that
    a new caller does not interrupt itself."""
    falls: float = 10.0
    """dB a second at which the coupling may sink: pauses and the sound card's delay say nothing of the room."""
    rises: float = 20.0
    """And rise: faster, as the loudest echo tells most; not at once, or a quiet voice would pass for echo."""
    silence: float = -60.0
    """dB below full scale at which the loudspeaker counts as silent."""


class EchoGate:
    """One call's gate, fed one step (20 ms) of levels after the other."""

    def __init__(self, settings: EchoSettings | None = None) -> None:
        self._settings = settings or EchoSettings()
        self._played: deque[float] = deque(maxlen=round(self._settings.tail / FRAME_SECONDS))
        self.coupling = self._settings.first_guess

    def passes(self, mic_level: float, speaker_level: float | None) -> bool:
        """Whether this step's sound can be the trainee. Levels in dB; None where nothing is played."""
        self._played.append(-200.0 if speaker_level is None else speaker_level)
        loudest = max(self._played)
        if loudest < self._settings.silence:
            return True
        if mic_level > loudest + self.coupling + self._settings.margin:
            return True
        change = mic_level - loudest - self.coupling
        least, most = -self._settings.falls * FRAME_SECONDS, self._settings.rises * FRAME_SECONDS
        self.coupling += min(max(change, least), most)
        return False
