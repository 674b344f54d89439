from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chromium import DESKTOP, PHONE, chromium, needs_chromium
from reviewing import FIRST, store_rehearsed
from screenshots import agree_and_settle, correct_turn
from training_room import PASSWORD, Room, room

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_chromium


def sign_in(page: Page, site: Room) -> None:
    page.goto(f"{site.base}/sign-in?next=/queue")
    page.get_by_label("Name").fill("assessor")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Which call needs you most?").wait_for()
    page.wait_for_load_state()  # its script has run


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_review_from_the_queue_to_the_signature_by_keys(size: tuple[int, int], tmp_path: Path) -> None:
    with (
        room(tmp_path / "home", "assessor", "trainee") as site,
        chromium(tmp_path / "profile", size=size, forgive="409") as page,
    ):
        store_rehearsed(site.web, "trainee", role="dangerous", confidence=0.2)
        sign_in(page, site)
        page.keyboard.press("Enter")
        page.locator(".verdicts .current").wait_for()

        page.keyboard.press("j")
        page.locator(".talk .evidence", has_text="book you an appointment").wait_for()
        assert page.locator("#at").inner_text() == "00:30", "two seconds before its evidence"
        page.keyboard.press("Space")
        page.get_by_role("button", name="Pause").wait_for()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Play").wait_for()

        page.keyboard.press("a")
        page.get_by_role("alert").get_by_text("choose a result").wait_for()
        page.keyboard.press("k")
        page.keyboard.press("n")
        page.get_by_text("1 of 18").wait_for()
        assert page.locator(".verdicts .current h3").inner_text() == "Disposition and grade", "deciding advances"
        page.keyboard.press("u")
        page.get_by_text("0 of 18").wait_for()

        page.keyboard.press("Control+Enter")
        page.get_by_role("alert").get_by_text("18 still to decide").wait_for()
        page.keyboard.press("m")
        page.keyboard.type("Calm in spite of it")
        page.keyboard.press("Enter")
        page.locator(".talk .comment", has_text="Calm in spite of it").wait_for()
        correct_turn(page, "Police emergency, is anybody hurt? Does he have any weapons?")
        agree_and_settle(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        page.keyboard.press("Control+Enter")
        page.get_by_text("Nothing waits for you").wait_for()
        record = site.web.records.call(FIRST)
        assert record is not None
        assert record.score is not None
        assert record.score > 40
