"""Whole calls at the pace of the world: how long a trainee waits, and how many calls one machine holds.

The trainees are synthetic, speak through the real recogniser and cost this machine their own share (about 0.3 ms
a second and call); what is measured is what the conductor stores with every call.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.figure import Figure, percentile
from scripts.cast import draw
from scripts.events import Entry, Say
from scripts.lines import LineBook
from scripts.rehearsal import TrainedTurn
from scripts.shelf import Shelf
from server.call_scripts import call_script
from server.caller_voice import BAND_MOODS, CallerVoice
from server.calls import CallResult, prepared_turns, run_call
from server.engines import Engines, prepare
from server.measures import Figures, Measures
from server.measures import figures as joined
from server.scenery import make_scenery
from server.settings import load
from server.synthetic import PreparedTurn, SyntheticHandset, by_loudness

TOGETHER = 16
FEW = 4
"""Calls at once from which the memory of further ones is counted: what they share is held by then."""
ONE_BY_ONE = 4
"""Calls for the figures of one call: a percentile of six turns would be the slowest of them."""
TURNS = 6
"""Turns of each rehearsal that are played: about 45 seconds."""
SCRIPT = "burglary-in-progress"
STATUS = Path("/proc/self/status")
KB = 1024
LONG_UTTERANCE = 15 * 2 * 16_000
"""Bytes of the longest sound that the recogniser decodes at once: fifteen seconds."""


@dataclass
class Quiet:
    """A view that only keeps what went wrong."""

    notices: list[str] = field(default_factory=list)

    def entry(self, entry: Entry) -> None: ...
    def partial(self, text: str) -> None: ...
    def time(self, now: float) -> None: ...
    def notice(self, text: str) -> None:
        self.notices.append(text)


def figures() -> Iterator[Figure]:
    """One call alone, then sixteen together, then the caller's lines by themselves."""
    with tempfile.TemporaryDirectory(prefix="rightcall-bench-") as folder:
        yield from asyncio.run(_measure(Path(folder)))


async def _measure(home: Path) -> list[Figure]:
    async with prepare(load(home)) as engines:
        lines = await _lines(engines)
        alone = joined([await _alone(engines, number) for number in range(ONE_BY_ONE)])
        await _warm_all(engines)  # lines and scenes are the process's, and bounded, and no call's
        _, few = await _together(engines, FEW)
        many, most = await _together(engines, TOGETHER)
        memory = (most - few) / (TOGETHER - FEW) / KB
    return [
        *_turns("one call", alone),
        *_turns(f"{TOGETHER} calls", many),
        Figure(f"{TOGETHER} calls: decode lag, p95", many.decode_lag_p95 or 0.0, "s", 0.25),
        Figure(f"{TOGETHER} calls: frames not kept up with", float(many.dropped_frames), "", 0),
        Figure(f"memory for each call beyond {FEW}", memory, "MB", 8),
        *lines,
    ]


def _turns(name: str, measured: Figures) -> list[Figure]:
    nothing = float("nan")
    return [
        Figure(f"{name}: end of speech to caller, p50", measured.turn_gap_p50 or nothing, "s", 0.45),
        Figure(f"{name}: end of speech to caller, p95", measured.turn_gap_p95 or nothing, "s", 0.75),
        Figure(f"{name}: speech to caller's silence, p50", measured.barge_in_p50 or nothing, "s", 0.2),
        Figure(f"{name}: speech to caller's silence, p95", measured.barge_in_p95 or nothing, "s", 0.32),
        Figure(f"{name}: answer to caller's voice", measured.answer_to_voice or nothing, "s", 0.3),
    ]


async def _alone(engines: Engines, number: int) -> Measures:
    result = await _call(engines, number, *await _trainee(engines, number))
    return result.measures


async def _trainee(engines: Engines, number: int) -> tuple[int, list[PreparedTurn]]:
    """The seed and the first turns of who takes that call; every third talks over the caller."""
    call = call_script(_script(number))
    seed = call.rehearsal().seed
    _, turns = await prepared_turns(engines, call, "expert", seed, lambda _text: None)
    return seed, [PreparedTurn(_over(turn.turn, place), turn.sound) for place, turn in enumerate(turns[:TURNS])]


async def _call(engines: Engines, number: int, seed: int, turns: list[PreparedTurn]) -> CallResult:
    handset = SyntheticHandset(turns, rang_for=0.3 * number, judge=by_loudness)
    return await run_call(engines, call_script(_script(number)), handset, Quiet(), seed=seed)


def _script(number: int) -> str:
    names = list(Shelf().paths())
    return SCRIPT if number == 0 else names[number % len(names)]


def _over(turn: TrainedTurn, place: int) -> TrainedTurn:
    return turn.model_copy(update={"wait": 0.0, "over": 1.0 if place % 3 == 2 else None})


async def _together(engines: Engines, count: int) -> tuple[Figures, float]:
    """The figures of that many calls at once, and the most memory that was in use, in kB, but for the trainees'."""
    trainees = [await _trainee(engines, number) for number in range(count)]
    speech = sum(len(turn.sound.samples) for _, turns in trainees for turn in turns if turn.sound) / KB
    most = _memory()
    calls = asyncio.gather(*(_call(engines, number, *trainee) for number, trainee in enumerate(trainees)))
    while not calls.done():
        most = max(most, _memory())
        await asyncio.wait([calls], timeout=0.5)
    return joined([result.measures for result in await calls]), most - speech


async def _warm_all(engines: Engines) -> None:
    for name in list(Shelf().paths())[:TOGETHER]:
        call = call_script(name)
        seed = call.rehearsal().seed
        await CallerVoice(engines.lines, draw(call.script, seed), 16_000, engines.voices).warm(first=False)
        await asyncio.to_thread(make_scenery, call.script, 16_000)
        _, turns = await prepared_turns(engines, call, "expert", seed, lambda _text: None)
    # Two at once and long, so that whatever the recogniser holds for that is no call's memory either.
    sound = b"".join(turn.sound.samples for turn in turns if turn.sound)[:LONG_UTTERANCE]
    await asyncio.gather(*(asyncio.to_thread(_decode, engines, sound) for _ in range(2)))


def _decode(engines: Engines, sound: bytes) -> None:
    hearing = engines.ear.listen(16_000)
    hearing.feed(sound)
    hearing.finish()


async def _lines(engines: Engines) -> list[Figure]:
    """A cast's lines: rendered anew, then fetched."""
    script = call_script(SCRIPT).script
    cast = draw(script, 7)
    voice = CallerVoice(engines.lines, cast, 16_000, engines.voices)
    began = time.perf_counter()
    await voice.warm(first=False)
    rendered = time.perf_counter() - began
    waits = []
    for state, line in LineBook(cast).all():
        say = Say(0.0, "1", line.text, line.spoken, BAND_MOODS[state])
        began = time.perf_counter()
        voice.get(say)
        waits.append(time.perf_counter() - began)
    return [
        Figure("all lines of a cast rendered", rendered, "s", 2.0),
        Figure("a rendered line ready, p95", 1000 * percentile(waits, 0.95), "ms", 20),
    ]


def _memory() -> float:
    """What this process holds, in kB; 0 where the system does not say."""
    rows = STATUS.read_text().splitlines() if STATUS.exists() else []
    return next((float(row.split()[1]) for row in rows if row.startswith("VmRSS:")), 0.0)


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name:50} {figure.value:8.3f} {figure.unit:3} {figure.must} {figure.good}")
