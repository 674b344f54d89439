"""Train the model of `scripts.understanding` from the sentence patterns of `scripts/lexicon`.

Run as `python -m bench.train_understanding`: the same patterns give the same `scripts/lexicon/understanding.json`.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import grammar
from bench.grammar import LEXICON, Grammar, Span
from scripts import linear
from scripts.phrases import Words, sound, tokens, written

SENTENCES = 60_000
EPOCHS = 4
RATE = 0.2
MARGIN = 1.0
CUT_MARGIN = (2.0, 1.0)
"""By how much a needless cut must be worth less than none, and a needful one more."""
DROP = 0.25
"""The share of features hidden while training, so that no one word carries a meaning by itself."""
SMALLEST = 0.6
FEWEST = 4

NO_END = frozenset({"chatter", "readback", "close", "greeting", "reference"})
WEIGHTS = {
    "chatter": 4.0, "deploy": 2.2, "none": 1.2, "resolve": 1.6, "readback": 1.6, "reassure": 1.5, "advise": 1.8,
    "promise+deploy": 0.8, "dismiss": 1.6, "repeat": 1.3, "deploy+refer.ambulance": 0.2, "deploy+refer.fire": 0.15,
}  # fmt: skip
"""How often a label is drawn against the others (1, and 0.35 for each agency)."""
NUMBERS = "hundred oh double triple zero twenty thirty forty fifty sixty seventy eighty ninety"
PUNCTUATED = 0.4
"""The share of training utterances that carry stops: some recognisers and all typed calls write them."""
_PLAIN = re.compile(r"[a-z]+(?:'[a-z]+)*")
Near = dict[str, list[str]]
Rows = NDArray[np.int32]
Columns = NDArray[np.int64]
Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """Feature numbers by token and, for each token, its label and whether a part starts there."""

    emission: list[NDArray[np.int32]]
    opening: list[NDArray[np.int32]]
    cut: list[NDArray[np.int32]]
    gold: list[int]
    starts: list[bool]


def lexicon_words() -> Words:
    raw = tomllib.loads((LEXICON / "words.toml").read_text(encoding="utf-8"))
    slots: dict[str, list[str]] = tomllib.loads((LEXICON / "slots.toml").read_text(encoding="utf-8"))
    same = {word: row[0] for row in reversed(raw["homophones"]) for word in row[1:]}
    spoken = {**raw["spoken"]}
    kinds: dict[str, str] = {}
    for name in raw["kinds"]["from"]:
        kind = "number" if name == "digit" else name
        for said in slots[name]:
            if " " not in said and "{" not in said and said not in {"a", "i", "on", "with"}:
                kinds.setdefault(same.get(said, said), kind)
    kinds.update(dict.fromkeys(NUMBERS.split(), "number"))
    for kind, said_words in raw["kinds"]["also"].items():
        kinds.update(dict.fromkeys(said_words, kind))
    return Words(same, spoken, raw["letters"], frozenset(raw["acronyms"]), kinds)


def utterance(
    meanings: Grammar, labels: list[str], weights: list[float], near: Near, rng: random.Random
) -> list[Span]:
    """One to four sentences joined as people join them, some words misheard or lost."""
    spans: list[Span] = []
    for place in range(rng.choices((1, 2, 3, 4), (40, 31, 20, 9))[0]):
        label = rng.choices(labels, weights)[0]
        said = grammar.sentence(label, meanings, rng)
        lead = rng.choice(meanings.joins if place else meanings.starts) if place or rng.random() < 0.5 else ""
        said[0] = (said[0][0], lead.split() + said[0][1])
        if label not in NO_END and rng.random() < 0.4:
            said[-1] = (said[-1][0], said[-1][1] + rng.choice(meanings.ends).split())
        tails = meanings.tails.get(re.split(r"[.+]", label)[0])
        if tails and rng.random() < 0.3:
            said += grammar.spans(said[-1][0], grammar.expand(rng.choice(tails), meanings, rng))
        spans += said
    heard = [(label, misheard(words, near, rng)) for label, words in spans]
    return _merged(punctuated(heard, rng) if rng.random() < PUNCTUATED else heard)


def _merged(spans: list[Span]) -> list[Span]:
    """Neighbours of one label made one part."""
    merged: list[Span] = []
    for label, words in spans:
        if merged and merged[-1][0] == label:
            merged[-1] = (label, merged[-1][1] + words)
        else:
            merged.append((label, words))
    return merged


def punctuated(spans: list[Span], rng: random.Random) -> list[Span]:
    """Stops as a recogniser writes them: mostly between sentences, sometimes where there is none."""
    stopped: list[Span] = []
    for label, words in spans:
        said = [word + "," if rng.random() < 0.03 else word for word in words]
        stopped.append(
            (label, [*said[:-1], said[-1].rstrip(",") + rng.choices((".", "?", ",", ""), (4, 4, 2, 1))[0]])
        )
    return stopped


def misheard(words: list[str], near: Near, rng: random.Random) -> list[str]:
    heard: list[str] = []
    for word in words:
        draw = rng.random()
        if draw < 0.03 and len(words) > 3:
            continue
        if draw > 0.96 and near.get(word):
            heard.append(rng.choice(near[word]))
        else:
            heard.append(_slip(word, rng) if 0.93 < draw < 0.95 and len(word) > 3 else word)
    return heard or words


def near_words(meanings: Grammar) -> Near:
    """For each word that training may say, the others that sound the same or one consonant apart."""
    said = {
        word
        for texts in (*meanings.patterns.values(), *meanings.slots.values())
        for word in _PLAIN.findall(" ".join(texts))
    }
    vocabulary = sorted(word for word in said if len(word) > 2)
    alike: dict[str, list[str]] = {}
    for word in vocabulary:
        for key in _keys(word):
            alike.setdefault(key, []).append(word)
    found: Near = {}
    for word in vocabulary:
        others = {other for key in _keys(word) for other in alike[key]} - {word}
        if others:
            found[word] = sorted(others)
    return found


def _keys(word: str) -> set[str]:
    """The sound of a word, and that of a long one with any one consonant unheard."""
    whole = sound(word)
    return {whole} | ({whole[:i] + whole[i + 1 :] for i in range(len(whole))} if len(whole) > 3 else set())


def _slip(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word))
    vowels = "aeiou"
    if word[i] in vowels:
        return word[:i] + rng.choice(vowels) + word[i + 1 :]
    return word[:i] + rng.choice("tdpbkgfvsznmlr") + word[i + 1 :]


class Indexer:
    """Numbers features as they come, and counts them."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.count: list[int] = []

    def __call__(self, names: Iterator[str]) -> NDArray[np.int32]:
        found = []
        for name in names:
            at = self.number.setdefault(name, len(self.number))
            if at == len(self.count):
                self.count.append(0)
            self.count[at] += 1
            found.append(at)
        return np.array(found, dtype=np.int32)

    def prune(self, examples: list[Example]) -> list[Example]:
        """Forget features that came too seldom: the examples with the others renumbered."""
        kept = [name for name, at in self.number.items() if self.count[at] >= FEWEST]
        renumbered = np.full(len(self.count), -1, dtype=np.int32)
        for new, name in enumerate(kept):
            renumbered[self.number[name]] = new
        self.number = {name: new for new, name in enumerate(kept)}

        def rows(old: list[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
            return [new[new >= 0] for new in (renumbered[row] for row in old)]

        return [Example(rows(e.emission), rows(e.opening), rows(e.cut), e.gold, e.starts) for e in examples]


def example(spans: list[Span], words: Words, index: Indexer, labels: dict[str, int]) -> Example | None:
    raw = written(" ".join(word for _, said in spans for word in said).replace(" '", "'"))
    owner = [
        (number, labels[label])
        for number, (label, said) in enumerate(spans)
        for _ in written(" ".join(said).replace(" '", "'"))
    ]
    if len(owner) != len(raw):
        return None
    found = tokens(raw, words)
    if not found:
        return None
    owners = [owner[token.at] for token in found]
    starts = [not i or owners[i][0] != owners[i - 1][0] for i in range(len(found))]
    span = range(len(found))
    return Example(
        [index(linear.features(found, i)) for i in span],
        [index(linear.openings(found, i)) for i in span],
        [index(linear.cuts(found, i)) for i in span],
        [label for _, label in owners],
        starts,
    )


def flatten(rows: list[NDArray[np.int32]], rng: np.random.Generator) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """All feature numbers after hiding some, and the token of each."""
    flat = np.concatenate(rows)
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    keep = rng.random(len(flat)) >= DROP
    return flat[keep], owner[keep]


def decode(
    em: NDArray[np.float32], op: NDArray[np.float32], cut: NDArray[np.float32]
) -> tuple[list[int], list[bool]]:
    """The best labels and starts for emissions, openings [tokens, labels] and cuts [tokens]."""
    length = len(em)
    score = op[0] + cut[0] + em[0]
    fresh_wins = [np.ones(em.shape[1], dtype=bool)]
    before = [0]
    for i in range(1, length):
        best = int(score.argmax())
        fresh = score[best] + cut[i] + op[i]
        wins = fresh > score
        score = np.where(wins, fresh, score) + em[i]
        fresh_wins.append(wins)
        before.append(best)
    label = int(score.argmax())
    labels, starts = [0] * length, [False] * length
    for i in range(length - 1, -1, -1):
        labels[i] = label
        if fresh_wins[i][label]:
            starts[i] = True
            label = before[i]
    return labels, starts


def train(examples: list[Example], features: int, labels: int, seed: int = 7) -> NDArray[np.float32]:
    """Averaged max-margin perceptron: weights [features, labels + boundary]."""
    weights = np.zeros((features, labels + 1), dtype=np.float32)
    total = np.zeros_like(weights)
    order = random.Random(seed)
    rng = np.random.default_rng(seed)
    steps = len(examples) * EPOCHS
    step = 0
    for epoch in range(EPOCHS):
        order.shuffle(examples)
        wrong = 0
        for ex in examples:
            wrong += _learn(ex, weights, total, labels, 1 - step / steps, rng)
            step += 1
        sys.stderr.write(f"epoch {epoch + 1}: {wrong} of {len(examples)} within the margin\n")
    return weights - total


def _learn(
    ex: Example,
    weights: NDArray[np.float32],
    total: NDArray[np.float32],
    labels: int,
    left: float,
    rng: np.random.Generator,
) -> bool:
    length = len(ex.gold)
    (ei, eo), (oi, oo), (ci, co) = (flatten(rows, rng) for rows in (ex.emission, ex.opening, ex.cut))
    em = np.zeros((length, labels), dtype=np.float32)
    op = np.zeros((length, labels), dtype=np.float32)
    cut = np.zeros(length, dtype=np.float32)
    np.add.at(em, eo, weights[ei, :labels])
    np.add.at(op, oo, weights[oi, :labels])
    np.add.at(cut, co, weights[ci, labels])
    em += MARGIN
    cut += np.where(ex.starts, -CUT_MARGIN[1], CUT_MARGIN[0]).astype(np.float32)
    em[np.arange(length), ex.gold] -= MARGIN
    guess, starts = decode(em, op, cut)
    if guess == ex.gold and starts == ex.starts:
        return False
    gold, guessed = np.array(ex.gold), np.array(guess)
    _move(weights, total, ei, gold[eo], guessed[eo], left)
    begins, began = np.array(ex.starts), np.array(starts)
    at, was = begins[oo], began[oo]
    _add(weights, total, oi[at], gold[oo][at], RATE, left)
    _add(weights, total, oi[was], guessed[oo][was], -RATE, left)
    change = begins[co].astype(np.float32) - began[co].astype(np.float32)
    _add(weights, total, ci, np.full(len(ci), labels), RATE * change, left)
    return True


def _move(weights: Weights, total: Weights, rows: Rows, up: Columns, down: Columns, left: float) -> None:
    moved = up != down
    _add(weights, total, rows[moved], up[moved], RATE, left)
    _add(weights, total, rows[moved], down[moved], -RATE, left)


def _add(weights: Weights, total: Weights, rows: Rows, columns: Columns, by: float | Weights, left: float) -> None:
    np.add.at(weights, (rows, columns), by)
    np.add.at(total, (rows, columns), by * (1 - left))


def pack(weights: NDArray[np.float32], index: Indexer, labels: list[str], words: Words) -> dict[str, object]:
    """The model as data: per feature the labels and tenths of weight that matter."""
    kept: dict[str, list[tuple[int, int]]] = {}
    for name, at in index.number.items():
        row = weights[at]
        pairs = [(int(c), round(float(row[c]) * 10)) for c in np.flatnonzero(np.abs(row) >= SMALLEST)]
        if pairs:
            kept[name] = pairs
    return {
        "labels": [*labels, linear.BOUNDARY],
        "words": {
            "same": words.same,
            "spoken": words.spoken,
            "letters": words.letters,
            "acronyms": sorted(words.acronyms),
            "kinds": words.kinds,
        },
        "weights": kept,
    }


def main(out: Path = LEXICON / "understanding.json", sentences: int = SENTENCES) -> None:
    rng = random.Random(2024)
    meanings, words, index = grammar.load(), lexicon_words(), Indexer()
    labels = list(meanings.patterns)
    number = {label: at for at, label in enumerate(labels)}
    draw = [WEIGHTS.get(label, 0.35 if label.startswith("refer.") else 1.0) for label in labels]
    near = near_words(meanings)
    made = (example(utterance(meanings, labels, draw, near, rng), words, index, number) for _ in range(sentences))
    examples = [one for one in made if one]
    sys.stderr.write(f"{len(examples)} sentences, {len(index.number)} features\n")
    examples = index.prune(examples)
    sys.stderr.write(f"{len(index.number)} features kept\n")
    weights = train(examples, len(index.number), len(labels))
    packed = pack(weights, index, labels, words)
    out.write_text(json.dumps(packed, separators=(",", ":")), encoding="utf-8")
    sys.stderr.write(f"{out.name}: {out.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
