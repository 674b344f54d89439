"""What is typed in a typed call, as turns of the trainee."""

from __future__ import annotations

from collections.abc import Callable

from scripts.events import Understood
from scripts.rehearsal import TrainedTurn, TypedCall

EMPTY_LINE_WAITS = 3.0
"""Seconds of silence that an empty line stands for: the caller goes on, or asks whether you are there."""

TYPED_HELP = """\
Type what you say and press Enter. The caller answers. Or:
  /key 1           press keys: 1 deploy, 2 resolve, 3 refer, 4 no action, then what is asked; 55 for a silent caller
  /form name Ann   fill a field of the incident form
  /wait 10         say nothing for ten seconds (an empty line: three seconds)
  /over 2 words    begin to speak two seconds into the caller's line
  /hold            put the caller on hold, /unhold take the call up again
  /hang-up         end the call; so does the end of the input (Ctrl-D)"""


def turn(line: str) -> TrainedTurn:
    """One typed line as a turn. Raises ValueError saying what was expected."""
    line = line.strip()
    if not line:
        return TrainedTurn(wait=EMPTY_LINE_WAITS)
    if not line.startswith("/"):
        return TrainedTurn(say=line)
    command, _, rest = line.partition(" ")
    read = _COMMANDS.get(command.lower())
    if read is None:
        raise ValueError(f"there is no {command}; there are {', '.join(_COMMANDS)} and /help")
    return read(rest.strip())


def take(call: TypedCall, line: str) -> None:
    """Do in the call what the line says. Raises ValueError or CastError before anything has happened."""
    doing = turn(line)
    call.cast.spoken(doing.say)  # a detail that there is not is said before anything has happened
    if doing.over is None:
        call.listen()
    before = len(call.log)
    if not call.over:
        call.take(doing)
    if any(isinstance(entry, Understood) and "close" in entry.meaning.acts for entry in call.log[before:]):
        call.listen()


def _key(rest: str) -> TrainedTurn:
    keys = rest.replace(" ", "")
    if not keys or set(keys) - set("0123456789*#"):
        raise ValueError("expected keys, as in /key 1")
    return TrainedTurn(key=keys)


def _form(rest: str) -> TrainedTurn:
    field, _, value = rest.partition(" ")
    if not field or not value.strip():
        raise ValueError("expected a field and its value, as in /form location 12 Mill Lane")
    return TrainedTurn(field=field, value=value.strip())


def _wait(rest: str) -> TrainedTurn:
    return TrainedTurn(wait=_seconds(rest, "/wait 10"))


def _over(rest: str) -> TrainedTurn:
    first, _, words = rest.partition(" ")
    if not words.strip():
        raise ValueError("expected seconds and words, as in /over 2 Stay on the line")
    return TrainedTurn(over=_seconds(first, "/over 2 Stay on the line"), say=words.strip())


def _nothing_more(turn: TrainedTurn) -> Callable[[str], TrainedTurn]:
    def read(rest: str) -> TrainedTurn:
        if rest:
            raise ValueError(f"expected nothing after the command, got {rest!r}")
        return turn

    return read


_COMMANDS: dict[str, Callable[[str], TrainedTurn]] = {
    "/key": _key,
    "/form": _form,
    "/wait": _wait,
    "/over": _over,
    "/hold": _nothing_more(TrainedTurn(hold=True)),
    "/unhold": _nothing_more(TrainedTurn(hold=False)),
    "/hang-up": _nothing_more(TrainedTurn(hang_up=True)),
}


def _seconds(text: str, example: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise ValueError(f"expected seconds from 0 to 3600, as in {example}")
    return seconds
