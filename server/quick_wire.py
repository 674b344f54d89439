"""What a page of quick calls is told, and what it may say. Nothing of a right answer before one is given."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from scripts.force import Force
from scripts.quick import SECONDS, VERDICTS, Answer, Given, named
from scripts.quick_advice import advice
from scripts.vocabulary import Decision
from server.quick_rounds import Playing

LARGEST_SEED = 999_999


class Begin(BaseModel):
    """A new round: of that seed, or of any; with the clock or without."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: Annotated[int, Field(ge=1, le=LARGEST_SEED)] | None = None
    clocked: bool = True


class Answering(BaseModel):
    """One of the four answers; None: the clock has run out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Decision | None = None

    @property
    def answer(self) -> Answer | None:
        return Answer(decision=self.decision) if self.decision else None


def told(playing: Playing, force: Force, now: float, best: int | None) -> dict[str, object]:
    """The round as the page may know it. `best`: the player's best score so far, where it is kept here."""
    round_ = playing.round
    return {
        "round": playing.round_id,
        "seed": round_.seed,
        "calls": len(round_.calls),
        "place": playing.place,
        "score": round_.score,
        "most": round_.most,
        "streak": round_.streak,
        "best_streak": round_.best_streak,
        "right": round_.right,
        "seconds": SECONDS if playing.clocked else None,
        "call": _current(playing, now),
        "given": [_given(given, round_.seed, force) for given in round_.given],
        "over": playing.over,
        "advice": advice(round_, force) if playing.over else [],
        "best": best,
    }


def _current(playing: Playing, now: float) -> dict[str, object] | None:
    """The call on the line: what a display shows, and what has been said once somebody says it."""
    call = playing.round.current
    if call is None:
        return None
    rung = playing.rung is not None
    return {
        "line": call.line,
        "note": call.content_note,
        "rung": rung,
        "speaks": max(0.0, playing.rung + playing.speaks - now) if playing.rung is not None else 0.0,
        "clock": playing.clock(now),
        "text": call.heard(playing.round.seed)[1].text if rung else "",
    }


def _given(given: Given, seed: int, force: Force) -> dict[str, object]:
    return {
        "rating": given.rating,
        "verdict": VERDICTS[given.rating],
        "points": given.points,
        "streak": given.streak,
        "title": given.call.title,
        "text": given.call.heard(seed)[1].text,
        "answer": named(given.answer, force) if given.answer else "no answer",
        "right": named(given.call.right, force),
        "why": given.call.why,
    }
