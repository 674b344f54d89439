"""How far two hands agree on the same verdicts: shares, Cohen's kappa, false passes, drift. Pure arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from scripts.marksheet import Result

Table = Mapping[tuple[Result, Result], int]
"""How often the first hand said the one and the second the other."""
Z95 = 1.96
"""Of a normal distribution: a 95 % interval."""
ENOUGH = 20
"""Verdicts below which a kappa says little; the page greys it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One criterion. `kappa` is None where chance alone would agree always, or of one verdict; shares are 0 to 1.

    `passed`: verdicts that the first hand called met; `false_passes`: those of them that the second called
    partial or unmet. `unsure`: verdicts that the first hand left to the second; they count nowhere else.
    """

    n: int
    agreed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    passed: int
    false_passes: int
    unsure: int


def agreement(table: Table) -> Agreement:
    """Agreement, Cohen's kappa (Educational and Psychological Measurement 20, 1960) and false passes.

    The interval is Cohen's own large-sample one, cut at -1 and 1: rough for small n.
    """
    counted = {pair: n for pair, n in table.items() if "unsure" not in pair}
    n = sum(counted.values())
    passed = sum(count for (first, _), count in counted.items() if first == "met")
    false = sum(
        count for (first, second), count in counted.items() if first == "met" and second in ("partial", "unmet")
    )
    unsure = sum(table.values()) - n
    if not n:
        return Agreement(0, None, None, None, None, 0, 0, unsure)
    observed = sum(count for (first, second), count in counted.items() if first == second) / n
    kappa, low, high = _kappa(counted, n, observed)
    return Agreement(n, observed, kappa, low, high, passed, false, unsure)


def _kappa(table: Table, n: int, observed: float) -> tuple[float | None, float | None, float | None]:
    rows: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    for (first, second), count in table.items():
        rows[first] += count
        columns[second] += count
    chance = sum(rows[result] * columns[result] for result in rows) / n**2
    if chance >= 1 or n < 2:
        return None, None, None
    kappa = (observed - chance) / (1 - chance)
    spread = Z95 * sqrt(observed * (1 - observed) / n) / (1 - chance)
    return kappa, max(-1.0, kappa - spread), min(1.0, kappa + spread)


def drift(before: Table, lately: Table) -> float | None:
    """By how much the share of agreement has changed, -1 to 1; None where either time has no verdicts."""
    then, now = agreement(before).agreed, agreement(lately).agreed
    return None if then is None or now is None else now - then


def together(tables: Iterable[Table]) -> Table:
    """Several tables as one."""
    summed: Counter[tuple[Result, Result]] = Counter()
    for table in tables:
        summed.update(table)
    return summed
