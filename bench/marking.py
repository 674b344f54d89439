"""How many stored calls are marked again in a second: logs read from their JSON lines, on one core."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import resources

from bench.figure import Figure
from scripts.force import default_force
from scripts.log import decode_all, encode
from scripts.marking import mark
from scripts.rehearsal import parse_rehearsal, play
from scripts.script import Script
from scripts.shelf import Shelf

SECONDS = 5.0


def figures() -> Iterator[Figure]:
    calls = [call for script in Shelf().scripts() for call in rehearsed(script)]
    force = default_force()
    done, began = 0, time.process_time()  # of one core, whatever else the machine does
    while time.process_time() - began < SECONDS:
        script, lines = calls[done % len(calls)]
        mark(script, decode_all(lines)[0], force)
        done += 1
    yield Figure("marking again from logs", done / (time.process_time() - began), "calls/s", 300, at_least=True)


def rehearsed(script: Script) -> Iterator[tuple[Script, list[str]]]:
    """The script with the log of each of its rehearsals."""
    name = f"{script.id}.toml"
    rehearsal = parse_rehearsal(resources.files("scripts").joinpath("rehearsals", name).read_text("utf-8"), name)
    for trainee in rehearsal.trainees.values():
        yield script, [encode(entry) for entry in play(script, rehearsal.seed, trainee)]
