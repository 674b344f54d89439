"""Assignment, examination and result in the browser, as a trainer, a trainee and an assessor see them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chromium import DESKTOP, PHONE, chromium, needs_chromium
from fakes import HummingMouth, ScriptedEar
from scripts.events import FormChanged
from server.engines import Engines, prepare
from server.remarking import stored_marksheet
from server.review_records import ReviewRecords
from server.settings import Settings
from trainee_on_call import Trainee
from training_room import PASSWORD, SCRIPT, Room, room

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_chromium
TITLE = "Someone is downstairs"


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth()) as engines:
        yield engines


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Room]:
    with room(tmp_path / "home", "trainer", "assessor", "ann", engines=quick, wrap_up=600) as made:
        yield made


def sign_in(page: Page, site: Room, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site.base}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.base}/")


def nothing_sticks_out(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.timeout(240)
def test_an_examination_from_its_assignment_to_its_result(size: tuple[int, int], site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile", size=size) as page:
        sign_in(page, site, "trainer")
        page.get_by_role("link", name="Assignments").click()
        assert nothing_sticks_out(page)
        page.keyboard.press("n")
        page.get_by_role("checkbox", name=re.compile(TITLE)).check()
        page.get_by_role("checkbox", name="Ann", exact=True).check()
        page.get_by_role("checkbox", name="Examination").check()
        page.get_by_role("button", name="Assign", exact=True).click()
        page.get_by_text("0 of 1 done").wait_for()

        sign_in(page, site, "ann")
        page.get_by_role("button", name=f"Take the assigned call “{TITLE}”").click()
        page.locator("#go:focus").wait_for()
        page.get_by_text("There is one try").wait_for()
        page.keyboard.press("F2")
        page.locator("main[data-state=ringing]").wait_for()
        page.keyboard.press("F2")
        page.locator("main[data-state=live]").wait_for()
        assert page.locator("#transcript").count() == 0
        call_id = page.url.split("/")[-2]
        page.keyboard.press("Shift+F2")
        page.locator("main[data-state=wrapping]").wait_for()
        page.get_by_label("Caller's name").fill("Chloe Langford")
        page.keyboard.press("Shift+F2")
        page.get_by_role("link", name="What happens next").click()
        page.get_by_role("heading", name="Handed in").wait_for()
        assert nothing_sticks_out(page)
        page.get_by_role("link", name="Back to your desk").click()
        page.get_by_role("row", name=re.compile("handed in")).first.wait_for()
        assert page.get_by_role("button", name="Take the assigned call").count() == 0

        signed(site, call_id)
        page.reload()
        page.locator(".assigned .number a").click()
        page.get_by_role("heading", name="What a good handler would have said").wait_for()
        forms = [entry.value for entry in site.web.files.entries(call_id) if isinstance(entry, FormChanged)]
        assert forms == ["Chloe Langford"]

        sign_in(page, site, "trainer")
        page.goto(f"{site.base}/assignments/1")
        page.get_by_text("1 of 1 done").wait_for()
        assert nothing_sticks_out(page)


def signed(site: Room, call_id: str) -> None:
    """An assessor has agreed with all of it."""
    sheet = stored_marksheet(site.web.files, call_id)
    record = site.web.records.call(call_id)
    assert sheet is not None
    assert record is not None
    book = ReviewRecords(site.web.records)
    book.sign(book.begin(book.for_assessor(call_id, "assessor")), record.script_id, sheet, sheet)


@pytest.mark.timeout(240)
def test_a_script_is_rehearsed_by_typing_and_its_last_line_taken_back(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        sign_in(page, site, "trainer")
        page.goto(f"{site.base}/shelf/{SCRIPT}?seed=7")
        rows = page.locator("#talk li")
        rows.first.wait_for(timeout=60_000)
        page.keyboard.type("Police emergency, what is the address?")
        page.keyboard.press("Enter")
        page.locator("#talk li.trainee").wait_for(timeout=60_000)
        page.keyboard.type("/dance")
        page.keyboard.press("Enter")
        page.get_by_text("there is no /dance").wait_for(timeout=60_000)
        assert page.locator("#line").input_value() == "/dance", "it can be put right"
        page.get_by_role("button", name="Take back").click()
        page.locator("#talk li.trainee").wait_for(state="detached", timeout=60_000)
        page.get_by_role("button", name="Hang up and mark").click()
        page.get_by_role("heading", name=re.compile("of 100")).wait_for(timeout=60_000)


@pytest.mark.timeout(240)
def test_a_call_on_the_board_is_listened_to_and_its_sound_arrives(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page, Trainee(site, site.signed_in("ann")) as ann:
        sign_in(page, site, "trainer")
        page.get_by_role("link", name="Board").click()
        sound = page.context.new_cdp_session(page)
        sound.send("Network.enable")
        frames: list[str] = []
        sound.on("Network.webSocketFrameReceived", lambda event: frames.append(event["response"]["payloadData"]))
        page.get_by_role("button", name="Listen in to Ann").click()
        ann.wait_until_heard()
        page.get_by_text("Trainer listens").wait_for()
        while len(frames) < 10:  # the rate, then sound
            page.wait_for_timeout(20)
        page.get_by_role("button", name="Stop listening to Ann").click()
        ann.wait("listened", by=[])
        ann.socket.send('{"type": "hang_up"}')
        ann.socket.send('{"type": "done"}')
        ann.wait("marked")
        page.get_by_text("Nobody is on a call").wait_for()
