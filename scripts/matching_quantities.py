"""Counts: how many people, pounds or tablets."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.lexicons import words_of
from scripts.numbers import Value, below_hundred, is_figure, is_number, unit, values

_COLLECTIVES = {"dozen": 12, "pair": 2, "couple": 2, "score": 20, "single": 1, "both": 2}


def counts(words: Sequence[str]) -> list[tuple[int, str]]:
    """Every number counted in the words, with the word before it; the longest reading of each."""
    found: list[tuple[int, str]] = []
    i = 0
    while i < len(words):
        after, value = _count(words, i)
        if after > i:
            found.append((value, words[i - 1] if i else ""))
        i = max(after, i + 1)
    return found


def _count(words: Sequence[str], i: int) -> Value:
    if words[i] in {"half", "a", "one", "another"} or words[i] in _COLLECTIVES or unit(words[i]):
        group = _group(words, i)
        if group[0] > i:
            return group
    if not _is_counted(words, i):
        return i, 0
    options = values(words, i)
    if not options:
        return i, 0
    after, value = options[0]
    if after < len(words) and words[after] in {"something", "plus", "odd", "ish"}:
        return after, -1
    follows = below_hundred(words, after) if after < len(words) and is_number(words[after]) else []
    if follows and (value < 10 or (value < 100 and follows[0][1] >= 10)):
        return _spoken_figures(words, i)
    return after, value


def _group(words: Sequence[str], i: int) -> Value:
    rest = [w for w in words[i : i + 4] if w not in {"a", "of"}]
    skip = i + 1 if words[i] == "a" else i
    if words[i] == "half" and "dozen" in words[i + 1 : i + 3]:
        return words.index("dozen", i) + 1, 6
    if skip < len(words) and words[skip] in _COLLECTIVES and rest:
        return skip + 1, _COLLECTIVES[words[skip]]
    if unit(words[i]) and i + 1 < len(words) and words[i + 1] in {"dozen", "score", "pair"} and words[i] != "for":
        return i + 2, int(unit(words[i])) * _COLLECTIVES[words[i + 1]]
    return i, 0


def _is_counted(words: Sequence[str], i: int) -> bool:
    """`for men` counts and `for you` does not; `that one` does not either."""
    word = words[i]
    if word == "one" and i and words[i - 1] in words_of("details", "quantity", "pointing"):
        return False
    after = words[i + 1] if i + 1 < len(words) else ""
    if after in {"oclock", "am", "pm"} or (word == "two" and i and words[i - 1] in {"you", "us"}):
        return False
    if is_number(word) or (word in {"a", "hundred", "thousand"} and values(words, i)):
        return True
    if not unit(word) or unit(word) == "0":
        return False
    plural = after in words_of("details", "quantity", "counted") or (
        after.endswith("s") and len(after) > 3 and after not in words_of("details", "quantity", "uncounted")
    )
    return plural and (i == 0 or words[i - 1] in words_of("details", "quantity", "leads"))


def _spoken_figures(words: Sequence[str], i: int) -> Value:
    """`two five oh` read digit by digit, and `two fifty` for 250."""
    start, text = i, ""
    while i < len(words) and (is_number(words[i]) or words[i] in {"oh", "o"}):
        options = below_hundred(words, i)
        if not options:
            break
        text, i = text + str(options[0][1]), options[0][0]
    return (i, int(text[:12])) if text else (start, 0)


def says_quantity(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether the last count said is the true one, and exactly so."""
    found: list[tuple[int, str]] = []
    for take in takes:
        found = counts(take) or found
    wanted = int(truth) if is_figure(truth) else -1
    return any(
        value == wanted and before not in words_of("details", "quantity", "vague") for value, before in found
    ) and not _ranged(takes)


def claimed(words: Sequence[str]) -> list[int]:
    """The counts that are surely of people or things: no times, references, or one thing among others."""
    found: list[int] = []
    i = 0
    while i < len(words):
        after, value = _count(words, i)
        if after > i and value > 1 and not _no_count(words, i, after):
            found.append(value)
        i = max(after, i + 1)
    return found


def _no_count(words: Sequence[str], i: int, after: int) -> bool:
    if after - i > 2 and all(map(unit, words[i:after])):
        return True  # digits one by one are a number to ring or to quote
    near = set(words[max(0, i - 1) : i]) | set(words[after : after + 1])
    return bool(near & words_of("details", "quantity", "measured"))


def _ranged(takes: Sequence[Sequence[str]]) -> bool:
    return any(
        is_number(t[i - 1]) and t[i] in {"to", "or"} and is_number(t[i + 1])
        for t in takes
        for i in range(1, len(t) - 1)
    )
