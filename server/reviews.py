"""What an assessor makes of a marked call: pure rules, from decisions to the mark of record.

Nothing is overwritten. The rules' marksheet, every decision in its order and the signed mark stand side by side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from scripts.events import Entry, Understood, Utterance
from scripts.force import Force
from scripts.marking import DIMENSIONS, mark, share_of
from scripts.marksheet import Marksheet, Outcome, Result, Verdict
from scripts.script import Script

Kind = Literal["agree", "change", "not_applicable", "undo"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DECIDED: tuple[Result, ...] = ("met", "partial", "unmet", "not_applicable")
"""What an assessor can say of a criterion: everything but that it is unsure."""
LONGEST_TEXT = 2000


class ReviewError(Exception):
    """Something that cannot be decided so; the message is for the assessor at the page."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One press of a key. `seen` is the rule's verdict that it was about; a verdict that changes is open again."""

    kind: Kind
    criterion: str
    result: Result
    points: float
    seen: str
    reason: str = ""


def sampled(call_id: str, percent: float, seed: int) -> bool:
    """Whether a call is in the random sample: always the same for the same seed, whatever its result.

    A hash, not a generator: which calls are drawn does not hang on the order in which they are stored.
    """
    drawn = int.from_bytes(hashlib.sha256(f"{seed}:{call_id}".encode()).digest()[:6], "big")
    return drawn < percent / 100 * 2**48


def decide(verdict: Verdict, kind: Kind, result: str = "", reason: str = "", *, blind: bool = False) -> Decision:
    """One decision about a rule's verdict. Raises ReviewError, also for a change without a reason.

    Blind, the rule's verdict is not known to the assessor: there is nothing to agree with and no change to explain.
    """
    reason = " ".join(reason.split())
    if len(reason) > LONGEST_TEXT:
        raise ReviewError(f"A reason has at most {LONGEST_TEXT} characters")
    if kind == "agree":
        if blind:
            raise ReviewError("This is a blind mark: say what you found yourself")
        if verdict.result == "unsure":
            raise ReviewError(
                "The rules could not decide this one, so there is nothing to agree with: choose a result"
            )
        return Decision("agree", verdict.criterion, verdict.result, verdict.points, seen(verdict), reason)
    if kind == "not_applicable":
        return Decision("not_applicable", verdict.criterion, "not_applicable", 0.0, seen(verdict), reason)
    chosen = next((one for one in DECIDED if one == result), None)
    if kind != "change" or chosen is None:
        raise ReviewError(f"Choose one of {', '.join(DECIDED).replace('_', ' ')}")
    if not reason and not blind:
        raise ReviewError("A changed verdict needs a reason: the trainee will read it")
    return Decision("change", verdict.criterion, chosen, points_for(verdict, chosen), seen(verdict), reason)


def points_for(verdict: Verdict, result: Result) -> float:
    """Points of a changed verdict: all, none, or for a part the rule's own part, else half."""
    if result == "partial":
        return verdict.points if verdict.result == "partial" else round(verdict.of / 2, 4)
    return verdict.of if result == "met" else 0.0


def seen(verdict: Verdict) -> str:
    """A verdict in short, to notice later that it is another one."""
    return f"{verdict.result} {verdict.points:g}/{verdict.of:g}"


def standing(decisions: Iterable[Decision], sheet: Marksheet) -> dict[str, Decision]:
    """The decisions in force, by criterion. An undo takes back the last; a verdict that changed is open again."""
    verdicts = {verdict.criterion: seen(verdict) for verdict in sheet.verdicts}
    return {one.criterion: one for one in not_undone(decisions) if verdicts.get(one.criterion) == one.seen}


def not_undone(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions without those that were taken back; of a criterion the last counts."""
    stack: list[Decision] = []
    for decision in decisions:
        if decision.kind != "undo":
            stack.append(decision)
        elif stack:
            stack.pop()
    return stack


def undecided(sheet: Marksheet, decisions: Mapping[str, Decision]) -> list[Verdict]:
    """The verdicts that still wait, in the marksheet's order."""
    return [verdict for verdict in sheet.verdicts if verdict.criterion not in decisions]


def judged(sheet: Marksheet, decisions: Mapping[str, Decision], force: Force) -> Marksheet:
    """The marksheet as the assessor has it; what is not decided stays as the rules have it."""
    verdicts = tuple(_judged(verdict, decisions.get(verdict.criterion)) for verdict in sheet.verdicts)
    score = share_of(verdicts) or 0.0
    critical = tuple(dict.fromkeys(verdict.critical_name for verdict in verdicts if verdict.critical))
    score = min(score, force.marking.cap) if critical else score
    return sheet.model_copy(
        update={
            "verdicts": verdicts,
            "score": score,
            "critical": critical,
            "unsure": sum(verdict.result == "unsure" for verdict in verdicts),
            "outcome": _outcome(verdicts, score, force),
            "dimensions": {name: share_of(v for v in verdicts if v.dimension == name) for name in DIMENSIONS},
        }
    )


def _judged(verdict: Verdict, decision: Decision | None) -> Verdict:
    if decision is None or decision.kind == "agree":
        return verdict
    return verdict.model_copy(
        update={
            "result": decision.result,
            "points": decision.points,
            "critical": decision.result == "unmet" and bool(verdict.critical_name),
            "why": decision.reason or "An assessor decided so.",
        }
    )


def _outcome(verdicts: Sequence[Verdict], score: float, force: Force) -> Outcome:
    if any(verdict.critical for verdict in verdicts):
        return "failed"
    if any(verdict.result == "unsure" for verdict in verdicts):
        return "needs_assessor"
    return "passed" if score >= force.marking.pass_mark else "failed"


# --- corrected turns ------------------------------------------------------------------------------------------------


def turn_at(log: Iterable[Entry], moment: float) -> Utterance:
    """The trainee's turn that began then. Raises ReviewError."""
    for entry in log:
        if isinstance(entry, Utterance) and abs(entry.began - moment) < 0.01:
            return entry
    raise ReviewError("Only what the trainee said can be corrected, and there is no such turn at that moment")


def corrected(log: Iterable[Entry], turns: Mapping[float, str]) -> list[Entry]:
    """The log with those turns (by the moment that each began) as they were truly said. Their times stay.

    What an assessor heard is certain, so that no criterion holds it for misheard.
    """
    entries: list[Entry] = []
    text: str | None = None
    for entry in log:
        if isinstance(entry, Utterance):
            text = next((said for began, said in turns.items() if abs(began - entry.began) < 0.01), None)
            entries.append(entry if text is None else replace(entry, text=text, confidence=1.0))
        elif isinstance(entry, Understood) and text is not None:
            entries.append(replace(entry, text=text))
            text = None
        else:
            entries.append(entry)
    return entries


def marked_with(script: Script, log: Sequence[Entry], turns: Mapping[float, str], force: Force) -> Marksheet:
    """The marksheet that follows from the corrected turns. Raises MarkingError."""
    return mark(script, corrected(log, turns), force, afresh=True)
