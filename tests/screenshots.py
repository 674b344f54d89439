"""Pictures of every page, on a desktop and a telephone, light and dark: `make screenshots`, then look at them."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from assessing_pictures import take_assessing
from chromium import DESKTOP, MISSING, PHONE, chromium
from fakes import HummingMouth, ScriptedEar
from quick_pictures import take_quick
from reviewing import FIRST, store_rehearsed
from server.engines import Engines, prepare
from server.retention import keep_to_it
from server.settings import Settings
from shift_pictures import take_shift
from training_pictures import take_training
from training_room import CALL, PASSWORD, SCRIPT, Room, room, store_call

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOOKS = {"desktop": (DESKTOP, False), "desktop-dark": (DESKTOP, True), "phone": (PHONE, False)}


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth()) as engines:
        yield engines


def main(folder: Path) -> int:
    """Fill the folder; 1 where no browser is installed."""
    if MISSING:
        print(f"not installed: {MISSING}", file=sys.stderr)
        return 1
    for look, (size, dark) in LOOKS.items():
        with tempfile.TemporaryDirectory() as scratch:
            home = Path(scratch)
            with (
                room(home / "home", engines=quick) as site,
                chromium(home / "profile", size=size, dark=dark, forgive="404") as page,
            ):

                def picture(name: str, look: str = look, page: Page = page) -> None:
                    page.screenshot(path=folder / f"{name}-{look}.png")

                take_all(page, site, picture)
                take_training(page, site, picture)
    return 0


def take_all(page: Page, site: Room, picture: Callable[[str], object]) -> None:
    """Every page, in the order that somebody meets them."""
    for name in ("welcome", "setup"):
        page.goto(f"{site.base}/{name}")
        picture(name)
    page.get_by_label("Your name").fill("Ann Other")
    page.get_by_label("Name to sign in with").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    picture("desk-new")
    _call(page, picture)
    store_call(site.web, "ann")
    _review(page, site, picture)
    take_quick(page, site, picture)
    take_shift(page, site, "ann", CALL, picture)
    take_assessing(page, site, "ann", CALL, picture)
    for name, path in {
        "desk": "/", "calls": "/calls", "debrief": f"/calls/{CALL}", "account": "/account", "accounts": "/accounts",
        "problem": "/nowhere", "sign-in": "/sign-in",
    }.items():  # fmt: skip
        page.goto(site.base + path)
        page.wait_for_load_state("networkidle")
        picture(name)
        if name == "desk":
            page.keyboard.press("?")
            picture("keys")
    _data(page, site, picture)


def _review(page: Page, site: Room, picture: Callable[[str], object]) -> None:
    """The assessors' pages: one call from the queue to the signature, and what it then looks like."""
    for name in ("queue-empty", "agreement-empty"):
        page.goto(f"{site.base}/{name.split('-', maxsplit=1)[0]}")
        picture(name)
    store_rehearsed(site.web, "ben", FIRST, role="dangerous", confidence=0.2)
    page.goto(f"{site.base}/queue")
    picture("queue")
    page.get_by_role("link", name="Review the first").click()
    page.locator(".verdicts .current").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("c")
    picture("review")
    page.keyboard.press("Escape")
    correct_turn(page, "Police emergency, is anybody hurt? Does he have any weapons?")
    picture("review-corrected")
    agree_and_settle(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{site.base}/queue")
    page.goto(f"{site.base}/review/{FIRST}")
    page.locator(".verdicts .current").wait_for()
    picture("review-signed")
    page.goto(f"{site.base}/agreement")
    picture("agreement")


def _data(page: Page, site: Room, picture: Callable[[str], object]) -> None:
    """The administrator's pages about data, and a debrief whose sound is gone."""
    keep_to_it(site.web.records, site.web.files, 90, datetime.now(UTC) + timedelta(days=91))
    site.web.accounts.note("the command line", "made a backup", "rightcall-20261121-191503.zip")
    for name, path in {
        "data": "/data", "data-trainee": "/data/trainee?name=ann", "audit": "/audit",
        "debrief-silent": f"/calls/{CALL}",
    }.items():  # fmt: skip
        page.goto(site.base + path)
        page.wait_for_load_state("networkidle")
        picture(name)


def correct_turn(page: Page, said: str) -> None:
    """Correct the trainee's first turn by the keys."""
    page.locator(".talk li.trainee .said").first.click()
    page.keyboard.press("e")
    page.locator(".edit[open] textarea").fill(said)
    page.locator(".edit[open] button").click()
    page.get_by_text("The corrected turn changed").wait_for()


def agree_and_settle(page: Page) -> None:
    """Agree with all that the rules decided; what they left open was met."""
    page.get_by_role("button", name="Agree with the rest").click()
    page.get_by_text("14 of 18").wait_for()
    for decided in range(15, 19):
        page.keyboard.press("1")
        page.keyboard.type("I heard it")
        page.keyboard.press("Enter")
        page.get_by_text(f"{decided} of 18").wait_for()


def _call(page: Page, picture: Callable[[str], object]) -> None:
    page.locator(f"form:has(input[value={SCRIPT}]) button").click()
    page.locator("#go:focus").wait_for()
    picture("console-idle")
    page.locator("#go").click()
    page.locator("#answer:focus").wait_for()
    picture("console-ringing")
    page.locator("#answer").click()
    page.locator("main[data-state=live]").wait_for()
    page.locator("#captions").click()
    page.get_by_label("Location", exact=True).fill("117 Queen Street, Whitebridge")
    page.get_by_label("What is happening").fill("Intruder downstairs, caller in the back bedroom with a child")
    page.get_by_role("button", name="Immediate").click()
    page.locator("#decided li").first.wait_for()
    picture("console-live")
    page.locator("#hang-up").click()
    page.locator("#to-debrief:visible").wait_for()
    picture("console-over")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    target.mkdir(parents=True, exist_ok=True)
    sys.exit(main(target))
