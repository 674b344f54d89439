"""A site in one file: a ZIP with the database, every call's files, and the settings that are no secrets.

- `backup.json`: a `Manifest`
- `records.db`: the database as SQLite, whatever the site's own is
- `calls/ID/...`: each call's files
- `rightcall.toml`, `forces/`, `scripts/`: the home folder's, without passwords and keys

Left out: sessions, caches, models, `pins.salt` (with it, PINs could be guessed from a stolen backup) and secrets.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.exc import ArgumentError

from server.call_files import CallFiles, sync_folder
from server.copying import copy_rows, snapshot
from server.migrating import migrate, newest
from server.records import Records
from server.schema import calls
from server.settings import TOML, Settings

FORMAT = 1
MANIFEST, DATABASE = "backup.json", "records.db"
FOLDERS = ("forces", "scripts")
"""A site's own content in its home folder."""
NOT_KEPT = re.compile(r"alive|\..*|.*\.lock")
"""A call's lock, and files that were being written."""

Progress = Callable[[int, int], None]
"""Told how many calls are done, of how many."""


class BackupError(Exception):
    """A backup cannot be made or brought back; the message says why and what to do."""


class Manifest(BaseModel):
    """What backup.json holds. `rows` counts those of each table."""

    model_config = ConfigDict(extra="ignore")

    format: int
    made: datetime
    program: str
    step: str
    rows: dict[str, int]
    calls: int


def back_up(settings: Settings, records: Records, place: Path, progress: Progress = lambda _done, _all: None) -> Path:
    """Write a backup to a file that there is not yet, or into a folder under a name of its own; returns its path.

    The server may be running: the database is copied as it is at one moment, and calls in progress up to then.
    Raises BackupError, RecordsError and OSError.
    """
    place = place / f"rightcall-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip" if place.is_dir() else place
    if place.exists():
        raise BackupError(f"{place} is there already: name another file, or a folder to have one named for you")
    if not place.parent.is_dir():
        raise BackupError(f"there is no folder {place.parent} to write a backup into")
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as folder:
        draft = Path(folder) / place.name
        with draft.open("xb") as file:
            draft.chmod(0o600)
            with zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False
            ) as archive:
                _write(archive, settings, records, Path(folder) / DATABASE, progress)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    sync_folder(place.parent)
    return place


def _write(archive: zipfile.ZipFile, settings: Settings, records: Records, copy: Path, progress: Progress) -> None:
    rows, ids = save_database(records, copy)
    archive.write(copy, DATABASE)
    files, found = CallFiles(settings.calls_folder), 0
    for number, call_id in enumerate(ids, start=1):
        found += _add_call(archive, files.folder(call_id))
        progress(number, len(ids))
    for name, path in _own_files(settings.home):
        archive.write(path, name)
    kept = _public_settings(settings.home / TOML)
    if kept:
        archive.writestr(TOML, kept)
    manifest = Manifest(
        format=FORMAT, made=datetime.now(UTC), program=version("rightcall"), step=newest(), rows=rows, calls=found
    )
    archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))


def save_database(records: Records, path: Path) -> tuple[dict[str, int], list[str]]:
    """Copy the database into a new SQLite file; returns the rows of each table, and the ids of all calls.

    Raises RecordsError.
    """
    engine = create_engine(f"sqlite:///{path}")
    try:
        migrate(engine)
        with records.explained(), snapshot(records.engine) as source, engine.begin() as target:
            rows = copy_rows(source, target)
            ids = list(target.scalars(select(calls.c.call_id).order_by(calls.c.started)))
    finally:
        engine.dispose()
    return rows, ids


def _add_call(archive: zipfile.ZipFile, folder: Path) -> bool:
    """Add what there is of a call; a file that is being written goes along as far as it has got."""
    if not folder.is_dir():
        return False
    for path in sorted(folder.iterdir()):
        if path.is_file() and not NOT_KEPT.fullmatch(path.name):
            try:
                archive.write(path, f"calls/{folder.name}/{path.name}")
            except FileNotFoundError:
                continue  # deleted meanwhile: its time had come
    return True


def _own_files(home: Path) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*.toml")):
            if path.is_file():
                yield path.relative_to(home).as_posix(), path


def _public_settings(path: Path) -> str:
    """The settings file without the lines that hold secrets; empty where that cannot be told apart for certain."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        given = tomllib.loads("".join(lines))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    secrets = {name for name in given if _secret(name, given[name])}
    kept = "".join(line for line in lines if line.partition("=")[0].strip().strip("\"'") not in secrets)
    try:
        left = tomllib.loads(kept)
    except tomllib.TOMLDecodeError:
        return ""
    return kept if left == {name: given[name] for name in given if name not in secrets} else ""


def _secret(name: str, value: object) -> bool:
    field = Settings.model_fields.get(name)
    if field is None or field.annotation is SecretStr:
        return True
    if name != "database":
        return False
    try:
        return make_url(str(value)).password is not None
    except ArgumentError:
        return True
