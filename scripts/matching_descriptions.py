"""Free details, point by point: what someone looks like, which way they went, any words a caller used."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from scripts.alphabet import letter
from scripts.lexicons import lexicon, reverse, words_of
from scripts.numbers import below_hundred, digit_ends, is_number
from scripts.sounds import found_at
from scripts.tokens import STOP, tokens

Phrase = tuple[str, ...]
Span = tuple[int, int]

_AWAY = frozenset(["from", "away", "leaving"])
_REACH = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must be said: any of its phrases, or its own words by sound."""

    own: Phrase
    phrases: frozenset[Phrase]


@cache
def _groups() -> dict[Phrase, frozenset[Phrase]]:
    table: dict[Phrase, frozenset[Phrase]] = {}
    for group in lexicon("descriptions")["same"]["groups"]:
        phrases = [tuple(p.split()) for p in group.split("|")]
        for phrase in phrases:
            if phrase not in _STOP_PHRASES:
                table[phrase] = table.get(phrase, frozenset()) | frozenset(phrases)
    return table


_STOP_PHRASES = frozenset(
    [("he",), ("she",), ("i",), ("to",), ("into",), ("for",), ("read",), ("top",), ("lost",), ("her",)]
)


@cache
def parts_of(point: str) -> tuple[Part, ...]:
    """The parts of one point of a description that must be said, in order."""
    words, found, i = tokens(point), [], 0
    stop = words_of("descriptions", "stop")
    while i < len(words):
        n = next((n for n in (3, 2) if tuple(words[i : i + n]) in _groups()), 1)
        own = tuple(words[i : i + n])
        kind = reverse("places", "types").get(words[i + 1], "") if n == 1 and i + 1 < len(words) else ""
        if kind and words[i] not in stop and not is_number(words[i]):
            own = (words[i], words[i + 1])
            found.append(Part(own, frozenset((words[i], t) for t in lexicon("places")["types"][kind])))
        elif n > 1 or (words[i] not in stop and words[i] != STOP):
            found.append(Part(own, _groups().get(own, frozenset([own]))))
        i += len(own)
    return tuple(found)


def spans(part: Part, words: Sequence[str]) -> list[Span]:
    """Where a part is said."""
    return [(i, end) for i in range(len(words)) if (end := _said_at(part, words, i)) > i]


def _said_at(part: Part, words: Sequence[str], i: int) -> int:
    for n in (4, 3, 2, 1):
        if tuple(words[i : i + n]) in part.phrases and i + n <= len(words):
            return i + n
    at = i
    for own in part.own:
        at = _word_at(own, words, at)
        if at < 0:
            return -1
    return at


def _word_at(own: str, words: Sequence[str], i: int) -> int:
    if i >= len(words):
        return -1
    if is_number(own):
        wanted = below_hundred([own], 0)
        number = str(wanted[0][1]) if wanted else own
        whole = (j for j in digit_ends(words, i, number) if j >= len(words) or not is_number(words[j]))
        return max(whole, default=-1) if not (i and is_number(words[i - 1])) else -1
    if len(own) == 1:
        return i + 1 if letter(words[i]) == own else -1
    kinds = reverse("places", "types")
    if own in kinds:
        return i + 1 if kinds.get(words[i]) == kinds[own] else -1
    return found_at(own, words, i)


@cache
def _modifier_classes() -> dict[str, str]:
    return {word: name for name, words in lexicon("descriptions")["modifiers"].items() for word in words}


def _class_of(part: Part) -> str:
    return _modifier_classes().get(part.own[0] if len(part.own) == 1 else "", "")


@cache
def _heads(truth: str) -> frozenset[str]:
    """The things that a colour or a side can belong to: the usual ones, and whatever the truth itself names."""
    named = (part for point in truth.split(",") for part in parts_of(point) if not _class_of(part))
    return words_of("descriptions", "heads") | {phrase[-1] for part in named for phrase in part.phrases}


