"""The shelf as the command line sees it: the program's calls and the site's own, by name or by file."""

from __future__ import annotations

from pathlib import Path

from scripts.parsing import Problem, ScriptError
from scripts.script import Script
from scripts.shelf import Shelf, read
from server.call_scripts import CallScript, call_script
from server.cli import nearest
from server.settings import load


def shelf(*, whole: bool = False) -> Shelf:
    """The program's calls and those of the site's folder; `whole`: those too that are switched off."""
    settings = load()
    return Shelf(settings.scripts, () if whole else settings.hide)


def find_script(name: str) -> Script:
    """The script of that name or file. Raises ScriptError, naming the nearest where there is none."""
    return read(find_path(name))


def find_call(name: str) -> CallScript:
    """The script of that name or file, with its text and rehearsal. Raises ScriptError."""
    return call_script(str(find_path(name)))


def find_path(name: str, *, whole: bool = False) -> Path:
    """The file of that name or path. Raises ScriptError where there is none; `whole` as in `shelf`."""
    here = shelf(whole=whole)
    if name in here.paths():
        return here.paths()[name]
    if name in shelf(whole=True).paths():
        raise ScriptError([Problem(name, "", "this call is switched off here (the setting RIGHTCALL_HIDE)")])
    if name.endswith(".toml") or Path(name).is_file():
        return Path(name)
    raise _unknown(name, list(here.paths()))


def _unknown(name: str, names: list[str]) -> ScriptError:
    near = nearest(name, names) or f": there are {', '.join(names)}"
    return ScriptError([Problem(name, "", f"there is no such script{near}; `rightcall scripts` lists them")])
