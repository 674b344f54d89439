"""A log as a transcript."""

from __future__ import annotations

import pytest

from scripts.events import (
    Answered,
    Ended,
    Entry,
    FormChanged,
    Happened,
    HoldChanged,
    KeyPressed,
    LineCut,
    LineFinished,
    Play,
    Prompt,
    Recorded,
    Say,
    Tick,
    Trouble,
    Utterance,
)  # fmt: skip
from server.transcript import Row, clock, row_of, transcript


def test_rows_stand_in_the_order_in_which_things_began() -> None:
    log: list[Entry] = [
        Answered(0.0, 1),
        Say(0.0, "1", "Help!", "help", 50),
        LineFinished(1.0, "1"),
        Happened(4.0, "crash"),
        Utterance(5.0, 3.0, 4.8, "Where are you?"),
    ]
    assert [(row.at, row.who) for row in transcript(log)] == [(0.0, "caller"), (3.0, "trainee"), (4.0, "call")]


def test_a_line_that_was_cut_tells_how_much_was_heard_and_one_never_heard_is_left_out() -> None:
    log: list[Entry] = [
        Say(0.0, "1", "First of all", "first of all", 50),
        Say(0.0, "2", "And then", "and then", 50),
        LineCut(1.0, "1", 0.4),
        LineCut(1.0, "2", 0.0),
    ]
    assert [row.as_json() for row in transcript(log)] == [
        {"at": 0.0, "who": "caller", "text": "First of all", "heard": 0.4}
    ]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (KeyPressed(1.0, "1"), "key 1"),
        (FormChanged(1.0, "name", "Ann"), "form: name = Ann"),
        (HoldChanged(1.0, on=True), "put on hold"),
        (HoldChanged(1.0, on=False), "taken off hold"),
        (Play(1.0, "siren", scene=True), "[siren]"),
        (Prompt(1.0, "Which grade?", ("1 emergency", "2 priority")), "Which grade? (1 emergency, 2 priority)"),
        (Recorded(1.0, "refer", None, "council", "keys"), "decided: refer (council), by keys"),
        (Recorded(1.0, "none", None, None, "voice"), "decided: none, by voice"),
        (Trouble(1.0, "no microphone"), "trouble: no microphone"),
        (Ended(1.0, "line"), "ended by the line"),
    ],
)
def test_what_neither_of_them_said_is_told_of_the_call(entry: Entry, text: str) -> None:
    assert row_of(entry) == Row(1.0, "call", text)


@pytest.mark.parametrize("entry", [Tick(1.0), LineFinished(1.0, "1"), Utterance(1.0, 0.0, 1.0, "  ")])
def test_what_nobody_wants_to_read_is_no_row(entry: Entry) -> None:
    assert row_of(entry) is None


def test_a_clock_has_a_fixed_width() -> None:
    assert [clock(seconds) for seconds in (-1, 0, 59.9, 61, 3600)] == ["00:00", "00:00", "00:59", "01:01", "60:00"]
