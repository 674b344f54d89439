"""Words that a caller should not be given: real people's details, and what a synthetic voice cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.check_names import Mistake, texts
from scripts.lexicons import lexicon, words_of
from scripts.script import Script

_PHONE = re.compile(r"(?<![\d:])\+?\d[\d ]{8,14}\d(?!\d)")
_PLATE = re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
_DIGITS = re.compile(r"\d{5,}")
_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
_SOUND = re.compile(r"\[.*\]", re.DOTALL)


def words(script: Script) -> Iterator[Mistake]:
    """Everything spoken, shown or compared that should be worded otherwise."""
    for place, text in texts(script):
        yield from _real(place, text)
        yield from _unspeakable(place, text)
    for number, fact in enumerate(script.facts):
        yield from _real(f"facts[{number}].value", fact.value)
    for key in type(script.display).model_fields:
        yield from _real(f"display.{key}", getattr(script.display, key))
    if script.caller.manner == "silent":
        yield from _silent(script)


def _real(place: str, text: str) -> Iterator[Mistake]:
    for found in _PHONE.findall(text):
        digits = re.sub(r"\D", "", found)
        if not digits.startswith(tuple(lexicon("checking")["drama"]["prefixes"])):
            yield place, f'{found!r} may be somebody\'s number: draw one in [cast] with kind = "phone"'
    for pattern, kind in ((_PLATE, "vehicle_registration"), (_POSTCODE, "postcode")):
        for found in pattern.findall(text):
            yield place, f'{found!r} may be real: draw one in [cast] with kind = "{kind}"'


def _unspeakable(place: str, text: str) -> Iterator[Mistake]:
    spoken = _PHONE.sub("", text)
    for found in _DIGITS.findall(spoken):
        yield place, f"a voice reads {found!r} as one huge number: write it as words, or draw it in [cast]"
    for found in _CAPITALS.findall(_POSTCODE.sub("", _PLATE.sub("", spoken))):
        if found not in words_of("checking", "abbreviations"):
            yield place, f"a voice may spell out or mangle {found!r}: write it as it is said"


def _silent(script: Script) -> Iterator[Mistake]:
    """A silent caller makes sounds: each line is a sound, or is described in square brackets."""
    sounds = {f"facts[{place}]" for place, fact in enumerate(script.facts) if fact.sound}
    sounds |= {f"events[{place}]" for place, event in enumerate(script.events) if event.sound}
    sounds |= {"lines"} if script.lines.sound else set()
    for place, text in texts(script):
        if place.split(".")[0] not in sounds and not _SOUND.fullmatch(text.strip()):
            yield place, "a silent caller does not speak: describe the sound in [square brackets]"
