"""Which ear a site gets: the one it asked for, or the best that is installed. Engines are imported when chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from voice.ear import Ear, EarError, Engine
from voice.models import Model, installed


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
