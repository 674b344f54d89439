"""Dates of birth: day, month and year, all three, day first as the British do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scripts.lexicons import lexicon, reverse, words_of
from scripts.matching_sounds import nearest
from scripts.numbers import below_hundred, is_figure, is_number, ordinals, values
from scripts.tokens import STOP

_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_YEARS = range(1920, 2030)
_EARLIER = 12
"""Words in which a date is said: what a correction can mend, and where another date is looked for."""
_NOUGHTS = frozenset(["oh", "o", "zero", "nought"])


def says_birth(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether day, month and year are all said, day first as the British do, in the last version."""
    if not _DATE.fullmatch(truth):
        return False
    year, month, day = (int(part) for part in truth.split("-"))
    if not (day and month):
        return False
    whole = False
    joined: list[str] = []
    for take in takes:
        complete = _dated(list(take), day, month, year)
        patched = bool(joined) and _patched(joined, list(take), day, month, year)
        if _has_date_part(take):
            whole = complete or patched
        joined = [*joined, *take][-_EARLIER:]
    return whole


def other_birth(truth: str, words: Sequence[str]) -> str | None:
    """A whole date in the words that differs from the truth in one of day, month and year, as it is written."""
    numbers = sum(is_number(w) or bool(ordinals(words, i)) for i, w in enumerate(words))
    if not _DATE.fullmatch(truth) or numbers + any(w in reverse("numbers", "months") for w in words) < 3:
        return None
    year, month, day = (int(part) for part in truth.split("-"))
    first = next((i for i in range(len(words)) if _has_date_part(words[i : i + 1])), 0)
    words = words[first : first + _EARLIER]
    said = _numbers_in(words)
    others = [(d, month, year) for d in said if 0 < d < 32] + [(day, m, year) for m in said if 0 < m < 13]
    if any(_ends_of(words, i, "dm", {"d": day, "m": month}) for i in range(len(words))):
        others += [(day, month, y) for y in _YEARS if y % 100 in said or y in said]
    if day <= len(lexicon("numbers")["months"]):
        others.append((month, day, year))
    found = (d for d in others if d != (day, month, year) and _dated(list(words), *d))
    return next((f"{y:04}-{m:02}-{d:02}" for d, m, y in found), None)


def _numbers_in(words: Sequence[str]) -> set[int]:
    """Every number that a day, a month or the end of a year could be read from."""
    months = reverse("numbers", "months")
    found = {int(months[word]) for word in words if word in months} | {0}
    for word in words:
        found |= {int(part) for part in re.split("[./]", word) if is_figure(part)}
    for i in range(len(words)):
        found |= {value for _, value in [*ordinals(words, i), *below_hundred(words, i), *values(words, i)]}
    return found


def _has_date_part(words: Sequence[str]) -> bool:
    return any(
        is_number(w[:1]) or is_number(w) or w in reverse("numbers", "months") or ordinals(words, i)
        for i, w in enumerate(words)
    )


def _patched(before: list[str], take: list[str], day: int, month: int, year: int) -> bool:
    """`ninth of march eighty eight sorry eighty seven`: the new words replace as many of the old, and are used."""
    inner = not any(map(is_number, take))  # `no march` may stand anywhere, `sorry oh four` only at the end
    for start in range(max(0, len(before) - 8), len(before) + 1):
        for end in range(start, min(start + 4, len(before)) + 1) if inner else [len(before)]:
            last = start + len(take) - next((n for n, w in enumerate(reversed(take)) if _has_date_part([w])), 0)
            words = before[:start] + take + before[end:] if end < len(before) else before[:start] + take
            if any(a <= start and b >= last for a, b in _dates(words, day, month, year)):
                return True
    return False


def _dated(words: list[str], day: int, month: int, year: int) -> bool:
    return bool(_dates(words, day, month, year))


