"""What one police force calls things and how strictly it marks: grades, agencies, clocks, the pass mark."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scripts.parsing import Problem, ScriptError, place
from scripts.script import Dimension, Identifier
from scripts.vocabulary import AGENCIES, GRADES, Agency, Grade

DEFAULT_FORCE = "wyrevale"
"""The invented force that comes with the program."""

Channel = Literal["999", "101", "chat", "report"]
"""How the public comes in."""
WRITTEN_WITHIN: Mapping[Channel, float] = {"chat": 60, "report": 600}


class Part(BaseModel):
    """A part of a force's file: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GradeName(Part):
    """What a grade is called, and within how many minutes officers attend; 0 is by appointment."""

    name: str
    minutes: Annotated[int, Field(ge=0, le=1440)] = 0


class AgencyName(Part):
    """Who a caller is referred to, and the number that the public rings."""

    name: str
    number: str = ""


class Rules(Part):
    """How strictly calls are marked."""

    pass_mark: Annotated[float, Field(ge=0, le=100)] = 70
    cap: Annotated[float, Field(ge=0, le=100)] = 49
    """The most that a call with a critical failure can score."""
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Words heard with less decide nothing critical."""
    dead_air: Annotated[float, Field(gt=0, le=120)] = 8
    """Seconds of silence that a caller may be left in."""
    monologue: Annotated[float, Field(gt=0, le=600)] = 25
    """The longest that a trainee should talk at a time, in seconds."""
    weights: Mapping[Dimension, Annotated[float, Field(ge=0, le=10)]] = {}
    """What the points of a dimension are multiplied by; 1 where nothing is said."""


class Force(Part):
    """One force."""

    id: Identifier
    name: str
    opening: str = ""
    """How its handlers answer, shown to trainees."""
    answer_within: Mapping[Channel, Annotated[float, Field(gt=0, le=3600)]] = {"999": 10, "101": 60}
    """Seconds; a chat and an online report are taken up within `WRITTEN_WITHIN` where the file says nothing."""
    grades: Mapping[Grade, GradeName] = {}
    agencies: Mapping[Agency, AgencyName] = {}
    marking: Rules = Rules()

    def answers(self, channel: Channel) -> float:
        """Within how many seconds it wants that answered."""
        return self.answer_within.get(channel, WRITTEN_WITHIN.get(channel, 60))

    def grade(self, grade: Grade) -> str:
        """What the force calls the grade."""
        return self.grades[grade].name if grade in self.grades else grade.capitalize()

    def agency(self, agency: Agency) -> str:
        """What the force calls the agency."""
        return self.agencies[agency].name if agency in self.agencies else agency.replace("_", " ")


def load_force(text: str, name: str) -> Force:
    """Read a force's file; its id is the file's name without `.toml`. Raises ScriptError with every mistake."""
    try:
        return Force.model_validate({"id": name.removesuffix(".toml"), **tomllib.loads(text)})
    except tomllib.TOMLDecodeError as error:
        raise ScriptError([Problem(name, "", f"not readable as TOML: {error}")]) from error
    except ValidationError as error:
        problems = [Problem(name, place(row["loc"]), _mend(row["loc"], row["msg"])) for row in error.errors()]
        raise ScriptError(problems) from error


def default_force() -> Force:
    """The force that comes with the program."""
    name = f"{DEFAULT_FORCE}.toml"
    return load_force(resources.files("scripts").joinpath("forces", name).read_text(encoding="utf-8"), name)


def _mend(location: tuple[int | str, ...], message: str) -> str:
    known = {"grades": GRADES, "agencies": AGENCIES}.get(str(location[0]) if location else "")
    return f"{message}; there are {', '.join(known)}" if known and "[key]" in map(str, location) else message
