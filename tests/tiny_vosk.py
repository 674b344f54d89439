"""A real Vosk model of 2 MB, made here from synthetic speech in a few seconds.

Vosk's library is Kaldi; its models are megabytes to download, which tests must not. So this trains a small
neural network on one voice of espeak-ng (from the `espeakng_loader` wheel) and writes Kaldi's files. It
recognises that voice speaking its own vocabulary, and nothing else: a test double for the acoustics, but
every line of the engine above them is the real one.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tiny_vosk_files import write, write_graph, write_model
from tiny_vosk_voice import RATE, SILENCE, Espeak, Sound, Spoken

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHIFT, WINDOW = 160, 400
LOWEST, HIGHEST, MELS, CEPS = 60, 3700, 30, 20
"""Nothing above 3.7 kHz is used, so telephone and microphone sound look the same."""
TAPS = range(-14, 15, 2)
HIDDEN, BATCH, EPOCHS, LEARNING_RATE = 320, 768, 10, 3e-3
SENTENCES, COPIES = 100, 3
LONG_PHONE = 0.09
"""Phones that last longer on average (seconds) are split in two, which sets them a minimum length."""
MFCC_CONF = f"""--sample-frequency={RATE}
--use-energy=false
--num-mel-bins={MELS}
--num-ceps={CEPS}
--low-freq={LOWEST}
--high-freq={HIGHEST}
--dither=0
"""


def build(folder: Path, phrases: Sequence[str], extra: Sequence[str] = ()) -> None:
    """Write a model that knows the words of `phrases` and `extra` into an empty `folder`."""
    rng, draw, espeak = np.random.default_rng(7), random.Random(7), Espeak()
    vocabulary = sorted({word for phrase in (*phrases, *extra) for word in phrase.split()})
    texts = [*phrases, *_random_sentences(vocabulary, draw)]
    spoken = [espeak.say(text) for text in texts]
    classes = _classes(spoken)
    data = [_frames(*_augmented(each, rng), classes, draw) for each in spoken for _ in range(COPIES)]
    inputs, labels = (np.concatenate(part) for part in zip(*data, strict=True))
    network, priors = _train(inputs, labels, classes.count, rng)
    write(folder / "conf/mfcc.conf", MFCC_CONF)
    write_model(folder, network, priors, CEPS, TAPS)
    words = {word: {classes.of(phones) for phones in _pronunciations(word, espeak)} for word in vocabulary}
    write_graph(folder, words, classes.count)


def _random_sentences(vocabulary: Sequence[str], draw: random.Random) -> Iterator[str]:
    for _ in range(SENTENCES):
        words = draw.choices(vocabulary, k=draw.randint(2, 7))
        yield "".join(word + (", " if draw.random() < 0.15 else " ") for word in words)


def _pronunciations(word: str, espeak: Espeak) -> set[tuple[str, ...]]:
    """A word's phones alone and in front of others: "the" has two forms."""
    found = {_bare(espeak.say(word))}
    for after in ("nine", "eight"):
        tail = _bare(espeak.say(after))
        both = _bare(espeak.say(f"{word} {after}"))
        if both[-len(tail) :] == tail:
            found.add(both[: -len(tail)])
    return {phones for phones in found if phones}


def _bare(spoken: Spoken) -> tuple[str, ...]:
    return tuple(name for name, _ in spoken.phones if name != SILENCE)


@dataclass
class Classes:
    """What the network tells apart: 0 is silence, then each phone or half of a long one."""

    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return 1 + sum(map(len, self.numbers.values()))

    def of(self, phones: Sequence[str]) -> tuple[int, ...]:
        """Of a pronunciation; a phone never spoken in training is left out."""
        return tuple(number for name in phones for number in self.numbers.get(name, ()))


def _segments(spoken: Spoken) -> Iterator[tuple[str, float, float]]:
    ends = [start for _, start in spoken.phones[1:]] + [len(spoken.sound) / RATE]
    for (name, start), end in zip(spoken.phones, ends, strict=True):
        yield name, start, end


def _classes(spoken: Sequence[Spoken]) -> Classes:
    lengths = defaultdict(list)
    for each in spoken:
        for name, start, end in _segments(each):
            lengths[name].append(end - start)
    classes = Classes()
    for name in sorted(lengths.keys() - {SILENCE}):
        first = classes.count
        parts = 2 if np.mean(lengths[name]) >= LONG_PHONE else 1
        classes.numbers[name] = tuple(range(first, first + parts))
    return classes


def _augmented(spoken: Spoken, rng: np.random.Generator) -> tuple[Sound, list[tuple[str, float, float]]]:
    """Another speed, loudness, noise and line, with silence on both sides; and where the phones now are."""
    speed, before = rng.uniform(0.88, 1.14), rng.uniform(0, 0.5)
    places = np.arange(int(len(spoken.sound) / speed)) * speed
    sound = np.interp(places, np.arange(len(spoken.sound)), spoken.sound)
    sound = np.pad(sound, (int(before * RATE), int(rng.uniform(0, 0.5) * RATE)))
    sound *= 10 ** (rng.uniform(-22, 3) / 20)
    if rng.random() < 0.6:
        sound += rng.normal(0, 10 ** rng.uniform(0, 2), len(sound))
    if rng.random() < 0.4:
        sound = _companded(sound)
    moved = [(name, start / speed + before, end / speed + before) for name, start, end in _segments(spoken)]
    return np.rint(sound).clip(-32768, 32767), moved


