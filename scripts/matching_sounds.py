"""How near the sound of what was heard is to what was expected, where spelling says nothing.

A recogniser that does not know a name writes the nearest everyday words: *kinks heard* for Kingsford, *tanders*
for Tanner's. The truth is known here, so the question is only whether it was said. Words are written as a rough
string of speech sounds, twice: once with the sounds that English tells apart, once with those made equal that a
telephone line mixes up (p and b, s and f, m and n). A word that is itself another name of the same kind is
believed as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from rapidfuzz.distance import Levenshtein

from scripts.lexicons import lexicon, reverse, words_of
from scripts.numbers import is_number
from scripts.tokens import STOP

Words = tuple[str, ...]

_SHORTEST = 4
"""Sounds: too much resembles a shorter word."""
_WHOLE = 0.7
"""How alike one word must sound to be taken for another; measured on labelled read-backs."""
_SPLIT = 0.66
"""The same for words run together or torn apart, which no speaker chose."""
_NAME = 0.78
"""The same for a person's name that was torn apart."""
_WHOLE_NAME = 0.9
"""The same for one whole word, which may always be another name."""
_EACH = 0.5
"""How alike each word must sound where as many were heard as expected."""

_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:kn|gn|pn)", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"^wh", "w"), (r"^x", "z"), (r"[^a-z]", ""),
        (r"(?:tion|sion|cian)", "Sn"), (r"tch|ch", "C"), (r"sch|sh", "S"), (r"ph", "f"),
        (r"dge?(?=$|[^aeiouy])", "J"),
        (r"igh", "Y"), (r"gh(?=t|$)", ""), (r"gh", "g"), (r"ck|q", "k"), (r"g(?=[eiy])", "J"), (r"c(?=[eiy])", "s"),
        (r"c", "k"), (r"x", "ks"), (r"th", "T"), (r"j", "J"), (r"([bdfgklmnprstvz])\1", r"\1"), (r"mb$", "m"),
        (r"(?<=[a-zA-Z][bdfgklmnprstvzJ])e(?=s?$)", ""), (r"y$", "i"), (r"ee|ea|ie|ei|ey", "i"), (r"ai|ay", "A"),
        (r"oo|ou|ew|ue|u", "u"), (r"oa|ow|au|aw|o", "o"), (r"(?<=[aeiouA])[aeiou]", ""), (r"h(?![aeiouAY])", ""),
    )
)  # fmt: skip
_MIXED_UP = str.maketrans("bdTgzSCJvNAYieou" + "h", "ptt" + "ksss" + "sfn" + "aaaaaa" + "h")
_IRREGULAR = {
    "one": "wun",
    "eight": "At",
    "two": "tu",
    "of": "ov",
    "half": "haf",
    "quay": "ki",
    "sierra": "siera",
    "echo": "eko",
}


@lru_cache(maxsize=4096)
def sounds_of(text: str) -> str:
    """The rough sounds of some lower-case words run together: `knight street` is `nYtstrit`."""
    return "".join(_word(word) for word in text.split())


@lru_cache(maxsize=4096)
def _word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for pattern, sound in _SPELLINGS:
        word = pattern.sub(sound, word)
    return word


@lru_cache(maxsize=8192)
def likeness(truth: str, heard: str) -> float:
    """How alike two phrases sound, from 0 to 1; both lower case."""
    a, b = sounds_of(truth), sounds_of(heard)
    fine = Levenshtein.normalized_similarity(a, b)
    rough = Levenshtein.normalized_similarity(a.translate(_MIXED_UP), b.translate(_MIXED_UP))
    return (fine + rough) / 2


@cache
def known(kind: str) -> frozenset[str]:
    """Words that are names of their own: `street`, `name` or `place`; to hear one is to hear no other."""
    cast, rivals = lexicon("cast"), lexicon("details")["rivals"]
    if kind == "name":
        drawn = [word for words in cast["names"].values() for word in words]
        return frozenset(word.lower() for word in drawn) | frozenset(rivals["names"])
    if kind == "thing":
        groups = lexicon("descriptions")["same"]["groups"] + lexicon("descriptions")["opposites"]["pairs"]
        words = [word for group in groups for word in re.split("[| ]", group)]
        marks = [word for words in lexicon("descriptions")["modifiers"].values() for word in words]
        return frozenset([*words, *marks]) | words_of("descriptions", "heads")
    drawn = [part for words in cast["places"].values() for phrase in words for part in phrase.split()]
    places = frozenset(rivals["places"]) | frozenset(rivals["ways"]) | words_of("places", "towns")
    return frozenset(word.lower() for word in drawn) | places


def restored(targets: Sequence[Words], words: Sequence[str], kind: str) -> list[str]:
    """The words with each of `targets` put back where its sound was heard but other words were written."""
    found = list(words)
    for target in targets:
        start, end = _heard_at(target, found, kind)
        if end > start:
            found[start:end] = target
    return found


def _heard_at(target: Words, words: Sequence[str], kind: str) -> tuple[int, int]:
    """The span of one word more or less than the target that sounds most like it, or an empty one."""
    truth = " ".join(target)
    best, span = 0.0, (0, 0)
    if len(sounds_of(truth)) < _SHORTEST:
        return span
    for i in range(len(words)):
        if not _begins_alike(truth, words[i]):
            continue
        for n in range(1, len(target) + 3):
            run = words[i : i + n]
            if len(run) < n or not _free(run[-1], target, kind):
                break
            score = _score(target, run, kind)
            if score > best:
                best, span = score, (i, i + n)
    return span


def _score(target: Words, run: Sequence[str], kind: str) -> float:
    """How alike a run sounds, or 0 when that is not enough, or when one word of as many is quite another."""
    if len(run) < len(target) and set(run) <= set(target):
        return 0.0  # `victoria` alone is not Victoria Road
    score = likeness(" ".join(target), " ".join(run))
    if len(run) == len(target) and not all(map(_comparable, target, run)):
        return 0.0
    least = _WHOLE if len(run) == 1 else _SPLIT
    if kind == "name":
        least = _WHOLE_NAME if len(run) == 1 else _NAME
    return score if score > least else 0.0


def _comparable(truth: str, heard: str) -> bool:
    """Whether one word of as many may stand for its neighbour: `scar on` is no *scar chin*."""
    joins = truth != heard and heard in words_of("descriptions", "stop")
    return not joins and likeness(truth, heard) >= _EACH


def _free(word: str, target: Words, kind: str) -> bool:
    """Whether a word may stand for another: it is no number, no other kind of street and no other known name."""
    if word == STOP or is_number(word):
        return False
    street = reverse("places", "types").get(word)
    if street and street not in {reverse("places", "types").get(own) for own in target}:
        return False
    return word in target or word not in known(kind)


def _begins_alike(truth: str, heard: str) -> bool:
    """The first sound carries the stress in English and is heard best."""
    return sounds_of(truth)[:1].translate(_MIXED_UP) == sounds_of(heard)[:1].translate(_MIXED_UP)


@lru_cache(maxsize=4096)
def nearest(heard: str, options: tuple[str, ...], least: float, margin: float) -> str:
    """The option that some words sound like, if it does so well and clearly better than the next; else empty."""
    scores = sorted(((likeness(option, heard), option) for option in options), reverse=True)
    if scores[0][0] < least or (len(scores) > 1 and scores[0][0] - scores[1][0] < margin):
        return ""
    return scores[0][1]
