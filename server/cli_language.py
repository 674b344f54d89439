"""Commands for other programs: what an utterance means, and whether it holds a detail, as JSON lines.

Both answer each line at once, so that a program can hold a conversation with them. Their keys do not change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click

from scripts.vocabulary import DETAIL_KINDS, DetailKind


@click.command(name="understand")
def understand_lines() -> None:
    """Say what utterances ask and do, one JSON object for each line of standard input.

    \b
    $ echo "what's your address" | rightcall understand
    {"asks": ["location"], "acts": [], "decision": null, "agency": null, "grade": null}

    asks: what the call handler wants to know. acts: what else the words do (greeting, reassure, advise, readback,
    repeat, hold, decide, reference, close, silent, promise, dismiss). decision, agency and grade are filled by a
    decision. Text is taken as a recogniser writes it: lower case and little punctuation are fine.
    """  # noqa: D301 - click keeps the lines after its mark
    from scripts.understanding import as_json, understand

    for line in _lines():
        _answer(as_json(understand(line)))


@click.command(name="captured")
def captured_lines() -> None:
    """Say whether utterances hold a true detail, one JSON object for each line of standard input.

    \b
    $ echo '{"kind": "time", "truth": "22:30", "utterance": "half past ten"}' | rightcall captured

    Each input line is an object with `kind`, `truth` and `utterance`; each answer has `captured` (true or false)
    and `heard`, the detail as it was understood, or null. A line that cannot be read is answered with
    `captured` false and an `error`, named on standard error, and makes the exit code 1.
    """  # noqa: D301 - click keeps the lines after its mark
    from scripts.matching import captured

    failed = False
    for number, line in enumerate(_lines(), start=1):
        if not line:
            continue
        try:
            kind, truth, utterance = _question(line)
        except ValueError as error:
            failed = True
            click.echo(f"rightcall: line {number}: {error}", err=True)
            _answer({"captured": False, "heard": None, "error": str(error)})
            continue
        found = captured(kind, truth, utterance)
        _answer({"captured": found.captured, "heard": found.heard})
    if failed:
        raise click.exceptions.Exit(1)


def _question(line: str) -> tuple[DetailKind, str, str]:
    """The kind, the truth and the utterance of one line. Raises ValueError saying what is wrong with it."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not readable as JSON ({error})") from error
    if not isinstance(row, dict):
        raise ValueError('expected an object: {"kind": ..., "truth": ..., "utterance": ...}')  # noqa: TRY004 - as below
    for key in ("kind", "truth", "utterance"):
        if not isinstance(row.get(key), str):
            raise ValueError(f"{key!r} must be there and be text")  # noqa: TRY004 - what is wrong is the line
    kind = next((known for known in DETAIL_KINDS if known == row["kind"]), None)
    if kind is None:
        raise ValueError(f"there is no kind {row['kind']!r}; there are {', '.join(DETAIL_KINDS)}")
    return kind, row["truth"], row["utterance"]


def _lines() -> Iterator[str]:
    """Standard input line by line, as they come; what is not UTF-8 is replaced, never refused."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace").strip()


def _answer(row: object) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()
