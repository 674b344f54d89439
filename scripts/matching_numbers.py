"""Counts, clock times and dates of birth."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from scripts.lexicons import reverse
from scripts.numbers import Value, below_hundred, is_figure, is_number, ordinals, unit, values
from scripts.tokens import STOP

Clock = tuple[int, int, bool]
"""Hour, minute, and whether the 24-hour clock was meant."""

_CLOCK = re.compile(r"[0-2]?[0-9]:[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_VAGUE = frozenset("before after nearly almost over under than least most past gone between until by".split())
_PERIODS = {
    "morning": range(12), "am": range(12), "afternoon": range(12, 19), "evening": range(16, 24), "pm": range(12, 24),
    "night": (18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5), "tonight": (16, 17, 18, 19, 20, 21, 22, 23, 0), "lunchtime": range(11, 15),
    "dinnertime": range(11, 21), "teatime": range(15, 20), "noon": range(11, 16),
}  # fmt: skip
_NAMED_HOURS = {"midday": 12, "noon": 12, "midnight": 0}
_NOT_NOUNS = frozenset("this us was is has yes perhaps always".split())
_NOUNS = frozenset("of men people women children kids sheep quid folk lot lads in".split())
_LEADS = frozenset(
    "so and right okay erm um er about got just there's those these all only were was of say say the other that's".split()
)
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
    if value < 10 and after < len(words) and is_number(words[after]):
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
    if (
        word == "one"
        and i
        and words[i - 1] in {"which", "that", "this", "no", "any", "another", "every", "wrong"}
    ):
        return False
    after = words[i + 1] if i + 1 < len(words) else ""
    if after in {"oclock", "am", "pm"} or (word == "two" and i and words[i - 1] in {"you", "us"}):
        return False
    if is_number(word) or (word == "a" and values(words, i)):
        return True
    if not unit(word) or unit(word) == "0":
        return False
    plural = after in _NOUNS or (after.endswith("s") and len(after) > 3 and after not in _NOT_NOUNS)
    return plural and (i == 0 or words[i - 1] in _LEADS)


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
    found = _last(counts(take) for take in takes)
    wanted = int(truth) if is_figure(truth) else -1
    return any(value == wanted and before not in _VAGUE for value, before in found) and not _ranged(takes)


def _ranged(takes: Sequence[Sequence[str]]) -> bool:
    return any(
        is_number(t[i - 1]) and t[i] in {"to", "or"} and is_number(t[i + 1])
        for t in takes
        for i in range(1, len(t) - 1)
    )


def _last(found: Iterator[list[tuple[int, str]]] | Iterator[list[Clock]]) -> list[tuple[int, str]]:
    last: list[tuple[int, str]] = []
    for claims in found:
        last = claims or last  # type: ignore[assignment]  # one body serves counts and clocks alike
    return last


def clocks(spoken: Sequence[str]) -> list[Clock]:
    """Every clock time in the words, with all its readings."""
    words = _half_days(spoken)
    found: list[Clock] = []
    i = 0
    while i < len(words):
        reach = i
        for parse in (_figures, _relative, _half, _hour_minute, _whole_hour, _named):
            for after, clock in parse(words, i):
                if not _loose(words, i) and clock[0] <= 24 and clock[1] < 60:
                    found.append(clock)
                    reach = max(reach, after)
            if reach > i:
                break
        i = max(reach, i + 1)
    return found


def _half_days(words: Sequence[str]) -> list[str]:
    """`p m` as one word."""
    joined: list[str] = []
    for word in words:
        if word == "m" and joined and joined[-1] in {"a", "p"}:
            joined[-1] += "m"
        else:
            joined.append(word)
    return joined


Found = list[tuple[int, Clock]]


def _loose(words: Sequence[str], i: int) -> bool:
    """Whether the time at `i` is only a bound, as in `some time after three`."""
    return (
        i > 0
        and words[i - 1] in _VAGUE | {"to"}
        and not (words[i - 1] == "past" and i > 1 and is_number(words[i - 2]))
    )


def _figures(words: Sequence[str], i: int) -> Found:
    parts = words[i].replace(".", ":").split(":")
    if len(parts) == 2 and all(map(is_figure, parts)) and len(parts[0]) <= 2 and len(parts[1]) == 2:
        return [(i + 1, (int(parts[0]), int(parts[1]), int(parts[0]) > 12 or parts[0][0] == "0"))]
    if is_figure(words[i]) and len(words[i]) in {3, 4}:
        return [(i + 1, (int(words[i][:-2]), int(words[i][-2:]), len(words[i]) == 4 and words[i][0] in "02"))]
    return []


def _minutes(words: Sequence[str], i: int) -> list[Value]:
    if words[i] in {"quarter", "a"} and "quarter" in words[i : i + 2]:
        return [(list(words).index("quarter", i) + 1, 15)]
    if words[i] == "half":
        return [(i + 1, 30)]
    return [(j, value) for j, value in below_hundred(words, i) if 0 < value < 60]


def _relative(words: Sequence[str], i: int) -> Found:
    """`twenty to ten`, `quarter past seven`."""
    found: Found = []
    for j, minute in _minutes(words, i):
        j += j < len(words) and words[j] in {"minutes", "mins", "minute"}
        if j + 1 >= len(words):
            continue
        side = {"past": 1, "passed": 1, "after": 1, "to": -1, "two": -1, "too": -1, "till": -1, "til": -1}.get(
            words[j], 0
        )
        for after, hour in [*below_hundred(words, j + 1), *_named_hour(words, j + 1)] if side else ():
            if 0 < hour <= 12 and not (words[j] == "two" and minute < 20):
                found.append(
                    (after, (hour, minute, False) if side > 0 else ((hour - 2) % 12 + 1, 60 - minute, False))
                )
    return found + _hour_minute(words, i) if found else found


def _named_hour(words: Sequence[str], i: int) -> list[Value]:
    return [(i + 1, 12)] if words[i] in _NAMED_HOURS else []


def _half(words: Sequence[str], i: int) -> Found:
    slip = words[i] == "have" and bool(periods(words[i:]))
    if words[i] != "half" and not slip:
        return []
    return [(j, (hour, 30, False)) for j, hour in below_hundred(words, i + 1) if 0 < hour <= 12]


def _hour_minute(words: Sequence[str], i: int) -> Found:
    """`ten fifteen`, `oh seven fifteen`, `seven oh five`, `nineteen hundred hours`."""
    if i and is_number(words[i - 1]):
        return []
    military = words[i] in {"oh", "o", "zero", "nought"}
    found: Found = []
    for j, hour in below_hundred(words, i + 1 if military else i):
        if hour > 24 or (military and hour > 9):
            continue
        for k, minute in _past_hour(words, j):
            exact = (
                military
                or hour > 12
                or (k < len(words) and words[k] in {"hours", "hundred"})
                or words[k - 1] == "hundred"
            )
            if k >= len(words) or not is_number(words[k]):
                found.append((k, (hour, minute, exact)))
    return found


def _past_hour(words: Sequence[str], j: int) -> list[Value]:
    if j >= len(words):
        return []
    if words[j] == "hundred" or (
        words[j] == "double" and words[j + 1 : j + 2] in (["oh"], ["o"], ["zero"], ["nought"])
    ):
        return [(j + 1 if words[j] == "hundred" else j + 2, 0)]
    if words[j] in {"oh", "o", "zero", "nought"}:
        return [(k, minute) for k, minute in below_hundred(words, j + 1) if minute < 10]
    return [(k, minute) for k, minute in below_hundred(words, j) if minute >= 10 or words[j] == "00"]


def _whole_hour(words: Sequence[str], i: int) -> Found:
    before = words[i - 1] if i else ""
    found: Found = []
    for j, hour in below_hundred(words, i):
        after = words[j] if j < len(words) else ""
        near = set(words[j : j + 3]) & set(_PERIODS)
        if hour <= 24 and (
            after in {"oclock", "hours", "am", "pm"}
            or near
            or (before in {"at", "about", "around"} and not is_number(after))
        ):
            found.append((j, (hour, 0, hour > 12)))
    return found[:1]


def _named(words: Sequence[str], i: int) -> Found:
    hour = _NAMED_HOURS.get(words[i], -1)
    return [(i + 1, (hour, 0, True))] if hour >= 0 and words[i - 1 : i] != ["after"] else []


def periods(spoken: Sequence[str]) -> list[str]:
    """The parts of the day that are named, greetings apart."""
    words = _half_days(spoken)
    found = [w for i, w in enumerate(words) if w in _PERIODS and words[max(0, i - 1) : i] not in (["good"], ["i"])]
    return found + ["night" for pair in itertools.pairwise(words) if pair == ("early", "hours")]


def says_time(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether the last time said is the true one, to the minute, and its part of day agrees if one is named."""
    if not _CLOCK.fullmatch(truth):
        return False
    hour, minute = (int(part) for part in truth.split(":"))
    claims: list[Clock] = []
    named: list[str] = []
    for take in takes:
        claims = clocks(take) or claims
        named = periods(take) or named
    agrees = all(hour in _PERIODS[period] for period in named)
    return agrees and any(_is_clock(claim, hour, minute) for claim in claims)


