from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.events import (
    Action,
    Answered,
    Decided,
    Ended,
    Event,
    FormChanged,
    Happened,
    HoldChanged,
    HungUp,
    KeyPressed,
    LineCut,
    LineFinished,
    Prompt,
    Recorded,
    Say,
    SpeechBegan,
    StopSaying,
    Tick,
    Trouble,
    Understood,
    Utterance,
)
from scripts.log import decode, encode
from scripts.rehearsal import TypedCall
from scripts.session import CallError, CallSession, Phase
from small_script import TEXT, small_script


def said(actions: list[Action]) -> list[str]:
    """What each line is for."""
    return [action.about for action in actions if isinstance(action, Say)]


def answered(seed: int = 1) -> CallSession:
    """A call that was answered, with the opening line heard at two seconds."""
    session = CallSession(small_script())
    opening = session.handle(Answered(0.0, seed))
    assert isinstance(opening[0], Say)
    session.handle(LineFinished(2.0, opening[0].line))
    return session


def hear(session: CallSession, at: float, text: str) -> list[Action]:
    return session.handle(Utterance(at, at - 1, at, text))


def finish(session: CallSession, actions: list[Action], at: float) -> list[Action]:
    """Hear every line of the actions out."""
    more: list[Action] = []
    for action in actions:
        if isinstance(action, Say):
            more += session.handle(LineFinished(at, action.line))
    return more


def test_the_caller_speaks_first() -> None:
    session = CallSession(small_script())
    assert said(session.handle(Answered(0.0, 1))) == ["opening"]


def test_a_question_brings_out_the_fact_of_its_topic() -> None:
    assert said(hear(answered(), 3.0, "what's the address?")) == ["fact:address"]


def test_two_questions_in_one_breath_get_two_answers() -> None:
    actions = hear(answered(), 3.0, "what's the address and what number can I ring you back on?")
    assert said(actions) == ["fact:address", "fact:phone"]


def test_what_nobody_knows_is_answered_as_not_known() -> None:
    assert said(hear(answered(), 3.0, "what's the registration of the car?")) == ["unknown"]


def test_a_fact_with_an_unmet_condition_is_withheld_until_it_holds() -> None:
    session = answered()
    first = hear(session, 3.0, "what's your name please?")
    assert said(first) == ["withheld:name"]
    finish(session, first, 4.0)
    finish(session, hear(session, 5.0, "try not to worry, you're doing really well"), 6.0)
    assert said(hear(session, 7.0, "what's your name please?")) == ["fact:name"]


def test_a_fact_counts_as_told_only_when_its_line_was_heard() -> None:
    session = answered()
    say = next(action for action in hear(session, 3.0, "what's the address?") if isinstance(action, Say))
    session.handle(LineCut(3.5, say.line, 0.05))
    assert not session.ledger.told("address")
    again = hear(session, 5.0, "sorry, what's the address?")
    assert said(again) == ["fact:address"]
    finish(session, again, 7.0)
    assert session.ledger.told("address")


def test_a_detail_early_in_a_line_counts_although_the_end_was_talked_over() -> None:
    session = answered()
    say = next(action for action in hear(session, 3.0, "what does he look like?") if isinstance(action, Say))
    session.handle(LineCut(4.5, say.line, 0.6))
    assert session.ledger.told("dog")


def test_asking_again_is_answered_with_a_reminder() -> None:
    session = answered()
    finish(session, hear(session, 3.0, "what's the address?"), 5.0)
    assert said(hear(session, 6.0, "what was the address again?")) == ["told_already", "fact:address"]


def test_a_wrong_read_back_is_put_right_and_a_right_one_confirmed() -> None:
    session = answered()
    finish(session, hear(session, 3.0, "what's the best number to ring you back on?"), 5.0)
    number = session.cast.spoken("{phone}")
    wrong = session.cast.values["phone"][:-1] + str((int(session.cast.values["phone"][-1]) + 1) % 10)
    assert said(hear(session, 6.0, f"so that's {wrong}, is that right?")) == ["correct:phone"]
    right = hear(session, 9.0, f"so that's {number}, is that right?")
    assert said(right) == ["yes"]
    assert session.ledger.facts["phone"].right
    assert session.ledger.facts["phone"].wrong


def test_what_makes_no_sense_is_met_with_what() -> None:
    assert said(hear(answered(), 3.0, "the parrot painted my accordion sideways")) == ["confused"]


def test_an_empty_utterance_changes_nothing_but_the_silence() -> None:
    session = answered()
    assert hear(session, 3.0, " ") == []
    assert session.ledger.turns == []


def test_a_volunteered_fact_comes_when_the_trainee_leaves_a_pause() -> None:
    session = answered()
    assert session.next_tick_at == 2.0 + 2.5
    assert said(session.handle(Tick(4.5))) == ["fact:dog"]


