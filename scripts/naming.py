"""A second opinion on what a part of an utterance means: a linear model over the whole part at once.

The tagger (`linear`) sees a word with its neighbours and finds where parts begin; this one sees which words stand
together anywhere in the part, how it begins and ends, and pieces of words, so that an unheard-of phrase made of known
words, or a known word misspelt, still counts. Both add up; a feature's weight is the reason that can be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from scripts.linear import ROLES
from scripts.phrases import Token, sound

REACH = 6
"""How many words apart two words still make a pair."""
LONGEST = 24
"""Words of a part that are looked at: its first and last halves, so that a monologue costs no more."""


def features(part: Sequence[Token]) -> set[str]:
    """What the words of one part show together."""
    if len(part) > LONGEST:
        part = [*part[: LONGEST // 2], *part[-LONGEST // 2 :]]
    words = [token.word for token in part]
    kinds = [token.kind for token in part]
    found = set(words)
    found.update("=" + kind for word, kind in zip(words, kinds, strict=True) if kind != word)
    found.update("~" + sound(word) for word in words)
    found.update(*map(pieces, words))
    found.update(_pairs(words, ""))
    if kinds != words:
        found.update(_pairs(kinds, "="))
    found.update(_ends(words, kinds))
    return found


@lru_cache(maxsize=4096)
def pieces(word: str) -> frozenset[str]:
    """Three to five letters in a row of a word, its ends marked."""
    edged = f"_{word}_" if len(word) > 3 else ""
    return frozenset("#" + edged[i : i + n] for n in (3, 4, 5) for i in range(len(edged) - n + 1))


def _pairs(words: Sequence[str], mark: str) -> set[str]:
    count = len(words)
    found = {f"{mark}{words[i]} {words[i + 1]}" for i in range(count - 1)}
    found |= {f"{mark}{words[i]} {words[i + 1]} {words[i + 2]}" for i in range(count - 2)}
    found |= {f"{mark}{words[i]}..{words[j]}" for i in range(count) for j in range(i + 1, min(count, i + REACH + 1))}
    return found


def _ends(words: Sequence[str], kinds: Sequence[str]) -> set[str]:
    roles = [ROLES.get(word, "-") for word in words[:4]]
    return {
        "[" + words[0], "[" + " ".join(words[:2]), "[" + " ".join(words[:3]), "[=" + " ".join(kinds[:2]),
        words[-1] + "]", " ".join(words[-2:]) + "]", "[@" + "".join(roles), "[@" + "".join(roles[:2]),
        f"size {min(len(words), 4) if len(words) < 5 else 5 + len(words) // 5}",
    }  # fmt: skip


def votes(names: Iterable[str], weights: Mapping[str, Sequence[tuple[int, int]]], count: int) -> list[float]:
    """For each of `count` labels what the features say, in tenths of weight."""
    found = [0.0] * count
    for name in names:
        for label, weight in weights.get(name, ()):
            found[label] += weight
    return found
