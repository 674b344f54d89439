"""Clock times: `twenty to ten tonight`, `half two`, `nineteen thirty five hours`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from scripts.lexicons import words_of
from scripts.numbers import Value, below_hundred, is_figure, is_number

Clock = tuple[int, int, bool]
"""Hour, minute, and whether the 24-hour clock was meant."""
Found = list[tuple[int, Clock]]
"""Readings of one time: the index after it, and the time."""

_CLOCK = re.compile(r"[0-2]?[0-9]:[0-5][0-9]")
_PERIODS = {
    "morning": range(12), "am": range(12), "afternoon": range(12, 19), "evening": range(16, 24), "pm": range(12, 24),
    "night": (18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5), "tonight": (16, 17, 18, 19, 20, 21, 22, 23, 0),
    "lunchtime": range(11, 15), "dinnertime": range(11, 21), "teatime": range(15, 20), "noon": range(11, 16),
}  # fmt: skip
_SIDES = {
    "past": 1, "passed": 1, "after": 1, "pest": 1, "pests": 1, "pass": 1, "parsed": 1, "paste": 1, "cats": 1,
    "to": -1, "two": -1, "too": -1, "till": -1, "til": -1,
}  # fmt: skip
"""Which side of the hour a minute lies, with what a recogniser writes for `past` and `to`."""
_NAMED_HOURS = {"midday": 12, "noon": 12, "midnight": 0}
_AFTER_HOUR = frozenset(["oclock", "am", "pm", "in", "this", "tonight", "hours"])
_UNFINISHED = frozenset(["half", "quarter"])
_BARE = 3
"""Words of a turn that may hold a time and nothing else."""
_NOUGHTS = frozenset(["oh", "o", "zero", "nought"])


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
    """`p m` and `to night` as one word."""
    joined: list[str] = []
    for word in words:
        if word == "m" and joined and joined[-1] in {"a", "p"}:
            joined[-1] += "m"
        elif word == "night" and joined and joined[-1] == "to":
            joined[-1] = "tonight"
        else:
            joined.append(word)
    return joined


def _loose(words: Sequence[str], i: int) -> bool:
    """Whether the time at `i` is only a bound, as in `some time after three`."""
    return (
        i > 0
        and words[i - 1] in words_of("details", "quantity", "vague") | {"to"}
        and not (words[i - 1] == "past" and i > 1 and is_number(words[i - 2]))
    )


def _figures(words: Sequence[str], i: int) -> Found:
    parts = words[i].replace(".", ":").split(":")
    if len(parts) == 2 and all(map(is_figure, parts)) and len(parts[0]) <= 2 and len(parts[1]) == 2:
        return [(i + 1, (int(parts[0]), int(parts[1]), int(parts[0]) > 12 or parts[0][0] == "0"))]
    if is_figure(words[i]) and len(words[i]) in {3, 4}:
        return [
            (
                i + 1,
                (
                    int(words[i][:-2]),
                    int(words[i][-2:]),
                    len(words[i]) == 4 and (words[i][0] == "0" or int(words[i][:-2]) > 12),
                ),
            )
        ]
    return []


def _minutes(words: Sequence[str], i: int) -> list[Value]:
    if words[i] in {"quarter", "a"} and "quarter" in words[i : i + 2]:
        return [(list(words).index("quarter", i) + 1, 15)]
    if words[i] == "half":
        return [(i + 1, 30)]
    if words[i : i + 2] == ["a", "minute"]:
        return [(i + 1, 1)]
    return [(j, value) for j, value in below_hundred(words, i) if 0 < value < 60]


def _relative(words: Sequence[str], i: int) -> Found:
    """`twenty to ten`, `quarter past seven`."""
    found: Found = []
    for ends, minute in _minutes(words, i):
        j = ends + (ends < len(words) and words[ends] in {"minutes", "mins", "minute"})
        if j + 1 >= len(words):
            continue
        side = _SIDES.get(words[j], 0)
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
                or (k < len(words) and words[k] in {"hours", "hour", "hundred"})
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
        if words[i] in words_of("numbers", "plain") and after not in _AFTER_HOUR:
            continue  # `to drink tonight`
        if hour <= 24 and (
            after in {"oclock", "am", "pm"}
            or (after == "hours" and not _lasts(words, i, hour) and not (i and is_number(before)))
            or near
            or (before in {"at", "about", "around"} and not is_number(after))
        ):
            found.append((j, (hour, 0, hour > 12)))
    return found[:1]


def _lasts(words: Sequence[str], i: int, hours: int) -> bool:
    """`wait twenty four hours` is how long, not when."""
    return hours == 24 or bool(words_of("details", "time", "lasting") & set(words[max(0, i - 3) : i]))


def claimed(words: Sequence[str]) -> list[Clock]:
    """The times that are surely told as times: `one oh one` alone is a telephone number."""
    told = any(word in _SIDES or word in words_of("details", "time", "cues") or ":" in word for word in words)
    return clocks(words) if told or len(words) <= _BARE else []


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
        claims = clocks(take) or ([] if _UNFINISHED & set(take) else claims)
        named = periods(take) or named
    agrees = all(hour in _PERIODS[period] for period in named)
    return agrees and any(_is_clock(claim, hour, minute) for claim in claims)


def _is_clock(claim: Clock, hour: int, minute: int) -> bool:
    said, minutes, exact = claim
    same = said % 24 == hour if exact else said % 12 == hour % 12
    return same and minutes == minute
