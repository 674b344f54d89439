"""A database that is locked, full, read-only, gone or newer, and a clock that jumps."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from command_line import RunCommand, runner
from server.accounts import LOCKED_FOR, AccountError, Accounts
from server.call_files import CallFiles
from server.database import address_of
from server.doctor import database as diagnosis
from server.records import CallRecord, Records, RecordsError
from server.settings import Settings
from training_room import room

if TYPE_CHECKING:
    import postgres

NOW = datetime(2026, 11, 21, 19, 15, 3, tzinfo=UTC)
CALL = CallRecord("20261121-191503-aaa2", "small", 1, "Lost dog", 7, "desk", "Sam", NOW)
SHORT = {"sqlite": "?timeout=0.05", "postgresql": "&options=-c%20lock_timeout=50ms"}
LOCK = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE calls"}
ON_A_SMALL_DISK = """
mount -t tmpfs -o size=512k tmpfs "$1" || exit 77
exec "$2" -c "$3" "$1"
"""
FILL_AND_GO_ON = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from server.call_files import CallFiles
from server.doctor import database as diagnosis
from server.records import CallRecord, Records, RecordsError
from server.settings import Settings
disk = Path(sys.argv[1])
records = Records(f"sqlite:///{disk / 'records.db'}", CallFiles(disk / "calls"))
ballast = disk / "ballast"
record = CallRecord("20261121-191503-aaa2", "small", 1, "Lost dog", 7, "desk", "Sam", datetime.now(UTC))
try:
    ballast.write_bytes(bytes(1_000_000))
except OSError:
    pass
try:
    for number in range(10_000):
        records.begin(CallRecord(f"20261121-191503-{number:04}", "small", 1, "", 7, "desk", "Sam", record.started))
except RecordsError as error:
    print(error)
ballast.unlink()
records.begin(record)
print(records.call(record.call_id).trainee)
"""


@pytest.fixture
def files(tmp_path: Path) -> CallFiles:
    return CallFiles(tmp_path / "calls")


@pytest.fixture
def right_call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    return runner(monkeypatch, capsys)


def test_who_finds_the_database_locked_is_told_so_and_can_try_again(database: str, files: CallFiles) -> None:
    kind = database.partition(":")[0]
    holder = create_engine(address_of(database))
    with Records(database + SHORT[kind], files) as records:
        with holder.connect() as connection:
            connection.execute(text(LOCK[kind]))
            with pytest.raises(RecordsError, match=r"lock(ed| timeout)"):
                records.begin(CALL)
        records.begin(CALL)
        assert records.call(CALL.call_id) == CALL
    holder.dispose()


def test_a_database_that_may_not_be_written_is_still_read_and_says_so(database: str, files: CallFiles) -> None:
    with Records(database, files) as records:
        records.begin(CALL)
    if database.startswith("sqlite"):
        locked = database.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    else:
        locked = database + "&options=-c%20default_transaction_read_only=on"
    with Records(locked, files) as records:
        assert [call.trainee for call in records.calls()] == ["Sam"]
        with pytest.raises(RecordsError, match=r"read-?only.*may be written"):
            records.mark(CALL.call_id, score=50.0, outcome="failed", rating=None)


@pytest.mark.skipif(not shutil.which("unshare"), reason="not installed: unshare (util-linux)")
def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    command = ["unshare", "-Urm", "sh", "-c", ON_A_SMALL_DISK, "sh", str(small), sys.executable, FILL_AND_GO_ON]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"this machine lets no user mount a small disk: {done.stderr.strip()}")
    said, name = done.stdout.splitlines()
    assert "full" in said, done.stderr
    assert "has space" in said
    assert name == "Sam"


def test_a_server_that_is_gone_is_named_without_its_password(files: CallFiles, tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="not installed: the Python package psycopg")
    with pytest.raises(RecordsError, match=r"postgresql\+psycopg://site:\*\*\*@/rightcall") as raised:
        Records(f"postgresql://site:kept-quiet@/rightcall?host={tmp_path}", files)
    assert "kept-quiet" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no address at all", "is no database's address"),
        ("oracle://site@host/calls", "not installed"),
        ("nosuch://site@host/calls", "not installed"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(url: str, said: str, files: CallFiles) -> None:
    with pytest.raises(RecordsError, match=said):
        Records(url, files)


def test_a_newer_database_ends_a_command_with_one_plain_sentence(
    database: str, files: CallFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, right_call: RunCommand
) -> None:
    Records(database, files).close()
    engine = create_engine(address_of(database))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path))
    monkeypatch.setenv("RIGHTCALL_DATABASE", database)
    done = right_call("calls")
    assert done.code == 1
    assert "newer version of Right Call" in done.err
    assert "Traceback" not in done.err


def test_pages_say_that_the_records_are_locked_and_work_again_afterwards(
    cluster: postgres.Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = cluster.database()
    monkeypatch.setenv("RIGHTCALL_DATABASE", database + SHORT["postgresql"])
    holder = create_engine(address_of(database))
    with room(tmp_path, "trainee") as opened:
        browser = opened.signed_in("trainee")
        with holder.connect() as connection:
            connection.execute(text("LOCK TABLE calls"))
            answer = browser.get("/")
            assert answer.status_code == 503
            assert "lock timeout" in answer.text
        assert browser.get("/").status_code == 200
    holder.dispose()


# --- a clock that jumps ---------------------------------------------------------------------------------------------


def test_a_call_does_not_end_before_it_began_when_the_clock_was_set_back(database: str, files: CallFiles) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    with Records(database, files) as records:
        records.begin(CallRecord(CALL.call_id, "small", 1, "Lost dog", 7, "desk", "Sam", ahead))
        records.end(CALL.call_id, seconds=61.5, ended_by="trainee")
        stored = records.call(CALL.call_id)
    assert stored is not None
    assert stored.ended == stored.started
    assert stored.seconds == 61.5


def test_a_clock_set_back_locks_nobody_out_for_longer(database: str, files: CallFiles) -> None:
    now = NOW.replace(tzinfo=None)
    with Records(database, files) as records:
        accounts = Accounts(records)
        accounts.add("sam", "Sam", "a long enough password", ["trainee"])
        for _ in range(5):
            with pytest.raises(AccountError):
                accounts.check("sam", "something else", now + timedelta(days=300))
        with pytest.raises(AccountError, match="locked"):
            accounts.check("sam", "a long enough password", now + timedelta(days=300))
        assert accounts.check("sam", "a long enough password", now + timedelta(days=300) - 2 * LOCKED_FOR)


def test_the_doctor_tells_a_newer_database_and_leaves_any_as_it_is(
    database: str, files: CallFiles, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, database=database)
    assert diagnosis(settings).state == "good"
    with Records(database, files) as records:
        assert diagnosis(settings).state == "good"
        with records.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    told = diagnosis(settings)
    assert (told.state, "9999" in told.what) == ("bad", True)
