"""What the assistant says in a round of quick calls on the telephone. Words only."""

from __future__ import annotations

from scripts.force import Force
from scripts.quick import SECONDS, VERDICTS, Given, Round, debrief
from scripts.quick_advice import advice

RULES = (
    "Ten quick calls. You hear each caller once. Then press 1 to deploy, 2 to resolve, 3 to refer, or 4 for no "
    f"action. Or say the number, or what you decide. You have {SECONDS:.0f} seconds. Hash ends the round."
)
NONE_HERE = "There are no quick calls on this line."


def announced(number: int, note: str) -> str:
    """What comes before a call."""
    return f"Call {number}. {f'Content note. {note}' if note else ''}".strip()


def debriefed(given: Given, force: Force) -> str:
    """Right or wrong, what it was worth, and why."""
    points = f"{given.points} points." if given.points else ""
    streak = f"{given.streak} in a row." if given.streak > 1 else ""
    return " ".join(filter(None, (VERDICTS[given.rating], points, streak, debrief(given, force))))


def result(round_: Round, force: Force, best: int | None) -> str:
    """What the whole round came to, and what to train next."""
    said = [_total(round_), f"At best {round_.best_streak} in a row."]
    if best is not None:
        said.append("That is your best so far." if round_.score >= best else f"Your best is {best}.")
    return " ".join([*said, "To train next.", *advice(round_, force)])


def left(round_: Round) -> str:
    """What a round came to that was not played to its end."""
    return _total(round_) if round_.given else "The round is over."


def _total(round_: Round) -> str:
    return f"{round_.score} points. {round_.right} of {len(round_.given)} right."
