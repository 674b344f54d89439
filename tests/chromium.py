"""Debian's Chromium, driven by Playwright, with a WAV file for a microphone."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audio.codec import resample
from audio.wav import write_wav
from speech import call

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from audio.frame import Frame

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
MISSING = " and ".join(
    name
    for name, there in (
        ("chromium", bool(CHROMIUM)),
        ("playwright (pip install -e '.[dev]')", importlib.util.find_spec("playwright") is not None),
    )
    if not there
)
needs_chromium = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")
DESKTOP, PHONE = (1366, 768), (390, 844)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip


def microphone(path: Path, *parts: Frame | float) -> Path:
    """A WAV of sentences and pauses, as the browser's fake microphone wants it. It starts when the page listens."""
    write_wav(path, resample(call(*parts), 48_000))
    return path


@contextmanager
def chromium(
    profile: Path,
    sound: Path | None = None,
    size: tuple[int, int] = DESKTOP,
    *,
    dark: bool = False,
    forgive: str = "\0",
) -> Iterator[Page]:
    """One page of a fresh browser; what the page complains of fails the test when it is closed, save `forgive`."""
    from playwright.sync_api import sync_playwright

    flags = [*FLAGS, *([f"--use-file-for-fake-audio-capture={sound}%noloop"] if sound else [])]
    complaints: list[str] = []
    with sync_playwright() as player:
        browser = player.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, headless=True, args=flags, color_scheme="dark" if dark else "light",
            viewport={"width": size[0], "height": size[1]}, permissions=["microphone"],
        )  # fmt: skip
        try:
            page = browser.pages[0]
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.set_default_timeout(15_000)
            yield page
        finally:
            browser.close()
    assert not [said for said in complaints if forgive not in said]
