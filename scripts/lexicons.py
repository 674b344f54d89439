"""The word tables of `scripts/lexicon`, read once each and only when first needed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import cast

Table = Mapping[str, list[str]]


@cache
def lexicon(name: str) -> Mapping[str, Table]:
    """The tables of `lexicon/<name>.toml`: section -> key -> words."""
    text = resources.files("scripts").joinpath("lexicon", f"{name}.toml").read_text(encoding="utf-8")
    return cast("Mapping[str, Table]", tomllib.loads(text))


@cache
def reverse(name: str, section: str) -> Mapping[str, str]:
    """Word -> key for one section of a lexicon; the first key to name a word keeps it."""
    table: dict[str, str] = {}
    for key, words in lexicon(name)[section].items():
        for word in words:
            table.setdefault(word, key)
    return table


@cache
def words_of(name: str, section: str, key: str = "words") -> frozenset[str]:
    """The words listed under one key of a lexicon."""
    return frozenset(lexicon(name)[section][key])


@cache
def phrases_of(name: str, section: str, key: str = "phrases") -> tuple[tuple[str, ...], ...]:
    """The phrases listed under one key, as word tuples, longest first."""
    return tuple(sorted((tuple(p.split()) for p in lexicon(name)[section][key]), key=len, reverse=True))


@cache
def _phrase_index(name: str, section: str, key: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    table: dict[str, tuple[tuple[str, ...], ...]] = {}
    for phrase in phrases_of(name, section, key):
        table[phrase[0]] = (*table.get(phrase[0], ()), phrase)
    return table


def phrase_at(name: str, section: str, words: Sequence[str], i: int, key: str = "phrases") -> tuple[str, ...]:
    """The longest phrase of one section that begins at word `i`, or nothing."""
    for phrase in _phrase_index(name, section, key).get(words[i], ()):
        if tuple(words[i : i + len(phrase)]) == phrase:
            return phrase
    return ()
