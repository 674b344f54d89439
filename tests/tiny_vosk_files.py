"""The files of the tiny Vosk model, as Kaldi and OpenFst read them."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]
MOVE, WORD, UNKNOWN_WORD, UNKNOWN_PHONE = 0.7, 4.0, 8.0, 6.0
"""Graph costs: each step, each word, each word outside the vocabulary and each of its phones."""
BEGIN, INSIDE, END, SINGLE = range(4)
MODEL_CONF = """--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=6.0
--acoustic-scale=0.7
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""


def _phone_id(number: int, place: int) -> int:
    """Kaldi's phone for a class at a place in its word: silence is 1 and knows no place."""
    return 1 if number == 0 else 2 + 4 * (number - 1) + place


def write_model(folder: Path, network: list[Sound], priors: Sound, ceps: int, taps: Sequence[int]) -> None:
    """am/final.mdl in Kaldi's text mode: one state for each phone, then the network."""
    phones = 4 * (len(priors) - 1) + 1
    ids = range(1, phones + 1)
    topology = (
        f"<Topology>\n<TopologyEntry>\n<ForPhones>\n{' '.join(map(str, ids))}\n</ForPhones>\n"
        "<State> 0 <PdfClass> 0 <Transition> 0 0.5 <Transition> 1 0.5 </State>\n<State> 1 </State>\n"
        "</TopologyEntry>\n</Topology>\n"
    )
    triples = "".join(f"{phone} 0 {(phone + 2) // 4}\n" for phone in ids)
    chances = _row([0.0] + [-0.693147] * (2 * phones))
    transitions = (
        f"<TransitionModel>\n{topology}<Triples> {phones}\n{triples}</Triples>\n"
        f"<LogProbs>\n{chances}</LogProbs>\n</TransitionModel>\n"
    )
    names = ["affine1", "relu1", "affine2", "relu2", "affine3", "softmax"]
    window = ", ".join(f"Offset(input, {tap})" for tap in taps)
    nodes = [f"input-node name=input dim={ceps}"]
    for name, source in zip(names, [f"Append({window})", *names], strict=False):
        nodes.append(f"component-node name={name} component={name} input={source}")
    nodes.append(f"output-node name=output input={names[-1]} objective=linear")
    parts = []
    for layer in range(3):
        weights, biases = network[2 * layer : 2 * layer + 2]
        parts.append(_affine(weights, biases))
        parts.append(_simple("RectifiedLinear" if layer < 2 else "LogSoftmax", len(biases)))
    components = "".join(f"<ComponentName> {name} {part}" for name, part in zip(names, parts, strict=True))
    text = (
        f"{transitions}<Nnet3> \n" + "\n".join(nodes) + f"\n\n<NumComponents> {len(parts)}\n{components}</Nnet3>\n"
        f"<LeftContext> {-taps[0]} <RightContext> {taps[-1]} <Priors> {_row(priors)}"
    )
    write(folder / "am/final.mdl", text)
    write(folder / "conf/model.conf", MODEL_CONF)


def _row(numbers: Sequence[float] | Sound) -> str:
    return " [ " + " ".join(f"{number:.6g}" for number in numbers) + " ]\n"


def _affine(weights: Sound, biases: Sound) -> str:
    rows = "\n".join("  " + " ".join(f"{number:.5g}" for number in row) for row in weights.T)
    return f"<FixedAffineComponent> <LinearParams>  [\n{rows} ]\n<BiasParams> {_row(biases)}</FixedAffineComponent>\n"


def _simple(kind: str, size: int) -> str:
    return (
        f"<{kind}Component> <Dim> {size} <ValueAvg>  [ ]\n<DerivAvg>  [ ]\n<Count> 0 <OderivRms>  [ ]\n"
        f"<OderivCount> 0 <NumDimsSelfRepaired> 0 <NumDimsProcessed> 0 </{kind}Component>\n"
    )


