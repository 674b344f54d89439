"""What a calibration session shows once the marks may be compared: verdicts side by side, agreement and kappa."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from scripts.marksheet import Marksheet, Result, Verdict
from server.agreement import Agreement, Table, agreement, together
from server.calibration import Note

Marks = Mapping[str, Mapping[str, Result]]
"""By marker, by criterion."""


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion of one call: the rule's verdict, everybody's, what was said, and what was agreed in the end."""

    verdict: Verdict
    marks: Mapping[str, tuple[Result, str]]
    notes: Sequence[Note]

    @property
    def differ(self) -> bool:
        return len({result for result, _ in self.marks.values()}) > 1

    @property
    def agreed(self) -> Note | None:
        """The last agreed verdict."""
        return next((note for note in reversed(self.notes) if note.result), None)


@dataclass(frozen=True, slots=True)
class Pair:
    """How two hands agree; `rules` is one of them."""

    first: str
    second: str
    agreement: Agreement


def criterion_rows(
    sheet: Marksheet, marks: Mapping[str, Mapping[str, tuple[Result, str]]], notes: Iterable[Note]
) -> list[CriterionRow]:
    """The call's criteria: those on which people differ first, else as the script has them."""
    said = list(notes)
    rows = [
        CriterionRow(
            verdict,
            {name: by[verdict.criterion] for name, by in marks.items() if verdict.criterion in by},
            [note for note in said if note.criterion == verdict.criterion],
        )
        for verdict in sheet.verdicts
    ]
    return sorted(rows, key=lambda row: not row.differ)


def pairs(calls: Iterable[tuple[Marksheet, Marks]]) -> list[Pair]:
    """Every two hands over all calls of a session, the rules first; pairs without a common verdict are left out."""
    tables: dict[tuple[str, str], Counter[tuple[Result, Result]]] = {}
    for sheet, marks in calls:
        for first, second, table in _tables(sheet, marks):
            tables.setdefault((first, second), Counter()).update(table)
    return [
        Pair(first, second, agreement(table)) for (first, second), table in sorted(tables.items(), key=_rules_first)
    ]


def by_criterion(calls: Iterable[tuple[Marksheet, Marks]]) -> list[tuple[str, str, Agreement]]:
    """Script, criterion's title and how its markers agree with each other, all pairs together; the least first."""
    found: dict[tuple[str, str], list[Table]] = {}
    for sheet, marks in calls:
        for verdict in sheet.verdicts:
            given = [by[verdict.criterion] for by in marks.values() if verdict.criterion in by]
            table = Counter(combinations(given, 2))
            found.setdefault((sheet.script, verdict.title), []).append(table)
    rows = [(script, title, agreement(together(tables))) for (script, title), tables in found.items()]
    return sorted(rows, key=lambda row: 2.0 if row[2].agreed is None else row[2].agreed)


def _tables(sheet: Marksheet, marks: Marks) -> Iterable[tuple[str, str, Table]]:
    hands = {
        "rules": {verdict.criterion: verdict.result for verdict in sheet.verdicts},
        **dict(sorted(marks.items())),
    }
    for first, second in combinations(hands, 2):
        common = hands[first].keys() & hands[second].keys()
        if common:
            yield first, second, Counter((hands[first][one], hands[second][one]) for one in common)


def _rules_first(item: tuple[tuple[str, str], object]) -> tuple[bool, str, str]:
    (first, second), _ = item
    return first != "rules", first, second
