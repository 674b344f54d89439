"""The turn machine on steps made by hand: `#` is 20 ms of voice, `.` of silence."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from voice.turns import (
    Completeness,
    Confirmed,
    Ended,
    Event,
    Feed,
    Peek,
    Resume,
    Started,
    Suspect,
    Turns,
    TurnSettings,
)

STEP = b"\1\0" * 160


def turns(text: Completeness = "unknown", settings: TurnSettings | None = None) -> Turns:
    return Turns(settings, finished=lambda _text: text)


def run(machine: Turns, pattern: str, **step: bool) -> list[Event]:
    return [event for each in pattern for event in machine.step(STEP, voiced=each == "#", **step)]


def voice(seconds: float) -> str:
    return "#" * round(seconds * 50)


def quiet(seconds: float) -> str:
    return "." * round(seconds * 50)


def said(events: list[Event], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def fed(events: list[Event]) -> float:
    return sum(len(event.samples) for event in events if isinstance(event, Feed)) / len(STEP) / 50


def answer_peeks(machine: Turns, events: list[Event]) -> None:
    for event in events:
        if isinstance(event, Peek):
            machine.hear("whatever", event.number)


def pause_before_the_end(text: Completeness, *, answered: bool = True) -> float:
    machine = turns(text)
    run(machine, quiet(1) + voice(1))
    for _ in range(200):
        events = machine.step(STEP, voiced=False)
        if answered:
            answer_peeks(machine, events)
        for event in events:
            if isinstance(event, Ended):
                return round(event.at - event.ended, 3)
    raise AssertionError("the utterance never ended")


def test_speech_starts_an_utterance_and_names_its_first_moment() -> None:
    events = run(turns(), quiet(1) + voice(0.2))
    assert said(events, Started) == [Started(began=1.0)]


def test_a_lone_click_starts_nothing() -> None:
    assert run(turns(), quiet(1) + "###" + quiet(1) + "#.#.#" + quiet(1)) == []


def test_the_ear_hears_what_came_just_before_the_voice() -> None:
    events = run(turns(), quiet(2) + voice(0.08))
    assert abs(fed(events) - (0.3 + 0.12)) < 0.001  # the pre-roll and the window


def test_silence_is_not_fed() -> None:
    machine = turns("finished")
    events = run(machine, quiet(10) + voice(1) + quiet(10))
    assert fed(events) < 1.0 + 0.3 + 0.2 + 0.1


def test_no_sound_is_fed_twice_and_speech_is_never_lost() -> None:
    machine = Turns()
    numbers: list[int] = []
    pattern = quiet(1) + voice(0.5) + quiet(0.6) + voice(0.4) + quiet(1.5) + voice(0.3) + quiet(2)
    for count, each in enumerate(pattern):
        for event in machine.step(count.to_bytes(2, "little"), voiced=each == "#"):
            if isinstance(event, Feed):
                numbers += [
                    int.from_bytes(event.samples[at : at + 2], "little") for at in range(0, len(event.samples), 2)
                ]
    assert numbers == sorted(set(numbers))
    assert {count for count, each in enumerate(pattern) if each == "#"} <= set(numbers)


def test_the_likely_pause_asks_for_a_peek_once_and_feeds_nothing_after_it() -> None:
    machine = turns()
    run(machine, voice(1))
    events = run(machine, quiet(0.5))
    peek = next(at for at, event in enumerate(events) if isinstance(event, Peek))
    assert said(events, Peek) == [Peek(1)]
    assert not any(isinstance(event, Feed) for event in events[peek:])


def test_a_finished_question_ends_soonest_and_an_open_one_last() -> None:
    assert pause_before_the_end("finished") == 0.3
    assert pause_before_the_end("unknown") == 0.54
    assert pause_before_the_end("open") == 1.2


def test_while_the_decoding_is_not_back_the_turn_waits() -> None:
    assert pause_before_the_end("finished", answered=False) == 1.2


def test_a_late_answer_ends_a_finished_turn_at_once() -> None:
    machine = turns("finished")
    run(machine, voice(1) + quiet(0.9))
    machine.hear("where are you", 1)
    assert said(run(machine, "."), Ended)


def test_an_answer_about_an_earlier_pause_does_not_end_the_turn() -> None:
    machine = turns("finished")
    run(machine, voice(1) + quiet(0.24) + voice(0.5) + quiet(0.24))
    machine.hear("where are", 1)
    assert run(machine, quiet(0.3)) == []
    machine.hear("where are you", 2)
    assert said(run(machine, "."), Ended)


def test_a_pause_for_thought_is_one_utterance() -> None:
    machine = turns("open")
    events = run(machine, voice(1) + quiet(0.24))
    answer_peeks(machine, events)
    events += run(machine, quiet(0.7) + voice(1) + quiet(2))
    assert said(events, Ended) == [Ended(began=0.0, ended=2.94, at=4.14, reason="pause")]


def test_a_monologue_is_ended_and_the_next_utterance_loses_nothing() -> None:
    events = run(turns(), voice(40))
    assert [event.reason for event in events if isinstance(event, Ended)] == ["too long"]
    assert abs(fed(events) - 40) < 0.1


def test_speaking_over_the_caller_pauses_and_then_cuts_the_line() -> None:
    events = run(turns(), quiet(1) + voice(0.7), caller_speaking=True)
    assert said(events, Suspect) == [Suspect(at=1.14)]
    assert said(events, Confirmed) == [Confirmed(at=1.6, reason="voice")]


def test_two_words_cut_the_line_sooner() -> None:
    machine = turns()
    run(machine, voice(0.2), caller_speaking=True)
    assert machine.hear("where are") == [Confirmed(at=0.2, reason="words")]


def test_a_stop_word_cuts_the_line_alone() -> None:
    machine = turns()
    run(machine, voice(0.24) + quiet(0.2), caller_speaking=True)
    assert machine.hear("Wait!", 1) == [Confirmed(at=0.44, reason="stop word")]


def test_a_cough_only_pauses_the_line() -> None:
    machine = turns()
    events = run(machine, voice(0.2), caller_speaking=True)
    events += run(machine, quiet(2), caller_speaking=False)
    assert said(events, Suspect) == [Suspect(at=0.14)]
    assert said(events, Resume) == [Resume(at=0.94)]
    assert not said(events, Confirmed)


def test_a_word_of_assent_only_pauses_the_line() -> None:
    machine = turns()
    run(machine, voice(0.2) + quiet(0.2), caller_speaking=True)
    assert machine.hear("mm", 1) == []
    assert said(run(machine, quiet(1)), Resume)


def test_the_trainee_can_interrupt_after_a_false_alarm() -> None:
    machine = turns()
    run(machine, voice(0.2) + quiet(2), caller_speaking=True)
    events = run(machine, voice(1), caller_speaking=True)
    assert len(said(events, Suspect)) == len(said(events, Confirmed)) == 1


def test_a_protected_line_is_not_cut_but_the_trainee_is_heard() -> None:
    events = run(turns(), voice(1) + quiet(2), caller_speaking=True, protect=True)
    assert not said(events, Suspect)
    assert said(events, Ended)


def test_words_without_any_overlap_cut_nothing() -> None:
    machine = turns()
    run(machine, voice(1))
    assert machine.hear("stop it now") == []


def test_quiet_time_counts_from_the_last_voice() -> None:
    machine = turns()
    run(machine, quiet(3))
    assert machine.quiet_for == 3.0
    run(machine, voice(1))
    assert machine.quiet_for == 0.0
    run(machine, quiet(5))
    assert machine.quiet_for == 5.0


def test_on_an_open_loudspeaker_the_callers_echo_is_no_interruption() -> None:
    machine = turns(settings=TurnSettings(half_duplex=True))
    echo: list[Event] = []
    for _ in range(100):
        echo += machine.step(STEP, voiced=True, caller_speaking=True, mic_level=-40, speaker_level=-20)
    assert echo == []
    voice_over_it: list[Event] = []
    for _ in range(30):
        voice_over_it += machine.step(STEP, voiced=True, caller_speaking=True, mic_level=-20, speaker_level=-20)
    assert said(voice_over_it, Confirmed)


patterns: Callable[[], st.SearchStrategy[str]] = lambda: st.lists(  # noqa: E731
    st.tuples(st.sampled_from("#."), st.integers(1, 90)), max_size=12
).map(lambda runs: "".join(each * count for each, count in runs))


@given(patterns(), st.booleans())
def test_every_start_has_one_end_and_every_suspicion_one_outcome(pattern: str, caller: bool) -> None:
    events = run(turns(), pattern + quiet(3), caller_speaking=caller)
    kinds = [type(event) for event in events if not isinstance(event, Feed | Peek)]
    floor = [kind for kind in kinds if kind in (Started, Ended)]
    overlap = [kind for kind in kinds if kind in (Suspect, Confirmed, Resume)]
    assert floor == [Started, Ended] * (len(floor) // 2)
    assert all(kind is Suspect for kind in overlap[::2])
    assert all(kind is not Suspect for kind in overlap[1::2])
    assert len(overlap) % 2 == 0
