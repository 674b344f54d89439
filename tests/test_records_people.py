"""How long sound is kept, and one trainee's data taken out or erased: on the command line and underneath."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, insert, select

from command_line import RunCommand, runner
from scripts.events import Ended, Entry, HungUp, LineFinished
from scripts.log import encode
from server.accounts import Accounts
from server.backup import back_up
from server.call_files import CallFiles, CallSheet
from server.erasure import ErasureError, erase_trainee
from server.personal_data import OWN, STAFF
from server.pins import PinBook
from server.records import CallRecord, Records
from server.retention import Watch, _one_day, deleted, due, keep_to_it
from server.review_records import ReviewRecords
from server.schema import accounts, audit, calls, quick_rounds, review_queue, tables
from server.settings import Settings
from server.trainee_export import NobodyError, export_trainee
from stored import everything
from training_room import PASSWORD

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OLD, NEW, OTHERS = "20260801-101500-aaaa", "20261120-101500-bbbb", "20260802-101500-cccc"
SAID = "fairy cakes at the old mill"
LOG: list[Entry] = [LineFinished(2.0, SAID), HungUp(8.0), Ended(8.0, "trainee", "hung up")]


class Site:
    """A home folder and its database, in use."""

    def __init__(self, home: Path, database: str) -> None:
        self.settings = Settings(home=home, database=database)
        self.files = CallFiles(self.settings.calls_folder)
        self.records = Records(database, self.files)
        self.accounts = Accounts(self.records)

    def call(self, call_id: str, trainee: str) -> None:
        started = datetime.strptime(call_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
        sheet = CallSheet(
            call_id=call_id, script_id="small", script_version=1, script_text="", seed=7, handset="desk",
            rate=16_000, trainee=trainee, started=started,
        )  # fmt: skip
        self.files.create(sheet).release()
        self.files.log(call_id).write_text("".join(encode(entry) + "\n" for entry in LOG))
        self.files.recording(call_id).write_bytes(b"RIFF" + bytes(2000))
        (self.files.folder(call_id) / "peaks.json").write_text("{}")
        self.records.begin(CallRecord(call_id, "small", 1, "Lost dog", 7, "desk", trainee, started))
        self.records.end(call_id, seconds=8.0, ended_by="trainee")
        self.records.mark(call_id, score=80.0, outcome="passed", rating="right")

    def review(self, call_id: str, assessor: str) -> None:
        """Somebody begins a review, remarks something and asks for a second mark."""
        with self.records.writing() as connection:
            connection.execute(insert(review_queue).values(call_id=call_id, unsure=0, sampled=True))
        book = ReviewRecords(self.records)
        mine = book.begin(book.for_assessor(call_id, assessor))
        book.comment(mine, 3.5, SAID)
        book.ask_for_second(call_id, assessor)


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:
    """Sam has two calls and much else; Alex has one, and once reviewed another as an assessor."""
    made = Site(tmp_path / "home", database)
    made.accounts.add("sam", "Sam Sample", PASSWORD, ["trainee"])
    made.accounts.open_session(made.accounts.check("sam", PASSWORD))
    made.accounts.note("sam", "signed in")
    made.accounts.note("boss", "changed an account", "sam: trainee")
    made.accounts.note("boss", "changed an account", "samuel: trainee")
    made.call(OLD, "sam")
    made.call(NEW, "sam")
    made.call(OTHERS, "alex")
    made.review(OLD, "alex")
    made.review(OTHERS, "sam")
    with made.records.writing() as connection:
        connection.execute(
            insert(quick_rounds).values(
                round_id="r1", trainee="sam", seed=1, handset="browser", began=NOW.replace(tzinfo=None),
                counts=True, score=10, right_answers=3, best_streak=2,
            )
        )  # fmt: skip
    book = PinBook(database, tmp_path / "home")
    book.set("sam", "246810", "+447700900123")
    book.close()
    yield made
    made.records.close()


@pytest.fixture
def right_call(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    monkeypatch.setenv("RIGHTCALL_HOME", str(site.settings.home))
    monkeypatch.setenv("RIGHTCALL_DATABASE", site.settings.database)
    return runner(monkeypatch, capsys)


def trail(site: Site) -> list[tuple[str, str, str]]:
    with site.records.reading() as connection:
        rows = connection.execute(select(audit.c.who, audit.c.did, audit.c.what).order_by(audit.c.entry_id))
        return [tuple(row) for row in rows]


# --- retention ------------------------------------------------------------------------------------------------------


def test_a_recordings_time_comes_by_the_calls_beginning(site: Site) -> None:
    assert [one.call_id for one in due(site.records, site.files, 90, NOW)] == [OLD, OTHERS]
    assert not due(site.records, site.files, 365, NOW)
    exactly = datetime(2026, 8, 1, 10, 15, tzinfo=UTC) + timedelta(days=90)
    assert not due(site.records, site.files, 90, exactly)
    assert [one.call_id for one in due(site.records, site.files, 90, exactly + timedelta(seconds=1))] == [OLD]


def test_sound_goes_and_log_and_marks_stay(site: Site) -> None:
    before = site.records.calls()
    assert len(keep_to_it(site.records, site.files, 90, NOW)) == 2
    assert {path.name for path in site.files.folder(OLD).iterdir()} == {
        "log.jsonl", "call.json", "alive", "recording-deleted.json",
    }  # fmt: skip
    assert site.files.recording(NEW).is_file()
    assert site.records.calls() == before
    assert site.files.entries(OLD) == LOG
    note = deleted(site.files, OLD)
    assert note is not None
    assert (note.at, note.days) == (NOW, 90)
    assert deleted(site.files, NEW) is None
    assert trail(site)[-1][:2] == ("retention", "deleted recordings")
    assert not keep_to_it(site.records, site.files, 90, NOW)
    assert len([row for row in trail(site) if row[1] == "deleted recordings"]) == 1


def test_a_call_in_progress_keeps_its_sound_whatever_the_clock_says(site: Site) -> None:
    with site.records.writing() as connection:
        connection.execute(calls.update().values(state="in_progress"))
    assert not due(site.records, site.files, 1, NOW + timedelta(days=4000))


def test_a_clock_that_jumps_is_noticed_and_a_quiet_day_is_not() -> None:
    watch = Watch(NOW, 100.0)
    day = timedelta(days=1)
    assert watch.jump(NOW + day, 100.0 + 86_400) == timedelta(0)
    assert watch.jump(NOW + day + timedelta(days=400), 200.0 + 86_400) > timedelta(days=399)
    assert watch.jump(NOW + day + timedelta(days=401), 200.0 + 2 * 86_400) == timedelta(0)
    assert watch.jump(NOW, 300.0 + 2 * 86_400) < timedelta(days=-400)


def test_nothing_is_deleted_by_a_clock_that_jumped_and_the_trail_says_why(site: Site) -> None:
    _one_day(site.records, site.files, 90, NOW, timedelta(days=400))
    assert site.files.recording(OLD).is_file()
    assert trail(site)[-1] == ("retention", "deleted no recordings", "the clock was set by +9600.0 hours meanwhile")
    _one_day(site.records, site.files, 90, NOW, timedelta(seconds=2))
    assert not site.files.recording(OLD).exists()


def test_the_command_lists_first_and_deletes_when_asked(right_call: RunCommand, site: Site) -> None:
    assert "RIGHTCALL_RETENTION_DAYS" in right_call("retention").err
    listed = right_call("retention", "--dry-run", "--days", "30")
    assert (listed.code, OLD in listed.out, NEW in listed.out) == (0, True, False)
    assert site.files.recording(OLD).is_file()
    assert "2 recordings older than 30 days were deleted" in right_call("retention", "--days", "30").out
    assert not site.files.recording(OLD).exists()


# --- taking out -----------------------------------------------------------------------------------------------------


def test_a_trainee_gets_all_that_is_theirs_and_nothing_of_others(site: Site, tmp_path: Path) -> None:
    place = tmp_path / "sam.zip"
    found = export_trainee(site.settings, site.records, "sam", place, "boss")
    assert (found["calls"], found["call folders"], found["phone_pins"]) == (2, 2, 1)
    with zipfile.ZipFile(place) as archive:
        names = set(archive.namelist())
        held = {name: archive.read(name) for name in names}
    for call_id in (OLD, NEW):
        assert held[f"calls/{call_id}/recording.wav"] == site.files.recording(call_id).read_bytes()
        assert SAID.encode() in held[f"calls/{call_id}/log.jsonl"]
    assert not any(OTHERS in name for name in names)
    assert b"alex" not in held["tables/calls.json"]
    assert {row["call_id"] for row in json.loads(held["tables/calls.json"])} == {OLD, NEW}
    assert json.loads(held["tables/review_comments.json"])[0]["text"] == SAID
    assert json.loads(held["audit.json"])[0]["did"] == "signed in"
    assert "Sam Sample" in held["tables/accounts.json"].decode()
    assert b"argon2" not in b"".join(held.values())
    assert trail(site)[-1] == ("boss", "took out a trainee's data", "sam")


def test_nobody_is_nobody(site: Site, tmp_path: Path, right_call: RunCommand) -> None:
    with pytest.raises(NobodyError, match="'robin'"):
        export_trainee(site.settings, site.records, "robin", tmp_path / "robin.zip", "boss")
    done = right_call("erase-trainee", "robin", "--yes")
    assert (done.code, "'robin'" in done.err) == (1, True)
    assert not (tmp_path / "robin.zip").exists()


# --- erasing --------------------------------------------------------------------------------------------------------


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_nothing_of_an_erased_trainee_can_be_found_and_all_of_the_others_can(
    site: Site, database: str, tmp_path: Path
) -> None:
    backup = back_up(site.settings, site.records, tmp_path / "kept.zip")
    site.accounts.note("the command line", "made a backup", str(backup))
    with site.records.reading() as connection:
        secret = str(connection.scalar(select(accounts.c.password)))
    done = erase_trainee(site.settings, site.records, "sam", "boss")
    left = everything(database)
    assert "'sam'" not in left
    assert "Sam Sample" not in left
    assert "+447700900123" not in left
    for call_id in (OLD, NEW):
        assert call_id not in left
        assert not site.files.folder(call_id).exists()
    assert [call.call_id for call in site.records.calls()] == [OTHERS]
    assert site.files.recording(OTHERS).is_file()
    assert done.word in left
    assert ReviewRecords(site.records).of(OTHERS)[0].assessor == done.word
    assert ("boss", "changed an account", f"{done.word}: trainee") in trail(site)
    assert ("boss", "changed an account", "samuel: trainee") in trail(site)
    assert trail(site)[-1][:2] == ("boss", "erased a trainee")
    assert done.copies == (str(backup),)
    assert not done.account_stays
    assert secret not in left
    if database.startswith("sqlite"):
        files = b"".join(path.read_bytes() for path in tmp_path.glob("records.db*"))
        for word in (b"Sam Sample", OLD.encode(), secret.encode(), b"+447700900123"):
            assert word not in files
    assert OLD.encode() not in on_disk(site.settings.home)


def test_whoever_is_more_than_a_trainee_keeps_the_account_and_its_work(site: Site) -> None:
    site.accounts.change("sam", roles=["trainee", "administrator"])
    done = erase_trainee(site.settings, site.records, "sam", "boss")
    assert done.account_stays
    assert [one.name for one in site.accounts.all()] == ["sam"]
    assert [call.call_id for call in site.records.calls()] == [OTHERS]
    assert ReviewRecords(site.records).of(OTHERS)[0].assessor == "sam"


def test_a_trainee_on_a_call_is_not_erased_under_way(site: Site) -> None:
    from filelock import FileLock

    with FileLock(site.files.folder(NEW) / "alive"), pytest.raises(ErasureError, match=NEW):
        erase_trainee(site.settings, site.records, "sam", "boss")
    assert len(site.records.calls()) == 3


def test_a_folder_without_a_row_is_erased_as_well(site: Site) -> None:
    with site.records.writing() as connection:
        connection.execute(calls.delete().where(calls.c.call_id == NEW))
    erase_trainee(site.settings, site.records, "sam", "boss")
    assert not site.files.folder(NEW).exists()


def test_the_commands_take_out_and_erase(site: Site, tmp_path: Path, right_call: RunCommand) -> None:
    taken = right_call("export-trainee", "sam", str(tmp_path / "sam.zip"))
    assert (taken.code, "2 calls" in taken.out) == (0, True), taken.err
    assert "there already" in right_call("export-trainee", "sam", str(tmp_path / "sam.zip")).err
    unsure = right_call("erase-trainee", "sam", typed="n\n")
    assert unsure.code != 0
    assert len(site.records.calls()) == 3
    done = right_call("erase-trainee", "sam", typed="y\n")
    assert (done.code, "erased-" in done.out) == (0, True), done.err
    assert [call.call_id for call in site.records.calls()] == [OTHERS]


# --- the map --------------------------------------------------------------------------------------------------------

NAMES = {"name", "trainee", "who", "assessor", "marker", "owner", "made_by", "second_by"}
OTHER_NAMES = {("trainee_groups", "name")}
"""Of a group, not of a person."""


def test_no_column_with_a_persons_name_is_forgotten() -> None:
    told = {(table, column) for table, column in OWN.items()}
    told |= {(table, column) for table, columns in STAFF.items() for column in columns}
    there = {
        (table.name, column.name)
        for table in tables.sorted_tables
        for column in table.c
        if isinstance(column.type, String) and (column.name in NAMES or column.name.endswith("_by"))
    } - {("calls", "ended_by")}
    assert there - OTHER_NAMES == told
