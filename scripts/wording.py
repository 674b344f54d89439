"""The small phrase language of a criterion's `words`.

A phrase is words in order. `...` lets up to four other words stand between (never across a sentence's end),
`a|b` takes either word, `lock*` any word that begins so. Case, apostrophes and punctuation do not matter, and
"do not" is "don't", "no one" "noone". Only where nothing fits exactly, a word of five letters or more may differ by
one letter, as a recogniser slips. Time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from scripts.lexicons import phrases_of, words_of
from scripts.tokens import plain

LONGEST_GAP = 4
"""How many words `...` may stand for."""

SHORTEST_SLIP = 5
"""Letters a word needs before one wrong letter is forgiven: shorter words turn into others too easily."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.?!;,]")
_ENDS = frozenset(".?!;")
_TWO_AS_ONE = {
    ("do", "not"): "dont", ("does", "not"): "doesnt", ("did", "not"): "didnt", ("can", "not"): "cant",
    ("must", "not"): "mustnt", ("should", "not"): "shouldnt", ("would", "not"): "wouldnt", ("will", "not"): "wont",
    ("is", "not"): "isnt", ("are", "not"): "arent", ("need", "not"): "neednt", ("i", "am"): "im",
    ("you", "are"): "youre", ("no", "one"): "noone",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Where a phrase stands in a text: the words as said, from character `start` up to `end`.

    `negated`: the speaker said not to. `of_others`: somebody else does it, or whether it was done is asked.
    `near`: it fits only by forgiving a letter.
    """

    words: str
    start: int
    end: int
    negated: bool = False
    of_others: bool = False
    near: bool = False

    @property
    def plain(self) -> bool:
        """Said outright, to the caller."""
        return not (self.negated or self.of_others)


@dataclass(frozen=True, slots=True)
class _Token:
    folded: str
    heard: str
    start: int
    end: int


Pattern = tuple[tuple[str, ...], ...]
"""One entry a word of the phrase: its alternatives; empty for `...`."""


def find(phrases: Sequence[str], text: str, *, wide: bool = False) -> Found | None:
    """The best place where one of the phrases stands: exact before near, outright before of others, negated last.

    `wide` takes words of one meaning for each other ("disturb" for "touch"): to credit what was said well, never to
    fail anybody.
    """
    words, known = _tokens(text, wide=wide)
    for near in (False, True):
        found = [
            _found(pattern, words, first, last, text, near=near)
            for pattern in (_compile(phrase, wide=wide) for phrase in phrases)
            if _possible(pattern, known, near=near)
            for first, last in _places(pattern, words, near=near)
        ]
        if found:
            return min(found, key=lambda one: (one.negated, one.of_others, one.start, -one.end))
    return None


@lru_cache(maxsize=4096)
def _compile(phrase: str, *, wide: bool = False) -> Pattern:
    parts: list[tuple[str, ...]] = []
    for part in phrase.replace("…", "...").replace("...", " ... ").split():
        alternatives = () if part == "..." else tuple(_same(_fold(way), wide=wide) for way in part.split("|"))
        parts.append(alternatives)
    return tuple(_joined(parts))


def _joined(parts: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The phrase's own "do not" as one word, as in the text."""
    skip = False
    for part, after in zip_longest(parts, parts[1:], fillvalue=()):
        if skip:
            skip = False
        elif len(part) == len(after) == 1 and (part[0], after[0]) in _TWO_AS_ONE:
            yield (_TWO_AS_ONE[part[0], after[0]],)
            skip = True
        else:
            yield part


def _same(word: str, *, wide: bool) -> str:
    """The word that stands for all of its meaning, or the word itself."""
    return _meanings().get(word, word) if wide else word


@lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    return {word: group[0] for group in phrases_of("wording", "same") for word in group}


def _fold(word: str) -> str:
    return re.sub(r"[^\w*]", "", plain(word))


@lru_cache(maxsize=512)
def _tokens(text: str, *, wide: bool = False) -> tuple[tuple[_Token, ...], frozenset[str]]:
    """The words of the text in order, and the different ones among them."""
    found: list[_Token] = []
    for match in _WORD.finditer(text):
        heard = plain(match[0])
        folded = heard if heard in ".?!;," else _same(_fold(heard), wide=wide)
        if found and (found[-1].folded, folded) in _TWO_AS_ONE:
            first = found.pop()
            both = _TWO_AS_ONE[first.folded, folded]
            found.append(_Token(both, both, first.start, match.end()))
        else:
            found.append(_Token(folded, heard, match.start(), match.end()))
    return tuple(found), frozenset(token.folded for token in found)


def _possible(pattern: Pattern, known: frozenset[str], *, near: bool) -> bool:
    """Whether each word of the pattern is somewhere in the text: a quick no for most phrases."""
    for part in pattern:
        missing = bool(part) and known.isdisjoint(part)
        if missing and not (_loose(part, near=near) and any(_fits(part, word, near=near) for word in known)):
            return False
    return True


@lru_cache(maxsize=4096)
def _loose(part: tuple[str, ...], *, near: bool) -> bool:
    """Whether words that differ from the part's own may fit it."""
    return any(way.endswith("*") or (near and len(way) >= SHORTEST_SLIP) for way in part)


def _places(pattern: Pattern, words: Sequence[_Token], *, near: bool) -> Iterator[tuple[int, int]]:
    """First and last word of every place where the pattern stands."""
    for start in range(len(words)):
        last = _match(pattern, words, start, near=near)
        if last is not None:
            yield start, last


def _match(pattern: Pattern, words: Sequence[_Token], start: int, *, near: bool) -> int | None:
    if not pattern or not _fits(pattern[0], words[start].folded, near=near):
        return None
    at, gap = start, 0
    for part in pattern:
        if not part:
            gap = LONGEST_GAP
            continue
        place = _next(part, words, at, gap, near=near)
        if place is None:
            return None
        at, gap = place + 1, 0
    return at - 1 if at > start else None


def _next(part: tuple[str, ...], words: Sequence[_Token], at: int, gap: int, *, near: bool) -> int | None:
    """The place of the next word of the pattern, passing over up to `gap` words and any commas."""
    passed = 0
    while at < len(words) and passed <= gap:
        word = words[at].folded
        if _fits(part, word, near=near):
            return at
        if word in _ENDS:
            return None
        passed += word != ","
        at += 1
    return None


def _fits(part: tuple[str, ...], word: str, *, near: bool) -> bool:
    for way in part:
        if way.endswith("*") and word.startswith(way[:-1]):
            return True
        if word == way or (near and _slipped(way, word)):
            return True
    return False


@lru_cache(maxsize=65_536)
def _slipped(way: str, word: str) -> bool:
    if min(len(way), len(word)) < SHORTEST_SLIP or abs(len(way) - len(word)) > 1 or way.endswith("*"):
        return False
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(way, word, score_cutoff=1) <= 1


def _found(pattern: Pattern, words: Sequence[_Token], first: int, last: int, text: str, *, near: bool) -> Found:
    before = _clause_before(words, first)
    wanted = {way for part in pattern for way in part}
    inside = [word.folded for word in words[first + 1 : last] if word.folded not in wanted]
    negated = _reached(before) or any(word in words_of("wording", "negators") for word in inside)
    start, end = words[first].start, words[last].end
    return Found(text[start:end], start, end, negated, _of_others(before), near)


def _clause_before(words: Sequence[_Token], first: int) -> list[_Token]:
    """The words of the same clause before `first`, at most eight."""
    clause: list[_Token] = []
    for word in reversed(words[max(0, first - 8) : first]):
        if word.folded in _ENDS or word.folded in {",", "but", "because"}:
            break
        clause.insert(0, word)
    return clause


def _reached(before: Sequence[_Token]) -> bool:
    """Whether a negation in the clause reaches its end: over light words, and from one of two joined orders."""
    folded = [word.folded for word in before]
    for place in range(len(folded) - 1, -1, -1):
        if _negates(folded, place):
            between = folded[place + 1 :]
            joined = bool(between) and between[-1] in {"and", "or", "nor"}
            return joined or words_of("wording", "light").union(words_of("wording", "no")).issuperset(between)
    return False


def _negates(folded: Sequence[str], place: int) -> bool:
    if folded[place] == "no" and folded[place + 1 : place + 2] and folded[place + 1] in words_of("wording", "no"):
        return True
    if folded[place] not in words_of("wording", "negators"):
        return False
    return not any(_stands_at(idiom, folded, place) for idiom in phrases_of("wording", "harmless"))


def _stands_at(idiom: tuple[str, ...], folded: Sequence[str], place: int) -> bool:
    """Whether the negation at `place` belongs to the idiom."""
    return any(tuple(folded[start : start + len(idiom)]) == idiom for start in (place, max(0, place - 1)))


def _of_others(before: Sequence[_Token]) -> bool:
    """Whether the caller is not the one told to do it: officers will, or whether it was done is asked."""
    heard = [word.heard for word in before]
    while heard and heard[0] in {"so", "right", "okay", "and", "well", "then", "now"}:
        heard.pop(0)
    if len(heard) > 1 and heard[0] in words_of("wording", "asking"):
        return True
    last_four = heard[-4:] if heard and heard[-1] in words_of("wording", "others", "helpers") else heard[-1:]
    return "you" not in last_four and not words_of("wording", "others").isdisjoint(last_four)
