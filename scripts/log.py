"""The call's log as JSON Lines: one event or action a line, in order, with its time.

A line is the whole story of its moment; the last line may be torn by a crash, and only that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from scripts.events import Entry


class LogError(Exception):
    """A log that cannot be read; the message names the line."""


@cache
def _adapter() -> TypeAdapter[Entry]:
    return TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def encode(entry: Entry) -> str:
    """One entry as one line of JSON, without its line end."""
    return _adapter().dump_json(entry).decode()


def decode(line: str | bytes) -> Entry:
    """One line as an entry. Raises LogError."""
    try:
        return _adapter().validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise LogError(f"{place}: {first['msg']}") from error


def decode_all(lines: Iterable[str | bytes]) -> tuple[list[Entry], bool]:
    """All entries, and whether the last line was torn and left out. Raises LogError for any other bad line."""
    rows = [line for line in lines if line.strip()]
    entries: list[Entry] = []
    for number, line in enumerate(rows, start=1):
        try:
            entries.append(decode(line))
        except LogError as error:
            if number == len(rows):
                return entries, True
            raise LogError(f"line {number}: {error}") from error
    return entries, False
