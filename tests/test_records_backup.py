"""A site in one file, and back: across databases, beside a running server, and when things go wrong."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from command_line import RunCommand, runner
from reviewing import FIRST, store_rehearsed
from server.accounts import Accounts
from server.backup import back_up, without_secrets
from server.call_files import CallFiles, CallSheet
from server.migrating import newest
from server.pins import PinBook
from server.records import CallRecord, Records
from server.restore import BackupError, restore
from server.schema import audit, sessions
from server.settings import Settings, load
from stored import everything
from training_room import CALL, PASSWORD, room

SECRET = "kept-from-every-backup"  # noqa: S105 - a word to look for
FORCE = 'name = "Somewhere"\n'


class Site:
    """A home folder and its database."""

    def __init__(self, home: Path, database: str) -> None:
        self.settings = Settings(home=home, database=database)
        self.files = CallFiles(self.settings.calls_folder)
        self.records = Records(database, self.files)

    def call(self, call_id: str = CALL, trainee: str = "Sam") -> Path:
        """Store a call with a few files."""
        started = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
        sheet = CallSheet(
            call_id=call_id, script_id="small", script_version=1, script_text="", seed=7, handset="desk",
            rate=16_000, trainee=trainee, started=started,
        )  # fmt: skip
        self.files.create(sheet).release()
        self.files.log(call_id).write_text('{"whole": 1}\n')
        self.files.recording(call_id).write_bytes(b"RIFF" + bytes(5000))
        self.records.begin(CallRecord(call_id, "small", 1, "Lost dog", 7, "desk", trainee, started))
        self.records.end(call_id, seconds=8.0, ended_by="trainee")
        return self.files.folder(call_id)

    def trees(self) -> dict[str, bytes]:
        """Every file of calls and shifts."""
        root = self.settings.home
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.name != "alive" and path.relative_to(root).parts[0] in ("calls", "shifts")
        }


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:
    """A site in use, with secrets in all the places where they can be."""
    home = tmp_path / "home"
    (home / "forces").mkdir(parents=True)
    (home / "forces" / "somewhere.toml").write_text(FORCE)
    (home / "rightcall.toml").write_text(f'max_calls = 3\ntwilio_auth_token = "{SECRET}"\ntrainee = "Sam"\n')
    made = Site(home, database)
    made.call()
    made.call("20261121-101600-bbbb", "Alex")
    (home / "shifts" / "20261121-090000-eeee").mkdir(parents=True)
    (home / "shifts" / "20261121-090000-eeee" / "log.jsonl").write_text("{}\n")
    accounts = Accounts(made.records)
    accounts.open_session(accounts.add("boss", "The Boss", PASSWORD, ["administrator"]))
    accounts.note("boss", "signed in")
    book = PinBook(database, home)
    book.set("Sam", "246810")
    book.close()
    yield made
    made.records.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Site]:
    """An empty site on another machine."""
    made = Site(tmp_path / "other", f"sqlite:///{tmp_path / 'other' / 'rightcall.db'}")
    yield made
    made.records.close()


def names(place: Path) -> set[str]:
    with zipfile.ZipFile(place) as archive:
        return set(archive.namelist())


def test_a_backup_brings_everything_back_on_another_machine(site: Site, other: Site, tmp_path: Path) -> None:
    place = back_up(site.settings, site.records, tmp_path / "site.zip")
    done = restore(other.settings, other.records, place, replace=False)
    assert other.trees() == site.trees()
    assert other.records.calls() == site.records.calls()
    assert [one.name for one in Accounts(other.records).all()] == ["boss"]
    assert Accounts(other.records).check("boss", PASSWORD).full_name == "The Boss"
    assert (other.settings.home / "forces" / "somewhere.toml").read_text() == FORCE
    assert (done.aside, done.manifest.calls, done.manifest.rows["calls"]) == (None, 2, 2)
    assert load(other.settings.home).max_calls == 3


def test_a_backup_moves_a_site_from_one_kind_of_database_to_the_other(
    site: Site, other: Site, database: str, tmp_path: Path
) -> None:
    restore(other.settings, other.records, back_up(site.settings, site.records, tmp_path), replace=False)
    other.call("20261121-101700-cccc")
    place = back_up(other.settings, other.records, tmp_path / "back.zip")
    restore(site.settings, site.records, place, replace=True)
    assert {call.call_id[-4:] for call in site.records.calls()} == {"abcd", "bbbb", "cccc"}
    assert site.trees() == other.trees()
    Accounts(site.records).note("boss", "goes on counting")
    assert "goes on counting" in everything(database)


def test_no_secret_is_in_a_backup_and_only_its_owner_may_read_it(site: Site, tmp_path: Path) -> None:
    place = back_up(site.settings, site.records, tmp_path / "site.zip")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with zipfile.ZipFile(place) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
        settings = archive.read("rightcall.toml").decode()
        archive.extract("records.db", tmp_path / "copy")
    assert SECRET.encode() not in content
    assert (site.settings.home / "pins.salt").read_bytes() not in content
    assert settings == 'max_calls = 3\ntrainee = "Sam"\n'
    with sqlite3.connect(tmp_path / "copy" / "records.db") as copy:
        assert copy.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    copy.close()
    with site.records.reading() as connection:
        assert len(connection.execute(select(sessions)).all()) == 1


@pytest.mark.parametrize(
    "text",
    [
        f'"twilio_auth_token" = "{SECRET}"\n',
        f'twilio_auth_token = """\n{SECRET}\n"""\n',
        f'database = "postgresql://site:{SECRET}@host/calls"\n',
        f'unheard_of = "{SECRET}"\n',
        f'trainee = "{SECRET}\n',
    ],
)
def test_however_a_secret_is_written_it_stays_behind(text: str) -> None:
    assert SECRET not in without_secrets(f'max_calls = 3\n{text}trainee = "Sam"\n')


def test_what_is_there_is_not_replaced_unasked_and_is_kept_aside_when_asked(
    site: Site, database: str, tmp_path: Path
) -> None:
    place = back_up(site.settings, site.records, tmp_path / "site.zip")
    before = site.trees()
    site.call("20261121-101700-cccc", "Robin")
    later = site.trees()
    with pytest.raises(BackupError, match=r"3 calls and 1 accounts already.*--replace"):
        restore(site.settings, site.records, place, replace=False)
    assert site.trees() == later
    done = restore(site.settings, site.records, place, replace=True)
    assert site.trees() == before
    assert "Robin" not in everything(database)
    assert done.aside is not None
    assert (done.aside / "calls" / "20261121-101700-cccc" / "log.jsonl").is_file()
    assert "Robin" in everything(f"sqlite:///{done.aside / 'records.db'}")


def test_a_backup_under_writing_is_of_one_moment(site: Site, tmp_path: Path) -> None:
    """Each writing adds two rows at once; a copy that has one of them without the other is of no moment."""
    stop, written = threading.Event(), threading.Event()
    accounts = Accounts(site.records)

    def write() -> None:
        number = 0
        while not stop.is_set():
            with site.records.writing() as connection:
                for half in ("first", "second"):
                    now = datetime.now(UTC).replace(tzinfo=None)
                    connection.execute(audit.insert().values(at=now, who="writer", did=half, what=str(number)))
            number += 1
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    written.wait()
    places = [back_up(site.settings, site.records, tmp_path / f"{number}.zip") for number in range(3)]
    stop.set()
    writer.join()
    assert accounts.exist()
    for place in places:
        with zipfile.ZipFile(place) as archive:
            copy = Path(archive.extract("records.db", tmp_path / place.stem))
        with sqlite3.connect(copy) as connection:
            query = "SELECT count(*), count(DISTINCT what) FROM audit WHERE who = 'writer'"
            rows, pairs = connection.execute(query).fetchone()
        connection.close()
        assert rows == 2 * pairs > 0


def test_a_call_in_progress_is_in_the_backup_as_far_as_it_went_and_stops_a_restore(
    site: Site, other: Site, tmp_path: Path
) -> None:
    started = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
    call_id = "20261121-110000-dddd"
    sheet = CallSheet(
        call_id=call_id, script_id="small", script_version=1, script_text="", seed=7, handset="desk",
        rate=16_000, trainee="Sam", started=started,
    )  # fmt: skip
    alive = site.files.create(sheet)
    site.files.log(call_id).write_text('{"whole": 1}\n{"to')
    site.records.begin(CallRecord(call_id, "small", 1, "Lost dog", 7, "desk", "Sam", started))
    place = back_up(site.settings, site.records, tmp_path / "site.zip")
    assert f"calls/{call_id}/alive" not in names(place)
    with pytest.raises(BackupError, match=f"{call_id} is in progress"):
        restore(site.settings, site.records, place, replace=True)
    alive.release()
    restore(other.settings, other.records, place, replace=False)
    found = other.records.call(call_id)
    assert found is not None
    assert found.state == "interrupted"


def damaged(place: Path, how: str) -> None:
    """Spoil a backup."""
    if how == "cut":
        place.write_bytes(place.read_bytes()[:-400])
    elif how == "a changed byte":
        content = bytearray(place.read_bytes())
        with zipfile.ZipFile(place) as archive:
            at = archive.getinfo("records.db").header_offset + 200
        content[at] ^= 0xFF
        place.write_bytes(content)
    elif how == "text":
        place.write_text("not a backup")
    else:
        with zipfile.ZipFile(place, "a") as archive:
            archive.writestr(how, b"harm")


SPOILT = {
    "cut": "damaged",
    "a changed byte": "damaged",
    "text": "damaged or no backup",
    "../outside.txt": "is no backup",
    "/etc/outside.txt": "is no backup",
    "calls/20261121-101500-abcd/../../x": "is no backup",
    "pins.salt": "is no backup",
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_whole_backup_changes_nothing(site: Site, tmp_path: Path) -> None:
    before = site.trees(), site.records.calls(), sorted(site.settings.home.iterdir())
    for how, said in SPOILT.items():
        place = back_up(site.settings, site.records, tmp_path / "site.zip")
        damaged(place, how)
        with pytest.raises(BackupError, match=said):
            restore(site.settings, site.records, place, replace=True)
        place.unlink()
        assert (site.trees(), site.records.calls(), sorted(site.settings.home.iterdir())) == before
    assert not list(tmp_path.rglob("outside.txt"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_of_a_newer_version_is_refused(site: Site, tmp_path: Path) -> None:
    place = back_up(site.settings, site.records, tmp_path / "site.zip")
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(place) as archive, zipfile.ZipFile(newer, "w") as changed:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "backup.json":
                assert json.loads(data)["step"] == newest()
                data = json.dumps({**json.loads(data), "step": "9999"}).encode()
            changed.writestr(name, data)
    with pytest.raises(BackupError, match="newer version of Right Call"):
        restore(site.settings, site.records, newer, replace=True)


def test_rows_that_do_not_fit_leave_calls_and_database_as_they_were(
    site: Site, database: str, tmp_path: Path
) -> None:
    """The very last step fails: a row that the database refuses."""
    place = back_up(site.settings, site.records, tmp_path / "site.zip")
    spoilt = tmp_path / "spoilt.zip"
    with zipfile.ZipFile(place) as archive, zipfile.ZipFile(spoilt, "w") as changed:
        copy = Path(archive.extract("records.db", tmp_path / "copy"))
        with sqlite3.connect(copy) as connection:
            connection.execute("ALTER TABLE calls RENAME COLUMN title TO heading")
        connection.close()
        for name in archive.namelist():
            changed.writestr(name, copy.read_bytes() if name == "records.db" else archive.read(name))
    before = site.trees(), everything(database), sorted(site.settings.home.iterdir())
    with pytest.raises(Exception, match="title"):
        restore(site.settings, site.records, spoilt, replace=True)
    assert (site.trees(), everything(database), sorted(site.settings.home.iterdir())) == before


def test_both_commands_say_what_they_did_and_it_is_in_the_audit_trail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right_call: RunCommand = runner(monkeypatch, capsys)
    with room(tmp_path / "here", "trainee") as opened:
        store_rehearsed(opened.web, "trainee")
        monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "here"))
        made = right_call("backup", str(tmp_path))
        assert made.code == 0, made.err
        assert opened.signed_in("trainee").get(f"/calls/{FIRST}").status_code == 200
    place = next(tmp_path.glob("rightcall-*.zip"))
    assert str(place) in made.out
    again = right_call("backup", str(place))
    assert (again.code, "is there already" in again.err) == (1, True)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "there"))
    back = right_call("restore", str(place))
    assert (back.code, back.out) == (0, "Restored 1 calls and 1 accounts.\n")
    refused = right_call("restore", str(place))
    assert (refused.code, "--replace" in refused.err) == (1, True)
    assert "before-restore-" in right_call("restore", str(place), "--replace").out
    assert "no file" in right_call("restore", str(tmp_path / "none.zip"), "--replace").err
    assert FIRST in right_call("calls").out
    kept = everything(f"sqlite:///{tmp_path / 'there' / 'rightcall.db'}")
    assert "restored a backup" in kept
