"""Calls to review in tests: rehearsed trainees, heard with doubt where a test wants an unsure verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from audio.frame import silence
from audio.recording import Recording
from fakes import voice
from scripts.events import Entry, Utterance
from scripts.force import default_force
from scripts.log import encode
from scripts.rehearsal import play
from scripts.shelf import Shelf
from server.call_files import CallSheet
from server.call_scripts import call_script
from server.records import CallRecord
from server.remarking import remark
from training_room import SCRIPT

if TYPE_CHECKING:
    from server.web_base import Web

FIRST, OTHER = "20261121-101500-aaaa", "20261121-101600-bbbb"
BEGAN = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)


def rehearsed_log(name: str = SCRIPT, role: str = "good", confidence: float | None = None) -> list[Entry]:
    """The log of that rehearsal with seed 1; every word heard with that confidence."""
    rehearsal = Shelf().rehearsal(name)
    assert rehearsal is not None
    log = play(Shelf().script(name), 1, rehearsal.trainees[role])
    return [replace(one, confidence=confidence) if isinstance(one, Utterance) else one for one in log]


def store_rehearsed(
    web: Web, trainee: str, call_id: str = FIRST, *, role: str = "good", confidence: float | None = None
) -> None:
    """A finished, marked call with that trainee's words and some sound."""
    call = call_script(SCRIPT)
    log = rehearsed_log(SCRIPT, role, confidence)
    started = BEGAN + timedelta(minutes=int(call_id[11:13]))
    sheet = CallSheet(
        call_id=call_id, script_id=SCRIPT, script_version=call.script.version, script_text=call.text, seed=1,
        handset="browser", rate=16_000, trainee=trainee, started=started,
    )  # fmt: skip
    web.files.create(sheet).release()
    web.files.log(call_id).write_text("".join(encode(entry) + "\n" for entry in log))
    _record_sound(web.files.recording(call_id), log[-1].at)
    web.records.begin(
        CallRecord(call_id, SCRIPT, call.script.version, call.script.title, 1, "browser", trainee, started)
    )
    web.records.end(call_id, seconds=log[-1].at, ended_by="trainee")
    remark(web.files, web.records, call_id, call.script, default_force())


def _record_sound(path: Path, seconds: float) -> None:
    """A voice for four seconds, then silence to the call's end."""
    recording = Recording(path)
    said = voice(4.0)
    recording.write(said, silence(4.0, said.rate))
    recording.write(*2 * (silence(seconds - 4.0, said.rate),))
    recording.close()
