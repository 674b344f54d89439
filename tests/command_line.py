"""Run the command line in this process, as a user would, and see what came of it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.cli import run

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


RunCommand = Callable[..., Done]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    """A function that runs one command line; `typed` is its standard input."""

    def command(*arguments: str, typed: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8"))
        code = run(list(arguments))
        written = capsys.readouterr()
        return Done(code, written.out, written.err)

    return command