def test_silence_is_met_with_a_nudge_and_then_with_a_hung_up_phone() -> None:
    call = TypedCall(small_script(), seed=1)
    call.listen()
    call._advance(120)
    about = [entry.about for entry in call.log if isinstance(entry, Say)]
    assert about == ["opening", "fact:dog", "nudge", "nudge", "gives_up"]
    assert call.session.ledger.ended == Ended(call.session.ledger.last_at, "caller", "the call was closed")


def test_nobody_is_nudged_while_the_trainee_speaks() -> None:
    session = answered()
    session.handle(SpeechBegan(2.5))
    assert session.next_tick_at == 60.0  # the bite, and nothing sooner


def test_a_caller_put_on_hold_falls_silent_and_loses_heart_and_at_last_rings_off() -> None:
    session = answered()
    hear(session, 3.0, "what's the address?")
    assert StopSaying(4.0) in session.handle(HoldChanged(4.0, on=True))
    line = session.ledger.playing[0].line
    session.handle(LineCut(4.0, line, 0.1))
    mood = session.mood
    assert session.next_tick_at == 4.0 + 4 * 8
    assert session.handle(Tick(36.0)) == []
    assert session.mood < mood
    for at in (68.0, 100.0):
        session.handle(Tick(at))
    assert session.ledger.ended == Ended(100.0, "caller", "gave up on hold")


def test_what_happens_on_hold_is_told_when_the_call_is_taken_up_again() -> None:
    session = answered()
    session.handle(HoldChanged(40.0, on=True))
    meanwhile = session.handle(Tick(60.0))
    assert [type(action) for action in meanwhile] == [Happened]
    assert said(session.handle(HoldChanged(65.0, on=False))) == ["event:bite"]


def test_a_caller_held_for_long_asks_whether_anybody_is_there_and_one_held_shortly_does_not() -> None:
    session = answered()
    hear(session, 3.0, "officers are on their way to you now")
    for say in list(session.ledger.playing):
        session.handle(LineFinished(4.0, say.line))
    session.handle(HoldChanged(5.0, on=True))
    assert said(session.handle(HoldChanged(9.0, on=False))) == []
    session.handle(HoldChanged(10.0, on=True))
    session.handle(Tick(42.0))
    assert said(session.handle(HoldChanged(43.0, on=False))) == ["nudge"]


def test_an_event_interrupts_the_caller_and_moves_the_mood() -> None:
    session = answered()
    hear(session, 58.0, "what's the address?")
    actions = session.handle(Tick(60.0))
    kinds = [type(action) for action in actions]
    assert kinds.index(Happened) < kinds.index(StopSaying) < kinds.index(Say)
    assert session.mood == 20


def test_a_decision_in_time_calls_an_event_off() -> None:
    session = answered()
    hear(session, 10.0, "officers are on their way to you now")
    session.handle(Tick(60.0))
    assert "bite" not in session.ledger.happened


def test_what_changed_in_mid_call_is_told_as_it_is_now() -> None:
    session = answered()
    finish(session, hear(session, 3.0, "is anybody hurt?"), 5.0)
    finish(session, session.handle(Tick(60.0)), 62.0)
    assert "fact:bitten" in said(hear(session, 63.0, "is anybody hurt?"))


def test_what_was_so_before_an_event_is_not_said_after_it() -> None:
    session = answered()
    finish(session, session.handle(Tick(60.0)), 62.0)
    assert "fact:nobody_hurt" not in said(hear(session, 63.0, "is anybody hurt?"))


def test_a_topic_with_nothing_left_that_is_so_is_answered_as_not_known() -> None:
    text = TEXT.replace('needs = { before = "bite" }', 'needs = { after = "bite" }')
    session = CallSession(small_script(text))
    finish(session, session.handle(Answered(0.0, 1)), 2.0)
    assert said(hear(session, 3.0, "is anybody hurt?")) == ["unknown"]


def test_one_address_read_back_right_is_no_mistake_about_another() -> None:
    other = '[cast.home]\nkind = "address"\n[cast.dog]'
    fact = '[[facts]]\nid = "home"\ntopic = "location"\nkind = "address"\nvalue = "{home}"\nsay = "{home}."\n\n'
    session = CallSession(
        small_script(TEXT.replace("[cast.dog]", other).replace("[[events]]", f"{fact}[[events]]", 1))
    )
    finish(session, session.handle(Answered(0.0, 1)), 2.0)
    actions = hear(session, 3.0, f"so that's {session.cast.spoken('{address}')}, is that right?")
    assert "correct:home" not in said(actions)


def test_a_spoken_decision_is_recorded_with_its_grade() -> None:
    actions = hear(answered(), 3.0, "officers are on their way on blue lights")
    recorded = next(action for action in actions if isinstance(action, Recorded))
    assert (recorded.decision, recorded.grade, recorded.how) == ("deploy", "emergency", "voice")


def test_two_keys_decide_and_grade() -> None:
    session = answered()
    assert isinstance(session.handle(KeyPressed(3.0, "1"))[0], Prompt)
    recorded = session.handle(KeyPressed(4.0, "2"))[0]
    assert isinstance(recorded, Recorded)
    assert (recorded.decision, recorded.grade, recorded.how) == ("deploy", "priority", "keys")


