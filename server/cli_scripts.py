"""Commands for those who write calls: the shelf, and every mistake in a script."""

from __future__ import annotations

import json

import click

from scripts.parsing import Problem, ScriptError
from scripts.script import Script
from scripts.shelf import read
from server.cli_shelf import find_path, shelf


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects with id, title, line and more.")
def scripts(as_json: bool) -> None:
    """List the calls on the shelf.

    These are the program's own calls and those in the folders of the setting RIGHTCALL_SCRIPTS. Use a name from
    here with `practice`, `demo` and `rehearse`. The exit code is 1 when a script has mistakes: see `check`.
    """
    good, problems = [], []
    for path in shelf().paths().values():
        try:
            good.append(read(path))
        except ScriptError as error:
            problems += error.problems
    if as_json:
        click.echo(json.dumps([_row(script) for script in good], ensure_ascii=False, indent=2))
    else:
        _list(good)
    _fail_for(problems)


def _row(script: Script) -> dict[str, object]:
    """What a list shows of a script: nothing that gives the answers away."""
    return {
        "id": script.id,
        "title": script.title,
        "version": script.version,
        "line": script.line,
        "difficulty": script.difficulty,
        "summary": script.summary,
        "aims": script.aims,
        "content_note": script.content_note,
    }


def _list(found: list[Script]) -> None:
    width = max((len(script.id) for script in found), default=0)
    for script in found:
        click.echo(f"{script.id:{width}}  {script.line}  {'*' * script.difficulty:5}  {script.title}")
    click.echo("\nStars say how hard a call is. Take one: rightcall rehearse NAME, or rightcall practice NAME")


def _fail_for(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("files", nargs=-1)
def check(files: tuple[str, ...]) -> None:
    """Find every mistake in call scripts, with its place and how to mend it.

    FILES are script files or names from `rightcall scripts`; without any, all of the shelf is checked. A script's
    rehearsal is checked and played as well: it has the script's name and lies in a folder `rehearsals` beside FILE.
    Each mistake is one line, `file: place: what is wrong`, on standard output; the exit code is 1 if there are any.
    """
    from server.engines import read_force
    from server.proving import problems_of
    from server.settings import load

    paths = [find_path(name, whole=True) for name in files] or list(shelf(whole=True).paths().values())
    force, count = read_force(load()), 0
    for path in paths:
        problems = problems_of(path, force)
        count += len(problems)
        for problem in problems:
            click.echo(str(problem))
        if not problems:
            click.echo(f"{path.name}: good")
    if count:
        raise click.exceptions.Exit(1)
