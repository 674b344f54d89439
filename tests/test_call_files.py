"""A call's folder: ids, the sheet, the log's torn end, and whether a call is alive."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.events import Answered, Entry, Tick
from scripts.log import encode
from server.call_files import CallFiles, CallFilesError, CallSheet, mend_log, new_call_id
from small_script import TEXT


def sheet(call_id: str) -> CallSheet:
    return CallSheet(
        call_id=call_id, script_id="small", script_version=1, script_text=TEXT, seed=3, handset="desk", rate=16_000,
        started=datetime(2026, 11, 21, 19, 15, 3, tzinfo=UTC),
    )  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> CallFiles:
    return CallFiles(tmp_path / "calls")


def test_ids_sort_by_time() -> None:
    early, late = (new_call_id(datetime(2026, 11, 21, hour, tzinfo=UTC)) for hour in (9, 10))
    assert early < late
    assert early.startswith("20261121-090000-")


def test_ids_are_accepted_at_the_door_and_paths_are_not(files: CallFiles, tmp_path: Path) -> None:
    call_id = new_call_id()
    assert files.folder(call_id) == tmp_path / "calls" / call_id
    for wrong in ("../secret", "20261121-191503-k7q", "20261121-191503-k7qd/..", "", "20261121-191503-K7QD\n"):
        with pytest.raises(CallFilesError, match="is no call id"):
            files.folder(wrong)


def test_a_stored_call_brings_its_own_script(files: CallFiles) -> None:
    call_id = new_call_id()
    files.create(sheet(call_id)).release()
    assert files.sheet(call_id).script().title == "Lost dog at the bus station"


def test_a_call_is_alive_while_its_lock_is_held(files: CallFiles) -> None:
    call_id = new_call_id()
    lock = files.create(sheet(call_id))
    assert files.alive(call_id)
    lock.release()
    assert not files.alive(call_id)


def test_a_call_that_is_not_there_is_named(files: CallFiles) -> None:
    with pytest.raises(CallFilesError, match="there is no call 20261121-191503-k7qd"):
        files.sheet("20261121-191503-k7qd")


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "calls").write_text("in the way")
    with pytest.raises(CallFilesError, match="RIGHTCALL_HOME"):
        CallFiles(tmp_path / "calls").create(sheet(new_call_id()))


def test_a_log_torn_at_any_byte_opens_with_all_its_whole_lines(files: CallFiles) -> None:
    call_id = new_call_id()
    files.create(sheet(call_id)).release()
    entries: list[Entry] = [Answered(0.0, 3), Tick(1.5), Tick(2.5)]
    whole = b"".join(encode(entry).encode() + b"\n" for entry in entries)
    path = files.log(call_id)
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        lines = whole[:length].count(b"\n")
        mend_log(path)
        assert files.entries(call_id) == entries[:lines]
        assert path.read_bytes().count(b"\n") == lines


def test_what_was_torn_off_a_log_is_kept_beside_it(files: CallFiles) -> None:
    call_id = new_call_id()
    files.create(sheet(call_id)).release()
    path = files.log(call_id)
    path.write_bytes(encode(Tick(1.0)).encode() + b'\n{"at":2')
    assert mend_log(path) == 7
    assert path.with_name("log.jsonl.torn").read_bytes() == b'{"at":2\n'
