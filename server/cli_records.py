"""Commands about stored calls: list them, show and renew their marks, hear them."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from scripts.parsing import ScriptError
from scripts.shelf import Shelf
from server.call_files import CallFiles, CallFilesError
from server.cli import nearest
from server.records import CallRecord, Records
from server.settings import Settings, load

MANY = 1_000_000
NEWEST = "last"


@dataclass(frozen=True, slots=True)
class Store:
    """What this site keeps of its calls."""

    settings: Settings
    files: CallFiles
    records: Records

    def call(self, name: str) -> CallRecord:
        """The call of that id, or the newest for `last`. Raises CallFilesError naming the nearest."""
        found = next(iter(self.records.calls(limit=1)), None) if name == NEWEST else self.records.call(name)
        if found is not None:
            return found
        if name == NEWEST:
            raise CallFilesError("no call is stored yet; take one with `rightcall call`")
        ids = [record.call_id for record in self.records.calls(limit=200)]
        raise CallFilesError(f"there is no call {name!r}{nearest(name, ids)}; `rightcall calls` lists them")


@contextmanager
def open_store() -> Iterator[Store]:
    """This site's stored calls. Raises SettingsError and RecordsError."""
    settings = load()
    files = CallFiles(settings.calls_folder)
    with Records(settings.database_url, files) as records:
        yield Store(settings, files, records)


@click.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many, the newest first.")
@click.option("--script", help="Only calls of this script.")
@click.option("--trainee", help="Only calls of this trainee.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects.")
def calls(limit: int, script: str | None, trainee: str | None, as_json: bool) -> None:
    """List the stored calls, the newest first.

    A call whose program was ended in the middle is listed as interrupted; what was recorded up to then is there,
    and `rightcall mark` marks it.
    """
    with open_store() as store:
        found = store.records.calls(limit=limit, script_id=script, trainee=trainee)
    if as_json:
        click.echo(json.dumps([_as_json(record) for record in found], ensure_ascii=False, indent=2))
        return
    for record in found:
        click.echo(_line(record))
    if not found:
        click.echo("No call is stored yet. Take one: rightcall call")


def _as_json(record: CallRecord) -> dict[str, object]:
    row = asdict(record)
    return row | {key: row[key].isoformat() if row[key] else None for key in ("started", "ended")}


def _line(record: CallRecord) -> str:
    score = "  -" if record.score is None else f"{record.score:3.0f}"
    outcome = (record.outcome or "").replace("_", " ")
    state = "" if record.state == "finished" else record.state.replace("_", " ")
    words = [record.call_id, f"{record.started.astimezone():%d %b %H:%M}", score, f"{outcome:14}", record.title]
    return "  ".join([*words, *filter(None, [record.trainee, state])])


@click.command()
@click.argument("call")
@click.option("--json", "as_json", is_flag=True, help="Print the marksheet as one JSON object.")
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file as a PDF.")
def marksheet(call: str, as_json: bool, pdf: Path | None) -> None:
    """Show how a call was marked, with the words that show it.

    CALL is an id from `rightcall calls`, or `last`. The JSON's shape is published in
    scripts/marksheet.schema.json.
    """
    from server.engines import read_force
    from server.marksheet_view import show
    from server.remarking import marked_now, stored_marksheet

    with open_store() as store:
        call_id = store.call(call).call_id
        sheet = stored_marksheet(store.files, call_id)
        if sheet is None:  # interrupted before it was marked
            sheet = marked_now(store.files, call_id, store.files.sheet(call_id).script(), read_force(store.settings))
        if pdf:
            from server.pdf import as_pdf
            from server.printed_call import stored_paper

            pdf.write_bytes(
                as_pdf(stored_paper(store.records, store.files, store.call(call_id), sheet, store.settings))
            )
            click.echo(f"{pdf}: how {call_id} was marked")
            return
    if as_json:
        click.echo(json.dumps(sheet.as_dict(), ensure_ascii=False, indent=2))
    else:
        show(sheet)


@click.command()
@click.argument("call")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the recording here, as WAV.")
@click.option("--output", "device", metavar="DEV", help="The loudspeaker: its number or part of its name.")
def play(call: str, out: Path | None, device: str | None) -> None:
    """Hear a call's recording, or save it.

    CALL is an id from `rightcall calls`, or `last`. In a saved file the trainee is left and the caller right.
    """
    from audio.device import DeviceError
    from audio.wav import read_wav
    from server.playing import play_frame

    with open_store() as store:
        path = store.files.recording(store.call(call).call_id)
    if not path.exists():
        raise CallFilesError(f"the call {call} has no recording: {path} is not there")
    if out:
        shutil.copyfile(path, out)
        click.echo(f"{out}: {read_wav(out).seconds:.1f} s, trainee left, caller right")
        return
    sound = read_wav(path)
    click.echo(f"{path}: {sound.seconds:.1f} s; Ctrl-C stops", err=True)
    try:
        asyncio.run(play_frame(sound, int(device) if device and device.isdigit() else device))
    except DeviceError as error:
        raise DeviceError(f"{error}. Or save the recording: rightcall play {call} --out call.wav") from error


@click.command()
@click.argument("wanted", nargs=-1, metavar="CALL...")
@click.option("--all", "every", is_flag=True, help="Mark all stored calls again.")
@click.option("--as-it-was", is_flag=True, help="Use the script as it was at the call, not today's.")
def mark(wanted: tuple[str, ...], every: bool, as_it_was: bool) -> None:
    """Mark calls again from their logs and show what changed.

    Use this after a script was corrected, or for a call that was interrupted. CALL is an id from
    `rightcall calls`, or `last`. Nothing of the log or the recording is touched; the old marksheet is replaced.
    """
    if not wanted and not every:
        raise click.UsageError("Name the calls to mark, or say --all.")
    from scripts.marking import MarkingError
    from server.engines import read_force
    from server.remarking import remark, script_now

    failed, changed, count = False, 0, 0
    with open_store() as store:
        shelf = Shelf(store.settings.scripts)
        ids = [record.call_id for record in (store.records.calls(limit=MANY) if every else map(store.call, wanted))]
        for call_id in ids:
            try:
                sheet = store.files.sheet(call_id)
                script = sheet.script() if as_it_was else script_now(sheet, shelf)
                done = remark(store.files, store.records, call_id, script, read_force(store.settings))
            except (CallFilesError, MarkingError, ScriptError) as error:
                failed = True
                click.echo(f"rightcall: {call_id}: {error}", err=True)
                continue
            count += 1
            changed += bool(done.changes)
            click.echo(f"{call_id}: {'; '.join(done.changes) or 'as before'}")
    click.echo(f"{count} marked, {changed} changed")
    if failed:
        raise click.exceptions.Exit(1)
