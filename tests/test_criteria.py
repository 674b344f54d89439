from __future__ import annotations

from typing import get_args

import pytest

from logs import SCRIPT, Log, script
from scripts.cast import draw
from scripts.criteria import KINDS, READS
from scripts.events import ReadBack
from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet, Verdict
from scripts.script import CriterionKind
from scripts.understanding import Ask

SURE = ReadBack("address", right=True, heard="the address", why="")


def verdict(criterion: str, log: Log) -> Verdict:
    """The verdict on one criterion, written as TOML keys, in the script of the man at the door."""
    return sheet(criterion, log).verdict("tested")


def sheet(criterion: str, log: Log) -> Marksheet:
    text = SCRIPT + f'\n[[criteria]]\nid = "tested"\npoints = 10\n{criterion}\n'
    return mark(script(text), log.entries, default_force())


def address() -> str:
    return draw(script(), 1).values["address"]


def wrong(heard: str) -> ReadBack:
    return ReadBack("address", right=False, heard=heard, why="")


def handled() -> Log:
    """A call in which the trainee has done some of the work."""
    return (
        Log().asks("Where are you?", "location").asks("Is anyone hurt?", "injuries").asks("Any weapons?", "weapons")
    )


def result(criterion: str, log: Log) -> tuple[str, float]:
    found = verdict(criterion, log)
    return found.result, found.points


def test_every_kind_has_a_function_with_a_met_and_an_unmet_example() -> None:
    assert set(KINDS) == set(READS) == set(get_args(CriterionKind))
    for kind, judge in KINDS.items():
        text = judge.__doc__ or ""
        assert judge.__name__ == kind
        assert "Met:" in text
        assert "Unmet:" in text or "Partial:" in text


# --- captured ------------------------------------------------------------------------------------------------

LOCATION = 'kind = "captured"\nfact = "address"\nfull = "read_back"\npart = "told"\ncritical = "no usable location"'


def asked_and_told() -> Log:
    log = Log().caller("There's a man.", "man", about="opening").asks("What's the address?", "location")
    return log.caller(f"It's {address()}.", "address", about="fact:address")


def test_a_detail_read_back_right_is_captured() -> None:
    log = asked_and_told().trainee("So that's it", backs=[SURE]).ends()
    found = verdict(LOCATION, log)
    assert (found.result, found.points, found.critical) == ("met", 10, False)
    assert [piece.who for piece in found.evidence] == ["caller", "trainee"]


def test_a_detail_only_told_is_half_captured() -> None:
    assert result(LOCATION, asked_and_told().ends()) == ("partial", 5)


def test_a_volunteered_detail_counts_as_told() -> None:
    log = Log().caller(f"I'm at {address()}!", "address", about="opening").ends()
    assert result('kind = "captured"\nfact = "address"', log) == ("met", 10)


def test_a_detail_typed_right_outranks_one_only_told() -> None:
    log = asked_and_told().types("address", address()).ends()
    assert result(LOCATION, log) == ("met", 10)
    assert result(LOCATION.replace("read_back", "recorded"), log) == ("met", 10)


def test_a_detail_never_asked_for_is_a_critical_failure_with_the_call_as_evidence() -> None:
    log = Log().caller("There's a man.", "man", about="opening").trainee("Hello?").ends()
    found = verdict(LOCATION, log)
    assert (found.result, found.critical, found.critical_name) == ("unmet", True, "no usable location")
    assert found.evidence[0].quote == "the call ran 0:04 with 1 turn; it was not asked for"


def test_a_line_cut_before_the_detail_tells_nothing() -> None:
    log = Log().asks("Where?", "location").caller(f"It's {address()}.", "address", about="fact:address", heard=0.4)
    assert result(LOCATION, log.ends())[0] == "unmet"


def test_a_wrong_read_back_put_right_by_the_caller_alone_is_half_captured_with_the_wrong_words_quoted() -> None:
    log = asked_and_told().trainee("So number ninety nine Elm Row?", backs=[wrong("99 Elm Row")])
    found = verdict(LOCATION, log.caller(f"No! {address()}.", "address", about="correct:address").ends())
    assert (found.result, found.points) == ("partial", 5)
    assert "99 Elm Row" in found.why
    assert any("ninety nine Elm Row" in piece.quote for piece in found.evidence)


