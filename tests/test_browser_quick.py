"""Ten quick calls in a real browser: by click, by keys and by voice, on a desktop and a telephone's screen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chromium import DESKTOP, PHONE, chromium, microphone, needs_chromium
from fakes import ScriptedEar
from quick_pictures import state
from scripts.quick import ANSWERS, CALLS, SECONDS, Round, deal, quick_calls
from server.engines import Engines, prepare
from server.settings import Settings
from speech import needs_flite, speech
from telephone import QuickMouth
from training_room import Room, room

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from audio.frame import Frame

pytestmark = needs_chromium
SHELF = quick_calls()
SEED = 7
KEYS = {decision: key for key, decision in ANSWERS.items()}


@asynccontextmanager
async def brief(settings: Settings) -> AsyncIterator[Engines]:
    """Callers who hum for a moment."""
    async with prepare(settings, ear=ScriptedEar([]), mouth=QuickMouth(seconds=0.4)) as engines:
        yield engines


@asynccontextmanager
async def real(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings) as engines:
        yield engines


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), engines=brief) as made:
        yield made


def open_round(page: Page, site: Room, seed: int = SEED) -> Round:
    """The page with a round that was sent, for a guest who comes by its link."""
    page.goto(f"{site.base}/quick/{seed}")
    practise = page.get_by_role("button", name="Just practise")
    if practise.count():
        practise.click()
    page.get_by_text(f"round {seed}").wait_for()
    page.locator("#show-keys:not([hidden])").wait_for(state="attached")
    return deal(SHELF, seed)


def test_ten_right_answers_by_the_keys_alone(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile", size=DESKTOP) as page:
        round_ = open_round(page, site)
        for number, call in enumerate(round_.calls, 1):
            page.keyboard.press("Enter")
            state(page, "clock")
            for secret in (call.why, call.id, call.heard(SEED)[1].text):
                assert secret not in page.content()
            page.keyboard.press(KEYS[call.right.decision])
            state(page, "told")
            page.locator("#told").get_by_text(call.why).wait_for()
            assert page.locator("#number").inner_text() == f"{number} of {CALLS}"
            page.locator("#next:focus").wait_for()
        assert page.locator("#streak").inner_text() == "10"
        page.keyboard.press("Enter")
        state(page, "over")
        page.get_by_text("10 of 10 right, at best 10 in a row. That is your best so far.").wait_for()
        assert page.locator("#link").input_value() == f"{site.base}/quick/{SEED}"
        score = page.locator("#total").inner_text()
        page.goto(f"{site.base}/quick")
        page.locator("#best strong", has_text=score).wait_for()


def test_on_a_telephones_screen_by_touch_with_captions_and_a_wrong_answer(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile", size=PHONE) as page:
        round_ = open_round(page, site, 8)
        first, second = round_.calls[:2]
        page.get_by_role("button", name="Play these ten").click()
        state(page, "clock")
        page.get_by_role("button", name="Captions").click()
        page.locator("#caption", has_text=first.heard(8)[1].text).wait_for()
        wrong = next(
            one for one in ANSWERS.values() if first.rate(first.right.model_copy(update={"decision": one})) == "wrong"
        )
        button = page.locator(f"[data-decision={wrong}]")
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 64, "a thumb hits it"
        assert box["y"] + box["height"] <= PHONE[1], "all four answers are on the screen"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        button.click()
        state(page, "told")
        assert page.locator("#verdict").inner_text() == "No."
        assert page.locator("#score").inner_text() == "0"
        page.get_by_role("button", name="Next call").click()
        state(page, "clock")
        page.locator("#caption", has_text=second.heard(8)[1].text).wait_for()


def test_a_page_that_is_loaded_again_in_mid_call_goes_on_with_the_same_clock(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        round_ = open_round(page, site, 9)
        page.keyboard.press("Enter")
        state(page, "clock")
        page.locator("#left", has_text=re.compile(r"^(11|10|\d)$")).wait_for()
        page.reload()
        page.locator("#go-on:focus").wait_for()
        page.keyboard.press("Enter")
        state(page, "clock")
        page.locator("#left", has_text=re.compile(r"^(11|10|\d)$")).wait_for()
        page.keyboard.press(KEYS[round_.calls[0].right.decision])
        state(page, "told")
        page.reload()
        page.locator("#go-on:focus").click()
        page.locator("#told").get_by_text(round_.calls[0].why).wait_for()


def test_the_clock_runs_out_and_two_tabs_agree(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        open_round(page, site, 10)
        page.keyboard.press("Enter")
        state(page, "clock")
        other = page.context.new_page()
        other.set_default_timeout(15_000)
        other.goto(f"{site.base}/quick")
        other.locator("#go-on").click()
        other.locator("main[data-state=told]").wait_for(timeout=30_000)
        assert other.locator("#verdict").inner_text() == "Too late."
        page.bring_to_front()
        page.locator("main[data-state=told]").wait_for()
        assert page.locator("#verdict").inner_text() == "Too late."
        assert page.locator("#number").inner_text() == f"1 of {CALLS}"
        spoken = page.locator("#spoken").inner_text()
        assert spoken in ("", "6 seconds left")


def test_motion_is_reduced_for_those_who_ask(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        page.emulate_media(reduced_motion="reduce")
        open_round(page, site, 11)
        page.keyboard.press("Enter")
        state(page, "clock")
        page.locator("#left", has_text=re.compile(r"^(10|\d)$")).wait_for()
        shown, bar = page.locator("#bar").evaluate(
            "bar => [Number(document.getElementById('left').textContent), new DOMMatrix(bar.style.transform).a]"
        )
        assert bar == pytest.approx(shown / SECONDS), "the bar steps with the seconds"


def test_without_a_clock_there_is_time(site: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        round_ = open_round(page, site, 12)
        page.get_by_label("Without a clock").check()
        page.get_by_role("button", name="Play these ten").click()
        state(page, "clock")
        assert not page.locator(".fuse").is_visible()
        page.keyboard.press(KEYS[round_.calls[0].right.decision])
        page.get_by_text("+80").wait_for()


def test_a_content_note_is_shown_before_the_call_that_it_is_about(site: Room, tmp_path: Path) -> None:
    noted = next(call for call in SHELF if call.content_note)
    seed = next(seed for seed in range(1, 999) if noted in deal(SHELF, seed).calls[1:])
    with chromium(tmp_path / "profile") as page:
        open_round(page, site, seed)
        page.keyboard.press("Enter")
        state(page, "clock")
        playing = site.web.quick.rounds.newest
        while playing.round.current and playing.round.current.id != noted.id:
            playing.round = playing.round.answer(None)
        playing.rung = None
        page.reload()
        page.locator("#go-on:focus").click()
        page.locator("#next-note", has_text=noted.content_note).wait_for()
        assert page.locator("main").get_attribute("data-state") == "told"


@needs_flite
@pytest.mark.timeout(240)
def test_a_caller_speaks_and_the_answer_is_spoken_back(tmp_path: Path) -> None:
    """The program's own voices and recogniser; the microphone says it again and again, until its moment comes."""
    says = speech("Officers are on their way to you as an emergency.")
    again: list[Frame | float] = [says, 2.0]
    sound = microphone(tmp_path / "player.wav", *again * 12)
    seed = next(seed for seed in range(1, 999) if deal(SHELF, seed).calls[0].right.grade == "emergency")
    with room(tmp_path / "home", engines=real) as site, chromium(tmp_path / "profile", sound) as page:
        round_ = open_round(page, site, seed)
        page.keyboard.press("Enter")
        page.locator("#by-voice").click()
        page.locator("#by-voice[aria-pressed=true]").wait_for()
        page.locator("main[data-state=clock]").wait_for(timeout=60_000)
        page.locator("main[data-state=told]").wait_for(timeout=60_000)
        assert page.locator("#verdict").inner_text() == "Right.", page.locator("#hearing").inner_text()
        page.locator("#told").get_by_text(round_.calls[0].why).wait_for()
        page.get_by_text("Your answer: deploy").wait_for()
