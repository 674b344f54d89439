"""Every kind of criterion: the function that judges it and the keys of a script that it reads.

Each function takes the criterion and the call and returns a Finding: the share of the points that was earned and
why, with evidence. Turning shares into points, critical failures and a score is for `scripts/marking.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scripts import criteria_asked as asking
from scripts import criteria_decision as outcome
from scripts import criteria_facts as facts
from scripts import criteria_manner as manner
from scripts.evidence import Call, Finding
from scripts.script import Criterion, CriterionKind

Judge = Callable[[Criterion, Call], Finding]

KINDS: Mapping[CriterionKind, Judge] = {
    "captured": facts.captured,
    "asked": asking.asked,
    "asked_before": asking.asked_before,
    "asked_within": asking.asked_within,
    "said": manner.said,
    "never_said": manner.never_said,
    "advised": manner.advised,
    "reassured": manner.reassured,
    "decided": outcome.decided,
    "decided_within": outcome.decided_within,
    "regraded": outcome.regraded,
    "answered_within": outcome.answered_within,
    "no_dead_air": manner.no_dead_air,
    "did_not_interrupt": manner.did_not_interrupt,
    "no_monologue": manner.no_monologue,
    "order": asking.order,
    "summary_given": facts.summary_given,
    "closed_properly": manner.closed_properly,
}


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that a kind reads beside those that all do; of each group in `needs` one must be given."""

    needs: tuple[tuple[str, ...], ...] = ()
    may: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*(key for group in self.needs for key in group), *self.may)


THINGS = ("topic", "topics", "fact", "facts")

READS: Mapping[CriterionKind, Keys] = {
    "captured": Keys((("fact",),), ("full", "part")),
    "asked": Keys((THINGS,)),
    "asked_before": Keys((THINGS, ("before",))),
    "asked_within": Keys((THINGS, ("seconds",))),
    "said": Keys((("words",),), ("count",)),
    "never_said": Keys((("words", "act"),)),
    "advised": Keys((), ("words", "count")),
    "reassured": Keys((), ("count",)),
    "decided": Keys(),
    "decided_within": Keys((("seconds",),)),
    "regraded": Keys((("event",),), ("seconds",)),
    "answered_within": Keys((), ("seconds",)),
    "no_dead_air": Keys((), ("seconds",)),
    "did_not_interrupt": Keys((), ("count",)),
    "no_monologue": Keys((), ("seconds",)),
    "order": Keys((("topics", "facts"),)),
    "summary_given": Keys((), ("count",)),
    "closed_properly": Keys(),
}

COMMON = ("id", "kind", "title", "points", "dimension", "critical", "advice")
"""The keys that every kind reads."""