def says_point(point: str, words: Sequence[str], things: frozenset[str]) -> bool:
    """Whether every part of one point is said, with its colour, side and size on the right thing."""
    parts = parts_of(point)
    places = [spans(part, words) for part in parts]
    if not parts or not all(places):
        return False
    modifiers = [part for part in parts[:-1] if _class_of(part)]
    heads = [(part, found) for part, found in zip(parts, places, strict=True) if not _class_of(part)]
    if not modifiers:
        return _lone(parts, words, places)
    if not heads:
        return True
    return all(_is_of_its_head(part, parts, heads, words, things) for part in modifiers)


def _lone(parts: Sequence[Part], words: Sequence[str], places: Sequence[Sequence[Span]]) -> bool:
    """A size that stands alone (`short`) is no size of hair."""
    if len(parts) == 1 and _class_of(parts[0]) == "sizes":
        return any(
            not {"hair", "haired", "sleeves", "sleeved", "coat", "skirt", "beard"} & set(words[end : end + 3])
            for _, end in places[0]
        )
    return True


def _is_of_its_head(
    modifier: Part,
    parts: Sequence[Part],
    heads: Sequence[tuple[Part, list[Span]]],
    words: Sequence[str],
    things: frozenset[str],
) -> bool:
    """Whether the modifier is said of the head that follows it in the truth."""
    at = parts.index(modifier)
    found = next((places for part, places in heads if parts.index(part) > at), heads[0][1])
    return any(_belongs(modifier, parts, span, words, things) for span in found)


def _belongs(modifier: Part, parts: Sequence[Part], span: Span, words: Sequence[str], things: frozenset[str]) -> bool:
    """Whether a modifier is said of the thing at `span`: beside it, and nearer to it than to any other thing."""
    kind, start = _class_of(modifier), span[0]
    left = start
    while left > 0 and words[left - 1] not in things and start - left < 6:
        left -= 1
    own = {w for part in parts for phrase in part.phrases for w in phrase}
    rivals = [w for w in words[left:start] if _modifier_classes().get(w) == kind and w not in own | {"dark", "light"}]
    if any(a >= left and b <= max(start, span[1]) for a, b in spans(modifier, words)):
        return not rivals
    right = span[1]
    while right < len(words) and words[right] not in things and right - span[1] < 6:
        right += 1
    return not rivals and any(a >= span[1] and b <= right for a, b in spans(modifier, words))


def opposed(points: Iterable[str], words: Sequence[str]) -> bool:
    """Whether the words name the opposite of a word of the truth, which itself they do not name."""
    truth = {word for point in points for word in tokens(point)}
    said = set(words)
    for pair in lexicon("descriptions")["opposites"]["pairs"]:
        names = frozenset(pair.split("|"))
        if truth & names and (said & names) - truth and not _same_way(truth & names, said & names):
            return True
    return False


def _same_way(truth: frozenset[str] | set[str], said: set[str]) -> bool:
    stem = {word.removesuffix("bound") for word in truth}
    return all(word.removesuffix("bound") in stem for word in said)


def _mended(takes: Sequence[Sequence[str]]) -> list[str]:
    """The takes as one; of `grey no green coat` the grey is gone."""
    kinds, words = _modifier_classes(), list[str]()
    for take in takes:
        if len(words) > 1 and take and kinds.get(take[0], "-") == kinds.get(words[-2]):
            del words[-2:]
        words += [*take, STOP]
    return words


