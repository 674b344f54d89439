from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.rehearsal import parse_rehearsal, play
from scripts.script import Script
from scripts.shelf import Shelf
from scripts.shift import OVERTIME, ShiftSession, State, replay
from scripts.shift_events import (
    Abandoned,
    Arrived,
    Began,
    Closed,
    Finished,
    Graded,
    Held,
    Left,
    NewsCame,
    Passed,
    PutOnHold,
    Read,
    ShiftEntry,
    ShiftEvent,
    Taken,
    decode_all,
    encode,
)  # fmt: skip
from scripts.shift_marking import ShiftMarks, mark_shift
from scripts.shift_plan import KINDS, PATTERNS, Contact, News, NoContacts, Plan, Right, fits, late_news, plan
from server.call_scripts import OWN_REHEARSALS

SHELF = list(Shelf().scripts())
FORCE = default_force()
EMERGENCY = Right(decision="deploy", grade="emergency")


def contact(id_: str, kind: str, at: float, patience: float | None = 60, returns: float | None = None) -> Contact:
    return Contact.model_validate(
        {"id": id_, "kind": kind, "script": "x", "title": "X", "seed": 1, "at": at, "patience": patience,
         "returns_after": returns}
    )  # fmt: skip


def news(about: str, after: float = 20) -> News:
    return News(
        id="n1", about=about, after=after, sender="PC 1", text="They fight.", right=EMERGENCY, why="It burns."
    )


def small(*contacts: Contact, late: tuple[News, ...] = ()) -> Plan:
    return Plan(seed=1, minutes=10, contacts=contacts, news=late)


def run(plan_: Plan, *events: ShiftEvent) -> tuple[ShiftSession, list[ShiftEntry]]:
    """The session after those events, woken whenever it asked to be."""
    session, log = ShiftSession(plan_), list[ShiftEntry]()

    def do(event: ShiftEvent) -> None:
        log.append(event)
        log.extend(session.handle(event))

    for event in events:
        while session.next_tick_at < event.at:
            do(Passed(session.next_tick_at))
        do(event)
    return session, log


def states(session: ShiftSession) -> list[State]:
    return [one.state for one in session.incidents.values()]


def marks(plan_: Plan, log: list[ShiftEntry]) -> ShiftMarks:
    return mark_shift(plan_, log, {}, FORCE)


def why(plan_: Plan, log: list[ShiftEntry], id_: str) -> tuple[str, str]:
    verdict = next(verdict for verdict in marks(plan_, log).verdicts if verdict.id == id_)
    return verdict.result, verdict.why


# --- the plan -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", ["short", "standard"])
def test_the_same_seed_gives_the_same_shift_and_another_seed_another(length: str) -> None:
    first, again, other = (plan(SHELF, seed, length) for seed in (7, 7, 8))  # type: ignore[arg-type]
    assert first == again
    assert first != other
    assert Plan.model_validate_json(first.model_dump_json()) == first


@given(seed=st.integers(0, 10_000), length=st.sampled_from(["short", "standard"]))
@settings(max_examples=40, deadline=None)
def test_every_plan_has_its_pattern_each_call_once_and_several_at_once(seed: int, length: str) -> None:
    made = plan(SHELF, seed, length)  # type: ignore[arg-type]
    wanted = PATTERNS[length]  # type: ignore[index]
    assert sorted(one.kind for one in made.contacts) == sorted(kind for kind, _, _ in wanted)
    assert len({one.script for one in made.contacts}) == len(made.contacts)
    assert [one.id for one in made.contacts] == [f"c{number}" for number in range(1, len(wanted) + 1)]
    assert {one.kind for one in made.contacts} == set(KINDS)
    starts = [one.at for one in made.contacts]
    assert starts == sorted(starts)
    assert min(later - earlier for earlier, later in pairwise(starts)) < 60
    assert all(made.contact(one.about) is not None for one in made.news)


def test_a_shelf_without_a_kind_of_call_says_which() -> None:
    with pytest.raises(NoContacts, match="999 contact"):
        plan([script for script in SHELF if script.line == "101"], 1)


def test_nobody_types_who_could_only_be_heard() -> None:
    by_id = {script.id: script for script in SHELF}
    assert not fits("chat", by_id["silent-call"])
    assert not fits("report", by_id["burglary-in-progress"])
    assert fits("chat", by_id["noise-complaint"])


def test_late_news_is_of_calls_on_the_shelf_and_names_only_their_details() -> None:
    from scripts.cast import draw

    by_id = {script.id: script for script in SHELF}
    for name, rows in late_news().items():
        for row in rows:
            assert "{" not in draw(by_id[name], 1).written(row.text)


# --- the session ----------------------------------------------------------------------------------------------


