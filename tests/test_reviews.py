"""The rules of a review, without pages: decisions, the mark that follows, corrected turns, the random sample."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reviewing import rehearsed_log
from scripts.events import Understood, Utterance
from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from scripts.shelf import Shelf
from server.call_files import CallFiles
from server.records import CallRecord, Records
from server.review_records import ReviewRecords
from server.reviews import (
    Decision,
    ReviewError,
    corrected,
    decide,
    judged,
    marked_with,
    sampled,
    standing,
    turn_at,
    undecided,
)  # fmt: skip

SCRIPT = Shelf().script("burglary-in-progress")
FORCE = default_force()
CALL = "20261121-101500-aaaa"
UNDO = Decision("undo", "", "unsure", 0.0, "")


@pytest.fixture(scope="module")
def sheet() -> Marksheet:
    """A dangerous call that was heard badly: four verdicts are unsure."""
    return mark(SCRIPT, rehearsed_log(role="dangerous", confidence=0.2), FORCE)


# --- the sample -----------------------------------------------------------------------------------------------------


def test_the_sample_has_its_size_and_hangs_on_the_seed_alone() -> None:
    calls = [f"20261121-{number:06}-aaaa" for number in range(20_000)]
    drawn = {call for call in calls if sampled(call, 2, 1)}
    assert 300 < len(drawn) < 500
    assert drawn == {call for call in reversed(calls) if sampled(call, 2, 1)}
    assert drawn != {call for call in calls if sampled(call, 2, 2)}
    assert drawn < {call for call in calls if sampled(call, 5, 1)}
    assert not any(sampled(call, 0, 1) for call in calls)
    assert all(sampled(call, 100, 1) for call in calls)


# --- decisions ------------------------------------------------------------------------------------------------------


def test_agreeing_keeps_the_rules_verdict_and_its_points(sheet: Marksheet) -> None:
    verdict = sheet.verdict("answered")
    decision = decide(verdict, "agree")
    assert (decision.result, decision.points) == (verdict.result, verdict.points)


@pytest.mark.parametrize(("result", "share"), [("met", 1.0), ("partial", 0.5), ("unmet", 0.0)])
def test_a_changed_verdict_has_the_points_of_its_result(result: str, share: float, sheet: Marksheet) -> None:
    verdict = sheet.verdict("number")
    assert decide(verdict, "change", result, "I heard it").points == verdict.of * share


def test_a_change_needs_a_reason_and_a_doubt_cannot_be_agreed_with(sheet: Marksheet) -> None:
    with pytest.raises(ReviewError, match="needs a reason"):
        decide(sheet.verdict("number"), "change", "met", " \n ")
    with pytest.raises(ReviewError, match="nothing to agree with"):
        decide(sheet.verdict("location"), "agree")
    with pytest.raises(ReviewError, match="at most 2000"):
        decide(sheet.verdict("number"), "change", "met", "x" * 2001)


def test_blind_there_is_nothing_to_agree_with_and_no_change_to_explain(sheet: Marksheet) -> None:
    assert decide(sheet.verdict("number"), "change", "met", blind=True).result == "met"
    with pytest.raises(ReviewError, match="blind"):
        decide(sheet.verdict("number"), "agree", blind=True)


def test_an_undo_takes_back_the_last_decision_and_no_more(sheet: Marksheet) -> None:
    first = decide(sheet.verdict("number"), "agree")
    second = decide(sheet.verdict("number"), "change", "met", "after all")
    third = decide(sheet.verdict("answered"), "agree")
    assert standing([first, second, third, UNDO], sheet) == {"number": second}
    assert standing([first, second, third, UNDO, UNDO], sheet) == {"number": first}
    assert standing([UNDO, first, UNDO, UNDO], sheet) == {}


def test_a_decision_about_a_verdict_that_is_now_another_waits_again(sheet: Marksheet) -> None:
    decision = decide(sheet.verdict("number"), "agree")
    better = mark(SCRIPT, rehearsed_log(role="good"), FORCE)
    assert standing([decision], better) == {}
    assert len(undecided(better, {})) == len(better.verdicts)


# --- the assessor's mark --------------------------------------------------------------------------------------------


def test_without_decisions_the_mark_is_the_rules(sheet: Marksheet) -> None:
    good = mark(SCRIPT, rehearsed_log(role="good"), FORCE)
    assert judged(good, {}, FORCE) == good
    assert judged(sheet, {}, FORCE).score == sheet.score


def test_an_assessor_can_fail_and_pass_a_call(sheet: Marksheet) -> None:
    good = mark(SCRIPT, rehearsed_log(role="good"), FORCE)
    failing = decide(good.verdict("no-confronting"), "change", "unmet", "He was told to go and look")
    failed = judged(good, {"no-confronting": failing}, FORCE)
    assert failed.outcome == "failed"
    assert failed.score == FORCE.marking.cap
    assert failed.critical == (good.verdict("no-confronting").critical_name,)
    assert failed.verdict("no-confronting").why == "He was told to go and look"
    everything = {one.criterion: decide(one, "change", "met", "I heard it") for one in sheet.verdicts}
    passed = judged(sheet, everything, FORCE)
    assert (passed.score, passed.outcome, passed.unsure) == (100.0, "passed", 0)


def test_what_is_not_applicable_leaves_the_score_alone(sheet: Marksheet) -> None:
    decisions = {one.criterion: decide(one, "not_applicable") for one in sheet.verdicts if one.result != "met"}
    assert judged(sheet, decisions, FORCE).score == 100.0


# --- corrected turns ------------------------------------------------------------------------------------------------


def test_a_corrected_turn_keeps_its_time_and_everything_else(sheet: Marksheet) -> None:
    log = rehearsed_log(role="dangerous", confidence=0.2)
    turn = next(entry for entry in log if isinstance(entry, Utterance))
    said = "Police emergency, what's the address? Has he any weapons?"
    new = corrected(log, {turn.began: said})
    changed = [(old, now) for old, now in zip(log, new, strict=True) if old != now]
    assert [type(now) for _, now in changed] == [Utterance, Understood]
    assert all(now.at == old.at for old, now in changed)
    again = marked_with(SCRIPT, log, {turn.began: said}, FORCE)
    assert again.verdict("weapons").result == "met"
    assert sheet.verdict("weapons").result == "unmet"


def test_only_what_the_trainee_said_can_be_corrected() -> None:
    log = rehearsed_log(role="good")
    with pytest.raises(ReviewError, match="no such turn"):
        turn_at(log, 3599.0)


# --- the records ----------------------------------------------------------------------------------------------------


def test_nothing_is_overwritten_and_a_signed_review_is_final(sheet: Marksheet, database: str, tmp_path: Path) -> None:
    files = CallFiles(tmp_path)
    with Records(database, files) as records:
        records.begin(CallRecord(CALL, SCRIPT.id, 1, "Lost", 1, "desk", "sam", datetime.now(UTC)))
        book = ReviewRecords(records)
        review = book.begin(book.for_assessor(CALL, "ann"))
        number = sheet.verdict("number")
        first, second = decide(number, "agree"), decide(number, "change", "met", "after all")
        book.decide(review, first, UNDO, second)
        book.comment(review, 3.5, "well done")
        book.correct(review, 4.0, "yes what is it", "police emergency", sheet)
        stored = book.of(CALL)[0]
        assert [one for _, one in stored.decisions] == [first, UNDO, second]
        assert stored.comments[0].text == "well done"
        assert (stored.turns[0].heard, stored.corrections) == ("yes what is it", {4.0: "police emergency"})
        assert stored.turns[0].marksheet == sheet
        final = judged(sheet, {"number": second}, FORCE)
        book.sign(review, SCRIPT.id, sheet, final)
        stored = book.of(CALL)[0]
        assert (stored.score, stored.rule_score) == (final.score, sheet.score)
        assert stored.verdicts["number"] == "met"
        with pytest.raises(ReviewError, match="final"):
            book.decide(review, first)
        with pytest.raises(ReviewError, match="ann has signed"):
            book.for_assessor(CALL, "bob")


def test_a_review_left_lying_for_half_a_day_blocks_nobody(database: str, tmp_path: Path) -> None:
    from sqlalchemy import update

    from server.schema import reviews

    with Records(database, CallFiles(tmp_path)) as records:
        records.begin(CallRecord(CALL, SCRIPT.id, 1, "Lost", 1, "desk", "sam", datetime.now(UTC)))
        book = ReviewRecords(records)
        book.begin(book.for_assessor(CALL, "ann"))
        with pytest.raises(ReviewError, match="ann is reviewing"):
            book.for_assessor(CALL, "bob")
        with records.writing() as connection:
            long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=13)
            connection.execute(update(reviews).values(began=long_ago))
        assert not book.for_assessor(CALL, "bob").blind
