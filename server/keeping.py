"""Keeping a call: its log and its recording, written on a thread of their own so that no disk holds up a voice.

One write for each line of the log, on an append descriptor, and a sync at most once a second and at the end:
a crash of the program loses no line that was handed over more than a moment ago and half a second of sound, a power
cut at most a second and a half.
When the disk refuses, that file is left as it is and never written again (a write after a failed sync would
claim what may be lost); the call goes on, `trouble` says what happened, and other calls are not touched.

The queue is bounded: when the disk is so slow that `QUEUE_SECONDS` of sound wait, further sound is left out of
the recording (and counted in `left_out`), lines of the log never are.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from audio.frame import FRAME_SECONDS, Frame, join
from audio.recording import Recording, RecordingError
from scripts.events import Entry
from scripts.log import encode
from server.call_files import sync_folder

SYNC_SECONDS = 1.0
QUEUE_SECONDS = 20.0
BATCH = 25
"""Frames handed over at a time: to wake a thread costs more than to write (a tenth of a millisecond of the loop)."""
_fdatasync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class LogWriter:
    """An append-only log. `acknowledged` counts the lines that are surely on the disk."""

    def __init__(self, path: Path) -> None:
        """Make the file. Raises OSError."""
        self.path = path
        self.broken: str | None = None
        self.acknowledged = 0
        self._written = 0
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, 0o640)
        sync_folder(path.parent)

    def append(self, line: str) -> None:
        """Write one line, unless the disk has refused before."""
        data = line.encode() + b"\n"
        self._guarded(lambda: self._write(data))

    def sync(self) -> None:
        """See all lines safely on the disk."""
        if self.acknowledged < self._written:
            self._guarded(lambda: _fdatasync(self._file))
            if self.broken is None:
                self.acknowledged = self._written

    def close(self) -> None:
        """Sync and close. Closing twice does no harm."""
        if self._file >= 0:
            self.sync()
            os.close(self._file)
            self._file = -1

    def _write(self, data: bytes) -> None:
        if os.write(self._file, data) < len(data):
            raise OSError(28, "No space left on device")  # the torn line is cut off when the log is opened
        self._written += 1

    def _guarded(self, work: Callable[[], None]) -> None:
        if self.broken is not None:
            return
        try:
            work()
        except OSError as error:
            self.broken = (
                f"the call's log stopped after {self.acknowledged} lines, {self.path}: "
                f"{os.strerror(error.errno or 0)}. The call goes on; free some space on that disk before the next"
            )


class Keeper:
    """One call's writer thread. Make it, hand things over, `await close()`."""

    def __init__(self, log: Path, recording: Path, rate: int) -> None:
        """Make both files and start. Raises OSError or RecordingError."""
        self._log = LogWriter(log)
        self._recording = Recording(recording, rate)
        self._todo: queue.SimpleQueue[str | tuple[Frame, Frame] | None] = queue.SimpleQueue()
        self._troubles: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._sound: list[tuple[Frame, Frame]] = []
        self._rate = rate
        self._told = False
        self.left_out = 0
        self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)
        self._thread.start()

    @property
    def saved(self) -> bool:
        """Whether nothing was refused so far."""
        return self._log.broken is None and not self._recording.broken

    @property
    def acknowledged(self) -> int:
        """How many lines of the log are surely on the disk."""
        return self._log.acknowledged

    def entry(self, entry: Entry) -> None:
        """Hand over one entry of the log."""
        self._todo.put(encode(entry))

    def sound(self, trainee: Frame, caller: Frame) -> None:
        """Hand over the next 20 ms of both sides."""
        if self._todo.qsize() * BATCH * FRAME_SECONDS > QUEUE_SECONDS:
            self.left_out += 1
            return
        self._sound.append((trainee, caller))
        if len(self._sound) >= BATCH:
            self._hand_over_sound()

    def trouble(self) -> str | None:
        """The next thing that went wrong since the last asking, or None."""
        return None if self._troubles.empty() else self._troubles.get_nowait()

    async def close(self) -> None:
        """Write what is left, sync and close both files."""
        self._hand_over_sound()
        self._todo.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over_sound(self) -> None:
        if self._sound:
            trainee, caller = (join(side, self._rate) for side in zip(*self._sound, strict=True))
            self._todo.put((trainee, caller))
            self._sound.clear()

    def _run(self) -> None:
        next_sync = time.monotonic() + SYNC_SECONDS
        while True:
            try:
                item = self._todo.get(timeout=max(0.0, next_sync - time.monotonic()))
            except queue.Empty:
                item = ""
            if item is None:
                break
            self._write(item)
            if time.monotonic() >= next_sync:
                self._log.sync()
                self._tell_of_log()
                next_sync = time.monotonic() + SYNC_SECONDS
        self._finish()

    def _write(self, item: str | tuple[Frame, Frame]) -> None:
        if isinstance(item, tuple):
            self._try(lambda: self._recording.write(*item))
        elif item:
            self._log.append(item)
            self._tell_of_log()

    def _finish(self) -> None:
        self._log.close()
        self._tell_of_log()
        self._try(self._recording.close)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (RecordingError, ValueError) as error:
            self._troubles.put(str(error))

    def _tell_of_log(self) -> None:
        if self._log.broken is not None and not self._told:
            self._told = True
            self._troubles.put(self._log.broken)
