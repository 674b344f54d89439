"""PINs in the browser: shown once, and their calls on the right desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from server.handing_over import hand_over
from server.pins import PinBook
from server.web_pins import international
from training_room import CALL, Room, csrf, room, store_call

if TYPE_CHECKING:
    import httpx


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("pins"), "trainer", "ann", "ben") as made:
        yield made


@pytest.fixture(scope="module")
def book(site: Room) -> Iterator[PinBook]:
    made = PinBook(site.web.settings.database_url, site.web.settings.home)
    yield made
    made.close()


@pytest.fixture(scope="module")
def tess(site: Room) -> httpx.Client:
    return site.signed_in("trainer")


@pytest.fixture(scope="module")
def ann(site: Room) -> httpx.Client:
    return site.signed_in("ann")


def post(browser: httpx.Client, path: str, data: dict[str, object]) -> httpx.Response:
    return browser.post(path, data={"csrf": csrf(browser.get("/").text), **data})


def shown(answer: httpx.Response) -> str:
    found = re.search(r'<strong class="big figures">(\d{6})</strong>', answer.text)
    assert found, answer.text
    return found[1]


def test_a_pin_is_shown_once_and_lets_that_account_in(book: PinBook, tess: httpx.Client) -> None:
    pin = shown(post(tess, "/pins", {"name": "ann"}))
    known = book.by_pin(pin)
    assert known is not None
    assert known.name == "ann"
    assert pin not in tess.get("/pins").text
    assert post(tess, "/pins", {"name": "nobody"}).status_code == 404


def test_a_renewed_pin_keeps_the_number_and_ends_the_one_before(
    book: PinBook, tess: httpx.Client, ann: httpx.Client
) -> None:
    first = shown(post(tess, "/pins", {"name": "ann"}))
    assert post(tess, "/pins/number", {"name": "ann", "number": "07700 900123"}).status_code == 303
    second = shown(post(ann, "/account/pin", {}))
    assert book.by_pin(first) is None
    assert book.by_pin(second) is not None
    holder = book.by_number("+447700900123")
    assert holder is not None
    assert holder.name == "ann"


def test_a_number_is_one_trainees_and_can_be_taken_away(book: PinBook, tess: httpx.Client) -> None:
    post(tess, "/pins", {"name": "ann"})
    post(tess, "/pins", {"name": "ben"})
    post(tess, "/pins/number", {"name": "ann", "number": "07700 900123"})
    for number in ("07700 900123", "0", "ring me"):
        assert post(tess, "/pins/number", {"name": "ben", "number": number}).status_code == 422
    assert post(tess, "/pins/number", {"name": "ann", "number": ""}).status_code == 303
    assert book.by_number("+447700900123") is None


def test_calls_of_a_pin_that_is_no_account_come_to_the_desk_once_somebody_says_whose_they_are(
    site: Room, book: PinBook, tess: httpx.Client
) -> None:
    book.remove("ben")
    pin = book.set("Ben from nights")
    store_call(site.web, "Ben from nights")
    ben = site.signed_in("ben")
    assert CALL not in ben.get("/calls").text
    assert "Ben from nights" in tess.get("/pins").text
    assert post(tess, "/pins/belongs", {"old": "Ben from nights", "name": "ben"}).status_code == 303
    assert CALL in ben.get("/calls").text
    assert ben.get(f"/calls/{CALL}").status_code == 200
    assert site.web.files.sheet(CALL).trainee == "ben"
    known = book.by_pin(pin)
    assert known is not None
    assert known.name == "ben"
    assert hand_over(site.web.records, site.web.files, "Ben from nights", "ben") == 0


def test_nobodys_calls_are_given_away_who_has_an_account(tess: httpx.Client) -> None:
    assert post(tess, "/pins/belongs", {"old": "ann", "name": "ben"}).status_code == 422


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("(01632) 960-123", "+441632960123"),
        ("  ", None),
    ],
)
def test_numbers_are_understood_as_one_writes_them(written: str, number: str | None) -> None:
    assert international(written) == number
