"""A call as lines of text, as it goes: for the demo, the typed call, and wherever no live screen is wanted."""

from __future__ import annotations

import click

from scripts.events import Entry, LineCut, Utterance
from server.transcript import Row, clock, row_of

COLOURS = {"caller": "cyan", "trainee": "green", "call": "bright_black"}


class PrintedView:
    """Prints each entry of a call's log that a person would want to see.

    `err`: on standard error, where standard output is kept for JSON. `quiet`: notices only. `echo`: also what the
    trainee said; not wanted where they have just typed it.
    """

    def __init__(self, *, quiet: bool = False, err: bool = False, echo: bool = True) -> None:
        self.quiet, self.err, self.echo = quiet, err, echo

    def line(self, text: str = "") -> None:
        """One line of text."""
        if not self.quiet:
            click.echo(text, err=self.err)

    def entry(self, entry: Entry) -> None:
        """Something went into the log."""
        if isinstance(entry, LineCut):
            if entry.heard < 1:
                self._row(Row(entry.at, "call", f"[the caller was cut off, {entry.heard:.0%} heard]"))
        elif (row := row_of(entry)) and (self.echo or not isinstance(entry, Utterance)):
            self._row(row)

    def partial(self, text: str) -> None:
        """Half an utterance is not worth a line."""

    def notice(self, text: str) -> None:
        """Something went wrong around the call, or takes a moment."""
        click.secho(text, fg="yellow", err=True)

    def time(self, now: float) -> None:
        """The rows tell the time."""

    def _row(self, row: Row) -> None:
        who = "" if row.who == "call" else row.who
        self.line(f"{clock(row.at)}  {click.style(f'{who:8}', fg=COLOURS[row.who])} {row.text}")
