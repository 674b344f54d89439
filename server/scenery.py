"""What is heard behind one caller: his background, changed by the story, and single sounds, all made beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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


def make_scenery(
    script: Script, seed: int, rate: int, colour: Callable[[Frame], Frame] = lambda frame: frame
) -> Scenery:
    """Everything that can be heard behind this script's caller. Takes up to a second: call it on a thread.

    `colour` is what the caller's line does to sound. Raises ValueError for a scene or sound that nobody made.
    """
    chance = Random(f"{script.id}:{seed}:scenery")
    scenes = {script.caller.scene, *(event.scene for event in script.events)} - {None}
    sounds = {script.lines.sound, *(fact.sound for fact in script.facts), *(event.sound for event in script.events)}
    return Scenery(
        rate,
        {name: colour(background(name, LOOP_SECONDS, rate, chance)) for name in sorted(filter(None, scenes))},
        {name: colour(effect(name, rate, chance)) for name in sorted(filter(None, sounds))},
        script.caller.scene,
    )
