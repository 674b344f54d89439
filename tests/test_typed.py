"""What can be typed in a typed call."""

from __future__ import annotations

import pytest

from scripts.rehearsal import TrainedTurn
from server.typed import EMPTY_LINE_WAITS, turn


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Where are you?\n", TrainedTurn(say="Where are you?")),
        ("", TrainedTurn(wait=EMPTY_LINE_WAITS)),
        ("/key 1", TrainedTurn(key="1")),
        ("/key 5 5", TrainedTurn(key="55")),
        ("/form location 12 Mill Lane", TrainedTurn(field="location", value="12 Mill Lane")),
        ("/wait 2.5", TrainedTurn(wait=2.5)),
        ("/over 1 Stop there", TrainedTurn(over=1, say="Stop there")),
        ("/hold", TrainedTurn(hold=True)),
        ("/unhold", TrainedTurn(hold=False)),
        ("/hang-up", TrainedTurn(hang_up=True)),
    ],
)
def test_a_line_is_words_or_one_of_a_few_commands(line: str, expected: TrainedTurn) -> None:
    assert turn(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/hangup", "there are /key"),
        ("/key deploy", "/key 1"),
        ("/key", "/key 1"),
        ("/form name", "/form location"),
        ("/wait long", "seconds from 0"),
        ("/wait -1", "seconds from 0"),
        ("/wait nan", "seconds from 0"),
        ("/over 2", "/over 2 Stay"),
        ("/hold on", "nothing after"),
    ],
)
def test_a_command_that_is_wrong_says_what_was_expected(line: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        turn(line)
