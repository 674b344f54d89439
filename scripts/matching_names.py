"""People's names: by sound or spelled out, first and last, in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scripts.alphabet import letter, letters
from scripts.lexicons import reverse, words_of
from scripts.matching_sounds import known
from scripts.sounds import found_at
from scripts.tokens import plain

_NAME_ALONE = 4
"""Words of a turn that may hold two names and little else."""
_NO_NAME = frozenset(
    [
        "love",
        "day",
        "long",
        "may",
        "will",
        "mark",
        "price",
        "grace",
        "hope",
        "little",
        "short",
        "north",
        "west",
        "young",
    ]
)
"""Names that are said as other words beside a name."""
_NOT_CONTENT = re.compile(r"[^a-z' -]")


def name_parts(truth: str) -> list[str]:
    """The words of a name without its title, lower case."""
    return [
        word
        for word in re.split(r"[\s-]+", _NOT_CONTENT.sub("", plain(truth)))
        if word and word not in words_of("details", "name", "titles")
    ]


def spellings(words: Sequence[str]) -> list[tuple[int, str]]:
    """Runs of three or more spoken letters, with where each begins."""
    found: list[tuple[int, str]] = []
    i = 0
    while i < len(words):
        text, after = _spelled(words, i)
        if len(text) >= 3:
            found.append((i, text))
        i = max(after, i + 1)
    return found


def _spelled(words: Sequence[str], i: int) -> tuple[str, int]:
    text = ""
    while i < len(words):
        lettered = letter(words[i]) or words[i] in reverse("numbers", "repeats")
        options = letters(words, i) if lettered else []
        if not options:
            break
        after, piece = options[0]
        text, i = text + piece.lower(), after
    return text, i


def says_name(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether every part of the name is said (or spelled) in the last version, and none is spelled otherwise."""
    parts = name_parts(truth)
    words = [word for take in takes for word in take]
    if not parts or _mislabelled(parts, words):
        return False
    spelled = [text for _, text in spellings(words)]
    places = [_places(part, words) for part in parts]
    unsaid = [part for part, found in zip(parts, places, strict=True) if not found]
    if not all(_is_spelled(part, spelled) for part in unsaid) or not _spelled_right(parts, spelled):
        return False
    if (len(takes) > 1 and not _kept(parts, takes)) or _another_between(parts, words, corrected=len(takes) > 1):
        return False
    return _in_order(places) or _labelled(words) or _surname_first(parts, words)


def other_name(truth: str, words: Sequence[str]) -> str | None:
    """Another name that is clearly put in the place of the true one: one part of it changed, or spelled otherwise."""
    parts = name_parts(truth)
    spelled = [text for _, text in spellings(words)]
    if len(parts) < 2 or words_of("details", "claims", "own_name") & set(words):
        return None
    if not _spelled_right(parts, spelled) and (_places(parts[0], words) or _places(parts[-1], words)):
        return f"{parts[0]} {max(spelled, key=len)}".title()
    for i, word in enumerate(words[:-1]):
        first, last = found_at(parts[0], words, i), found_at(parts[-1], words, i + 1)
        after = words[first] if 0 < first < len(words) else ""
        if _is_other(after, parts[-1]):
            return f"{parts[0]} {after}".title()
        if last > 0 and _is_other(word, parts[0]):
            return f"{word} {parts[-1]}".title()
        if len(words) <= _NAME_ALONE and _is_other(word, parts[0]) and _is_other(words[i + 1], parts[-1]):
            return f"{word} {words[i + 1]}".title()
    return None


def _is_other(word: str, part: str) -> bool:
    return word in known("name") and found_at(part, [word], 0) < 0


def _places(part: str, words: Sequence[str]) -> list[int]:
    """Where a part of a name is said."""
    return [i for i in range(len(words)) if found_at(part, words, i) > 0]


def _is_spelled(part: str, spelled: Sequence[str]) -> bool:
    return any(part.replace("'", "") in text for text in spelled)


