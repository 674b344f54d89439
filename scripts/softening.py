"""A caller who does not swear: the same script with softer words, for sites that ask for it."""

from __future__ import annotations

import re
from functools import cache
from typing import TypeVar

from scripts.lexicons import reverse
from scripts.script import Lines, Part, Script, Wording

SPOKEN = ("say", "again", "correct", "withheld")
"""The keys of facts, reactions and events that hold words of the caller."""
NOT_WORDS = ("opening_tells", "sound")

SomePart = TypeVar("SomePart", bound=Part)


def softened(script: Script) -> Script:
    """The script with every line of its caller softened, as written and so as spoken. What is marked stays."""
    lines = tuple(key for key in Lines.model_fields if key not in NOT_WORDS)
    return script.model_copy(
        update={
            "lines": _part(script.lines, lines),
            "facts": [_part(fact, SPOKEN) for fact in script.facts],
            "reactions": [_part(reaction, SPOKEN) for reaction in script.reactions],
            "events": [_part(event, SPOKEN) for event in script.events],
        }
    )


def soften(text: str) -> str:
    """The text with its swear words softened; a capital stays one, a `{detail}` is left alone."""
    return _swearing().sub(_softer, text)


def _part(part: SomePart, keys: tuple[str, ...]) -> SomePart:
    update = {key: _wording(getattr(part, key)) for key in keys if getattr(part, key, None) is not None}
    return part.model_copy(update=update)


def _wording(wording: Wording) -> Wording:
    if isinstance(wording, dict):
        return {band: _ways(ways) for band, ways in wording.items()}
    return _ways(wording)


def _ways(ways: str | list[str]) -> str | list[str]:
    return [soften(way) for way in ways] if isinstance(ways, list) else soften(ways)


@cache
def _swearing() -> re.Pattern[str]:
    words = sorted(reverse("softening", "words"), key=len, reverse=True)
    return re.compile(rf"(?<![\w{{-])(?:{'|'.join(map(re.escape, words))})(?![\w}}:-])", re.IGNORECASE)


def _softer(found: re.Match[str]) -> str:
    softer = reverse("softening", "words")[found[0].lower()]
    return softer[0].upper() + softer[1:] if found[0][0].isupper() else softer
