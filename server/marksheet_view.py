"""A marksheet in the terminal: the score, what went well and ill, and the words that show it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scripts.marksheet import Evidence, Marksheet, Result, Verdict
from server.transcript import clock

OUTCOMES = {
    "passed": ("PASSED", "bold green"),
    "failed": ("NOT PASSED", "bold red"),
    "needs_assessor": ("FOR AN ASSESSOR", "bold yellow"),
}
RESULTS: dict[Result, tuple[str, str]] = {
    "unmet": ("no", "red"),
    "partial": ("part", "yellow"),
    "unsure": ("unsure", "yellow"),
    "met": ("yes", "green"),
    "not_applicable": ("n/a", "dim"),
}
"""Word and style of each result, in the order shown: what to learn from comes first. Never colour alone."""
DIMENSIONS = {
    "location": "Location",
    "risk": "Risk and vulnerability",
    "decision": "Decision",
    "advice": "Safety advice",
    "manner": "Manner",
    "time": "Time",
}
MOST_EVIDENCE = 3
"""Quotes shown under one verdict; JSON has them all."""


def show(sheet: Marksheet, console: Console | None = None) -> None:
    """Print the marksheet."""
    (console or Console(highlight=False)).print(view(sheet))


def view(sheet: Marksheet) -> RenderableType:
    """The whole marksheet as something Rich can print."""
    return Group(*_head(sheet), Text(), _dimensions(sheet), Text(), _verdicts(sheet), *_foot(sheet))


def _head(sheet: Marksheet) -> Iterator[RenderableType]:
    word, style = OUTCOMES[sheet.outcome]
    yield Text.assemble((f"{word}  ", style), (f"{sheet.score:.0f} of 100", "bold"), f"   {sheet.script_title}")
    for name in sheet.critical:
        yield Text(f"Critical failure: {name}", "bold red")
    said = decided(sheet)
    rating = (sheet.disposition.rating or "not rated").replace("_", "-")
    yield Text.assemble("Decision: ", (said, "bold"), f" is {rating}. {sheet.disposition.why}")
    if sheet.unsure:
        yield Text(f"Unsure, for an assessor: {sheet.unsure} of {len(sheet.verdicts)}", "yellow")


def decided(sheet: Marksheet) -> str:
    """`deploy (emergency) and refer (ambulance)`, or that there was none."""
    details = {"deploy": sheet.disposition.grade or "", "refer": ", ".join(sheet.disposition.agencies)}
    said = [f"{each} ({details[each]})" if details.get(each) else each for each in sheet.disposition.decisions]
    return " and ".join(said).replace("_", " ") or "no decision"


def _dimensions(sheet: Marksheet) -> Table:
    table = Table.grid(padding=(0, 2))
    for key, value in sheet.dimensions.items():
        table.add_row(DIMENSIONS[key], "  -" if value is None else f"{value:3.0f}", _bar(value))
    return table


def _bar(value: float | None) -> str:
    full = round((value or 0) / 5)
    return "" if value is None else "#" * full + "." * (20 - full)


def _verdicts(sheet: Marksheet) -> Table:
    table = Table(box=None, padding=(0, 1), show_edge=False, expand=False, header_style="bold")
    table.add_column("Met")
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("What was marked, and why")
    order = list(RESULTS)
    for verdict in sorted(sheet.verdicts, key=lambda each: (not each.critical, order.index(each.result))):
        word, style = RESULTS[verdict.result]
        points = "" if verdict.result == "not_applicable" else f"{verdict.points:g}/{verdict.of:g}"
        table.add_row(Text(word, style), points, _reason(verdict))
    return table


def _reason(verdict: Verdict) -> RenderableType:
    lines: list[RenderableType] = [Text(verdict.title, "bold"), Text(verdict.why)]
    quotes = [evidence for evidence in verdict.evidence if evidence.who != "clock"]  # the reason tells the time
    lines += [_quote(evidence) for evidence in quotes[:MOST_EVIDENCE]]
    if len(quotes) > MOST_EVIDENCE:
        lines.append(Padding(Text(f"and {len(quotes) - MOST_EVIDENCE} more", "dim"), (0, 0, 0, 2)))
    if verdict.advice and verdict.result in ("unmet", "partial"):
        lines.append(Text(f"Next time: {verdict.advice}", "italic"))
    return Group(*lines)


def _quote(evidence: Evidence) -> RenderableType:
    said = f"“{evidence.quote}”" if evidence.who in ("trainee", "caller") else evidence.quote
    return Padding(Text(f"{clock(evidence.at)} {evidence.who}: {said}", "cyan"), (0, 0, 0, 2))


def _foot(sheet: Marksheet) -> Iterator[RenderableType]:
    met = sum(verdict.result == "met" for verdict in sheet.verdicts)
    yield Text()
    yield Text(f"{met} of {len(sheet.verdicts)} met. Seed {sheet.seed}, marked as {sheet.force}.", "dim")
