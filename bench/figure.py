"""One measured figure and what it must reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `must` is the limit it is held to, at most (`<=`) or at least (`>=`), or None."""

    name: str
    value: float
    unit: str
    must: float | None = None
    at_least: bool = False

    @property
    def good(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        if self.must is None:
            return None
        return self.value >= self.must if self.at_least else self.value <= self.must


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values do not exceed, by nearest rank. NaN for no values."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
