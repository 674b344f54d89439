"""Words that throw doubt on a whole read-back (`scrap`, `turned out`, `somebody else's`) or take it back outright."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.lexicons import phrase_at, reverse, words_of
from scripts.numbers import is_number, ordinals
from scripts.sounds import alike
from scripts.tokens import STOP, tokens

Span = tuple[int, int]


def doubts(words: Sequence[str], own: frozenset[str]) -> list[Span]:
    """Where doubt is thrown on what stands around it; words that are the truth's `own` throw none."""
    found: list[Span] = []
    i = 0
    while i < len(words):
        phrase = phrase_at("assertion", "doubts", words, i)
        cue = phrase or tuple(words[i : i + 1])
        harmless = phrase_at("assertion", "doubts", words, i, "harmless")
        correction = phrase_at("assertion", "corrections", words, i)
        if harmless or len(correction) > len(
            cue
        ):  # `scrap that` takes back what went before, and what follows mends it
            i += len(harmless) or len(correction)
            continue
        if (phrase or words[i] in words_of("assertion", "doubts")) and not set(cue) <= own:
            found.append((i, i + len(cue)))
        i += len(cue)
    return found


def withdraws(words: Sequence[str], i: int, marker: Sequence[str]) -> bool:
    """Whether a correction takes back all that went before, so that nothing stands if nothing follows."""
    after = words[i + len(marker) : i + len(marker) + 1]
    if after and after[0] in words_of("assertion", "withdrawals", "content"):
        return False  # `no that's fine`
    if tuple(marker) == ("no",):
        return not after or after[0] == STOP or after[0] in words_of("assertion", "withdrawals", "after_no")
    return bool(phrase_at("assertion", "withdrawals", marker, 0)) or marker[-1] in {"no", "that"} or marker[0] == "no"


def replaces(truth: str, words: Sequence[str]) -> bool:
    """Whether the words after a withdrawal hold a number, a letter, a part of a date, or a word like the truth's."""
    own = [word for word in tokens(truth) if len(word) > 2 and word not in words_of("descriptions", "stop")]
    return any(_is_piece(own, words, i) for i in range(len(words)))


def _is_piece(own: Sequence[str], words: Sequence[str], i: int) -> bool:
    word = words[i]
    return (
        is_number(word)
        or (len(word) == 1 and word not in {"a", "i", STOP})
        or word in reverse("alphabet", "phonetic")
        or word in reverse("numbers", "months")
        or word in words_of("details", "time", "cues") - {"at", "around"}
        or bool(ordinals(words, i))
        or any(alike(part, word) for part in own)
    )
