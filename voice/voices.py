"""Who speaks, and how: the engine's voice for a caller, and rate, pitch and volume for a mood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

Sex = Literal["female", "male"]
Age = Literal["child", "adult", "elderly"]

CHILD_UNTIL, ELDERLY_FROM = 13, 72
"""A caller younger than the first sounds like a child, one at least as old as the second like an elder."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One installed voice. `language` is as the engine writes it, often `en_GB` or `en-gb`; empty if unknown."""

    id: str
    name: str
    language: str
    sex: Sex | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a line is spoken: words a minute, pitch 0 to 99 (50 is the voice's own), volume 0 to 1."""

    rate_wpm: int
    pitch: int
    volume: float


ACCENTS: dict[str, str] = {
    "rp": "gmw/en-gb-x-rp",
    "north": "gmw/en-gb-x-gbclan",
    "midlands": "gmw/en-gb-x-gbcwmd",
    "scotland": "gmw/en-gb-scotland",
    "wales": "gmw/en",
    "london": "gmw/en",
    "caribbean": "gmw/en-029",
    "foreign": "gmw/en-us",
}
"""espeak-ng's English voices. It has none of Wales, London or a learner of English: the nearest stand in."""

VARIANTS: dict[tuple[Sex, Age], tuple[str, ...]] = {
    ("female", "child"): ("f2", "f5"),
    ("male", "child"): ("f1", "f5"),
    ("female", "adult"): ("f1", "f2", "f3", "f4", "f5"),
    ("male", "adult"): ("m1", "m2", "m3", "m4", "m5", "m6", "m7"),
    ("female", "elderly"): ("grandma",),
    ("male", "elderly"): ("grandpa", "croak"),
}
"""espeak-ng's variants of a voice; boys borrow the women's formants, as in any cartoon."""

WHISPERS: dict[Sex, str] = {"female": "whisperf", "male": "whisper"}

CALM_RATE, FRANTIC_RATE = 160, 225
CALM_PITCH, FRANTIC_PITCH = 48, 70
CALM_VOLUME, FRANTIC_VOLUME = 0.8, 1.0


@dataclass(frozen=True, slots=True)
class _Shift:
    """What a manner or an age adds to the mood's delivery; `volume` multiplies."""

    rate: int = 0
    pitch: int = 0
    volume: float = 1.0


MANNERS: dict[str, _Shift] = {
    "frightened": _Shift(rate=15, pitch=6),
    "angry": _Shift(rate=15, pitch=-4, volume=1.15),
    "drunk": _Shift(rate=-45, pitch=-8),
    "whispering": _Shift(rate=-15, volume=0.55),
    "yes_no_only": _Shift(rate=-10, pitch=-4, volume=0.85),
    "limited_english": _Shift(rate=-35),
    "upset": _Shift(rate=-5, pitch=4),
    "professional": _Shift(rate=10, pitch=-4),
}
AGES: dict[Age, _Shift] = {
    "child": _Shift(rate=-5, pitch=24),
    "adult": _Shift(),
    "elderly": _Shift(rate=-25, pitch=-4),
}


def age_of(years: int) -> Age:
    """How old a voice of so many years sounds."""
    return "child" if years < CHILD_UNTIL else "elderly" if years >= ELDERLY_FROM else "adult"


def choose_voice(
    sex: Sex,
    age: int,
    accent: str,
    whispering: bool,
    random: Random,
    installed: Sequence[Voice] = (),
) -> str:
    """The engine's name for a caller's voice, drawn among those that fit.

    `installed` is what `Mouth.voices()` gave. Without espeak's voices among them (macOS, Windows) the choice
    is by language and sex alone. Raises ValueError for an accent that is not in `ACCENTS`.
    """
    if accent not in ACCENTS:
        raise ValueError(f"no voice has the accent {accent!r}; there are {', '.join(ACCENTS)}")
    if installed and not any(voice.id.startswith("gmw/") for voice in installed):
        return _choose_installed(sex, random, installed)
    variant = random.choice(VARIANTS[sex, age_of(age)])
    return f"{ACCENTS[accent]}+{WHISPERS[sex] if whispering else variant}"


def delivery(mood: int, age: int, manner: str) -> Delivery:
    """How a caller speaks at a mood of 0 (frantic) to 100 (calm); a manner without an entry is spoken plainly."""
    fear = 1 - min(100, max(0, mood)) / 100
    shifts = AGES[age_of(age)], MANNERS.get(manner, _Shift())
    rate = CALM_RATE + fear * (FRANTIC_RATE - CALM_RATE) + sum(shift.rate for shift in shifts)
    pitch = CALM_PITCH + fear * (FRANTIC_PITCH - CALM_PITCH) + sum(shift.pitch for shift in shifts)
    volume = CALM_VOLUME + fear * (FRANTIC_VOLUME - CALM_VOLUME)
    for shift in shifts:
        volume *= shift.volume
    return Delivery(round(rate), round(min(99, max(0, pitch))), round(min(1.0, volume), 2))


def _choose_installed(sex: Sex, random: Random, installed: Sequence[Voice]) -> str:
    """British and of the right sex; failing that British, English, or any, in this order."""
    tags = {voice.id: voice.language.replace("_", "-").lower() for voice in installed}
    british = [voice for voice in installed if tags[voice.id].startswith("en-gb")]
    english = [voice for voice in installed if tags[voice.id].startswith("en")]
    for fitting in (british, english):
        right = [voice for voice in fitting if voice.sex == sex]
        if right or fitting:
            return random.choice(right or fitting).id
    return random.choice(installed).id
