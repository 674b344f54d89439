"""Sentences from patterns: (a|b) is a choice, {name} a list of slots, @label what the words after it mean."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LEXICON = Path(__file__).parent.parent / "scripts" / "lexicon"

_PIECE = re.compile(r"[(|)]|\{\w+\}|[^(|){}]+")
Span = tuple[str, list[str]]
"""A label and the words that mean it."""


@dataclass(frozen=True)
class Grammar:
    """`patterns` by label, the `slots` that they name, and what is said before, between and after sentences."""

    patterns: Mapping[str, Sequence[str]]
    slots: Mapping[str, Sequence[str]]
    starts: Sequence[str]
    joins: Sequence[str]
    ends: Sequence[str]
    tails: Mapping[str, Sequence[str]]


def load() -> Grammar:
    def read(name: str) -> dict[str, dict[str, list[str]]]:
        return tomllib.loads((LEXICON / name).read_text(encoding="utf-8"))

    referrals = tomllib.loads((LEXICON / "referrals.toml").read_text(encoding="utf-8"))
    shared: list[str] = referrals["sentences"]["refer"]
    agencies: dict[str, dict[str, list[str]]] = referrals["agencies"]
    patterns: dict[str, list[str]] = {}
    for name, table in (("asks", "asks"), ("acts", "acts"), ("decisions", "decisions")):
        patterns.update(read(f"{name}.toml")[table])
    for name, agency in agencies.items():
        named = [pattern.replace("{svc}", "{svc_" + name + "}") for pattern in shared]
        patterns[f"refer.{name}"] = named + agency["own"] * 3
    patterns["chatter"] = tomllib.loads((LEXICON / "chatter.toml").read_text(encoding="utf-8"))["sentences"]
    slots = tomllib.loads((LEXICON / "slots.toml").read_text(encoding="utf-8"))
    names = {name: agency["names"] for name, agency in agencies.items()}
    joins = tomllib.loads((LEXICON / "joins.toml").read_text(encoding="utf-8"))
    return Grammar(patterns, {**slots, **{f"svc_{name}": said for name, said in names.items()}}, **joins)


def sentence(label: str, grammar: Grammar, rng: random.Random) -> list[Span]:
    """One sentence of the label, as spans."""
    patterns = grammar.patterns[label]
    weights = [min(5.0, 1 + pattern.count("|") ** 0.5 / 1.5) for pattern in patterns]
    text = expand(rng.choices(patterns, weights)[0], grammar, rng)
    return spans(label, text)


def spans(label: str, text: str) -> list[Span]:
    """The text cut at its @labels."""
    found: list[Span] = [(label, [])]
    for word in text.split():
        if word.startswith("@"):
            found.append((word[1:], []))
        else:
            found[-1][1].append(word)
    return [span for span in found if span[1]]


def expand(pattern: str, grammar: Grammar, rng: random.Random) -> str:
    """One text of the pattern, every choice drawn."""
    stack: list[list[str]] = [[""]]
    for piece in _PIECE.findall(pattern):
        if piece == "(":
            stack.append([""])
        elif piece == "|" and len(stack) > 1:
            stack[-1].append("")
        elif piece == ")":
            options = stack.pop()
            stack[-1][-1] += rng.choice(options)
        elif piece.startswith("{"):
            stack[-1][-1] += expand(rng.choice(grammar.slots[piece[1:-1]]), grammar, rng)
        else:
            stack[-1][-1] += piece
    return stack[0][0]
