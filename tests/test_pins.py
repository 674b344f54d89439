"""PINs, wrong ones, and the tokens that follow a right one."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.pins import (
    FAILURE_SECONDS,
    MOST_FAILURES,
    MOST_FAILURES_OF_ALL,
    SALT_FILE,
    Attempts,
    PinBook,
    PinError,
    Trainee,
)
from server.tokens import LIFETIME, MOST, Tokens
from stored import everything

NUMBER = "+447700900123"


@pytest.fixture
def book(tmp_path: Path, database: str) -> Iterator[PinBook]:
    made = PinBook(database, tmp_path)
    yield made
    made.close()


def test_a_pin_is_found_again_also_by_another_process(book: PinBook, tmp_path: Path, database: str) -> None:
    book.set("Ann Other", "246810")
    assert book.by_pin("246810") == Trainee("Ann Other", None)
    other = PinBook(database, tmp_path)
    assert other.by_pin("246810") == Trainee("Ann Other", None)
    other.close()
    assert book.by_pin("246811") is None


def test_a_drawn_pin_has_six_digits_and_works(book: PinBook) -> None:
    pin = book.set("Ann Other")
    assert len(pin) == 6
    assert pin.isdigit()
    assert book.by_pin(pin) == Trainee("Ann Other", None)


def test_a_new_pin_takes_the_place_of_the_old(book: PinBook) -> None:
    book.set("Ann Other", "246810")
    book.set("Ann Other", "135790")
    assert book.by_pin("246810") is None
    assert book.trainees() == [Trainee("Ann Other", None)]


def test_two_trainees_cannot_have_one_pin_or_one_number(book: PinBook) -> None:
    book.set("Ann Other", "246810", NUMBER)
    with pytest.raises(PinError, match="another trainee"):
        book.set("Ben Second", "246810")
    with pytest.raises(PinError, match="another trainee"):
        book.set("Ben Second", "135790", NUMBER)
    assert book.trainees() == [Trainee("Ann Other", NUMBER)]


def test_a_number_that_was_given_is_known_and_no_other(book: PinBook) -> None:
    book.set("Ann Other", "246810", NUMBER)
    book.set("Ben Second", "135790")
    assert book.by_number(NUMBER) == Trainee("Ann Other", NUMBER)
    assert book.by_number("+447700900124") is None
    assert book.by_number("") is None
    assert book.by_number("anonymous") is None


def test_a_pin_that_was_taken_away_lets_nobody_in(book: PinBook) -> None:
    book.set("Ann Other", "246810")
    assert book.remove("Ann Other")
    assert not book.remove("Ann Other")
    assert book.by_pin("246810") is None


@pytest.mark.parametrize("pin", ["", "1234", "1234567", "12345a", "٢٤٦٨١٠"])
def test_what_is_no_pin_is_refused(book: PinBook, pin: str) -> None:
    with pytest.raises(PinError, match="six digits"):
        book.set("Ann Other", pin)


@pytest.mark.parametrize("number", ["07700900123", "+44 7700 900123", "999", "+0123456789"])
def test_what_is_no_full_number_is_refused(book: PinBook, number: str) -> None:
    with pytest.raises(PinError, match="country"):
        book.set("Ann Other", number=number)


def test_neither_pin_nor_salt_can_be_read_from_the_database(book: PinBook, database: str, tmp_path: Path) -> None:
    book.set("Ann Other", "246810")
    stored = everything(database)
    assert "Ann Other" in stored
    assert "246810" not in stored
    assert (tmp_path / SALT_FILE).read_bytes().hex() not in stored
    assert stat.S_IMODE((tmp_path / SALT_FILE).stat().st_mode) == 0o600


def test_a_damaged_salt_is_told_not_replaced(book: PinBook, tmp_path: Path, database: str) -> None:
    book.close()
    (tmp_path / SALT_FILE).write_bytes(b"short")
    with pytest.raises(PinError, match="damaged"):
        PinBook(database, tmp_path)


def test_a_number_with_many_wrong_pins_waits_a_quarter_of_an_hour() -> None:
    attempts = Attempts()
    for second in range(MOST_FAILURES):
        assert not attempts.locked(NUMBER, second)
        attempts.failed(NUMBER, second)
    assert attempts.locked(NUMBER, MOST_FAILURES)
    assert not attempts.locked("+447700900124", MOST_FAILURES)
    assert not attempts.locked(NUMBER, FAILURE_SECONDS)


def test_guessing_from_ever_new_numbers_locks_all() -> None:
    attempts = Attempts()
    for guess in range(MOST_FAILURES_OF_ALL):
        attempts.failed(f"+4477009{guess:05}", 0.0)
    assert attempts.locked(NUMBER, 1.0)
    assert not attempts.locked(NUMBER, FAILURE_SECONDS + 1.0)


def test_a_token_is_good_once_for_its_call_and_not_for_long() -> None:
    tokens: Tokens[str] = Tokens()
    token = tokens.issue("CA1", "Ann", 0.0)
    assert tokens.redeem(token, "CA1", 1.0) == "Ann"
    assert tokens.redeem(token, "CA1", 1.0) is None
    late = tokens.issue("CA1", "Ann", 0.0)
    assert tokens.redeem(late, "CA1", LIFETIME) is None
    assert tokens.redeem("", "CA1", 0.0) is None


def test_a_token_of_another_call_is_used_up_by_the_try() -> None:
    tokens: Tokens[str] = Tokens()
    token = tokens.issue("CA1", "Ann", 0.0)
    assert tokens.redeem(token, "CA2", 1.0) is None
    assert tokens.redeem(token, "CA1", 1.0) is None


def test_tokens_do_not_pile_up() -> None:
    tokens: Tokens[int] = Tokens()
    for number in range(MOST + 50):
        tokens.issue("CA1", number, 0.0)
    assert len(tokens) == MOST
    tokens.issue("CA1", 0, LIFETIME + 1)
    assert len(tokens) == 1
