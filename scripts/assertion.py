"""What an utterance asserts: denials, questions and corrections are set apart before any detail is compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from scripts.lexicons import lexicon, phrases_of, reverse, words_of
from scripts.numbers import is_number
from scripts.tokens import STOP, tokens

Take = tuple[str, ...]

_WEAK_TAGS = frozenset({("is", "it"), ("did", "you"), ("have", "i"), ("isn't", "that"), ("don't", "you")})


@dataclass(frozen=True, slots=True)
class Said:
    """The asserted words, cut where the speaker took something back; and all words, for quoting what was denied."""

    takes: tuple[Take, ...]
    everything: Take
    denied: bool
    asked: bool


def read(utterance: str, *, descriptive: bool, longest: int = 400) -> Said:
    """Sort an utterance into asserted takes. `descriptive` details are free words, where `no` and questions deny."""
    words = _without_tags(tokens(utterance)[:longest])
    drop = [False] * len(words)
    denied = _deny(words, drop, descriptive=descriptive)
    asked = descriptive and _ask(words, drop)
    takes = _takes(words, drop, descriptive=descriptive)
    return Said(takes, tuple(words), denied, asked)


@cache
def _index(section: str) -> dict[str, list[tuple[str, ...]]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases_of("assertion", section):
        table.setdefault(phrase[0], []).append(phrase)
    return table


def _phrase(section: str, words: Sequence[str], i: int) -> tuple[str, ...]:
    """The longest phrase of a section that begins at `i`, or nothing."""
    for phrase in _index(section).get(words[i], ()):
        if tuple(words[i : i + len(phrase)]) == phrase:
            return phrase
    return ()


def _without_tags(words: list[str]) -> list[str]:
    kept: list[str] = []
    i = 0
    while i < len(words):
        tag = _phrase("tags", words, i)
        if tag and _is_tag(words, i, tag):
            if kept and kept[-1] != STOP:
                kept.append(STOP)
            i += len(tag)
        else:
            kept.append(words[i])
            i += 1
    return kept


def _is_tag(words: list[str], i: int, tag: tuple[str, ...]) -> bool:
    if tag not in _WEAK_TAGS:
        return i > 0 or tag[-1] not in {"it", "there", "he", "she", "they"}
    after = i + len(tag)
    return i > 0 and (
        after >= len(words) or words[after] == STOP or words[after] in words_of("assertion", "words", "tag_ends")
    )


def _deny(words: list[str], drop: list[bool], *, descriptive: bool) -> bool:
    """Mark the words that are said to be untrue; true when there were any."""
    found = False
    i = 0
    while i < len(words):
        if after := _afterthought(words, i):
            _mark(drop, _sentence_start(words, i), i + after)
            found = True
        cue = _phrase("denials", words, i)
        if not cue and descriptive and words[i] == "no" and not _takes_back(words, i):
            cue = ("no",)
        if cue and _denies(words, i, cue):
            end = _denial_end(words, i, i + len(cue))
            _mark(drop, _subject_start(words, i, cue), end)
            found = True
            i = max(end, i + 1)
        else:
            i += 1
    return found


def _afterthought(words: list[str], i: int) -> int:
    """How many words at `i` say that what went before is untrue; `k's wrong` says it of k."""
    if words[i].endswith("'s") and " ".join(words[i + 1 : i + 3]).startswith(("wrong", "incorrect", "not right")):
        return 2
    return len(_phrase("afterthoughts", words, i))


def _mark(drop: list[bool], start: int, end: int) -> None:
    for k in range(start, min(end, len(drop))):
        drop[k] = True


def _denies(words: list[str], i: int, cue: tuple[str, ...]) -> bool:
    after = words[i + len(cue)] if i + len(cue) < len(words) else ""
    if len(_phrase("corrections", words, i)) > len(cue):
        return False  # `ignore that` takes back what went before, not what follows
    if cue[0] in {"don't", "do"}:
        return after in words_of("assertion", "words", "meant")
    if cue[0] in words_of("assertion", "words", "reports"):
        return after not in words_of("assertion", "words", "unheard")
    return after not in words_of("assertion", "words", "benign_after")


def _sentence_start(words: list[str], i: int) -> int:
    while i > 0 and words[i - 1] != STOP:
        i -= 1
    return i


def _subject_start(words: list[str], i: int, cue: tuple[str, ...]) -> int:
    """`nine quay hill isn't it at all`: the subject of a denying verb is denied too, but not `and he isn't ...`."""
    if (
        cue[0] not in words_of("assertion", "words", "verbs")
        or not i
        or words[i - 1] in words_of("assertion", "words", "pronouns")
    ):
        return i
    start = i
    while start > 0 and words[start - 1] != STOP and not (words[start - 1] == "and" and not is_number(words[start])):
        start -= 1
    return start


def _denial_end(words: list[str], start: int, i: int) -> int:
    """Where a denial stops: the sentence's end, `it's ...`, `sorry`, or after the one number that it rejects."""
    if start and is_number(words[start - 1]) and i < len(words) and is_number(words[i]):
        while i < len(words) and is_number(words[i]):
            i += 1
        return i
    first = i
    while i < len(words) and words[i] != STOP:
        if i > first and (_phrase("restarts", words, i) or _phrase("corrections", words, i)):
            return i
        i += 1
    return i


def _ask(words: list[str], drop: list[bool]) -> bool:
    """Mark the sentences that only ask; true when there were any."""
    found, opening = False, True
    i = 0
    while i < len(words):
        if opening and _phrase("questions", words, i) and not _phrase("statements", words, i):
            end = _question_end(words, i)
            _mark(drop, i, end)
            found, i = True, end
        else:
            opening = words[i] == STOP or words[i] in words_of("assertion", "words", "leads")
            i += 1
    return found


def _question_end(words: list[str], i: int) -> int:
    first = i
    while i < len(words) and words[i] != STOP:
        if i > first + 1 and _phrase("restarts", words, i):
            return i
        i += 1
    return i


def _takes(words: list[str], drop: list[bool], *, descriptive: bool) -> tuple[Take, ...]:
    takes: list[Take] = []
    current: list[str] = []
    i = 0
    while i < len(words):
        marker = _phrase("corrections", words, i)
        if marker == ("no",) and words[i + 1 : i + 2] == ["one"]:
            marker = ()
        if marker and not (descriptive and not _takes_back(words, i)) and not drop[i]:
            takes.append(tuple(current))
            current = []
            i += len(marker)
            continue
        if not drop[i]:
            current.append(words[i])
        i += 1
    takes.append(tuple(current))
    return tuple(take for take in takes if any(word != STOP for word in take))


def _takes_back(words: list[str], i: int) -> bool:
    """Whether a `no` among free words corrects (`left no right`) and does not deny (`no beard`)."""
    marker = _phrase("corrections", words, i)
    if marker != ("no",):
        return bool(marker)
    kinds = _rivals()
    after = kinds.get(words[i + 1], "") if i + 1 < len(words) else ""
    if not after or not i:
        return False
    same_thing = words[i + 2 : i + 3] == [words[i - 1]] and i > 1 and kinds.get(words[i - 2]) == after
    return kinds.get(words[i - 1]) == after or same_thing


@cache
def _rivals() -> dict[str, str]:
    """Words of which only one can be true of a thing, by the class that they belong to."""
    table = {word: name for name, words in lexicon("descriptions")["modifiers"].items() for word in words}
    return table | {word: pair for pair in lexicon("descriptions")["opposites"]["pairs"] for word in pair.split("|")}


def elsewhere(words: Sequence[str]) -> bool:
    """Whether a turn is plainly about something else than a detail: a reference number, a grade, who will come."""
    today = ("of", "today") in itertools.pairwise(words)
    return today or bool(words_of("details", "claims", "elsewhere") & set(words))


def _is_count(word: str) -> bool:
    return is_number(word) or word in {"dozen", "pair", "couple"}


def offers(words: Sequence[str], truth: frozenset[str]) -> bool:
    """Whether the detail is offered as one of several (`fourteen or forty`, `the harbour or not`)."""
    for i, word in enumerate(words):
        if word != "or" or (i + 1 < len(words) and words[i + 1] in words_of("assertion", "words", "or_nothing")):
            continue
        if i and words[i - 1] in reverse("numbers", "repeats"):
            continue
        left, right = words[max(0, i - 3) : i], words[i + 1 : i + 4]
        numbers = any(map(_is_count, left)) and any(map(_is_count, right))
        if numbers or truth & set(left[-2:]) or truth & set(right[:2]):
            return True
    return False