def _dates(spoken: list[str], day: int, month: int, year: int) -> list[tuple[int, int]]:
    """Where the date is said, from its first word to after its last."""
    words = [part for w in spoken for part in w.replace(".", "/").split("/") if part or w == STOP]
    parts = {"d": day, "m": month, "y": year}
    return [
        (i, end)
        for order in ("dmy", "mdy", "ymd", "ydm")
        for i in range(len(words))
        if not (i and is_number(words[i - 1]))
        for end in _ends_of(words, i, order, parts)
        if not _number_goes_on(words, end)
    ]


def _ends_of(words: Sequence[str], i: int, order: str, parts: dict[str, int]) -> set[int]:
    """Indexes after the parts of a date when they are said from `i` in this order."""
    places, named = {i}, order in {"mdy", "ydm"}
    for n, part in enumerate(order):
        starts = places | {_skip(words, place) for place in places} if n else places
        places = {end for at in starts for end in _part_ends(words, at, part, parts[part], named=named)}
        if not places:
            break
    return places


def _number_goes_on(words: Sequence[str], k: int) -> bool:
    joined = words[k : k + 1] == ["and"]
    return any(is_number(word) for word in words[k + joined : k + joined + 1])


def _skip(words: Sequence[str], i: int) -> int:
    while i < len(words) and words[i] in words_of("details", "date", "fill"):
        i += 1
    return i


def _part_ends(words: Sequence[str], i: int, part: str, value: int, *, named: bool) -> set[int]:
    if i >= len(words):
        return set()
    if part == "y":
        return _year_ends(words, i, value)
    if part == "m" and reverse("numbers", "months").get(words[i]) == str(value):
        return {i + 1}
    if part == "m" and (after := _month_heard(words, i, value)):
        return {after}
    if part == "m" and named:
        return set()
    zero = i + 1 if words[i] in {"oh", "o", "zero", "nought"} else i
    found = [
        *ordinals(words, i),
        *below_hundred(words, i),
        *(below_hundred(words, zero) if zero > i and value < 10 else []),
    ]
    return {j for j, number in found if number == value}


def _month_heard(words: Sequence[str], i: int, month: int) -> int:
    """Index after one or two words that sound more like this month's name than like any other's, or 0."""
    names = tuple(names[0] for names in lexicon("numbers")["months"].values())
    for n in (1, 2):
        run = words[i : i + n]
        if len(run) < n or not all(_unknown(word) for word in run):
            return 0
        if nearest(" ".join(run), names, 0.6, 0.15) in names[month - 1 : month]:
            return i + n
    return 0


def _unknown(word: str) -> bool:
    known = is_number(word) or word in reverse("numbers", "months") or word in reverse("numbers", "ordinals")
    return word.isalpha() and not known and word not in words_of("details", "date", "fill")


def _year_ends(words: Sequence[str], i: int, year: int) -> set[int]:
    century, rest = divmod(year, 100)
    written = is_figure(words[i]) and len(words[i]) == 2
    ends = {j for j, value in values(words, i) if value == year or (written and value == rest)}
    starts = {i} | {j for j, value in below_hundred(words, i) if value == century}
    if century == 19 and words[i] == "ninety":  # `ninety forty three`: no year begins so
        starts.add(i + 1)
    for start in starts:
        if start < len(words):
            ends |= _short_year(words, start, rest, whole=start > i)
    return ends


def _short_year(words: Sequence[str], i: int, rest: int, *, whole: bool) -> set[int]:
    if rest in {19, 20} and not whole:
        return set()  # the start of a year, not the whole of one
    if rest >= 10:
        return {j for j, value in [*below_hundred(words, i), *ordinals(words, i)] if value == rest}
    if words[i] == "hundred" and rest == 0 and whole:
        return {i + 1}
    if words[i] in {"oh", "o", "nought", "zero", "of", "or"}:
        return {j for j, value in below_hundred(words, i + 1) if value == rest}
    return set()
