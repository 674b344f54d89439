"""Bringing a backup back: everything is unpacked and checked beside what there is, then put in its place.

The database's rows change in one transaction, last of all; what was there before goes into a folder of its own.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import create_engine, func, select

from server.backup import DATABASE, FOLDERS, FORMAT, MANIFEST, STORED, Manifest, Progress, save_database
from server.call_files import CALL_ID, CallFiles, sync_folder
from server.copying import copy_rows, whole_change
from server.migrating import migrate, newest
from server.records import Records
from server.schema import accounts, calls
from server.settings import TOML, Settings

A_CALL_FILE = re.compile(rf"({'|'.join(STORED)})/{CALL_ID.pattern}/[A-Za-z0-9_-][A-Za-z0-9._-]*", re.ASCII)
AN_OWN_FILE = re.compile(rf"({'|'.join(FOLDERS)})(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\.toml", re.ASCII)


class BackupError(Exception):
    """A backup cannot be brought back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `aside` holds what was there before, None where there was nothing."""

    manifest: Manifest
    aside: Path | None
    settings_differ: bool
    """The backup's settings were put beside those of this machine, not over them."""


def restore(
    settings: Settings, records: Records, place: Path, *, replace: bool, progress: Progress = lambda _done, _all: None
) -> Restored:
    """Bring a backup back into this site's home folder and database.

    Raises BackupError where the file is no whole backup, belongs to a newer version, or would take the place of
    something without `replace`; RecordsError and OSError. After an error calls and database are as they were.
    """
    files = CallFiles(settings.calls_folder)
    held = _what_is_here(settings, records)
    if held and not replace:
        raise BackupError(f"{settings.home} holds {held} already: give --replace to put the backup in their place")
    _refuse_calls_in_progress(settings, files)
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restoring.", dir=settings.home) as folder:
        unpacked = Path(folder)
        manifest = _unpack(place, unpacked, progress)
        aside = _keep_aside(settings, records) if held else None
        differ = _put_in_place(settings, records, unpacked, aside)
    return Restored(manifest, aside, differ)


def _what_is_here(settings: Settings, records: Records) -> str:
    with records.reading() as connection:
        counts = {
            "calls": connection.scalar(select(func.count()).select_from(calls)) or 0,
            "accounts": connection.scalar(select(func.count()).select_from(accounts)) or 0,
        }
    if settings.calls_folder.is_dir() and any(settings.calls_folder.iterdir()):
        counts["calls"] = max(1, counts["calls"])
    return " and ".join(f"{count} {name}" for name, count in counts.items() if count)


def _refuse_calls_in_progress(settings: Settings, files: CallFiles) -> None:
    folders = settings.calls_folder.iterdir() if settings.calls_folder.is_dir() else ()
    alive = [path.name for path in folders if CALL_ID.fullmatch(path.name) and files.alive(path.name)]
    if alive:
        raise BackupError(f"call {alive[0]} is in progress: stop the server, or wait until nobody is on a call")


# --- unpacking -----------------------------------------------------------------------------------------------


def _unpack(place: Path, folder: Path, progress: Progress) -> Manifest:
    """Every file of the backup, each checked against its sum by zipfile. Raises BackupError."""
    with _explained(place), zipfile.ZipFile(place) as archive:
        manifest = _manifest(archive, place)
        members = archive.infolist()
        for number, member in enumerate(members, start=1):
            if not _expected(member.filename):
                raise BackupError(f"{place} is no backup of Right Call's: it holds {member.filename[:80]!r}")
            archive.extract(member, folder)
            progress(number, len(members))
    if not (folder / DATABASE).is_file():
        raise BackupError(f"{place} is no whole backup: {DATABASE} is missing")
    for name in STORED:
        (folder / name).mkdir(exist_ok=True)
    return manifest


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BackupError(f"there is no file {place}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BackupError(f"{place} is damaged or no backup: {error}. Take another one") from error


def _manifest(archive: zipfile.ZipFile, place: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (KeyError, ValidationError) as error:
        raise BackupError(f"{place} is no backup of Right Call's: it has no {MANIFEST} that can be read") from error
    if manifest.format > FORMAT or manifest.step > newest():
        raise BackupError(f"{place} was made by a newer version of Right Call ({manifest.program}): use that one")
    return manifest


def _expected(name: str) -> bool:
    return name in (MANIFEST, DATABASE, TOML) or bool(A_CALL_FILE.fullmatch(name) or AN_OWN_FILE.fullmatch(name))


# --- putting in place ----------------------------------------------------------------------------------------


def _keep_aside(settings: Settings, records: Records) -> Path:
    """A copy of the database as it was, in the folder into which the calls move as well."""
    aside = settings.home / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside.mkdir()
    save_database(records, aside / DATABASE)
    return aside


def _put_in_place(settings: Settings, records: Records, unpacked: Path, aside: Path | None) -> bool:
    """Swap the folders of calls and shifts, then the rows; an error on the way swaps the folders back."""
    before = aside or unpacked / "before"
    before.mkdir(exist_ok=True)
    try:
        for name in STORED:
            if (settings.home / name).exists():
                (settings.home / name).rename(before / name)
            (unpacked / name).rename(settings.home / name)
        sync_folder(settings.home)
        _load(records, unpacked / DATABASE)
    except BaseException:
        for name in STORED:
            if not (unpacked / name).exists():
                (settings.home / name).rename(unpacked / name)
            if (before / name).exists():
                (before / name).rename(settings.home / name)
        shutil.rmtree(before)
        raise
    return _own_files(settings.home, unpacked, aside)


def _load(records: Records, path: Path) -> None:
    """The rows of that SQLite file, of this version or an older one, in place of the site's."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with records.explained():
            migrate(engine)
            with engine.connect() as source, whole_change(records.engine) as target:
                copy_rows(source, target)
    finally:
        engine.dispose()


def _own_files(home: Path, unpacked: Path, aside: Path | None) -> bool:
    """The site's own forces and scripts; those that were there go aside. Settings stay as this machine has them."""
    for name in FOLDERS:
        if (unpacked / name).is_dir():
            if aside and (home / name).exists():
                shutil.copytree(home / name, aside / name)
            shutil.copytree(unpacked / name, home / name, dirs_exist_ok=True)
    kept = unpacked / TOML
    if not kept.is_file():
        return False
    if not (home / TOML).exists():
        shutil.copy(kept, home / TOML)
        return False
    if (home / TOML).read_bytes() == kept.read_bytes():
        return False
    shutil.copy(kept, home / f"{TOML}.restored")
    return True
