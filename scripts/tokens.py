"""Words out of what a recogniser wrote, whatever its habits of case, hyphens and punctuation."""

from __future__ import annotations

import re
import unicodedata

STOP = "."
"""The token that stands for the end of a sentence."""

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)\b|\d+(?:[:./]\d+)+|\d+|[a-z]+(?:'[a-z]+)*|[.?!;]")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)$")
_MIXED = re.compile(r"(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]+$")
_HALF_DAY = re.compile(r"(\d{1,2}(?:[:.]\d{2})?)([ap])\.?m\.?$")
_INITIALS = re.compile(r"\b((?:[a-z]\.){2,})")
_DECADE = re.compile(r"[1-9]0s")
_DECADES = ["", "teens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"]
_UNIT = re.compile(r"(\d+)([a-z]{2,})$")


def plain(text: str) -> str:
    """Lower case, straight apostrophes, no accents."""
    text = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'")).lower()
    return "".join(c for c in text if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """The words and numbers of an utterance in order; sentence ends become `STOP`."""
    text = plain(text).replace("o'clock", "oclock").replace("x-ray", "xray")
    text = _INITIALS.sub(lambda m: m.group(1).replace(".", " "), text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"[-\u2013\u2014_()\"]|,", " ", text)
    found: list[str] = []
    for chunk in text.split():
        found.extend(_split(chunk))
    return _join_xray(found)


def _split(chunk: str) -> list[str]:
    bare = chunk.strip(".,?!;:'\u00a3$")
    if len(bare) == 1 and bare.isalpha() and chunk == bare + ".":
        return [bare]  # `D. for dog`: a spelled letter ends no sentence
    ending = [STOP] if chunk and chunk[-1] in ".?!;" else []
    if half := _HALF_DAY.fullmatch(bare):
        return [half.group(1), half.group(2) + "m", *ending]
    if _ORDINAL.fullmatch(bare):
        return [bare, *ending]
    if _DECADE.fullmatch(bare):
        return [_DECADES[int(bare[0])], *ending]
    if _MIXED.fullmatch(bare):
        return [*_letters(bare), *ending]
    return [STOP if t in ".?!;" else t for t in _TOKEN.findall(chunk)]


def _letters(bare: str) -> list[str]:
    """`wr5` -> w r 5; `1500pounds` keeps its word."""
    if (unit := _UNIT.fullmatch(bare)) and len(unit.group(2)) > 3:
        return [unit.group(1), unit.group(2)]
    return re.findall(r"\d+|[a-z]{4,}|[a-z]", bare)


def _join_xray(found: list[str]) -> list[str]:
    joined: list[str] = []
    for word in found:
        if word == "ray" and joined and joined[-1] in {"x", "ex"}:
            joined[-1] = "xray"
        else:
            joined.append(word)
    return joined
