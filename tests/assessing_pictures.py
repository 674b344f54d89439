"""What comes after a mark, taken through a real browser: paper, dispute, calibration, record store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewing import OTHER, store_rehearsed
from scripts.force import default_force
from server.calibration import Calibrations
from server.disputes import Disputes
from server.remarking import stored_marksheet
from server.reviews import decide, judged
from training_room import PASSWORD, Room

if TYPE_CHECKING:
    from playwright.sync_api import Page

WHY = "I asked for the number at the start; she spoke over me"
ANSWER = "I heard it too, at 00:04"


def take_assessing(page: Page, site: Room, assessor: str, own: str, picture: Callable[[str], object]) -> None:
    """Every page of this. `assessor` is signed in and took the call `own`; OTHER is stored here, by somebody else."""
    site.web.accounts.add("cat", "Cat Third", PASSWORD, ["assessor", "trainer"])
    store_rehearsed(site.web, "dee", OTHER, role="dangerous", confidence=0.2)
    ask(page, site, own, picture)
    answer(page, site, picture)
    calibrate(page, site, assessor, picture)
    for name, path in {"paper": f"/calls/{OTHER}/print", "record-store": "/record-store"}.items():
        page.goto(site.base + path)
        picture(name)


def ask(page: Page, site: Room, own: str, picture: Callable[[str], object]) -> None:
    """The trainee asks about a verdict of their own call."""
    page.goto(f"{site.base}/calls/{own}")
    verdict = page.locator(".verdicts > li", has=page.get_by_text("Ask to look again")).first
    verdict.locator("summary").click()
    verdict.get_by_label("Why?").fill(WHY)
    picture("debrief-ask")
    verdict.get_by_role("button", name="Ask", exact=True).click()
    page.locator("#asked").get_by_text("waits for an assessor").wait_for()
    picture("debrief-asked")


def answer(page: Page, site: Room, picture: Callable[[str], object]) -> None:
    """Another's request stands first in the queue, and is answered at the call."""
    sheet = stored_marksheet(site.web.files, OTHER)
    assert sheet is not None
    Disputes(site.web.records).ask(OTHER, "dee", sheet.verdict("number"), WHY)
    page.goto(f"{site.base}/queue")
    picture("queue-disputed")
    page.get_by_role("link", name="Review the first").click()
    page.locator("#dispute").get_by_label("Answer").fill(ANSWER)
    page.locator("#dispute").get_by_label("Verdict").select_option("met")
    picture("review-disputed")
    page.locator("#dispute").get_by_role("button", name="Answer").click()
    page.locator("#dispute").get_by_text("now met").wait_for()


def calibrate(page: Page, site: Room, assessor: str, picture: Callable[[str], object]) -> None:
    """A session from its opening, by way of blind marks given by the keys, to an agreed verdict."""
    page.goto(f"{site.base}/calibrations")
    page.locator(f"input[value='{OTHER}']").check()
    page.get_by_label("Cat Third").check()
    page.get_by_label("Title").fill("November")
    picture("calibrations")
    page.get_by_role("button", name="Open the session").click()
    page.get_by_role("link", name="Mark the next call").click()
    page.locator(".verdicts .current").wait_for()
    for decided in range(1, 19):
        page.keyboard.press("3" if decided % 4 else "1")
        page.get_by_text(f"{decided} of 18").wait_for()
        if decided == 5:
            picture("calibration-mark")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="November").wait_for()
    picture("calibration-waiting")
    mark_as_cat(site, assessor)
    page.reload()
    page.get_by_role("heading", name="Who agrees with whom").wait_for()
    picture("calibration")
    page.get_by_role("link", name="Someone is downstairs").click()
    form = page.locator(".compared.differ").first
    form.get_by_label("Note").fill("Two words are no address; we call that part")
    form.get_by_label("Agreed").select_option("partial")
    form.get_by_role("button", name="Keep").click()
    page.locator(".compared", has_text="Two words are no address").get_by_text("agreed: part").wait_for()
    picture("calibration-compare")


def mark_as_cat(site: Room, assessor: str) -> None:
    """The other marker's mark, without a browser of her own."""
    book = Calibrations(site.web.records)
    (session,) = book.of(assessor)
    sheet = stored_marksheet(site.web.files, OTHER)
    assert sheet is not None
    found = [decide(verdict, "change", "unmet", "I heard nothing of it", blind=True) for verdict in sheet.verdicts]
    for one in found:
        book.decide(session, OTHER, "cat", one)
    book.sign(session, OTHER, "cat", judged(sheet, {one.criterion: one for one in found}, default_force()))
