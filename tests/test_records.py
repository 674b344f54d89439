"""The records of calls, in a real SQLite and a real PostgreSQL."""

from __future__ import annotations

import sqlite3
import stat
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.call_files import CallFiles
from server.records import CallRecord, Records, RecordsError

BEGAN = datetime(2026, 11, 21, 19, 15, 3, tzinfo=UTC)


def record(number: int = 0) -> CallRecord:
    return CallRecord(
        f"20261121-191503-aaa{number + 2}",
        "small",
        1,
        "Lost dog",
        7,
        "desk",
        "Sam",
        BEGAN + timedelta(minutes=number),
    )


def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture
def files(tmp_path: Path) -> CallFiles:
    return CallFiles(tmp_path / "calls")


def test_a_call_is_stored_ended_and_marked(database: str, files: CallFiles) -> None:
    with Records(database, files) as records:
        records.begin(record())
        records.end(record().call_id, seconds=61.5, ended_by="trainee")
        records.mark(record().call_id, score=82.5, outcome="passed", rating="right")
        stored = records.call(record().call_id)
    assert stored is not None
    assert (stored.started, stored.state, stored.seconds) == (BEGAN, "finished", 61.5)
    assert (stored.score, stored.outcome, stored.rating) == (82.5, "passed", "right")


def test_the_newest_calls_come_first_and_can_be_narrowed(database: str, files: CallFiles) -> None:
    with Records(database, files) as records:
        for number in range(3):
            records.begin(record(number))
        assert [call.call_id[-1] for call in records.calls(limit=2)] == ["4", "3"]
        assert not records.calls(trainee="Alex")
        assert len(records.calls(script_id="small")) == 3


def test_a_call_there_is_not_is_none(database: str, files: CallFiles) -> None:
    with Records(database, files) as records:
        assert records.call("20261121-191503-zzzz") is None


def test_what_was_stored_is_there_after_opening_again(database: str, files: CallFiles) -> None:
    with Records(database, files) as records:
        records.begin(record())
    with Records(database, files) as records:
        assert [call.call_id for call in records.calls()] == [record().call_id]


def test_commits_survive_a_power_cut_by_sqlites_promise(tmp_path: Path, files: CallFiles) -> None:
    with Records(sqlite(tmp_path), files) as records, records.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_a_writer_waits_for_another_one(tmp_path: Path, files: CallFiles) -> None:
    with Records(sqlite(tmp_path), files) as records:
        other = sqlite3.connect(tmp_path / "records.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=records.begin, args=(record(),))
        waiting.start()
        other.execute("COMMIT")
        other.close()
        waiting.join()
        assert len(records.calls()) == 1


def test_a_database_that_cannot_be_used_is_named_without_its_password(files: CallFiles, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordsError, match=r"file.*RIGHTCALL_DATABASE"):
        Records(f"sqlite:///{tmp_path / 'file' / 'records.db'}", files)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_a_new_home_folder_is_for_its_owner_alone(tmp_path: Path, files: CallFiles) -> None:
    Records(sqlite(tmp_path / "home"), files).close()
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
