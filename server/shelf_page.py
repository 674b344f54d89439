"""What the trainers' shelf shows of a script: whether it is good, what its rehearsals try, and a call by typing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from scripts.cast import CastError
from scripts.check import problems
from scripts.check_force import dropped
from scripts.cover import Coverage, cover
from scripts.force import Force
from scripts.marking import mark
from scripts.parsing import Problem, ScriptError, parse
from scripts.rehearsal import TypedCall, parse_rehearsal
from scripts.script import Script
from server.call_scripts import call_script
from server.proving import problems_of, unproved
from server.transcript import transcript
from server.typed import take
from server.watching import replay

MOST_LINES = 300
LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` says of a script, and how much of it its rehearsals try; None where they cannot be played."""

    problems: tuple[Problem, ...]
    coverage: Coverage | None


Params = ParamSpec("Params")
Result = TypeVar("Result")


class Aside:
    """A process of its own for work that would hold up the calls of this one, and that gives way to everything."""

    def __init__(self) -> None:
        self._process: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def run(self, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Do the work there and wait for it; begins the process when first needed. Raises ScriptError if it dies."""
        with self._lock:
            if self._process is None:
                context = multiprocessing.get_context("spawn")
                self._process = ProcessPoolExecutor(1, mp_context=context, initializer=_give_way)
            waiting = self._process.submit(work, *args, **kwargs)
        try:
            return waiting.result()
        except BrokenProcessPool as error:
            self._process = None  # the next one begins afresh
            raise ScriptError(
                [Problem("check", "", "this machine ended it, perhaps for want of memory: try again")]
            ) from error

    def close(self) -> None:
        """End the process; what waits for it is given up."""
        with self._lock:
            if self._process is not None:
                self._process.shutdown(wait=True, cancel_futures=True)
                self._process = None


def _give_way() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process
    if hasattr(os, "nice"):
        os.nice(19)


@dataclass
class KnownChecks:
    """Checks by file; each is made again only when the script or its rehearsal has changed."""

    aside: Aside = field(default_factory=Aside)
    _made: dict[Path, tuple[tuple[int, ...], Checked]] = field(default_factory=dict)

    def of(self, path: Path, force: Force) -> Checked:
        """Check a script's file. Takes a second or so where it is not known."""
        rehearsal = _rehearsal_of(path)
        stamp = tuple(_changed(each) for each in (path, rehearsal) if each is not None)
        known = self._made.get(path)
        if known is None or known[0] != stamp:
            known = self._made[path] = (stamp, self.aside.run(check_file, path, force))
        return known[1]


def check_file(path: Path, force: Force) -> Checked:
    """What `rightcall check` and `rightcall cover` say of it."""
    found = tuple(problems_of(path, force))
    try:
        call = call_script(str(path))
        return Checked(found, cover(call.script, call.rehearsal(), force))
    except (ScriptError, CastError):
        return Checked(found, None)


def _rehearsal_of(path: Path) -> Path | None:
    try:
        return call_script(str(path)).rehearsal_path
    except (ScriptError, OSError, UnicodeDecodeError):
        return None


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def mistakes(name: str, text: str, rehearsal: str, force: Force) -> list[Problem]:
    """Every mistake of a script that is not on the shelf yet, and of its rehearsal; that one may be missing."""
    try:
        script = parse(text, f"{name}.toml")
    except ScriptError as error:
        found = error.problems
        return [*found, *_only(rehearsal, name)]
    unreadable = _only(rehearsal, name)
    rehearsed = None if unreadable or not rehearsal.strip() else parse_rehearsal(rehearsal, f"rehearsals/{name}.toml")
    found = [*problems(script, rehearsed), *unreadable, *dropped(script, force)]
    if rehearsed is None:  # it may be written once the script is on the shelf
        return [one for one in found if one.place or "has no rehearsal" not in one.message]
    return found or list(unproved(script, rehearsed))


def _only(rehearsal: str, name: str) -> list[Problem]:
    """What keeps the rehearsal from being read."""
    if not rehearsal.strip():
        return []
    try:
        parse_rehearsal(rehearsal, f"rehearsals/{name}.toml")
    except ScriptError as error:
        return error.problems
    return []


def typed_call(script: Script, seed: int, lines: Sequence[str], force: Force, *, end: bool) -> dict[str, object]:
    """A typed call after these lines, as the page shows it; with `end`, rung off and marked.

    Nothing is kept between two lines: the same lines and the same seed make the same call. Where the last line
    cannot be taken, `error` says why and the call stands as it was before.
    """
    call, lost = replay(script, seed, lines[:-1])
    error = "; ".join(lost)
    if lines:
        try:
            take(call, lines[-1])
        except (ValueError, CastError) as wrong:
            error = str(wrong)
    if end and not call.over:
        call.listen()
    if end and not call.over:
        call.hang_up()
    return {
        "seed": seed,
        "over": call.over,
        "error": error,
        "rows": [row.as_json() for row in transcript(call.log)],
        "sheet": _sheet(script, call, force) if call.over else None,
    }


def _sheet(script: Script, call: TypedCall, force: Force) -> dict[str, object]:
    sheet = mark(script, call.log, force)
    return {
        "score": sheet.score,
        "outcome": sheet.outcome,
        "critical": list(sheet.critical),
        "decision": sheet.disposition.why,
        "verdicts": [
            {
                "title": verdict.title, "result": verdict.result, "points": verdict.points, "of": verdict.of,
                "why": verdict.why,
            }
            for verdict in sheet.verdicts
        ],
    }  # fmt: skip
