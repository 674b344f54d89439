"""The shelf as the command line sees it: the program's calls and the site's own, by name or by file."""

from __future__ import annotations

from pathlib import Path

from scripts.parsing import Problem, ScriptError
from scripts.script import Script
from scripts.shelf import Shelf
from server.call_scripts import CallScript, call_script
from server.cli import nearest
from server.settings import load


def shelf() -> Shelf:
    """The program's calls and those of the site's folder."""
    return Shelf(load().scripts)


def find_script(name: str) -> Script:
    """The script of that name or file. Raises ScriptError, naming the nearest where there is none."""
    here = shelf()
    names = list(here.paths())
    if name in names or name.endswith(".toml"):
        return here.script(name)
    raise _unknown(name, names)


def find_call(name: str) -> CallScript:
    """The script of that name or file, with its text and rehearsal. Raises ScriptError."""
    return call_script(str(find_path(name)))


def find_path(name: str) -> Path:
    """The file of that name or path. Raises ScriptError where there is none."""
    here = shelf()
    if name in here.paths():
        return here.paths()[name]
    if name.endswith(".toml") or Path(name).is_file():
        return Path(name)
    raise _unknown(name, list(here.paths()))


def _unknown(name: str, names: list[str]) -> ScriptError:
    near = nearest(name, names) or f": there are {', '.join(names)}"
    return ScriptError([Problem(name, "", f"there is no such script{near}; `rightcall scripts` lists them")])
