"""A script that is being written: seen again at each save, with the call brought back to where it was.

The place in a call is what was typed so far. After a save the same lines are typed to the new script, with the same
seed, and what came out otherwise is shown.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from scripts.cast import CastError
from scripts.events import Entry
from scripts.parsing import ScriptError
from scripts.rehearsal import TypedCall
from scripts.script import Script
from scripts.shelf import read
from scripts.softening import softened
from server.transcript import transcript
from server.typed import take

LOOK_EVERY = 0.5
"""Seconds between two looks at the file: a save is seen at once, and the looking costs nothing."""

Stamp = tuple[int, int]


class Watch:
    """One script's file, and whether it was saved since it was last read."""

    def __init__(self, path: Path, *, soft: bool = False) -> None:
        """`soft`: swearing is softened."""
        self._path, self._soft = path, soft
        self._seen = self._stamp()

    def saved(self) -> bool:
        """Whether the file is another than when last asked. While an editor is replacing it, it is not."""
        now = self._stamp()
        if now is None or now == self._seen:
            return False
        self._seen = now
        return True

    def script(self) -> Script:
        """The script as it is now. Raises ScriptError with every mistake."""
        script = read(self._path)
        return softened(script) if self._soft else script

    def saved_before_input(self, source: TextIO) -> bool:
        """Wait for a save or for a line to be typed: true for a save.

        Where input cannot be waited for (a pipe's may be read already; Windows' terminals), it looks once.
        """
        if sys.platform == "win32" or not source.isatty():
            return self.saved()
        import select

        while not self.saved():
            if select.select([source], [], [], LOOK_EVERY)[0]:
                return False
        return True

    def _stamp(self) -> Stamp | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size


def replay(script: Script, seed: int, typed: Sequence[str]) -> tuple[TypedCall, list[str]]:
    """The call with all the lines typed to it again, and what could not be typed any more, one sentence each."""
    call = TypedCall(script, seed)
    lost = []
    for number, line in enumerate(typed, start=1):
        try:
            take(call, line)
        except (ValueError, CastError) as error:
            lost.append(f"what you typed as line {number} is left out: {error}")
    return call, lost


def differences(before: Sequence[Entry], after: Sequence[Entry]) -> Iterator[str]:
    """What the second call's transcript has otherwise: `- ` what was said before, `+ ` what is said now."""
    old, new = ([f"{row.who or 'call':8} {row.text}" for row in transcript(log)] for log in (before, after))
    for row in difflib.ndiff(old, new):
        if row.startswith(("- ", "+ ")):
            yield row


def reloaded(watch: Watch, typed: Sequence[str], call: TypedCall, say: Callable[[str], None]) -> TypedCall:
    """The call after a save: replayed on the new script, or as it was where that has mistakes. Says what changed."""
    try:
        script = watch.script()
        again, lost = replay(script, call.cast.seed, typed)
    except (ScriptError, CastError) as error:
        say(str(error))
        say("The call goes on with the script as it was.")
        return call
    changed = list(differences(call.log, again.log))
    say("The script was saved." + ("" if changed else " Nothing that was said so far changes."))
    for row in (*lost, *changed):
        say(row)
    if again.over and not call.over:
        say("With it, the call is over.")
    return again
