"""Pictures of the quick calls' page in every state, without waiting for callers who take their time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.quick import ANSWERS
from training_room import Room

if TYPE_CHECKING:
    from playwright.sync_api import Page

SEED = 7


def take_quick(page: Page, site: Room, picture: Callable[[str], object]) -> None:
    """One round, from a link that was sent to its end."""
    page.goto(f"{site.base}/quick/{SEED}")
    page.locator("#show-keys:not([hidden])").wait_for(state="attached")
    picture("quick-start")
    page.get_by_role("button", name="Play these ten").click()
    state(page, "speaking")
    page.get_by_role("button", name="Captions").click()
    picture("quick-speaking")
    _skip_the_rest_of_the_caller(site)
    page.reload()
    page.get_by_role("button", name="Go on with your round").click()
    state(page, "clock")
    picture("quick-clock")
    playing = site.web.quick.rounds.newest
    assert playing.round.current is not None
    right = playing.round.current.right.decision
    page.keyboard.press(next(key for key, decision in ANSWERS.items() if decision == right))
    state(page, "told")
    picture("quick-told")
    while playing.round.current is not None:
        playing.round = playing.round.answer("resolve", 4.0)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("button", name="How it went").click()
    state(page, "over")
    picture("quick-over")


def state(page: Page, name: str) -> None:
    """Wait until the page is in that state."""
    page.locator(f"main[data-state={name}]").wait_for()


def _skip_the_rest_of_the_caller(site: Room) -> None:
    playing = site.web.quick.rounds.newest
    assert playing.rung is not None
    playing.rung -= playing.speaks