def test_a_wrong_read_back_left_standing_is_a_critical_failure() -> None:
    found = verdict(LOCATION, asked_and_told().trainee("So 99 Elm Row", backs=[wrong("99 Elm Row")]).ends())
    assert (found.result, found.critical) == ("unmet", True)


def test_a_wrong_read_back_put_right_by_the_trainee_is_captured() -> None:
    log = asked_and_told().trainee("99 Elm Row?", backs=[wrong("99 Elm Row")]).trainee("So it's", backs=[SURE])
    assert result(LOCATION, log.ends()) == ("met", 10)


def test_a_wrong_record_stands_against_a_right_read_back() -> None:
    log = asked_and_told().trainee("So it's", backs=[SURE]).types("address", "99 Elm Row, Nowhere").ends()
    found = verdict(LOCATION, log)
    assert found.result == "partial"
    assert found.evidence[0].who == "form"


def test_a_known_mishearing_goes_to_an_assessor_and_is_no_critical_failure() -> None:
    seed = next(n for n in range(1000) if draw(script(), n).values["address"].startswith("14 "))
    true = draw(script(), seed).values["address"]
    log = Log(seed).asks("Where?", "location").caller(f"{true}.", "address", about="fact:address")
    log.trainee("So number forty", backs=[wrong(true.replace("14 ", "40 ", 1).split(",", maxsplit=1)[0])]).ends()
    found = verdict(LOCATION, log)
    assert (found.result, found.critical) == ("unsure", False)
    assert "mishearing" in found.why


def test_a_poorly_heard_wrong_read_back_goes_to_an_assessor() -> None:
    log = asked_and_told().trainee("So 99 Elm Row", backs=[wrong("99 Elm Row")], confidence=0.3).ends()
    assert verdict(LOCATION, log).result == "unsure"


def test_a_detail_that_waits_for_an_event_that_never_came_is_not_applicable() -> None:
    assert result('kind = "captured"\nfact = "inside"', asked_and_told().ends())[0] == "not_applicable"


# --- asked ---------------------------------------------------------------------------------------------------

WEAPONS = 'kind = "asked"\ntopic = "weapons"'


def test_an_open_question_is_asked() -> None:
    assert result(WEAPONS, Log().asks("What has he got with him?", "weapons").ends()) == ("met", 10)


def test_a_leading_question_is_half_an_ask_even_when_it_is_answered() -> None:
    log = Log().asks("No weapons, is there?", "weapons", "leading").caller("He's got a knife.", "knife", about="x")
    assert result(WEAPONS, log.ends()) == ("partial", 5)


def test_what_is_told_unasked_needs_no_question() -> None:
    log = Log().caller("My little one's here.", "child", about="fact:child").ends()
    assert result('kind = "asked"\ntopic = "children"', log) == ("met", 10)


def test_what_an_event_gives_away_is_no_credit_to_the_trainee() -> None:
    log = Log().happens("door").caller("He's in!", "inside", about="event:door").trainee("Okay").ends()
    assert result('kind = "asked"\ntopic = "ongoing"', log) == ("unmet", 0)


def test_several_topics_share_the_points() -> None:
    log = Log().asks("Any weapons?", "weapons", "closed").ends()
    assert result('kind = "asked"\ntopics = ["weapons", "children"]', log) == ("partial", 5)


def test_asking_about_a_fact_that_could_not_come_up_is_not_applicable() -> None:
    assert result('kind = "asked"\nfact = "inside"', Log().trainee("Hello").ends())[0] == "not_applicable"


def test_a_script_that_lost_its_fact_leaves_the_criterion_out() -> None:
    for kind in ("captured", "asked"):
        assert result(f'kind = "{kind}"\nfact = "gone"', Log().trainee("Hello").ends())[0] == "not_applicable"


