"""A site's call scripts with their text and their rehearsals: the program's own shelf and the site's folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.parsing import Problem, ScriptError, parse
from scripts.rehearsal import Rehearsal, parse_rehearsal
from scripts.script import Script
from scripts.shelf import OWN_CALLS, Shelf

OWN_REHEARSALS = OWN_CALLS.parent / "rehearsals"


@dataclass(frozen=True, slots=True)
class CallScript:
    """A script with the text it was read from, which is stored with each call."""

    script: Script
    text: str
    rehearsal_path: Path

    def rehearsal(self) -> Rehearsal:
        """Its rehearsed trainees. Raises ScriptError where there are none or they have mistakes."""
        try:
            text = self.rehearsal_path.read_text(encoding="utf-8")
        except OSError as error:
            raise ScriptError(
                [Problem(self.script.id, "", f"it has no rehearsal, so nobody can demonstrate it: {error}")]
            ) from error
        return parse_rehearsal(text, self.rehearsal_path.name)


def call_script(name: str, folders: Iterable[Path] = ()) -> CallScript:
    """The script of that id, or in that file. Raises ScriptError."""
    shelf = Shelf(folders)
    path = shelf.paths().get(name, Path(name))
    if path.suffix != ".toml" or not path.is_file():
        shelf.script(name)  # says what there is instead
    text = path.read_text(encoding="utf-8")
    return CallScript(parse(text, path.name), text, _rehearsal_path(path))


def rehearsed_scripts(folders: Iterable[Path] = ()) -> Iterator[tuple[Script, Rehearsal]]:
    """Every script on the shelf that has a rehearsal."""
    for name in Shelf(folders).paths():
        found = call_script(name, folders)
        if found.rehearsal_path.is_file():
            yield found.script, found.rehearsal()


def _rehearsal_path(path: Path) -> Path:
    if path.parent == OWN_CALLS:
        return OWN_REHEARSALS / path.name
    return path.parent / "rehearsals" / path.name
