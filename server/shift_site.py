"""What the contacts of all shifts at one site share."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.force import Force
from server.browser_calls import BrowserCalls
from server.call_files import CallFiles
from server.records import Records
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class ShiftSite:
    """The settings, where calls are kept, the calls that have a voice, and the force by which all is marked."""

    settings: Settings
    files: CallFiles
    records: Records
    calls: BrowserCalls
    force: Force