def test_the_address_before_the_story_is_in_order() -> None:
    before = 'kind = "asked_before"\ntopic = "location"\nbefore = "emergency"'
    first = Log().asks("Where are you?", "location").asks("What's happening?", "emergency").ends()
    late = Log().asks("What's happening?", "emergency").asks("Where are you?", "location").ends()
    assert result(before, first) == ("met", 10)
    found = verdict(before, late)
    assert found.result == "unmet"
    assert "after what is happening" in found.why
    assert result(before, Log().asks("What's happening?", "emergency").ends())[0] == "unmet"


def test_two_questions_in_one_breath_come_in_the_order_asked() -> None:
    asks = [Ask("location", "open", "where"), Ask("emergency", "open", "what")]
    before = 'kind = "asked_before"\ntopic = "location"\nbefore = "emergency"'
    assert result(before, Log().trainee("Where are you and what's up?", asks=asks).ends()) == ("met", 10)
    assert result(before, Log().trainee("What's up and where?", asks=asks[::-1]).ends())[0] == "unmet"


def test_weapons_before_the_decision() -> None:
    before = 'kind = "asked_before"\ntopic = "weapons"\nbefore = "decision"'
    assert result(before, Log().asks("Armed?", "weapons").decides("deploy", "emergency").ends()) == ("met", 10)
    assert result(before, Log().decides("deploy").waits(1).asks("Armed?", "weapons").ends())[0] == "unmet"


@pytest.mark.parametrize(("at", "points"), [(6, 10), (15, 10), (22.5, 5), (30, 0), (50, 0)])
def test_a_clock_falls_from_its_target_to_none_at_twice_the_target(at: float, points: float) -> None:
    within = 'kind = "asked_within"\ntopic = "location"\nseconds = 15'
    assert verdict(within, Log().waits(at).asks("Where?", "location").ends()).points == points


def test_a_question_never_asked_is_not_in_time() -> None:
    assert (
        result('kind = "asked_within"\ntopic = "location"\nseconds = 15', Log().trainee("Hello").ends())[0] == "unmet"
    )


def test_topics_in_order_and_out_of_order() -> None:
    order = 'kind = "order"\ntopics = ["location", "weapons", "name"]'
    right = Log().asks("Where?", "location").asks("Armed?", "weapons").asks("Name?", "name").ends()
    mixed = Log().asks("Armed?", "weapons").asks("Where?", "location").asks("Name?", "name").ends()
    assert result(order, right) == ("met", 10)
    assert result(order, mixed) == ("partial", 5)
    assert result(order, Log().trainee("Hello").ends()) == ("unmet", 0)


def test_a_detail_read_off_the_display_and_confirmed_has_come_up() -> None:
    log = Log().trainee("Are you at that address?", backs=[SURE]).asks("Armed?", "weapons").ends()
    assert result('kind = "order"\nfacts = ["address", "knife"]', log) == ("met", 10)


def test_a_summary_reads_back_enough_facts_in_one_turn() -> None:
    name = ReadBack("name", right=True, heard="Jan", why="")
    summary = 'kind = "summary_given"\ncount = 2'
    assert result(summary, Log().trainee("So", backs=[SURE, name]).ends()) == ("met", 10)
    assert result(summary, Log().trainee("So", backs=[SURE, SURE]).ends()) == ("partial", 5)
    assert result(summary, Log().trainee("So", backs=[SURE, name, wrong("99")]).ends()) == ("partial", 5)
    assert result(summary, Log().trainee("Got all that").ends()) == ("unmet", 0)
    assert result(summary, Log().ends()) == ("unmet", 0)


# --- said ----------------------------------------------------------------------------------------------------


def test_a_phrase_said_is_quoted_and_a_denied_one_does_not_count() -> None:
    lock = 'kind = "advised"\nwords = ["lock ... door"]'
    found = verdict(lock, Log().trainee("Can you lock the back door?").ends())
    assert (found.result, found.why) == ("met", "Said “lock the back door” at 0:00.")
    assert result(lock, Log().trainee("Don't lock the door").ends()) == ("unmet", 0)
    assert result(lock, Log().trainee("Hello").ends()) == ("unmet", 0)


