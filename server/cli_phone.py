"""Commands about the server and its telephone line."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from server.settings import Settings, load

if TYPE_CHECKING:
    from server.pins import PinBook

DEFAULT_PORT = 8000
ASK_EVERY = 1.0
"""Seconds between two looks at a call that was placed."""
ANSWER_SECONDS = 5.0

port_option = click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@port_option
@click.option(
    "--open/--no-open", "opened", default=None, help="Open the first page; on a terminal unless told not to."
)
def serve(host: str, port: int, opened: bool | None) -> None:
    """Run the server: the pages at http://localhost:8000, and the telephone line.

    It listens on this machine alone unless told otherwise; put a web server with a certificate in front of it and
    name its address in RIGHTCALL_PUBLIC_ORIGIN. Stop it with Ctrl-C: calls in progress are stored and marked.
    """
    from server.app import create_app, server
    from server.cli_web import open_page
    from server.web import check_address

    settings = load()
    check_address(host, settings)
    app = create_app(settings)
    click.echo(f"Right Call listens on http://{host}:{port}; `rightcall status` tells how it is.")
    open_page(host, port, wanted=opened)
    asyncio.run(server(app, host, port).serve())


@click.command()
@port_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--check", is_flag=True, help="Ask Twilio too, whether the number points at this server.")
def status(port: int, as_json: bool, check: bool) -> None:
    """Say how the server and its telephone line are; each problem with its mend.

    The exit code is 1 while the line cannot take calls.
    """
    from server.phone_problems import line_problems

    settings = load()
    health = _ask_server(port)
    if health is None:
        problems = [{"what": problem.what, "mend": problem.mend} for problem in line_problems(settings)]
        health = {"ready": False, "server": "not running", "problems": problems}
    exchange = _ask_server(port, "/exchange/health")
    if exchange and exchange["configured"]:
        health["exchange"] = exchange
    if settings.xapi_endpoint:
        health["record_store"] = _record_store(settings)
    if check:
        _check_number(settings, health)
    if as_json:
        click.echo(json.dumps(health, indent=2))
    else:
        _show(health, port)
    if not health["ready"]:
        raise click.exceptions.Exit(1)


def _record_store(settings: Settings) -> dict[str, object]:
    """How many statements the learning record store has, lacks and refused, and its last words on those."""
    from server.call_files import CallFiles
    from server.records import Records
    from server.web_record_store import outbox

    with Records(settings.database_url, CallFiles(settings.calls_folder)) as records:
        box = outbox(records, settings)
        said = next((one.said for one in box.unsent() if one.said), "")
        counts = {str(state): number for state, number in box.counts().items()}
        return {"address": settings.xapi_endpoint, **counts, "said": said}


def _ask_server(port: int, path: str = "/phone/health") -> dict[str, object] | None:
    """The server's own account of its line; None where none runs."""
    import httpx

    try:
        answer = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=ANSWER_SECONDS)
        told = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _check_number(settings: Settings, health: dict[str, object]) -> None:
    from server.phone_admin import PhoneAdmin, PhoneAdminError

    problems = health["problems"]
    try:
        setup = PhoneAdmin(settings).plan()
        found = [
            {"what": f"the number's {change.name} is {change.now or 'not set'}", "mend": "rightcall phone setup"}
            for change in setup.changes
        ]
    except PhoneAdminError as error:
        found = [{"what": str(error), "mend": ""}]
    if found and isinstance(problems, list):
        problems.extend(found)
        health["ready"] = False


