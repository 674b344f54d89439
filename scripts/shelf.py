"""Where call scripts stand: the shelf that comes with the program and any folders a site adds. Reads the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.parsing import Problem, ScriptError, parse
from scripts.script import Script

OWN_CALLS = Path(__file__).parent / "calls"
"""The calls that come with the program."""


class Shelf:
    """All scripts of some folders; a later folder's script replaces an earlier one's of the same name."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._folders = [OWN_CALLS, *folders]

    def paths(self) -> dict[str, Path]:
        """Every script's file, by id, in the order of their names."""
        found = {path.stem: path for folder in self._folders for path in sorted(folder.glob("*.toml"))}
        return dict(sorted(found.items()))

    def script(self, name: str) -> Script:
        """The script of that id, or of that file. Raises ScriptError when there is none or it has mistakes."""
        paths = self.paths()
        if name in paths:
            return read(paths[name])
        if name.endswith(".toml") and Path(name).is_file():
            return read(Path(name))
        known = ", ".join(paths)
        raise ScriptError([Problem(name, "", f"there is no such script on the shelf; there are {known}")])

    def scripts(self) -> Iterator[Script]:
        """Every script on the shelf. Raises ScriptError at the first that has mistakes."""
        for path in self.paths().values():
            yield read(path)


def read(path: Path) -> Script:
    """Read one script's file. Raises ScriptError, also for a file that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError([Problem(path.name, "", f"cannot be read: {error}")]) from error
    return parse(text, path.name)
