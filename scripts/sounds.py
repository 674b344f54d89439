"""Whether two spellings may be one spoken word: `reilly` and `riley`, but not `howell` and `powell`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

import jellyfish

from scripts.lexicons import lexicon

_VOWELS = re.compile(r"[aeiouy]+")
_MAGIC = re.compile(r"([aeiou])[bcdfgklmnprstvz]e$")
_FEMININE = re.compile(r"(?:(?<!o)u|[aeio])(?:ll?|nn?|s)e$")
_NEAR = 0.95
# Vowel spelling -> the sounds it may stand for; capitals are long, W as in cow, Y as in boy.
_SOUNDS = {
    "a": "a A", "e": "e E", "i": "i I E", "o": "o O", "u": "u U", "y": "i I E", "ai": "A e", "ay": "A", "ei": "A I E",
    "ey": "A E", "ea": "E e A", "ee": "E", "ie": "E I", "oa": "O", "oe": "O", "oo": "U u", "ou": "W O U u",
    "ow": "W O", "oi": "Y", "oy": "Y", "au": "o", "aw": "o", "eu": "U", "ew": "U", "ue": "U", "ui": "U",
    "aa": "a", "ia": "I", "io": "I", "eye": "I", "ye": "I", "eo": "e E", "igh": "I", "uy": "I", "aye": "A",
    "eau": "O", "yo": "o",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def alike(truth: str, heard: str) -> bool:
    """Whether `heard` may be a recogniser's spelling of the word `truth`; both lower case."""
    a, b = _bare(truth), _bare(heard)
    if a == b or (a.rstrip("s") == b.rstrip("s") and len(a) > 3):
        return True
    if heard in _said(truth):
        return True
    if min(len(a), len(b)) < 3 or not (a.isalpha() and b.isalpha()):
        return False
    if min(len(a), len(b)) >= 8 and a[:2] == b[:2] and jellyfish.jaro_winkler_similarity(a, b) >= _NEAR:
        return _stressed_end(a) == _stressed_end(b)
    voiced = all((c in a) == (c in b) for c in "dv")  # metaphone hears d as t and v as f
    return voiced and jellyfish.metaphone(a) == jellyfish.metaphone(b) and _vowels_agree(a, b)


def found_at(truth: str, words: Sequence[str], i: int) -> int:
    """Index after the words at `i` that say `truth` (one, two or three words run together), or -1."""
    for n in (1, 2, 3):
        if i + n > len(words):
            break
        run = words[i : i + n]
        if " ".join(run) in _said(truth) or alike(truth, "".join(run)):
            return i + n
    return -1


def _bare(word: str) -> str:
    return word.removesuffix("'s").replace("'", "").replace("quay", "key")


@lru_cache(maxsize=4096)
def _said(word: str) -> frozenset[str]:
    return _spellings().get(word, frozenset())


@cache
def _spellings() -> dict[str, frozenset[str]]:
    """Each spelling -> all the spellings of the groups that it is in."""
    table: dict[str, frozenset[str]] = {}
    for section in lexicon("sounds").values():
        for word, others in section.items():
            group = frozenset([word, *others])
            for spelling in group:
                table[spelling] = table.get(spelling, frozenset()) | group
    return table


def _vowels_agree(a: str, b: str) -> bool:
    """First vowel sounds must share a reading, and a sounded last vowel must be sounded in both."""
    first = _first(a) & _first(b)
    return bool(first) and _last(a) == _last(b) and _stressed_end(a) == _stressed_end(b)


def _first(word: str) -> set[str]:
    group = _VOWELS.search(word[1:] if word[0] == "y" else word)
    if not group:
        return {"-"}
    found = set(_SOUNDS.get(group.group(), group.group()).split())
    if len(group.group()) == 1 and len(_VOWELS.findall(word)) == 1:
        found -= set("AEIOU")
    if _MAGIC.search(word) and len(_VOWELS.findall(word)) == 2 and len(group.group()) == 1:
        found -= set("aeiou")
    return found | ({"I"} if word[group.end() :].startswith("gh") and "i" in group.group() else set())


def _stressed_end(word: str) -> bool:
    """Whether a final `-elle`, `-ine` or `-ise` makes another name: Danielle is not Daniel, nor Simone Simon."""
    return len(_VOWELS.findall(word)) > 2 and bool(_FEMININE.search(word))


def _last(word: str) -> str:
    """The class of a sounded final vowel: `ee`, `a`, `o`, or none for a consonant or a silent e."""
    end = _VOWELS.findall(word[-3:]) if word[-1] in "aeiouy" else []
    if not end or (end[-1] == "e"):
        return ""
    return {"a": "a", "o": "o", "u": "u"}.get(end[-1][-1], "e")
