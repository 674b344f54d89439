"""What an utterance asserts: denials, questions and corrections are set apart before any detail is compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from scripts.lexicons import lexicon, phrase_at, reverse, words_of
from scripts.matching_doubts import doubts, withdraws
from scripts.numbers import is_number
from scripts.tokens import STOP, tokens

Take = tuple[str, ...]

_WEAK_TAGS = frozenset({("is", "it"), ("did", "you"), ("have", "i"), ("isn't", "that"), ("don't", "you")})

_POINTERS = frozenset(["that", "that's", "it", "it's", "which"])
_OPEN = 5
"""Words back from an `or not` in which the detail must stand for it to be left open."""


@dataclass(frozen=True, slots=True)
class Said:
    """The asserted words, cut where the speaker took something back; and all words, for quoting what was denied.

    The first `withdrawn` takes were taken back outright: what follows must put something in their place.
    """

    takes: tuple[Take, ...]
    withdrawn: int
    everything: Take
    denied: bool
    asked: bool


def read(utterance: str, *, descriptive: bool, truth: str = "", longest: int = 400) -> Said:
    """Sort an utterance into asserted takes. `descriptive` details are free words, where `no` and questions deny.

    The words of the `truth` throw no doubt on it: a `dead end` may be where someone went, `no shoes` what he wore.
    """
    own = tokens(truth)
    words, tags = _without_tags(tokens(utterance)[:longest])
    drop = [False] * len(words)
    denied = _deny(words, drop, own if descriptive else None)
    denied = _doubt(words, drop, frozenset(own), tags) or denied
    asked = descriptive and _ask(words, drop)
    takes, withdrawn = _takes(words, drop, descriptive=descriptive)
    return Said(takes, withdrawn, tuple(words), denied, asked)


def _phrase(section: str, words: Sequence[str], i: int) -> tuple[str, ...]:
    """The longest phrase of a section that begins at `i`, or nothing."""
    return phrase_at("assertion", section, words, i)


def _without_tags(words: list[str]) -> tuple[list[str], set[int]]:
    """The words with a stop for each tag, and where those stops are: one breath may go on after a tag."""
    kept: list[str] = []
    stops: set[int] = set()
    i = 0
    while i < len(words):
        tag = _phrase("tags", words, i)
        if tag and _is_tag(words, i, tag):
            if kept and kept[-1] != STOP:
                stops.add(len(kept))
                kept.append(STOP)
            i += len(tag)
        else:
            kept.append(words[i])
            i += 1
    return kept, stops


def _is_tag(words: list[str], i: int, tag: tuple[str, ...]) -> bool:
    if tag not in _WEAK_TAGS:
        return i > 0 or tag[-1] not in {"it", "there", "he", "she", "they"}
    after = i + len(tag)
    return i > 0 and (
        after >= len(words) or words[after] == STOP or words[after] in words_of("assertion", "words", "tag_ends")
    )


def _doubt(words: list[str], drop: list[bool], own: frozenset[str], tags: set[int]) -> bool:
    """Mark what stands before and after each word that throws doubt on it, up to where the true version begins."""
    found = doubts(words, own)
    for start, end in found:
        first = _meant_start(words, start)
        while first - 1 in tags:
            first = _sentence_start(words, first - 1)
        _mark(drop, first, _true_start(words, end))
    return bool(found)


def _body(words: list[str], i: int) -> int:
    """Where that which is denied begins: `i doubt it's he's gone` denies all three."""
    leads = words_of("assertion", "words", "leads") - {"but"}
    while i < len(words) and words[i] != STOP:
        opening = _phrase("restarts", words, i)
        if not (opening and opening != ("but",)) and words[i] not in leads:
            break
        i += len(opening) or 1
    return i


def _true_start(words: list[str], i: int) -> int:
    """Where the true version begins after a doubt, or the sentence's end."""
    first = i = _body(words, i)
    while i < len(words) and words[i] != STOP and not (i > first and _phrase("restarts", words, i)):
        i += 1
    return i


def _deny(words: list[str], drop: list[bool], own: list[str] | None) -> bool:
    """Mark the words that are said to be untrue; true when there were any. `own` are those of a descriptive truth."""
    found = False
    i = 0
    while i < len(words):
        if after := _afterthought(words, i):
            _mark(drop, _meant_start(words, i), i + after)
            found = True
        cue = _phrase("denials", words, i)
        if (
            not cue
            and own is not None
            and words[i] == "no"
            and not _takes_back(words, i)
            and not _wanted(words, i, own)
        ):
            cue = ("no",)
        if cue and _denies(words, i, cue):
            end = _denial_end(words, i, i + len(cue))
            _mark(drop, _subject_start(words, i, cue), end)
            found = True
            i = max(end, i + 1)
        else:
            i += 1
    return found


