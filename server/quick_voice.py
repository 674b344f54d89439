"""The callers of quick calls as sound: made in time, and heard through the loudspeaker where there is one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from audio.codec import resample
from audio.device import DESK_RATE, DeviceError, find_device
from audio.frame import Frame, join, silence
from audio.scene import mix
from scripts.quick import Round
from scripts.script import Script
from server.caller_voice import CallerVoice
from server.playing import play_frame
from server.scenery import make_scenery
from server.settings import Settings
from voice.line_cache import LineCache
from voice.mouth import Mouth, MouthError, Pyttsx3Mouth
from voice.voices import Voice

FASTEST = 160
"""Words a minute asked of the mouth, which speaks faster by up to a third: nobody can ask these callers again."""
BEFORE = 0.3
"""Seconds of background before the first word: what begins with a word has its first syllable lost."""


class QuickSounds:
    """The callers of one round at `rate`, each made while the one before is heard and answered."""

    def __init__(self, round_: Round, lines: LineCache, voices: Sequence[Voice], rate: int) -> None:
        self._round, self._lines, self._voices, self._rate = round_, lines, voices, rate
        self._made: dict[int, asyncio.Task[Frame]] = {}

    async def get(self, place: int) -> Frame:
        """The caller of that place in the round; the next one is begun. Raises MouthError."""
        self.prepare(place)
        sound = await asyncio.shield(self._made[place])
        self.prepare(place + 1)
        return sound

    def prepare(self, place: int) -> None:
        """Begin to make that caller, unless it was begun or the round has no such place; again where it failed."""
        if not 0 <= place < len(self._round.calls):
            return
        known = self._made.get(place)
        if known is None or (known.done() and (known.cancelled() or known.exception())):
            self._made[place] = asyncio.create_task(self._sound(place))

    def close(self) -> None:
        """Make no more."""
        for task in self._made.values():
            task.cancel()
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _sound(self, place: int) -> Frame:
        cast, line = self._round.calls[place].heard(self._round.seed)
        voice = CallerVoice(self._lines, cast, self._rate, self._voices)
        speech = voice.speech(line.spoken, cast.script.caller.mood)
        pace = replace(speech.delivery, rate_wpm=min(speech.delivery.rate_wpm, FASTEST))
        words = await self._lines.fetch(replace(speech, delivery=pace))
        return await asyncio.to_thread(_in_place, resample(words, self._rate), cast.script)


def _in_place(words: Frame, script: Script) -> Frame:
    """The words where they are spoken: over the caller's background, which is heard a moment before them."""
    before = silence(BEFORE, words.rate)
    return mix(join([before, words], words.rate), make_scenery(script, words.rate).take(before.count + words.count))


class QuickVoice:
    """Speaks the callers of one round."""

    def __init__(self, sounds: QuickSounds, loudspeaker: str | int | None = None) -> None:
        self._sounds, self._loudspeaker = sounds, loudspeaker

    async def speak(self, place: int) -> None:
        """Play the caller of that place in the round. Raises MouthError or DeviceError."""
        await play_frame(await self._sounds.get(place), self._loudspeaker)


@contextlib.asynccontextmanager
async def quick_voice(
    round_: Round,
    settings: Settings,
    told: Callable[[str], None],
    mouth: Mouth | None = None,
    loudspeaker: str | int | None = None,
) -> AsyncIterator[QuickVoice | None]:
    """A voice for the round; None where this machine cannot speak, and `told` hears why."""
    mouth = mouth or Pyttsx3Mouth(slots=1)
    try:
        find_device(loudspeaker, "output")
        await mouth.start()
    except (DeviceError, MouthError) as error:
        told(f"The callers are shown, not spoken: {error}")
        yield None
        return
    try:
        lines = LineCache(mouth, settings.lines_folder, disk_bytes=settings.line_cache_mb * 1_000_000)
        sounds = QuickSounds(round_, lines, await mouth.voices(), DESK_RATE)
        try:
            yield QuickVoice(sounds, loudspeaker)
        finally:
            sounds.close()
    finally:
        await mouth.close()
