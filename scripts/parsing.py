"""From TOML text to a Script, with every mistake named at its place."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from pydantic import ValidationError

from scripts.script import Script


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: in which file, at which key, what is wrong and how to mend it."""

    name: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.place}: {self.message}" if self.place else f"{self.name}: {self.message}"


class ScriptError(Exception):
    """A script that cannot be used; `problems` names every mistake."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def parse(text: str, name: str) -> Script:
    """Read a script; its id is the file's name without `.toml`. Raises ScriptError with all shape mistakes.

    Whether what it says makes sense together is for `scripts/check.py`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptError([Problem(name, "", f"not readable as TOML: {error}")]) from error
    try:
        return Script.model_validate({"id": name.removesuffix(".toml"), **data})
    except ValidationError as error:
        raise ScriptError([Problem(name, place(row["loc"]), row["msg"]) for row in error.errors()]) from error


def place(location: tuple[int | str, ...]) -> str:
    """`("criteria", 0, "fact")` as `criteria[0].fact`."""
    place = ""
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place
