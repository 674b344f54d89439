"""What a shift of a number brings: for trainers who choose one, and to compare what different people made of it."""

from __future__ import annotations

from random import SystemRandom

import click

from scripts.shelf import Shelf
from scripts.shift_marking import NAMES
from scripts.shift_plan import MINUTES, Length, Plan, plan
from server.settings import load

LARGEST_SEED = 9999


@click.command()
@click.option("--plan", "show", is_flag=True, help="Print what comes in, and when.")
@click.option("--seed", type=click.IntRange(1, LARGEST_SEED), help="The shift of this number; without it any.")
@click.option("--length", type=click.Choice(list(MINUTES)), default="standard", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def shift(*, show: bool, seed: int | None, length: Length, as_json: bool) -> None:
    """A shift: calls on 999 and 101, web chats and online reports, several at once.

    It is worked in the browser (`rightcall serve`, then Shift). The same number always brings the same shift.
    """
    if not (show or as_json):
        click.echo(
            "A shift is worked in the browser: rightcall serve, then open Shift. --plan shows what one brings."
        )
        return
    settings = load()
    scripts = Shelf(settings.scripts, settings.hide).scripts()
    made = plan(scripts, seed or SystemRandom().randint(1, LARGEST_SEED), length)
    click.echo(made.model_dump_json(indent=1) if as_json else _told(made))


def _told(made: Plan) -> str:
    rows = [f"Shift {made.seed}, {made.minutes} minutes, {len(made.contacts)} contacts"]
    for one in made.contacts:
        patience = f"waits {one.patience:.0f} s" if one.patience else "waits"
        back = f", then comes again after {one.returns_after:.0f} s" if one.returns_after else ""
        rows.append(f"{_clock(one.at)}  {NAMES[one.kind]:<13}  {one.title} ({one.script}): {patience}{back}")
    known = {one.id: one for one in made.contacts}
    for news in made.news:
        about = known[news.about].title
        rows.append(f"then   message        {news.after:.0f} s after “{about}”: {news.sender}: {news.text}")
    return "\n".join(rows)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
