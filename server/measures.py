"""What a call's conductor measures of itself: how long the trainee waited, in seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel


class Figures(BaseModel):
    """The measures of one call, or of several together, as they are stored. None: nothing was measured."""

    turns: int
    turn_gap_p50: float | None
    turn_gap_p95: float | None
    barge_in_p50: float | None
    barge_in_p95: float | None
    decode_lag_p50: float | None
    decode_lag_p95: float | None
    answer_to_voice: float | None
    late_lines: int
    """Lines that were not ready when they were due."""
    lost_frames: int
    """Frames of the trainee that never came, 20 ms each; silence stands for them."""
    dropped_frames: int
    """Frames that came too late or that recognition could not take any more."""


@dataclass(slots=True)
class Measures:
    """The raw measures of one call."""

    turn_gaps: list[float] = field(default_factory=list)
    """End of the trainee's speech to the caller's first frame handed to the handset."""
    barge_ins: list[float] = field(default_factory=list)
    """Onset of the trainee's voice over a line to the caller's silence."""
    decode_lags: list[float] = field(default_factory=list)
    """From a likely pause or the end of a turn until its words were known."""
    answer_to_voice: float | None = None
    late_lines: int = 0
    lost_frames: int = 0
    dropped_frames: int = 0

    def figures(self) -> Figures:
        """The measures in brief."""
        return figures([self])


def figures(calls: Sequence[Measures]) -> Figures:
    """The measures of all the calls together."""
    gaps = [gap for call in calls for gap in call.turn_gaps]
    cuts = [cut for call in calls for cut in call.barge_ins]
    lags = [lag for call in calls for lag in call.decode_lags]
    answers = [call.answer_to_voice for call in calls if call.answer_to_voice is not None]
    return Figures(
        turns=len(gaps),
        turn_gap_p50=percentile(gaps, 50),
        turn_gap_p95=percentile(gaps, 95),
        barge_in_p50=percentile(cuts, 50),
        barge_in_p95=percentile(cuts, 95),
        decode_lag_p50=percentile(lags, 50),
        decode_lag_p95=percentile(lags, 95),
        answer_to_voice=max(answers, default=None),
        late_lines=sum(call.late_lines for call in calls),
        lost_frames=sum(call.lost_frames for call in calls),
        dropped_frames=sum(call.dropped_frames for call in calls),
    )


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value below which so many percent lie, by nearest rank; None of nothing."""
    if not values:
        return None
    rank = max(1, math.ceil(percent / 100 * len(values)))
    return round(sorted(values)[rank - 1], 4)
