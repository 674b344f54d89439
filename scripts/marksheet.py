"""What marking says about a call: every verdict with its evidence, and the score.

A marksheet is plain data. Its published shape is `scripts/marksheet.schema.json`, written by `json_schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from scripts.script import CriterionKind, Dimension, Rating
from scripts.vocabulary import Agency, Decision, Grade

Result = Literal["met", "partial", "unmet", "unsure", "not_applicable"]

Outcome = Literal["passed", "failed", "needs_assessor"]

State = Literal["not_asked", "asked", "told", "read_back_wrong", "read_back_right", "recorded"]
"""How far a fact got, from nothing to written down."""


class Sheet(BaseModel):
    """A part of a marksheet: values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Evidence(Sheet):
    """What was said or done, in the words of the call, `at` seconds after the answer."""

    at: float
    who: Literal["trainee", "caller", "keys", "form", "clock"]
    quote: str


class Verdict(Sheet):
    """What became of one criterion. `points` of `of`; `why` is one sentence to read out to the trainee."""

    criterion: str
    title: str
    kind: CriterionKind
    dimension: Dimension | None
    result: Result
    points: float
    of: float
    why: str
    evidence: tuple[Evidence, ...]
    critical: bool = False
    """A critical failure: caps the score."""
    critical_name: str = ""
    advice: str = ""


class Disposition(Sheet):
    """What the trainee decided in the end, and how the script rates it; no rating where nothing can be rated."""

    decisions: tuple[Decision, ...]
    grade: Grade | None
    agencies: tuple[Agency, ...]
    rating: Rating | None
    why: str


class FactState(Sheet):
    """How far one fact got, and when (seconds since the answer)."""

    state: State
    asked: tuple[float, ...] = ()
    told: tuple[float, ...] = ()
    read_back_right: tuple[float, ...] = ()
    read_back_wrong: tuple[float, ...] = ()
    recorded: tuple[float, ...] = ()


class Marksheet(Sheet):
    """The whole of it. The same script, log and force give the same marksheet, to the byte."""

    script: str
    script_version: int
    script_title: str
    force: str
    seed: int
    score: float
    """0 to 100, one decimal; capped after a critical failure."""
    outcome: Outcome
    disposition: Disposition
    critical: tuple[str, ...]
    """The names of the critical failures."""
    unsure: int
    """How many verdicts wait for an assessor."""
    dimensions: Mapping[Dimension, float | None]
    """0 to 100 each; None where nothing was applicable."""
    facts: Mapping[str, FactState]
    verdicts: tuple[Verdict, ...]
    understanding_version: str

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    def verdict(self, criterion: str) -> Verdict:
        """The verdict on the criterion of that id. Raises KeyError."""
        for verdict in self.verdicts:
            if verdict.criterion == criterion:
                return verdict
        raise KeyError(criterion)

    def as_dict(self) -> dict[str, JsonValue]:
        """The marksheet as JSON values, in the shape of the published schema."""
        return self.model_dump(mode="json")


def json_schema() -> dict[str, JsonValue]:
    """The published shape of a marksheet."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Marksheet.model_json_schema(mode="serialization"),
    }
