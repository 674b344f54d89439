"""Words brought together: from what a recogniser wrote to tokens that sound and mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_WORDS = 400
"""Words of one utterance that are looked at: more than two minutes of speech, so that any text stays quick."""

_WORD = re.compile(r"(?P<mark>[.,;:?!])(?=\s|$)|[a-z]+(?:'[a-z]+)*|\d")
_DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_CLITICS = {"'s": "is", "'re": "are", "'ll": "will", "'ve": "have", "'d": "would", "'m": "am"}
_HIGH, _LOW = str.maketrans("’‘`´", "''''"), re.compile(r"(.)\1{3,}")
_SPLIT = re.compile(r"\b(any|some|every)[ -](?:one|body)\b")
_FILLERS = frozenset({"um", "erm", "er", "uh", "eh", "mm", "hm", "hmm", "like"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word as it counts: `word` in its common form, `kind` the list it belongs to, `at` where it was written.

    `mark` is the stop written before it: "." for the end of a sentence, "," for less, "" for none.
    """

    word: str
    kind: str
    at: int
    mark: str = ""


class Written(list[str]):
    """The words of a text; `marks` is the stop before each ("." or "," or "")."""

    marks: list[str]


@dataclass(frozen=True, slots=True)
class Words:
    """The lexicon of `words.toml` and `slots.toml`, ready for use.

    `same` maps a word to the form it shares with its homophones, `spoken` a spelling to its words, `letters` a
    misheard letter to the letter, `acronyms` are the words that come spelt out, `kinds` maps a word to its list.
    """

    same: Mapping[str, str]
    spoken: Mapping[str, str]
    letters: Mapping[str, str]
    acronyms: frozenset[str]
    kinds: Mapping[str, str]


def written(text: str) -> Written:
    """The words of a text in lower case; digits become spoken digits, one word each."""
    lowered = _LOW.sub(r"\1", text[: MAX_WORDS * 12].lower().translate(_HIGH))
    found = Written()
    found.marks = []
    mark = ""
    for match in _WORD.finditer(_SPLIT.sub(r"\1one", lowered)):
        if match["mark"]:
            mark = "," if match["mark"] in ",;:" and mark != "." else "."
        elif len(found) < MAX_WORDS:
            found.append(_DIGITS[int(match[0])] if match[0].isdigit() else match[0])
            found.marks.append(mark)
            mark = ""
    return found


def tokens(raw: Written, words: Words) -> list[Token]:
    """The tokens of `written` words; `at` is the index of the written word each came from."""
    found: list[Token] = []
    place = 0
    mark = ""
    while place < len(raw):
        acronym, taken = _spelt(raw, place, words)
        mark = raw.marks[place] or mark
        for word in [acronym] if acronym else _plain(raw[place], words):
            same = words.same.get(word, word)
            if same in _FILLERS or (found and found[-1].word == same and words.kinds.get(same) != "number"):
                continue
            found.append(Token(same, words.kinds.get(same, same), place, mark))
            mark = ""
        place += taken
    return found


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """How a word sounds, roughly: its metaphone with the consonants a telephone confuses made one."""
    import jellyfish

    key = jellyfish.metaphone(word)
    return key.replace("0", "F").replace("B", "P").replace("V", "F").replace("H", "").replace("Z", "S") or word


def _plain(word: str, words: Words) -> list[str]:
    spoken = words.spoken.get(word)
    if spoken is not None:
        return spoken.split()
    if word in words.same or "'" not in word:
        return [word]
    if word.endswith("n't"):
        return [word[:-3], "not"]
    stem, mark, rest = word.partition("'")
    return [*(words.spoken.get(stem, stem).split()), _CLITICS.get(mark + rest, rest)]


def _spelt(raw: Sequence[str], place: int, words: Words) -> tuple[str, int]:
    spelling = ""
    best, taken = "", 1
    for offset, word in enumerate(raw[place : place + 5]):
        letter = word if len(word) == 1 else words.letters.get(word)
        if letter is None:
            break
        spelling += letter
        if offset and spelling in words.acronyms and any(len(w) == 1 for w in raw[place : place + offset + 1]):
            best, taken = spelling, offset + 1
    return best, taken
