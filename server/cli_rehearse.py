"""A call by typing: the same caller and the same marks, without sound and on a clock of its own."""

from __future__ import annotations

import json
import sys
from random import SystemRandom

import click

from scripts.cast import CastError
from scripts.marking import mark
from scripts.rehearsal import TypedCall
from scripts.script import Script
from scripts.softening import softened
from server.cli_shelf import find_path, find_script
from server.engines import read_force
from server.printed_view import PrintedView
from server.settings import load
from server.transcript import transcript
from server.typed import TYPED_HELP, take
from server.watching import Watch, reloaded

PROMPT = "       you      "


@click.command()
@click.argument("script")
@click.option(
    "--seed", type=int, help="Draw the caller's details from this number; without it they are new each time."
)
@click.option(
    "--watch", is_flag=True, help="Read the script again whenever it is saved, and keep the place in the call."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: script, seed, transcript, marksheet.")
def rehearse(script: str, seed: int | None, watch: bool, as_json: bool) -> None:
    """Take a call by typing instead of speaking.

    SCRIPT is a name from `rightcall scripts`, or a script's file. Lines are read from standard input too, so a
    file can be the trainee. `/help` says what else can be typed than words: keys, the form, silence, hanging up.
    A detail of the call may be named, as in `That is {address}?`: useful to try a script with any seed.

    With --watch, write the script in an editor meanwhile: at each save what you typed so far is said to the new
    script, you see what comes out otherwise, and the call goes on from there.
    """
    settings = load()
    chosen = softened(find_script(script)) if settings.soften_swearing else find_script(script)
    seed = SystemRandom().randrange(1, 1_000_000) if seed is None else seed
    typed = sys.stdin.isatty()
    view = PrintedView(quiet=as_json and not typed, err=as_json, echo=not typed)
    _ringing(chosen, seed, view, typed=typed)
    call = TypedCall(chosen, seed)
    call = _converse(call, view, Watch(find_path(script), soft=settings.soften_swearing) if watch else None)
    _finish(call.session.script, seed, call, view, as_json=as_json)


def _ringing(script: Script, seed: int, view: PrintedView, *, typed: bool) -> None:
    view.line(f"{script.line} call, seed {seed}")
    if script.content_note:
        view.line(f"Content note: {script.content_note}")
    if typed:
        view.line("You answer. /help says what can be typed.\n")


def _converse(call: TypedCall, view: PrintedView, watch: Watch | None) -> TypedCall:
    """Take the call to its end: by the caller, by hanging up, or by the end of the input; the call as it then is."""
    shown = _show(call, 0, view)
    typed: list[str] = []
    number = 0
    while not (call.over and (watch is None or view.echo)):
        _prompt(view, over=call.over)
        if watch and watch.saved_before_input(sys.stdin):
            view.line()
            call = reloaded(watch, typed, call, view.line)
            shown = len(call.log)
            continue
        line = sys.stdin.readline()
        if not line or call.over:
            break
        number += 1
        if _took(call, line, view, number):
            typed.append(line)
        shown = _show(call, shown, view)
    if not call.over:
        call.listen()
    if not call.over:
        call.hang_up()
    _show(call, shown, view)
    return call


def _show(call: TypedCall, shown: int, view: PrintedView) -> int:
    """Show what is new in the log; returns how much of it is shown now."""
    for entry in call.log[shown:]:
        view.entry(entry)
    return len(call.log)


def _prompt(view: PrintedView, *, over: bool) -> None:
    if view.echo:
        return  # nobody types here
    if over:
        view.line("The call is over. Save the script to see it again, or press Enter for the marks.")
    else:
        click.secho(PROMPT, fg="green", nl=False, err=view.err)


def _took(call: TypedCall, line: str, view: PrintedView, number: int) -> bool:
    """Whether the line did something in the call. A wrong one is explained; in a file it ends the command."""
    if line.strip() == "/help":
        view.line(TYPED_HELP)
        return False
    try:
        take(call, line)
    except (ValueError, CastError) as error:
        if not sys.stdin.isatty():
            raise click.ClickException(f"line {number} of the input: {error}") from error
        click.echo(str(error), err=True)
        return False
    return True


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
