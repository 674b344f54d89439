from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chromium import DESKTOP, PHONE, chromium, needs_chromium
from fakes import HummingMouth, ScriptedEar
from scripts.events import FormChanged, HoldChanged, Recorded
from scripts.shift_events import PutOnHold
from server.engines import Engines, prepare
from server.remarking import stored_marksheet
from server.settings import Settings
from shifting import contact, going, path_of
from training_room import Room, room

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from scripts.shift_plan import Contact

pytestmark = needs_chromium


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth()) as engines:
        yield engines


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("shift"), engines=quick) as made:
        yield made


def go_on_duty(page: Page, site: Room, *contacts: Contact) -> str:
    """On a shift of these contacts alone, by the keys; its id."""
    run = going(site.web, site.web.settings.trainee, *contacts)
    page.goto(site.base)
    page.get_by_role("button", name="Just practise").click()
    page.goto(site.base + path_of(run))
    page.locator("#go:focus").wait_for()
    page.keyboard.press("F2")
    page.locator("main[data-state=on]").wait_for()
    page.locator("#queue li").first.wait_for()
    return run.sheet.shift_id


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_999_call_breaks_in_on_a_101_call_while_a_chat_goes_on(
    size: tuple[int, int], site: Room, tmp_path: Path
) -> None:
    with chromium(tmp_path / "profile", size=size) as page:
        shift_id = go_on_duty(
            page, site, contact("c1", "101", "back-from-nights"), contact("c2", "chat", "noise-complaint"),
            contact("c3", "999", "burglary-in-progress", at=4.0),
        )  # fmt: skip
        page.keyboard.press("F2")
        first = page.get_by_role("region", name="101 call 1")
        first.locator("fieldset:not([disabled])").wait_for(state="attached")
        first.get_by_label("Caller's name").fill("Leon Ellis")
        first.get_by_text("Saved ").wait_for()

        page.locator("#queue button", has_text="Web chat 2").click()
        chat = page.get_by_role("region", name="Web chat 2")
        chat.get_by_role("log").get_by_text("Caller: ").wait_for()
        chat.get_by_label("Your message").fill("Has anybody been threatened?")
        page.keyboard.press("Enter")
        chat.get_by_role("log").get_by_text("You: Has anybody been threatened?").wait_for()

        page.locator("#alarm", has_text="999 call 3 waits").wait_for(state="attached")
        page.keyboard.press("F2")
        urgent = page.get_by_role("region", name="999 call 3")
        urgent.locator("fieldset:not([disabled])").wait_for(state="attached")
        page.locator("#incidents li", has_text="Leon Ellis").or_(
            page.locator("#incidents li", has_text="held")
        ).first.wait_for()
        page.keyboard.press("F8")
        page.keyboard.press("Enter")
        page.locator("#incidents", has_text="Deploy, Immediate").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        page.keyboard.press("Shift+F2")
        page.locator("#incidents li", has_text="999").get_by_text("over").wait_for()

        page.locator("#incidents button", has_text="101").click()
        page.keyboard.press("F9")
        page.locator("#incidents li", has_text="101").get_by_text("open").wait_for()
        page.locator("#leave").click()
        page.locator("#yes-leave").click()
        page.get_by_role("link", name="See the debrief").click()
        page.get_by_role("heading", name="How it was marked").wait_for()
        page.get_by_text("101 call 1 held for").or_(page.get_by_text("101 call 1 was held")).first.wait_for()

    files = site.web.shifts.files
    calls = files.calls(shift_id)
    assert set(calls) == {"c1", "c2", "c3"}
    assert [entry.contact for entry in files.entries(shift_id) if isinstance(entry, PutOnHold)] == ["c1"]
    log = site.web.files.entries(calls["c1"])
    assert [entry.on for entry in log if isinstance(entry, HoldChanged)] == [True, False]
    assert [entry.value for entry in log if isinstance(entry, FormChanged)] == ["Leon Ellis"]
    assert [entry.decision for entry in site.web.files.entries(calls["c3"]) if isinstance(entry, Recorded)] == [
        "deploy"
    ]
    sheet = stored_marksheet(site.web.files, calls["c3"])
    assert sheet is not None
    assert sheet.verdict("answered").result == "met"
    assert all(stored_marksheet(site.web.files, call) for call in calls.values())


def test_a_page_that_is_loaded_again_in_mid_shift_goes_on_where_it_was(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        go_on_duty(page, site, contact("c1", "chat", "noise-complaint"), contact("c2", "report", "back-from-nights"))
        page.keyboard.press("F2")
        chat = page.get_by_role("region", name="Web chat 1")
        chat.get_by_role("log").get_by_text("Caller: ").wait_for()
        chat.get_by_label("Caller's name").fill("Moira")
        chat.get_by_text("Saved ").wait_for()
        page.get_by_role("button", name="Resolve").click()
        page.locator("#incidents", has_text="Resolve").wait_for()
        page.reload()
        page.locator("#go:focus").click()
        chat.get_by_role("log").get_by_text("Caller: ").first.wait_for()
        assert chat.get_by_label("Caller's name").input_value() == "Moira"
        page.locator("#incidents", has_text="Resolve").wait_for()
        page.locator("#queue", has_text="Online report 2").wait_for()
        page.locator("#leave").click()
        page.locator("#yes-leave").click()
        page.get_by_role("link", name="See the debrief").wait_for()
        assert not page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('form'))"), "none left"
