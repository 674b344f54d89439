"""Vosk as an ear: streaming, with word times and confidences, from a model folder on this machine.

Written for vosk 0.3.45, the newest that can be installed as a package; what later versions add is used where
it is there. Traps of that version are fenced in here: see `VoskEar._compile` and `check_model`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audio.codec import Resampler
from voice.ear import EarError, Transcript, Word
from voice.models import check_model

DEFAULT_RATE = 16_000
FEED_SECONDS = 0.1
"""Vosk looks for a pause once per call, so long stretches are handed over in steps."""
UNKNOWN = "[unk]"
ENGLISH = ("the", "you", "is", "what", "and", "are", "where", "can", "your", "name", "there", "not")
"""A model that knows fewer than a third of these is no English model."""


class VoskEar:
    """One Vosk model, shared by all calls.

    `folder` is the model's own folder; `language` refuses a model that does not know its commonest words (only
    `en` can be told); `grammar` are the only phrases to recognise. Raises EarError.
    """

    name = "vosk"
    streams = True

    def __init__(self, folder: Path, *, language: str = "", grammar: Sequence[str] = ()) -> None:
        check_model(folder)
        self.folder = folder
        self.rate = model_rate(folder)
        self._vosk = _import_vosk()
        try:
            # Always by path: left to find a model itself, Vosk downloads one, or ends the process.
            self.model = self._vosk.Model(model_path=str(folder))
        except Exception as error:
            raise EarError(
                f"the Vosk model in {folder} does not load ({error}): it is damaged or cut short; "
                f"install it again with `rightcall models install {folder.name}`"
            ) from error
        if language == "en":
            self._check_english()
        self._grammar = self._compile(grammar)

    def listen(self, rate: int) -> VoskHearing:
        """A new stream for one call, at `rate` samples a second."""
        return VoskHearing(self, rate)

    def recogniser(self) -> Any:  # noqa: ANN401  vosk has no types
        """A fresh engine stream at the model's own rate. Raises EarError."""
        try:
            arguments = (self._grammar,) if self._grammar else ()
            recogniser = self._vosk.KaldiRecognizer(self.model, self.rate, *arguments)
        except Exception as error:
            raise EarError(f"Vosk cannot start a stream ({error}): too little memory?") from error
        recogniser.SetWords(True)
        mode = getattr(self._vosk, "EndpointerMode", None)
        if mode is not None:  # newer than 0.3.45: the turn machine ends turns, not the engine
            recogniser.SetEndpointerMode(mode.VERY_LONG)
        return recogniser

    def knows(self, word: str) -> bool:
        """Whether the model has this (lower case) word in its vocabulary."""
        return int(self.model.vosk_model_find_word(word)) >= 0

    def _check_english(self) -> None:
        if 3 * sum(map(self.knows, ENGLISH)) < len(ENGLISH):
            raise EarError(
                f"the Vosk model in {self.folder} seems not to be English: it lacks words such as "
                f"{', '.join(word for word in ENGLISH if not self.knows(word))}; "
                "install an English one with `rightcall models install vosk-model-small-en-us-0.15`"
            )

    def _compile(self, grammar: Sequence[str]) -> str:
        """The grammar in Vosk's JSON, or "" for none.

        An empty list crashes the process and one changed after sound came in aborts it, so a grammar is built
        here, once, from known words only; a model with a fixed graph would ignore it with a mere warning.
        """
        if not grammar:
            return ""
        if (self.folder / "graph/HCLG.fst").exists():
            raise EarError(
                f"the Vosk model in {self.folder} has a fixed graph and takes no grammar: use a small model"
            )
        phrases = (" ".join(filter(self.knows, phrase.lower().split())) for phrase in grammar)
        known = [phrase for phrase in phrases if phrase]
        if not known:
            raise EarError(f"the Vosk model in {self.folder} knows no word of the grammar {list(grammar)}")
        return json.dumps([*known, UNKNOWN] if self.knows(UNKNOWN) else known)


class VoskHearing:
    """One call's stream. After an EarError the stream is renewed by itself: the next utterance is heard."""

    def __init__(self, ear: VoskEar, rate: int) -> None:
        self._ear, self._rate = ear, rate
        self._recogniser: Any = ear.recogniser()
        self._before = 0.0
        self._start_afresh()

    def _start_afresh(self) -> None:
        self._resampler = Resampler(self._rate, self._ear.rate)
        self._done: list[Transcript] = []
        self._fed = 0

    def feed(self, samples: bytes) -> None:
        self._accept(self._resampler.feed(samples))

    def _accept(self, samples: bytes) -> None:
        step = 2 * round(FEED_SECONDS * self._ear.rate)
        try:
            for start in range(0, len(samples), step):
                if self._recogniser.AcceptWaveform(samples[start : start + step]):
                    self._done.append(self._read(self._recogniser.Result()))
            self._fed += len(samples)
        except Exception as error:
            self._renew()
            raise EarError(f"the Vosk engine failed ({error}): the utterance is lost") from error

    def peek(self) -> Transcript:
        partial = json.loads(self._recogniser.PartialResult()).get("partial", "")
        return _joined([*self._done, Transcript(_known(partial))])

    def finish(self) -> Transcript:
        if not self._fed:
            return Transcript("")
        self._accept(self._resampler.flush())
        last = self._read(self._recogniser.FinalResult())
        heard = _joined([*self._done, last])
        self._before += self._fed / 2 / self._ear.rate
        self._start_afresh()
        return heard

    def close(self) -> None:
        self._recogniser = None

    def _renew(self) -> None:
        self._recogniser = self._ear.recogniser()
        self._before = 0.0
        self._start_afresh()

    def _read(self, answer: str) -> Transcript:
        """Vosk's JSON as a transcript, its times counted from the utterance's start."""
        found = json.loads(answer)
        words = tuple(
            Word(each["word"], each["start"] - self._before, each["end"] - self._before, min(each["conf"], 1.0))
            for each in found.get("result", ())
            if each["word"] != UNKNOWN
        )
        return Transcript(_known(found.get("text", "")), words)


def model_rate(folder: Path) -> int:
    """The sample rate that the model in `folder` was trained at, from its conf/mfcc.conf."""
    found = re.search(r"^\s*--sample-frequency=(\d+)", (folder / "conf/mfcc.conf").read_text("utf-8"), re.MULTILINE)
    return int(found[1]) if found else DEFAULT_RATE


def _import_vosk() -> Any:  # noqa: ANN401  vosk has no types
    try:
        import vosk
    except (ImportError, OSError) as error:
        raise EarError(f"Vosk cannot be loaded ({error}): `pip install vosk`, or use the moonshine engine") from error
    vosk.SetLogLevel(-1)
    return vosk


def _known(text: str) -> str:
    return " ".join(word for word in text.split() if word != UNKNOWN)


def _joined(parts: Sequence[Transcript]) -> Transcript:
    words = tuple(word for part in parts for word in part.words)
    sure = sum(word.confidence for word in words) / len(words) if words else None
    return Transcript(" ".join(part.text for part in parts if part.text), words, sure)
