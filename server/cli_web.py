"""Commands about the pages: accounts from the command line, and opening the first page."""

from __future__ import annotations

import sys
import threading
import webbrowser

import click

from server.settings import load


@click.command()
@click.argument("name")
@click.option("--full-name", default="", help="As it stands on a marksheet.")
@click.option(
    "--role", "roles", multiple=True, default=("trainee",), show_default=True,
    help="trainee, assessor, trainer or administrator; may be given several times.",
)  # fmt: skip
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for if not given.")
def account(name: str, full_name: str, roles: tuple[str, ...], password: str) -> None:
    """Make an account for the pages, or give an account another password and other roles.

    NAME is what the person signs in with.
    """
    from server.accounts import Accounts
    from server.call_files import CallFiles
    from server.records import Records

    settings = load()
    with Records(settings.database_url, CallFiles(settings.calls_folder)) as records:
        accounts = Accounts(records)
        if any(one.name == name.strip().lower() for one in accounts.all()):
            made = accounts.change(name.strip().lower(), roles=roles, active=True)
            accounts.set_password(made.name, password)
        else:
            made = accounts.add(name, full_name, password, roles)
        accounts.note("the command line", "made an account", f"{made.name}: {' '.join(sorted(made.roles))}")
    click.echo(f"{made.name} can sign in as {', '.join(sorted(made.roles))}.")


def open_page(host: str, port: int, *, wanted: bool | None) -> None:
    """Open the first page in this machine's browser: when asked for, or where somebody sits at a terminal."""
    if wanted is False or (wanted is None and not sys.stdout.isatty()):
        return
    name = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    threading.Timer(1.0, webbrowser.open, [f"http://{name}:{port}"]).start()