def _is_clock(claim: Clock, hour: int, minute: int) -> bool:
    said, minutes, exact = claim
    same = said % 24 == hour if exact else said % 12 == hour % 12
    return same and minutes == minute


def says_birth(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether day, month and year are all said, day first as the British do, in the last version."""
    if not _DATE.fullmatch(truth):
        return False
    year, month, day = (int(part) for part in truth.split("-"))
    whole = False
    for n, take in enumerate(takes):
        joined = [w for earlier in takes[:n] for w in earlier] if n else []
        complete = _dated(list(take), day, month, year)
        patched = bool(joined) and _patched(joined, list(take), day, month, year)
        if _has_date_part(take):
            whole = complete or patched
    return whole


def _has_date_part(words: Sequence[str]) -> bool:
    return any(is_number(w[:1]) or is_number(w) or w in reverse("numbers", "months") or ordinals(words, i) for i, w in enumerate(words))


def _patched(before: list[str], take: list[str], day: int, month: int, year: int) -> bool:
    """`ninth of march eighty eight sorry eighty seven`: the new words replace as many at the old end."""
    return any(_dated(before[:k] + take, day, month, year) for k in range(max(0, len(before) - 6), len(before) + 1))


_FILL = frozenset(["of", "the", "in", "month", "born", "on", "and", "year", "then", STOP])


def _dated(words: list[str], day: int, month: int, year: int) -> bool:
    words = [part for w in words for part in w.replace(".", "/").split("/") if part or w == STOP]
    parts = {"d": day, "m": month, "y": year}
    return any(
        _follows(words, i, order, parts)
        for order in ("dmy", "mdy", "ymd", "ydm")
        for i in range(len(words))
        if not (i and is_number(words[i - 1]))
    )


def _follows(words: Sequence[str], i: int, order: str, parts: dict[str, int]) -> bool:
    places = {i}
    for n, part in enumerate(order):
        nxt: set[int] = set()
        for place in places:
            nxt |= _part_ends(
                words, _skip(words, place) if n else place, part, parts[part], named=order in {"mdy", "ydm"}
            )
        places = nxt
    return any(not _number_goes_on(words, k) for k in places)


def _number_goes_on(words: Sequence[str], k: int) -> bool:
    joined = words[k : k + 1] == ["and"]
    return any(is_number(word) for word in words[k + joined : k + joined + 1])


def _skip(words: Sequence[str], i: int) -> int:
    while i < len(words) and words[i] in _FILL:
        i += 1
    return i


def _part_ends(words: Sequence[str], i: int, part: str, value: int, *, named: bool) -> set[int]:
    if i >= len(words):
        return set()
    if part == "y":
        return _year_ends(words, i, value)
    if part == "m" and reverse("numbers", "months").get(words[i]) == str(value):
        return {i + 1}
    if part == "m" and named:
        return set()
    zero = i + 1 if words[i] in {"oh", "o", "zero", "nought"} else i
    found = [
        *ordinals(words, i),
        *below_hundred(words, i),
        *(below_hundred(words, zero) if zero > i and value < 10 else []),
    ]
    return {j for j, number in found if number == value}


def _year_ends(words: Sequence[str], i: int, year: int) -> set[int]:
    century, rest = divmod(year, 100)
    written = is_figure(words[i]) and len(words[i]) == 2
    ends = {j for j, value in values(words, i) if value == year or (written and value == rest)}
    starts = {i} | {j for j, value in below_hundred(words, i) if value == century}
    for start in starts:
        if start < len(words):
            ends |= _short_year(words, start, rest, whole=start > i)
    return ends


def _short_year(words: Sequence[str], i: int, rest: int, *, whole: bool) -> set[int]:
    if rest in {19, 20} and not whole:
        return set()  # the start of a year, not the whole of one
    if rest >= 10:
        return {j for j, value in below_hundred(words, i) if value == rest}
    if words[i] == "hundred" and rest == 0 and whole:
        return {i + 1}
    if words[i] in {"oh", "o", "nought", "zero", "of", "or"}:
        return {j for j, value in below_hundred(words, i + 1) if value == rest}
    return set()