def test_a_contact_that_nobody_takes_gives_up_and_may_come_again() -> None:
    two = small(contact("c1", "999", 10, 40, returns=30), contact("c2", "101", 12, 50))
    session, log = run(two, Began(0), Passed(590))
    assert [(one.at, one.contact, one.waited) for one in log if isinstance(one, Abandoned)] == [
        (50, "c1", 40), (62, "c2", 50), (120, "c1", 40),
    ]  # fmt: skip
    assert [(one.at, one.contact, one.again) for one in log if isinstance(one, Arrived)] == [
        (10, "c1", False), (12, "c2", False), (80, "c1", True),
    ]  # fmt: skip
    assert session.incidents["c1"].state is State.GONE


def test_a_999_call_breaks_in_on_a_101_call_which_goes_on_hold() -> None:
    two = small(contact("c1", "101", 5), contact("c2", "999", 30))
    session, log = run(two, Began(0), Taken(8, "c1"), Taken(35, "c2"))
    assert Arrived(30, "c2", breaks_in=True) in log
    assert PutOnHold(35, "c1") in log
    assert states(session) == [State.HELD, State.OPEN]
    session.handle(Held(60, "c1", on=False))
    assert states(session) == [State.OPEN, State.HELD]


def test_a_chat_lies_beside_a_call() -> None:
    session, log = run(
        small(contact("c1", "101", 5), contact("c2", "chat", 6)), Began(0), Taken(8, "c1"), Taken(9, "c2")
    )
    assert not [one for one in log if isinstance(one, PutOnHold)]
    assert len(session.working) == 2


def test_news_comes_of_what_was_graded_and_is_over() -> None:
    one = small(contact("c1", "101", 5), late=(news("c1"),))
    _, log = run(one, Began(0), Taken(8, "c1"), Finished(50, "c1", "trainee"), Passed(300))
    assert not [entry for entry in log if isinstance(entry, NewsCame)]
    _, log = run(
        one, Began(0), Taken(8, "c1"), Graded(40, "c1", "resolve"), Finished(50, "c1", "trainee"), Passed(300)
    )
    assert [entry.at for entry in log if isinstance(entry, NewsCame)] == [70]


def test_a_shift_ends_by_itself_and_waits_for_an_open_contact_only_so_long() -> None:
    idle = small(contact("c1", "101", 5, None))
    _, log = run(idle, Began(0), Passed(2000))
    assert [one for one in log if isinstance(one, Closed)] == [Closed(600)]
    session, _ = run(idle, Began(0), Taken(9, "c1"), Passed(700))
    assert session.closed is None
    assert session.next_tick_at == 600 + OVERTIME
    session.handle(Finished(750, "c1", "caller"))
    assert session.closed == Closed(750)


def test_after_the_end_nobody_arrives_or_gives_up() -> None:
    session, _ = run(small(contact("c1", "101", 5, None), contact("c2", "999", 590, 40)), Began(0), Taken(9, "c1"))
    for at in (595, 650, 700):
        session.handle(Passed(at))
    assert session.incidents["c2"].state is State.WAITING


