"""Commands that put a whole site into one file, and bring it back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.cli_records import open_store

WHO = "the command line"


@click.command()
@click.argument("place", metavar="FILE", type=click.Path(path_type=Path))
def backup(place: Path) -> None:
    """Write a backup of this site: database, calls, settings that are no secrets.

    FILE is a ZIP that there is not yet, or a folder, in which the backup gets a name of its own. The server may be
    running. Passwords, keys and sessions of the settings are left out; so is what opens PINs: they are set anew
    where a backup is restored on another machine.
    """
    from server.accounts import Accounts
    from server.backup import back_up

    with open_store() as store, _bar("Backing up") as progress:
        made = back_up(store.settings, store.records, place, progress)
        Accounts(store.records).note(WHO, "made a backup", str(made))
    click.echo(f"{made} ({made.stat().st_size / 1e6:.1f} MB). Keep it where only administrators can read it.")


@click.command()
@click.argument("place", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put the backup in the place of what is here, which is kept aside.")
def restore(place: Path, *, replace: bool) -> None:
    """Bring a backup back, also one of an older version, also into another kind of database.

    What was here before is kept in a folder `before-restore-...` of the home folder. After an error calls and
    database are as they were.
    """
    from server.accounts import Accounts
    from server.restore import restore as bring_back

    with open_store() as store, _bar("Restoring") as progress:
        done = bring_back(store.settings, store.records, place, replace=replace, progress=progress)
        Accounts(store.records).note(
            WHO, "restored a backup", f"{place.name}, made {done.manifest.made:%d %B %Y %H:%M} UTC"
        )
    rows = done.manifest.rows
    click.echo(f"Restored {rows.get('calls', 0)} calls and {rows.get('accounts', 0)} accounts.")
    if done.aside:
        click.echo(f"What was here before is in {done.aside}: delete it when you no longer need it.")
    if done.settings_differ:
        click.echo("This machine's settings were kept; the backup's are beside them in rightcall.toml.restored.")
    if rows.get("phone_pins"):
        click.echo("PINs work again only with this site's own pins.salt; on another machine, set them anew.")


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Progress on standard error, where a person looks at it."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=None)

        def progress(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        yield progress
