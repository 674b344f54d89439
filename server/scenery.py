"""What is heard behind one caller: his background, changed by the story, and single sounds, all made beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from audio.frame import SAMPLE_BYTES, Frame
from audio.scene import Background, background, effect, mix
from scripts.script import Script

LOOP_SECONDS = 20.0
"""Length of a background before it repeats: longer than anyone remembers a pattern in noise."""


@dataclass(slots=True)
class _Sounding:
    """A single sound and how many of its bytes were taken."""

    sound: Frame
    at: int = 0


@dataclass
class Scenery:
    """One call's backdrop at `rate`, from scenes and sounds that are ready."""

    rate: int
    scenes: Mapping[str, Frame] = field(default_factory=dict)
    sounds: Mapping[str, Frame] = field(default_factory=dict)
    scene: str | None = None

    def __post_init__(self) -> None:
        self._background: Background | None = None
        self._sounding: list[_Sounding] = []
        if self.scene:
            self.play(self.scene, scene=True)

    def play(self, name: str, *, scene: bool) -> None:
        """Change the background to a scene, or have a single sound over it. What was not made stays silent."""
        if scene and name in self.scenes:
            self._background = Background(self.scenes[name])
        elif not scene and name in self.sounds:
            self._sounding.append(_Sounding(self.sounds[name]))

    def take(self, count: int) -> Frame:
        """The next `count` samples."""
        behind = self._background.next(count / self.rate) if self._background else Frame(bytes(2 * count), self.rate)
        for sounding in self._sounding:
            end = sounding.at + SAMPLE_BYTES * count
            behind = mix(behind, Frame(sounding.sound.samples[sounding.at : end], self.rate))
            sounding.at = end
        self._sounding = [each for each in self._sounding if each.at < len(each.sound.samples)]
        return behind


def make_scenery(script: Script, rate: int) -> Scenery:
    """Everything that can be heard behind this script's caller. Takes up to a second: call it on a thread.

    Raises ValueError for a scene or sound that nobody made.
    """
    scenes = {script.caller.scene, *(event.scene for event in script.events)}
    sounds = {script.lines.sound, *(fact.sound for fact in script.facts), *(event.sound for event in script.events)}
    return Scenery(
        rate,
        {name: _background(name, rate) for name in filter(None, scenes)},
        {name: _effect(name, rate) for name in filter(None, sounds)},
        script.caller.scene,
    )


# Made once for all calls: a scene costs half a second of a core, and sixteen calls may begin at once.


@lru_cache(maxsize=40)
def _background(name: str, rate: int) -> Frame:
    return background(name, LOOP_SECONDS, rate, Random(f"scene:{name}"))


@lru_cache(maxsize=40)
def _effect(name: str, rate: int) -> Frame:
    return effect(name, rate, Random(f"sound:{name}"))