IDS = st.sampled_from(["c1", "c2", "c3", "c4", "n1", "nobody", ""])
TIMES = st.one_of(st.floats(0, 1200), st.sampled_from([math.nan, math.inf, -5.0]))
EVENTS = st.one_of(
    st.builds(Began, TIMES),
    st.builds(Taken, TIMES, IDS),
    st.builds(Held, TIMES, IDS, st.booleans()),
    st.builds(
        Graded,
        TIMES,
        IDS,
        st.sampled_from(["deploy", "resolve", "refer", "none"]),
        st.sampled_from([None, "emergency"]),
    ),
    st.builds(Finished, TIMES, IDS, st.sampled_from(["trainee", "caller", "line"])),
    st.builds(Read, TIMES, IDS),
    st.builds(Passed, TIMES),
    st.builds(Left, TIMES),
)
BUSY = small(
    contact("c1", "101", 5), contact("c2", "999", 30, 45, 20), contact("c3", "chat", 31),
    contact("c4", "report", 0, None),
    late=(news("c1"),),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_order_of_events_raises_and_the_log_gives_the_same_marks_again(events: list[ShiftEvent]) -> None:
    session, log = ShiftSession(BUSY), list[ShiftEntry]()
    for event in [Began(0.0), *events]:
        log.append(event)
        log.extend(session.handle(event))
        assert sum(one.state is State.OPEN and one.contact.kind in ("999", "101") for one in session.working) <= 1
        assert session.next_tick_at >= session.now or session.closed is None
    stored = [entry for entry in log if math.isfinite(entry.at)]  # what is no number cannot be stored
    read = decode_all(encode(entry) for entry in stored)
    assert read == stored
    made = marks(BUSY, log)
    assert (
        marks(
            BUSY,
            [entry for entry in log if not isinstance(entry, Arrived | Abandoned | PutOnHold | NewsCame | Closed)],
        )
        == made
    )
    assert replay(BUSY, log).choices == session.choices
    assert 0 <= made.score <= 100
    assert all(0 <= verdict.points <= verdict.of for verdict in made.verdicts)


# --- marking --------------------------------------------------------------------------------------------------


def test_answer_times_fall_from_the_target_to_twice_as_much() -> None:
    two = small(contact("c1", "999", 10), contact("c2", "999", 100))
    _, log = run(two, Began(0), Taken(18, "c1"), Taken(115, "c2"), Left(300))
    assert why(two, log, "answer-c1") == ("met", "The 999 call 1 was answered after 8 s; the target is 10 s.")
    assert why(two, log, "answer-c2")[0] == "partial"


def test_a_report_taken_while_a_999_call_waits_is_the_wrong_order() -> None:
    two = small(contact("c1", "report", 1, None), contact("c2", "999", 2))
    _, log = run(two, Began(0), Taken(9, "c1"), Taken(10, "c2"), Left(60))
    result, said = why(two, log, "order")
    assert result == "unmet"
    assert "took the online report 1 while the 999 call 2 had waited 7 s" in said
    _, log = run(two, Began(0), Taken(9, "c2"), Taken(10, "c1"), Left(60))
    assert why(two, log, "order")[0] == "met"


def test_an_emergency_call_that_nobody_answers_fails_the_shift() -> None:
    one = small(contact("c1", "999", 10, 45))
    _, log = run(one, Began(0), Passed(599), Left(599))
    made = marks(one, log)
    assert made.critical == ("an emergency call was never answered",)
    assert made.outcome == "failed"
    assert "gave up after 45 s" in why(one, log, "answer-c1")[1]


def test_a_999_caller_held_for_less_and_a_long_hold_are_faults() -> None:
    two = small(contact("c1", "999", 5), contact("c2", "101", 6))
    _, log = run(two, Began(0), Taken(8, "c1"), Taken(20, "c2"), Held(30, "c1", on=False), Left(60))
    assert "the 999 call 1 was put on hold for the 101 call 2" in why(two, log, "held")[1].lower()
    lone = small(contact("c1", "101", 5))
    _, log = run(lone, Began(0), Taken(8, "c1"), Held(20, "c1", on=True), Held(200, "c1", on=False), Left(210))
    assert "03:00" in why(lone, log, "held")[1]
    _, log = run(lone, Began(0), Taken(8, "c1"), Held(20, "c1", on=True), Finished(60, "c1", "caller"), Left(90))
    assert "rang off after 40 s on hold" in why(lone, log, "held")[1]


def test_late_news_is_to_be_graded_afresh_in_time() -> None:
    one = small(contact("c1", "101", 5), late=(news("c1"),))
    before: list[ShiftEvent] = [
        Began(0),
        Taken(8, "c1"),
        Graded(30, "c1", "refer", None, "council"),
        Graded(31, "c1", "resolve"),
    ]
    before += [Finished(40, "c1", "trainee")]
    _, log = run(one, *before, Graded(100, "c1", "deploy", "emergency"), Left(400))
    assert why(one, log, "news-n1") == ("met", "It was graded afresh after 40 s; the target is 90 s. It burns.")
    _, log = run(one, *before, Graded(195, "c1", "deploy", "emergency"), Left(400))
    assert why(one, log, "news-n1")[0] == "partial"
    _, log = run(one, *before, Graded(100, "c1", "deploy", "scheduled"), Left(400))
    assert why(one, log, "news-n1") == ("unmet", "It was not graded to deploy emergency. It burns.")
    _, log = run(one, *before, Left(90))
    assert why(one, log, "news-n1")[0] == "not_applicable"


def test_the_contacts_own_marks_count_and_their_critical_failures_cap_the_shift() -> None:
    one = small(contact("c1", "999", 5))
    _, log = run(one, Began(0), Taken(8, "c1"), Finished(90, "c1", "trainee"), Left(100))
    good, dangerous = (rehearsed("burglary-in-progress", who) for who in ("good", "dangerous"))
    high, low = (mark_shift(one, log, {"c1": sheet}, FORCE) for sheet in (good, dangerous))
    assert high.score > 90
    assert high.outcome == "passed"
    assert low.score <= FORCE.marking.cap
    assert low.critical
    assert low.critical[0].endswith("(999 call 1)")


def rehearsed(name: str, who: str) -> Marksheet:
    script: Script = next(script for script in SHELF if script.id == name)
    rehearsal = parse_rehearsal((OWN_REHEARSALS / f"{name}.toml").read_text(encoding="utf-8"), name)
    return mark(script, play(script, 1, rehearsal.trainees[who]), FORCE)
