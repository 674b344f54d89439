"""A script's rehearsals played and marked: whether they come out as their author wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scripts.cast import Cast, draw
from scripts.check import problems
from scripts.check_force import dropped
from scripts.events import Entry
from scripts.force import Force, default_force
from scripts.ledger import fold
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.parsing import Problem, ScriptError
from scripts.rehearsal import Rehearsal, Trainee, play
from scripts.script import Script
from server.call_scripts import CallScript, call_script

MOST_QUOTED = 3
"""How many criteria are named beside a score that came out otherwise."""


def problems_of(path: Path, force: Force | None = None) -> list[Problem]:
    """Every mistake of the script in that file and of its rehearsal, which is played once both make sense.

    With a `force`, also what the script uses that the force does not have.
    """
    try:
        call = call_script(str(path))
        rehearsal = _rehearsal(call)
    except ScriptError as error:
        return error.problems
    found = [*problems(call.script, rehearsal), *(dropped(call.script, force) if force else ())]
    return found or (list(unproved(call.script, rehearsal)) if rehearsal else [])


def _rehearsal(call: CallScript) -> Rehearsal | None:
    return call.rehearsal() if call.rehearsal_path.is_file() else None


def unproved(script: Script, rehearsal: Rehearsal) -> Iterator[Problem]:
    """What the rehearsed trainees got otherwise than the rehearsal says, with the default force's marks."""
    cast = draw(script, rehearsal.seed)
    for name, trainee in rehearsal.everyone.items():
        log = play(script, rehearsal.seed, trainee)
        sheet = mark(script, log, default_force())
        for key, message in (*_score(trainee, sheet), *_verdicts(trainee, sheet), *_told(trainee, cast, log)):
            yield Problem(f"{script.id}.toml", f"rehearsal.{name}.{key}", message)


def _score(trainee: Trainee, sheet: Marksheet) -> Iterator[tuple[str, str]]:
    low, high = trainee.score
    if not low <= sheet.score <= high:
        lost = [verdict.criterion for verdict in sheet.verdicts if verdict.result in ("unmet", "partial")]
        without = f"; not or partly met: {', '.join(lost[:MOST_QUOTED])}" if lost else ""
        yield "score", f"scores {sheet.score:g}, not {low:g} to {high:g}{without}"
    if trainee.passed not in (None, sheet.passed):
        yield "passed", f"the outcome is {sheet.outcome.replace('_', ' ')}"
    if trainee.disposition not in (None, sheet.disposition.rating):
        rating = sheet.disposition.rating or "not rated"
        yield "disposition", f"is {rating}, not {trainee.disposition}: {sheet.disposition.why}"


def _verdicts(trainee: Trainee, sheet: Marksheet) -> Iterator[tuple[str, str]]:
    critical = {verdict.criterion for verdict in sheet.verdicts if verdict.critical}
    for missing in sorted(set(trainee.critical) - critical):
        verdict = sheet.verdict(missing)
        yield "critical", f"{missing} is no critical failure but {verdict.result}: {verdict.why}"
    for extra in sorted(critical - set(trainee.critical)):
        yield "critical", f"{extra} is a critical failure as well: {sheet.verdict(extra).why}"
    for expected, names in (("met", trainee.met), ("unmet", trainee.unmet)):
        for name in names:
            verdict = sheet.verdict(name)
            if verdict.result != expected:
                yield expected, f"{name} is {verdict.result.replace('_', ' ')}: {verdict.why}"


def _told(trainee: Trainee, cast: Cast, log: list[Entry]) -> Iterator[tuple[str, str]]:
    ledger = fold(cast, log)
    for name in trainee.told:
        if not ledger.told(name):
            yield "told", f"the caller did not tell {name}"
