"""From a script to a stored and marked call: everything one call needs, made, run and put away.

`run_call` serves every handset; `run_demo` and `run_practice` bring their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

from audio.frame import Frame
from scripts.cast import draw
from scripts.completeness import finished
from scripts.events import Entry
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.rehearsal import Trainee
from scripts.script import Script
from scripts.session import CallSession
from scripts.softening import softened
from server.call_files import CallSheet, new_call_id
from server.call_scripts import CallScript
from server.caller_voice import CallerVoice
from server.conductor import Conductor, View
from server.engines import Engines
from server.handset import Handset
from server.keeping import Keeper
from server.listening import Listening
from server.live import LiveCall
from server.measures import Figures, Measures
from server.records import CallRecord
from server.remarking import remark
from server.scenery import Scenery, make_scenery
from server.synthetic import PreparedTurn, SyntheticHandset
from server.trainee_voices import sounds, spoken_turns
from voice.mouth import MouthError

TRAINEES = {"expert": "good", "novice": "middling", "poor": "dangerous"}
"""What the synthetic trainees are called outside, and in the rehearsals."""
LARGEST_SEED = 9999


@dataclass(frozen=True, slots=True)
class CallResult:
    """A call that is over and stored. `marksheet` is None for a call that was never answered."""

    call_id: str
    folder: Path
    script: Script
    log: list[Entry]
    marksheet: Marksheet | None
    measures: Measures
    saved: bool
    """Whether the disk took everything."""
    stopped: bool
    """Whether the program was stopped (Ctrl-C) during the call."""

    @property
    def figures(self) -> Figures:
        """The measures in brief."""
        return self.measures.figures()


def any_seed() -> int:
    """A seed that nobody can foresee."""
    return SystemRandom().randint(1, LARGEST_SEED)


async def run_demo(
    engines: Engines,
    call: CallScript,
    view: View,
    *,
    trainee: str = "expert",
    seed: int | None = None,
    phone: bool = False,
    fast: bool = False,
    listen: Callable[[Frame, Frame], None] | None = None,
) -> CallResult:
    """A synthetic trainee takes the call: `expert`, `novice` or `poor`. The usual seed is the rehearsal's.

    `phone`: over an 8 kHz mu-law line. `fast`: as fast as the machine can. `listen` is given both sides as they
    are heard. Raises ScriptError, CallFilesError, RecordsError or Busy.
    """
    seed = call.rehearsal().seed if seed is None else seed
    follows, turns = await prepared_turns(engines, call, trainee, seed, view.notice)
    handset = SyntheticHandset(turns, follows.rang_for, phone=phone, real_time=not fast, listen=listen)
    return await run_call(engines, call, handset, view, seed=seed, trainee=f"demo: {trainee}")


async def prepared_turns(
    engines: Engines, call: CallScript, trainee: str, seed: int, notice: Callable[[str], None]
) -> tuple[Trainee, list[PreparedTurn]]:
    """The rehearsed trainee of that name, and the turns with their sound for one seed. As `run_demo`."""
    name = TRAINEES.get(trainee, trainee)
    follows = call.rehearsal().trainees[name]
    cast = draw(call.script, seed)
    heard = await sounds(spoken_turns(call.script, cast, name, follows), engines.lines, notice)
    pairs = zip(follows.turns, heard, strict=True)
    return follows, [PreparedTurn(turn, sound, cast.written(turn.value)) for turn, sound in pairs]


async def run_call(
    engines: Engines,
    call: CallScript,
    handset: Handset,
    view: View,
    *,
    seed: int,
    trainee: str = "",
    call_id: str | None = None,
) -> CallResult:
    """Prepare, hold, store and mark one call on any handset; `call_id` where it has its id (`new_call_id`) already.

    Stopped by cancellation, the call is stored and marked all the same and the result says `stopped`; the
    cancellation is used up. Raises CallFilesError, RecordsError or Busy before the telephone rings.
    """
    script = softened(call.script) if engines.settings.soften_swearing else call.script
    with contextlib.ExitStack() as shown, contextlib.ExitStack() as place:
        place.enter_context(engines.load.admitted())
        voice, scenery = await _prepare_caller(engines, script, handset.rate, seed, view)
        sheet = _sheet(call, handset, seed, trainee or engines.settings.trainee, call_id or new_call_id())
        alive = await asyncio.to_thread(engines.files.create, sheet)
        warming = asyncio.create_task(_warm(voice, view, first=False))
        try:
            await asyncio.to_thread(engines.records.begin, _record(sheet, call.script))
            keeper = await asyncio.to_thread(_keeper, engines, sheet)  # the disk may take its time
            live = shown.enter_context(engines.live.shown(_live(engines, sheet, script, view)))
            conductor = _conductor(engines, script, handset, live, keeper, voice, scenery)
            conductor.tap = live.sound
            conductor.freed = place.close
            stopped = await _conduct(conductor, seed)
        finally:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
            alive.release()
        return await asyncio.to_thread(_put_away, engines, sheet, conductor, call.script, stopped=stopped)


async def _prepare_caller(
    engines: Engines, script: Script, rate: int, seed: int, view: View
) -> tuple[CallerVoice, Scenery]:
    scenery = await asyncio.to_thread(make_scenery, script, rate)
    voice = CallerVoice(engines.lines, draw(script, seed), rate, engines.voices, scenery.sounds)
    await _warm(voice, view, first=True)
    return voice, scenery


async def _warm(voice: CallerVoice, view: View, *, first: bool) -> None:
    """Have lines ready; one that is not ready in time, or could not be made, is tried again when it is due."""
    try:
        await voice.warm(first=first)
    except MouthError as error:
        view.notice(f"some of the caller's lines cannot be made ready: {error}")


def _live(engines: Engines, sheet: CallSheet, script: Script, view: View) -> LiveCall:
    return LiveCall(sheet.call_id, script, sheet.trainee, sheet.handset, sheet.rate, engines.force, view)


def _sheet(call: CallScript, handset: Handset, seed: int, trainee: str, call_id: str) -> CallSheet:
    return CallSheet(
        call_id=call_id,
        script_id=call.script.id,
        script_version=call.script.version,
        script_text=call.text,
        seed=seed,
        handset=handset.name,
        rate=handset.rate,
        trainee=trainee,
        started=datetime.now(UTC),
    )


def _record(sheet: CallSheet, script: Script) -> CallRecord:
    return CallRecord(
        sheet.call_id, sheet.script_id, sheet.script_version, script.title, sheet.seed, sheet.handset,
        sheet.trainee, sheet.started,
    )  # fmt: skip


def _keeper(engines: Engines, sheet: CallSheet) -> Keeper:
    return Keeper(engines.files.log(sheet.call_id), engines.files.recording(sheet.call_id), sheet.rate)


def _conductor(
    engines: Engines,
    script: Script,
    handset: Handset,
    view: View,
    keeper: Keeper,
    voice: CallerVoice,
    scenery: Scenery,
) -> Conductor:
    measures = Measures()

    def lag(seconds: float) -> None:
        engines.load.note(seconds)
        measures.decode_lags.append(seconds)

    listening = Listening(
        engines.ear, handset.rate, engines.pool, finished, time.monotonic,
        open_speaker=handset.open_speaker, lag=lag, detectors=engines.detectors,
    )  # fmt: skip
    return Conductor(CallSession(script), handset, listening, voice, scenery, keeper, view, time.monotonic, measures)


async def _conduct(conductor: Conductor, seed: int) -> bool:
    """Run the call; whether it was stopped. A cancellation is used up: what follows must still be saved."""
    try:
        await conductor.run(seed)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        return True
    return False


def _put_away(
    engines: Engines, sheet: CallSheet, conductor: Conductor, script: Script, *, stopped: bool
) -> CallResult:
    figures = conductor.measures.figures()
    ended = conductor.ended
    engines.records.end(sheet.call_id, seconds=conductor.now, ended_by=ended.by if ended else "line")
    engines.files.write_sheet(sheet.model_copy(update={"figures": figures}))
    marksheet = None
    if ended and conductor.keeper.saved:
        marksheet = remark(engines.files, engines.records, sheet.call_id, script, engines.force).now
    elif ended:
        marksheet = mark(script, conductor.log, engines.force)  # the disk failed: at least the trainee sees it
    folder = engines.files.folder(sheet.call_id)
    saved = conductor.keeper.saved
    return CallResult(sheet.call_id, folder, script, conductor.log, marksheet, conductor.measures, saved, stopped)
