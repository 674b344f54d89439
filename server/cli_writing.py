"""Commands for those who write calls: what the rehearsals reach, and a new call to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts.cover import Coverage, cover
from scripts.parsing import Problem, ScriptError
from scripts.suggest import as_toml, suggest
from server.call_scripts import call_script
from server.cli_shelf import find_path, shelf
from server.new_script import rehearsal_of, write_new


@click.command(name="cover")
@click.argument("files", metavar="[SCRIPT]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects, one a script, with all targets.")
@click.option("--suggest", "more", is_flag=True, help="Print trainees for the rehearsal's file who reach more.")
def cover_(files: tuple[str, ...], as_json: bool, more: bool) -> None:
    """Show what a script's rehearsals reach, and what they never try.

    SCRIPT is a name from `rightcall scripts`, or a script's file; without any, all of the shelf is shown, one line
    each. Counted are facts told, lines heard, conditions that held once and failed once, events that happened,
    criteria met once and missed once, and outcomes decided. What is missing can be reached by the three trainees of
    the rehearsal, or by more of them under [also.NAME]; --suggest prints such tables, wooden but true, to begin with.
    The exit code is 1 when a script cannot be played.
    """
    from server.engines import read_force
    from server.settings import load

    force = read_force(load())
    paths = [find_path(name, whole=True) for name in files] or list(shelf(whole=True).paths().values())
    found: dict[str, Coverage] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            call = call_script(str(path))
            if more:
                click.echo(as_toml(suggest(call.script, call.rehearsal(), force)))
                continue
            found[call.script.id] = cover(call.script, call.rehearsal(), force)
        except ScriptError as error:
            problems += error.problems
    if as_json and not more:
        click.echo(json.dumps([_as_json(name, each) for name, each in found.items()], ensure_ascii=False, indent=2))
    else:
        _show(found, whole=bool(files))
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(1)


def _as_json(name: str, coverage: Coverage) -> dict[str, object]:
    return {
        "id": name,
        "share": round(coverage.share, 3),
        "areas": {area: {"reached": some, "all": every} for area, (some, every) in coverage.areas().items()},
        "targets": [
            {"area": target.area, "place": target.place, "reached": target.reached, "untried": target.untried}
            for target in coverage.targets
        ],
    }


def _show(found: dict[str, Coverage], *, whole: bool) -> None:
    """One line a script; with `whole`, each place that nobody reached as well."""
    width = max(map(len, found), default=0)
    for name, coverage in found.items():
        areas = "  ".join(f"{area} {some}/{every}" for area, (some, every) in coverage.areas().items())
        click.echo(f"{name:{width}} {coverage.share:5.0%}  {areas}")
        for place, untried in coverage.untried if whole else ():
            click.echo(f"  {place}: {untried}")
    if found and not whole:
        click.echo("\nWhat is missing in one of them: rightcall cover NAME")


@click.command()
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write; else your first script folder.",
)
def new(name: str, folder: Path | None) -> None:
    """Write a call to begin with: a commented script, and a rehearsal that proves it.

    NAME is the call's name and its file's: small letters, digits and hyphens, as in `stolen-bicycle`. Both files pass
    `rightcall check` as they are and show most of what a call can hold; change them into yours. Without
    --folder they go to the first folder of the setting RIGHTCALL_SCRIPTS, or to this one. Nothing is overwritten.
    Beside them come the schemas by which an editor completes and checks the files.
    """
    from server.settings import load

    own = load().scripts
    path = write_new(name, folder or (own[0] if own else Path()), taken=shelf(whole=True).paths())
    click.echo(f"{path}\n{rehearsal_of(path)}")
    click.echo(f"\nChange them, then: rightcall check {path}")
    click.echo(f"Take the call by typing, with every save seen at once: rightcall rehearse {path} --watch")
