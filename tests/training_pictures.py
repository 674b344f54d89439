"""The trainers' pages with something on them, for pictures and for axe. Whoever is signed in has every role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from server.assignment_records import Assignments
from server.pins import PinBook
from trainee_on_call import Trainee
from training_room import PASSWORD, SCRIPT, Room

if TYPE_CHECKING:
    from playwright.sync_api import Page


def take_training(page: Page, site: Room, picture: Callable[[str], object]) -> None:
    """Groups, assignments, the shelf, PINs, the live board, and a desk with assigned calls."""
    _assign(site)
    for name, path in {
        "assignments": "/assignments", "assignment": "/assignments/1", "examination": "/assignments/2",
        "groups": "/groups", "shelf-new": "/shelf/new", "pins": "/pins", "desk-assigned": "/",
    }.items():  # fmt: skip
        page.goto(site.base + path)
        picture(name)
    page.goto(f"{site.base}/shelf/{SCRIPT}?seed=7")
    page.locator("#talk li").first.wait_for()
    page.locator("#end").click()
    page.locator("#marks:not([hidden])").wait_for()
    picture("shelf-script")
    page.goto(f"{site.base}/shelf")
    page.locator("td.verdict .tag").first.wait_for()
    picture("shelf")
    _board(page, site, picture)


def _assign(site: Room) -> None:
    site.web.accounts.add("cass", "Cass Day", PASSWORD, ["trainee"])
    book = Assignments(site.web.records)
    book.put_group("Course 7", ["ann", "cass"])
    soon = datetime.now(UTC) + timedelta(days=1)
    book.make("Week one", [SCRIPT, "noise-complaint"], ["ann", "cass"], deadline=soon, by="ann")
    book.make("First examination", ["child-caller"], ["ann", "cass"], deadline=soon, examination=True, by="ann")
    pins = PinBook(site.web.settings.database_url, site.web.settings.home)
    pins.set("cass", number="+447700900123")
    pins.set("Cass from nights")
    pins.close()


def _board(page: Page, site: Room, picture: Callable[[str], object]) -> None:
    with Trainee(site, site.signed_in("cass")) as cass:
        page.goto(f"{site.base}/board")
        page.get_by_role("button", name="Listen in to Cass Day").click()
        cass.wait_until_heard()
        page.get_by_text("listens.").wait_for()
        picture("board")
        cass.hang_up()
