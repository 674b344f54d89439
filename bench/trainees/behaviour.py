"""What the measuring trainees are like, and what one of them does with one utterance."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from scripts.vocabulary import Agency, Decision, Grade, Topic

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a trainee takes every call; the defaults are the thorough one's. `skill`: a trainer's ranking, 0 to 100."""

    name: str
    skill: float
    asks: Literal["all", "vital", "generic", "none"] = "all"
    location: Literal["first", "last"] = "first"
    decision: Literal["right", "first", "agency", "under", "over"] = "right"
    decides: Literal["soon", "late"] = "soon"
    reads_back: bool = True
    twice: bool = False
    warm: bool = True
    greets: bool = True
    advises: bool = True
    adapts: bool = True
    closes: bool = True
    promises: bool = False
    dismisses: bool = False
    breaks: bool = False
    hedges: bool = False
    interrupts: int = 0
    pause: float = 0.0
    """Seconds before each word."""
    rang_for: float = 3.0


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was meant."""

    decision: Decision
    grade: Grade | None = None
    agency: Agency | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """One utterance and what is meant by it: a question, a read-back, a criterion that it meets or breaks."""

    text: str
    topic: Topic | None = None
    fact: str = ""
    reads_back: tuple[str, ...] = ()
    does: str = ""
    breaks: str = ""
    act: Literal["", "reassure", "silent", "advise", "promise", "dismiss", "close", "near"] = ""
    decided: Decided | None = None

    @property
    def greets(self) -> bool:
        """Whether it only says who is speaking."""
        return self == Intent(self.text)


@dataclass(frozen=True, slots=True)
class Done:
    """An intent carried out, in seconds since the call was answered; `cut`: it talked the caller down."""

    intent: Intent
    began: float
    ended: float
    cut: bool = False


@cache
def behaviours() -> tuple[Behaviour, ...]:
    """All measuring trainees."""
    return tuple(Behaviour(name, **row) for name, row in _toml("behaviours").items())


@cache
def stock() -> Mapping[str, Mapping[str, list[str]]]:
    """Their common sentences."""
    return _toml("stock")


@cache
def own() -> Mapping[str, Mapping[str, Mapping[str, list[str]]]]:
    """Their sentences for single calls: script, then ask, do, bad or near, then fact or criterion."""
    return _toml("calls")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
