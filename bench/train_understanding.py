"""Train the model of `scripts.understanding`: the patterns of `scripts/lexicon`, then the rows of `bench/corpus`.

Run as `python -m bench.train_understanding`: the same patterns and rows give the same
`scripts/lexicon/understanding.json`.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from bench import aligning, grammar, naming
from bench.grammar import LEXICON, Grammar, Span
from bench.perceptron import Example, Rows, Weights, align, train
from scripts import linear
from scripts.phrases import Words, sound, tokens, written

SENTENCES = 30_000
EPOCHS = 2
COPIES = 3
"""How often each labelled row is said, all but once with noise."""
COMBINED = 0.3
"""The share of those copies that run into another sentence."""
KEPT = 15_000
"""How many sentences of the patterns are learnt again among the rows."""
NAMED = 40_000
"""How many sentences of the patterns the model of whole parts learns from, beside the rows."""
ROW_EPOCHS = 3
SMALLEST = 8
"""Tenths of weight: less is left out, to keep the file small."""
SMALLEST_NAMED = 8
"""The same for the model of whole parts, in hundredths."""
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


def near_words(meanings: Grammar, also: Iterable[str]) -> Near:
    """For each word that training may say, the others that sound the same or one consonant apart."""
    said = {
        word
        for texts in (*meanings.patterns.values(), *meanings.slots.values(), also)
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
    """Numbers features as they come and counts them, until it is `closed`: then others are passed over."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.count: list[int] = []
        self.closed = False

    def __call__(self, names: Iterator[str]) -> Rows:
        if self.closed:
            return np.array([at for name in names if (at := self.number.get(name)) is not None], dtype=np.int32)
        found = []
        for name in names:
            at = self.number.setdefault(name, len(self.number))
            if at == len(self.count):
                self.count.append(0)
            self.count[at] += 1
            found.append(at)
        return np.array(found, dtype=np.int32)

    def prune(self, examples: list[Example]) -> list[Example]:
        """Forget features that came too seldom and close: the examples with the others renumbered."""
        kept = [name for name, at in self.number.items() if self.count[at] >= FEWEST]
        renumbered = np.full(len(self.count), -1, dtype=np.int32)
        for new, name in enumerate(kept):
            renumbered[self.number[name]] = new
        self.number = {name: new for new, name in enumerate(kept)}
        self.closed = True

        def rows(old: list[Rows]) -> list[Rows]:
            return [new[new >= 0] for new in (renumbered[row] for row in old)]

        return [Example(rows(e.emission), rows(e.opening), rows(e.cut), e.gold, e.starts) for e in examples]

    def widen(self, texts: Iterable[str], words: Words) -> None:
        """Number also the features that at least two of the texts share: one text's own would be learnt by heart."""
        seen: Counter[str] = Counter()
        for text in texts:
            found = tokens(written(text), words)
            kinds = (linear.features, linear.openings, linear.cuts)
            seen.update({name for i in range(len(found)) for kind in kinds for name in kind(found, i)})
        for name, count in sorted(seen.items()):
            if count > 1:
                self.number.setdefault(name, len(self.number))


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


def sparse(weights: Weights, number: dict[str, int], parts: int, smallest: int) -> dict[str, list[tuple[int, int]]]:
    """Per feature the labels and weights that matter, as whole numbers of so many `parts` of one."""
    kept: dict[str, list[tuple[int, int]]] = {}
    for name, at in number.items():
        row = np.rint(weights[at] * parts).astype(int)
        pairs = [(int(c), int(row[c])) for c in np.flatnonzero(np.abs(row) >= smallest)]
        if pairs:
            kept[name] = pairs
    return kept


def pack(teacher: Teacher, weights: Weights, named: naming.Named) -> dict[str, object]:
    """Both models as data, with the lexicon that their words are brought together by."""
    words = teacher.words
    return {
        "labels": [*teacher.labels, linear.BOUNDARY],
        "words": {
            "same": words.same,
            "spoken": words.spoken,
            "letters": words.letters,
            "acronyms": sorted(words.acronyms),
            "kinds": words.kinds,
        },
        "weights": sparse(weights, teacher.index.number, 10, SMALLEST),
        "naming": sparse(named.weights, named.number, 100, SMALLEST_NAMED),
    }