def _companded(sound: Sound) -> Sound:
    """The steps of mu-law."""
    squeezed = np.sign(sound) * np.log1p(255 * np.abs(sound) / 32768) / np.log(256)
    steps = np.rint(squeezed.clip(-1, 1) * 127) / 127
    return np.asarray(np.sign(steps) * (256 ** np.abs(steps) - 1) / 255 * 32768)


def _frames(
    sound: Sound, segments: Sequence[tuple[str, float, float]], classes: Classes, draw: random.Random
) -> tuple[Sound, NDArray[np.int64]]:
    """Every third frame with its surroundings, and the class that it sounds."""
    ceps = mfcc(sound)
    labels = np.zeros(len(ceps), dtype=np.int64)
    middle = np.arange(len(ceps)) * SHIFT / RATE + WINDOW / RATE / 2
    for name, start, end in segments:
        parts = classes.numbers.get(name, (0,))
        for part, number in enumerate(parts):
            low, high = (start + (end - start) * (part + edge) / len(parts) for edge in (0, 1))
            labels[(middle >= low) & (middle < high)] = number
    chosen = np.arange(draw.randrange(3), len(ceps), 3)
    around = (chosen[:, None] + np.array(TAPS)).clip(0, len(ceps) - 1)
    return ceps[around].reshape(len(chosen), -1), labels[chosen]


def mfcc(sound: Sound) -> Sound:
    """Kaldi's mel-frequency cepstra with the settings of MFCC_CONF."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::SHIFT]
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    shape = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))) ** 0.85
    power = np.abs(np.fft.rfft(frames * shape, 512)[:, :256]) ** 2
    mels, cosines = _mel_and_cosine()
    return np.asarray(np.log(np.maximum(power @ mels, 1.19e-7)) @ cosines)


@lru_cache(maxsize=1)
def _mel_and_cosine() -> tuple[Sound, Sound]:
    def mel(hertz: float | Sound) -> Sound:
        return np.asarray(1127 * np.log(1 + np.asarray(hertz) / 700))

    bins = mel(np.arange(256) * RATE / 512)[:, None]
    edges = np.linspace(mel(LOWEST), mel(HIGHEST), MELS + 2)
    step = edges[1] - edges[0]
    triangles = np.maximum(0, 1 - np.abs(bins - edges[1:-1]) / step)
    order = np.arange(CEPS)
    cosines = np.cos(np.pi / MELS * (np.arange(MELS)[:, None] + 0.5) * order) * np.sqrt(2 / MELS)
    cosines[:, 0] = np.sqrt(1 / MELS)
    return triangles, cosines * (1 + 11 * np.sin(np.pi * order / 22))


def _train(
    inputs: Sound, labels: NDArray[np.int64], classes: int, rng: np.random.Generator
) -> tuple[list[Sound], Sound]:
    """Weights and biases of a network of two hidden layers, by Adam; and how common each class is."""
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    scaled = ((inputs - mean) / spread).astype(np.float32)
    sizes = [scaled.shape[1], HIDDEN, HIDDEN, classes]
    layers: list[Sound] = []
    for wide, out in itertools.pairwise(sizes):
        layers += [rng.normal(0, np.sqrt(2 / wide), (wide, out)).astype(np.float32), np.zeros(out, np.float32)]
    drift, square = [np.zeros_like(x) for x in layers], [np.zeros_like(x) for x in layers]
    total, step = EPOCHS * (len(scaled) // BATCH), 0
    for _ in range(EPOCHS):
        for batch in np.split(rng.permutation(len(scaled)), range(BATCH, len(scaled), BATCH))[:-1]:
            step += 1
            rate = LEARNING_RATE * min(step / 100, 1) * (1 - step / (total + 1))
            for at, slope in enumerate(_slopes(layers, scaled[batch], labels[batch])):
                drift[at] = 0.9 * drift[at] + 0.1 * slope
                square[at] = 0.999 * square[at] + 0.001 * slope**2
                root = np.sqrt(square[at] / (1 - 0.999**step)) + 1e-8
                layers[at] -= rate * (drift[at] / (1 - 0.9**step)) / root
    layers[0] = layers[0] / spread[:, None]
    layers[1] = layers[1] - mean @ layers[0]
    counts = np.bincount(labels, minlength=classes) + 1.0
    return layers, counts / counts.sum()


def _slopes(layers: list[Sound], inputs: Sound, labels: NDArray[np.int64]) -> list[Sound]:
    """The gradient of the cross entropy by each of the layers."""
    first = np.maximum(inputs @ layers[0] + layers[1], 0)
    second = np.maximum(first @ layers[2] + layers[3], 0)
    scores = second @ layers[4] + layers[5]
    wrong = np.exp(scores - scores.max(axis=1, keepdims=True))
    wrong /= wrong.sum(axis=1, keepdims=True)
    wrong[np.arange(len(labels)), labels] -= 1
    wrong /= len(labels)
    at_second = (wrong @ layers[4].T) * (second > 0)
    at_first = (at_second @ layers[2].T) * (first > 0)
    return [
        inputs.T @ at_first,
        at_first.sum(axis=0),
        first.T @ at_second,
        at_second.sum(axis=0),
        second.T @ wrong,
        wrong.sum(axis=0),
    ]
