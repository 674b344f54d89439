"""Commands that take a call with sound: your own voice, or a synthetic trainee's."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

import click

from audio.frame import Frame
from server.calls import TRAINEES, CallResult, run_demo
from server.cli_shelf import find_call
from server.engines import prepare
from server.playing import Audience
from server.printed_view import PrintedView
from server.settings import Settings, load
from server.transcript import transcript

FIRST_SCRIPT = "burglary-in-progress"
"""The call for who names none: short, plain in its question, and it shows what a call can do."""
INTERRUPTED = 130

script_argument = click.argument("script", default=FIRST_SCRIPT)
seed_option = click.option("--seed", type=int, help="Draw the caller's details from this number.")
ear_option = click.option("--ear", type=click.Choice(["vosk", "moonshine"]), help="The recogniser to use.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object: call_id, transcript, marksheet."
)


@click.command()
@script_argument
@click.option(
    "--trainee",
    type=click.Choice(list(TRAINEES)),
    default="expert",
    show_default=True,
    help="How good the trainee is.",
)
@seed_option
@ear_option
@click.option("--phone", is_flag=True, help="Over a telephone line: 8 kHz, mu-law.")
@click.option("--fast", is_flag=True, help="As fast as this machine can, not at the pace of speech.")
@click.option("--quiet", is_flag=True, help="Do not play the call through the loudspeaker.")
@json_option
def demo(
    script: str, trainee: str, seed: int | None, ear: str | None, phone: bool, fast: bool, quiet: bool, as_json: bool
) -> None:
    """Listen to a synthetic trainee take a call.

    The trainee speaks through the same recogniser and to the same caller as you would. The call is stored and marked
    like any other. With a loudspeaker you hear it. SCRIPT is a name from `rightcall scripts`, or a script's file.
    Without a seed the call is the one whose trainee's lines come with the program.
    """
    call = find_call(script)
    view = PrintedView(quiet=as_json, err=as_json)
    audible = not (quiet or fast or as_json)

    async def take() -> CallResult:
        async with prepare(_settings(ear), view.notice) as engines, _audience(view, wanted=audible) as listen:
            return await run_demo(
                engines, call, view, trainee=trainee, seed=seed, phone=phone, fast=fast, listen=listen
            )

    _finish(asyncio.run(take()), as_json=as_json)


@contextlib.asynccontextmanager
async def _audience(view: PrintedView, *, wanted: bool) -> AsyncIterator[Callable[[Frame, Frame], None] | None]:
    """What plays the call to whoever sits here, if that is wanted."""
    if not wanted:
        yield None
        return
    async with Audience(view.notice) as audience:
        yield audience.listen


def _settings(ear: str | None) -> Settings:
    return load().model_copy(update={"ear": ear}) if ear else load()


def _finish(result: CallResult, *, as_json: bool) -> None:
    """Show the marksheet and where the call is; leave with 130 when the call was stopped, 1 when it is not saved."""
    if as_json:
        click.echo(json.dumps(_as_json(result), ensure_ascii=False, indent=2))
    else:
        _show(result)
    if result.stopped:
        raise click.exceptions.Exit(INTERRUPTED)
    if not result.saved:
        raise click.exceptions.Exit(1)


def _as_json(result: CallResult) -> dict[str, object]:
    return {
        "call_id": result.call_id,
        "script": result.script.id,
        "title": result.script.title,
        "transcript": [row.as_json() for row in transcript(result.log)],
        "marksheet": result.marksheet.as_dict() if result.marksheet else None,
        "figures": result.figures.model_dump(mode="json"),
        "saved": result.saved,
    }


def _show(result: CallResult) -> None:
    from server.marksheet_view import show

    click.echo()
    if result.marksheet:
        show(result.marksheet)
    else:
        click.echo("The call was never answered, so there is nothing to mark.")
    click.echo(f"\nStored as {result.call_id}. Hear it: rightcall play {result.call_id}")