def _in_order(places: Sequence[Sequence[int]]) -> bool:
    """Whether the parts that are said come in the order of the name; one that is only spelled may come anywhere."""
    at = -1
    for options in filter(None, places):
        at = min((i for i in options if i >= at), default=-2)
        if at == -2:
            return False
    return True


def _surname_first(parts: Sequence[str], words: Sequence[str]) -> bool:
    """`o'dowd caitlin`, as a form has it: only where the surname could be no first name."""
    if len(parts) != 2 or parts[1] in known("name"):
        return False
    after = {found_at(parts[1], words, i) for i in range(len(words))} - {-1}
    return any(i < len(words) and found_at(parts[0], words, i) > 0 for i in after)


def _spelled_right(parts: Sequence[str], spelled: Sequence[str]) -> bool:
    """A long spelling must be a part of the name, or the whole of it."""
    whole = "".join(parts).replace("'", "")
    return all(
        text in whole or len(text) < 4 or any(part in text and len(part) > 3 for part in parts) for text in spelled
    )


def _labelled_word(words: Sequence[str], labels: frozenset[str]) -> int:
    return next((i for i, word in enumerate(words) if word in labels), -1)


def _near(part: str, words: Sequence[str], at: int, *, after: bool) -> bool:
    reach = range(at + 1, at + 4) if after else range(max(0, at - 3), at)
    return any(i < len(words) and found_at(part, words, i) > 0 for i in reach)


def _mislabelled(parts: Sequence[str], words: Sequence[str]) -> bool:
    """`first name Bright, surname Marcus` for Marcus Bright."""
    last, first = (
        _labelled_word(words, words_of("details", "name", "last")),
        _labelled_word(words, words_of("details", "name", "first")),
    )
    wrong_first = (
        first >= 0 and _near(parts[-1], words, first, after=True) and not _near(parts[0], words, first, after=True)
    )
    wrong_last = (
        last >= 0 and _near(parts[0], words, last, after=True) and not _near(parts[-1], words, last, after=True)
    )
    return len(parts) > 1 and (wrong_first or (wrong_last and first < 0))


def _labelled(words: Sequence[str]) -> bool:
    return (
        _labelled_word(words, words_of("details", "name", "last")) >= 0
        or _labelled_word(words, words_of("details", "name", "first")) >= 0
    )


def _another_between(parts: Sequence[str], words: Sequence[str], *, corrected: bool) -> bool:
    """`joseph pem no john pemberton`: the surname is said, and always after another first name."""
    if len(parts) != 2 or _is_spelled(parts[0], [text for _, text in spellings(words)]):
        return False
    places = _places(parts[1], words)[-1 if corrected else 0 :]
    return bool(places) and all(
        i > 0
        and _is_other(words[i - 1], parts[0])
        and words[i - 1] not in _NO_NAME
        and not _is_said(parts[1], words, i - 1)
        for i in places
    )


def _is_said(part: str, words: Sequence[str], i: int) -> bool:
    return found_at(part, words, i) > 0


def _renamed(parts: Sequence[str], take: Sequence[str]) -> bool:
    """`craig waddle` after a correction: the first name stands, with another name for the next."""
    for i in range(len(take)):
        after = found_at(parts[0], take, i)
        following = take[after] if 0 < after < len(take) else ""
        if len(following) > 2 and found_at(parts[1], take, after) < 0 and not letter(following):
            return following not in words_of("details", "name", "after") | words_of("assertion", "words", "tag_ends")
    return False


def _kept(parts: Sequence[str], takes: Sequence[Sequence[str]]) -> bool:
    """After a correction the last name-like take must hold a part of the name, not another name."""
    last = takes[-1]
    if len(parts) > 1 and _renamed(parts, last):
        return False
    return any(found_at(part, last, i) > 0 for part in parts for i in range(len(last))) or len(last) > 4 or not last
