"""Moonshine as an ear: the recogniser that works with nothing installed.

Its tiny English model lies in the package's wheel. It is no streaming model: every peek decodes what the
utterance holds so far, at about 0.03 s of one core for each second of speech. It gives neither
words' times nor confidences (the model for these is not in the wheel).
"""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from audio.codec import resample
from audio.frame import Frame
from voice.ear import EarError, Transcript

if TYPE_CHECKING:
    from moonshine_voice.transcriber import Transcriber
    from numpy.typing import NDArray

MODEL_RATE = 16_000
PIECE_SECONDS = (9.0, 15.0)
"""A longer utterance is decoded in pieces, cut at its quietest moment between these: the cost per second
rises with a piece's length, and this model was trained on short pieces."""
SILENT_DB = -55.0
"""An utterance whose loudest 100 ms is below this is taken as silence, for which the model invents words."""
GHOSTS = frozenset({"", "you", "so", "the", "the other", "i", "a", "uh", "you you"})
"""What the tiny model answers to breath, clicks and noise (measured); alone none of it says anything."""
FASTEST_WORDS = 6.0
"""Words a second that nobody speaks (hurried English is about 5): there, any repetition is a loop."""
MOST_AT_ONCE = min(2, os.cpu_count() or 1)
"""Decodings at once. More cores than two would serve more calls, but nobody has measured that."""
MODEL_FILES = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")


class MoonshineEar:
    """The moonshine tiny English model; `model` is another folder of the same kind. Raises EarError."""

    name = "moonshine"
    streams = False

    def __init__(self, model: Path | None = None) -> None:
        self._transcribers = _Pool(lambda: _load(model), MOST_AT_ONCE)

    def listen(self, rate: int) -> MoonshineHearing:
        """A new stream for one call, at `rate` samples a second."""
        return MoonshineHearing(self, rate)

    def decode(self, samples: bytes) -> str:
        """The words in signed 16-bit mono at `MODEL_RATE`, with loops and ghosts taken out."""
        sound = np.frombuffer(samples, dtype="<i2").astype(np.float32) / 32768
        if _loudest_db(sound) < SILENT_DB:
            return ""
        try:
            with self._transcribers.one() as transcriber:
                lines = transcriber.transcribe_without_streaming(sound.tolist(), MODEL_RATE).lines
        except Exception as error:
            raise EarError(f"the moonshine engine failed ({error}): the utterance is lost") from error
        return plausible(" ".join(line.text.strip() for line in lines), len(sound) / MODEL_RATE)


class _Pool:
    """Transcribers for decoding at once: two threads on one give torn text (measured).

    The first is made at once, so that trouble shows early; another (110 MB, a third of a second) when all are busy.
    """

    def __init__(self, make: Callable[[], Transcriber], most: int) -> None:
        self._make = make
        self._free: SimpleQueue[Transcriber] = SimpleQueue()
        self._free.put(make())
        self._may_be_made = threading.Semaphore(most - 1)

    @contextmanager
    def one(self) -> Iterator[Transcriber]:
        """A transcriber of one's own; waits for one where all are busy. One that fails is not used again."""
        transcriber = self._take()
        try:
            yield transcriber
        except Exception:
            self._may_be_made.release()
            raise
        self._free.put(transcriber)

    def _take(self) -> Transcriber:
        try:
            return self._free.get_nowait()
        except Empty:
            return self._make() if self._may_be_made.acquire(blocking=False) else self._free.get()