def test_a_lone_key_is_taken_without_its_completion_after_a_while() -> None:
    session = answered()
    session.handle(KeyPressed(3.0, "1"))
    recorded = next(action for action in session.handle(Tick(9.0)) if isinstance(action, Recorded))
    assert (recorded.decision, recorded.grade) == ("deploy", None)


def test_five_five_offers_a_silent_caller_a_way_to_answer() -> None:
    session = answered()
    session.handle(KeyPressed(3.0, "5"))
    session.handle(KeyPressed(3.4, "5"))
    assert session.ledger.did("silent")


def test_closing_the_call_lets_the_caller_say_goodbye_and_ends_it() -> None:
    session = answered()
    goodbye = hear(session, 3.0, "okay take care now, bye bye")
    assert said(goodbye)[-1] == "goodbye"
    ended = finish(session, goodbye, 5.0)
    assert isinstance(ended[-1], Ended)
    assert session.phase is Phase.ENDED
    assert session.handle(Tick(6.0)) == []


def test_the_seed_casts_the_call_and_the_same_seed_casts_it_alike() -> None:
    values = {tuple(sorted(answered(seed).cast.values.items())) for seed in (1, 1, 2, 3)}
    assert len(values) == 3


@pytest.mark.parametrize("event", [Tick(1.0), Utterance(1.0, 0.0, 1.0, "hello")])
def test_nothing_can_happen_before_the_answer(event: Event) -> None:
    with pytest.raises(CallError, match="RINGING"):
        CallSession(small_script()).handle(event)


def test_a_call_is_answered_once() -> None:
    with pytest.raises(CallError, match="OPEN"):
        answered().handle(Answered(5.0, 1))


@pytest.mark.parametrize("at", [1.0, math.nan, math.inf])
def test_time_must_run_forwards_and_be_a_number(at: float) -> None:
    with pytest.raises(CallError, match="expected a time"):
        answered().handle(Tick(at))


WORDS = st.lists(
    st.sampled_from(
        [
            "what's the address", "is anyone hurt", "what's your name", "officers are on their way", "hold the line",
            "okay", "calm down you silly man", "say that again", "so that's forty two bridge street", "bye now",
            "press five five", "mae'r ci wedi mynd", "", "and the number", "you're doing well",
        ]
    ),
    max_size=3,
).map(" and ".join)  # fmt: skip

STEPS = st.one_of(
    st.builds(lambda text: ("utterance", text), WORDS),
    st.sampled_from([("speech", ""), ("tick", ""), ("finish", ""), ("cut", ""), ("hold", ""), ("unhold", "")]),
    st.builds(lambda key: ("key", key), st.sampled_from("0123456789*#")),
    st.builds(lambda value: ("form", value), st.text(max_size=20)),
    st.sampled_from([("decide", "deploy"), ("decide", "none"), ("trouble", "ear"), ("stray", "999:nothing")]),
)


Steps = list[tuple[tuple[str, str], float]]


def to_event(step: tuple[str, str], at: float, session: CallSession) -> Event:
    kind, value = step
    playing = session.ledger.playing
    line = playing[0].line if playing else "0:none"
    events: dict[str, Event] = {
        "utterance": Utterance(at, at, at, value),
        "speech": SpeechBegan(at),
        "tick": Tick(at),
        "finish": LineFinished(at, line),
        "cut": LineCut(at, line, 0.5),
        "hold": HoldChanged(at, on=True),
        "unhold": HoldChanged(at, on=False),
        "key": KeyPressed(at, value or "1"),
        "form": FormChanged(at, "location", value),
        "decide": Decided(at, "deploy" if value == "deploy" else "none"),
        "trouble": Trouble(at, value),
        "stray": LineFinished(at, value),
    }
    return events[kind]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(STEPS, st.floats(0, 30)), max_size=25), st.integers(0, 5))
def test_any_order_of_events_replays_to_the_same_actions(
    steps: list[tuple[tuple[str, str], float]], seed: int
) -> None:
    session = CallSession(small_script())
    events: list[Event] = [Answered(0.0, seed)]
    actions = session.handle(events[0])
    at = 0.0
    for step, seconds in steps:
        at += seconds
        events.append(to_event(step, at, session))
        actions += session.handle(events[-1])
        assert 0 <= session.mood <= 100
    events.append(HungUp(at))
    actions += session.handle(events[-1])
    assert session.phase is Phase.ENDED
    assert sum(isinstance(action, Ended) for action in actions) == 1

    replayed = CallSession(small_script())
    again = [action for event in events for action in replayed.handle(decode(encode(event)))]  # type: ignore[arg-type]  # an event comes back as one
    assert [encode(action) for action in again] == [encode(action) for action in actions]
    assert all(decode(encode(action)) == action for action in actions if not isinstance(action, Understood))
