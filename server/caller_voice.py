"""A caller's voice: the lines of a cast as sound, ready before the telephone rings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from random import Random

from audio.codec import resample
from audio.frame import Frame, join, silence
from scripts.cast import Cast
from scripts.events import Say
from scripts.lines import LineBook
from scripts.script import Band, band
from voice.line_cache import LineCache
from voice.mouth import Speech
from voice.voices import Voice, choose_voice, delivery

BAND_MOODS: dict[Band, int] = {"calm": 75, "upset": 45, "frantic": 15}
"""The mood that each state of mind is voiced at: one way of speaking for each, so that lines can be made ahead."""
AFTER_EFFECT = 0.1
"""Seconds between a sound and the words that go with it."""

Progress = Callable[[int, int], None]


class CallerVoice:
    """The sound of one cast's lines, at `rate` samples a second."""

    def __init__(
        self,
        cache: LineCache,
        cast: Cast,
        rate: int,
        installed: Iterable[Voice] = (),
        sounds: Mapping[str, Frame] | None = None,
        colour: Callable[[Frame], Frame] = lambda frame: frame,
    ) -> None:
        """Choose the voice among the `installed`.

        `sounds`: what goes with lines, at `rate`; `colour`: what the caller's own telephone does to words.
        """
        self._cache, self._cast, self._rate = cache, cast, rate
        self._sounds, self._colour = sounds or {}, colour
        caller = cast.script.caller
        chance = Random(f"{cast.script.id}:{cast.seed}:voice")
        whispering = caller.manner == "whispering"
        self.voice = choose_voice(caller.sex, caller.age, caller.accent, whispering, chance, list(installed))

    def speech(self, spoken: str, mood: int) -> Speech:
        """What the mouth is asked for."""
        caller = self._cast.script.caller
        return Speech(spoken, self.voice, delivery(BAND_MOODS[band(mood)], caller.age, caller.manner))

    async def warm(self, *, first: bool, progress: Progress | None = None) -> None:
        """Render the lines of the state of mind that the call begins with (`first`), or all. Raises MouthError."""
        begins = band(self._cast.script.caller.mood)
        lines = [(state, line) for state, line in LineBook(self._cast).all() if not first or state == begins]
        spoken = [self.speech(line.spoken, BAND_MOODS[state]) for state, line in lines if not _is_sound(line.text)]
        await self._cache.warm(spoken, progress)

    def get(self, say: Say) -> Frame | None:
        """The line's sound if it is ready."""
        if _is_sound(say.text):
            return self._with_effect(say, None)
        words = self._cache.get(self.speech(say.spoken, say.mood))
        return self._with_effect(say, words) if words else None

    async def fetch(self, say: Say) -> Frame:
        """The line's sound, rendered now if need be. Raises MouthError."""
        words = await self._cache.fetch(self.speech(say.spoken, say.mood))
        return await asyncio.to_thread(self._with_effect, say, words)

    def _with_effect(self, say: Say, words: Frame | None) -> Frame:
        parts = []
        if say.sound and say.sound in self._sounds:
            parts += [self._sounds[say.sound], silence(AFTER_EFFECT, self._rate)]
        if words is not None:
            parts.append(self._colour(resample(words, self._rate)))
        return join(parts, self._rate)


def _is_sound(text: str) -> bool:
    """Whether a line is made, not spoken: its text then describes it in square brackets."""
    return text.startswith("[") and text.endswith("]")
