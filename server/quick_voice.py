"""The callers of quick calls, heard through the loudspeaker where there is one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from audio.device import DESK_RATE, DeviceError, find_device
from audio.frame import Frame
from scripts.cast import Cast
from scripts.events import Say
from scripts.lines import Line
from scripts.quick import Round
from server.caller_voice import CallerVoice
from server.playing import play_frame
from server.settings import Settings
from voice.line_cache import LineCache
from voice.mouth import Mouth, MouthError, Pyttsx3Mouth
from voice.voices import Voice


class QuickVoice:
    """Speaks the callers of one round, each made while the one before is answered."""

    def __init__(
        self, round_: Round, lines: LineCache, voices: list[Voice], loudspeaker: str | int | None = None
    ) -> None:
        self._round, self._lines, self._voices, self._loudspeaker = round_, lines, voices, loudspeaker
        self._made: dict[int, asyncio.Task[Frame]] = {}

    async def speak(self, place: int) -> None:
        """Play the caller of that place in the round. Raises MouthError or DeviceError."""
        self._make(place)
        sound = await self._made[place]
        self._make(place + 1)
        await play_frame(sound, self._loudspeaker)

    def close(self) -> None:
        """Make no more."""
        for task in self._made.values():
            task.cancel()

    def _make(self, place: int) -> None:
        if place < len(self._round.calls) and place not in self._made:
            cast, line = self._round.calls[place].heard(self._round.seed)
            self._made[place] = asyncio.create_task(self._sound(cast, line))

    async def _sound(self, cast: Cast, line: Line) -> Frame:
        voice = CallerVoice(self._lines, cast, DESK_RATE, self._voices)
        return await voice.fetch(Say(0.0, "1:opening", line.text, line.spoken, cast.script.caller.mood))


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
        voice = QuickVoice(round_, lines, list(await mouth.voices()), loudspeaker)
        try:
            yield voice
        finally:
            voice.close()
    finally:
        await mouth.close()
