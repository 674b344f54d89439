"""Ten quick calls in the terminal: hear a caller, press a key before the clock runs out, and see why."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import SystemRandom

import click

from audio.device import DeviceError
from scripts.force import Force
from scripts.quick import ANSWERS, SECONDS, VERDICTS, Given, Round, deal, debrief, quick_calls
from scripts.vocabulary import Decision
from server.engines import read_force
from server.quick_voice import QuickVoice, quick_voice
from server.settings import Settings, load
from voice.mouth import MouthError

CHOICE = "   ".join(f"[{key}] {'no action' if decision == 'none' else decision}" for key, decision in ANSWERS.items())
LEAVE = "q"
COLOURS = {"right": "green", "acceptable": "yellow", "wrong": "red", "late": "red"}
BLINK = 0.5
"""Seconds between two looks at the clock."""


class Left(Exception):  # noqa: N818 - what the player does, not a mistake
    """The player has had enough, or the input has ended."""


@dataclass
class Player:
    """Who answers: by single keys against the clock at a terminal, else by lines and without a clock."""

    clock: bool
    keys: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def answer(self) -> tuple[Decision | None, float | None]:
        """What was decided (None: nothing in time) and after how many seconds (None: no clock). Raises Left."""
        return await self._by_key() if self.clock else (self._by_line(), None)

    async def _by_key(self) -> tuple[Decision | None, float | None]:
        while not self.keys.empty():
            self.keys.get_nowait()  # what was pressed while the caller spoke was pressed too soon
        began = time.monotonic()
        try:
            while (past := time.monotonic() - began) < SECONDS:
                click.echo(f"\r{SECONDS - past:4.0f} s   {CHOICE} ", nl=False)
                with contextlib.suppress(asyncio.TimeoutError):
                    key = await asyncio.wait_for(self.keys.get(), min(BLINK, SECONDS - past))
                    if key in ANSWERS:
                        return ANSWERS[key], time.monotonic() - began
                    if key == LEAVE:
                        raise Left
            return None, SECONDS
        finally:
            click.echo()

    def _by_line(self) -> Decision:
        while True:
            click.echo(f"{CHOICE}: ", nl=False)
            line = sys.stdin.readline()
            key = line.strip().lower()
            if not line or key == LEAVE:
                click.echo()
                raise Left
            click.echo(key)
            if key in ANSWERS:
                return ANSWERS[key]
            click.echo("Press 1, 2, 3 or 4, or q to stop.")


@click.command()
@click.option("--seed", type=int, help="Deal the ten calls of this number; without it they are new each time.")
@click.option("--typed", is_flag=True, help="Read the callers instead of hearing them.")
def quick(seed: int | None, typed: bool) -> None:
    """Take ten quick calls: hear each caller once, decide by one key, see why.

    1 deploys, 2 resolves, 3 refers, 4 is no police matter; q stops. At a terminal a clock falls from the caller's
    last word, and a quick right answer is worth more; right answers in a row earn a bonus. Without a loudspeaker the
    callers are shown. Where the input is a file or a pipe it holds one key a line, and there is no clock.
    """
    settings = load()
    seed = SystemRandom().randrange(1, 1_000_000) if seed is None else seed
    round_ = deal(quick_calls(settings.hide, soft=settings.soften_swearing), seed)
    if not round_.calls:
        raise click.ClickException("every quick call is switched off here (the setting RIGHTCALL_HIDE)")
    live = sys.stdin.isatty() and sys.stdout.isatty()
    click.echo(f"Ten quick calls, round {seed}. Decide: {CHOICE}.")
    with contextlib.suppress(Left):
        asyncio.run(_play(round_, settings, spoken=live and not typed, live=live))


async def _play(round_: Round, settings: Settings, *, spoken: bool, live: bool) -> None:
    """The round to its end, or until the player leaves; both show what it came to. Raises Left."""
    force = read_force(settings)
    async with _voice(round_, settings, wanted=spoken) as voice, _player(live=live) as player:
        try:
            while round_.current is not None:
                await _ring(round_, voice)
                decision, seconds = await player.answer()
                round_ = round_.answer(decision, seconds)
                _debrief(round_.given[-1], force)
        finally:
            _total(round_)


@contextlib.asynccontextmanager
async def _voice(round_: Round, settings: Settings, *, wanted: bool) -> AsyncIterator[QuickVoice | None]:
    if not wanted:
        yield None
        return
    async with quick_voice(round_, settings, lambda text: click.secho(text, fg="yellow", err=True)) as voice:
        yield voice


@contextlib.asynccontextmanager
async def _player(*, live: bool) -> AsyncIterator[Player]:
    player = Player(clock=live)
    if not live:
        yield player
        return
    from server.practice import reading_keys

    async with reading_keys(sys.stdin, player.keys.put_nowait):
        yield player


async def _ring(round_: Round, voice: QuickVoice | None) -> None:
    """The caller rings and is heard once; where nobody can speak, shown."""
    call = round_.current
    if call is None:
        return
    place = len(round_.given)
    click.secho(f"\n{place + 1} of {len(round_.calls)}   {call.line}", bold=True)
    if call.content_note:
        click.echo(f"Content note: {call.content_note}")
    try:
        if voice is not None:
            await voice.speak(place)
            return
    except (DeviceError, MouthError) as error:
        click.secho(f"This caller is shown, not spoken: {error}", fg="yellow", err=True)
    _, line = call.heard(round_.seed)
    _say(line.text, colour="cyan")


def _say(text: str, colour: str | None = None) -> None:
    """A paragraph, broken between words where it fills a terminal's line."""
    width = shutil.get_terminal_size().columns - 1
    click.secho(click.wrap_text(text, width) if sys.stdout.isatty() else text, fg=colour)


def _debrief(given: Given, force: Force) -> None:
    streak = f", {given.streak} in a row" if given.streak > 1 else ""
    click.secho(f"{VERDICTS[given.rating]} +{given.points}{streak}", fg=COLOURS[given.rating])
    _say(debrief(given, force))


def _total(round_: Round) -> None:
    taken = len(round_.given)
    click.secho(f"\n{round_.score} of {round_.most} points", bold=True, nl=False)
    click.echo(f"   {round_.right} of {taken} right, best streak {round_.best_streak}")
    click.echo(f"The same ten again: rightcall quick --seed {round_.seed}")