class Teacher:
    """What training draws from: the patterns, the labelled rows and the noise of recognisers."""

    def __init__(self, rows: list[aligning.Row]) -> None:
        self.rng = random.Random(2024)
        self.meanings, self.words, self.index = grammar.load(), lexicon_words(), Indexer()
        self.labels = list(self.meanings.patterns)
        self.number = {label: at for at, label in enumerate(self.labels)}
        self.draw = [WEIGHTS.get(label, 0.35 if label.startswith("refer.") else 1.0) for label in self.labels]
        self.rows = rows
        self.near = near_words(self.meanings, [row["utterance"].lower() for row in self.rows])

    def examples(self, made: Iterable[list[Span]]) -> list[Example]:
        found = (example(spans, self.words, self.index, self.number) for spans in made)
        return [one for one in found if one]

    def pattern(self) -> list[Span]:
        return utterance(self.meanings, self.labels, self.draw, self.near, self.rng)

    def aligned(self, row: aligning.Row, weights: Weights) -> list[Span]:
        """The row's words by label, as a model with these weights would share them out."""
        said, sets = aligning.words(row["utterance"]), aligning.wanted(row, self.number)
        if len(sets) == 1 and len(sets[0]) == 1:
            return [(sets[0][0], said)]
        found = tokens(written(" ".join(said)), self.words)
        bare = example([("chatter", said)], self.words, self.index, self.number)
        if not sets or bare is None:
            return []
        cuts = align(bare, weights, [[self.number[label] for label in labels] for labels in sets])
        return list(aligning.spans(said, [(found[at].at, self.labels[label]) for at, label in cuts]))

    def copies(self, rows: list[list[Span]]) -> Iterator[list[Span]]:
        """Each row as written, and noisy copies of it, some run into another row or a sentence of the patterns."""
        for row in rows:
            yield row
            for _ in range(COPIES - 1):
                yield self._noisy(row, rows)

    def _noisy(self, row: list[Span], rows: list[list[Span]]) -> list[Span]:
        rng = self.rng
        said = [(label, list(words)) for label, words in row]
        lead = rng.choice(self.meanings.starts).split() if rng.random() < 0.3 else []
        said[0] = (said[0][0], lead + said[0][1])
        if rng.random() < COMBINED:
            more = rng.choice(rows) if rng.random() < 0.5 else self.pattern()[:2]
            stop = rng.choice(("", ".", ",", "?"))
            label, (*most, last) = said[-1]
            said[-1] = (label, [*most, last.rstrip(".,") + stop])
            join = rng.choice(self.meanings.joins).split()
            said += [(more[0][0], join + more[0][1]), *more[1:]]
        if rng.random() < 0.5:
            said = [(label, [word.rstrip(".,?") for word in words]) for label, words in said]
        return _merged([(label, misheard(words, self.near, rng)) for label, words in said])


def learn_patterns(teacher: Teacher, sentences: int) -> tuple[Weights, list[Example]]:
    """The model of the patterns alone, with room for the features of the rows; and the examples it learnt from."""
    examples = teacher.index.prune(teacher.examples(teacher.pattern() for _ in range(sentences)))
    weights = train(examples, len(teacher.index.number), len(teacher.labels), EPOCHS)
    teacher.index.widen((row["utterance"] for row in teacher.rows), teacher.words)
    more = len(teacher.index.number) - len(weights)
    return np.concatenate((weights, np.zeros((more, weights.shape[1]), dtype=np.float32))), examples


def learn_rows(teacher: Teacher, rows: list[aligning.Row], before: Weights, patterns: list[Example]) -> Weights:
    """The model after the labelled rows too, some patterns being kept in mind."""
    aligned = [spans for spans in (teacher.aligned(row, before) for row in rows) if spans]
    examples = teacher.examples(teacher.copies(aligned)) + patterns[:KEPT]
    return train(examples, len(before), len(teacher.labels), ROW_EPOCHS, before)


def learn_names(teacher: Teacher, rows: list[aligning.Row], weights: Weights, sentences: int) -> naming.Named:
    """The model that names whole parts, from the rows as the tagger shares them out, and from the patterns."""
    aligned = [spans for spans in (teacher.aligned(row, weights) for row in rows) if spans]
    made = chain(teacher.copies(aligned), (teacher.pattern() for _ in range(sentences)))
    return naming.train(naming.cases(made, teacher.words, teacher.number), len(teacher.labels))


def model(rows: list[aligning.Row], sentences: int = SENTENCES, named: int = NAMED) -> bytes:
    """The whole model as JSON: the same bytes for the same rows and numbers of sentences."""
    teacher = Teacher(rows)
    before, patterns = learn_patterns(teacher, sentences)
    weights = learn_rows(teacher, rows, before, patterns)
    packed = pack(teacher, weights, learn_names(teacher, rows, weights, named))
    return json.dumps(packed, separators=(",", ":")).encode()


def main(out: Path = LEXICON / "understanding.json") -> None:
    out.write_bytes(model(aligning.rows()))
    sys.stderr.write(f"{out.name}: {out.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
