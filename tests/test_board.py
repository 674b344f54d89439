"""What the trainee sees during a call, as text."""

from __future__ import annotations

from rich.console import Console

from scripts.cast import draw
from scripts.events import Answered, Ended, Event, KeyPressed, LineFinished, Utterance
from scripts.session import CallSession
from server.board import Board
from server.call_scripts import call_script

SCRIPT = call_script("burglary-in-progress").script


def shown(board: Board) -> str:
    console = Console(width=100, height=40, record=True, force_terminal=False, quiet=False)
    with console.capture() as captured:
        console.print(board.view())
    return captured.get()


def board_after(*events: Event) -> Board:
    session, board = CallSession(SCRIPT), Board(draw(SCRIPT, 1))
    for event in events:
        board.now = event.at
        for entry in (event, *session.handle(event)):
            board.entry(entry)
    return board


def test_a_ringing_telephone_shows_the_callers_number_and_how_to_answer() -> None:
    board = Board(draw(SCRIPT, 1))
    assert board.cast.written("{phone}") in shown(board)
    assert "Press Enter, or speak, to answer" in shown(board)
    assert "--:--" in shown(board)


def test_both_sides_of_the_talk_are_shown() -> None:
    said = Utterance(9.0, 7.0, 8.5, "what's the address")
    text = shown(board_after(Answered(0.0, 1), LineFinished(5.0, "1:opening"), said))
    assert "caller" in text
    assert "00:07  you     what's the address" in text


def test_the_clocks_stop_when_the_location_is_asked_and_when_a_decision_is_made() -> None:
    asked = Utterance(9.0, 7.0, 8.5, "what's the address")
    board = board_after(Answered(0.0, 1), asked, KeyPressed(30.0, "1"), KeyPressed(31.0, "1"))
    board.now = 50.0
    assert "location asked 00:09 of 00:15" in shown(board)
    assert "decision 00:31 of 01:30" in shown(board)


def test_keys_that_wait_say_for_what_and_the_story_is_not_given_away() -> None:
    board = board_after(Answered(0.0, 1), KeyPressed(23.0, "1"))
    assert "1 emergency" in shown(board)
    assert "event:" not in shown(board)
    assert "mood" not in shown(board)


def test_the_end_is_shown() -> None:
    board = Board(draw(SCRIPT, 1))
    board.entry(Answered(0.0, 1))
    board.entry(Ended(61.0, "caller", "the call was closed"))
    assert "ended by the caller: the call was closed" in shown(board)
