"""The measuring trainees' calls held against what is right: one row a call, and the figures of many."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.figure import Figure, percentile
from bench.trainees.playing import Performance
from bench.trainees.truth import Right, score, truths
from scripts.force import Force
from scripts.marking import mark
from scripts.marksheet import Marksheet, Verdict


@dataclass(frozen=True, slots=True)
class Held:
    """One call: its marks, the right verdicts where they are known, and the score that is right."""

    performance: Performance
    sheet: Marksheet
    known: dict[str, Right]
    score: float
    passes: bool
    same_again: bool

    @property
    def judged(self) -> list[tuple[Verdict, Right]]:
        return [
            (verdict, self.known[verdict.criterion])
            for verdict in self.sheet.verdicts
            if verdict.criterion in self.known
        ]

    @property
    def wrong(self) -> list[tuple[Verdict, Right]]:
        """Verdicts that are not right; one that waits for an assessor is right when failing would have been wrong."""
        return [
            (verdict, right)
            for verdict, right in self.judged
            if (right.share == 0 if verdict.result == "unsure" else verdict.result != right.result)
        ]


def hold(performance: Performance, force: Force) -> Held:
    """Mark the call twice, and hold the marks against what is right."""
    sheet = mark(performance.script, performance.log, force)
    again = mark(performance.script, performance.log, force)
    known = truths(performance, force)
    right, passes = score(known, sheet, force)
    return Held(performance, sheet, known, right, passes, sheet.model_dump_json() == again.model_dump_json())


def figures(rows: Sequence[Held], how: str, must: float) -> Iterator[Figure]:
    """The figures of many calls; `must`: the share of right verdicts to reach."""
    judged = sum(len(row.judged) for row in rows)
    right = 1 - sum(len(row.wrong) for row in rows) / max(1, judged)
    yield Figure(f"verdicts right, {how}", right, "", must, at_least=True)
    fails = [row for row in rows if not row.passes]
    passed = sum(row.sheet.passed for row in fails)
    yield Figure(f"false passes, {how}", 100 * passed / max(1, len(fails)), "%", 1)
    dangerous = [row for row in rows if row.performance.behaviour.name == "dangerous" or _critical(row)]
    yield Figure(f"dangerous trainees passed, {how}", float(sum(row.sheet.passed for row in dangerous)), "", 0)
    good = [row for row in rows if row.passes]
    failed = sum(row.sheet.outcome == "failed" for row in good)
    yield Figure(f"false fails, {how}", 100 * failed / max(1, len(good)), "%")
    by_call = spearman([row.score for row in rows], [row.sheet.score for row in rows])
    yield Figure(f"calls by skill shown, Spearman, {how}", by_call, "", 0.9, at_least=True)
    if _same_calls(rows):
        by_trainee = spearman(_means(rows, _SCORES[1]), _means(rows, _SCORES[0]))
        yield Figure(f"trainees by skill shown, Spearman, {how}", by_trainee, "", 0.9, at_least=True)
        by_ranking = spearman(_means(rows, lambda row: row.performance.behaviour.skill), _means(rows, _SCORES[0]))
        yield Figure(f"trainees by a trainer's ranking, Spearman, {how}", by_ranking, "")
    yield Figure(f"marked again with other marks, {how}", float(sum(not row.same_again for row in rows)), "", 0)
    doubts = [pair for row in rows for pair in row.judged if pair[0].result == "unsure"]
    yield Figure(f"verdicts for an assessor, {how}", 100 * len(doubts) / max(1, judged), "%")
    really = sum(right.share != 0 for _, right in doubts)
    if doubts:
        yield Figure(f"of them really doubtful, {how}", 100 * really / len(doubts), "%")


def spread(rows: Iterable[Held]) -> Iterator[Figure]:
    """How far the casting moves the score of one behaviour in the same words."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        groups[row.sheet.script, row.performance.behaviour.name].append(row.sheet.score)
    spreads = [max(scores) - min(scores) for scores in groups.values()]
    yield Figure("spread over casts, p95", percentile(spreads, 0.95), "points", 3)
    yield Figure("spread over casts, most", max(spreads), "points", 3)


def by_kind(rows: Sequence[Held]) -> str:
    """Right verdicts by kind of criterion, and scores by trainee, as text."""
    judged, wrong = (Counter(verdict.kind for row in rows for verdict, _ in pick(row)) for pick in _PICKS)
    lines = [f"{kind:20} {1 - wrong[kind] / judged[kind]:.3f} of {judged[kind]}" for kind in sorted(judged)]
    for name in dict.fromkeys(row.performance.behaviour.name for row in rows):
        own = [row for row in rows if row.performance.behaviour.name == name]
        mean, right = (statistics.fmean(value(row) for row in own) for value in _SCORES)
        lines.append(
            f"{name:20} score {mean:5.1f}, right {right:5.1f}, passed {sum(r.sheet.passed for r in own)}/{len(own)}"
        )
    return "\n".join(lines)


_PICKS: tuple[Callable[[Held], list[tuple[Verdict, Right]]], ...] = (lambda row: row.judged, lambda row: row.wrong)
_SCORES: tuple[Callable[[Held], float], ...] = (lambda row: row.sheet.score, lambda row: row.score)


def wrong_verdicts(rows: Iterable[Held]) -> Iterator[str]:
    """Every wrong verdict in a line, for whoever mends it."""
    for row in rows:
        for verdict, right in row.wrong:
            yield (
                f"{row.sheet.script} {row.sheet.seed} {row.performance.behaviour.name} {verdict.criterion}: "
                f"{verdict.result}, right {right.result}: {verdict.why}"
            )


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's rank correlation, -1 to 1; ties share the mean of their ranks."""
    return statistics.correlation(_ranks(one), _ranks(other))


def _ranks(values: Sequence[float]) -> list[float]:
    places: dict[float, list[int]] = defaultdict(list)
    for place, value in enumerate(sorted(values)):
        places[value].append(place)
    return [statistics.fmean(places[value]) for value in values]


def _means(rows: Sequence[Held], value: Callable[[Held], float]) -> list[float]:
    """The mean of a value for each trainee, in the order of the trainees."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        found[row.performance.behaviour.name].append(value(row))
    return [statistics.fmean(found[name]) for name in sorted(found)]


def _same_calls(rows: Sequence[Held]) -> bool:
    """Whether all trainees took the same calls: only then do their scores show nothing but their skill."""
    calls: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        calls[row.performance.behaviour.name].add(row.sheet.script)
    return len({frozenset(taken) for taken in calls.values()}) == 1


def _critical(row: Held) -> bool:
    return any(right.critical for right in row.known.values())