def _show(health: dict[str, object], port: int) -> None:
    click.echo(f"server: {health['server']}" + (f" on port {port}" if health["server"] != "not running" else ""))
    if "calls_in_progress" in health:
        click.echo(f"calls in progress: {health['calls_in_progress']} of {health['most_calls']} at most")
        click.echo(f"recognition lags {health['decode_lag_ms']} ms behind")
        click.echo(f"refused because busy: {health['refused']}; with a wrong signature: {health['forged']}")
    problems = health["problems"]
    for problem in problems if isinstance(problems, list) else []:
        click.echo(f"telephone: {problem['what']}\n           {problem['mend']}".rstrip())
    if health["ready"]:
        click.echo("telephone: ready")
    store = health.get("record_store")
    if isinstance(store, dict):
        told = f"{store['sent']} sent, {store['waiting']} waiting, {store['refused']} refused"
        click.echo(f"record store: {told}" + (f". It said: {store['said']}" if store["said"] else ""))
    exchange = health.get("exchange")
    if isinstance(exchange, dict):
        listens = (
            f"listens on {exchange['address']}, {exchange['calls_connected']} calls, {exchange['refused']} refused"
        )
        click.echo(f"exchange: {exchange['failure'] or listens}")


@click.command()
@click.argument("number")
@click.option("--script", required=True, help="The call: a name from `rightcall scripts`.")
@click.option("--trainee", default="", help="Who trains, for the records; the number if not given.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the end of the call.")
def dial(number: str, script: str, trainee: str, no_wait: bool) -> None:
    """Ring a trainee with a practice call.

    NUMBER with its country, as +447700900123. The server must be running: the call is connected to it. Whoever
    answers presses any key to take the call, so no answering machine ever does.
    """
    from server.cli_shelf import find_call
    from server.phone_admin import OVER, PhoneAdmin

    call = find_call(script)
    admin = PhoneAdmin(load())
    placed = admin.dial(number, call.script.id, trainee)
    click.echo(f"{placed}: placed")
    before = ""
    while not no_wait and before not in OVER:
        now = admin.progress(placed)
        if now != before:
            click.echo(f"{placed}: {now}")
        before = now
        time.sleep(0 if now in OVER else ASK_EVERY)


@click.group()
def phone() -> None:
    """Set up the telephone line and who may train on it."""


@phone.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be changed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def setup(dry_run: bool, yes: bool) -> None:
    """Check the account and point the number at this server."""
    from server.phone_admin import PhoneAdmin

    admin = PhoneAdmin(load())
    plan = admin.plan()
    click.echo(f"account: {plan.account}")
    for change in plan.changes:
        click.echo(f"{change.name}: {change.now or '(not set)'} -> {change.wanted}")
    if not plan.changes:
        click.echo("The number points at this server.")
        return
    if dry_run:
        click.echo("Nothing was changed.")
        return
    if not yes:
        click.confirm("Change this?", abort=True)
    admin.apply(plan)
    click.echo("The number points at this server now. Ring it.")


@phone.group()
def pin() -> None:
    """Who may train over the telephone."""


@pin.command(name="set")
@click.argument("trainee")
@click.option("--pin", "chosen", help="Six digits; drawn if not given.")
@click.option("--number", help="A number that is let in without a PIN, as +447700900123.")
def set_pin(trainee: str, chosen: str | None, number: str | None) -> None:
    """Give a trainee a PIN, in place of any before.

    It is shown once and kept as a digest. A number can be forged by a caller: give one only where that does no harm.
    """
    with _pins() as book:
        drawn = book.set(trainee, chosen, number)
    click.echo(f"{trainee} has the PIN {drawn}. It cannot be shown again.")


@pin.command(name="list")
def list_pins() -> None:
    """List who has a PIN."""
    with _pins() as book:
        found = book.trainees()
    for trainee in found:
        click.echo(f"{trainee.name}  {trainee.number or ''}".rstrip())
    if not found:
        click.echo("Nobody has a PIN, so nobody can ring in: rightcall phone pin set NAME")


@pin.command(name="remove")
@click.argument("trainee")
def remove_pin(trainee: str) -> None:
    """Take a trainee's PIN away."""
    with _pins() as book:
        if not book.remove(trainee):
            raise click.ClickException(f"{trainee} has no PIN; `rightcall phone pin list` lists who has")
    click.echo(f"{trainee} has no PIN any more.")


@contextmanager
def _pins() -> Iterator[PinBook]:
    from server.pins import PinBook

    settings = load()
    book = PinBook(settings.database_url, settings.home)
    try:
        yield book
    finally:
        book.close()