def says_description(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether every comma-separated point is said of the right thing."""
    words = _mended(takes)
    points = [point.strip() for point in truth.split(",") if point.strip()]
    return (
        bool(points)
        and all(says_point(point, words, _heads(truth)) for point in points)
        and not _retracted(points, takes)
    )


def _retracted(points: Sequence[str], takes: Sequence[Sequence[str]]) -> bool:
    """Whether the words after a correction give another colour or side than the truth has."""
    if len(takes) < 2:
        return False
    truth = {word for point in points for word in tokens(point)}
    rivals = [w for w in takes[-1][:2] if w in _modifier_classes()]
    return any(word not in truth for word in rivals)


def says_direction(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether the compass point, the turn, the road and the place are all said, and not as where they came from."""
    words = [word for take in takes for word in (*take, STOP)]
    parts = parts_of(truth)
    places = [spans(part, words) for part in parts]
    if not parts or not all(places) or opposed([truth], takes[-1]):
        return False
    return not _leaves(truth, places, words)


def _leaves(truth: str, places: Sequence[Sequence[Span]], words: Sequence[str]) -> bool:
    """`away from the school` for `towards the school`, and the other way about."""
    came = [all(bool(_AWAY & set(words[max(0, a - 3) : a])) for a, _ in found) for found in places]
    return any(came) != bool(_AWAY & set(tokens(truth)))


def targets(truth: str) -> list[Phrase]:
    """The words of a description or a direction that may be looked for by sound, pairs of neighbours first."""
    plain = [part.own for point in truth.split(",") for part in parts_of(point.strip()) if not _class_of(part)]
    words = [word for own in plain for word in own if word not in words_of("descriptions", "stop")]
    exact = {word for pair in lexicon("descriptions")["opposites"]["pairs"] for word in pair.split("|")}
    found = [*itertools.pairwise(words), *((word,) for word in words)]
    return [
        target for target in found if not any(is_number(word) or len(word) < 3 or word in exact for word in target)
    ]


def contradicts(truth: str, takes: Sequence[Sequence[str]]) -> bool:
    """Whether the right thing is named with another colour, side, size or way than the truth has."""
    words = [word for take in takes for word in (*take, STOP)]
    points = [point.strip() for point in truth.split(",") if point.strip()]
    named = [point for point in points if any(spans(part, words) for part in parts_of(point))]
    if not named:
        return False
    if all(spans(part, words) for part in parts_of(truth)) and len(takes) == 1:
        return True  # all of it is there, but not of the right thing or not that way
    if _other_sex(truth, words) or any(_renumbered(point, words) for point in points):
        return True
    return opposed(points, words) or any(_recoloured(point, words, _heads(truth)) for point in named)


def _other_sex(truth: str, words: Sequence[str]) -> bool:
    """`elderly woman` for an elderly man, when no word for the truth's sex is said."""
    male, female = (words_of("descriptions", "sexes", key) for key in ("male", "female"))
    own, said = set(tokens(truth)), set(words)
    return any(own & mine and said & other and not said & mine for mine, other in ((male, female), (female, male)))


def _renumbered(point: str, words: Sequence[str]) -> bool:
    """`five foot four` for six foot four, `m sixty` for the M62: another number where the truth has one."""
    truth = tokens(point)
    for before, number in itertools.pairwise(truth):
        if len(before) == 1 and before.isalpha() and is_number(number):
            said = [i + 1 for i, w in enumerate(words[:-1]) if letter(w) == before and is_number(words[i + 1])]
            if said and not any(_word_at(number, words, i) > i for i in said):
                return True
    for number, after in itertools.pairwise(truth):
        if is_number(number) and len(after) > 2 and not is_number(after):
            said = [i for i, w in enumerate(words[:-1]) if is_number(w) and words[i + 1] == after]
            if said and number not in {words[i] for i in said}:
                return True
    return False


def _recoloured(point: str, words: Sequence[str], things: frozenset[str]) -> bool:
    parts = parts_of(point)
    kinds = {_class_of(part) for part in parts} - {""}
    own = {word for part in parts for phrase in part.phrases for word in phrase}
    things_said = [span for part in parts if not _class_of(part) for span in spans(part, words)]
    rivals = [words[a - 1] for a, _ in things_said if a and words[a - 1] not in own | things]
    return any(_modifier_classes().get(word) in kinds for word in rivals)


def mentions(truth_words: str, utterance_words: Sequence[str]) -> bool:
    """Whether the content of a short free text is said; one word in four may be lost from a long one."""
    parts = parts_of(truth_words)
    said = sum(bool(spans(part, utterance_words)) for part in parts)
    return (
        bool(parts)
        and said >= (len(parts) if len(parts) < 4 else len(parts) * 3 / 4)
        and not opposed([truth_words], utterance_words)
    )
