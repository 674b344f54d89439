"""Where call scripts stand: the shelf that comes with the program and any folders a site adds. Reads the disk."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from scripts.parsing import Problem, ScriptError, parse
from scripts.rehearsal import Rehearsal, parse_rehearsal
from scripts.script import Script

OWN_CALLS = Path(__file__).parent / "calls"
"""The calls that come with the program."""

NOTED = "noted"
"""Hides every call with a content note."""
_NOTE = re.compile(r"""^\s*["']?content_note["']?\s*=""", re.MULTILINE)


class Shelf:
    """All scripts of some folders; a later folder's script replaces an earlier one's of the same name.

    `hide`: names of calls that are not on it, or NOTED for all that carry a content note.
    """

    def __init__(self, folders: Iterable[Path] = (), hide: Collection[str] = ()) -> None:
        self._folders, self._hide = [OWN_CALLS, *folders], hide

    def paths(self) -> dict[str, Path]:
        """Every script's file, by id, in the order of their names."""
        found = {path.stem: path for folder in self._folders for path in sorted(folder.glob("*.toml"))}
        return {name: path for name, path in sorted(found.items()) if not self._hidden(name, path)}

    def _hidden(self, name: str, path: Path) -> bool:
        """Whether a trainer has switched the call off. Looks at the text: a script with mistakes may be one too."""
        return name in self._hide or (NOTED in self._hide and bool(_NOTE.search(_text(path))))

    def script(self, name: str) -> Script:
        """The script of that id, or of that file. Raises ScriptError when there is none or it has mistakes."""
        paths = self.paths()
        if name in paths:
            return read(paths[name])
        if name.endswith(".toml") and Path(name).is_file():
            return read(Path(name))
        raise self._missing(name)

    def _missing(self, name: str) -> ScriptError:
        known = ", ".join(self.paths())
        return ScriptError([Problem(name, "", f"there is no such script on the shelf; there are {known}")])

    def rehearsal(self, name: str) -> Rehearsal | None:
        """The rehearsal of that script, or None: a folder `rehearsals` in or beside the script's own holds it.

        Raises ScriptError when there is no such script, or the rehearsal has mistakes.
        """
        script = self.paths().get(name)
        if script is None:
            raise self._missing(name)
        for folder in (script.parent, script.parent.parent):
            path = folder / "rehearsals" / script.name
            if path.is_file():
                return parse_rehearsal(_text(path), path.name)
        return None

    def scripts(self) -> Iterator[Script]:
        """Every script on the shelf. Raises ScriptError at the first that has mistakes."""
        for path in self.paths().values():
            yield read(path)


def read(path: Path) -> Script:
    """Read one script's file. Raises ScriptError, also for a file that cannot be read."""
    return parse(_text(path), path.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError([Problem(path.name, "", f"cannot be read: {error}")]) from error
