"""Paper, dispute and calibration in a real browser, on a desk and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessing_pictures import ANSWER, take_assessing
from chromium import DESKTOP, PHONE, chromium, needs_chromium
from reviewing import FIRST, OTHER, store_rehearsed
from server.calibration import Calibrations
from server.disputes import Disputes
from training_room import PASSWORD, room

pytestmark = needs_chromium


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_dispute_and_a_calibration_from_their_opening_to_their_end(size: tuple[int, int], tmp_path: Path) -> None:
    with (
        room(tmp_path / "home") as site,
        chromium(tmp_path / "profile", size=size) as page,
    ):
        site.web.accounts.add("ann", "Ann Other", PASSWORD, ["trainee", "assessor", "administrator"])
        store_rehearsed(site.web, "ann", FIRST, role="dangerous")
        page.goto(f"{site.base}/sign-in")
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.base}/")
        wide: list[str] = []

        def look(name: str) -> None:
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(name)

        take_assessing(page, site, "ann", FIRST, look)
        assert wide == [], "nothing sticks out"
        told = Disputes(site.web.records).of(OTHER)
        assert told is not None
        assert (told.answer, told.changed, told.assessor) == (ANSWER, True, "ann")
        (session,) = Calibrations(site.web.records).of("ann")
        assert session.revealed
        (note,) = Calibrations(site.web.records).notes(session.calibration_id, OTHER)
        assert (note.who, note.result) == ("ann", "partial")

        page.goto(f"{site.base}/calls/{OTHER}/print")
        page.emulate_media(media="print")
        assert not page.locator(".bar").is_visible(), "paper has no navigation"
        assert page.locator("article").get_by_text("Ann Other (ann) answered on").is_visible()
        with page.expect_download() as pending:
            page.goto(f"{site.base}/calls")
            page.locator("#out-title + form button").click()
        assert Path(pending.value.path()).read_text("utf-8-sig").startswith("call_id,")
