"""What is measured at the trainee's end of a line, by ear: seconds, told by frames of 20 ms.

The server measures itself too; this is what a person would have found, the network included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from audio.frame import FRAME_SECONDS, Frame
from audio.pcm import level
from server.line_person import by_loudness_alone
from server.measures import percentile

SAID = -42.0
"""dBFS above which a frame of the trainee counts as spoken: above the breath of a recording."""
PAUSE = 0.3
"""Seconds of silence that end what somebody says, for these measures."""
NO_ANSWER = 2.5
"""Seconds after which an answer does not count as one: the trainee goes on, or the caller does by himself."""
NOT_STOPPED = 1.5
"""Seconds of speaking over a line after which it counts as one that does not stop."""
LEAK_SECONDS = 0.1
"""After `clear`, in which no voice may come."""
LATE = 0.04
"""Seconds that a line may be dry before its next frame counts as late."""


@dataclass
class LineMeasures:
    """One call's. Times are seconds of a steady clock."""

    clears: bool = True
    """Whether the server says when it stops; otherwise silence tells."""
    turn_gaps: list[float] = field(default_factory=list)
    """End of the trainee's speech to the caller's voice at the trainee's ear."""
    barge_ins: list[float] = field(default_factory=list)
    """Onset of the trainee's voice over the caller's to `clear`, or to silence where there is no such message."""
    webhooks: list[float] = field(default_factory=list)
    """Request to answer."""
    answer: float | None = None
    """The first request to the first sound."""
    unanswered: int = 0
    """Turns without an answer in time: it was not a question, or too slow."""
    not_stopped: int = 0
    leaked: int = 0
    """Frames with a voice that came within a tenth of a second after `clear`."""
    late: int = 0
    """Times that the line ran dry for more than 40 ms while something was being played."""
    longest_dry: float = 0.0
    sent: int = 0
    lost: int = 0
    """Frames of the trainee that the network lost."""
    dropped: int = 0
    """Frames of the server that the network threw away: too far ahead."""
    own_delay: float = 0.0
    """The longest that this program itself was late: beyond 20 ms the other figures blame the server for it."""
    ended: str = ""
    """How the call ended, in a few words."""
    _said_at: float | None = None
    """When the trainee last spoke; None where that was answered."""
    _quiet_since: float = float("-inf")
    _onset: float | None = None
    _caller_at: float = float("-inf")
    _cleared_at: float = float("-inf")
    _dry_since: float | None = None

    def step(self, said: Frame | None, heard: Frame, now: float) -> None:
        """Twenty milliseconds at the trainee's end: what was said and what was heard from `now` on."""
        speaking = said is not None and level(said) > SAID
        voiced = by_loudness_alone(heard)
        if speaking:
            self._speak(now)
        if voiced:
            self._hear(now, speaking=speaking)
        elif self._onset is not None and now - self._caller_at > PAUSE:
            if not self.clears:
                self.barge_ins.append(self._caller_at + FRAME_SECONDS - self._onset)
            self._onset = None
        if self._onset is not None and now - self._onset > NOT_STOPPED:
            self.not_stopped += 1
            self._onset = None

    def cleared(self, now: float) -> None:
        """The server told the network to throw away what was not played."""
        self._dry_since = None
        if self._onset is not None:
            self._cleared_at = now
            self.barge_ins.append(now - self._onset)
            self._onset = None

    def arrived(self, sound: Frame, now: float) -> None:
        """Sound came from the server."""
        if now - self._cleared_at < LEAK_SECONDS and by_loudness_alone(sound):
            self.leaked += 1

    def fed(self, *, dry: bool, now: float) -> None:
        """Whether the network had anything to play."""
        if dry:
            self._dry_since = now if self._dry_since is None else self._dry_since
        elif self._dry_since is not None:
            lasted = now - self._dry_since
            self._dry_since = None
            if lasted > LATE:
                self.late += 1
                self.longest_dry = max(self.longest_dry, lasted)

    def _speak(self, now: float) -> None:
        if now - self._quiet_since > PAUSE:
            if self._said_at is not None and now - self._said_at > PAUSE:
                self.unanswered += 1
            if now - self._caller_at <= 2 * FRAME_SECONDS:
                self._onset = now
        self._said_at = self._quiet_since = now

    def _hear(self, now: float, *, speaking: bool) -> None:
        began = now - self._caller_at > PAUSE
        self._caller_at = now
        if began and not speaking and self._said_at is not None:
            gap = now - self._said_at - FRAME_SECONDS
            if gap <= NO_ANSWER:
                self.turn_gaps.append(max(0.0, gap))
            else:
                self.unanswered += 1
            self._said_at = None


@dataclass(frozen=True, slots=True)
class Row:
    """One figure over all calls: seconds, or a count."""

    name: str
    p50: float | None
    p95: float | None
    worst: float | None
    count: int


def rows(calls: Sequence[LineMeasures]) -> list[Row]:
    """The percentiles of all calls together."""
    answers = [call.answer for call in calls if call.answer is not None]
    return [
        _row("turn gap", [gap for call in calls for gap in call.turn_gaps]),
        _row("barge-in", [cut for call in calls for cut in call.barge_ins]),
        _row("answer time", answers),
        _row("webhook", [one for call in calls for one in call.webhooks]),
        _row("line dry", [call.longest_dry for call in calls if call.late]),
    ]


COUNTS = ("sent", "lost", "dropped", "late", "leaked", "unanswered", "not_stopped")


def counts(calls: Sequence[LineMeasures]) -> dict[str, int]:
    """What was counted, over all calls."""
    return {name: sum(getattr(call, name) for call in calls) for name in COUNTS}


def _row(name: str, values: Sequence[float]) -> Row:
    return Row(name, percentile(values, 50), percentile(values, 95), percentile(values, 100), len(values))