def test_a_phrase_wanted_twice_and_said_once_is_half_said() -> None:
    assert result('kind = "said"\nwords = ["police"]\ncount = 2', Log().trainee("Police").ends()) == ("partial", 5)


def test_advice_and_reassurance_are_acts() -> None:
    log = Log().trainee("Stay there", acts=["advise"]).trainee("You're doing well", acts=["reassure"]).ends()
    assert result('kind = "advised"', log) == ("met", 10)
    assert result('kind = "reassured"', log) == ("met", 10)
    assert result('kind = "reassured"\ncount = 2', log) == ("partial", 5)
    assert (
        result('kind = "reassured"', Log().trainee("Calm down, dear", acts=["reassure", "dismiss"]).ends())[0]
        == "unmet"
    )


NEVER = 'kind = "never_said"\nwords = ["go ... downstairs", "confront"]\ncritical = "sent to him"'


def test_sending_the_caller_downstairs_is_a_critical_failure() -> None:
    marked = sheet(NEVER, Log().trainee("Can you go and look downstairs?").ends())
    assert marked.verdict("tested").critical
    assert "sent to him" in marked.critical
    assert "go and look downstairs" in marked.verdict("tested").why


@pytest.mark.parametrize("text", ["Don't go downstairs.", "Officers will go downstairs.", "Did he go downstairs?"])
def test_warning_the_caller_or_speaking_of_others_is_not(text: str) -> None:
    assert result(NEVER, handled().trainee(text).ends()) == ("met", 10)


def test_what_is_only_nearly_forbidden_or_poorly_heard_goes_to_an_assessor() -> None:
    near = verdict(NEVER, Log().trainee("You should confrunt him").ends())
    poor = verdict(NEVER, Log().trainee("Go downstairs now", confidence=0.2).ends())
    assert [near.result, poor.result] == ["unsure", "unsure"]
    assert not near.critical
    assert not poor.critical


def test_a_promise_is_an_act_never_to_be_done() -> None:
    promise = 'kind = "never_said"\nact = "promise"\ncritical = "promised"'
    assert verdict(promise, Log().trainee("Five minutes", acts=["promise"]).ends()).critical
    assert result(promise, handled().trainee("Soon").ends()) == ("met", 10)


PROMISE = 'kind = "never_said"\nact = "promise"\ncritical = "promised"'
DISMISS = 'kind = "never_said"\nact = "dismiss"\ncritical = "abuse"'


def test_saying_that_nothing_can_be_promised_is_no_promise() -> None:
    assert result(PROMISE, handled().trainee("I can't promise you when", acts=["promise"]).ends()) == ("met", 10)


def test_one_turn_that_only_sounds_dismissive_goes_to_an_assessor_and_two_do_not() -> None:
    once = Log().trainee("Are you sure it's not a fox?", acts=["dismiss"])
    assert result(DISMISS, once.ends())[0] == "unsure"
    again = Log().trainee("Are you sure it's not a fox?", acts=["dismiss"]).trainee("A cat, then", acts=["dismiss"])
    assert verdict(DISMISS, again.ends()).critical
    assert verdict(DISMISS, Log().trainee("You're wasting our time", acts=["dismiss"]).ends()).critical


# --- silence, interruptions, the close -----------------------------------------------------------------------

SILENCE = 'kind = "no_dead_air"\nseconds = 8'


def quiet(seconds: float) -> Log:
    return Log().caller("Help!").waits(seconds).trainee("Hello").ends()


@pytest.mark.parametrize(("seconds", "points"), [(5, 10), (8, 10), (12, 5), (16, 0)])
def test_silence_costs_from_its_limit_on(seconds: float, points: float) -> None:
    assert verdict(SILENCE, quiet(seconds)).points == points


def test_the_caller_asking_whether_anyone_is_there_does_not_end_a_silence() -> None:
    log = Log().caller("Help!").waits(7).caller("Hello?", about="nudge").waits(7).trainee("Yes").ends()
    found = verdict(SILENCE, log)
    assert "14 seconds" in found.why
    assert found.points == 2.5


