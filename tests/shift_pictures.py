"""Pictures of the shift's pages: its beginning, at work with several contacts, with a message, and its debrief."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.shift_plan import News, Right
from shifting import SHIFT, contact, going, path_of, store_shift

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from training_room import Room


def take_shift(page: Page, site: Room, trainee: str, call: str, picture: Callable[[str], object]) -> None:
    """Every page of a shift, in the order that somebody meets them; `call` is a stored call of the trainee's."""
    store_shift(site.web, trainee, call)
    page.goto(f"{site.base}/shift")
    picture("shift-begin")
    right = Right(decision="deploy", grade="emergency")
    text = "Re the karaoke at 9 Bridge Street, Holloway Cross: two men fighting in the garden, one has a bottle."
    news = News(id="n1", about="c1", after=0.1, sender="PC 4417, passing", text=text, right=right, why="It changed.")
    run = going(
        site.web, trainee, contact("c1", "report", "noise-complaint"), contact("c2", "101", "back-from-nights"),
        contact("c3", "chat", "shop-theft-again"), contact("c4", "999", "burglary-in-progress"),
        contact("c5", "101", "paint-on-the-door"), news=(news,),
    )  # fmt: skip
    page.goto(site.base + path_of(run))
    page.locator("#go:focus").wait_for()
    picture("shift-idle")
    page.keyboard.press("F2")
    page.locator("#queue li").nth(4).wait_for()
    picture("shift-waiting")
    _report(page, picture)
    _calls_and_chat(page, picture)
    page.locator("#leave").click()
    page.locator("#yes-leave").click()
    page.locator("#to-debrief:visible").wait_for()
    page.goto(f"{site.base}/shift/{SHIFT}")
    picture("shift-debrief")


def _report(page: Page, picture: Callable[[str], object]) -> None:
    page.locator("#queue button", has_text="report").click()
    page.get_by_text("Where did it happen?").wait_for()
    open_form = page.locator(".contact:visible .incident")
    open_form.get_by_label("Location", exact=True).fill("9 Bridge Street, Holloway Cross")
    open_form.get_by_label("What is happening").fill("Karaoke through the wall, most nights")
    page.get_by_role("button", name="Resolve").click()
    page.locator("#incidents", has_text="Resolve").wait_for()
    picture("shift-report")
    page.keyboard.press("Shift+F2")
    page.locator("#news li").wait_for()


def _calls_and_chat(page: Page, picture: Callable[[str], object]) -> None:
    page.locator("#queue button", has_text="chat").click()
    chat = page.get_by_role("region", name="Web chat 3")
    chat.get_by_role("log").get_by_text("Caller: ").wait_for()
    chat.get_by_label("Your message").fill("Is he still in the shop?")
    page.keyboard.press("Enter")
    chat.get_by_role("log").get_by_text("You: ").wait_for()
    page.locator("#queue button", has_text="101").first.click()
    page.get_by_role("region", name="101 call 2").locator("fieldset:not([disabled])").wait_for(state="attached")
    page.keyboard.press("F2")
    urgent = page.get_by_role("region", name="999 call 4")
    urgent.locator("fieldset:not([disabled])").wait_for(state="attached")
    urgent.get_by_label("Location", exact=True).fill("117 Queen Street, Whitebridge")
    page.locator("#incidents", has_text="held").wait_for()
    picture("shift-live")
    page.locator("#incidents button", has_text="chat").click()
    picture("shift-chat")
