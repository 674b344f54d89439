"""Taking a call at this desk: the terminal shows it live and its keys are the keypad.

On a terminal the board is redrawn in place; elsewhere every row is printed as it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, TextIO

from rich.live import Live

from scripts.cast import draw
from scripts.events import Entry
from server.board import Board
from server.call_scripts import CallScript
from server.calls import CallResult, any_seed, run_call
from server.conductor import View
from server.desk import DeskHandset, open_desk
from server.engines import Engines
from server.handset import HangUp, Hold, Press
from server.printed_view import PrintedView

if TYPE_CHECKING:
    from rich.console import Console

REDRAW = 0.2
"""Seconds of the call between two redrawings of the board."""


class LiveView:
    """The board, redrawn in place."""

    def __init__(self, board: Board, live: Live) -> None:
        self._board, self._live = board, live
        self._drawn = -REDRAW

    def entry(self, entry: Entry) -> None:
        self._board.entry(entry)
        self._draw()

    def partial(self, text: str) -> None:
        self._board.hearing = text

    def notice(self, text: str) -> None:
        self._board.notices.append(text)
        self._draw()

    def time(self, now: float) -> None:
        self._board.now = now
        if now - self._drawn >= REDRAW:
            self._drawn = now
            self._draw()

    def _draw(self) -> None:
        self._live.update(self._board.view(), refresh=True)


@contextlib.contextmanager
def watching(call: CallScript, seed: int, console: Console) -> Iterator[View]:
    """A view of one call on the console: live on a terminal, plain elsewhere."""
    if not console.is_terminal:
        yield PrintedView()
        return
    board = Board(draw(call.script, seed))
    with Live(board.view(), console=console, auto_refresh=False, transient=False) as live:
        yield LiveView(board, live)


async def run_practice(
    engines: Engines,
    call: CallScript,
    console: Console,
    *,
    seed: int | None = None,
    microphone: str | int | None = None,
    loudspeaker: str | int | None = None,
    open_speaker: bool = False,
) -> CallResult:
    """The trainee at this desk takes the call. `open_speaker`: there is no headset.

    Raises DeviceError, DeskBusy, MouthError, CallFilesError, RecordsError or Busy before it rings.
    """
    seed = any_seed() if seed is None else seed
    async with open_desk(
        engines.settings.home, microphone=microphone, loudspeaker=loudspeaker, open_speaker=open_speaker
    ) as handset:
        with watching(call, seed, console) as view:
            if not console.is_terminal:
                view.notice("The telephone is ringing. Press Enter, or speak, to answer.")
            async with reading_keys(sys.stdin, _keys(handset)):
                return await run_call(engines, call, handset, view, seed=seed)


def _keys(handset: DeskHandset) -> Callable[[str], None]:
    """What each key of the keyboard does."""
    on_hold = False

    def press(key: str) -> None:
        nonlocal on_hold
        if key in "\r\n":
            handset.answer()
        elif key in "0123456789*#":
            handset.do(Press(key))
        elif key in "hq":
            handset.answer()  # hanging up on a telephone that still rings refuses the call
            handset.do(HangUp())
        elif key == "o":
            on_hold = not on_hold
            handset.do(Hold(on_hold))

    return press


@contextlib.asynccontextmanager
async def reading_keys(source: TextIO, press: Callable[[str], None]) -> AsyncIterator[None]:
    """Give each key of the terminal to `press` at once; from a pipe, each character. Restores the terminal."""
    loop = asyncio.get_running_loop()
    done = threading.Event()

    def told(key: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone: so is the call
            loop.call_soon_threadsafe(press, key)

    with _unbuffered(source):
        threading.Thread(target=_read, args=(source, told, done), name="keys", daemon=True).start()
        try:
            yield
        finally:
            done.set()


def _read(source: TextIO, told: Callable[[str], None], done: threading.Event) -> None:
    """On a thread of its own: no platform lets every kind of input be awaited."""
    if sys.platform == "win32" and source.isatty():
        import msvcrt

        while not done.wait(0.03):
            while msvcrt.kbhit():
                told(msvcrt.getwch())
        return
    import select

    while not done.is_set():
        ready, _, _ = select.select([source], [], [], 0.1)
        if ready:
            keys = os.read(source.fileno(), 64).decode(errors="ignore")
            if not keys:
                return
            for key in keys:
                told(key)


@contextlib.contextmanager
def _unbuffered(source: TextIO) -> Iterator[None]:
    """Keys come singly and unseen; Ctrl-C works as always."""
    if sys.platform == "win32" or not source.isatty():
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(source)
    tty.setcbreak(source)
    try:
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
