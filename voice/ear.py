"""The ear: what every speech recogniser offers, and how one is chosen.

An `Ear` is a loaded engine, shared by all calls of the process. Each call has its own `Hearing`, fed with
voiced sound only; the turn machine decides what that is. All of a Hearing's methods block while they decode:
the conductor runs them on a worker thread, one call at a time for each Hearing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from voice.models import Model

Engine = Literal["vosk", "moonshine"]


class EarError(Exception):
    """The recogniser cannot start or go on; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. Times are seconds from the utterance's start; confidence is 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was recognised; `confidence` is 0 to 1. An engine may give no confidence and no words."""

    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None


class Hearing(Protocol):
    """One call's stream through an ear. Feed it, peek at it, finish each utterance."""

    def feed(self, samples: bytes) -> None:
        """Take in more voiced sound: signed 16-bit mono at the rate given to `Ear.listen`."""

    def peek(self) -> Transcript:
        """What the utterance is so far. Cheap for a streaming engine, a whole decode for the others."""

    def finish(self) -> Transcript:
        """End the utterance and start afresh. Costs nothing more where nothing was fed since `peek`."""

    def close(self) -> None:
        """Release the stream."""


class Ear(Protocol):
    """A loaded recogniser."""

    name: str
    """`vosk` or `moonshine`."""
    streams: bool
    """Whether `peek` is cheap enough to call while the trainee is still speaking."""

    def listen(self, rate: int) -> Hearing:
        """A new stream for one call, at `rate` samples a second (8000 and 16000 always work)."""


def choose_ear(
    engine: Engine | None,
    model: Path | None,
    models_folder: Path,
    *,
    language: str = "en",
    grammar: Sequence[str] = (),
) -> Ear:
    """Load the recogniser a site asked for, or the best it has.

    With no `engine`, Vosk is taken where a `model` is named or one lies in `models_folder` (one named after
    the language before others); otherwise moonshine, whose model comes with its package. `language` is what
    the model must know (`en`, or empty for any); `grammar` restricts Vosk to these phrases. Raises EarError
    saying what to install or correct.
    """
    from voice.models import installed

    if engine == "moonshine":
        return _moonshine(model, language)
    found = model or next((each.path for each in _likeliest_first(installed(models_folder), language)), None)
    if found is not None:
        from voice.vosk_ear import VoskEar

        return VoskEar(found, language=language, grammar=grammar)
    if engine == "vosk":
        raise EarError(
            f"no Vosk model is installed in {models_folder}: run `rightcall models install "
            "vosk-model-small-en-us-0.15`, give it a model's zip file on a machine without internet, "
            "or use the moonshine engine, which needs no model"
        )
    return _moonshine(None, language)


def _likeliest_first(models: list[Model], language: str) -> list[Model]:
    """Models named after the language come before others, as in `vosk-model-small-en-us-0.15`."""
    return sorted(models, key=lambda model: f"-{language}" not in model.name)


def _moonshine(model: Path | None, language: str) -> Ear:
    if language not in ("", "en"):
        raise EarError(
            f"the moonshine engine knows English only, not {language!r}: install a Vosk model of that "
            "language with `rightcall models install NAME` and choose the vosk engine"
        )
    from voice.moonshine_ear import MoonshineEar

    return MoonshineEar(model)
