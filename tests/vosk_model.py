"""The tiny Vosk model that tests share: built on first use, then kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

from audio.codec import resample
from audio.frame import Frame

if TYPE_CHECKING:
    from tiny_vosk_voice import Espeak

pytest.importorskip("espeakng_loader", reason="espeakng_loader is not installed: no voice to make a Vosk model of")

PHRASES = (
    "what is the address of the emergency",
    "can you tell me your name",
    "where are you now",
    "are there any weapons",
    "is he still there",
    "the officers are coming to you",
    "stay on the line and keep away from the windows",
    "is he hurt and can he walk",
)
"""What the model's one voice was taught to say, in full."""
OTHER_WORDS = ("zero one two three four five six seven eight nine yes no stop wait",)


@lru_cache(maxsize=1)
def tiny_model() -> Path:
    """The folder of a Vosk model of English that knows the words of `PHRASES` and `OTHER_WORDS`."""
    import tiny_vosk

    recipe = b"".join(path.read_bytes() for path in sorted(Path(tiny_vosk.__file__).parent.glob("tiny_vosk*.py")))
    recipe += repr((PHRASES, OTHER_WORDS)).encode()
    cache = platformdirs.user_cache_path("rightcall-tests")
    folder = cache / f"tiny-vosk-{hashlib.sha256(recipe).hexdigest()[:16]}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as aside:
            made = Path(aside) / "model"
            tiny_vosk.build(made, PHRASES, OTHER_WORDS)
            if not folder.exists():
                shutil.move(made, folder)
    return folder


@lru_cache(maxsize=64)
def spoken(text: str, rate: int = 16_000) -> Frame:
    """The text in the voice that the model knows, with a quarter of a second of silence around it."""
    import numpy as np

    from tiny_vosk_voice import RATE

    sound = np.pad(_voice().say(text).sound, RATE // 4)
    return resample(Frame(np.rint(sound).clip(-32768, 32767).astype("<i2").tobytes(), RATE), rate)


@lru_cache(maxsize=1)
def _voice() -> Espeak:
    from tiny_vosk_voice import Espeak

    tiny_model()  # which has a voice of its own: the library keeps only the last one made
    return Espeak()
