"""The conductor runs one call: the only place that knows a real clock.

The call's own time is the sound that came from the handset: every frame is 20 ms, whenever it arrived (`steady`
holds that to the world's clock). Each step: what the trainee's frame brought (`listening`), what the caller's line
has come to (`player`), the session's own wishes (ticks), then one pair of frames for the recording.

What fails around the call (recogniser, mouth, disk) becomes a `Trouble` in the log and a notice to the view; the
call goes on, with keys if nothing else. Only a lost handset ends it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from audio.frame import FRAME_SECONDS, Frame
from scripts.events import (
    Action,
    Answered,
    Decided,
    Ended,
    Entry,
    Event,
    FormChanged,
    HoldChanged,
    HungUp,
    KeyPressed,
    LineCut,
    LineFinished,
    Play,
    Say,
    SpeechBegan,
    StopSaying,
    Tick,
    Trouble,
    Utterance,
)  # fmt: skip
from scripts.session import CallSession, Phase
from server.handset import Choose, Finish, Handset, HandsetLost, HangUp, Hold, Press, Type
from server.keeping import Keeper
from server.listening import Failed, Heard, Listening, Partial, Said
from server.measures import Measures
from server.player import Ending, Player
from server.scenery import Scenery
from server.steady import Steady
from voice.mouth import MouthError
from voice.turns import Confirmed, Resume, Started, Suspect

PROTECTED = 1.0
"""Seconds of a line that breaks in during which it cannot be stopped: the trainee is speaking already."""


class View(Protocol):
    """Who watches a call: a terminal, a page, a test."""

    def entry(self, entry: Entry) -> None:
        """Something went into the log."""

    def partial(self, text: str) -> None:
        """What the trainee has said of an utterance so far."""

    def notice(self, text: str) -> None:
        """Something went wrong around the call."""

    def time(self, now: float) -> None:
        """The call is `now` seconds old; told with every frame, so it must cost nothing."""


class Voice(Protocol):
    """What the conductor needs of a caller's voice."""

    def get(self, say: Say) -> Frame | None: ...
    async def fetch(self, say: Say) -> Frame: ...


