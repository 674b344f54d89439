"""What all calls of a process share: the recogniser, the synthesiser with its lines, the records, the files."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from scripts.force import DEFAULT_FORCE, Force, default_force, load_force
from scripts.parsing import Problem, ScriptError
from server.call_files import CallFiles
from server.live import LiveCalls
from server.measures import percentile
from server.records import Records
from server.settings import Settings
from voice.activity import Detectors
from voice.choice import choose_ear
from voice.ear import Ear
from voice.line_cache import LineCache
from voice.mouth import Mouth, Pyttsx3Mouth
from voice.voices import Voice

LAGS_KEPT = 40
"""Decodings that the present lag is told from: with a few calls, about the last half minute."""
FEWEST_LAGS = 5


class Busy(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """No further call can be taken without harming those in progress; the message is for the trainee."""


@dataclass
class Load:
    """How far recognition lags behind, over all calls of this process; seconds."""

    most: float
    _lags: deque[float] = field(default_factory=lambda: deque(maxlen=LAGS_KEPT))
    calls: int = 0

    def note(self, lag: float) -> None:
        """A decoding kept a turn waiting for so long."""
        self._lags.append(lag)

    @property
    def lag(self) -> float:
        """The lag that one decoding in twenty exceeds."""
        return (percentile(self._lags, 95) or 0.0) if len(self._lags) >= FEWEST_LAGS else 0.0

    @contextlib.contextmanager
    def admitted(self) -> Iterator[None]:
        """Count a call in while it lasts. Raises Busy."""
        if self.calls and self.lag > self.most:
            raise Busy(
                f"{self.calls} calls are in progress and recognition lags {self.lag:.1f} s behind: "
                "try again when one of them has ended"
            )
        self.calls += 1
        try:
            yield
        finally:
            self.calls -= 1
            if not self.calls:
                self._lags.clear()


@dataclass
class Engines:
    """Made by `prepare`."""

    settings: Settings
    ear: Ear
    mouth: Mouth
    lines: LineCache
    voices: list[Voice]
    pool: Executor
    files: CallFiles
    records: Records
    force: Force
    load: Load
    detectors: Detectors = field(default_factory=Detectors)
    live: LiveCalls = field(default_factory=LiveCalls)


@contextlib.asynccontextmanager
async def prepare(
    settings: Settings,
    told: Callable[[str], None] = lambda _text: None,
    ear: Ear | None = None,
    mouth: Mouth | None = None,
) -> AsyncIterator[Engines]:
    """Load everything, and release it afterwards. `told` hears what is being done, in a few words each.

    An `ear` or `mouth` that is given is used instead of what the settings say.

    Raises EarError, MouthError, RecordsError or ScriptError (of the force's file) saying what to mend.
    """
    force = read_force(settings)
    files = CallFiles(settings.calls_folder)
    records = await asyncio.to_thread(Records, settings.database_url, files)
    pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="hearing")
    mouth = mouth or Pyttsx3Mouth(settings.mouth_slots)
    try:
        told("Loading speech recognition")
        if ear is None:
            ear = await asyncio.to_thread(_load_ear, settings)
        detectors = await asyncio.to_thread(_warm)
        told("Starting the callers' voices")
        await mouth.start()
        lines = LineCache(mouth, settings.lines_folder, disk_bytes=settings.line_cache_mb * 1_000_000)
        voices = list(await mouth.voices())
        load = Load(settings.max_decode_lag)
        yield Engines(settings, ear, mouth, lines, voices, pool, files, records, force, load, detectors)
    finally:
        await mouth.close()
        pool.shutdown(wait=False, cancel_futures=True)
        records.close()


def _warm() -> Detectors:
    """Load now what would otherwise hold up the first call's first turn: the lexicon takes a third of a second."""
    from scripts.understanding import understand

    understand("Police emergency, what is the address?")
    detectors = Detectors()
    detectors.give_back(detectors.take())
    return detectors


def _load_ear(settings: Settings) -> Ear:
    return choose_ear(settings.ear, settings.ear_model, settings.models_folder, language=settings.language)


def read_force(settings: Settings) -> Force:
    """The site's force: a file of the home's `forces`, or the one that comes with the program. Raises ScriptError."""
    path = settings.home / "forces" / f"{settings.force}.toml"
    try:
        return load_force(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError as error:
        if settings.force == DEFAULT_FORCE:
            return default_force()
        raise ScriptError([Problem(settings.force, "", f"there is no such force: {path} does not exist")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError([Problem(path.name, "", f"cannot be read: {error}")]) from error
