"""An averaged max-margin perceptron for cutting an utterance into parts and naming them."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

RATE = 0.2
MARGIN = 2.0
CUT_MARGIN = (2.0, 1.0)
"""By how much a needless cut must be worth less than none, and a needful one more."""
DROP = 0.4
"""The share of features hidden while training, so that no one word carries a meaning by itself."""

Rows = NDArray[np.int32]
Owners = NDArray[np.int64]
Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """Feature numbers by token and, for each token, its label and whether a part starts there."""

    emission: list[Rows]
    opening: list[Rows]
    cut: list[Rows]
    gold: list[int]
    starts: list[bool]


@dataclass
class Learnt:
    """Weights [features, labels + boundary] and the sum of their changes, each by how late it came."""

    weights: Weights
    total: Weights

    def add(self, rows: Rows, columns: Owners, by: float | Weights, left: float) -> None:
        at = rows.astype(np.int64) * self.weights.shape[1] + columns
        np.add.at(self.weights.reshape(-1), at, by)
        np.add.at(self.total.reshape(-1), at, by * (1 - left))


def train(
    examples: list[Example], features: int, labels: int, epochs: int, before: Weights | None = None, seed: int = 7
) -> Weights:
    """Averaged weights [features, labels + boundary]; `before` are those to go on from (none: zeros)."""
    weights = np.zeros((features, labels + 1), dtype=np.float32) if before is None else before.copy()
    learnt = Learnt(weights, np.zeros_like(weights))
    order = random.Random(seed)
    rng = np.random.default_rng(seed)
    steps = len(examples) * epochs
    examples = list(examples)
    for epoch in range(epochs):
        order.shuffle(examples)
        done = epoch * len(examples)
        wrong = sum(_learn(ex, learnt, 1 - (done + i) / steps, rng) for i, ex in enumerate(examples))
        sys.stderr.write(f"epoch {epoch + 1}: {wrong} of {len(examples)} within the margin\n")
    return learnt.weights - learnt.total


def align(ex: Example, weights: Weights, wanted: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Where the parts of an utterance begin, when only their labels are known: pairs of token and label.

    `wanted` are the sets of labels that would do; the parts may come in any order.
    """
    em, op, cut = (_scores(rows, weights) for rows in (ex.emission, ex.opening, ex.cut))
    columns = np.cumsum(em, axis=0)
    best, cuts = -np.inf, [(0, wanted[0][0])]
    for order in {one for labels in wanted for one in permutations(labels)}:
        if len(order) > len(em):
            continue
        score, begins = _forced(order, columns, op, cut[:, -1])
        if score > best:
            best, cuts = score, list(zip(begins, order, strict=True))
    return cuts


def _forced(order: Sequence[int], columns: Weights, op: Weights, cut: Weights) -> tuple[float, list[int]]:
    """The best score of the labels in this order and where each begins; `columns` are running sums."""
    length = len(columns)
    before = np.full(length, -np.inf)
    before[0] = 0.0
    chosen = []
    for label in order:
        run = columns[:, label]
        begin = before + op[:, label] + cut - np.concatenate(([0.0], run[:-1]))
        best = np.maximum.accumulate(begin)
        where = np.array([int(begin[: i + 1].argmax()) for i in range(length)])
        chosen.append(where)
        ended = best + run
        before = np.concatenate(([-np.inf], ended[:-1]))
    end, begins = length - 1, []
    for where in reversed(chosen):
        begins.append(int(where[end]))
        end = begins[-1] - 1
    return float(ended[-1]), begins[::-1]


def decode(em: Weights, op: Weights, cut: Weights) -> tuple[list[int], list[bool]]:
    """The best labels and starts for emissions, openings [tokens, labels] and cuts [tokens]."""
    length = len(em)
    score = op[0] + cut[0] + em[0]
    fresh_wins = [np.ones(em.shape[1], dtype=bool)]
    before = [0]
    for i in range(1, length):
        best = int(score.argmax())
        fresh = score[best] + cut[i] + op[i]
        fresh_wins.append(fresh > score)
        score = np.maximum(fresh, score) + em[i]
        before.append(best)
    label = int(score.argmax())
    labels, starts = [0] * length, [False] * length
    for i in range(length - 1, -1, -1):
        labels[i] = label
        if fresh_wins[i][label]:
            starts[i] = True
            label = before[i]
    return labels, starts


def _scores(rows: list[Rows], weights: Weights) -> Weights:
    return np.array([weights[row].sum(axis=0) for row in rows])


def _flatten(rows: list[Rows], rng: np.random.Generator) -> tuple[Rows, Owners]:
    """All feature numbers after hiding some, and the token of each."""
    flat = np.concatenate(rows)
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    keep = rng.random(len(flat)) >= DROP
    return flat[keep], owner[keep]


def _summed(flat: Rows, owner: Owners, length: int, weights: Weights) -> Weights:
    """The sum of the features' weights by token: a product with a matrix of ones is the quickest way to add rows."""
    belongs = np.zeros((length, len(flat)), dtype=np.float32)
    belongs[owner, np.arange(len(flat))] = 1
    return belongs @ weights[flat]


def _learn(ex: Example, learnt: Learnt, left: float, rng: np.random.Generator) -> bool:
    length, weights = len(ex.gold), learnt.weights
    (ei, eo), (oi, oo), (ci, co) = (_flatten(rows, rng) for rows in (ex.emission, ex.opening, ex.cut))
    labels = weights.shape[1] - 1
    em = _summed(ei, eo, length, weights)[:, :labels] + MARGIN
    op = _summed(oi, oo, length, weights)[:, :labels]
    cut = np.bincount(co, weights[ci, labels], length).astype(np.float32)
    cut += np.where(ex.starts, -CUT_MARGIN[1], CUT_MARGIN[0]).astype(np.float32)
    em[np.arange(length), ex.gold] -= MARGIN
    guess, starts = decode(em, op, cut)
    if guess == ex.gold and starts == ex.starts:
        return False
    gold, guessed = np.array(ex.gold), np.array(guess)
    moved = gold[eo] != guessed[eo]
    learnt.add(ei[moved], gold[eo][moved], RATE, left)
    learnt.add(ei[moved], guessed[eo][moved], -RATE, left)
    begins, began = np.array(ex.starts), np.array(starts)
    at, was = begins[oo], began[oo]
    learnt.add(oi[at], gold[oo][at], RATE, left)
    learnt.add(oi[was], guessed[oo][was], -RATE, left)
    change = begins[co].astype(np.float32) - began[co].astype(np.float32)
    learnt.add(ci, np.full(len(ci), labels), RATE * change, left)
    return True
