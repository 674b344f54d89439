"""Letters in speech: by name, by any phonetic alphabet, and `d for delta`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import jellyfish

from scripts.lexicons import lexicon, reverse, words_of
from scripts.numbers import Reading

_NEAR = 0.87
_EXPLAINS = (("for",), ("as", "in"), ("like",), ("is", "for"), ("as",), ("four",), ("in",), ("is", "in"))


@cache
def letter(word: str) -> str:
    """The letter that a word stands for, lower case, or nothing."""
    if len(word) == 1 and word.isalpha() and word.isascii():
        return word
    if len(word) == 3 and word.endswith("'s"):
        return word[0]
    return reverse("alphabet", "phonetic").get(word, "") or reverse("alphabet", "names").get(word, "")


@cache
def is_letter(word: str) -> bool:
    """Whether a word is surely a spoken letter: not `are`, `see` or `you`, which are words too."""
    return bool(letter(word)) and word not in words_of("alphabet", "plain") and "'" not in word


@cache
def _nearly(word: str) -> str:
    """The letter whose NATO word is nearly this one (`yanki`): those words were chosen to be unlike each other."""
    if len(word) < 4 or not word.isalpha():
        return ""
    nato = {names[0]: key for key, names in lexicon("alphabet")["phonetic"].items()}
    best = max(nato, key=lambda name: jellyfish.jaro_winkler_similarity(name, word))
    return nato[best] if jellyfish.jaro_winkler_similarity(best, word) >= _NEAR else ""


def letters(words: Sequence[str], i: int) -> list[Reading]:
    """Readings of the words at `i` as letters, upper case; a word that explains a letter outvotes it."""
    if i >= len(words):
        return []
    word = words[i]
    found: list[Reading] = []
    if word in reverse("numbers", "repeats") and i + 1 < len(words):
        found += _doubled(words, i)
    if named := letter(word):
        found += _explained(words, i, named)
        found.append((i + 1, named.upper()))
    elif near := _nearly(word):
        found.append((i + 1, near.upper()))
    elif len(word) <= 3 and word.isalpha() and word.isascii():
        found.append((i + 1, word.upper()))
    return found


def _doubled(words: Sequence[str], i: int) -> list[Reading]:
    times = int(reverse("numbers", "repeats")[words[i]])
    named = letter(words[i + 1])
    found = [(j, text * times) for j, text in _explained(words, i + 1, named)] if named else []
    if named:
        found.append((i + 2, named.upper() * times))
    if words[i + 1] in {"you", "u", "ewe", "yew"}:
        found.append((i + 2, "W"))
    return found


def _explained(words: Sequence[str], i: int, named: str) -> list[Reading]:
    """`m for mother`; where letter and word differ the word is believed, if it is in an alphabet."""
    for link in _EXPLAINS:
        k = i + 1 + len(link)
        if tuple(words[i + 1 : k]) == link and k < len(words) and len(words[k]) > 2:
            spoken = reverse("alphabet", "phonetic").get(words[k], "") or words[k][0]
            if spoken == named or words[k] in reverse("alphabet", "phonetic"):
                return [(k + 1, spoken.upper())]
    return []
