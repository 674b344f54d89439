"""A call by typing: the same caller and the same marks, without sound and on a clock of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from random import SystemRandom

import click

from scripts.cast import CastError
from scripts.events import Understood
from scripts.marking import mark
from scripts.rehearsal import TypedCall
from scripts.script import Script
from server.cli_shelf import find_script
from server.engines import read_force
from server.printed_view import PrintedView
from server.settings import load
from server.transcript import transcript
from server.typed import TYPED_HELP, turn

PROMPT = "       you      "


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
    view = PrintedView(quiet=as_json and not typed, err=as_json, echo=not typed)
    _ringing(chosen, seed, view, typed=typed)
    call = TypedCall(chosen, seed)
    _converse(call, view)
    _finish(chosen, seed, call, view, as_json=as_json)


def _ringing(script: Script, seed: int, view: PrintedView, *, typed: bool) -> None:
    view.line(f"{script.line} call, seed {seed}")
    if script.content_note:
        view.line(f"Content note: {script.content_note}")
    if typed:
        view.line("You answer. /help says what can be typed.\n")


def _converse(call: TypedCall, view: PrintedView) -> None:
    """Take the call to its end: by the caller, by hanging up, or by the end of the input."""
    shown = _show(call, 0, view)
    for number, line in _lines(view):
        try:
            _take(call, line, view)
        except (ValueError, CastError) as error:
            if not sys.stdin.isatty():
                raise click.ClickException(f"line {number} of the input: {error}") from error
            click.echo(str(error), err=True)
        shown = _show(call, shown, view)
        if call.over:
            return
    call.listen()
    if not call.over:
        call.hang_up()
    _show(call, shown, view)


def _show(call: TypedCall, shown: int, view: PrintedView) -> int:
    """Show what is new in the log; returns how much of it is shown now."""
    for entry in call.log[shown:]:
        view.entry(entry)
    return len(call.log)


def _take(call: TypedCall, line: str, view: PrintedView) -> None:
    if line.strip() == "/help":
        view.line(TYPED_HELP)
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


def _lines(view: PrintedView) -> Iterator[tuple[int, str]]:
    number = 0
    while True:
        if not view.echo:
            click.secho(PROMPT, fg="green", nl=False, err=view.err)
        line = sys.stdin.readline()
        if not line:
            return
        number += 1
        yield number, line


def _finish(script: Script, seed: int, call: TypedCall, view: PrintedView, *, as_json: bool) -> None:
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

    view.line()
    show(sheet)
