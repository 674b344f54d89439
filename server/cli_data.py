"""Commands about people's data: how long sound is kept, and one trainee's data taken out or erased."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from server.cli_backup import WHO
from server.cli_records import open_store


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list what would be deleted.")
@click.option("--days", type=click.IntRange(1), help="Instead of RIGHTCALL_RETENTION_DAYS.")
def retention(*, dry_run: bool, days: int | None) -> None:
    """Delete the recordings whose time has come; logs and marks stay.

    A server does the same by itself once a day, where RIGHTCALL_RETENTION_DAYS is set.
    """
    from server.retention import due, keep_to_it

    with open_store() as store:
        days = days or store.settings.retention_days
        if not days:
            raise click.UsageError("Recordings are kept for ever here: set RIGHTCALL_RETENTION_DAYS, or give --days.")
        now = datetime.now(UTC)
        if dry_run:
            found = due(store.records, store.files, days, now)
            for one in found:
                click.echo(f"{one.call_id}  {one.started:%Y-%m-%d}  {one.trainee}  {one.size / 1e6:.1f} MB")
        else:
            found = keep_to_it(store.records, store.files, days, now, WHO)
    size = sum(one.size for one in found) / 1e6
    done = "would be deleted" if dry_run else "were deleted"
    click.echo(f"{len(found)} recordings older than {days} days {done}, {size:.1f} MB.")


@click.command(name="export-trainee")
@click.argument("name")
@click.argument("place", metavar="FILE", type=click.Path(path_type=Path))
def export_trainee(name: str, place: Path) -> None:
    """Write everything that is stored about a trainee to FILE, a ZIP that there is not yet.

    NAME is what the trainee signs in with, or the name that their calls are stored under.
    """
    from server.trainee_export import export_trainee as export

    with open_store() as store:
        found = export(store.settings, store.records, name, place, WHO)
    click.echo(f"{place}: {_listed(found)}.")


@click.command(name="erase-trainee")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_trainee(name: str, *, yes: bool) -> None:
    """Erase everything that is stored about a trainee, and their account if they are nothing else.

    NAME is as for `export-trainee`. What they did as an assessor, trainer or administrator stays, and so does the
    audit trail; where the account goes, another word stands there in place of the name.
    """
    from server.erasure import erase_trainee as erase
    from server.trainee_export import stored_about

    with open_store() as store:
        with store.records.reading() as connection:
            found = stored_about(connection, store.settings, name)
        if not yes:
            click.confirm(f"Erase {_listed(found)} of {name} for good?", abort=True)
        done = erase(store.settings, store.records, name, WHO)
    click.echo(f"Erased {_listed(done.counts)}. The audit trail calls it {done.word}.")
    if done.account_stays:
        click.echo("The account stays, because it has other roles than trainee.")
    if done.copies:
        click.echo("These copies may still hold the same data: delete them, or make them anew:")
        for copy in done.copies:
            click.echo(f"  {copy}")


def _listed(found: dict[str, int]) -> str:
    return ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in found.items())
