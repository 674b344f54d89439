"""Details made into speech and into their written form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.matching import captured
from scripts.spoken import cardinal, say, spell, write
from scripts.vocabulary import DETAIL_KINDS, DetailKind

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
letter = st.sampled_from(LETTERS)
phones = st.integers(0, 999).map(lambda n: f"07700900{n:03}")
landlines = st.integers(0, 999).map(lambda n: f"01632960{n:03}")
postcodes = st.builds("{}{}{} {}{}{}".format, letter, letter, st.integers(1, 99), st.integers(0, 9), letter, letter)
plates = st.builds("{}{}{:02}{}{}{}".format, letter, letter, st.integers(2, 79), letter, letter, letter)
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
births = st.dates().filter(lambda day: 1920 <= day.year <= 2026).map(lambda day: day.isoformat())
details = st.one_of(
    st.tuples(st.just("phone"), phones | landlines),
    st.tuples(st.just("postcode"), postcodes),
    st.tuples(st.just("vehicle_registration"), plates),
    st.tuples(st.just("time"), times),
    st.tuples(st.just("quantity"), st.integers(1, 20_000).map(str)),
    st.tuples(st.just("date_of_birth"), births),
)


def another(written: str, place: int, by: int) -> str:
    """The same detail with one digit changed to another valid one."""
    at = [i for i, c in enumerate(written) if c.isdigit()]
    i = at[place % len(at)]
    return written[:i] + str((int(written[i]) + by) % 10) + written[i + 1 :]


@given(details)
def test_what_is_said_is_captured(detail: tuple[DetailKind, str]) -> None:
    kind, written = detail
    assert captured(kind, written, f"so that's {say(kind, written)}, is that right").captured


@given(details, st.integers(0, 20), st.integers(1, 9))
def test_a_neighbour_is_never_captured(detail: tuple[DetailKind, str], place: int, by: int) -> None:
    kind, written = detail
    wrong = another(written, place, by)
    assert not captured(kind, wrong, f"so that's {say(kind, written)}, is that right").captured


@given(
    st.one_of(
        st.tuples(st.just("phone"), phones),
        st.tuples(st.just("postcode"), postcodes),
        st.tuples(st.just("vehicle_registration"), plates),
    )
)
def test_what_is_spelled_is_captured(detail: tuple[DetailKind, str]) -> None:
    kind, written = detail
    assert captured(kind, written, spell(kind, written)).captured


@given(st.sampled_from(DETAIL_KINDS), st.text())
def test_any_text_can_be_said_spelled_and_written(kind: DetailKind, written: str) -> None:
    assert isinstance(say(kind, written) + spell(kind, written) + write(kind, written), str)


@pytest.mark.parametrize(
    ("kind", "written", "spoken"),
    [
        ("phone", "07700900142", "oh double seven double oh, nine hundred, one four two"),
        ("phone", "02079460318", "oh two oh, seven nine four six, oh three one eight"),
        ("vehicle_registration", "KV62HZR", "K V six two, H Z R"),
        ("postcode", "WR5 2XJ", "W R five, two X J"),
        ("time", "21:40", "twenty to ten at night"),
        ("time", "12:00", "midday"),
        ("time", "07:15", "quarter past seven in the morning"),
        ("date_of_birth", "1987-03-09", "the ninth of March, nineteen eighty seven"),
        ("date_of_birth", "2001-06-30", "the thirtieth of June, two thousand and one"),
        ("address", "103 Sparrow Lane, Evesham", "a hundred and three Sparrow Lane, Evesham"),
        ("address", "52A Mill Lane, Redditch", "fifty two A Mill Lane, Redditch"),
        ("address", "Flat 6, 91 Canal Street, Stourport", "Flat six, ninety one Canal Street, Stourport"),
        ("quantity", "250", "two hundred and fifty"),
        ("direction", "M5 southbound", "M five southbound"),
    ],
)
def test_details_are_said_as_people_say_them(kind: DetailKind, written: str, spoken: str) -> None:
    assert say(kind, written) == spoken


def test_names_are_spelled_letter_by_letter() -> None:
    assert spell("person_name", "Hannah Okafor").endswith("Okafor, O, K, A, F, O, R")


def test_plates_are_spelled_by_the_phonetic_alphabet() -> None:
    assert spell("vehicle_registration", "KV62HZR") == "kilo, victor, six, two, hotel, zulu, romeo"


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("phone", "07700900142", "07700 900142"),
        ("phone", "0207 946 0318", "020 7946 0318"),
        ("phone", "01632960047", "01632 960047"),
        ("phone", "01134960255", "0113 496 0255"),
        ("postcode", "wr52xj", "WR5 2XJ"),
        ("vehicle_registration", "kv62hzr", "KV62 HZR"),
        ("vehicle_registration", "R418DKV", "R418 DKV"),
    ],
)
def test_details_are_shown_in_one_way(kind: DetailKind, text: str, shown: str) -> None:
    assert write(kind, text) == shown


def test_large_numbers_are_said_in_british_words() -> None:
    assert cardinal(1_150) == "a thousand one hundred and fifty"
    assert cardinal(20_005) == "twenty thousand and five"
