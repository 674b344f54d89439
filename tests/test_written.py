from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.events import (
    Answered,
    Decided,
    Entry,
    Event,
    FormChanged,
    HungUp,
    LineFinished,
    Say,
    Tick,
    Utterance,
)  # fmt: skip
from scripts.force import default_force
from scripts.marking import mark
from scripts.script import Script
from scripts.shelf import Shelf
from scripts.shift_plan import fits
from scripts.written import WRITING, Writing, WrittenContact, as_taken, as_written

SHELF = [script for script in Shelf().scripts() if fits("chat", script)]
NOISE = next(script for script in SHELF if script.id == "noise-complaint")
BURGLED = next(script for script in SHELF if script.id == "back-from-nights")


class Talk:
    """A written contact on a clock of its own."""

    def __init__(self, script: Script, writing: Writing) -> None:
        self.now = 0.0
        self.contact = WrittenContact(script, writing)
        self.log: list[Entry] = self.contact.answer(1, 5.0)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.contact.next_at <= until:
            self.now = max(self.now, self.contact.next_at)
            self.log += self.contact.pass_time(self.now)
        self.now = until

    def write(self, text: str) -> None:
        self.do(Utterance(self.now, self.now, self.now, text))

    def do(self, event: Event) -> None:
        self.log += self.contact.handle(event)

    @property
    def sent(self) -> list[str]:
        said = {entry.line: entry.text for entry in self.log if isinstance(entry, Say)}
        return [said[entry.line] for entry in self.log if isinstance(entry, LineFinished)]


def test_a_caller_in_a_chat_takes_the_time_to_type() -> None:
    talk = Talk(NOISE, "chat")
    assert talk.contact.typing
    assert not talk.sent
    talk.wait(talk.contact.next_at)
    assert len(talk.sent) == 1
    talk.write("Has anybody been threatened?")
    talk.wait(20)
    assert "threaten" in talk.sent[1].lower() or "daft" in talk.sent[1]


def test_a_chat_is_marked_like_a_call_but_for_what_only_a_voice_can_do() -> None:
    talk = Talk(NOISE, "chat")
    talk.wait(20)
    talk.write("Has anybody been threatened?")
    talk.wait(20)
    talk.write("This is one for the council.")
    talk.wait(10)
    talk.do(HungUp(talk.now))
    sheet = mark(as_written(NOISE, "chat"), talk.log, default_force())
    assert sheet.verdict("threats").result == "met"
    assert sheet.disposition.rating == "right"
    assert "quiet-line" not in {verdict.criterion for verdict in sheet.verdicts}


def test_a_chat_that_nobody_answers_ends_by_itself() -> None:
    talk = Talk(NOISE, "chat")
    talk.wait(1800)
    assert talk.contact.over


def test_a_report_tells_everything_at_once_and_answers_nothing() -> None:
    talk = Talk(BURGLED, "report")
    assert len(talk.sent) == 1
    assert "Your name: " in talk.sent[0]
    assert "Where did it happen? " in talk.sent[0]
    assert "{" not in talk.sent[0]
    assert not talk.contact.typing
    talk.write("What is your name, please?")
    talk.wait(600)
    assert len(talk.sent) == 1
    assert not talk.contact.over


def test_what_stands_in_a_report_counts_in_full_once_it_is_recorded() -> None:
    empty, noted = Talk(BURGLED, "report"), Talk(BURGLED, "report")
    address = noted.contact.session.cast.written("{address}")
    noted.do(FormChanged(5.0, "location", address))
    sheets = []
    for talk in (empty, noted):
        talk.do(Decided(9.0, "deploy", "emergency"))
        talk.do(HungUp(10.0))
        sheets.append(mark(as_written(BURGLED, "report"), talk.log, default_force()))
    assert sheets[0].facts["address"].state == "told"
    assert sheets[1].facts["address"].state == "recorded"
    assert sheets[1].score > sheets[0].score
    assert sheets[1].disposition.rating == "right"


@pytest.mark.parametrize("script", SHELF, ids=lambda script: script.id)
def test_every_call_that_may_come_in_writing_can(script: Script) -> None:
    for writing in WRITING:
        changed = as_taken(script, writing)
        assert changed.criteria
        Script.model_validate(changed.model_dump())
    report = Talk(script, "report")
    assert len(report.sent[0].splitlines()) >= 3
    assert as_taken(script, "browser") is script


DOINGS = st.lists(
    st.tuples(
        st.sampled_from(["write", "wait", "decide", "form", "tick", "hang_up"]),
        st.sampled_from(
            ["", "hello", "where are you?", "bye", "officers are on their way", "one moment please", "🚓"]
        ),
        st.floats(0, 90),
    ),
    max_size=25,
)


@given(DOINGS, st.sampled_from(["chat", "report"]))
@settings(max_examples=60, deadline=None)
def test_nothing_that_is_done_in_writing_raises_and_time_never_runs_backwards(
    doings: list[tuple[str, str, float]], writing: Writing
) -> None:
    talk = Talk(NOISE, writing)
    for what, text, seconds in doings:
        talk.wait(seconds if what == "wait" else 0.1)
        match what:
            case "write":
                talk.write(text)
            case "decide":
                talk.do(Decided(talk.now, "resolve"))
            case "form":
                talk.do(FormChanged(talk.now, "location", text))
            case "tick":
                talk.do(Tick(talk.now))
            case "hang_up":
                talk.do(HungUp(talk.now))
            case _:
                pass
    assert isinstance(talk.log[0], Answered)
    assert talk.contact.next_at > talk.now or math.isinf(talk.contact.next_at)
    times = [entry.at for entry in talk.log]
    assert times == sorted(times)
    assert 0 <= mark(as_written(NOISE, writing), talk.log, default_force()).score <= 100
