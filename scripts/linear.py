"""A small linear model that cuts an utterance into parts and names each: a semi-Markov tagger with sparse weights.

Every word votes for the names it is evidence for, by itself, with its neighbours, by the list it belongs to and by
its sound. The best cutting is found by dynamic programming: linear in the words, so a monologue costs no surprise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scripts.phrases import Token, sound

CUT_COST = 20.0
"""What a cut must earn: a needless part would be a question that nobody asked."""
_ROLES = {
    "Q": "what where who when which how why describe tell spell",
    "A": "is are was were has have had did does do will can could would should shall may might",
    "S": "he she they it you we i there anyone someone that this everyone",
    "D": "the your his her their a any my our",
    "J": "and or but so then also plus because cause",
    "P": "in on at to of for with from by about into up out",
    "N": "not no never",
}
ROLES = {word: role for role, words in _ROLES.items() for word in words.split()}
"""What a word does in a sentence: a question that opens as questions do is known whatever its other words."""
BOUNDARY = "|"
"""The name, beside those of the parts, under which evidence for a cut is kept."""


@dataclass(frozen=True, slots=True)
class Part:
    """Tokens `start` to `end` (exclusive) and how far they say so, by label, in tenths of weight."""

    start: int
    end: int
    votes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature: pairs of label and weight in tenths. The last label is the boundary."""

    labels: tuple[str, ...]
    weights: Mapping[str, Sequence[tuple[int, int]]]


def features(found: Sequence[Token], i: int) -> Iterator[str]:
    """What token `i` shows of the part that it is in."""
    w, k = found[i].word, found[i].kind
    w1, k1 = (found[i - 1].word, found[i - 1].kind) if i > 0 else ("<", "<")
    w2, k2 = (found[i - 2].word, found[i - 2].kind) if i > 1 else ("<", "<")
    w3 = found[i - 3].word if i > 2 else "<"
    s, s1 = sound(w), sound(w1)
    yield w
    yield f"{w1} {w}"
    yield f"{w2} {w1} {w}"
    yield f"{w2} _ {w}"
    yield f"{w3} _ _ {w}"
    yield f"~{s}"
    yield f"~{s1} {s}"
    if len(s1 + s) > 3:
        yield f"~{s1}{s}"
    yield f"^{w[:4]}"
    if k != w or k1 != w1 or k2 != w2:
        yield f"={k1} {k}"
        yield f"={k2} {k1} {k}"
        yield f"={k2} _ {k}"
    if k != w:
        yield f"={k}"
    for j in range(i - 2, max(-1, i - 8), -1):
        if ROLES.get(found[j].word) == "Q":
            yield f"{found[j].word}.. {w}"
            break


def openings(found: Sequence[Token], i: int) -> Iterator[str]:
    """What token `i` shows if a part starts with it."""
    w, k = found[i].word, found[i].kind
    w1, k1 = (found[i + 1].word, found[i + 1].kind) if i + 1 < len(found) else (">", ">")
    w2 = found[i + 2].word if i + 2 < len(found) else ">"
    yield f"[{w}"
    yield f"[{w} {w1}"
    yield f"[{w} {w1} {w2}"
    yield f"[={k} {k1}"


def cuts(found: Sequence[Token], i: int) -> Iterator[str]:
    """What shows whether there is a cut before token `i`, whatever the parts."""
    w, w0 = found[i].word, found[i - 1].word if i else "<"
    w1 = found[i + 1].word if i + 1 < len(found) else ">"
    mark = found[i].mark
    if mark and i:
        yield f"{mark}|"
        yield f"{mark}|{w}"
        yield f"{w0}{mark}|"
    r0, r, r1 = role(found, i - 1), role(found, i), role(found, i + 1)
    yield f"@|{r} {r1}"
    yield f"@{r0}|{r} {r1}"
    yield f"@{r0}|{r} {r1} {role(found, i + 2)}"
    yield f"@{role(found, i - 2)} {r0}|{r} {r1}"
    yield f"@{r0}|{w}"
    yield f"@{w0}|{r}"
    yield f"|{w}"
    yield f"{w0}|"
    yield f"{w0}|{w}"
    yield f"|{w} {w1}"
    yield f"{w0}|{w} {w1}"


def role(found: Sequence[Token], i: int) -> str:
    """The role of token `i` ("-" for a word of none), or what stands before the first and after the last."""
    return ROLES.get(found[i].word, "-") if 0 <= i < len(found) else "<" if i < 0 else ">"


def parts(found: Sequence[Token], model: Model, lean: Mapping[int, float]) -> list[Part]:
    """The best cutting of the tokens; `lean` favours a label (by index) a little whenever a part starts."""
    if not found:
        return []
    count = len(model.labels) - 1
    emissions = [_votes(features(found, i), model, count) for i in range(len(found))]
    begun = [_votes(openings(found, i), model, count) for i in range(len(found))]
    for label, extra in lean.items():
        for row in begun:
            row[label] += extra
    return _trace(emissions, begun, *_best(found, emissions, begun, model))


def _votes(names: Iterator[str], model: Model, count: int) -> list[float]:
    votes = [0.0] * count
    weights = model.weights
    for name in names:
        for label, weight in weights.get(name, ()):
            votes[label] += weight
    return votes


def _best(
    found: Sequence[Token], emissions: list[list[float]], begun: list[list[float]], model: Model
) -> tuple[list[list[bool]], list[int]]:
    """For each token and label whether a part starts there, and the best label of the token before it."""
    score: list[float] = []
    starts: list[list[bool]] = []
    before: list[int] = []
    for i, emission in enumerate(emissions):
        cut = sum(weight for name in cuts(found, i) for _, weight in model.weights.get(name, ())) - CUT_COST
        top = max(score) if score else 0.0
        before.append(score.index(top) if score else -1)
        fresh = [top + cut + o for o in begun[i]]
        fresh_wins = [not score or f > s for f, s in zip(fresh, score or fresh, strict=True)]
        score = [
            (f if wins else s) + e for f, s, e, wins in zip(fresh, score or fresh, emission, fresh_wins, strict=True)
        ]
        starts.append(fresh_wins)
    before.append(score.index(max(score)))
    return starts, before


def _trace(
    emissions: list[list[float]], begun: list[list[float]], starts: list[list[bool]], before: list[int]
) -> list[Part]:
    found: list[Part] = []
    end = len(emissions)
    label = before[end]
    for i in range(end - 1, -1, -1):
        if not starts[i][label]:
            continue
        found.append(Part(i, end, tuple(map(sum, zip(begun[i], *emissions[i:end], strict=True)))))
        end, label = i, before[i]
    return found[::-1]
