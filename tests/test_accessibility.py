"""WCAG 2.2 AA on every page, as far as axe-core can tell. It comes from the npm registry and is not kept here."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chromium import DESKTOP, PHONE, chromium, needs_chromium
from screenshots import quick, take_all
from server.accounts import ROLES
from training_pictures import take_training
from training_room import PASSWORD, room

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = "axe-core@4"
ASK = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
.then(({violations, passes}) => JSON.stringify({passes: passes.length,
    wrong: violations.map(({id, nodes}) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`)}))"""

pytestmark = [
    needs_chromium,
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: it fetches axe-core"),
]


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(["npm", "pack", AXE], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    packed = next(iter(folder.glob("*.tgz")), None)
    if packed is None:
        pytest.skip(f"npm could not fetch {AXE}: {done.stderr[-200:]}")
    with tarfile.open(packed) as archive:
        file = archive.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, True), (PHONE, False)], ids=["desktop, dark", "phone, light"])
@pytest.mark.timeout(240)
def test_axe_finds_nothing_wrong_with_any_page(size: tuple[int, int], dark: bool, axe: str, tmp_path: Path) -> None:
    wrong: list[str] = []
    with (
        room(tmp_path / "home", engines=quick) as site,
        chromium(tmp_path / "profile", size=size, dark=dark, forgive="404") as page,
    ):
        take_all(page, site, lambda name: wrong.extend(f"{name}: {said}" for said in complaints(page, axe)))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, True), (PHONE, False)], ids=["desktop, dark", "phone, light"])
@pytest.mark.timeout(240)
def test_axe_finds_nothing_wrong_with_the_trainers_pages(
    size: tuple[int, int], dark: bool, axe: str, tmp_path: Path
) -> None:
    wrong: list[str] = []
    with (
        room(tmp_path / "home", engines=quick) as site,
        chromium(tmp_path / "profile", size=size, dark=dark) as page,
    ):
        site.web.accounts.add("ann", "Ann Other", PASSWORD, ROLES)
        page.goto(f"{site.base}/sign-in")
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{site.base}/")
        take_training(page, site, lambda name: wrong.extend(f"{name}: {said}" for said in complaints(page, axe)))
    assert not wrong, "\n".join(wrong)


def complaints(page: Page, axe: str) -> list[str]:
    """What axe has against the page as it stands. Through the debugger: the page's own policy lets no script in."""
    debugger = page.context.new_cdp_session(page)
    debugger.send("Runtime.evaluate", {"expression": axe})
    answer = debugger.send("Runtime.evaluate", {"expression": ASK, "awaitPromise": True, "returnByValue": True})
    debugger.detach()
    said = json.loads(answer["result"]["value"])
    assert said["passes"] > 10, "axe did not look"
    return list(said["wrong"])