def test_a_hold_is_no_silence() -> None:
    log = Log().caller("Help!").trainee("Hold on").holds(on=True).waits(30).holds(on=False).trainee("Back").ends()
    assert result(SILENCE, log) == ("met", 10)


def test_a_silence_while_the_recogniser_failed_is_nobodys_fault() -> None:
    log = Log().caller("Help!").waits(10).trouble("the recogniser stopped").waits(10).trainee("Hello").ends()
    assert result(SILENCE, log)[0] == "not_applicable"


def test_talking_over_the_caller_counts_and_the_sessions_own_cuts_do_not() -> None:
    kind = 'kind = "did_not_interrupt"\ncount = 1'
    log = Log().caller("It all began", heard=0.3).trainee("Where?").caller("I said", heard=0.5, stopped=True)
    assert result(kind, log.ends()) == ("met", 10)
    assert result(kind, log.caller("And then", heard=0.2).trainee("Name?").ends()) == ("partial", 5)
    log.caller("He", heard=0.2).trainee("What?")
    found = verdict(kind, log.ends())
    assert (found.result, found.evidence[0].quote) == ("unmet", "It all began (cut short)")


CLOSE = 'kind = "closed_properly"\ncritical = "hung up on a person at risk"'


def test_hanging_up_before_a_decision_is_a_critical_failure_with_the_last_exchange() -> None:
    found = verdict(CLOSE, Log().caller("He's here!").trainee("Right").ends())
    assert (found.result, found.critical) == ("unmet", True)
    assert [piece.quote for piece in found.evidence] == ["He's here!", "Right"]


def test_a_goodbye_after_a_decision_closes_properly() -> None:
    log = Log().caller("Help").decides("deploy", "emergency").trainee("Bye now", acts=["close"])
    assert result(CLOSE, log.ends("caller", "the call was closed")) == ("met", 10)


def test_a_goodbye_that_was_not_understood_as_one_still_closes_the_call() -> None:
    assert result(CLOSE, Log().caller("Help").decides("deploy").trainee("Right. Bye.").ends()) == ("met", 10)


def test_hanging_up_after_advice_will_do_and_without_a_word_is_half() -> None:
    decided = Log().caller("Help").decides("deploy", "emergency")
    assert (
        result(CLOSE, Log().caller("Help").decides("deploy").trainee("Stay in", acts=["advise"]).ends())[0] == "met"
    )
    assert result(CLOSE, decided.ends()) == ("partial", 5)


def test_a_lost_line_is_nobodys_close() -> None:
    assert result(CLOSE, Log().caller("Help").trainee("Yes").ends("line"))[0] == "not_applicable"
    assert result(CLOSE, Log().caller("Help").trainee("Yes"))[0] == "not_applicable"


# --- the decision --------------------------------------------------------------------------------------------

DECIDED = 'kind = "decided"\ncritical = "under-graded"'


def decision(log: Log) -> tuple[str, float, str | None, bool]:
    marked = sheet(DECIDED, log)
    found = marked.verdict("tested")
    return found.result, found.points, marked.disposition.rating, found.critical


def test_the_right_disposition_earns_all_points() -> None:
    assert decision(Log().decides("deploy", "emergency").ends()) == ("met", 10, "right", False)


def test_an_unsafe_grade_is_a_critical_failure() -> None:
    assert decision(Log().decides("deploy", "scheduled").ends()) == ("unmet", 0, "unsafe", True)


def test_nothing_decided_where_officers_were_needed_is_unsafe() -> None:
    assert decision(Log().trainee("Right").ends()) == ("unmet", 0, "unsafe", True)


def test_a_call_that_broke_off_before_a_decision_goes_to_an_assessor() -> None:
    assert decision(Log().trainee("Right"))[0] == "unsure"
    assert decision(Log().trainee("Right").ends("line"))[0] == "unsure"


