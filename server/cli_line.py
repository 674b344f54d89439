"""`rightcall line`: the telephone network, or an exchange, played to a running server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from server.call_scripts import CallScript
from server.cli_calls import FIRST_SCRIPT
from server.cli_phone import port_option
from server.cli_shelf import find_call
from server.line import Plan, Port, place_calls, place_of
from server.line_measures import LineMeasures, counts, rows
from server.line_network import Place, Weather
from server.line_person import Person, Yourself
from server.settings import Settings, load

if TYPE_CHECKING:
    from rich.table import Table

EXCHANGE_PORT = 9092
"""By custom; where the settings name none."""
OWN_DELAY = 0.02
"""Seconds of this program's own lateness beyond which its figures are no measure of the server."""


class Amount(click.ParamType[float]):
    """A number with a unit that may be left out: `2%` of loss, `60ms` or `1s` of time."""

    def __init__(self, name: str, units: dict[str, float]) -> None:
        self.name, self._units = name, units

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """In the first of the units where none is said. Fails as click does."""
        if isinstance(value, float):
            return value
        text = str(value).strip()
        unit = next((unit for unit in sorted(self._units, key=len, reverse=True) if text.endswith(unit)), "")
        try:
            number = float(text.removesuffix(unit))
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1000:
            self.fail(f"{value!r} is not a {self.name}: write it as 2{next(iter(self._units))}", param, ctx)
        return number * self._units[unit or next(iter(self._units))]


SHARE = Amount("share", {"%": 0.01})
MILLISECONDS = Amount("time", {"ms": 0.001, "s": 1.0})
SECONDS = Amount("time", {"s": 1.0, "ms": 0.001})


@click.command()
@click.option("--script", default="", help="The call: a name from `rightcall scripts`; many calls go round them all.")
@click.option(
    "--trainee", default="expert", show_default=True, metavar="WHO",
    help="expert, novice, poor, a sound file (FILE.wav), or mic for your own voice.",
)  # fmt: skip
@click.option("--loss", type=SHARE, default=0.0, help="Share of the packets that are lost, as 2%.")
@click.option("--jitter", type=MILLISECONDS, default=0.0, help="At most so much delay of each packet, as 60ms.")
@click.option("--pin", default="", help="Ring in and key this PIN, instead of being rung.")
@click.option("--calls", default=1, type=click.IntRange(1, 1000), show_default=True, help="So many calls at once.")
@click.option("--ramp", type=SECONDS, default=0.0, help="Time between the beginnings of two calls, as 1s.")
@click.option("--turns", type=click.IntRange(1), help="At most so many of the trainee's turns.")
@click.option("--interrupt", is_flag=True, help="Every third turn speaks over the caller.")
@click.option("--exchange", is_flag=True, help="Play an exchange over AudioSocket instead; needs --pin.")
@click.option("--wide", is_flag=True, help="The exchange's telephone speaks at 16 kHz.")
@click.option("--packet", default=20, type=click.Choice([10, 20, 30, 40, 60]), help="Milliseconds in its packets.")
@port_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: figures, counts, calls.")
def line(
    script: str, trainee: str, loss: float, jitter: float, pin: str, calls: int, ramp: float, turns: int | None,
    interrupt: bool, exchange: bool, wide: bool, packet: int, port: int, as_json: bool,
) -> None:  # fmt: skip
    """Play the telephone network to the server that runs on this machine, and measure it.

    Signed webhooks over HTTP, the instructions obeyed, the media socket at the pace of the world. The settings are
    the server's own. The exit code is 1 where a call failed.
    """
    settings = load()
    if exchange and not pin:
        raise click.UsageError(
            "--exchange needs --pin: an exchange tells who trains by a PIN (`rightcall phone pin`)"
        )
    if trainee == "mic" and calls > 1:
        raise click.UsageError("there is one of you: --trainee mic takes one call")
    plan = Plan(_scripts(script, calls, settings), trainee, calls, ramp, Weather(loss, jitter), pin, turns, interrupt)
    where: Place | Port
    if exchange:
        anywhere = settings.exchange_bind in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if anywhere else settings.exchange_bind
        where = Port(host, settings.exchange_port or EXCHANGE_PORT, 16_000 if wide else 8000, packet / 1000)
    else:
        where = place_of(settings, port)
    measured = asyncio.run(_place(plan, where, settings))
    _show(measured, as_json=as_json)
    if any(call.ended.startswith("failed") for call in measured):
        raise click.exceptions.Exit(1)


def _scripts(name: str, calls: int, settings: Settings) -> Sequence[CallScript]:
    if name or calls == 1:
        return [find_call(name or FIRST_SCRIPT)]
    from server.shelving import Catalogue

    return [find_call(each) for each in Catalogue(settings.scripts).offered()][:calls]


async def _place(plan: Plan, where: Place | Port, settings: Settings) -> list[LineMeasures]:
    def told(text: str) -> None:
        click.echo(text, err=True)

    if plan.trainee != "mic":
        return await place_calls(plan, where, settings, told)
    async with _yourself(where.rate if isinstance(where, Port) else 8000) as somebody:
        expert = Plan(plan.scripts, weather=plan.weather, pin=plan.pin)
        return await place_calls(expert, where, settings, told, somebody)


@contextlib.asynccontextmanager
async def _yourself(rate: int) -> AsyncIterator[Person]:
    """You, with the keyboard's keys. Raises DeviceError."""
    from audio.device import Loudspeaker, Microphone
    from server.practice import reading_keys

    microphone = await Microphone.open()
    try:
        loudspeaker = await Loudspeaker.open()
        try:
            you = Yourself(microphone, loudspeaker, rate)
            listening = asyncio.create_task(you.listen())
            click.echo("Speak when the caller does. Keys are the telephone's; h hangs up.", err=True)
            async with reading_keys(sys.stdin, you.press):
                yield you
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        finally:
            await loudspeaker.close()
    finally:
        await microphone.close()


def _show(measured: Sequence[LineMeasures], *, as_json: bool) -> None:
    delay = max(call.own_delay for call in measured)
    if as_json:
        told = {
            "figures": [asdict(row) for row in rows(measured)],
            "counts": counts(measured),
            "own_delay": round(delay, 4),
            "calls": [{"ended": call.ended, "answer": call.answer} for call in measured],
        }
        click.echo(json.dumps(told, indent=2))
        return
    from rich.console import Console

    Console().print(_table(measured))
    click.echo(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts(measured).items()))
    if delay > OWN_DELAY:
        click.echo(f"this program was up to {1000 * delay:.0f} ms late itself: the figures hold that too")


def _table(measured: Sequence[LineMeasures]) -> Table:
    from rich.table import Table

    table = Table("seconds", "p50", "p95", "worst", "measured")
    for row in rows(measured):
        cells = ["" if value is None else f"{value:.3f}" for value in (row.p50, row.p95, row.worst)]
        table.add_row(row.name, *cells, str(row.count))
    return table