@dataclass
class Graph:
    """A weighted transducer: for each state its arcs (in, out, cost, next), and which states are final."""

    arcs: list[list[tuple[int, int, float, int]]] = field(default_factory=list)
    final: set[int] = field(default_factory=set)

    def state(self) -> int:
        self.arcs.append([])
        return len(self.arcs) - 1

    def arc(self, start: int, end: int, label: int = 0, out: int = 0, cost: float = MOVE) -> None:
        self.arcs[start].append((label, out, cost, end))

    def phone(self, start: int, phone: int, out: int = 0, cost: float = MOVE) -> int:
        """A phone of any length, as Kaldi numbers its transitions; returns the state after it."""
        after = self.state()
        self.arc(start, after, 2 * phone, out, cost)
        self.arc(after, after, 2 * phone - 1)
        return after

    def bytes(self) -> bytes:
        """OpenFst's vector FST of standard arcs, version 2."""
        count = sum(map(len, self.arcs))
        names = b"".join(struct.pack("<i", len(name)) + name for name in (b"vector", b"standard"))
        parts = [struct.pack("<i", 2125659606), names, struct.pack("<iiQqqq", 2, 0, 3, 0, len(self.arcs), count)]
        for state, arcs in enumerate(self.arcs):
            parts.append(struct.pack("<fq", 0.0 if state in self.final else float("inf"), len(arcs)))
            parts += [struct.pack("<iifi", *arc) for arc in arcs]
        return b"".join(parts)


def write_graph(folder: Path, words: dict[str, set[tuple[int, ...]]], classes: int) -> None:
    numbers = {"<eps>": 0, "[unk]": 1} | {word: at for at, word in enumerate(words, start=2)}
    graph = Graph()
    start, between = graph.state(), graph.state()
    graph.arc(start, between)
    silence = graph.phone(start, 1)
    graph.arc(silence, between)
    graph.final |= {start, silence}
    for word, pronunciations in words.items():
        for pronunciation in sorted(pronunciations):
            _add_word(graph, pronunciation, numbers[word], between, start)
    _add_unknown(graph, classes, numbers["[unk]"], between, start)
    grammar = Graph([[(number, number, WORD, 0) for number in range(1, len(numbers))]], {0})
    write(folder / "graph/HCLr.fst", graph.bytes())
    write(folder / "graph/Gr.fst", grammar.bytes())
    write(folder / "graph/disambig_tid.int", "")
    write(
        folder / "graph/words.txt", "".join(f"{word} {at}\n" for word, at in numbers.items()) + f"#0 {len(numbers)}\n"
    )
    kinds = itertools.cycle(("begin", "internal", "end", "singleton"))
    places = (f"{phone} {next(kinds)}\n" for phone in range(2, 4 * (classes - 1) + 2))
    write(folder / "graph/phones/word_boundary.int", "1 nonword\n" + "".join(places))


def _add_word(graph: Graph, pronunciation: Sequence[int], word: int, start: int, end: int) -> None:
    state, last = start, len(pronunciation) - 1
    for at, number in enumerate(pronunciation):
        place = SINGLE if last == 0 else BEGIN if at == 0 else END if at == last else INSIDE
        state = graph.phone(state, _phone_id(number, place), out=word if at == 0 else 0)
    graph.arc(state, end, cost=0.0)


def _add_unknown(graph: Graph, count: int, word: int, start: int, end: int) -> None:
    """Any two or more phones, at a price that any known word undercuts."""
    hub = graph.state()
    for number in range(1, count):
        begun = graph.phone(start, _phone_id(number, BEGIN), word, UNKNOWN_WORD + UNKNOWN_PHONE)
        inside = graph.phone(hub, _phone_id(number, INSIDE), cost=UNKNOWN_PHONE)
        ended = graph.phone(hub, _phone_id(number, END), cost=UNKNOWN_PHONE)
        graph.arc(begun, hub, cost=0.0)
        graph.arc(inside, hub, cost=0.0)
        graph.arc(ended, end, cost=0.0)


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
