"""Numbers in speech: digit strings for codes and values for counting, with every reading that the words allow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from scripts.lexicons import reverse, words_of

Reading = tuple[int, str]
"""Index after the last word used, and the digits they stand for."""
Value = tuple[int, int]
"""Index after the last word used, and the number they stand for."""


def _word(words: Sequence[str], i: int) -> str:
    return words[i] if 0 <= i < len(words) else ""


@cache
def unit(word: str) -> str:
    """The digit that a single word stands for, or nothing."""
    if len(word) == 1 and word.isdecimal() and word.isascii():
        return word
    return reverse("numbers", "units").get(word, "")


@cache
def _teen(word: str) -> str:
    return reverse("numbers", "teens").get(word, "")


@cache
def _ten(word: str) -> str:
    return reverse("numbers", "tens").get(word, "")


def is_figure(word: str) -> bool:
    """Whether a word is written in digits."""
    return word.isdecimal() and word.isascii()


def is_number(word: str) -> bool:
    """Whether a word is surely part of a number: not `to`, `for` or `oh`, which are words too."""
    if word in words_of("numbers", "plain"):
        return False
    return is_figure(word) or bool(unit(word) or _teen(word) or _ten(word)) or word in reverse("numbers", "repeats")


def below_hundred(words: Sequence[str], i: int) -> list[Value]:
    """Readings of a number from 0 to 99 at `i`, longest first."""
    word, after = _word(words, i), unit(_word(words, i + 1))
    if is_figure(word) and len(word) <= 2:
        return [(i + 1, int(word))]
    if tens := _ten(word):
        longer = (
            [(i + 2, int(tens) + int(after))] if after not in {"", "0"} and not is_figure(_word(words, i + 1)) else []
        )
        return [*longer, (i + 1, int(tens))]
    single = _teen(word) or unit(word)
    return [(i + 1, int(single))] if single else []


def digits(words: Sequence[str], i: int) -> list[Reading]:
    """Readings of the words at `i` as digits of a code: `double oh` 00, `nine hundred` 900, `forty two` 42."""
    word = _word(words, i)
    slip = reverse("numbers", "ordinals").get(word, "")
    single = word if is_figure(word) else unit(word) or (slip if len(slip) == 1 else "")
    first = [(i + 1, single)] if single else _pairs(words, i)
    return [*_repeated(words, i), *_hundreds(words, i), *first]


def _pairs(words: Sequence[str], i: int) -> list[Reading]:
    """Teens and tens; `forty two` is 42 and never 402, unless its second word may be an everyday one."""
    found = below_hundred(words, i)
    split = _word(words, i + 1) in words_of("numbers", "plain") or _word(words, i + 2) in {"hundred", "thousand"}
    if len(found) == 2 and not split:
        found = found[:1]
    return [(j, str(value)) for j, value in found]


def _repeated(words: Sequence[str], i: int) -> list[Reading]:
    times = reverse("numbers", "repeats").get(_word(words, i), "")
    after = _word(words, i + 1)
    if times and (digit := unit(after)):
        hundreds = [(i + 3, digit * int(times) + "00")] if _word(words, i + 2) == "hundred" else []
        return [*hundreds, (i + 2, digit * int(times))]
    if times and is_figure(after):  # a recogniser runs the digits on: `double 700`
        return [(i + 2, after[0] * (int(times) - 1) + after)]
    count, digit = unit(_word(words, i)), reverse("numbers", "plurals").get(_word(words, i + 1), "")
    return [(i + 2, digit * int(count))] if count in {"2", "3", "4"} and digit else []


def _hundreds(words: Sequence[str], i: int) -> list[Reading]:
    """`nine hundred` 900, `nine hundred and forty two` 942, `fifteen hundred` 1500, `two thousand` 2000."""
    start = [(i + 1, 1)] if _word(words, i) == "a" else below_hundred(words, i)
    found: list[Reading] = []
    for j, value in start:
        if value and _word(words, j) in {"hundred", "thousand"}:
            scale = 100 if words[j] == "hundred" else 1000
            found.append((j + 1, str(value * scale)))
            tails = below_hundred(words, j + 2) if _word(words, j + 1) == "and" else []
            found += [(k, str(value * scale + tail)) for k, tail in tails if tail]
    return found


def values(words: Sequence[str], i: int) -> list[Value]:
    """Readings of the words at `i` as one counted number, longest first: `two hundred and fifty` 250."""
    word = _word(words, i)
    if is_figure(word) and len(word) > 2:
        return [(i + 1, int(word[:12]))]
    start = (
        [(i + 1, 1)]
        if word in {"a", "the"} and _word(words, i + 1) in {"hundred", "thousand", "million", "grand"}
        else []
    )
    if word in {"hundred", "thousand"}:
        start = [(i, 1)]
    found: list[Value] = []
    for j, value in start or below_hundred(words, i):
        found += _halved(words, j, value) or _scaled(words, j, value)
    return sorted(set(found), reverse=True)


def _halved(words: Sequence[str], j: int, value: int) -> list[Value]:
    """`two and a half thousand`."""
    scale = {"thousand": 1000, "grand": 1000, "hundred": 100, "million": 1_000_000}.get(_word(words, j + 3), 0)
    half = list(words[j : j + 3]) == ["and", "a", "half"]
    return [(j + 4, value * scale + scale // 2)] if half and scale else []


def _scaled(words: Sequence[str], j: int, value: int) -> list[Value]:
    found = [(j, value)]
    if _word(words, j) == "hundred":
        found = _with_rest(words, j + 1, value * 100, 100)
    longest, amount = max(found)
    if _word(words, longest) in {"thousand", "grand", "k"}:
        found = _with_rest(words, longest + 1, amount * 1000, 1000)
    elif _word(words, longest) == "million":
        found = [(longest + 1, amount * 1_000_000)]
    return found


def _with_rest(words: Sequence[str], j: int, base: int, limit: int) -> list[Value]:
    """`base`, and with whatever smaller number follows it, as in `two hundred (and) fifty`."""
    rest = j + 1 if _word(words, j) == "and" else j
    found = [(j, base)]
    for k, tail in below_hundred(words, rest):
        if rest == j and k < len(words) and words[j] in words_of("numbers", "plain"):
            continue  # `eighteen grand for the van`
        if _word(words, k) == "hundred" and limit > 100:
            found += _with_rest(words, k + 1, base + tail * 100, 100)
        elif 0 < tail < limit:
            found.append((k, base + tail))
    return found


def ordinals(words: Sequence[str], i: int) -> list[Value]:
    """Readings of the words at `i` as a place in order: `ninth`, `twenty second`, `21st`."""
    word, after = _word(words, i), _word(words, i + 1)
    if word[:-2].isdecimal() and word[:-2].isascii() and word[-2:] in {"st", "nd", "rd", "th"}:
        return [(i + 1, int(word[:-2][:4]))]
    table = reverse("numbers", "ordinals")
    if (tens := _ten(word)) and after in table and int(table[after]) < 10:
        return [(i + 2, int(tens) + int(table[after]))]
    return [(i + 1, int(table[word]))] if word in table else []


def digit_ends(words: Sequence[str], i: int, number: str) -> set[int]:
    """Indexes after the words at `i` that say the digits of `number`, in any grouping."""
    todo, seen, ends = [(i, 0)], {(i, 0)}, set()
    while todo:
        at, k = todo.pop()
        for j, text in digits(words, at) if at < len(words) else ():
            step = (j, k + len(text))
            if not number.startswith(text, k) or step in seen:
                continue
            seen.add(step)
            todo.append(step)
            if step[1] == len(number):
                ends.add(j)
    return ends