def test_the_last_decision_stands_and_agencies_add_up() -> None:
    log = Log().decides("resolve").decides("deploy", "emergency").decides("refer", agency="ambulance")
    marked = sheet(DECIDED, log.decides("refer", agency="fire").ends())
    assert marked.disposition.decisions == ("deploy", "refer")
    assert marked.disposition.agencies == ("ambulance", "fire")
    assert marked.disposition.rating == "right"
    assert decision(Log().decides("deploy", "emergency").decides("resolve").ends())[2] == "unsafe"


def test_recording_a_crime_calls_no_officers_off_and_saying_so_does() -> None:
    log = Log().decides("deploy", "emergency").trainee("I'm recording this as a hate crime", decision=["resolve"])
    assert decision(log.ends())[2] == "right"
    log = Log().decides("deploy", "emergency").trainee("So I won't be sending anyone", decision=["resolve"])
    assert decision(log.ends())[2] == "unsafe"


def test_a_grade_said_by_itself_belongs_to_the_deployment() -> None:
    sent = Log().trainee("Officers are coming", decision=["deploy"])
    assert decision(sent.trainee("That's graded an immediate", grade="emergency").ends())[:3] == ("met", 10, "right")
    first = Log().trainee("That's an immediate", grade="emergency").trainee("They're coming", decision=["deploy"])
    assert decision(first.ends())[2] == "right"


def test_saying_again_that_officers_come_keeps_the_grade() -> None:
    log = Log().decides("deploy", "emergency").trainee("They're still coming", decision=["deploy"]).ends()
    assert decision(log)[2] == "right"


def test_outcomes_depend_on_what_had_happened() -> None:
    assert decision(Log().decides("deploy", "priority").ends()) == ("partial", 8, "acceptable", False)
    assert decision(Log().decides("deploy", "priority").happens("door").ends()) == ("unmet", 0, "unsafe", True)


def test_no_grade_is_acceptable_and_a_referral_alone_is_unsafe() -> None:
    assert decision(Log().decides("deploy").ends())[1:3] == (8, "acceptable")
    assert decision(Log().decides("refer", agency="council").ends())[2:] == ("unsafe", True)


def test_words_that_sound_like_sending_somebody_go_to_an_assessor_where_nothing_was_understood() -> None:
    assert decision(Log().trainee("They are all on their way").ends())[0] == "unsure"
    assert decision(Log().trainee("We won't be sending officers").ends())[0] == "unmet"


def test_a_poorly_heard_unsafe_decision_goes_to_an_assessor() -> None:
    said = Log().trainee("An appointment", decision=["deploy"], grade="scheduled", confidence=0.3).ends()
    assert decision(said)[0] == "unsure"
    assert decision(Log().decides("deploy", "scheduled").ends())[0] == "unmet"


REFERRED = (
    SCRIPT[: SCRIPT.index("[[outcomes]]")]
    + """
[[outcomes]]
decision = "refer"
agency = "council"
rating = "right"
why = "Noise is for the council."

[[criteria]]
id = "tested"
kind = "decided"
points = 10
critical = "no"
"""
)


@pytest.mark.parametrize(
    ("log", "rating", "points"),
    [
        (Log().decides("refer", agency="council"), "right", 10),
        (Log().decides("resolve").decides("refer", agency="council"), "right", 10),
        (Log().decides("deploy", "emergency").decides("refer", agency="council"), "over_cautious", 5),
        (Log().decides("refer", agency="fire"), "wrong", 0),
        (Log().trainee("Bye"), None, 0),
    ],
)
def test_a_referral_is_rated_and_is_no_life_risk(log: Log, rating: str | None, points: float) -> None:
    marked = mark(script(REFERRED), log.ends().entries, default_force())
    assert marked.disposition.rating == rating
    assert marked.verdict("tested").points == points
    assert marked.critical == ()


def test_a_decision_counts_from_when_it_became_defensible() -> None:
    within = 'kind = "decided_within"\nseconds = 20'
    log = Log().decides("deploy", "scheduled").waits(30).decides("deploy", "emergency").ends()
    assert result(within, log) == ("partial", 5)
    assert result(within, Log().decides("deploy", "scheduled").ends()) == ("unmet", 0)
    assert result(within, Log().trainee("Hello").ends()) == ("unmet", 0)