class MoonshineHearing:
    """One call's utterance, kept until it is decoded."""

    def __init__(self, ear: MoonshineEar, rate: int) -> None:
        self._ear, self._rate = ear, rate
        self._start_afresh()

    def _start_afresh(self) -> None:
        self._pending = bytearray()
        self._settled: list[str] = []
        self._peeked: Transcript | None = Transcript("")

    def feed(self, samples: bytes) -> None:
        self._pending += samples
        self._peeked = None

    def peek(self) -> Transcript:
        if self._peeked is None:
            while len(self._pending) > self._bytes(PIECE_SECONDS[1]):
                cut = self._quietest()
                self._settled.append(self._decode(bytes(self._pending[:cut])))
                del self._pending[:cut]
            last = self._decode(bytes(self._pending))
            self._peeked = Transcript(" ".join(text for text in (*self._settled, last) if text))
        return self._peeked

    def finish(self) -> Transcript:
        try:
            return self.peek()
        finally:
            self._start_afresh()

    def close(self) -> None:
        self._start_afresh()

    def _bytes(self, seconds: float) -> int:
        return 2 * round(seconds * self._rate)

    def _quietest(self) -> int:
        """Where to cut a long utterance: the byte in the middle of its quietest 100 ms."""
        earliest, latest = map(self._bytes, PIECE_SECONDS)
        window = self._bytes(0.1)
        starts = range(earliest, latest - window, window // 2 & ~1)
        sound = bytes(self._pending[:latest])
        return min(starts, key=lambda start: _power(sound[start : start + window])) + window // 2 & ~1

    def _decode(self, samples: bytes) -> str:
        if self._rate != MODEL_RATE:
            samples = resample(Frame(samples, self._rate), MODEL_RATE).samples
        return self._ear.decode(samples)


def plausible(text: str, seconds: float) -> str:
    """The text as far as it can be believed: a phrase said over and over is said once, a ghost not at all.

    `seconds` is how long the sound was. Single words may come four times ("seven seven seven seven").
    """
    words = text.split()
    hurried = len(words) > FASTEST_WORDS * max(seconds, 0.1)
    bare = [re.sub(r"\W", "", word).lower() for word in words]
    for size in range(1, len(words) // 2 + 1):
        allowed = 1 if hurried else 5 if size == 1 else 2
        _drop_loops(words, bare, size, allowed)
    return "" if " ".join(bare) in GHOSTS else " ".join(words)


def _drop_loops(words: list[str], bare: list[str], size: int, allowed: int) -> None:
    """Cut a run of more than `allowed` equal phrases of `size` words down to the first, in place."""
    start = 0
    while start + 2 * size <= len(bare):
        end = start + size
        while bare[end : end + size] == bare[start : start + size]:
            end += size
        if (end - start) // size > allowed:
            del words[start + size : end], bare[start + size : end]
        start += 1


def _load(model: Path | None) -> Transcriber:
    # One core a decoding: spread over two, the engine burns 2.3 times the work for no gain in time (measured).
    os.environ.setdefault("MOONSHINE_ORT_SINGLE_THREAD", "1")
    try:
        from moonshine_voice.moonshine_api import ModelArch
        from moonshine_voice.transcriber import Transcriber
        from moonshine_voice.utils import get_model_path
    except (ImportError, OSError) as error:
        raise EarError(
            f"the moonshine engine cannot be loaded ({error}): install `moonshine-voice>=0.0.73,<0.1`, "
            "or use the vosk engine with `rightcall models install NAME`"
        ) from error
    folder = model or Path(get_model_path("tiny-en"))
    for name in MODEL_FILES:
        if not (folder / name).is_file():
            raise EarError(
                f"the moonshine model in {folder} lacks {name}: reinstall `moonshine-voice>=0.0.73,<0.1` "
                "(later versions leave the model out of the package)"
            )
    try:
        # The turn machine has already found the speech: the engine's own search adds words that no one said.
        return Transcriber(folder, ModelArch.TINY, options={"vad_threshold": "0.0"})
    except Exception as error:
        raise EarError(f"the moonshine model in {folder} does not load ({error}): reinstall it") from error


def _loudest_db(sound: NDArray[np.floating]) -> float:
    """The level of the loudest 100 ms, in dB below full scale."""
    step = MODEL_RATE // 10
    loudest = max((float(np.mean(sound[at : at + step] ** 2)) for at in range(0, len(sound), step)), default=0)
    return 10 * math.log10(loudest + 1e-12)


def _power(samples: bytes) -> float:
    return float(np.mean(np.frombuffer(samples, dtype="<i2").astype(np.float32) ** 2))
