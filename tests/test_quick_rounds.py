"""Rounds of quick calls on pages: whose they are, what the clock says, and what a page may bring about."""

from __future__ import annotations

import pytest

from scripts.quick import SECONDS, Answer, Round, deal, quick_calls
from server.quick_rounds import FORGIVEN, FORGOTTEN_AFTER, MOST_ROUNDS, ON_ITS_WAY, SETTLED_AFTER, NotNow, QuickRounds

SPEAKS = 10.0
SHELF = quick_calls()


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rounds(clock: Clock) -> QuickRounds:
    return QuickRounds(clock)


def right(round_: Round) -> Answer:
    assert round_.current is not None
    return round_.current.right


@pytest.mark.parametrize("seconds", [0.0, 3.0, 6.0, SECONDS])
def test_the_clock_starts_when_the_caller_was_heard(rounds: QuickRounds, clock: Clock, seconds: float) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    expected = playing.round.answer(right(playing.round), seconds).score
    playing.ring(0, SPEAKS, clock.now)
    given = playing.answer(0, right(playing.round), clock.now + SPEAKS + ON_ITS_WAY + seconds)
    assert (given.rating, given.points) == ("right", expected)


def test_a_call_cannot_be_answered_before_it_was_heard(rounds: QuickRounds, clock: Clock) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    with pytest.raises(NotNow, match="not been heard"):
        playing.answer(0, right(playing.round), clock.now)
    playing.ring(0, SPEAKS, clock.now)
    with pytest.raises(NotNow, match="not been heard"):
        playing.answer(0, right(playing.round), clock.now + SPEAKS - 0.1)
    assert playing.place == 0


def test_ringing_again_starts_nothing_anew_and_tells_how_much_is_past(rounds: QuickRounds, clock: Clock) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    assert playing.ring(0, SPEAKS, clock.now) == 0
    assert playing.ring(0, 99.0, clock.now + 4) == 4
    assert playing.clock(clock.now + SPEAKS + ON_ITS_WAY) == pytest.approx(0)


def test_the_same_answer_twice_counts_once_and_another_changes_nothing(rounds: QuickRounds, clock: Clock) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    playing.ring(0, SPEAKS, clock.now)
    first = playing.answer(0, right(playing.round), clock.now + SPEAKS)
    assert playing.answer(0, right(playing.round), clock.now + 99) == first
    assert playing.answer(0, None, clock.now + 99) == first
    assert (playing.place, playing.round.score) == (1, first.points)


@pytest.mark.parametrize("place", [1, 9, 10, -1])
def test_calls_are_answered_in_their_order(place: int, rounds: QuickRounds, clock: Clock) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    with pytest.raises(NotNow):
        playing.ring(place, SPEAKS, clock.now)
    playing.ring(0, SPEAKS, clock.now)
    with pytest.raises(NotNow):
        playing.answer(place, right(playing.round), clock.now + SPEAKS)


def test_an_answer_on_its_way_at_the_end_counts_and_a_later_one_is_too_late(
    rounds: QuickRounds, clock: Clock
) -> None:
    ends = clock.now + SPEAKS + ON_ITS_WAY + SECONDS
    ratings = []
    for late in (FORGIVEN - 0.01, FORGIVEN + 0.01):
        playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
        playing.ring(0, SPEAKS, clock.now)
        ratings.append(playing.answer(0, right(playing.round), ends + late).rating)
    assert ratings == ["right", "late"]


def test_a_spoken_answer_counts_from_when_it_was_spoken_never_from_the_future(
    rounds: QuickRounds, clock: Clock
) -> None:
    starts = clock.now + SPEAKS + ON_ITS_WAY
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    full = playing.round.answer(right(playing.round), 2.0).score
    playing.ring(0, SPEAKS, clock.now)
    assert playing.answer(0, right(playing.round), starts + SECONDS + 2, at=starts + 2).points == full
    playing.ring(1, SPEAKS, clock.now)
    assert playing.answer(1, right(playing.round), starts + SECONDS + 2, at=starts + 999).rating == "late"


def test_who_goes_away_in_mid_call_finds_it_too_late_and_the_round_goes_on(rounds: QuickRounds, clock: Clock) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    playing.ring(0, SPEAKS, clock.now)
    clock.now += SPEAKS + ON_ITS_WAY + SECONDS + SETTLED_AFTER - 0.1
    found = rounds.get(playing.round_id, "ann")
    assert found is not None
    assert found.place == 0
    clock.now += 0.2
    assert rounds.of("ann") is playing
    assert [given.rating for given in playing.round.given] == ["late"]
    playing.ring(1, SPEAKS, clock.now)


def test_without_a_clock_nothing_is_late_and_all_answers_are_worth_the_same(
    rounds: QuickRounds, clock: Clock
) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=False)
    playing.ring(0, SPEAKS, clock.now)
    assert playing.clock(clock.now + 99) is None
    clock.now += 3000
    assert rounds.get(playing.round_id, "ann") is playing
    expected = deal(SHELF, 1).answer(right(playing.round), None).score
    assert playing.answer(0, right(playing.round), clock.now).points == expected


def test_a_round_is_its_players_alone(rounds: QuickRounds) -> None:
    playing = rounds.begin("ann", deal(SHELF, 1), clocked=True)
    assert rounds.get(playing.round_id, "ann") is playing
    assert rounds.get(playing.round_id, "ben") is None
    assert rounds.of("ben") is None
    assert rounds.get("", "ann") is None


def test_a_new_round_takes_the_place_of_the_players_last(rounds: QuickRounds) -> None:
    old, new = (rounds.begin("ann", deal(SHELF, seed), clocked=True) for seed in (1, 2))
    assert not rounds.knows(old.round_id)
    assert rounds.of("ann") is new


def test_rounds_are_bounded_and_old_ones_are_forgotten(rounds: QuickRounds, clock: Clock) -> None:
    round_ = deal(SHELF[:1], 1)
    first = rounds.begin("player", round_, clocked=True)
    for number in range(MOST_ROUNDS):
        rounds.begin(str(number), round_, clocked=True)
    assert not rounds.knows(first.round_id)
    left = rounds.of("7")
    assert left is not None
    clock.now += FORGOTTEN_AFTER + 1
    rounds.begin("another", round_, clocked=True)
    assert not rounds.knows(left.round_id)
