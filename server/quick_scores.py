"""What trainees with a name scored in quick calls. All methods block on the database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import exists, func, insert, select, update

from scripts.quick import Round
from server.records import Records
from server.schema import quick_rounds


class QuickScores:
    """The rounds of one site's records. Everything raises RecordsError when the database cannot be used."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def begin(self, round_id: str, trainee: str, round_: Round, handset: str) -> None:
        """A round begins: these ten are then known to the trainee, whether or not it is played to its end."""
        mine = (quick_rounds.c.trainee == trainee, quick_rounds.c.seed == round_.seed)
        with self._records.writing() as connection:
            known = connection.scalar(select(exists().where(*mine)))
            connection.execute(
                insert(quick_rounds).values(
                    round_id=round_id, trainee=trainee, seed=round_.seed, handset=handset, began=_now(),
                    counts=not known, score=0, right_answers=0, best_streak=0,
                )
            )  # fmt: skip

    def end(self, round_id: str, round_: Round) -> None:
        """It was played to its end; told twice, the first counts."""
        this = (quick_rounds.c.round_id == round_id, quick_rounds.c.ended.is_(None))
        came_to = {"score": round_.score, "right_answers": round_.right, "best_streak": round_.best_streak}
        with self._records.writing() as connection:
            connection.execute(update(quick_rounds).where(*this).values(ended=_now(), **came_to))

    def best(self, trainee: str) -> int | None:
        """The trainee's best score in a round whose calls were new; None before the first."""
        mine = (
            quick_rounds.c.trainee == trainee, quick_rounds.c.counts.is_(True), quick_rounds.c.ended.is_not(None),
        )  # fmt: skip
        with self._records.reading() as connection:
            best: int | None = connection.scalar(select(func.max(quick_rounds.c.score)).where(*mine))
            return best


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
