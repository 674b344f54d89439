"""Telephone numbers, postcodes and plates: whether a run of spoken digits and letters spells the code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from scripts.alphabet import is_letter, letter, letters
from scripts.lexicons import lexicon, reverse, words_of
from scripts.matching_sounds import nearest
from scripts.numbers import Reading, below_hundred, digits, is_figure, is_number, unit

_LONGEST_GAP = 3
_LONGEST_SLIP = 3
"""Characters: a longer reading is of figures, whose end is exact."""
_END = 3
"""The last digits of a telephone number, which tell it from the others of its exchange: no slip is let pass there."""
_SPELLED_XRAY = frozenset(["x r a y", "x r e y", "ex r a y"])
_NEARLY_WHOLE = 9
"""Digits that are surely meant for a telephone number."""


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of code: what its words can stand for, and the shape that a whole one has.

    `slips` are readings of words that a recogniser wrote for others; the last `exact` characters take none.
    """

    readings: Callable[[Sequence[str], int], list[Reading]]
    solid: Callable[[str], bool]
    shape: re.Pattern[str]
    slips: Callable[[Sequence[str], int], list[Reading]]
    exact: int = 0


def _silent() -> frozenset[str]:
    return words_of("details", "codes", "silent")


def _joins() -> frozenset[str]:
    return words_of("details", "codes", "joins")


def _phone_readings(words: Sequence[str], i: int) -> list[Reading]:
    return digits(words, i)


def _code_readings(words: Sequence[str], i: int) -> list[Reading]:
    return digits(words, i) + letters(words, i)


def _postcode_readings(words: Sequence[str], i: int) -> list[Reading]:
    """In a postcode `twenty one` may also be the end of one half and the start of the other."""
    return _code_readings(words, i) + [(j, str(value)) for j, value in below_hundred(words, i)[1:]]


def _is_code(word: str) -> bool:
    return is_number(word) or is_letter(word)


def _phone_slips(words: Sequence[str], i: int) -> list[Reading]:
    """`double nine hundred` for `double oh nine hundred`, `zero nine` for `zero zero nine`: repeats run together."""
    found = [(j, "0") for j, _ in _like_oh(words, i)] + _figures_slips(words, i)
    if words[i] == "zero":
        found.append((i + 1, "00"))
    if words[i] == "double":
        fill = next((n for n, word in enumerate(words[i + 1 : i + 4]) if is_number(word)), 9)
        found += [(i + 1 + fill, "00")] if fill < 3 and unit(words[i + 1 + fill]) != "0" else []
    return found


def _figures_slips(words: Sequence[str], i: int) -> list[Reading]:
    """Figures in which one of two noughts was lost, but not at the end: `double 70900053`."""
    written = [(j, text) for j, text in digits(words, i) if is_figure(words[j - 1]) and len(text) > _END]
    return [(j, f"{text[:p]}0{text[p:]}") for j, text in written for p in range(len(text) - _END) if text[p] == "0"]


def _like_oh(words: Sequence[str], i: int) -> list[Reading]:
    """`so`, `go` or `a` before another digit, where a caller would say `oh`."""
    after = words[i + 1] if i + 1 < len(words) else ""
    ready = is_number(after) or bool(unit(after)) or after == ""
    return [(i + 1, "0")] if words[i] in words_of("details", "codes", "like_oh") and ready else []


def _letter_slips(words: Sequence[str], i: int) -> list[Reading]:
    """`sea air` for sierra, `tanko` for tango, `the` for a letter that rhymes with it."""
    found = _like_oh(words, i)
    if " ".join(words[i : i + 4]) in _SPELLED_XRAY:
        found.append((i + 4, "X"))
    for n in (1, 2):
        run = words[i : i + n]
        if len(run) < n or _is_code(run[-1]) or not run[-1].isalpha() or is_number(run[0]):
            break
        if len("".join(run)) > 3 and (word := nearest(" ".join(run), _nato(), 0.5, 0.03)):
            found.append((i + n, letter(word).upper()))
    rhymes = lexicon("alphabet")["rhymes"].get(words[i], [])
    if i + 2 < len(words) and words[i + 1] == "for":  # `in for nancy`
        found += [(i + 3, name.upper()) for name in rhymes if words[i + 2][0] == name]
    return found + [(i + 1, name.upper()) for name in rhymes]


@cache
def _nato() -> tuple[str, ...]:
    return tuple(names[0] for names in lexicon("alphabet")["phonetic"].values())


PHONE = Code(_phone_readings, is_number, re.compile(r"0\d{10}"), _phone_slips, exact=_END)
POSTCODE = Code(_postcode_readings, _is_code, re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}"), _letter_slips)
PLATE = Code(
    _code_readings,
    _is_code,
    re.compile(r"[A-Z]{2}\d{2}[A-Z]{3}|[A-Z]\d{1,3}[A-Z]{3}|[A-Z]{3}\d{1,3}[A-Z]?|[A-Z]{1,3}\d{1,4}"),
    _letter_slips,
)


