from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.events import Answered, Say, Tick, Utterance
from scripts.log import LogError, decode, decode_all, encode

ENTRIES = st.one_of(
    st.builds(Answered, st.floats(0, 9), st.integers(0, 2**31), st.floats(0, 60)),
    st.builds(Utterance, *[st.floats(0, 9)] * 3, st.text(), st.none() | st.floats(0, 1)),
    st.builds(Say, st.floats(0, 9), st.text(), st.text(), st.text(), st.integers(0, 100)),
)


@given(ENTRIES)
def test_every_entry_survives_the_log(entry: Answered | Utterance | Say) -> None:
    assert decode(encode(entry)) == entry
    assert "\n" not in encode(entry)


def test_a_torn_last_line_is_left_out_and_said_so() -> None:
    lines = [encode(Answered(0.0, 1)), encode(Tick(1.0))[:-5]]
    assert decode_all(lines) == ([Answered(0.0, 1)], True)


def test_a_bad_line_in_the_middle_is_named() -> None:
    with pytest.raises(LogError, match="line 1"):
        decode_all(['{"kind": "unheard_of"}', encode(Tick(1.0))])
