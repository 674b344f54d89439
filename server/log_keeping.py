"""A log kept off the event loop, for what has no sound: handed over at once, on the disk a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from server.keeping import LogWriter

Told = Callable[[bool], None]
"""Is told whether the disk has the line that it was handed over with."""


class LogKeeper:
    """One log's writer. `run` it as a task; `close` writes what is left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: LogWriter | None = None
        self._lines: list[str] = []
        self._told: list[Told] = []
        self._work = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._writing: asyncio.Task[None] | None = None

    @property
    def broken(self) -> str | None:
        """Why the disk refuses, or None."""
        return self._writer.broken if self._writer else None

    def add(self, line: str, told: Told | None = None) -> None:
        """Hand over one line; `told` hears when the disk has it, or that it has not."""
        self._lines.append(line)
        if told is not None:
            self._told.append(told)
        self._work.set()

    async def run(self) -> None:
        """Until cancelled: write whatever comes."""
        while True:
            await self._work.wait()
            await self._write()

    async def close(self) -> None:
        """Write what is left and close the file."""
        await self._write()
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)

    async def _write(self) -> None:
        """What was begun is finished, also when `run` is cancelled meanwhile: `close` waits for its turn."""
        self._writing = asyncio.create_task(self._write_all())
        await asyncio.shield(self._writing)

    async def _write_all(self) -> None:
        async with self._one_at_a_time:
            self._work.clear()
            lines, self._lines = self._lines, []
            told, self._told = self._told, []
            if not lines:
                return
            saved = await asyncio.to_thread(self._append, lines)
            for tell in told:
                tell(saved)

    def _append(self, lines: list[str]) -> bool:
        try:
            self._writer = self._writer or LogWriter(self._path)
        except OSError:
            return False
        for line in lines:
            self._writer.append(line)
        self._writer.sync()
        return self._writer.broken is None
