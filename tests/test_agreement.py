from __future__ import annotations

import pytest

from scripts.marksheet import Result
from server.agreement import agreement, drift, together

Counts = dict[tuple[Result, Result], int]
COHEN: Counts = {
    ("met", "met"): 20, ("met", "unmet"): 5, ("unmet", "met"): 10, ("unmet", "unmet"): 15,
}  # fmt: skip
"""A two by two table whose kappa is 0.4 by hand: observed 0.7, by chance 0.5."""


def test_kappa_is_what_pencil_and_paper_say() -> None:
    found = agreement(COHEN)
    assert found.n == 50
    assert found.agreed == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert found.low == pytest.approx(0.4 - 1.96 * (0.7 * 0.3 / 50) ** 0.5 / 0.5)
    assert found.high == pytest.approx(0.4 + 1.96 * (0.7 * 0.3 / 50) ** 0.5 / 0.5)


def test_full_agreement_over_several_results_is_one_and_over_a_single_result_unknown() -> None:
    assert agreement({("met", "met"): 5, ("unmet", "unmet"): 5}).kappa == pytest.approx(1.0)
    always = agreement({("met", "met"): 9})
    assert (always.agreed, always.kappa) == (1.0, None)


def test_agreement_worse_than_chance_is_below_zero_and_never_below_minus_one() -> None:
    found = agreement({("met", "unmet"): 5, ("unmet", "met"): 5})
    assert found.kappa == pytest.approx(-1.0)
    assert found.low == -1.0


def test_a_false_pass_is_a_verdict_of_met_that_was_none() -> None:
    counts: Counts = {("met", "unmet"): 2, ("met", "partial"): 1, ("met", "not_applicable"): 4, ("met", "met"): 5}
    found = agreement({**counts, ("unmet", "met"): 8})
    assert (found.passed, found.false_passes) == (12, 3)


def test_what_the_rules_left_unsure_is_counted_apart() -> None:
    found = agreement({("unsure", "met"): 3, ("met", "met"): 1})
    assert (found.n, found.unsure, found.agreed) == (1, 3, 1.0)
    nothing = agreement({})
    assert (nothing.n, nothing.agreed, nothing.kappa) == (0, None, None)


def test_drift_is_the_change_of_agreement_and_unknown_without_both_times() -> None:
    before: Counts = {("met", "met"): 8, ("met", "unmet"): 2}
    lately: Counts = {("met", "met"): 5, ("met", "unmet"): 5}
    assert drift(before, lately) == pytest.approx(-0.3)
    assert drift({}, lately) is None
    assert together([before, lately]) == {("met", "met"): 13, ("met", "unmet"): 7}
