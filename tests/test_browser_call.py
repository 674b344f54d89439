from __future__ import annotations

import re
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from chromium import DESKTOP, PHONE, chromium, microphone, needs_chromium
from cut_line import Wire, wire
from fakes import HummingMouth, ScriptedEar
from scripts.events import FormChanged, Utterance
from server.engines import Engines, prepare
from server.remarking import stored_marksheet
from server.settings import Settings
from speech import needs_flite, speech
from training_room import Room, room

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_chromium
ADDRESS = "Police emergency, what is the address of the emergency?"
OFFICERS = "Officers are on their way to you as an emergency."


@asynccontextmanager
async def real(settings: Settings) -> AsyncIterator[Engines]:
    """The recogniser and the voices that the program has."""
    async with prepare(settings) as engines:
        yield engines


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth()) as engines:
        yield engines


@pytest.fixture(scope="module")
def hummed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("hummed"), engines=quick) as made:
        yield made


def practise(page: Page, site: Room | Wire) -> None:
    page.goto(site.base)
    page.get_by_role("button", name="Just practise").click()
    page.locator("#show-keys:not([hidden])").wait_for(state="attached")  # its script has run


def take(page: Page, title: str = "Someone is downstairs") -> str:
    """Take that call with the keys alone; its id."""
    page.get_by_role("button", name=f"Take the call “{title}”").click()
    page.locator("#go:focus").wait_for()
    page.keyboard.press("F2")
    page.locator("main[data-state=ringing]").wait_for()
    page.keyboard.press("F2")
    page.locator("main[data-state=live]").wait_for()
    return page.url.split("/")[-2]


def saved(page: Page) -> None:
    """Wait until the page says that the disk has everything."""
    page.locator("#saved").get_by_text(re.compile(r"^Saved \d\d:\d\d:\d\d$")).wait_for()


def hang_up(page: Page) -> None:
    page.keyboard.press("Shift+F2")
    page.get_by_role("link", name="See the debrief").click()


@needs_flite
@pytest.mark.timeout(240)
def test_a_whole_call_by_voice_form_and_keys_from_the_desk_to_the_debrief(tmp_path: Path) -> None:
    sound = microphone(tmp_path / "trainee.wav", 8.0, speech(ADDRESS), 8.0, speech(OFFICERS), 6.0)
    with room(tmp_path / "home", engines=real) as site, chromium(tmp_path / "profile", sound) as page:
        practise(page, site)
        call_id = take(page)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Show").click()
        transcript = page.get_by_role("log")
        transcript.get_by_text("You: Police emergency").wait_for()
        page.get_by_label("Vehicles").fill("a white van")
        saved(page)
        page.locator("#decided").get_by_text("deploy (Immediate) (voice)").wait_for(timeout=60_000)
        page.keyboard.press("F8")
        page.keyboard.press("Enter")
        page.locator("#decided").get_by_text("deploy (Immediate) (form)").wait_for()
        hang_up(page)
        page.get_by_text("What a good handler would have said").wait_for()
        page.get_by_role("button", name="Play").click()
        page.locator("#at", has_text="00:01").wait_for()

        sheet = stored_marksheet(site.web.files, call_id)
        assert sheet is not None
        assert sheet.verdict("decision").result == "met"
        assert sheet.verdict("answered").result == "met"
        log = site.web.files.entries(call_id)
        assert any("emergency" in entry.text.lower() for entry in log if isinstance(entry, Utterance))
        assert [entry.value for entry in log if isinstance(entry, FormChanged)] == ["a white van"]
        trainee, caller = loud_seconds(site.web.files.recording(call_id))
        assert trainee > 3.0
        assert caller > 3.0


def loud_seconds(recording: Path) -> list[float]:
    """For how long each side can be heard: trainee, caller."""
    with wave.open(str(recording)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    steps = both[: len(both) // 320 * 320].reshape(-1, 320, 2)
    loud = np.sqrt((steps**2).mean(axis=1)) > 300
    return [float(seconds) for seconds in loud.sum(axis=0) * 0.02]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_that_is_loaded_again_in_mid_call_has_lost_nothing(
    size: tuple[int, int], hummed: Room, tmp_path: Path
) -> None:
    with chromium(tmp_path / "profile", size=size) as page:
        practise(page, hummed)
        take(page)
        page.get_by_label("Caller's name").fill("Chloe Langford 🚓")
        saved(page)
        page.evaluate("Worker.prototype.postMessage = () => {}")  # what a page says while it goes away may be lost
        page.get_by_label("Notes").fill("typed and at once gone")
        page.reload()
        page.locator("#go:focus").click()
        page.locator("main[data-state=live]").wait_for()
        assert page.get_by_label("Caller's name").input_value() == "Chloe Langford 🚓"
        assert page.get_by_label("Notes").input_value() == "typed and at once gone"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        saved(page)
        call_id = page.url.split("/")[-2]
        hang_up(page)
        page.get_by_text("Word for word").wait_for()
        assert not page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('form'))"), (
            "none left behind"
        )
        forms = [entry for entry in hummed.web.files.entries(call_id) if isinstance(entry, FormChanged)]
        assert [entry.value for entry in forms] == ["Chloe Langford 🚓", "typed and at once gone"]


def test_a_second_tab_is_told_where_the_call_is(hummed: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        practise(page, hummed)
        take(page)
        other = page.context.new_page()
        other.goto(page.url)
        other.locator("#go:focus").wait_for()
        other.keyboard.press("F2")
        other.get_by_text("open in another tab").wait_for()
        assert page.locator("main").get_attribute("data-state") == "live"
        hang_up(page)


def test_a_network_that_comes_back_within_ten_seconds_leaves_the_call_standing(hummed: Room, tmp_path: Path) -> None:
    with wire(hummed.base) as network, chromium(tmp_path / "profile", forgive="WebSocket connection") as page:
        practise(page, network)
        call_id = take(page)
        network.cut()
        page.get_by_label("Weapons").fill("an iron bar")
        saved(page)
        live = hummed.web.calls.get(call_id)
        assert live is not None
        assert live.view.form["weapons"] == "an iron bar"
        hang_up(page)
        page.get_by_text("an iron bar").first.wait_for()


def test_whoever_may_not_use_the_microphone_is_told_what_to_do(hummed: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        practise(page, hummed)
        page.add_init_script(
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
        )
        page.get_by_role("button", name="Take the call “Someone is downstairs”").click()
        page.locator("#go:focus").click()
        page.get_by_role("alert").get_by_text("Click the padlock").wait_for()
        assert page.locator("main").get_attribute("data-state") == "idle"


def test_letters_are_keys_until_they_are_switched_off_and_never_inside_a_field(hummed: Room, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as page:
        practise(page, hummed)
        page.keyboard.press("?")
        page.get_by_role("dialog").get_by_text("Go available").wait_for()
        page.get_by_label("Single letters").uncheck()
        page.get_by_role("button", name="Close").click()
        page.keyboard.press("?")
        assert page.locator("dialog[open]").count() == 0
