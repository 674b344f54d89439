"""A site in one file: a ZIP with the database, every call's files, and the settings that are no secrets.

- `backup.json`: a `Manifest`
- `records.db`: the database as SQLite, whatever the site's own is
- `calls/ID/...`, `shifts/ID/...`: each call's and each shift's files
- `rightcall.toml`, `forces/`, `scripts/`: the home folder's, without passwords and keys

Left out: sessions, caches, models, `pins.salt` (with it, PINs could be guessed from a stolen backup) and secrets.
"""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.exc import ArgumentError

from server.archive import add_folder, new_archive
from server.call_files import CALL_ID
from server.copying import copy_rows, snapshot
from server.migrating import migrate, newest
from server.records import Records
from server.schema import calls
from server.settings import TOML, Settings

FORMAT = 1
MANIFEST, DATABASE = "backup.json", "records.db"
FOLDERS = ("forces", "scripts")
"""A site's own content in its home folder."""
STORED = ("calls", "shifts")
"""Folders of the home folder with one folder for each call or shift."""
Progress = Callable[[int, int], None]
"""Told how many calls are done, of how many."""


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
    Raises ArchiveError, RecordsError and OSError.
    """
    place = place / f"rightcall-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip" if place.is_dir() else place
    with new_archive(place) as (archive, drafts):
        rows, ids = save_database(records, drafts / DATABASE)
        archive.write(drafts / DATABASE, DATABASE)
        stored = list(_stored(settings.home, ids))
        found = 0
        for number, name in enumerate(stored, start=1):
            found += add_folder(archive, settings.home / name, name) and name.startswith("calls/")
            progress(number, len(stored))
        _add_settings(archive, settings.home)
        manifest = Manifest(
            format=FORMAT, made=datetime.now(UTC), program=version("rightcall"), step=newest(), rows=rows, calls=found
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return place


def _stored(home: Path, ids: Iterable[str]) -> Iterator[str]:
    """The folders of those calls, and of all shifts."""
    yield from (f"calls/{call_id}" for call_id in ids)
    for folder in sorted((home / "shifts").glob("*")):
        if CALL_ID.fullmatch(folder.name):
            yield f"shifts/{folder.name}"


def _add_settings(archive: zipfile.ZipFile, home: Path) -> None:
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*.toml")):
            archive.write(path, path.relative_to(home).as_posix())
    kept = _public_settings(home / TOML)
    if kept:
        archive.writestr(TOML, kept)


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


def _public_settings(path: Path) -> str:
    try:
        return without_secrets(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""


def without_secrets(text: str) -> str:
    """A settings file without the lines that hold secrets; empty where these cannot be told apart for certain."""
    lines = text.splitlines(keepends=True)
    try:
        given = tomllib.loads(text)
        secrets = {name for name in given if _secret(name, given[name])}
        kept = "".join(line for line in lines if line.partition("=")[0].strip().strip("\"'") not in secrets)
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
