"""The command line's front door: which commands there are, and how a failure is said.

A command's module is imported only when it runs, so that `rightcall --help` stays quick: this file imports click
and nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

import click

OUR_PACKAGES = ("audio", "voice", "scripts", "server")
INTERRUPTED = 130
"""The exit code of a program ended by Ctrl-C (128 + SIGINT), as shells have it."""
PIPE_CLOSED = 141
"""The exit code of a program whose reader went away (128 + SIGPIPE)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: the section of the help it stands in, where it lives (`module:function`), what it does."""

    section: str
    place: str
    help: str


COMMANDS: dict[str, Entry] = {
    "call": Entry(
        "Take a call", "server.cli_calls:call_", "Practise if this machine has sound, else watch the demo."
    ),
    "practice": Entry("Take a call", "server.cli_calls:practice", "Take a call with your own voice."),
    "demo": Entry("Take a call", "server.cli_calls:demo", "Listen to a synthetic trainee take a call."),
    "rehearse": Entry("Take a call", "server.cli_rehearse:rehearse", "Take a call by typing instead of speaking."),
    "quick": Entry("Take a call", "server.cli_quick:quick", "Ten short calls against the clock."),
    "shift": Entry("Take a call", "server.cli_shift:shift", "Show what a half-hour of contacts brings."),
    "scripts": Entry("Write calls", "server.cli_scripts:scripts", "List the calls on the shelf."),
    "new": Entry("Write calls", "server.cli_writing:new", "Write a call to begin with, and its rehearsal."),
    "check": Entry("Write calls", "server.cli_scripts:check", "Find every mistake in call scripts."),
    "cover": Entry("Write calls", "server.cli_writing:cover_", "Show what a call's rehearsals never try."),
    "calls": Entry("Review calls", "server.cli_records:calls", "List the stored calls."),
    "marksheet": Entry("Review calls", "server.cli_records:marksheet", "Show how a call was marked, with evidence."),
    "play": Entry("Review calls", "server.cli_records:play", "Hear a call's recording, or save it."),
    "mark": Entry("Review calls", "server.cli_records:mark", "Mark calls again and show what changed."),
    "serve": Entry("Train over the telephone", "server.cli_phone:serve", "Run the server."),
    "dial": Entry("Train over the telephone", "server.cli_phone:dial", "Ring a trainee with a practice call."),
    "phone": Entry("Train over the telephone", "server.cli_phone:phone", "Set up the line and who may train on it."),
    "line": Entry("Train over the telephone", "server.cli_line:line", "Play the telephone network to a server."),
    "status": Entry("Train over the telephone", "server.cli_phone:status", "Say how the server and its line are."),
    "account": Entry("This machine", "server.cli_web:account", "Make an account for the pages."),
    "backup": Entry("The site's data", "server.cli_backup:backup", "Write the whole site into one file."),
    "restore": Entry("The site's data", "server.cli_backup:restore", "Bring a backup back."),
    "retention": Entry("The site's data", "server.cli_data:retention", "Delete recordings whose time has come."),
    "export-trainee": Entry("The site's data", "server.cli_data:export_trainee", "Take out one trainee's data."),
    "erase-trainee": Entry("The site's data", "server.cli_data:erase_trainee", "Erase one trainee's data."),
    "doctor": Entry("This machine", "server.cli_machine:doctor", "Say what works here and how to mend the rest."),
    "models": Entry("This machine", "server.cli_machine:models", "List and install speech recognition models."),
    "voices": Entry("This machine", "server.cli_machine:voices", "List the callers' voices and hear one."),
    "understand": Entry(
        "For other programs", "server.cli_language:understand_lines", "What utterances ask and do, as JSON lines."
    ),
    "captured": Entry(
        "For other programs", "server.cli_language:captured_lines", "Whether utterances hold a detail, as JSON lines."
    ),
}
"""Every command, in the order of the help."""


class LazyGroup(click.Group):
    """A group that lists its commands from the table and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """The command of that name, or None."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, function = entry.place.partition(":")
        command = getattr(import_module(module), function)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.place} is not a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed. Raises UsageError naming the nearest for one there is not."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise click.UsageError(f"There is no command {name!r}{nearest(name, COMMANDS)}.", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The help's list of commands, without importing any."""
        for section in dict.fromkeys(entry.section for entry in COMMANDS.values()):
            rows = [(name, entry.help) for name, entry in COMMANDS.items() if entry.section == section]
            with formatter.section(section):
                formatter.write_dl(rows, col_max=16)


def nearest(name: str, known: Iterable[str]) -> str:
    """`: did you mean 'demo'?` for a name that is nearly one of the known, else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f": did you mean {near[0]!r}?" if near else ""


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rightcall", prog_name="rightcall")
def rightcall() -> None:
    """Right Call trains police call handlers with spoken calls, offline.

    A synthetic caller rings. You answer, ask, decide and hang up. Rules mark the call and show their evidence.
    Nothing leaves this machine.

    Start with `rightcall call`. Each command explains itself: `rightcall demo --help`.
    """


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed (one line on stderr says why), 2 wrongly typed."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; its exit code. With RIGHTCALL_DEBUG=1 failures show where they arose."""
    debug = os.environ.pop("RIGHTCALL_DEBUG", "")  # ours alone: the settings refuse names they do not know
    if not debug:
        _keep_failures_short()
    try:
        code = rightcall.main(arguments, prog_name="rightcall", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return PIPE_CLOSED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:
        if debug:
            raise
        click.echo(f"rightcall: {explain(error)}", err=True)
        return 1
    return code if isinstance(code, int) else 0


def _keep_failures_short() -> None:
    """Let asyncio not print the traces of tasks that failed along with what is told in one line."""
    import logging

    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def explain(error: Exception) -> str:
    """A failure in one sentence. Errors of our own say how to mend themselves; others name their kind."""
    if type(error).__module__.partition(".")[0] in OUR_PACKAGES:
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f" {error.filename}" if error.filename else ""
        return f"the system refused{where}: {error.strerror}. `rightcall doctor` looks for the cause"
    kind = type(error).__name__
    return f"something unforeseen went wrong ({kind}: {error}); RIGHTCALL_DEBUG=1 shows where, please report it"


def _forget_output() -> None:
    """Let the interpreter's last flush go nowhere: the reader of our output has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


if __name__ == "__main__":
    main()