class _Walk:
    """Follows one code through one stretch of words."""

    def __init__(self, code: Code, truth: str, words: Sequence[str], *, slips: bool) -> None:
        self.code, self.truth, self.words, self.slips = code, truth, words, slips
        self.solid = [code.solid(word) for word in words]
        self.reached: set[int] = set()
        self.complete = False

    def run(self, starts: set[int], *, bound: bool) -> None:
        """Try every place to begin, from any of `starts` in the truth; `bound` forbids solid neighbours."""
        for i in range(len(self.words)):
            if not (bound and self._solid_before(i)):
                self._from(i, starts | {1} if self._nought_lost(i) else starts)

    def _nought_lost(self, i: int) -> bool:
        """Whether some word stands where the first nought should, which every telephone number has."""
        return self.slips and self.code is PHONE and i > 0 and self.truth[0] == "0" and self.words[i - 1].isalpha()

    def _from(self, i: int, starts: set[int]) -> None:
        todo = [(i, k, 0) for k in starts if k < len(self.truth)]
        seen = set(todo)
        while todo:
            at, k, gap = todo.pop()
            for step in self._steps(at, k, gap, first=at == i):
                if step not in seen:
                    seen.add(step)
                    todo.append(step)

    def _steps(self, at: int, k: int, gap: int, *, first: bool) -> list[tuple[int, int, int]]:
        if at >= len(self.words):
            return []
        steps = []
        for after, text in self._readings(at, k):
            end = self._advance(k, text)
            if end < 0:
                continue
            self.reached.add(end)
            if end == len(self.truth):
                self.complete = self.complete or not self._solid_after(after)
            else:
                steps.append((after, end, 0))
        if not first and gap < _LONGEST_GAP and (self.words[at] in _silent() or self.words[at] in _joins()):
            steps.append((at + 1, k, gap + 1))
        return steps

    def _readings(self, at: int, k: int) -> list[Reading]:
        plain = self.code.readings(self.words, at)
        if not self.slips:
            return plain
        room = len(self.truth) - self.code.exact - k
        return plain + [
            (after, text)
            for after, text in self.code.slips(self.words, at)
            if len(text) <= room
            or len(text) > _LONGEST_SLIP
            or (text == "00" and room > 0)
            or self.words[at] in words_of("details", "codes", "like_oh")
        ]

    def _advance(self, k: int, text: str) -> int:
        """Position in the truth after `text`, or -1; oh and nought are one sound to a caller."""
        piece = self.truth[k : k + len(text)]
        same = piece == text or piece.replace("O", "0") == text.replace("O", "0")
        return k + len(text) if same else -1

    def _solid_before(self, i: int) -> bool:
        while i > 0 and self.words[i - 1] in _silent():
            i -= 1
        return i > 0 and self.solid[i - 1]

    def _solid_after(self, i: int) -> bool:
        while i < len(self.words) and self.words[i] in _silent():
            i += 1
        return i < len(self.words) and self.solid[i]


def says(code: Code, truth: str, takes: Sequence[Sequence[str]], *, slips: bool = False) -> bool:
    """Whether the last version said, after all self-corrections, spells `truth`; `slips` allows for a poor line."""
    whole, reached, spoken = False, {0}, 0
    for take in takes:
        if not any(map(code.solid, take)):
            continue
        spoken += 1
        fresh = _Walk(code, truth, take, slips=slips)
        fresh.run({0}, bound=True)
        tail = _Walk(code, truth, take, slips=slips)
        if spoken > 1:
            tail.run(reached, bound=True)
        whole = fresh.complete or tail.complete
        reached |= fresh.reached | tail.reached
    return whole


def heard(code: Code, words: Sequence[str], truth: str) -> str | None:
    """The first code in the words, in plain capitals: a whole one, or many digits that are no part of the truth."""
    i = 0
    while i < len(words):
        text, after = _plain_run(code, words, i)
        whole = bool(code.shape.fullmatch(text)) and abs(len(text) - len(truth)) <= 1 and len(text) > 4
        if whole or (code is PHONE and len(text) >= _NEARLY_WHOLE and text not in truth):
            return text
        i = max(after, i + 1)
    return None


def _plain_run(code: Code, words: Sequence[str], i: int) -> tuple[str, int]:
    text = ""
    while i < len(words):
        named = letter(words[i]) or digits(words, i) or words[i] in reverse("numbers", "repeats")
        options = code.readings(words, i) if named else []
        usable = text or code.solid(words[i]) or any(map(code.solid, words[i + 1 : i + 2]))
        if options and usable:
            after, piece = options[0]
            text, i = text + piece, after
        elif text and words[i] in _silent():
            i += 1
        else:
            break
    return text, i
