"""Commands about this machine: what works, recognition models, and the callers' voices."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from random import Random

import click

from audio.frame import Frame
from server.settings import load

MARKS = {"good": ("ok  ", "green"), "weak": ("weak", "yellow"), "bad": ("BAD ", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects with name, state, what and mend.")
def doctor(as_json: bool) -> None:
    """Say what works on this machine and how to mend the rest.

    Looks at Python, packages, settings, the home folder, the database, the recogniser, the synthesiser (by having
    it speak), microphone and loudspeaker. The exit code is 1 when something stands in the way of a call.
    """
    from server.doctor import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            mark, colour = MARKS[finding.state]
            click.echo(f"{click.style(mark, fg=colour)} {finding.name:9} {finding.what}")
            if finding.mend:
                click.echo(f"               {finding.mend}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    if any(finding.state == "bad" for finding in findings):
        raise click.exceptions.Exit(1)


@click.group()
def models() -> None:
    """List and install speech recognition models.

    None is needed: the moonshine recogniser has its English model with it. A Vosk model adds word times and
    confidences, and shows the words while they are spoken.
    """


@models.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects with name, path and size.")
def list_models(as_json: bool) -> None:
    """List the installed Vosk models."""
    from voice.models import installed

    folder = load().models_folder
    found = installed(folder)
    if as_json:
        rows = [{"name": model.name, "path": str(model.path), "size": model.size} for model in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for model in found:
        click.echo(f"{model.name}  {model.size / 1e6:.0f} MB  {model.path}")
    if not found:
        click.echo(f"No Vosk model in {folder}; calls use the moonshine recogniser, which needs none.")
        click.echo("To have one: rightcall models install vosk-model-small-en-us-0.15")


@models.command()
@click.argument("source")
@click.option("--sha256", help="Refuse a zip file that has not this SHA-256.")
def install(source: str, sha256: str | None) -> None:
    """Install a Vosk model.

    SOURCE is a name from the makers' list, an address, or a zip file or folder brought to a machine without
    internet. A download that was cut goes on where it stopped when the command is given again. The model is
    checked before it takes its place.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from voice.models import MODELS_URL
    from voice.models import install as install_model

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(Path(source).name, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        place = os.environ.get("RIGHTCALL_MODELS_URL") or MODELS_URL
        model = install_model(source, load().models_folder, progress, base_url=place, sha256=sha256)
        bar.update(task, completed=model.size, total=model.size)
    click.echo(f"{model.name} is installed in {model.path}; calls use it from now on.")


@click.command()
@click.option("--say", metavar="TEXT", help="Speak this instead of the usual sample.")
@click.option("--voice", help="The voice of the sample: one of the list; espeak's variants may follow, as in +f3.")
@click.option("--play", is_flag=True, help="Play a sample through the loudspeaker.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a sample as a WAV file.")
def voices(say: str | None, voice: str | None, play: bool, out: Path | None) -> None:
    """List the callers' voices and hear one.

    \b
    $ rightcall voices
    $ rightcall voices --voice gmw/en-gb-scotland+f2 --say "Can you hear me?" --out sample.wav
    """  # noqa: D301 - click keeps the lines after its mark
    if not (say or voice or play or out):
        _list_voices()
        return
    from audio.wav import write_wav
    from server.doctor import SAMPLE
    from server.playing import play_frame

    frame = asyncio.run(_sample(say or SAMPLE, voice))
    if out:
        write_wav(out, frame)
        click.echo(f"{out}: {frame.seconds:.1f} s")
    else:
        asyncio.run(play_frame(frame))


def _list_voices() -> None:
    from voice.mouth import Pyttsx3Mouth
    from voice.voices import ACCENTS, VARIANTS

    async def installed() -> None:
        mouth = Pyttsx3Mouth(slots=1)
        await mouth.start()
        try:
            found = await mouth.voices()
        finally:
            await mouth.close()
        english = [voice for voice in found if voice.language.lower().startswith("en")]
        click.echo(f"{mouth.engine}: {len(found)} voices, {len(english)} of them English")
        for voice in english:
            click.echo(f"  {voice.id:24} {voice.name} {voice.language} {voice.sex or ''}".rstrip())

    click.echo("Accents of call scripts, and the voice that speaks each:")
    for accent, voice in ACCENTS.items():
        click.echo(f"  {accent:10} {voice}")
    click.echo("espeak's variants that a cast draws from:")
    for (sex, age), variants in VARIANTS.items():
        click.echo(f"  {sex:6} {age:8} {' '.join(f'+{variant}' for variant in variants)}")
    asyncio.run(installed())


async def _sample(text: str, voice: str | None) -> Frame:
    """A sentence spoken by that voice, or by one drawn for a caller of forty."""
    from voice.mouth import Pyttsx3Mouth, Speech
    from voice.voices import choose_voice, delivery

    mouth = Pyttsx3Mouth(slots=1)
    await mouth.start()
    try:
        chosen = voice or choose_voice(
            "female", 40, "rp", whispering=False, random=Random(1), installed=await mouth.voices()
        )
        return await mouth.render(Speech(text, chosen, delivery(60, 40, "plain")))
    finally:
        await mouth.close()
