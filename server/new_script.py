"""A new call to begin with: the template, written where a trainer's own calls are."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

from scripts import schemas, shelf

TEMPLATE = Path(shelf.__file__).parent / "template"
NAME = re.compile(r"[a-z][a-z0-9-]{2,59}")


class NewScriptError(Exception):
    """A script that is not written; the message says why, and what to do instead."""


def rehearsal_of(path: Path) -> Path:
    """Where the rehearsal of a script outside the program stands."""
    return path.parent / "rehearsals" / path.name


def write_new(name: str, folder: Path, taken: Container[str] = ()) -> Path:
    """Write script, rehearsal and schemas; the script's path. `taken`: names that the shelf has already.

    Raises NewScriptError for a name that is none, or that there is already. Existing calls are never touched.
    """
    name = name.removesuffix(".toml")
    if not NAME.fullmatch(name):
        raise NewScriptError(
            f"{name!r} is no name for a call: take small letters, digits and hyphens, as in lost-dog"
        )
    path = folder / f"{name}.toml"
    for there in (path, rehearsal_of(path)):
        if there.exists():
            raise NewScriptError(f"{there} is there already: take another name, or move the file away")
    if name in taken:
        raise NewScriptError(
            f"there is a call {name!r} on the shelf already, which yours would replace: take another name"
        )
    rehearsal_of(path).parent.mkdir(parents=True, exist_ok=True)
    title = name.replace("-", " ").capitalize()
    _write(path, _template("script").replace("@title@", title))
    _write(rehearsal_of(path), _template("rehearsal"))
    for kind in schemas.SCHEMAS:
        (folder / f"{kind}.schema.json").write_text(schemas.text(kind), encoding="utf-8")
    return path


def _template(kind: str) -> str:
    return (TEMPLATE / f"{kind}.toml").read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:  # never over a file that came in between
        file.write(text)