REGRADED = 'kind = "regraded"\nevent = "door"\nseconds = 10'


def test_a_decision_changed_with_events_is_regraded() -> None:
    def changed(after: float) -> Log:
        return Log().decides("deploy", "priority").happens("door").waits(after).decides("deploy", "emergency").ends()

    assert result(REGRADED, changed(5)) == ("met", 10)
    assert result(REGRADED, changed(15)) == ("partial", 5)
    assert result(REGRADED, Log().decides("deploy", "priority").happens("door").waits(60).ends()) == ("unmet", 0)
    said = Log().decides("deploy", "priority").happens("door").trainee("Make that immediate", grade="emergency")
    assert result(REGRADED, said.ends()) == ("met", 10)


def test_a_decision_right_already_needs_no_regrading() -> None:
    assert result(REGRADED, Log().decides("deploy", "emergency").happens("door").waits(60).ends()) == ("met", 10)


def test_regrading_does_not_apply_where_nothing_changed_or_time_ran_out() -> None:
    assert result(REGRADED, Log().decides("deploy", "priority").ends())[0] == "not_applicable"
    cut_off = Log().decides("deploy", "priority").happens("door").waits(3).ends("caller", "hung up")
    assert result(REGRADED, cut_off)[0] == "not_applicable"


def test_a_call_is_answered_in_time_by_the_forces_target() -> None:
    assert result('kind = "answered_within"', Log(rang_for=4).ends()) == ("met", 10)
    assert result('kind = "answered_within"', Log(rang_for=15).ends()) == ("partial", 5)
    assert result('kind = "answered_within"\nseconds = 5', Log(rang_for=15).ends()) == ("unmet", 0)


# --- calls that nobody handled -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "criterion", [NEVER, PROMISE, 'kind = "did_not_interrupt"', 'kind = "no_monologue"'], ids=lambda text: text[:30]
)
def test_keeping_from_mistakes_earns_nothing_in_a_call_that_nobody_handled(criterion: str) -> None:
    sung = verdict(criterion, Log().trainee("La la la.").ends())
    assert (sung.result, sung.points) == ("not_applicable", 0.0)
    assert "earns nothing" in sung.why
    assert verdict(criterion, handled().ends()).result == "met"
    decided = Log().trainee("Officers are coming.", decision=["deploy"], acts=["decide"])
    assert verdict(criterion, decided.ends()).result == "met", "a decision is work as well"


def test_a_mistake_counts_in_a_call_that_nobody_handled() -> None:
    assert verdict(NEVER, Log().trainee("Go downstairs and look.").ends()).critical


# --- speeches ------------------------------------------------------------------------------------------------


def test_a_long_speech_costs_points_as_it_grows() -> None:
    limit = 'kind = "no_monologue"\nseconds = 4'
    for seconds, earned in ((3, 10.0), (6, 5.0), (30, 0.0)):
        assert verdict(limit, handled().trainee("a long story", lasts=seconds).ends()).points == earned
    spoke = verdict(limit, handled().trainee("a long story", lasts=30).ends())
    assert "30 seconds on end, not at most 4" in spoke.why
    assert spoke.evidence[0].quote == "a long story"


# --- decisions that nobody said outright ---------------------------------------------------------------------


def test_sending_officers_in_no_words_that_say_so_is_for_an_assessor() -> None:
    decided = 'kind = "decided"\ncritical = "life risk under-graded"'
    told = verdict(decided, Log().trainee("We know about it.", acts=["decide"], decision=["deploy"]).ends())
    assert told.result == "unsure"
    assert "says outright" in told.why
    sent = verdict(decided, Log().trainee("I'm sending officers.", acts=["decide"], decision=["deploy"]).ends())
    assert sent.result == "partial"
    pressed = verdict(decided, Log().decides("deploy").ends())
    assert pressed.result == "partial"