def _wanted(words: list[str], i: int, own: list[str]) -> bool:
    """`no shoes` where the truth has it so."""
    return any(words[i : i + 2] == list(pair) for pair in itertools.pairwise(own))


def _afterthought(words: list[str], i: int) -> int:
    """How many words at `i` say that what went before is untrue; `k's wrong` says it of k."""
    if words[i].endswith("'s") and " ".join(words[i + 1 : i + 3]).startswith(("wrong", "incorrect", "not right")):
        return 2
    if words[i] in {"not", "no"} and words[i - 1 : i] != ["or"] and words[i + 1 : i + 2] in ([], [STOP], ["no"]):
        return 1  # `fourteen bridge street not`
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


def _meant_start(words: list[str], i: int) -> int:
    """Where the sentence that `i` speaks of begins: `That's wrong.` speaks of the one before."""
    start = _sentence_start(words, i)
    pointing = words_of("assertion", "words", "pointing")
    points = bool(_POINTERS & set(words[max(start, i - 2) : i]))
    while start and (points or all(word in pointing for word in words[start:i] if word != STOP)):
        points = False
        start = _sentence_start(words, start - 1)
    return start


def _subject_start(words: list[str], i: int, cue: tuple[str, ...]) -> int:
    """`nine quay hill isn't it at all`: the subject of a denying verb is denied too, but not `and he isn't ...`."""
    if (
        cue[0] not in words_of("assertion", "words", "verbs")
        or not i
        or words[i - 1] in words_of("assertion", "words", "pronouns")
        or set(words[i + len(cue) : i + len(cue) + 1]) & words_of("assertion", "words", "pronouns")
    ):
        return i
    start = i
    if words[i - 1] == STOP:
        return _sentence_start(words, i - 1)  # a tag stands between: `fourteen bridge street is it can't be right`
    while start > 0 and words[start - 1] != STOP and not (words[start - 1] == "and" and not is_number(words[start])):
        start -= 1
    return start


def _denial_end(words: list[str], start: int, i: int) -> int:
    """Where a denial stops: the sentence's end, `it's ...`, `sorry`, or after the one number that it rejects."""
    if start and is_number(words[start - 1]) and i < len(words) and is_number(words[i]):
        while i < len(words) and is_number(words[i]):
            i += 1
        return i
    first = i = _body(words, i)
    while i < len(words) and words[i] != STOP:
        if i > first and (_phrase("restarts", words, i) or _phrase("corrections", words, i) not in {(), ("no",)}):
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


def _takes(words: list[str], drop: list[bool], *, descriptive: bool) -> tuple[tuple[Take, ...], int]:
    """The asserted words between the corrections, and how many such takes were taken back outright."""
    takes: list[list[str]] = [[]]
    withdrawn = i = 0
    while i < len(words):
        marker = _marker(words, i, descriptive=descriptive)
        if marker and not drop[i]:
            takes.append([])
            withdrawn = len(takes) - 1 if withdraws(words, i, marker) else withdrawn
            i += len(marker)
            continue
        if not drop[i]:
            takes[-1].append(words[i])
        i += 1
    said = [any(word != STOP for word in take) for take in takes]
    return tuple(tuple(take) for take, full in zip(takes, said, strict=True) if full), sum(said[:withdrawn])


def _marker(words: list[str], i: int, *, descriptive: bool) -> tuple[str, ...]:
    """The correction that begins at `i`, if it takes something back."""
    marker = _phrase("corrections", words, i)
    if marker == ("no",) and words[i + 1 : i + 2] == ["one"]:
        return ()
    return () if descriptive and not _takes_back(words, i) else marker


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
        if _open_end(right) and _near(words, i, truth):
            return True
        numbers = any(map(_is_count, left)) and any(map(_is_count, right))
        if numbers or truth & set(left[-2:]) or truth & set(right[:2]):
            return True
    return False


def _near(words: Sequence[str], i: int, truth: frozenset[str]) -> bool:
    left = list(words[max(0, i - _OPEN - 2) : i])
    opened = max(
        (k + 1 for k, word in enumerate(left) if word in words_of("assertion", "words", "asking")), default=0
    )
    left = left[opened:]  # `have you been hurt or not` leaves another matter open
    return any(_is_count(word) or _is_spelled(word) for word in left[-_OPEN:]) or bool(truth & set(left))


def _is_spelled(word: str) -> bool:
    return word in reverse("alphabet", "phonetic") or (len(word) == 1 and word not in {"a", "i", STOP})


def _open_end(right: Sequence[str]) -> bool:
    """`or not`, `or the other`: nothing is named, but the choice is left open."""
    after = [word for word in right if word != STOP]
    other = words_of("assertion", "words", "or_other")
    return not after or after[0] in other or (after[0] == "the" and bool(other & set(after[1:2])))
