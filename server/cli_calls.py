"""Commands that take a call with sound: your own voice, or a synthetic trainee's."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator

import click

from audio.device import DeviceError, find_device
from audio.frame import Frame
from server.call_scripts import CallScript
from server.calls import TRAINEES, CallResult, run_demo
from server.cli_shelf import find_call
from server.conductor import View
from server.doctor import sound
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
    audible = not (quiet or fast or as_json)
    _content_note(call, err=as_json)

    async def take() -> CallResult:
        told = PrintedView().notice
        cast_from = call.rehearsal().seed if seed is None else seed
        async with prepare(_settings(ear), told) as engines, _audience(told, wanted=audible) as listen:
            with _watching(call, cast_from, as_json=as_json) as view:
                return await run_demo(
                    engines, call, view, trainee=trainee, seed=cast_from, phone=phone, fast=fast, listen=listen
                )

    _finish(asyncio.run(take()), as_json=as_json)


@click.command()
@script_argument
@seed_option
@ear_option
@click.option("--input", "microphone", metavar="DEV", help="The microphone: its number or part of its name.")
@click.option("--output", "loudspeaker", metavar="DEV", help="The loudspeaker: its number or part of its name.")
@click.option("--speaker", is_flag=True, help="Open loudspeakers instead of a headset.")
def practice(
    script: str, seed: int | None, ear: str | None, microphone: str | None, loudspeaker: str | None, speaker: bool
) -> None:
    """Take a call with your own voice.

    The telephone rings: press Enter, or speak, to answer. Number keys are the keypad: 1 deploy, 2 resolve, 3 refer,
    4 no action, then what is asked; 5 5 helps a silent caller. `o` puts the caller on hold, `h` hangs up. Then you
    see the marksheet. Wear a headset, or say --speaker. SCRIPT is a name from `rightcall scripts`, or a script's
    file. Without a seed the caller's details are new each time. `rightcall doctor` lists the devices.
    """
    _finish(
        _practise(script, seed, ear, _device(microphone), _device(loudspeaker), open_speaker=speaker), as_json=False
    )


def _practise(
    script: str,
    seed: int | None = None,
    ear: str | None = None,
    microphone: str | int | None = None,
    loudspeaker: str | int | None = None,
    *,
    open_speaker: bool = False,
) -> CallResult:
    from rich.console import Console

    from server.practice import run_practice

    call = find_call(script)
    _content_note(call)

    async def take() -> CallResult:
        async with prepare(_settings(ear), PrintedView().notice) as engines:
            return await run_practice(
                engines, call, Console(), seed=seed, microphone=microphone, loudspeaker=loudspeaker,
                open_speaker=open_speaker,
            )  # fmt: skip

    return asyncio.run(take())


def _content_note(call: CallScript, *, err: bool = False) -> None:
    """Say what may distress before the call begins; a trainer can switch such calls off (RIGHTCALL_HIDE)."""
    if call.script.content_note:
        click.echo(f"Content note: {call.script.content_note}", err=err)


@click.command(name="call")
@script_argument
@click.pass_context
def call_(context: click.Context, script: str) -> None:
    """Practise if this machine has a microphone and a loudspeaker, else watch the demo.

    Says which, and why. This is what `make call` runs.
    """
    missing = _missing_sound()
    if missing is None:
        click.echo("A microphone and a loudspeaker are here: you take the call. Wear a headset.")
        click.echo("To hear a synthetic trainee take it instead: rightcall demo\n")
        _finish(_practise(script), as_json=False)
        return
    click.echo(f"This machine cannot hear and speak ({missing}), so a synthetic trainee takes the call.")
    click.echo("To take it yourself by typing: rightcall rehearse " + script + "\n")
    context.invoke(demo, script=script, quiet=True)


def _missing_sound() -> str | None:
    """Why nobody can practise here; None where one can."""
    try:
        find_device(None, "input")
        find_device(None, "output")
    except DeviceError as error:
        there = sound(load())
        return str(error) if there.state == "good" else there.what
    return None


def _device(wanted: str | None) -> str | int | None:
    return int(wanted) if wanted and wanted.isdigit() else wanted


@contextlib.contextmanager
def _watching(call: CallScript, seed: int, *, as_json: bool) -> Iterator[View]:
    """The call on the terminal; nothing of it where standard output is kept for JSON."""
    from rich.console import Console

    from server.practice import watching

    if as_json:
        yield PrintedView(quiet=True, err=True)
        return
    with watching(call, seed, Console()) as view:
        yield view


@contextlib.asynccontextmanager
async def _audience(
    told: Callable[[str], None], *, wanted: bool
) -> AsyncIterator[Callable[[Frame, Frame], None] | None]:
    """What plays the call to whoever sits here, if that is wanted."""
    if not wanted:
        yield None
        return
    async with Audience(told) as audience:
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
