"""A call by typing: the same caller and the same marks, without sound and on a clock of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from random import SystemRandom

import click

from scripts.cast import CastError
from scripts.events import LineCut, Understood, Utterance
from scripts.marking import mark
from scripts.rehearsal import TypedCall
from scripts.script import Script
from server.cli_shelf import find_script
from server.engines import read_force
from server.settings import load
from server.transcript import Row, clock, row_of, transcript
from server.typed import TYPED_HELP, turn

COLOURS = {"caller": "cyan", "trainee": "green", "call": "bright_black"}


@click.command()
@click.argument("script")
@click.option(
    "--seed", type=int, help="Draw the caller's details from this number; without it they are new each time."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: script, seed, transcript, marksheet.")
def rehearse(script: str, seed: int | None, as_json: bool) -> None:
    """Take a call by typing instead of speaking.

    SCRIPT is a name from `rightcall scripts`, or a script's file. Lines are read from standard input too, so a
    file can be the trainee. `/help` says what else can be typed than words: keys, the form, silence, hanging up.
    A detail of the call may be named, as in `That is {address}?`: useful to try a script with any seed.
    """
    chosen = find_script(script)
    seed = SystemRandom().randrange(1, 1_000_000) if seed is None else seed
    typed = sys.stdin.isatty()
    screen = Screen(quiet=as_json and not typed, err=as_json, echo=not typed)
    screen.ringing(chosen, seed, typed=typed)
    call = TypedCall(chosen, seed)
    _converse(call, screen)
    _finish(chosen, seed, call, screen, as_json=as_json)


class Screen:
    """Where a typed call is shown: on standard error where standard output is kept for JSON."""

    def __init__(self, *, quiet: bool, err: bool, echo: bool) -> None:
        self._quiet, self._err, self._echo = quiet, err, echo
        self._shown = 0

    def line(self, text: str = "") -> None:
        """One line of text."""
        if not self._quiet:
            click.echo(text, err=self._err)

    def ringing(self, script: Script, seed: int, *, typed: bool) -> None:
        """What the console shows while the call rings."""
        self.line(f"{script.line} call, seed {seed}")
        if script.content_note:
            self.line(f"Content note: {script.content_note}")
        if typed:
            self.line("You answer. /help says what can be typed.\n")

    def catch_up(self, call: TypedCall) -> None:
        """Show what is new in the call's log. What was typed on a terminal stands there already."""
        for entry in call.log[self._shown :]:
            if isinstance(entry, LineCut) and entry.heard < 1:
                self._row(Row(entry.at, "call", f"[the caller was cut off, {entry.heard:.0%} heard]"))
            elif (row := row_of(entry)) and (self._echo or not isinstance(entry, Utterance)):
                self._row(row)
        self._shown = len(call.log)

    def prompt(self) -> None:
        """Ask for the next line."""
        if not self._echo:
            click.secho("       you      ", fg=COLOURS["trainee"], nl=False, err=self._err)

    def _row(self, row: Row) -> None:
        who = "" if row.who == "call" else row.who
        self.line(f"{clock(row.at)}  {click.style(f'{who:8}', fg=COLOURS[row.who])} {row.text}")


def _converse(call: TypedCall, screen: Screen) -> None:
    """Take the call to its end: by the caller, by hanging up, or by the end of the input."""
    screen.catch_up(call)
    for number, line in _lines(screen):
        try:
            _take(call, line, screen)
        except (ValueError, CastError) as error:
            if not sys.stdin.isatty():
                raise click.ClickException(f"line {number} of the input: {error}") from error
            click.echo(str(error), err=True)
        if call.over:
            return
    call.listen()
    if not call.over:
        call.hang_up()
    screen.catch_up(call)


def _take(call: TypedCall, line: str, screen: Screen) -> None:
    if line.strip() == "/help":
        screen.line(TYPED_HELP)
        return
    doing = turn(line)
    call.cast.spoken(doing.say)  # a detail that there is not is said before anything has happened
    if doing.over is None:
        call.listen()
    before = len(call.log)
    if not call.over:
        call.take(doing)
    if any(isinstance(entry, Understood) and "close" in entry.meaning.acts for entry in call.log[before:]):
        call.listen()
    screen.catch_up(call)


def _lines(screen: Screen) -> Iterator[tuple[int, str]]:
    number = 0
    while True:
        screen.prompt()
        line = sys.stdin.readline()
        if not line:
            return
        number += 1
        yield number, line


def _finish(script: Script, seed: int, call: TypedCall, screen: Screen, *, as_json: bool) -> None:
    """Mark the call and show it."""
    sheet = mark(script, call.log, read_force(load()))
    if as_json:
        rows = [row.as_json() for row in transcript(call.log)]
        result = {
            "script": script.id,
            "title": script.title,
            "seed": seed,
            "transcript": rows,
            "marksheet": sheet.as_dict(),
        }
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    from server.marksheet_view import show

    screen.line()
    show(sheet)
