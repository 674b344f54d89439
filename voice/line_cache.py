"""Lines rendered once: in memory, then on disk, then by the mouth.

A caller's lines are rendered before the telephone rings, so that an answer starts at once. The key is a hash of
everything the sound depends on; a damaged file is rendered again. Several processes may share a folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from audio.frame import Frame
from voice.mouth import MOUTH_RATE, Mouth, Speech

FORMAT = "s16le 16000 mono, trimmed, 1"
"""What is stored; change it when the stored bytes change their meaning."""
DIGEST_BYTES = 32
SUFFIX = ".line"
WORKERS = 4
"""Renderings under way in `warm`: enough to keep the mouth busy, few enough that a live line gets its turn."""
KEEP_SHARE = 0.9
"""How full the folder is after clearing out, so that not every line clears out again."""

log = logging.getLogger(__name__)


class LineCache:
    """The lines of one mouth. `disk_bytes` and `memory_bytes` bound both layers; the oldest used go first."""

    def __init__(
        self, mouth: Mouth, folder: Path, disk_bytes: int = 1_000_000_000, memory_bytes: int = 64_000_000
    ) -> None:
        self._mouth = mouth
        self._folder = folder
        self._disk_bytes = disk_bytes
        self._memory_bytes = memory_bytes
        self._memory: OrderedDict[str, Frame] = OrderedDict()
        self._remembered = 0
        self._stored: int | None = None
        self._rendering: dict[str, asyncio.Task[Frame]] = {}

    def get(self, speech: Speech) -> Frame | None:
        """The line if it has been rendered, without waiting for the mouth. Reads the disk: about 0.1 ms."""
        key = self._key(speech)
        frame = self._memory.get(key)
        if frame:
            self._memory.move_to_end(key)
            return frame
        frame = self._read(key)
        if frame:
            self._remember(key, frame)
        return frame

    async def fetch(self, speech: Speech) -> Frame:
        """The line, rendered if need be. Who asks for a line under way waits for that. Raises MouthError."""
        frame = self.get(speech)
        if frame:
            return frame
        key = self._key(speech)
        if key not in self._rendering:
            task = asyncio.create_task(self._render(key, speech))
            self._rendering[key] = task
            task.add_done_callback(lambda _: self._rendering.pop(key, None))
        return await asyncio.shield(self._rendering[key])

    async def warm(self, speeches: Iterable[Speech], progress: Callable[[int, int], None] | None = None) -> None:
        """Render all that is missing. `progress` hears how many of how many are ready. Raises MouthError."""
        todo = list(dict.fromkeys(speeches))
        left = iter(todo)
        ready = 0

        async def work() -> None:
            nonlocal ready
            for speech in left:
                await self.fetch(speech)
                ready += 1
                if progress:
                    progress(ready, len(todo))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(WORKERS, len(todo))):
                    group.create_task(work())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    def _key(self, speech: Speech) -> str:
        told = json.dumps([FORMAT, self._mouth.engine, asdict(speech)], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    async def _render(self, key: str, speech: Speech) -> Frame:
        frame = await self._mouth.render(speech)
        self._remember(key, frame)
        try:
            await asyncio.to_thread(self._store, key, frame)
        except OSError as error:
            log.warning("the line cache in %s cannot be written, lines are kept in memory: %s", self._folder, error)
        return frame

    def _remember(self, key: str, frame: Frame) -> None:
        if key in self._memory:
            return
        self._memory[key] = frame
        self._remembered += len(frame.samples)
        while self._remembered > self._memory_bytes:
            _, oldest = self._memory.popitem(last=False)
            self._remembered -= len(oldest.samples)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}{SUFFIX}"

    def _read(self, key: str) -> Frame | None:
        """The stored line; None if there is none or its digest does not fit."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        digest, samples = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
        if hashlib.sha256(samples).digest() != digest:
            return None
        with contextlib.suppress(OSError):  # a folder we may only read still serves
            os.utime(path)
        return Frame(samples, MOUTH_RATE)

    def _store(self, key: str, frame: Frame) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = hashlib.sha256(frame.samples).digest() + frame.samples
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._stored = len(data) + (self._stored if self._stored is not None else self._measure() - len(data))
        if self._stored > self._disk_bytes:
            self._stored = self._clear_out()

    def _measure(self) -> int:
        return sum(path.stat().st_size for path in self._folder.glob(f"*/*{SUFFIX}"))

    def _clear_out(self) -> int:
        """Delete the longest unused lines; returns the bytes that stay."""
        found = [(path.stat(), path) for path in self._folder.glob(f"*/*{SUFFIX}")]
        stays = sum(status.st_size for status, _ in found)
        for status, path in sorted(found, key=lambda pair: pair[0].st_mtime_ns):
            if stays <= KEEP_SHARE * self._disk_bytes:
                break
            path.unlink(missing_ok=True)
            stays -= status.st_size
        return stays