@dataclass
class Conductor:
    """One call. Make it with everything it needs, then `run` it once."""

    session: CallSession
    handset: Handset
    listening: Listening
    voice: Voice
    scenery: Scenery
    keeper: Keeper
    view: View
    clock: Callable[[], float]
    measures: Measures = field(default_factory=Measures)
    log: list[Entry] = field(default_factory=list)
    tap: Callable[[Frame, Frame], None] = lambda _trainee, _caller: None
    """Given each 20 ms of both sides as they are recorded, for who listens in; must never wait."""
    freed: Callable[[], None] = lambda: None
    """Called when the call is over and only its form is being finished: others may be taken."""

    def __post_init__(self) -> None:
        self.now = 0.0
        self.player = Player(self.handset, self.scenery)
        self._incoming = Steady(self.handset, self.clock, self.measures)
        self._frames = 0
        self._events: deque[Event] = deque()
        self._tick_at = float("inf")
        self._said_until: float | None = None
        self._rendering: set[asyncio.Task[None]] = set()
        self._line_began = 0.0
        self._speech_began = 0.0

    async def run(self, seed: int) -> None:
        """Ring, hold the call and leave everything saved and closed, whatever happens.

        A lost handset is in the log and told to the view. Cancelled, the call is ended as a lost line, and the
        cancellation goes on once all is saved.
        """
        try:
            rang_for = await self.handset.ring()
            self._incoming.start()
            self._handle(Answered(0.0, seed, rang_for))
            while self.session.phase is not Phase.ENDED:
                await self._next()
            await self._wrap_up()
        except HandsetLost as lost:
            self._break_off(str(lost))
        except asyncio.CancelledError:
            self._break_off("the program was stopped")
            raise
        finally:
            await self._close()

    async def _next(self) -> None:
        """Take in whatever the handset brings next, or the silence that it leaves."""
        for came in await self._incoming.next(self.now):
            if isinstance(came, Frame):
                self._step(came)
            elif not isinstance(came, Finish):
                self._handle(_event(came, self.now))
        if not self.handset.real_time:
            await self._settle()

    # --- twenty milliseconds ---------------------------------------------------------------------------------

    def _step(self, frame: Frame) -> None:
        self._frames += 1
        self.now = round(self._frames * FRAME_SECONDS, 3)
        for heard in self.listening.step(
            frame,
            caller_speaking=self.player.speaking,
            protect=self._protected,
            speaker_level=self.player.level if self.handset.open_speaker else None,
        ):
            self._hear(heard)
        self._play()
        if self.session.phase is Phase.OPEN and self.now >= self._tick_at:
            self._handle(Tick(self.now))
        heard_by_trainee = self.player.recorded()
        self.keeper.sound(frame, heard_by_trainee)
        self.tap(frame, heard_by_trainee)
        self._watch_keeper()
        self.view.time(self.now)

    @property
    def _protected(self) -> bool:
        """The first words of the call, and of a line that breaks in, cannot be stopped."""
        first = self.player.first
        if first is None:
            return False
        say, heard = first
        return heard < PROTECTED if say.interrupts else say.about == "opening" and heard == 0.0

    def _hear(self, heard: Heard) -> None:
        match heard:
            case Started():
                self._speech_began = heard.began
                self._said_until = None  # whatever answers now answers what is being said
                self._handle(SpeechBegan(self.now))
            case Said():
                self._take_words(heard)
            case Partial():
                self.view.partial(heard.text)
            case Failed():
                self._trouble(heard.why)
            case Suspect():
                self.player.pause()
                self._measure_barge_in()
            case Confirmed():
                self._cut()
            case Resume():
                self.player.resume()

    def _take_words(self, said: Said) -> None:
        before = len(self.log)
        self._handle(Utterance(self.now, said.began, said.ended, said.text, said.confidence))
        if any(isinstance(entry, Say) for entry in self.log[before:]):
            self._said_until = said.ended

    def _play(self) -> None:
        for ending in self.player.step(wait=self.listening.speaking):
            self._handle(_ended(ending, self.now))
        if self.player.onset is not None:
            self._line_began = self.now
            self._measure_gap(self.player.onset + self._incoming.behind(self.now))

    def _cut(self) -> None:
        for ending in self.player.cut():
            self._events.append(_ended(ending, self.now))
        self._handle_waiting()

    # --- to and from the session -----------------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        self._events.append(event)
        self._handle_waiting()

    def _handle_waiting(self) -> None:
        """Tell the session all that has happened, and do as it says; what that brings about is told next."""
        while self._events:
            event = self._events.popleft()
            if self.session.phase is Phase.ENDED:
                continue
            self._note(event)
            for action in self.session.handle(event):
                self._note(action)
                self._obey(action)
        self._tick_at = self.session.next_tick_at

    def _obey(self, action: Action) -> None:
        match action:
            case Say() if self.session.on_hold:
                self._events.append(LineCut(self.now, action.line, 0.0))  # said to nobody
            case Say():
                self._say(action)
            case StopSaying():
                self._events.extend(_ended(ending, self.now) for ending in self.player.cut())
            case Play():
                self.scenery.play(action.sound, scene=action.scene)
            case _:
                pass

    def _say(self, say: Say) -> None:
        sound = self.voice.get(say)
        self.player.add(say, sound)
        if sound is None:
            self.measures.late_lines += 1
            task = asyncio.create_task(self._render(say))
            self._rendering.add(task)
            task.add_done_callback(self._rendering.discard)

    async def _render(self, say: Say) -> None:
        try:
            self.player.ready(say.line, await self.voice.fetch(say))
        except MouthError as error:
            self._trouble(f"the caller's line could not be spoken: {error}. It was: {say.text}")
            for ending in self.player.fail(say.line):
                self._handle(_ended(ending, self.now))

    def _note(self, entry: Entry) -> None:
        self.log.append(entry)
        self.keeper.entry(entry)
        self.view.entry(entry)

    def _trouble(self, what: str) -> None:
        self.view.notice(what)
        if self.session.phase is Phase.OPEN:
            self._handle(Trouble(self.now, what))

    def _watch_keeper(self) -> None:
        trouble = self.keeper.trouble()
        if trouble is not None:
            self._trouble(trouble)

    # --- measures --------------------------------------------------------------------------------------------

    def _measure_gap(self, waited: float) -> None:
        if self._said_until is not None:
            self.measures.turn_gaps.append(self.now - self._said_until + waited)
            self._said_until = None
        if self.measures.answer_to_voice is None:
            self.measures.answer_to_voice = self.now + waited

    def _measure_barge_in(self) -> None:
        if self._speech_began >= self._line_began:
            self.measures.barge_ins.append(self.now - self._speech_began + self._incoming.behind(self.now))

    # --- the end ---------------------------------------------------------------------------------------------

    async def _wrap_up(self) -> None:
        """Let the trainee finish the incident form. What is typed is noted with its time; no sound is."""
        self.freed()
        began = self.clock()
        while (left := began + self.handset.wrap_up - self.clock()) > 0:
            came = await self._incoming.gesture(left)
            if came is None or isinstance(came, Finish):
                return
            if isinstance(came, Type):
                self._note(FormChanged(round(self.now + self.clock() - began, 3), came.field, came.value))
            self._watch_keeper()

    async def _settle(self) -> None:
        """Wait for everything under way: calls faster than the world must not depend on the machine's speed."""
        await self.listening.settle()
        if self._rendering:
            await asyncio.wait(self._rendering)

    def _break_off(self, why: str) -> None:
        self._trouble(why)
        if self.session.phase is Phase.OPEN:
            self._handle(HungUp(self.now, "line"))

    async def _close(self) -> None:
        for task in tuple(self._rendering):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._incoming.close()
        self.measures.dropped_frames += self.listening.dropped + self.keeper.left_out
        await self.handset.close()
        await self.listening.close()
        await self.keeper.close()
        self._watch_keeper()

    @property
    def ended(self) -> Ended | None:
        """How the call ended; None where it was never answered."""
        return next((entry for entry in reversed(self.log) if isinstance(entry, Ended)), None)


def _event(gesture: Press | HangUp | Hold | Type | Choose, now: float) -> Event:
    """What the trainee did, as the session's event."""
    match gesture:
        case Press():
            return KeyPressed(now, gesture.key)
        case HangUp():
            return HungUp(now)
        case Hold():
            return HoldChanged(now, gesture.on)
        case Type():
            return FormChanged(now, gesture.field, gesture.value)
        case Choose():
            return Decided(now, gesture.decision, gesture.grade, gesture.agency)


def _ended(ending: Ending, now: float) -> LineFinished | LineCut:
    if ending.heard >= 1.0:
        return LineFinished(now, ending.line)
    return LineCut(now, ending.line, ending.heard)
