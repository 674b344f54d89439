"""Training of `scripts.naming`: softmax regression over the features of whole parts, one part at a time."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.grammar import Span
from scripts import naming
from scripts.phrases import Words, tokens, written

Weights = NDArray[np.float32]
Case = tuple[NDArray[np.int32], int]


@dataclass(frozen=True)
class Named:
    """The features by number, and their weights [features, labels]."""

    number: dict[str, int]
    weights: Weights


RATE = 0.25
EPOCHS = 3
DROP = 0.3
"""The share of features hidden while training, so that no one of them carries a meaning by itself."""
SURE = 0.97
"""What is known as surely as this is not learnt again."""
SHRINK = 0.00002
FEWEST = 4


def cases(made: Iterable[Sequence[Span]], words: Words, labels: dict[str, int]) -> list[tuple[set[str], int]]:
    """Features and label of each part."""
    found = []
    for spans in made:
        for label, said in spans:
            part = tokens(written(" ".join(said).replace(" '", "'")), words)
            if part:
                found.append((naming.features(part), labels[label]))
    return found


def train(named: Sequence[tuple[set[str], int]], labels: int, epochs: int = EPOCHS, seed: int = 11) -> Named:
    """Weights of the features that came often enough."""
    seen = Counter(name for names, _ in named for name in names)
    number = {name: at for at, name in enumerate(sorted(name for name, n in seen.items() if n >= FEWEST))}
    known = [
        (np.array(sorted(number[name] for name in names if name in number), dtype=np.int32), label)
        for names, label in named
    ]
    weights = np.zeros((len(number), labels), dtype=np.float32)
    order, rng = random.Random(seed), np.random.default_rng(seed)
    for epoch in range(epochs):
        order.shuffle(known)
        rate = RATE * (1 - epoch / epochs) ** 0.5
        wrong = sum(_learn(case, weights, rate, rng) for case in known)
        sys.stderr.write(f"naming, epoch {epoch + 1}: {wrong} of {len(known)} unsure\n")
    return Named(number, weights)


def _learn(case: Case, weights: Weights, rate: float, rng: np.random.Generator) -> bool:
    rows, label = case
    rows = rows[rng.random(len(rows)) >= DROP]
    if not len(rows):
        return False
    size = np.float32(len(rows) ** 0.5)
    taken = weights[rows]
    score = taken.sum(axis=0)
    chance = np.exp(score - score.max())
    chance /= chance.sum()
    if chance[label] > SURE:
        return False
    chance[label] -= 1
    weights[rows] = taken * np.float32(1 - SHRINK) - np.float32(rate) / size * chance
    return True
